// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import PythonBuffers

// Assigning to many items at once, with broadcasting.

extension MemoryObject {
    /// Writes to all items: those of a buffer or nested sequence whose shape broadcasts, or one value to each.
    ///
    /// Source and target may overlap: the result is as if the source had been copied first. Padding stays as it is.
    ///
    /// - Parameter acquired: the buffer of the value, where it has been acquired.
    /// - Throws: `TypeError` for read-only memory or a value of the wrong kind, `ValueError` for shapes that do not
    ///   broadcast or buffers of another format.
    func assign(_ value: ObjectReference, _ acquired: consuming PythonBuffer? = nil) throws(PythonError) {
        if value.exportsBuffer {
            let buffer = if let acquired { acquired } else { try PythonBuffer(value) }
            if try !isOneItem(value, buffer) { return try copy(from: buffer) }
            _ = consume buffer
            return try fill(value)
        }
        try withReadAccess { (contents) throws(PythonError) in try contents.checkWritable() }
        let item = try item
        if NestedSequence.isSequence(value, of: item.format) {
            let types = try ViewTypes(for: object)
            let array = try NestedSequence(value, item).array(types.array, order: .c, isReadOnly: true)
            return try unsafe copy(from: array.reference)
        }
        try fill(value)
    }

    /// Whether a buffer is assigned as one value, not as a sequence of items: a buffer without dimensions of another
    /// format, and `bytes` or a bytearray where each item is a string of bytes.
    private func isOneItem(_ value: ObjectReference, _ buffer: borrowing PythonBuffer) throws(PythonError) -> Bool {
        guard buffer.ndim == 0 || value.isBytes || value.isByteArray else { return false }
        return try withExportPinned { (contents) throws(PythonError) in
            if buffer.ndim == 0 { return try !contents.hasItems(of: buffer, bytesAlike: false) }
            return contents.scalar == nil && (try? contents.item.format.isOfBytes) ?? false
        }
    }

    /// Copies the items of a buffer of the same format, whose shape broadcasts to this one's.
    func copy(from exporter: ObjectReference) throws(PythonError) {
        try copy(from: PythonBuffer(exporter))
    }

    private func copy(from buffer: borrowing PythonBuffer) throws(PythonError) {
        let source = try buffer.layout
        try withExportPinned { (contents) throws(PythonError) in
            try contents.checkWritable()
            guard try contents.hasItems(of: buffer, bytesAlike: true) else { throw contents.otherItems(buffer.format) }
            try contents.checkHoldsNoObjects()
            let target = contents.layout
            let stretched = try contents.broadcast(source.view)
            guard contents.length > 0, let from = unsafe UnsafeRawPointer(buffer.view.pointee.buf) else { return }
            let to = unsafe contents.address
            let runs = contents.valueRuns
            try detached(if: contents.length >= detachThreshold) { () throws(KernelError) in
                try unsafe Kernels.copy(from: from, layout: stretched.view, to: to, layout: target, runs: runs)
            }
        }
    }
}

extension MemoryObject.Contents {
    /// The layout of `source`, broadcast to the shape of these items.
    ///
    /// - Throws: `ValueError` for a shape that does not broadcast.
    func broadcast(_ source: borrowing LayoutView) throws(PythonError) -> Layout {
        let target = layout
        // Slices of one dimension must be equally long, as in a memoryview: a shorter source is more often
        // a mistake than meant to repeat.
        if target.ndim == 1, source.ndim == 1, source.shape[0] != target.shape[0] {
            throw PythonError(
                .value,
                "cannot assign \(source.shape[0]) items to a slice of \(target.shape[0]): assignment keeps the length, an "
                    + "Array's insert(), extend() and del change it")
        }
        return try raisingLayoutErrors { () throws(LayoutError) in try source.broadcast(to: target.shape) }
    }

    /// Whether items of both formats are the same bytes.
    ///
    /// - Parameter bytesAlike: whether `b`, `B` and `c` count as the same.
    fileprivate func hasItems(of buffer: borrowing PythonBuffer, bytesAlike: Bool) throws(PythonError) -> Bool {
        // Structures with the same format text may still differ, as NumPy's and ctypes' texts omit padding.
        if scalar != nil && buffer.itemsize == itemsize && buffer.format == formatText { return true }
        let theirs = try buffer.item(types)
        return try bytesAlike ? storedItem.isAssignable(from: theirs) : storedItem.isEquivalent(to: theirs)
    }

    fileprivate func otherItems(_ theirs: String) -> PythonError {
        let areNumbers = (try? item.format.scalar) != nil && (try? Format(theirs).scalar) != nil
        return PythonError(
            .value,
            "items of format '\(theirs)' cannot be assigned to items of format '\(formatText)': "
                + (areNumbers ? "copy_from(..., 'unsafe') converts numbers" : "the structures differ"))
    }
}

extension Format {
    /// Whether an item is a string of bytes.
    var isOfBytes: Bool {
        guard fields.count == 1, fields[0].name == nil, fields[0].repeats == 1 else { return false }
        return switch fields[0].type {
        case .bytes, .pascal, .void: true
        default: false
        }
    }
}
