// SPDX-License-Identifier: Apache-2.0
internal import CPython
package import CPythonShims

/// An extension module: multi-phase initialisation, usable in sub-interpreters with their own GIL and without a GIL.
///
/// Interpreters share nothing of it but its tables. The Python objects that it needs again, such as its types, are kept in
/// its state: one slot each, numbered by the author.
@safe
package struct ModuleDefinition: Sendable {
    /// CPython reads it in every interpreter, and writes its own part of it (`m_base`) under its own lock.
    private nonisolated(unsafe) let definition: UnsafeMutablePointer<SBModuleDefinition>

    /// - Parameters:
    ///   - name: the full name, package included.
    ///   - stateCount: how many objects the module keeps in its state.
    ///   - execute: fills a new module; a closure literal, usually around ``returningStatus(_:)``.
    package init(
        name: StaticString, documentation: String, stateCount: Int = 0, functions: [MethodDefinition] = [],
        execute: @escaping @convention(c) (ObjectReference) -> CInt
    ) {
        unsafe self.init(
            name: cString(name), documentation: documentation, stateCount: stateCount, idleCount: 0,
            functions: functions, context: nil, execute: execute)
    }

    /// A module without state, which `execute` fills as `context` says; see ``context(of:)``.
    package init(
        name: String, documentation: String, functions: [MethodDefinition], needs: ModuleNeeds = [],
        context: AnyObject, execute: @escaping @convention(c) (ObjectReference) -> CInt
    ) {
        unsafe self.init(
            name: permanentCString(name), documentation: documentation, stateCount: 0, idleCount: 0,
            functions: functions, needs: needs, context: Unmanaged.passRetained(context).toOpaque(), execute: execute)
    }

    /// A new module of this definition under its own name, filled, as an importer makes it.
    package func makeModule() throws(PythonError) -> PythonObject {
        let name = try unsafe PythonObject(String(cString: definition.pointee.base.m_name))
        let specClass = try PythonObject(importing: "importlib.machinery").attribute("ModuleSpec")
        let none = PythonObject.none
        let spec = try specClass.call(tuple: PythonObject(pair: name, none))
        let module = try unsafe PythonObject(result: sb_module_from_spec(base, spec.pointer))
        if unsafe PyModule_ExecDef(module.pointer, base) < 0 { throw PythonError.pending() }
        return module
    }

    /// What a module was defined with.
    ///
    /// - Precondition: the module was made by a ``ModuleDefinition`` with a context.
    package static func context(of module: ObjectReference) -> AnyObject? {
        guard let definition = unsafe PyModule_GetDef(module.pointer),
            let context = unsafe UnsafeMutableRawPointer(definition).assumingMemoryBound(to: SBModuleDefinition.self)
                .pointee.context
        else { return nil }
        return unsafe Unmanaged<AnyObject>.fromOpaque(context).takeUnretainedValue()
    }

    /// As ``init(name:documentation:stateCount:functions:execute:)``.
    ///
    /// - Parameter idleCount: how many of the objects in the state, the last ones, are idle instances of the module's
    ///   types, which wait to be used again. Such an object refers to nothing but its type, the collector does not track
    ///   it, and the state holds the only reference to it. They need a GIL, without which two threads could take one.
    package init(
        name: StaticString, documentation: String, stateCount: Int, idleCount: Int, functions: [MethodDefinition],
        execute: @escaping @convention(c) (ObjectReference) -> CInt
    ) {
        unsafe self.init(
            name: cString(name), documentation: documentation, stateCount: stateCount, idleCount: idleCount,
            functions: functions, context: nil, execute: execute)
    }

    private init(
        name: UnsafePointer<CChar>, documentation: String, stateCount: Int, idleCount: Int,
        functions: [MethodDefinition], needs: ModuleNeeds = [], context: UnsafeRawPointer?,
        execute: @escaping @convention(c) (ObjectReference) -> CInt
    ) {
        let prepare: @convention(c) (ObjectReference) -> CInt = { _ in
            PythonError.prepareOutOfRangeClass()
            return 0
        }
        let slots = UnsafeMutablePointer<PyModuleDef_Slot>.allocate(capacity: 5)
        unsafe slots.initialize(
            to: PyModuleDef_Slot(slot: sb_mod_exec(), value: unsafeBitCast(prepare, to: UnsafeMutableRawPointer.self)))
        unsafe (slots + 1).initialize(
            to: PyModuleDef_Slot(slot: sb_mod_exec(), value: unsafeBitCast(execute, to: UnsafeMutableRawPointer.self)))
        unsafe (slots + 2).initialize(
            to: PyModuleDef_Slot(
                slot: sb_mod_multiple_interpreters(),
                value: needs.contains(.mainInterpreter)
                    ? sb_mod_one_interpreter()
                    : needs.contains(.sharedGIL) ? sb_mod_shared_gil() : sb_mod_per_interpreter_gil()))
        unsafe (slots + 3).initialize(
            to: PyModuleDef_Slot(
                slot: sb_mod_gil(), value: needs.contains(.gil) ? sb_mod_gil_used() : sb_mod_gil_not_used()))
        unsafe (slots + 4).initialize(to: PyModuleDef_Slot(slot: 0, value: nil))

        unsafe definition = .allocate(capacity: 1)
        unsafe definition.initialize(to: SBModuleDefinition())
        unsafe sb_module_def_init(definition)
        unsafe definition.pointee.base.m_name = name
        unsafe definition.pointee.context = context
        unsafe definition.pointee.base.m_doc = permanentCString(documentation)
        unsafe definition.pointee.base.m_size = stateCount * MemoryLayout<ObjectReference?>.stride
        unsafe definition.pointee.idle_count = idleCount
        unsafe definition.pointee.base.m_methods = MethodDefinition.table(functions, receiver: "$module")
        unsafe definition.pointee.base.m_slots = slots
        unsafe definition.pointee.base.m_traverse = { module, visit, context in
            unsafe ModuleState(of: SBOptionalObject(pointer: module).object)?.visit(visit, context) ?? 0
        }
        unsafe definition.pointee.base.m_clear = { module in
            unsafe ModuleState(of: SBOptionalObject(pointer: module).object)?.clear()
            return 0
        }
        unsafe definition.pointee.base.m_free = { module in
            unsafe ModuleState(
                of: OptionalObjectReference(pointer: module?.assumingMemoryBound(to: PyObject.self)).object)?.clear()
        }
    }

    /// What `PyInit_<name>` returns.
    package func initialize() -> ObjectResult {
        sb_prepare()
        return unsafe ObjectResult(pointer: PyModuleDef_Init(base))
    }

    /// The definition as CPython knows it.
    private var base: UnsafeMutablePointer<PyModuleDef> {
        unsafe UnsafeMutableRawPointer(definition).assumingMemoryBound(to: PyModuleDef.self)
    }

    /// The object that this interpreter's module keeps at `index`; `nil` where the module is not imported, or has been
    /// cleared.
    package func object(at index: Int) -> PythonObject? {
        guard let module = try? unsafe PythonObject.imported(String(cString: definition.pointee.base.m_name)),
            // `sys.modules` may have anything under this name.
            unsafe PyModule_GetDef(module.pointer) == base,
            let object = unsafe ModuleState.objects(for: module.reference)?[index]
        else {
            PyErr_Clear()
            return nil
        }
        return PythonObject(borrowing: object)
    }
}

/// What a module cannot do without. One that needs nothing works in every interpreter, and without a GIL.
public struct ModuleNeeds: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// A GIL: a free-threaded CPython turns it on when it imports the module (`Py_MOD_GIL_USED`).
    public static var gil: Self { Self(rawValue: 1) }
    /// One GIL for all interpreters of the process: CPython 3.12 and newer refuse the import in one that has its own.
    public static var sharedGIL: Self { Self(rawValue: 2) }
    /// The main interpreter: every other refuses the import with `ImportError`.
    public static var mainInterpreter: Self { Self(rawValue: 4) }
}

/// The objects that one module keeps in one interpreter.
@safe
package struct ModuleState {
    private let slots: UnsafeMutablePointer<ObjectReference?>
    private let count: Int
    private let idleCount: Int

    /// The state of a module; `nil` before it has any.
    ///
    /// - Precondition: the module was made by a ``ModuleDefinition``.
    init?(of module: ObjectReference?) {
        guard let module, let state = unsafe PyModule_GetState(module.pointer),
            let definition = unsafe PyModule_GetDef(module.pointer)
        else { return nil }
        unsafe slots = state.assumingMemoryBound(to: ObjectReference?.self)
        count = unsafe definition.pointee.m_size / MemoryLayout<ObjectReference?>.stride
        idleCount = unsafe UnsafeMutableRawPointer(definition).assumingMemoryBound(to: SBModuleDefinition.self)
            .pointee.idle_count
    }

    /// The objects kept in the module that made `type`; `nil` if there is none any more.
    ///
    /// - Precondition: `type` was made by ``TypeDefinition/make(in:)``.
    @inlinable @inline(__always)
    package static func objects(
        of type: UnsafeMutablePointer<PyTypeObject>
    ) -> UnsafeMutablePointer<ObjectReference?>? {
        guard let state = unsafe sb_module_state(type) else { return nil }
        return unsafe state.assumingMemoryBound(to: ObjectReference?.self)
    }

    /// As ``objects(of:)``, for the module itself, or any instance of its types.
    @inlinable @inline(__always)
    package static func objects(for object: ObjectReference) -> UnsafeMutablePointer<ObjectReference?>? {
        let type = unsafe sb_type(object.pointer)
        guard unsafe type == sb_module_type() || PyType_IsSubtype(type, sb_module_type()) != 0 else {
            return unsafe objects(of: type)
        }
        return unsafe PyModule_GetState(object.pointer).map {
            unsafe $0.assumingMemoryBound(to: ObjectReference?.self)
        }
    }

    fileprivate func keep(_ object: consuming PythonObject, at index: Int) throws(PythonError) {
        guard (0..<count).contains(index) else {
            throw PythonError(.system, "the module was defined to keep \(count) objects, and has no place \(index)")
        }
        let former = unsafe slots[index]
        unsafe slots[index] = ObjectReference(pointer: object.intoPointer())
        // Dropping it may run code that asks for the new object.
        if let former { unsafe sb_decref(former.pointer) }
    }

    fileprivate func visit(_ visitor: visitproc?, _ context: UnsafeMutableRawPointer?) -> CInt {
        for index in 0..<count - idleCount {
            let status = unsafe PythonBuffers.visit(slots[index], visitor, context)
            if status != 0 { return status }
        }
        for index in count - idleCount..<count {
            // The collector does not traverse an object that it does not track: the reference that an idle instance
            // holds to its type is reported here.
            let status = unsafe visitType(of: slots[index], visitor, context)
            if status != 0 { return status }
        }
        return 0
    }

    /// Drops the objects, the idle ones last: once the types are gone, no instance becomes idle again.
    fileprivate func clear() {
        for index in 0..<count {
            guard let object = unsafe slots[index] else { continue }
            unsafe slots[index] = nil
            unsafe sb_decref(object.pointer)
        }
    }
}

/// A module while it is initialised.
@safe
package struct ModuleBuilder: ~Copyable {
    package let module: ObjectReference

    /// Whether this thread is attached to the main interpreter.
    package static var isInMainInterpreter: Bool { sb_is_main_interpreter() != 0 }

    package init(_ module: ObjectReference) {
        self.module = module
    }

    /// Adds an attribute.
    package func add(_ name: String, _ value: borrowing PythonObject) throws(PythonError) {
        let name = try PythonObject(name)
        if unsafe PyObject_SetAttr(module.pointer, name.pointer, value.pointer) < 0 { throw PythonError.pending() }
    }

    /// Keeps an object in the module's state, where functions and methods find it again.
    ///
    /// - Throws: `SystemError` for an index beyond the objects that the module was defined to keep.
    package func keep(_ object: consuming PythonObject, at index: Int) throws(PythonError) {
        guard let state = ModuleState(of: module) else {
            throw PythonError(.system, "the module was defined without state")
        }
        try state.keep(object, at: index)
    }

    /// Makes a type in this module and adds it under its own name.
    package func add(_ type: TypeDefinition) throws(PythonError) -> PythonObject {
        let object = try type.make(in: module)
        if unsafe PyModule_AddType(
            module.pointer, object.typePointer) < 0
        {
            throw PythonError.pending()
        }
        return object
    }
}

/// The module that a type of ours was made in, which the type keeps alive.
///
/// - Precondition: `type` was made by ``TypeDefinition/make(in:)``.
package func module(of type: ObjectReference) -> ObjectReference {
    unsafe ObjectReference(pointer: PyType_GetModule(type.typePointer)!)
}

/// The object kept at `index`, where it may be gone: code that runs while the interpreter shuts down, or while its module
/// is collected, must not rely on the module's state.
///
/// - Throws: `RuntimeError` if the module has been cleared.
/// - Precondition: `instance` is the module or an instance of its types, and the module was defined to keep so many.
package func moduleObject(_ index: Int, of instance: ObjectReference) throws(PythonError) -> ObjectReference {
    guard let object = unsafe ModuleState.objects(for: instance)?[index] else {
        throw PythonError(.runtime, "the module is being shut down")
    }
    return object
}
