internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Python's `swiftbuffer.testing.staticarray`: an exporter that looks at no flag, as old ones did.
///
/// Its export record lies in it as in every exporter, but it answers each request with the whole of it.
struct StaticArray: ~Copyable {
    let isLegacy: Bool

    nonisolated(unsafe) static let type = TypeDefinition(
        name: "swiftbuffer.testing.staticarray",
        documentation: """
            staticarray(legacy_mode=False)
            --

            Export twelve read-only bytes, 0 to 11, with shape, strides and format whatever is asked.

            In legacy mode the obj of the buffer is NULL: nothing keeps the exporter alive, and no release is told to
            it. Source: CPython's private _testbuffer.staticarray.
            """,
        basicSize: Instance<StaticArray>.size,
        slots: [
            .new { type, arguments, keywords in
                returningObject { () throws(PythonError) in
                    let type = unsafe UnsafeMutableRawPointer(type.pointer).assumingMemoryBound(to: PyObject.self)
                    let call = try unsafe constructor.bind(
                        ObjectReference(pointer: type), tuple: arguments, dictionary: keywords)
                    return try unsafe Instance<StaticArray>.make(
                        of: ObjectReference(pointer: type), StaticArray(isLegacy: call.bool(0, default: false)))
                }
            },
            .deallocate { Instance<StaticArray>.deallocate($0) },
            unsafe .buffer { object, view, _ in
                guard let object = unsafe object, let view = unsafe view else { return -1 }
                unsafe view.pointee = memory.answer
                if unsafe !Instance<StaticArray>.value(in: ObjectReference(pointer: object)).pointee.isLegacy {
                    unsafe sb_incref(object)
                    unsafe view.pointee.obj = object
                }
                return 0
            },
        ])

    nonisolated(unsafe) private static let memory = StaticMemory()
}

/// The memory of all static arrays, which lives as long as the process: in legacy mode nothing else keeps it.
@safe
private struct StaticMemory {
    let answer: Py_buffer

    init() {
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 12)
        for index in 0..<12 { unsafe (bytes + index).initialize(to: UInt8(index)) }
        let dimensions = UnsafeMutablePointer<Int>.allocate(capacity: 2)
        unsafe dimensions.initialize(to: 12)
        unsafe (dimensions + 1).initialize(to: 1)
        let format = UnsafeMutablePointer<CChar>.allocate(capacity: 2)
        unsafe format.initialize(to: CChar(UInt8(ascii: "B")))
        unsafe (format + 1).initialize(to: 0)
        var answer = unsafe Py_buffer()
        unsafe answer.buf = UnsafeMutableRawPointer(bytes)
        unsafe answer.len = 12
        unsafe answer.itemsize = 1
        unsafe answer.readonly = 1
        unsafe answer.ndim = 1
        unsafe answer.format = format
        unsafe answer.shape = dimensions
        unsafe answer.strides = dimensions + 1
        unsafe self.answer = answer
    }
}

private let constructor = Callable("staticarray", "legacy_mode=False", "")
