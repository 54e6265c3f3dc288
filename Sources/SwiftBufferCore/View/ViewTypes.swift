// SPDX-License-Identifier: Apache-2.0
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
        try unsafe self.init(ModuleState.objects(of: type.typePointer))
    }

    @inline(__always)
    private init(_ state: UnsafeMutablePointer<ObjectReference?>?) throws(PythonError) {
        guard let state = unsafe state, let view = unsafe state[CoreState.viewType.rawValue],
            let singleItemView = unsafe state[CoreState.singleItemViewType.rawValue],
            let lease = unsafe state[CoreState.leaseType.rawValue],
            let array = unsafe state[CoreState.arrayType.rawValue]
        else { throw Self.moduleEnded }
        unsafe self.view = view.typePointer
        unsafe self.singleItemView = singleItemView.typePointer
        unsafe self.lease = lease.typePointer
        self.array = array
        unsafe self.state = state
    }

    /// An object that the module keeps, made at its first use.
    func kept(
        _ place: CoreState, _ make: () throws(PythonError) -> PythonObject
    ) throws(PythonError) -> PythonObject {
        let slot = unsafe UnsafeRawPointer(state + place.rawValue).assumingMemoryBound(to: KeptObject.self)
        return try unsafe slot.pointee.object(make)
    }

    /// Whether an object is a view or an array, with or without dimensions.
    func areOf(_ object: ObjectReference) -> Bool {
        isView(object) || object.type.isSubtype(of: array)
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
