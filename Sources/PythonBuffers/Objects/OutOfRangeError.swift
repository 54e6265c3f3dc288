// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

// The exception for a value that does not fit in its format.

extension PythonError {
    /// The class of ``Kind/outOfRange``, to be shown by a module: `swiftbuffer.OutOfRangeError`, a `ValueError` and an
    /// `OverflowError` both.
    ///
    /// Each interpreter has one, whichever extension needs it first, so that `except swiftbuffer.OutOfRangeError` catches
    /// what any of them raises. The package need not have been imported.
    package static func outOfRangeClass() throws(PythonError) -> PythonObject {
        guard let dictionary = unsafe PyInterpreterState_GetDict(PyInterpreterState_Get()) else {
            throw PythonError(.runtime, "this interpreter has no room for its extensions")
        }
        let key = try PythonObject(dictionaryKey)
        if let known = unsafe PyDict_GetItemWithError(dictionary, key.pointer) {
            return unsafe PythonObject(borrowing: ObjectReference(pointer: known))
        }
        if unsafe PyErr_Occurred() != nil { throw pending() }
        let bases = try unsafe PythonObject(
            tupleOf: ObjectReference(pointer: sb_exc_value_error()), ObjectReference(pointer: sb_exc_overflow_error()))
        let made = try unsafe PythonObject(
            result: PyErr_NewExceptionWithDoc(
                "swiftbuffer.OutOfRangeError",
                """
                A value that does not fit in its format: a number out of range, or a string that is too long.

                memoryview raises ValueError there, struct and NumPy raise OverflowError: this is both.

                >>> swiftbuffer.zeros(1, 'B')[0] = 256
                Traceback (most recent call last):
                    ...
                swiftbuffer.OutOfRangeError: invalid value for format 'B': it must be between 0 and 255
                """, bases.pointer, nil))
        // Another thread may have been first; the class is never replaced.
        guard let kept = unsafe PyDict_SetDefault(dictionary, key.pointer, made.pointer) else { throw pending() }
        return unsafe PythonObject(borrowing: ObjectReference(pointer: kept))
    }

    /// Versions of this library that share the class use the same number. It changes with what programs rely on: the
    /// bases and the name.
    private static var dictionaryKey: String { "swiftbuffer.OutOfRangeError.1" }

    /// Makes CPython create the interpreter's dictionary, which it does at the first request, in 3.13 without a lock: two
    /// threads that come first together would get two.
    ///
    /// A failure is ignored here, and found by ``outOfRangeClass()``.
    ///
    /// - Precondition: called while a module is executed, before another thread can know the module.
    static func prepareOutOfRangeClass() {
        _ = unsafe PyInterpreterState_GetDict(PyInterpreterState_Get())
    }
}
