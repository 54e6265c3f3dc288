// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// The bits of the integer that a Python object is, or has by `__index__`.
///
/// - Parameter place: what the value is written to, as errors name it.
/// - Throws: `TypeError` for an object that is not an integer, `OutOfRangeError` for one outside of the range.
func integerBits(
    of object: ObjectReference, from lowest: Int64, to highest: UInt64, _ place: Destination
) throws(PythonError) -> UInt64 {
    guard object.isIndex else {
        throw PythonError(.type, "invalid type for \(place.text): expected an int, not \(typeNameOf(object))")
    }
    let index = try unsafe PythonObject(result: PyNumber_Index(object.pointer))
    var overflow: CInt = 0
    let value = unsafe PyLong_AsLongLongAndOverflow(index.pointer, &overflow)
    if overflow == 0 {
        if value >= lowest && (value < 0 || UInt64(value) <= highest) { return UInt64(bitPattern: value) }
    } else if overflow > 0 && highest == .max {
        let wide = unsafe PyLong_AsUnsignedLongLong(index.pointer)
        if unsafe PyErr_Occurred() == nil { return wide }
        PyErr_Clear()
    }
    throw PythonError(
        .outOfRange, "invalid value for \(place.text): it must be between \(lowest) and \(highest)")
}
