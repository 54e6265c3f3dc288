internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Assigning to many items at once, with broadcasting.

extension Memory {
    /// Writes to all items: those of a buffer or nested sequence whose shape broadcasts, or one value to each.
    ///
    /// Source and target may overlap: the result is as if the source had been copied first.
    ///
    /// - Throws: `TypeError` for read-only memory or a value of the wrong kind, `ValueError` for shapes that do not
    ///   broadcast or buffers of another format.
    func assign(_ value: ObjectPointer) throws(PythonError) {
        if unsafe PyObject_CheckBuffer(value) != 0 { return try unsafe copy(from: value) }
        let item = try look { (contents) throws(PythonError) in
            try contents.checkWritable()
            return try contents.item
        }
        if unsafe NestedSequence.isSequence(value, of: item.format) {
            let types = try unsafe ViewTypes(near: object)
            let array = try unsafe NestedSequence(value, item).array(types.array, order: .c, isReadOnly: true)
            return try unsafe copy(from: array.pointer)
        }
        try unsafe fill(value)
    }

    /// Copies the items of a buffer of the same format, whose shape broadcasts to this one's.
    func copy(from exporter: ObjectPointer) throws(PythonError) {
        let buffer = try unsafe PythonBuffer(exporter)
        let source = try buffer.checkedLayout
        try hold { (contents) throws(PythonError) in
            try contents.checkWritable()
            try contents.checkSameFormat(as: buffer, itemsize: source.itemsize)
            let target = contents.layout
            // Slices of one dimension must be equally long, as in a memoryview: a shorter one is a mistake more often
            // than it is meant to repeat.
            if target.ndim == 1, source.ndim == 1, source.view.shape[0] != target.shape[0] {
                throw PythonError(
                    .value, "cannot assign \(source.view.shape[0]) items to a slice of \(target.shape[0])")
            }
            let stretched = try raisingLayoutErrors { () throws(LayoutError) in
                try source.view.broadcast(to: target.shape)
            }
            guard contents.length > 0, let from = unsafe UnsafeRawPointer(buffer.view.pointee.buf) else { return }
            let to = unsafe contents.address
            try detached(if: contents.length >= detachThreshold) { () throws(KernelError) in
                try unsafe Kernels.copy(from: from, layout: stretched.view, to: to, layout: target)
            }
        }
    }
}

extension Memory.Contents {
    /// - Throws: `ValueError` unless items of both formats are the same bytes.
    fileprivate func checkSameFormat(as buffer: borrowing PythonBuffer, itemsize theirSize: Int) throws(PythonError) {
        let theirs = buffer.format
        if theirs == formatText && theirSize == itemsize { return }
        if let mine = try? item.format, let other = try? Format(theirs), other.itemsize == theirSize,
            mine.isEquivalent(to: other)
        {
            return
        }
        throw PythonError(
            .value,
            "items of format '\(theirs)' cannot be assigned to items of format '\(formatText)': the structures differ; "
                + "convert them first")
    }
}
