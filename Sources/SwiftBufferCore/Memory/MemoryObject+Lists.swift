// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

// Nested lists.

extension MemoryObject {
    /// All items as nested lists; the item itself for memory without dimensions.
    ///
    /// - Complexity: O(items), without intermediate views.
    func list() throws(PythonError) -> PythonObject {
        try withExportPinned { (contents) throws(PythonError) in
            if contents.ndim == 1, let (scalar, swapped) = contents.scalar {
                let layout = contents.layout
                return try unsafe Row(
                    address: contents.address, count: layout.shape[0], stride: layout.strides[0],
                    suboffset: layout.suboffset(0)
                ).list(scalar, swapped)
            }
            return try unsafe contents.list(axis: 0, at: UnsafeRawPointer(contents.address), layout: contents.layout)
        }
    }
}

extension MemoryObject.Contents {
    fileprivate func list(
        axis: Int, at address: UnsafeRawPointer, layout: borrowing LayoutView
    ) throws(PythonError) -> PythonObject {
        guard axis < layout.ndim else { return try unsafe object(at: address) }
        let count = layout.shape[axis]
        if axis == layout.ndim - 1, let (scalar, swapped) = scalar {
            return try unsafe Row(
                address: address, count: count, stride: layout.strides[axis], suboffset: layout.suboffset(axis)
            ).list(scalar, swapped)
        }
        let list = try unsafe PythonObject(result: sb_new_list(count))
        if axis == layout.ndim - 1, let plan = try item.plan {
            for index in 0..<count {
                let item = try unsafe plan.object(at: layout.step(from: address, axis: axis, to: index))
                unsafe sb_list_set(list.pointer, index, item.intoPointer())
            }
            return list
        }
        for index in 0..<count {
            let item = try unsafe self.list(
                axis: axis + 1, at: layout.step(from: address, axis: axis, to: index), layout: layout)
            unsafe sb_list_set(list.pointer, index, item.intoPointer())
        }
        return list
    }
}

/// The scalars along the last axis.
@safe
private struct Row {
    private let address: UnsafeRawPointer
    private let count: Int
    private let stride: Int
    private let suboffset: Int

    /// - Precondition: the items are there, and stay while the row is used.
    @unsafe
    init(address: UnsafeRawPointer, count: Int, stride: Int, suboffset: Int) {
        unsafe self.address = address
        self.count = count
        self.stride = stride
        self.suboffset = suboffset
    }

    /// The scalars as a list.
    @inline(never)
    func list(_ scalar: Scalar, _ swapped: Bool) throws(PythonError) -> PythonObject {
        let list = try unsafe PythonObject(result: sb_new_list(count))
        // One loop for each of the common types, so that the type is not tested for every item.
        switch scalar {
        case _ where swapped: try fill(list, scalar, true)
        case .uint8: try fill(list, .uint8, false)
        case .int16: try fill(list, .int16, false)
        case .uint16: try fill(list, .uint16, false)
        case .int32: try fill(list, .int32, false)
        case .uint32: try fill(list, .uint32, false)
        case .int64: try fill(list, .int64, false)
        case .uint64: try fill(list, .uint64, false)
        case .float32: try fill(list, .float32, false)
        case .float64: try fill(list, .float64, false)
        default: try fill(list, scalar, false)
        }
        return list
    }

    /// Fills a new list of so many items.
    @inline(__always)
    private func fill(_ list: borrowing PythonObject, _ scalar: Scalar, _ swapped: Bool) throws(PythonError) {
        let pointer = unsafe list.pointer
        for index in 0..<count {
            let place = unsafe step(from: address, stride: stride, to: index, suboffset: suboffset)
            guard let item = unsafe scalar.object(at: place, swapped: swapped) else { throw PythonError.pending() }
            unsafe sb_list_set(pointer, index, item)
        }
    }
}
