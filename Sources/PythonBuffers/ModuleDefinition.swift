public import CPython
internal import CPythonShims

/// An extension module: multi-phase initialisation, usable in sub-interpreters with their own GIL and without a GIL.
@safe public struct ModuleDefinition {
    private let definition: UnsafeMutablePointer<PyModuleDef>

    public init(name: StaticString, execute: @escaping @convention(c) (UnsafeMutablePointer<PyObject>?) -> CInt) {
        let slots = UnsafeMutablePointer<PyModuleDef_Slot>.allocate(capacity: 4)
        unsafe slots[0] = unsafe PyModuleDef_Slot(
            slot: Py_mod_exec, value: unsafeBitCast(execute, to: UnsafeMutableRawPointer.self))
        unsafe slots[1] = unsafe PyModuleDef_Slot(
            slot: sb_mod_multiple_interpreters(), value: sb_mod_per_interpreter_gil())
        unsafe slots[2] = unsafe PyModuleDef_Slot(slot: sb_mod_gil(), value: sb_mod_gil_not_used())
        unsafe slots[3] = unsafe PyModuleDef_Slot(slot: 0, value: nil)
        unsafe definition = .allocate(capacity: 1)
        unsafe definition.initialize(to: PyModuleDef())
        unsafe sb_module_def_init(definition)
        unsafe definition.pointee.m_name = unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        unsafe definition.pointee.m_slots = unsafe slots
    }

    /// What `PyInit_<name>` returns.
    public func initialize() -> UnsafeMutablePointer<PyObject>? {
        unsafe PyModuleDef_Init(definition)
    }
}
