// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The classes that stand for Swift types in one interpreter: types of values, exceptions, enumerations.
///
/// They are kept in the interpreter's dictionary, under a name that only this extension uses.
enum InterpreterTable {
    /// The class of a Swift type; `nil` before its module is imported in this interpreter.
    static func find<Value: ~Copyable & ~Escapable & SendableMetatype>(_: Value.Type) throws(PythonError)
        -> PythonObject?
    {
        let key = try key(of: ObjectIdentifier(Value.self))
        return try dictionary().value(at: key)
    }

    /// The class of a Swift type, made by `make` the first time: a module that is imported again shows the same classes.
    static func find<Value: ~Copyable & ~Escapable & SendableMetatype>(
        _: Value.Type, orMake make: () throws -> PythonObject
    ) throws -> PythonObject {
        if let known = try find(Value.self) { return known }
        let made = try make()
        try dictionary().setValue(made, at: key(of: ObjectIdentifier(Value.self)))
        return made
    }

    /// The address of a Swift type tells the extensions of one process apart.
    private static func key(of value: ObjectIdentifier) throws(PythonError) -> PythonObject {
        try PythonObject("swiftbuffer.modules.\(UInt(bitPattern: value))")
    }

    private static func dictionary() throws(PythonError) -> PythonObject {
        guard let dictionary = unsafe PyInterpreterState_GetDict(PyInterpreterState_Get()) else {
            throw PythonError(.runtime, "this interpreter has no room for its extensions")
        }
        return unsafe PythonObject(borrowing: ObjectReference(pointer: dictionary))
    }
}
