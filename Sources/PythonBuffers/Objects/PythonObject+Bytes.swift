// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

// Objects of Python's type `bytes`.

extension PythonObject {
    /// The contents of a `bytes` object.
    ///
    /// - Precondition: the object is a `bytes`.
    package var contents: RawSpan {
        @_lifetime(borrow self)
        get {
            let memory = unsafe UnsafeRawBufferPointer(start: sb_bytes_address(pointer), count: sb_bytes_count(pointer))
            // They do not change while the object lives.
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: memory), borrowing: self)
        }
    }

    /// A new `bytes` of `count` bytes, which `body` writes all of.
    ///
    /// - Throws: `MemoryError`, and what `body` throws.
    package init(
        byteCount count: Int, initializedBy body: (UnsafeMutableRawPointer) throws(PythonError) -> Void
    ) throws(PythonError) {
        let bytes = try unsafe PythonObject(result: PyBytes_FromStringAndSize(nil, count))
        try unsafe body(UnsafeMutableRawPointer(sb_bytes_address(bytes.pointer)))
        self = bytes
    }

    /// A new `bytes` with a copy of `count` bytes at an address.
    ///
    /// - Throws: `MemoryError`.
    @unsafe
    package init(copyingBytes address: UnsafeRawPointer, count: Int) throws(PythonError) {
        try unsafe self.init(
            result: PyBytes_FromStringAndSize(address.assumingMemoryBound(to: CChar.self), count))
    }
}
