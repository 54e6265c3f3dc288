internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The types that views are made of, in one interpreter.
@safe
struct ViewTypes {
    let view: UnsafeMutablePointer<PyTypeObject>
    /// That of views without dimensions.
    let singleItemView: UnsafeMutablePointer<PyTypeObject>
    let lease: UnsafeMutablePointer<PyTypeObject>
    let array: ObjectReference
    /// The module's, laid out as ``CoreState`` and ``IdleObjects`` say.
    let state: UnsafeMutablePointer<ObjectReference?>

    /// - Parameter object: the module, or an instance of one of its types.
    /// - Throws: `RuntimeError` while the module is being shut down.
    init(for object: ObjectReference) throws(PythonError) {
        try unsafe self.init(ModuleState.objects(for: object))
    }

    /// - Parameter type: one of the module's types itself.
    @inline(__always)
    init(ofModuleOf type: ObjectReference) throws(PythonError) {
        try unsafe self.init(ModuleState.objects(of: typeObject(type)))
    }

    @inline(__always)
    private init(_ state: UnsafeMutablePointer<ObjectReference?>?) throws(PythonError) {
        guard let state = unsafe state, let view = unsafe state[CoreState.viewType.rawValue],
            let singleItemView = unsafe state[CoreState.singleItemViewType.rawValue],
            let lease = unsafe state[CoreState.leaseType.rawValue],
            let array = unsafe state[CoreState.arrayType.rawValue]
        else { throw Self.moduleEnded }
        unsafe self.view = typeObject(view)
        unsafe self.singleItemView = typeObject(singleItemView)
        unsafe self.lease = typeObject(lease)
        self.array = array
        unsafe self.state = state
    }

    /// Whether an object is a view or an array, with or without dimensions.
    func areOf(_ object: ObjectReference) -> Bool {
        unsafe isView(object) || PyType_IsSubtype(sb_type(object.pointer), typeObject(array)) != 0
    }

    /// Whether an object is a view, with or without dimensions.
    @inline(__always)
    func isView(_ object: ObjectReference) -> Bool {
        let type = unsafe sb_type(object.pointer)
        return unsafe type == view || type == singleItemView
    }

    private static var moduleEnded: PythonError {
        @inline(never)
        get { PythonError(.runtime, "the module is being shut down") }
    }
}

@inline(__always)
func typeObject(_ object: ObjectReference) -> UnsafeMutablePointer<PyTypeObject> {
    unsafe object.typePointer
}
