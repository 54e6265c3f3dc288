internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Pickling: the memory travels out of band under protocol 5, and comes back as an Array. Its itemsize travels too, so that
/// items whose format cannot be read come back as they were.
enum Pickling {
    nonisolated(unsafe) static let methods: [MethodDefinition] =
        [
            reduce.method {
                reduce.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try reduced(call.receiver, protocol: call.int(0))
                }
            }
        ]

    /// What pickle calls to make the array again, a function of the module.
    nonisolated(unsafe) static let functions: [MethodDefinition] =
        [
            restore.method {
                restore.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let item: ItemFormat =
                        if call.optional(5) != nil {
                            try ItemFormat(reading: call.string(1), itemsize: call.int(5))
                        } else { try .parse(call.string(1)) }
                    let shape = try integersOf(call[2], "shape")
                    let array = try ArrayObject.make(
                        moduleObject(CoreState.arrayType.rawValue, of: call.receiver), shape: shape.span, item: item,
                        order: call.order(3, default: .c), contents: .uninitialized)
                    let memory = MemoryObject(array.reference)
                    let order = try call.order(3, default: .c)
                    let bytes = try memory.cast(.of(.uint8), shape: nil, order: order, strides: nil)
                    // Out of band the memory comes back in the shape that it went in.
                    let types = try ViewTypes(for: call.receiver)
                    let source = try ViewObject.make(types, of: call[0])
                    let flat = try MemoryObject(source.reference).cast(
                        .of(.uint8), shape: nil, order: .any, strides: nil)
                    try MemoryObject(bytes.reference).copyExactly(from: flat.reference, by: nil)
                    // The view's lease is an export, and the array must have none when it is frozen.
                    _ = consume bytes
                    if try call.bool(4, default: false) {
                        unsafe try memory.change { (fields) in unsafe fields.pointee.record.readonly = 1 }
                    }
                    return array
                }
            }
        ]

    private static func reduced(_ memory: ObjectReference, protocol version: Int) throws(PythonError) -> PythonObject {
        let module = try unsafe PythonObject(result: PyImport_ImportModule("swiftbuffer._core"))
        let function = try unsafe PythonObject(result: PyObject_GetAttrString(module.pointer, "_restore"))
        let arguments = try unsafe PythonObject(result: PyTuple_New(6))
        // Held, so that the shape is still that of the items when they are taken.
        try MemoryObject(memory).withExportPinned { (contents) throws(PythonError) in
            let item = try contents.storedItem
            try contents.checkHoldsNoObjects()
            let isFortran = contents.layout.resolved(.any) == .fortran
            // A buffer that is not contiguous cannot travel as it is, nor one with more bytes than its items take.
            let isContiguous = contents.layout.isCContiguous || contents.layout.isFContiguous
            let source =
                if isContiguous && (try? contents.layout.byteCount) == contents.length {
                    PythonObject(borrowing: memory)
                } else {
                    try ArrayObject.copy(
                        contents.types.array, of: memory, as: nil, order: .c, isReadOnly: true)
                }
            let payload =
                if version >= 5 {
                    try unsafe PythonObject(result: PyPickleBuffer_FromObject(source.pointer))
                } else {
                    try MemoryObject(source.reference).bytes(order: isFortran ? .fortran : .c)
                }
            // What the exporter means, where its own format says something else.
            let text = contents.scalar == nil ? item.spelling : contents.formatText
            unsafe sb_tuple_set(arguments.pointer, 0, payload.intoPointer())
            unsafe sb_tuple_set(arguments.pointer, 1, try PythonObject(text).intoPointer())
            unsafe sb_tuple_set(arguments.pointer, 2, try PythonObject(tuple: contents.layout.shape).intoPointer())
            unsafe sb_tuple_set(arguments.pointer, 3, try PythonObject(isFortran ? "F" : "C").intoPointer())
            unsafe sb_tuple_set(arguments.pointer, 4, PythonObject(contents.isReadOnly).intoPointer())
            unsafe sb_tuple_set(arguments.pointer, 5, try PythonObject(contents.itemsize).intoPointer())
        }
        let result = try unsafe PythonObject(result: PyTuple_New(2))
        unsafe sb_tuple_set(result.pointer, 0, function.intoPointer())
        unsafe sb_tuple_set(result.pointer, 1, arguments.intoPointer())
        return result
    }
}

private let reduce = Callable(
    "__reduce_ex__", "protocol, /", "Return what pickle needs; under protocol 5 the memory travels out of band.")
private let restore = Callable(
    "_restore", "data, format, shape, order, readonly, itemsize=None, /",
    "Return the Array that pickle had taken apart.")
