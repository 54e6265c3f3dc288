internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Nested lists.

extension Memory {
    /// All items as nested lists; the item itself for memory without dimensions.
    ///
    /// - Complexity: O(items), without intermediate views.
    func list() throws(PythonError) -> PythonObject {
        try hold { (contents) throws(PythonError) in
            try unsafe contents.list(axis: 0, at: UnsafeRawPointer(contents.address), layout: contents.layout)
        }
    }
}

extension Memory.Contents {
    fileprivate func list(
        axis: Int, at address: UnsafeRawPointer, layout: borrowing LayoutView
    ) throws(PythonError) -> PythonObject {
        guard axis < layout.ndim else { return try unsafe object(at: address) }
        let count = layout.shape[axis]
        let list = try unsafe PythonObject(result: PyList_New(count))
        if axis == layout.ndim - 1, let (scalar, swapped) = scalar {
            for index in 0..<count {
                let item = unsafe scalar.object(at: layout.step(from: address, axis: axis, to: index), swapped: swapped)
                guard let item = unsafe item else { throw PythonError.pending() }
                unsafe sb_list_set(list.pointer, index, item)
            }
            return list
        }
        for index in 0..<count {
            let item = try unsafe self.list(
                axis: axis + 1, at: layout.step(from: address, axis: axis, to: index), layout: layout)
            unsafe sb_list_set(list.pointer, index, item.handOver())
        }
        return list
    }
}
