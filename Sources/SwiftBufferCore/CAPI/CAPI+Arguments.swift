internal import BufferLayout
internal import CPython
internal import PythonBuffers

// Arguments as the C functions want them, refused where C would take anything.

extension Arguments {
    /// The flags of a request: any C `int`.
    func request(_ index: Int) throws(PythonError) -> BufferRequest {
        let flags = try int(index)
        guard let flags = CInt(exactly: flags) else {
            throw PythonError(.overflow, "flags must fit in a C int, not \(flags)")
        }
        return BufferRequest(rawValue: flags)
    }

    /// `"C"`, `"F"` or `"A"`.
    func order(_ index: Int) throws(PythonError) -> Order {
        try Order(string(index))
    }

    /// A number of bytes.
    func byteCount(_ index: Int, _ name: StaticString) throws(PythonError) -> Int {
        let count = try int(index)
        guard count >= 0 else { throw PythonError(.value, "\(name) cannot be negative: \(count)") }
        return count
    }

    /// The start of `count` bytes of memory, from an integer.
    ///
    /// - Throws: `TypeError`; `OverflowError` for what is no address; `ValueError` for null, unless there are no bytes,
    ///   and for memory that would reach beyond the last address.
    func address(_ index: Int, count: Int) throws(PythonError) -> UnsafeMutableRawPointer? {
        let number = try unsafe PythonObject(result: PyNumber_Index(self[index]))
        // Swift sees C's `size_t` as an `Int`.
        let bits = UInt(bitPattern: unsafe PyLong_AsSize_t(number.pointer))
        if unsafe bits == .max && PyErr_Occurred() != nil { throw PythonError.pending() }
        guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: bits) else {
            guard count == 0 else { throw PythonError(.value, "the address of \(count) bytes cannot be null") }
            return nil
        }
        guard !bits.addingReportingOverflow(UInt(count)).overflow else {
            throw PythonError(.value, "\(count) bytes do not fit behind the address \(bits)")
        }
        return unsafe pointer
    }

    /// Whether `PyBUF_WRITE` was given rather than `PyBUF_READ`.
    func isWritable(_ index: Int, _ name: StaticString) throws(PythonError) -> Bool {
        switch try int(index) {
        case Int(PyBUF_READ): return false
        case Int(PyBUF_WRITE): return true
        case let other: throw PythonError(.value, "\(name) must be PyBUF_READ or PyBUF_WRITE, not \(other)")
        }
    }

    /// A `Py_buffer` object.
    func pyBuffer(_ index: Int) throws(PythonError) -> ObjectPointer {
        guard try unsafe PyBufferObject.isInstance(self[index], in: receiver) else {
            throw wrongType(index, expected: "a Py_buffer")
        }
        return unsafe self[index]
    }
}
