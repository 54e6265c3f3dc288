// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims

// Arguments of functions that stand for C functions, with the checks that C leaves to its callers.

extension Arguments {
    /// The flags of a request: any C `int`.
    package func request(_ index: Int) throws(PythonError) -> BufferRequest {
        let flags = try int(index)
        guard let flags = CInt(exactly: flags) else {
            throw PythonError(.overflow, "flags must fit in a C int, not \(flags)")
        }
        return BufferRequest(rawValue: flags)
    }

    /// The buffer of an argument.
    package func buffer(_ index: Int, _ request: BufferRequest = .fullReadOnly) throws(PythonError) -> PythonBuffer {
        try PythonBuffer(self[index], request)
    }

    /// The integers of a sequence, or the one integer of anything with `__index__`.
    package func integers(_ index: Int, _ name: String) throws(PythonError) -> [Int] {
        try integersOf(self[index], name)
    }

    /// `"C"`, `"F"` or `"A"`.
    package func order(_ index: Int) throws(PythonError) -> Order {
        try Order(string(index))
    }

    /// A number of bytes.
    package func byteCount(_ index: Int, _ name: StaticString) throws(PythonError) -> Int {
        let count = try int(index)
        guard count >= 0 else { throw PythonError(.value, "\(name) cannot be negative: \(count)") }
        return count
    }

    /// The start of `count` bytes of memory, from an integer.
    ///
    /// - Throws: `TypeError`; `OverflowError` for what is no address; `ValueError` for null, unless there are no bytes,
    ///   and for memory that would reach beyond the last address.
    package func address(_ index: Int, count: Int) throws(PythonError) -> UnsafeMutableRawPointer? {
        try unsafe addressOf(addressBits(of: self[index]), bytes: 0..<count)
    }

    /// Whether `PyBUF_WRITE` was given rather than `PyBUF_READ`.
    package func isWritable(_ index: Int, _ name: StaticString) throws(PythonError) -> Bool {
        switch try int(index) {
        case Int(PyBUF_READ): return false
        case Int(PyBUF_WRITE): return true
        case let other: throw PythonError(.value, "\(name) must be PyBUF_READ or PyBUF_WRITE, not \(other)")
        }
    }
}

/// The number of an address, from anything with `__index__`.
///
/// - Throws: `TypeError`; `OverflowError` for what is no address.
package func addressBits(of object: ObjectReference) throws(PythonError) -> UInt {
    let small = sb_small_address(object)
    if small != 0 { return UInt(small) }
    let number = try unsafe PythonObject(result: PyNumber_Index(object.pointer))
    // Swift sees C's `size_t` as an `Int`.
    let bits = UInt(bitPattern: unsafe PyLong_AsSize_t(number.pointer))
    if unsafe bits == .max && PyErr_Occurred() != nil { throw PythonError.pending() }
    return bits
}

/// The pointer to an address from which these bytes, counted from it, are memory.
///
/// - Throws: `ValueError` for null, unless there are no bytes, and for memory that reaches beyond the first or the last
///   address.
package func addressOf(_ bits: UInt, bytes: Range<Int>) throws(PythonError) -> UnsafeMutableRawPointer? {
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: bits) else {
        guard bytes.isEmpty else { throw PythonError(.value, "the address of \(bytes.count) bytes cannot be null") }
        return nil
    }
    guard bytes.lowerBound >= 0 || bits > bytes.lowerBound.magnitude else {
        throw PythonError(.value, "\(bytes.lowerBound.magnitude) bytes do not fit before the address \(bits)")
    }
    guard bytes.upperBound <= 0 || !bits.addingReportingOverflow(UInt(bytes.upperBound)).overflow else {
        throw PythonError(.value, "\(bytes.upperBound) bytes do not fit behind the address \(bits)")
    }
    return unsafe pointer
}
