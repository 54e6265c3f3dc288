// SPDX-License-Identifier: Apache-2.0
internal import CPython
public import CPythonShims

// The same questions, to a borrowed reference.

extension ObjectReference {
    /// `hasattr(object, name)`; any error counts as no.
    package func hasAttribute(_ name: String) -> Bool {
        unsafe name.withCString { unsafe PyObject_HasAttrString(pointer, $0) != 0 }
    }

    /// The start, stop and step of a slice, `None` replaced and bounds beyond a machine word clamped.
    ///
    /// - Throws: `ValueError` for a step of zero, `TypeError` for bounds without `__index__`.
    /// - Precondition: ``isSlice``.
    package func sliceBounds() throws(PythonError) -> (start: Int, stop: Int, step: Int) {
        var start = 0
        var stop = 0
        var step = 0
        if unsafe PySlice_Unpack(pointer, &start, &stop, &step) < 0 { throw PythonError.pending() }
        return (start, stop, step)
    }

    /// `tuple(object)`
    package func asTuple() throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PySequence_Tuple(pointer))
    }

    /// Whether a type is another one or derived from it; no Python code runs.
    ///
    /// - Precondition: both are types.
    package func isSubtype(of type: ObjectReference) -> Bool {
        unsafe PyType_IsSubtype(typePointer, type.typePointer) != 0
    }

    /// Whether the object is a number. Source: `PyNumber_Check`.
    package var isNumber: Bool { unsafe PyNumber_Check(pointer) != 0 }

    /// Whether it is the other object or equals it: containers find their items by this. Source:
    /// `PyObject_RichCompareBool`.
    package func isSameOrEqual(to other: ObjectReference) throws(PythonError) -> Bool {
        let result = unsafe PyObject_RichCompareBool(pointer, other.pointer, Py_EQ)
        if result < 0 { throw PythonError.pending() }
        return result != 0
    }

    /// `object[start:stop]`
    package func slice(_ range: Range<Int>) throws(PythonError) -> PythonObject {
        let start = try PythonObject(range.lowerBound)
        let stop = try PythonObject(range.upperBound)
        let slice = try unsafe PythonObject(result: PySlice_New(start.pointer, stop.pointer, nil))
        return try unsafe PythonObject(result: PyObject_GetItem(pointer, slice.pointer))
    }

    /// The items of any iterable, in a new list.
    package func copyAsList() throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PySequence_List(pointer))
    }

    /// A copy of a dictionary.
    package func copyOfDictionary() throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyDict_Copy(pointer))
    }

    /// `operator.index(object)`, clamped to a machine word.
    package func clampedInt() throws(PythonError) -> Int {
        let value = unsafe PyNumber_AsSsize_t(pointer, nil)
        if value == -1, unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
        return value
    }

    /// `repr(object)`
    package func representation() throws(PythonError) -> String {
        try unsafe PythonObject(result: PyObject_Repr(pointer)).string()
    }

    /// `hash(object)`
    package func hash() throws(PythonError) -> Int {
        let hash = unsafe PyObject_Hash(pointer)
        if hash == -1 { throw PythonError.pending() }
        return hash
    }

    /// `object.__float__()`. Source: `PyFloat_AsDouble`.
    @usableFromInline package func double() throws(PythonError) -> Double {
        let number = unsafe PyFloat_AsDouble(pointer)
        if number == -1, unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
        return number
    }

    /// The value as a complex number. Source: `PyComplex_AsCComplex`.
    package func complex() throws(PythonError) -> (real: Double, imaginary: Double) {
        let number = unsafe PyComplex_AsCComplex(pointer)
        if number.real == -1, unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
        return (number.real, number.imag)
    }

    /// The single byte of a `bytes` object of length 1; `nil` for any other object.
    package var singleByte: UInt8? {
        guard isBytes, unsafe sb_bytes_count(pointer) == 1 else { return nil }
        return unsafe UInt8(bitPattern: sb_bytes_address(pointer).pointee)
    }

    /// An `int` as a machine word; `nil` if it does not fit.
    ///
    /// - Precondition: ``isInt``.
    package var int64: Int64? {
        var overflow: CInt = 0
        let value = unsafe PyLong_AsLongLongAndOverflow(pointer, &overflow)
        return overflow == 0 ? value : nil
    }

    /// An `int` as an unsigned word; `nil` if it does not fit.
    ///
    /// - Precondition: ``isInt``.
    package var uint64: UInt64? {
        let value = unsafe PyLong_AsUnsignedLongLong(pointer)
        if value == .max, unsafe PyErr_Occurred() != nil {
            PyErr_Clear()
            return nil
        }
        return value
    }
}

// Methods by their interned names, which are called without an object for the method.

extension ObjectReference {
    /// `object.method()`
    package func call(method: ObjectReference) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyObject_CallMethodNoArgs(pointer, method.pointer))
    }

    /// `object.method(name=value)`
    ///
    /// - Parameter names: a tuple of the name.
    package func call(
        method: ObjectReference, _ value: ObjectReference, names: ObjectReference
    ) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(
            result: sb_call_with_keyword(pointer, method.pointer, value.pointer, names.pointer))
    }
}

extension ObjectReference {
    /// Whether a `str` is a text of ASCII characters.
    ///
    /// - Precondition: ``isString``.
    @inlinable @inline(__always)
    package func isText(_ text: StaticString) -> Bool {
        let characters = unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
        return unsafe sb_is_text(self, characters, text.utf8CodeUnitCount) != 0
    }
}
