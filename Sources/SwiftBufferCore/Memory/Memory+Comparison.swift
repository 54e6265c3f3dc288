internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Equality with memoryview's meaning: the shapes are equal, and so is every item as Python compares the values.

extension Memory {
    /// Whether the items equal those of another object's buffer; `nil` for an object that has none.
    ///
    /// Released memory is equal to itself alone. Items of a format that cannot be read are equal to nothing.
    func isEqual(to other: ObjectPointer) throws(PythonError) -> Bool? {
        if unsafe object == other && isClosed { return true }
        guard unsafe PyObject_CheckBuffer(other) != 0 else { return nil }
        if isClosed { return false }
        // As memoryview: what refuses its buffer is something else, not an error.
        guard let buffer = try? unsafe PythonBuffer(other) else { return nil }
        return try hold { (contents) throws(PythonError) in
            try contents.isEqual(to: buffer)
        }
    }

    var isClosed: Bool { unsafe ExportCount(of: object).value == sb_closed() }
}

extension Memory.Contents {
    fileprivate func isEqual(to buffer: borrowing PythonBuffer) throws(PythonError) -> Bool {
        let theirs = try buffer.checkedLayout
        let mine = layout
        guard mine.ndim == theirs.ndim else { return false }
        let theirView = theirs.view
        for axis in 0..<mine.ndim where mine.shape[axis] != theirView.shape[axis] { return false }

        guard let myFormat = try? item.format, let theirFormat = try? buffer.item(types).readable.format,
            theirFormat.itemsize == theirs.itemsize
        else { return false }
        if mine.isEmpty { return true }
        let myAddress = unsafe UnsafeRawPointer(address)
        guard let theirAddress = unsafe UnsafeRawPointer(buffer.view.pointee.buf) else { return false }

        if let a = myFormat.scalar, let b = theirFormat.scalar {
            var result = false
            try detached(if: length >= detachThreshold) {
                result = unsafe Kernels.equal(
                    myAddress, layout: mine, scalar: a.0, swapped: a.swapped,
                    theirAddress, layout: theirView, scalar: b.0, swapped: b.swapped)
            }
            return result
        }
        do {
            return try unsafe isEqual(
                axis: 0, myAddress, mine, myFormat, theirAddress, theirView, theirFormat)
        } catch {
            // Pointers to objects, and what is no text, cannot be read.
            guard error.matches(.notImplemented) || error.matches(.value) else { throw error }
            return false
        }
    }

    /// Item by item, through Python's own comparison of the values.
    private func isEqual(
        axis: Int, _ a: UnsafeRawPointer, _ aLayout: borrowing LayoutView, _ aFormat: Format,
        _ b: UnsafeRawPointer, _ bLayout: borrowing LayoutView, _ bFormat: Format
    ) throws(PythonError) -> Bool {
        guard axis < aLayout.ndim else {
            let first = try unsafe aFormat.object(at: a)
            let second = try unsafe bFormat.object(at: b)
            // Not PyObject_RichCompareBool, for which a NaN equals itself.
            let result = try unsafe PythonObject(result: PyObject_RichCompare(first.pointer, second.pointer, Py_EQ))
            return try result.truth()
        }
        for index in 0..<aLayout.shape[axis] {
            let isEqual = try unsafe isEqual(
                axis: axis + 1, aLayout.step(from: a, axis: axis, to: index), aLayout, aFormat,
                bLayout.step(from: b, axis: axis, to: index), bLayout, bFormat)
            if !isEqual { return false }
        }
        return true
    }
}
