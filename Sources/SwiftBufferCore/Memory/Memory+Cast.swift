internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// The same bytes as items of another format.

extension Memory {
    /// `memory.cast(format, shape, order=, strides=)`
    ///
    /// Items are counted through in `order`, and the memory must be contiguous in it; without a shape the result has one
    /// dimension. Memory that is not contiguous keeps its shape, if the new items are as long as the old ones or its
    /// last axis has no gaps.
    func cast(_ item: ItemFormat, shape: [Int]?, order: Order, strides: [Int]?) throws(PythonError) -> PythonObject {
        if let strides {
            guard let shape else { throw PythonError(.type, "strides need a shape") }
            return try strided(shape: shape, strides: strides, item: item)
        }
        return try unsafe reinterpreted(ViewTypes(near: object)) { (contents) throws(PythonError) in
            try contents.checkHoldsNoObjects()
            let layout = try contents.castLayout(item.format.itemsize, shape: shape, order: order)
            return unsafe Reinterpretation(
                layout: layout, address: contents.address, item: item, isReadOnly: contents.isReadOnly)
        }
    }
}

extension Memory.Contents {
    fileprivate func castLayout(_ itemsize: Int, shape: [Int]?, order: Order) throws(PythonError) -> Layout {
        let layout = layout
        let order = layout.resolved(order)
        guard layout.isContiguous(order) else {
            if shape == nil, let kept = try stridedCast(itemsize) { return kept }
            let old = Layout(layout)
            throw PythonError(
                .buffer,
                "shape \(old.shapeText) with strides \(old.stridesText) is not contiguous in "
                    + "\(order == .fortran ? "Fortran" : "C") order, so only a copy could be cast; use copy()")
        }
        if let shape {
            let new: Layout
            let count: Int
            do throws(LayoutError) {
                new = try Layout(shape: shape, itemsize: itemsize, order: order)
                count = try new.view.byteCount
            } catch {
                // A shape of more bytes than an address can count is a ValueError of memoryview's cast.
                throw error.kind == .overflow ? PythonError(.value, error.message) : PythonError(error)
            }
            guard count == length else {
                throw PythonError(
                    .type,
                    "shape \(new.shapeText) with items of \(itemsize) bytes takes \(count) bytes, but there are \(length)"
                )
            }
            return new
        }
        guard itemsize > 0, length.isMultiple(of: itemsize) else {
            throw PythonError(.type, "\(length) bytes are no whole number of items of \(itemsize) bytes")
        }
        return try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: [length / itemsize], itemsize: itemsize)
        }
    }

    /// The cast of memory with gaps, if it has one: only the last axis may change.
    private func stridedCast(_ new: Int) throws(PythonError) -> Layout? {
        let old = Layout(layout)
        guard old.ndim > 0, new > 0 else { return nil }
        var shape = old.shape
        var strides = old.strides
        for axis in 0..<old.ndim where strides[axis] == 0 && shape[axis] > 1 {
            throw PythonError(.type, "items that repeat (a stride of 0) cannot be cast; use copy()")
        }
        let last = old.ndim - 1
        if new != itemsize {
            let bytes = shape[last].multipliedReportingOverflow(by: itemsize)
            guard strides[last] == itemsize || shape[last] == 1, !bytes.overflow,
                bytes.partialValue.isMultiple(of: new),
                old.suboffsets.isEmpty
            else { return nil }
            shape[last] = bytes.partialValue / new
            strides[last] = new
        }
        return try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: shape, strides: strides, suboffsets: old.suboffsets, itemsize: new)
        }
    }
}
