// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import PythonBuffers

// Equality with memoryview's meaning: the shapes are equal, and so is every item as Python compares the values.

extension MemoryObject {
    /// Whether the items equal those of another object's buffer; `nil` for an object that has none.
    ///
    /// Released memory is equal to itself alone. Items of a format that cannot be read are equal to nothing.
    func isEqual(to other: ObjectReference) throws(PythonError) -> Bool? {
        if object == other && isClosed { return true }
        guard other.exportsBuffer else { return nil }
        if isClosed { return false }
        // As in memoryview, an exporter that refuses is unequal, not an error.
        guard let buffer = try? PythonBuffer(other) else { return nil }
        if let isEqual = FastComparison.areEqual(object, buffer) { return isEqual }
        return try withExportPinned { (contents) throws(PythonError) in
            try contents.isEqual(to: buffer)
        }
    }

    var isClosed: Bool { ExportCount(of: object).isClosed }
}

extension MemoryObject.Contents {
    fileprivate func isEqual(to buffer: borrowing PythonBuffer) throws(PythonError) -> Bool {
        let theirs = try buffer.layout
        guard layout.hasShape(of: theirs.view) else { return false }
        guard let mine = try? item, let other = try? buffer.item(types).readable,
            other.format.itemsize == theirs.itemsize
        else { return false }
        if layout.hasNoBytes { return true }
        guard let theirAddress = unsafe UnsafeRawPointer(buffer.view.pointee.buf) else { return false }
        return try unsafe ItemSource(mine, at: UnsafeRawPointer(address)).areEqual(
            layout, ItemSource(other, at: theirAddress), theirs.view)
    }
}

extension LayoutView {
    /// How many items of the axes from one on come before an index of it.
    fileprivate func items(before index: Int, axis: Int) -> Int {
        var count = index
        for inner in axis + 1..<ndim { count *= shape[inner] }
        return count
    }
}

/// Items to compare: address and format. Their layout is borrowed, and passed beside them.
@safe
struct ItemSource {
    private let item: ItemFormat
    private let address: UnsafeRawPointer
    private var format: Format { item.format }

    /// - Precondition: the memory is pinned while this value is used, and the layout that is passed with it is valid for
    ///   it.
    init(_ item: ItemFormat, at address: UnsafeRawPointer) {
        self.item = item
        unsafe self.address = address
    }

    /// Whether all items equal those of the same shape. Items that cannot be read are equal to nothing.
    func areEqual(
        _ layout: borrowing LayoutView, _ other: ItemSource, _ otherLayout: borrowing LayoutView
    ) throws(PythonError) -> Bool {
        if let a = format.scalar, let b = other.format.scalar {
            var result = false
            try detached(if: isLong(layout, otherLayout)) {
                result = unsafe Kernels.equal(
                    address, layout: layout, scalar: a.0, swapped: a.swapped,
                    other.address, layout: otherLayout, scalar: b.0, swapped: b.swapped)
            }
            return result
        }
        if let plan = commonPlan(other) {
            return try firstDifference(by: plan, layout, other, otherLayout) == nil
        }
        do {
            let difference = try unsafe firstDifferenceOfObjects(
                axis: 0, address, layout, other, other.address, otherLayout)
            return difference == nil
        } catch {
            // Object pointers and invalid code points cannot be read.
            guard error.matches(.notImplemented) || error.matches(.value) else { throw error }
            return false
        }
    }

    /// The number in C order of the first item that does not equal the other one at the same index.
    ///
    /// - Throws: what reading an item throws.
    func firstDifference(
        _ layout: borrowing LayoutView, _ other: ItemSource, _ otherLayout: borrowing LayoutView
    ) throws(PythonError) -> Int? {
        if layout.hasNoBytes { return nil }
        if let a = format.scalar, let b = other.format.scalar {
            var result: Int?
            try detached(if: isLong(layout, otherLayout)) {
                result = unsafe Kernels.firstDifference(
                    address, layout: layout, scalar: a.0, swapped: a.swapped,
                    other.address, layout: otherLayout, scalar: b.0, swapped: b.swapped)
            }
            return result
        }
        if let plan = commonPlan(other) { return try firstDifference(by: plan, layout, other, otherLayout) }
        return try unsafe firstDifferenceOfObjects(axis: 0, address, layout, other, other.address, otherLayout)
    }

    /// The plan by which items of both are compared in memory, where that is possible.
    private func commonPlan(_ other: ItemSource) -> ItemPlan? {
        guard let plan = item.plan, plan.comparesInMemory, item === other.item || item.isEquivalent(to: other.item)
        else { return nil }
        return plan
    }

    private func firstDifference(
        by plan: ItemPlan, _ layout: borrowing LayoutView, _ other: ItemSource, _ otherLayout: borrowing LayoutView
    ) throws(PythonError) -> Int? {
        if layout.hasNoBytes { return nil }
        var result: Int?
        try detached(if: isLong(layout, otherLayout)) {
            result = unsafe Self.firstDifference(
                by: plan, axis: 0, address, layout, other.address, otherLayout)
        }
        return result
    }

    private static func firstDifference(
        by plan: ItemPlan, axis: Int, _ a: UnsafeRawPointer, _ aLayout: borrowing LayoutView, _ b: UnsafeRawPointer,
        _ bLayout: borrowing LayoutView
    ) -> Int? {
        guard axis < aLayout.ndim else {
            return unsafe plan.firstIndex(equal: false, a, stride: 0, b, stride: 0, count: 1)
        }
        if axis == aLayout.ndim - 1, aLayout.suboffset(axis) < 0, bLayout.suboffset(axis) < 0 {
            return unsafe plan.firstIndex(
                equal: false, a, stride: aLayout.strides[axis], b, stride: bLayout.strides[axis],
                count: aLayout.shape[axis])
        }
        for index in 0..<aLayout.shape[axis] {
            let difference = unsafe firstDifference(
                by: plan, axis: axis + 1, aLayout.step(from: a, axis: axis, to: index), aLayout,
                bLayout.step(from: b, axis: axis, to: index), bLayout)
            if let difference { return aLayout.items(before: index, axis: axis) + difference }
        }
        return nil
    }

    private func isLong(_ layout: borrowing LayoutView, _ other: borrowing LayoutView) -> Bool {
        max((try? layout.byteCount) ?? 0, (try? other.byteCount) ?? 0) >= detachThreshold
    }

    /// Item by item, through Python's own comparison of the values.
    private func firstDifferenceOfObjects(
        axis: Int, _ a: UnsafeRawPointer, _ aLayout: borrowing LayoutView,
        _ other: ItemSource, _ b: UnsafeRawPointer, _ bLayout: borrowing LayoutView
    ) throws(PythonError) -> Int? {
        guard axis < aLayout.ndim else {
            let first = try unsafe item.object(at: a)
            let second = try unsafe other.item.object(at: b)
            return try first.isEqual(to: second) ? nil : 0
        }
        for index in 0..<aLayout.shape[axis] {
            let difference = try unsafe firstDifferenceOfObjects(
                axis: axis + 1, aLayout.step(from: a, axis: axis, to: index), aLayout,
                other, bLayout.step(from: b, axis: axis, to: index), bLayout)
            if let difference { return aLayout.items(before: index, axis: axis) + difference }
        }
        return nil
    }
}
