// SPDX-License-Identifier: Apache-2.0
internal import CPython
public import CPythonShims

extension PythonObject {
    /// `None`.
    public static var none: PythonObject { unsafe PythonObject(borrowing: ObjectReference(pointer: sb_none())) }

    /// `NotImplemented`, which a binary operator returns for operands that it does not support.
    public static var notImplemented: PythonObject {
        unsafe PythonObject(borrowing: ObjectReference(pointer: sb_not_implemented()))
    }

    /// `True` or `False`.
    public init(_ value: Bool) {
        self.init(borrowing: unsafe ObjectReference(pointer: value ? sb_true() : sb_false()))
    }

    /// An `int`.
    ///
    /// - Throws: `MemoryError`.
    @inlinable public init(_ value: Int) throws(PythonError) {
        try unsafe self.init(result: ObjectPointer(bitPattern: sb_new_word(value)))
    }

    /// A `float`.
    ///
    /// - Throws: `MemoryError`.
    public init(_ value: Double) throws(PythonError) {
        try unsafe self.init(result: PyFloat_FromDouble(value))
    }

    /// A `str` of a C string in UTF-8.
    ///
    /// - Throws: `MemoryError`, `UnicodeDecodeError`.
    @unsafe
    package init(text: UnsafePointer<CChar>) throws(PythonError) {
        try unsafe self.init(result: PyUnicode_FromString(text))
    }

    /// A `str`.
    ///
    /// - Throws: `MemoryError`.
    public init(_ text: String) throws(PythonError) {
        var text = text
        try unsafe self.init(
            result: text.withUTF8 {
                unsafe PyUnicode_DecodeUTF8(
                    UnsafeRawPointer($0.baseAddress)?.assumingMemoryBound(to: CChar.self), $0.count, "replace")
            })
    }

    /// A `bytes` object with a copy of the memory.
    public init(bytes: RawSpan) throws(PythonError) {
        try unsafe self.init(
            result: bytes.withUnsafeBytes {
                unsafe PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
            })
    }

    /// A tuple of integers, as a shape or strides are shown.
    package init(tuple values: Span<Int>) throws(PythonError) {
        try unsafe self.init(
            result: values.withUnsafeBufferPointer { unsafe sb_new_index_tuple($0.baseAddress, $0.count) })
    }

    /// A tuple of integers read from memory of `count` entries; `None` for NULL.
    package init(tupleAt values: UnsafePointer<Int>?, count: Int) throws(PythonError) {
        guard let values = unsafe values else {
            self = .none
            return
        }
        try unsafe self.init(tuple: Span(_unsafeStart: values, count: max(count, 0)))
    }

    /// The integer of any object with `__index__`.
    ///
    /// - Parameter overflow: what is thrown for an integer that a machine word cannot hold.
    /// - Throws: also what `__index__` raises.
    public func int(overflow: PythonError.Kind = .overflow) throws(PythonError) -> Int {
        try unsafe intValue(of: reference, overflow: overflow)
    }

    /// The text of a `str`.
    public func string() throws(PythonError) -> String {
        try unsafe stringValue(of: reference)
    }

    /// Whether the object is true (Python's `bool(object)`).
    public func truth() throws(PythonError) -> Bool {
        try unsafe reference.truth()
    }
}

/// `operator.index(object)` as a machine word.
@usableFromInline package func intValue(
    of object: ObjectReference, overflow: PythonError.Kind = .overflow
) throws(PythonError) -> Int {
    guard let exception = unsafe overflow.exception else { throw PythonError.pending() }
    let value = unsafe PyNumber_AsSsize_t(object.pointer, exception)
    if unsafe value == -1 && PyErr_Occurred() != nil { throw PythonError.pending() }
    return value
}

/// The text of a `str`; `TypeError` for any other object.
@usableFromInline package func stringValue(of object: ObjectReference) throws(PythonError) -> String {
    guard object.isString else {
        throw PythonError(.type, "expected a str, not \(typeNameOf(object))")
    }
    var count = 0
    guard let utf8 = unsafe PyUnicode_AsUTF8AndSize(object.pointer, &count) else { throw PythonError.pending() }
    return unsafe String(decoding: UnsafeRawBufferPointer(start: utf8, count: count), as: UTF8.self)
}
