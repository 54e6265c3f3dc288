// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import PythonBuffers

/// Pickling: out of band under protocol 5, restored as an Array over the memory that the pickle brings. The pickle
/// holds the itemsize too, so that items of an unreadable format are restored.
enum Pickling {
    static let methods: [MethodDefinition] =
        [
            reduce.method {
                reduce.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try reduced(call.receiver, protocol: call.int(0))
                }
            }
        ]

    /// What pickle calls to make the array again, a function of the module.
    static let functions: [MethodDefinition] =
        [
            restore.method {
                restore.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let item: ItemFormat =
                        if call.optional(5) != nil {
                            try .reading(call.string(1), itemsize: call.int(5))
                        } else { try .parse(call.string(1)) }
                    let shape = try integersOf(call[2], "shape")
                    // None where the memory decides.
                    let isReadOnly: Bool? = if call.optional(4) != nil { try call.bool(4, default: false) } else { nil }
                    return try ArrayObject.restore(
                        call[0], for: call.receiver, shape: shape.span, item: item,
                        order: call.order(3, default: .c), isReadOnly: isReadOnly)
                }
            }
        ]

    private static func reduced(_ memory: ObjectReference, protocol version: Int) throws(PythonError) -> PythonObject {
        let module =
            if let module = try PythonObject.imported("swiftbuffer._core") { module } else {
                try PythonObject(importing: "swiftbuffer._core")
            }
        if let shared = try SharedArrays.reduced(memory, in: module) { return shared }
        let function = try module.attribute("_restore")
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
                        contents.types.array, of: memory, as: nil, order: isFortran ? .fortran : .c,
                        isReadOnly: contents.isReadOnly)
                }
            // Dask brings the bytes of what is not C-contiguous in C order.
            let carried = isFortran && version >= 5 ? try source.attribute("T") : source.copy()
            let payload =
                if version >= 5 {
                    try pickleBuffer(of: carried, contents)
                } else {
                    try unsafe MemoryObject(source.reference).bytes(order: isFortran ? .fortran : .c)
                }
            // Under protocol 5 the memory that is brought says whether it can be written; before, it is always bytes.
            let isReadOnly: PythonObject =
                version >= 5 && !contents.isReadOnly ? .none : PythonObject(contents.isReadOnly)
            // The format that the exporter means, where its text says something else.
            let text = contents.scalar == nil ? item.spelling : contents.formatText
            var arguments = try TupleBuilder(capacity: 6)
            arguments.append(payload)
            arguments.append(try PythonObject(text))
            arguments.append(try PythonObject(tuple: contents.layout.shape))
            arguments.append(try PythonObject(isFortran ? "F" : "C"))
            arguments.append(isReadOnly)
            arguments.append(try PythonObject(contents.itemsize))
            return arguments.finish()
        }
        return try PythonObject(pair: function, arguments)
    }

    /// A PickleBuffer of contiguous memory; that of small floats shows bytes, in whose format it is acquired.
    private static func pickleBuffer(
        of source: borrowing PythonObject, _ contents: borrowing MemoryObject.Contents
    ) throws(PythonError) -> PythonObject {
        guard contents.scalar?.type.isSmallFloat == true else {
            return try unsafe PythonObject(pickleBufferOf: source.reference)
        }
        let bytes = try unsafe MemoryObject(source.reference).cast(.of(.uint8), shape: nil, order: .c, strides: nil)
        return try unsafe PythonObject(pickleBufferOf: bytes.reference)
    }
}

extension ArrayObject {
    /// The array that a pickle describes, over the memory that the pickle brings: without a copy, and read-only where
    /// the memory is.
    ///
    /// - Parameters:
    ///   - exporter: contiguous memory with the bytes of all items, in whatever shape and format.
    ///   - isReadOnly: `nil` for what the memory is. `false` is for pickles that bring `bytes` whatever the array was:
    ///     read-only memory is copied then.
    /// - Throws: `BufferError` for memory that is not contiguous, `ValueError` for another number of bytes than the
    ///   items take, `NotImplementedError` for pointers to objects on either side, and as for
    ///   ``make(_:shape:item:order:contents:isReadOnly:)``.
    static func restore(
        _ exporter: ObjectReference, for module: ObjectReference, shape: Span<Int>, item: ItemFormat, order: Order,
        isReadOnly: Bool?
    ) throws(PythonError) -> PythonObject {
        let length = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(contiguous: shape, itemsize: item.format.itemsize, order: order).summary.byteCount
        }
        let buffer = try PythonBuffer(exporter)
        guard !buffer.mayHoldObjects else {
            throw PythonError(
                .notImplemented,
                "the buffer of the pickle has items of format '\(buffer.format)': references in it would not be "
                    + "counted")
        }
        guard buffer.isContiguous(.any) else {
            throw PythonError(.buffer, "the buffer of the pickle is not contiguous; bring a contiguous copy")
        }
        let memory = try BufferMemory(sharing: buffer)
        guard memory.byteCount == length else {
            throw PythonError(
                .value,
                "the pickle has \(length) bytes of items of format '\(item.spelling)', but its buffer has "
                    + "\(memory.byteCount) bytes")
        }
        guard isReadOnly == false && memory.isReadOnly else {
            return try make(
                for: module, adopting: memory, shape: shape, item: item, order: order, isReadOnly: isReadOnly ?? false)
        }
        let type = try moduleObject(CoreState.arrayType.rawValue, of: module)
        let array = try make(type, shape: shape, item: item, order: order, contents: .uninitialized)
        try unsafe MemoryObject(array.reference).withExportPinned { (contents) throws(PythonError) in
            guard let from = unsafe memory.address else { return }
            let to = unsafe contents.address
            // Of the same layout; their padding is copied too.
            try detached(if: length >= detachThreshold) { () throws(KernelError) in
                try unsafe Kernels.copy(from: from, layout: contents.layout, to: to, layout: contents.layout)
            }
        }
        return array
    }
}

extension PythonBuffer {
    /// Whether there may be pointers to Python objects among the items.
    fileprivate var mayHoldObjects: Bool {
        guard let text = unsafe view.pointee.format, unsafe Format.scalar(ofCString: text) == nil else { return false }
        return Format.mayHoldObjects(format)
    }
}

private let reduce = Callable(
    "__reduce_ex__", "protocol, /", "Return what pickle needs; under protocol 5 the memory travels out of band.")
private let restore = Callable(
    "_restore", "data, format, shape, order, readonly, itemsize=None, /",
    """
    Return the Array that pickle had taken apart, over the memory of ``data`` without a copy.

    ``readonly`` is None for an Array that is writable where ``data`` is, False for one that is always writable.
    """)
