internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The types that views are made of, in one interpreter.
@safe
struct ViewTypes {
    let view: UnsafeMutablePointer<PyTypeObject>
    let lease: UnsafeMutablePointer<PyTypeObject>
    let array: ObjectPointer
    /// The module's, of which ``CoreState`` and ``IdleObjects`` say what stands where.
    let state: UnsafeMutablePointer<ObjectPointer?>

    /// - Parameter object: the module, or an instance of one of its types.
    /// - Throws: `RuntimeError` while the module is being shut down.
    init(near object: ObjectPointer) throws(PythonError) {
        try unsafe self.init(ModuleState.objects(near: object))
    }

    /// - Parameter type: one of the module's types itself.
    @inline(__always)
    init(ofModuleOf type: ObjectPointer) throws(PythonError) {
        try unsafe self.init(ModuleState.objects(of: typeObject(type)))
    }

    @inline(__always)
    private init(_ state: UnsafeMutablePointer<ObjectPointer?>?) throws(PythonError) {
        guard let state = unsafe state, let view = unsafe state[CoreState.viewType.rawValue],
            let lease = unsafe state[CoreState.leaseType.rawValue],
            let array = unsafe state[CoreState.arrayType.rawValue]
        else { throw Self.gone }
        unsafe self.view = typeObject(view)
        unsafe self.lease = typeObject(lease)
        unsafe self.array = array
        unsafe self.state = state
    }

    /// Whether an object is a view or an array.
    func areOf(_ object: ObjectPointer) -> Bool {
        unsafe sb_type(object) == view || sb_type(object) == typeObject(array)
    }

    private static var gone: PythonError {
        @inline(never)
        get { PythonError(.runtime, "the module is being shut down") }
    }
}

@inline(__always)
private func typeObject(_ object: ObjectPointer) -> UnsafeMutablePointer<PyTypeObject> {
    unsafe UnsafeMutableRawPointer(object).assumingMemoryBound(to: PyTypeObject.self)
}
