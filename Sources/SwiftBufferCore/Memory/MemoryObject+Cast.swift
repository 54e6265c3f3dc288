// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

// The same bytes as items of another format.

extension MemoryObject {
    /// `memory.cast(format, shape, order=, strides=, offset=)`
    ///
    /// The bytes of contiguous memory are taken in the order of their addresses, and the new shape counts them in
    /// `order`; without a shape the result has one dimension. Memory that is not contiguous keeps its shape, if the new
    /// itemsize is the old one or the last axis is contiguous. With strides, items may be anywhere in the memory.
    ///
    /// - Parameter offset: bytes from the start of the memory to that of the result, which may then end before the memory
    ///   does; `nil` to take all bytes.
    func cast(
        _ item: ItemFormat, shape: [Int]?, order: Order, strides: [Int]?, offset: Int? = nil
    ) throws(PythonError) -> PythonObject {
        if let strides {
            guard let shape else { throw PythonError(.type, "strides need a shape") }
            return try strided(shape: shape, strides: strides, offset: offset ?? 0, item: item)
        }
        return try reinterpreted(ViewTypes(for: object)) { (contents) throws(PythonError) in
            try contents.checkHoldsNoObjects()
            let layout = try contents.castLayout(item.format.itemsize, shape: shape, order: order, offset: offset)
            return unsafe Reinterpretation(
                layout: layout, address: contents.address + (offset ?? 0), item: item,
                isReadOnly: contents.isReadOnly)
        }
    }
}

extension MemoryObject.Contents {
    fileprivate func castLayout(
        _ itemsize: Int, shape: [Int]?, order: Order, offset: Int?
    ) throws(PythonError) -> Layout {
        let layout = layout
        guard layout.isCContiguous || layout.isFContiguous else {
            if shape == nil, offset == nil, let kept = try stridedCast(itemsize) { return kept }
            throw PythonError(
                .buffer,
                "shape \(layout.shapeText) with strides \(layout.stridesText) is not contiguous, so only a copy could be cast; "
                    + "use copy()")
        }
        guard (0...length).contains(offset ?? 0) else {
            throw PythonError(
                .buffer, "offset \(offset ?? 0) is outside of the memory; 0 to \(length) would work")
        }
        let available = length - (offset ?? 0)
        if let shape, !shape.contains(-1) {
            return try castLayout(itemsize, shape, layout.resolved(order), available, mayEndEarlier: offset != nil)
        }
        guard itemsize > 0, available.isMultiple(of: itemsize) else {
            throw PythonError(.type, "\(available) bytes are not a multiple of itemsize \(itemsize)")
        }
        let lengths = shape ?? [-1]
        do throws(LayoutError) {
            return try Layout(
                shape: lengths.span, items: available / itemsize, itemsize: itemsize,
                order: layout.resolved(order))
        } catch {
            throw error.kind == .shapeMismatch
                ? PythonError(.type, error.message + " of \(itemsize) bytes, which \(available) bytes are")
                : PythonError(error)
        }
    }

    /// The cast to a shape of which every length is given.
    private func castLayout(
        _ itemsize: Int, _ shape: [Int], _ order: Order, _ available: Int, mayEndEarlier: Bool
    ) throws(PythonError) -> Layout {
        let new: Layout
        do throws(LayoutError) {
            new = try Layout(shape: shape, itemsize: itemsize, order: order)
        } catch {
            // A shape of more bytes than an address can count is a ValueError of memoryview's cast.
            throw error.kind == .overflow ? PythonError(.value, error.message) : PythonError(error)
        }
        let count = new.summary.byteCount
        guard count == available || mayEndEarlier && count < available else {
            throw PythonError(
                .type,
                "shape \(new.shapeText) with items of \(itemsize) bytes takes \(count) bytes, but there are \(available)"
            )
        }
        return new
    }

    /// The cast of memory with gaps, if it has one: only the last axis may change.
    private func stridedCast(_ new: Int) throws(PythonError) -> Layout? {
        let old = layout
        guard old.ndim > 0, new > 0 else { return nil }
        var shape = old.shapeArray
        var strides = old.stridesArray
        for axis in 0..<old.ndim where strides[axis] == 0 && shape[axis] > 1 {
            throw PythonError(.type, "items that repeat (a stride of 0) cannot be cast; use copy()")
        }
        let last = old.ndim - 1
        if new != itemsize {
            let bytes = shape[last].multipliedReportingOverflow(by: itemsize)
            guard strides[last] == itemsize || shape[last] == 1, !bytes.overflow,
                bytes.partialValue.isMultiple(of: new),
                !old.isIndirect
            else { return nil }
            shape[last] = bytes.partialValue / new
            strides[last] = new
        }
        return try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: shape, strides: strides, suboffsets: old.suboffsetsArray, itemsize: new)
        }
    }
}
