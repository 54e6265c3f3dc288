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
            try unsafe contents.list(axis: 0, at: UnsafeRawPointer(contents.address), layout: contents.layout)
        }
    }
}

extension MemoryObject.Contents {
    fileprivate func list(
        axis: Int, at address: UnsafeRawPointer, layout: borrowing LayoutView
    ) throws(PythonError) -> PythonObject {
        guard axis < layout.ndim else { return try unsafe object(at: address) }
        let count = layout.shape[axis]
        let list = try unsafe PythonObject(result: sb_new_list(count))
        if axis == layout.ndim - 1, let (scalar, swapped) = scalar {
            // One loop for each of the common types, so that the type is not tested for every item.
            switch scalar {
            case _ where swapped: try unsafe fill(list, scalar, true, axis, address, layout)
            case .uint8: try unsafe fill(list, .uint8, false, axis, address, layout)
            case .int16: try unsafe fill(list, .int16, false, axis, address, layout)
            case .uint16: try unsafe fill(list, .uint16, false, axis, address, layout)
            case .int32: try unsafe fill(list, .int32, false, axis, address, layout)
            case .uint32: try unsafe fill(list, .uint32, false, axis, address, layout)
            case .int64: try unsafe fill(list, .int64, false, axis, address, layout)
            case .uint64: try unsafe fill(list, .uint64, false, axis, address, layout)
            case .float32: try unsafe fill(list, .float32, false, axis, address, layout)
            case .float64: try unsafe fill(list, .float64, false, axis, address, layout)
            default: try unsafe fill(list, scalar, false, axis, address, layout)
            }
            return list
        }
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

    /// Fills a new list with the scalars of the last axis.
    @inline(__always)
    private func fill(
        _ list: borrowing PythonObject, _ scalar: Scalar, _ swapped: Bool, _ axis: Int, _ address: UnsafeRawPointer,
        _ layout: borrowing LayoutView
    ) throws(PythonError) {
        let pointer = unsafe list.pointer
        let count = layout.shape[axis]
        let stride = layout.strides[axis]
        let suboffset = layout.suboffset(axis)
        for index in 0..<count {
            let place = unsafe step(from: address, stride: stride, to: index, suboffset: suboffset)
            guard let item = unsafe scalar.object(at: place, swapped: swapped) else { throw PythonError.pending() }
            unsafe sb_list_set(pointer, index, item)
        }
    }
}
