internal import CPython
internal import CPythonShims
internal import PythonBuffers

// What is asked of Python objects that describe types: those of NumPy and ctypes, neither of which is imported for it.

extension PythonObject {
    /// A module that somebody has imported; `nil` where nobody has.
    static func imported(_ name: String) throws(PythonError) -> PythonObject? {
        let key = try PythonObject(name)
        guard let module = unsafe PyImport_GetModule(key.pointer) else {
            if unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
            return nil
        }
        let object = unsafe PythonObject(owning: module)
        if object.isNone { return nil }
        return object
    }

    /// Whether the object is an instance of a type that a module has under this name; Python code never runs.
    func isInstance(of name: String, in module: borrowing PythonObject) throws(PythonError) -> Bool {
        guard let type = try module.attributeIfAny(name), type.reference.isType else { return false }
        return unsafe PyType_IsSubtype(sb_type(pointer), type.asType) != 0
    }

    /// Whether the object is a type, and one that a module has under this name or derived from it.
    func isSubtype(of name: String, in module: borrowing PythonObject) throws(PythonError) -> Bool {
        guard unsafe sb_is_type(ObjectReference(pointer: pointer)) != 0, let type = try module.attributeIfAny(name),
            type.reference.isType
        else { return false }
        return unsafe PyType_IsSubtype(asType, type.asType) != 0
    }

    /// - Precondition: the object is a type.
    private var asType: UnsafeMutablePointer<PyTypeObject> {
        unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: PyTypeObject.self)
    }

    /// - Precondition: the object is a tuple with an item at `index`.
    func retainedTupleItem(_ index: Int) -> PythonObject { PythonObject(borrowing: tupleItem(index)) }

    /// `object[key]`; `nil` where a mapping has no such key.
    func value(at key: borrowing PythonObject) throws(PythonError) -> PythonObject? {
        guard let value = unsafe PyObject_GetItem(pointer, key.pointer) else {
            let error = PythonError.pending()
            guard error.matches(.key) else { throw error }
            return nil
        }
        return unsafe PythonObject(owning: value)
    }
}
