// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Python's `swiftbuffer.testing.staticarray`: an exporter that ignores the flags of a request, as early ones did.
///
/// It has an export record as every exporter here, but answers each request with all of its fields.
struct StaticArray: ~Copyable {
    let isLegacy: Bool

    static let type = TypeDefinition(
        name: "swiftbuffer.testing.staticarray",
        documentation: """
            staticarray(legacy_mode=False)
            --

            Export twelve read-only bytes, 0 to 11, with shape, strides and format whatever is requested.

            With legacy_mode the obj of the buffer is NULL: nothing keeps the exporter alive, and its release function is
            not called. O(1). Source: CPython's private _testbuffer.staticarray.
            """,
        basicSize: Instance<StaticArray>.size,
        slots: [
            .new { type, arguments, keywords in
                returningObject { () throws(PythonError) in
                    let call = try constructor.bind(type, tuple: arguments, dictionary: keywords)
                    return try Instance<StaticArray>.make(
                        of: type, StaticArray(isLegacy: call.bool(0, default: false)))
                }
            },
            .deallocate { Instance<StaticArray>.deallocate($0) },
            unsafe .buffer { exporter, view, _ in
                guard let exporter = unsafe exporter, let view = unsafe view else { return -1 }
                unsafe view.pointee = memory.answer
                let object = unsafe ObjectReference(pointer: exporter)
                if unsafe !Instance<StaticArray>.value(in: object).pointee.isLegacy {
                    unsafe view.pointee.obj = PythonObject(borrowing: object).intoPointer()
                }
                return 0
            },
        ])

    private static let memory = StaticMemory()
}

/// The memory of all static arrays, which lives as long as the process: in legacy mode nothing else keeps it.
@safe
private struct StaticMemory {
    private let bytes = StableValues<UInt8>(0..<12, padding: 0)
    private let dimensions = StableValues([12, 1], padding: 0)
    private let format = StableValues("B")

    var answer: Py_buffer {
        var answer = unsafe Py_buffer()
        unsafe answer.buf = UnsafeMutableRawPointer(bytes.start)
        unsafe answer.len = 12
        unsafe answer.itemsize = 1
        unsafe answer.readonly = 1
        unsafe answer.ndim = 1
        unsafe answer.format = format.start
        unsafe answer.shape = dimensions.start
        unsafe answer.strides = dimensions.start + 1
        return unsafe answer
    }
}

private let constructor = Callable("staticarray", "legacy_mode=False", "")
