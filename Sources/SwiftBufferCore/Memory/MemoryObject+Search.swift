// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import PythonBuffers

// Looking for a value: `in`, `count` and `index`.

extension MemoryObject {
    /// Where a value was found.
    enum Place {
        /// A position along the first axis.
        case position(Int)
        /// The index of an item, one integer a dimension, where there are several.
        case item([Int])
    }

    /// Where the first item, or part, that equals `value` is.
    ///
    /// - Parameters:
    ///   - start: the first position along the first axis to look at, as in a slice.
    ///   - stop: the position to stop before.
    ///   - amongItems: whether only single items are searched for, not consecutive bytes.
    func firstPlace(
        of value: ObjectReference, from start: Int = 0, upTo stop: Int = .max, amongItems: Bool = false
    ) throws(PythonError) -> Place? {
        switch try SearchValue(value, in: self) {
        case .number(let needle): return try firstPlace(ofNumber: needle, from: start, upTo: stop)
        case .bytes(let bytes):
            if amongItems { return nil }
            return try firstPosition(ofBytes: bytes, from: start, upTo: stop, backwards: false).map { .position($0) }
        case .part(let buffer):
            var found: Int?
            try unsafe forEachPart(start, stop, equalTo: buffer.reference) { index in
                found = index
                return false
            }
            return found.map { .position($0) }
        case .object(let object):
            if let pattern = try unsafe pattern(of: object.reference) {
                return try firstPlace(of: pattern, from: start, upTo: stop)
            }
            var found: Place?
            try unsafe forEachItem(start, stop, equalTo: object.reference) { place in
                found = place
                return false
            }
            return found
        }
    }

    /// Where the first scalar is that has a value.
    ///
    /// - Precondition: the items are scalars.
    func firstPlace(
        ofNumber needle: ScalarValue, from start: Int = 0, upTo stop: Int = .max
    ) throws(PythonError) -> Place? {
        try searchingScalars(start, stop) { part in
            let number = unsafe needle.withBytes { (bytes, scalar) in
                unsafe Kernels.firstIndex(
                    of: bytes, scalar: scalar, in: part.address, layout: part.layout.view, scalar: part.scalar,
                    swapped: part.swapped)
            }
            return number.map { place(ofItem: $0, part.layout.view, from: part.start) }
        }
    }

    /// How many items, or parts along the first axis, equal `value`.
    func count(of value: ObjectReference) throws(PythonError) -> Int {
        var count = 0
        switch try SearchValue(value, in: self) {
        case .number(let needle):
            return try searchingScalars(0, .max) { part in
                unsafe needle.withBytes { (bytes, scalar) in
                    unsafe Kernels.count(
                        of: bytes, scalar: scalar, in: part.address, layout: part.layout.view, scalar: part.scalar,
                        swapped: part.swapped)
                }
            }
        case .bytes(let bytes):
            return try self.count(ofBytes: bytes)
        case .part(let buffer):
            try unsafe forEachPart(0, .max, equalTo: buffer.reference) { _ in
                count += 1
                return true
            }
        case .object(let object):
            if let pattern = try unsafe pattern(of: object.reference) { return try self.count(of: pattern) }
            try unsafe forEachItem(0, .max, equalTo: object.reference) { _ in
                count += 1
                return true
            }
        }
        return count
    }

    /// The place of an item of a part of the memory.
    private func place(ofItem number: Int, _ layout: borrowing LayoutView, from start: Int) -> Place {
        if layout.ndim == 1 { return .position(start + number) }
        var index = layout.index(ofItem: number)
        index[0] += start
        return .item(index)
    }

    /// Runs a kernel on the scalars of a part of the memory.
    private func searchingScalars<Result>(
        _ start: Int, _ stop: Int, _ body: (borrowing ScalarPart) -> Result
    ) throws(PythonError) -> Result {
        try withExportPinned { (contents) throws(PythonError) in
            guard let (scalar, swapped) = contents.scalar else { throw PythonError(.system, "items are no scalars") }
            let (layout, offset, start) = try contents.part(contents.positions(start, stop))
            let part = unsafe ScalarPart(
                layout: layout, address: UnsafeRawPointer(contents.address) + offset, start: start, scalar: scalar,
                swapped: swapped)
            if contents.length < detachThreshold { return body(part) }
            var result: Result?
            try detached(if: true) { result = body(part) }
            guard let result else { throw PythonError(.system, "a search without a result") }
            return result
        }
    }

    /// Calls `body` for every item that equals a Python object, until it returns false.
    private func forEachItem(
        _ start: Int, _ stop: Int, equalTo value: ObjectReference, _ body: (Place) -> Bool
    ) throws(PythonError) {
        let (layout, range) = try withReadAccess { (contents) throws(PythonError) in
            let range = try contents.positions(start, stop)
            return (try contents.part(range).layout, range)
        }
        if layout.ndim == 1 {
            for index in range {
                // A comparison may release the memory, which is an error, or resize it: removed items equal nothing.
                guard let item = try remainingElement(at: index) else { return }
                if try unsafe item.reference.isSameOrEqual(to: value), !body(.position(index)) { return }
            }
            return
        }
        let count = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.itemCount }
        for number in 0..<count {
            var index = layout.view.index(ofItem: number)
            index[0] += range.lowerBound
            let item = try item(at: index.span)
            if try unsafe item.reference.isSameOrEqual(to: value), !body(.item(index)) { return }
        }
    }

    /// Calls `body` for every position of the first axis whose part equals the items of a view, until it returns false.
    private func forEachPart(
        _ start: Int, _ stop: Int, equalTo view: ObjectReference, _ body: (Int) -> Bool
    ) throws(PythonError) {
        try withExportPinned { (contents) throws(PythonError) in
            try MemoryObject(view).withExportPinned { (sought) throws(PythonError) in
                let layout = contents.layout
                let range = try contents.positions(start, stop)
                let part = layout.inner
                guard part.hasShape(of: sought.layout) else { return }
                let item = try contents.item
                let other = try unsafe ItemSource(sought.item, at: UnsafeRawPointer(sought.address))
                for index in range {
                    let address = unsafe layout.step(from: UnsafeRawPointer(contents.address), axis: 0, to: index)
                    let items = unsafe ItemSource(item, at: address)
                    if try items.areEqual(part, other, sought.layout), !body(index) { return }
                }
            }
        }
    }
}

/// A part of the memory that kernels can search, while it is pinned.
@safe
private struct ScalarPart: ~Copyable {
    let layout: Layout
    let address: UnsafeRawPointer
    /// The position of the part along the first axis.
    let start: Int
    let scalar: Scalar
    let swapped: Bool
}

extension MemoryObject.Contents {
    /// The positions of the first axis in `start..<stop`, both as in a slice.
    ///
    /// - Precondition: there are dimensions.
    func positions(_ start: Int, _ stop: Int) throws(PythonError) -> Range<Int> {
        let length = layout.shape[0]
        let range = try raisingLayoutErrors { () throws(LayoutError) in
            try SliceRange(start: start, stop: stop, step: 1, length: length)
        }
        return range.start..<range.start + range.count
    }

    /// The layout of a range of positions, and its offset in bytes.
    ///
    /// - Precondition: there are dimensions.
    func part(_ range: Range<Int>) throws(PythonError) -> (layout: Layout, offset: Int, start: Int) {
        if range.lowerBound == 0 && range.count == layout.shape[0] { return (try ownedLayout, 0, 0) }
        let selection = try raisingLayoutErrors { () throws(LayoutError) in
            try layout.slicing(axis: 0, start: range.lowerBound, step: 1, count: range.count)
        }
        return (selection.layout, selection.offset, range.lowerBound)
    }
}

extension LayoutView {
    /// The axes after the first.
    fileprivate var inner: LayoutView {
        @_lifetime(copy self)
        get {
            LayoutView(
                itemsize: itemsize, shape: shape.extracting(droppingFirst: 1),
                strides: strides.extracting(droppingFirst: 1),
                suboffsets: suboffsets.isEmpty ? suboffsets : suboffsets.extracting(droppingFirst: 1))
        }
    }
}
