internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Pickling: out of band under protocol 5, restored as an Array. The pickle holds the itemsize too, so that items of an
/// unreadable format are restored.
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
                    let memory = unsafe MemoryObject(array.reference)
                    let order = try call.order(3, default: .c)
                    let bytes = try memory.cast(.of(.uint8), shape: nil, order: order, strides: nil)
                    // Out-of-band memory is restored in its own shape.
                    let types = try ViewTypes(for: call.receiver)
                    let source = try ViewObject.make(types, of: call[0])
                    let flat = try unsafe MemoryObject(source.reference).cast(
                        .of(.uint8), shape: nil, order: .any, strides: nil)
                    try unsafe MemoryObject(bytes.reference).copyExactly(from: flat.reference, by: nil)
                    // The view's lease is an export, and the array must have none when it is frozen.
                    _ = consume bytes
                    if try call.bool(4, default: false) {
                        try unsafe memory.change { (fields) in unsafe fields.pointee.record.readonly = 1 }
                    }
                    return array
                }
            }
        ]

    private static func reduced(_ memory: ObjectReference, protocol version: Int) throws(PythonError) -> PythonObject {
        let function = try PythonObject(importing: "swiftbuffer._core").attribute("_restore")
        // Pinned, so that the shape and the items belong together.
        let arguments = try MemoryObject(memory).withExportPinned { (contents) throws(PythonError) in
            let item = try contents.storedItem
            try contents.checkHoldsNoObjects()
            let isFortran = contents.layout.resolved(.any) == .fortran
            // PickleBuffer needs contiguous memory that its items fill.
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
                    try unsafe PythonObject(pickleBufferOf: source.reference)
                } else {
                    try unsafe MemoryObject(source.reference).bytes(order: isFortran ? .fortran : .c)
                }
            // The format that the exporter means, where its text says something else.
            let text = contents.scalar == nil ? item.spelling : contents.formatText
            var arguments = try TupleBuilder(capacity: 6)
            arguments.append(payload)
            arguments.append(try PythonObject(text))
            arguments.append(try PythonObject(tuple: contents.layout.shape))
            arguments.append(try PythonObject(isFortran ? "F" : "C"))
            arguments.append(PythonObject(contents.isReadOnly))
            arguments.append(try PythonObject(contents.itemsize))
            return arguments.finish()
        }
        return try PythonObject(pair: function, arguments)
    }
}

private let reduce = Callable(
    "__reduce_ex__", "protocol, /", "Return what pickle needs; under protocol 5 the memory travels out of band.")
private let restore = Callable(
    "_restore", "data, format, shape, order, readonly, itemsize=None, /",
    "Return the Array that pickle had taken apart.")
