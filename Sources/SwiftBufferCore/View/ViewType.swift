internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

extension ViewObject {
    nonisolated(unsafe) static let type = unsafe TypeDefinition(
        name: "swiftbuffer.View",
        documentation: """
            View(object)
            --

            See the memory of any object that exports a buffer, and share it: a memoryview without its refusals.

            Source: "MemoryView objects" in the C API manual, and ``memoryview`` in the library reference.
            """,
        basicSize: MemoryLayout<SBMemory>.size, itemSize: MemoryLayout<Int>.size,
        flags: [.sequence, .collected],
        slots: MemorySlots.slots + [
            .new { type, arguments, keywords in unsafe new(type, arguments, keywords) },
            unsafe .deallocate { unsafe deallocate($0) },
            unsafe .traverse { view, visitor, context in
                guard let view = unsafe view else { return 0 }
                let status = unsafe visitType(of: view, visitor, context)
                if status != 0 { return status }
                return unsafe visit(ArrayObject.fields(of: view).pointee.owner, visitor, context)
            },
            unsafe .clear { unsafe clear($0) },
            unsafe .representation { view in
                unsafe returningObject { () throws(PythonError) in try unsafe Memory(view!).representation("View") }
            },
            unsafe .hash { view in returningInteger { () throws(PythonError) in try unsafe Memory(view!).hash() } },
        ],
        methods: MemorySlots.methods + methods,
        properties: unsafe MemoryProperty.definitions + [
            PropertyDefinition("obj", "The object whose memory the view shows.") { view, _ in
                unsafe returningObject { () throws(PythonError) in
                    try unsafe Memory(view!).look { (contents) in
                        guard let object = unsafe sb_lease_buffer(contents.owner!).pointee.obj else { return .none }
                        return unsafe PythonObject(borrowing: object)
                    }
                }
            }
        ],
        weakReferenceOffset: sb_weak_reference_offset())

    nonisolated(unsafe) private static let methods: [MethodDefinition] =
        unsafe [
            releaseMethod.method {
                unsafe releaseMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try unsafe release(call.receiver)
                    return .none
                }
            },
            unsafe enter.method {
                unsafe enter.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try unsafe Memory(call.receiver).look { (_) in }
                    return unsafe PythonObject(borrowing: call.receiver)
                }
            },
            unsafe exit.method {
                unsafe exit.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try unsafe release(call.receiver)
                    return .none
                }
            },
        ]

    private static func new(
        _ type: UnsafeMutablePointer<PyTypeObject>?, _ arguments: ObjectPointer?, _ keywords: ObjectPointer?
    ) -> ObjectPointer? {
        unsafe returningObject { () throws(PythonError) in
            let type = unsafe UnsafeMutableRawPointer(type!).assumingMemoryBound(to: PyObject.self)
            let bound = try unsafe newView.bind(type, arguments!, keywords)
            return try unsafe make(ViewTypes(ofModuleOf: type), of: bound[0])
        }
    }
}

private let newView = Callable("View", "object", "")
private let releaseMethod = Callable(
    "release", "",
    "Release the buffer; what is asked of the view afterwards raises ValueError.\n\nRaises BufferError while buffers of the view are out.")
private let enter = Callable("__enter__", "", "Return the view itself.")
private let exit = Callable("__exit__", "type=None, value=None, traceback=None, /", "Release the view.")
