// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

// Searching memory of bytes for consecutive bytes, as `bytes.find` does.

extension MemoryObject {
    /// `find` and `rfind`: the position at which bytes begin, which are a bytes-like object or one integer.
    ///
    /// - Throws: `TypeError` where the items are no bytes along one axis, or `value` is none.
    func find(
        _ value: ObjectReference, from start: Int, upTo stop: Int, backwards: Bool
    ) throws(PythonError) -> Int? {
        let contents = leasedContents
        guard contents.ndim == 1, contents.scalar?.type.isByte == true else {
            throw PythonError(
                .type,
                "bytes are found in one dimension of format 'B', 'b' or 'c', not in \(contents.ndim) of format "
                    + "'\(contents.formatText)': index() looks for items")
        }
        let bytes: PythonObject
        if value.exportsBuffer {
            bytes = try ViewObject.make(ViewTypes(for: object), of: value)
        } else {
            guard value.isIndex else {
                throw PythonError(
                    .type, "a bytes-like object or an integer is needed, not \(typeNameOf(value))")
            }
            guard let byte = try UInt8(exactly: intValue(of: value, overflow: .value)) else {
                throw PythonError(.value, "byte must be in range(0, 256)")
            }
            let one = try unsafe PythonObject(bytes: [byte].span.bytes)
            bytes = try unsafe ViewObject.make(ViewTypes(for: object), of: one.reference)
        }
        return try firstPosition(ofBytes: bytes, from: start, upTo: stop, backwards: backwards)
    }

    /// The position at which the bytes of a view begin, in this memory of bytes.
    ///
    /// - Parameter backwards: whether the last such position is asked for.
    func firstPosition(
        ofBytes view: borrowing PythonObject, from start: Int, upTo stop: Int, backwards: Bool
    ) throws(PythonError) -> Int? {
        let sought = try unsafe MemoryObject(view.reference).bytesToFind()
        return try withExportPinned { (contents) throws(PythonError) in
            // As in bytes, nothing is found where the slice is empty because it starts behind its end.
            let count = contents.layout.shape[0]
            let first = start < 0 ? max(0, start + count) : start
            let last = stop < 0 ? max(0, stop + count) : min(stop, count)
            if first > last { return nil }
            let part = try contents.part(first..<last)
            var found: Int?
            try unsafe contents.withPacked(part.layout.view, part.offset) { (address, count) in
                found = unsafe Kernels.firstIndex(
                    ofBytes: sb_bytes_address(sought.pointer), count: sb_bytes_count(sought.pointer), in: address,
                    count: count, backwards: backwards)
            }
            return found.map { $0 + part.start }
        }
    }

    /// The number of non-overlapping occurrences of a view's bytes in this memory of bytes.
    func count(ofBytes view: borrowing PythonObject) throws(PythonError) -> Int {
        let sought = try unsafe MemoryObject(view.reference).bytesToFind()
        let length = unsafe sb_bytes_count(sought.pointer)
        return try withExportPinned { (contents) throws(PythonError) in
            if length == 0 { return contents.layout.shape[0] + 1 }
            var total = 0
            try unsafe contents.withPacked(contents.layout, 0) { (address, count) in
                var start = 0
                while let found = unsafe Kernels.firstIndex(
                    ofBytes: sb_bytes_address(sought.pointer), count: length, in: address + start, count: count - start)
                {
                    total += 1
                    start += found + length
                }
            }
            return total
        }
    }

    /// The bytes of a view along one axis, in an object of their own.
    private func bytesToFind() throws(PythonError) -> PythonObject { try bytes(order: .c) }
}

extension MemoryObject.Contents {
    /// Runs `body` on the bytes that items of one byte have along the only axis of a layout, `offset` bytes from here:
    /// in place if they are contiguous, or on a copy if they are not contiguous. Releases the GIL if they are many.
    ///
    /// - Precondition: `body` touches no Python object that others may change.
    /// - Throws: `MemoryError`.
    fileprivate func withPacked(
        _ layout: borrowing LayoutView, _ offset: Int, _ body: (UnsafeRawPointer, Int) -> Void
    ) throws(PythonError) {
        let count = layout.shape[0]
        let source = unsafe UnsafeRawPointer(address) + offset
        try detached(if: count >= detachThreshold) { () throws(KernelError) in
            if layout.isCContiguous {
                unsafe body(source, count)
                return
            }
            let copy = try unsafe Kernels.allocate(byteCount: count, zeroed: false)
            defer { unsafe Kernels.deallocate(copy, byteCount: count) }
            guard let packed = try? layout.contiguous(.c) else { return }
            try unsafe Kernels.copy(from: source, layout: layout, to: copy, layout: packed.view)
            unsafe body(copy, count)
        }
    }
}
