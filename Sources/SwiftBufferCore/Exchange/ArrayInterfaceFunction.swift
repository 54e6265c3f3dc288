internal import BufferLayout
internal import PythonBuffers

/// `swiftbuffer.from_array_interface`.
enum ArrayInterfaceFunction {
    nonisolated(unsafe) static let definition: MethodDefinition =
        fromArrayInterface.method {
            fromArrayInterface.call($0, $1, $2, $3) { (call) throws(PythonError) in
                guard let interface = try call.object(0).attributeIfAny("__array_interface__") else {
                    throw PythonError(
                        .type,
                        "from_array_interface() takes an object with an __array_interface__, not "
                            + typeNameOf(call[0]))
                }
                guard unsafe interface.reference.isDictionary else {
                    throw PythonError(.type, "__array_interface__ must be a dict, not \(interface.typeName)")
                }
                return try view(of: call[0], interface, module: call.receiver)
            }
        }

    private static func view(
        of source: ObjectReference, _ interface: borrowing PythonObject, module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        guard let typestr = try entry("typestr", of: interface), let lengths = try entry("shape", of: interface) else {
            throw PythonError(.value, "__array_interface__ must have a 'shape' and a 'typestr'")
        }
        guard try entry("mask", of: interface) == nil else {
            throw PythonError(.value, "the array has a mask, which a buffer has not")
        }
        let type = try ArrayInterfaceType.itemType(
            typestr: typestr.string(), descr: entry("descr", of: interface))
        let item: ItemFormat =
            if case .scalar(let scalar, swapped: false) = type { .of(scalar) } else { ItemFormat(Format(type)) }
        guard !item.format.holdsObjects else {
            throw PythonError(.value, "the items are Python objects, which plain memory cannot hold")
        }
        let shape = try lengths.integers("shape")
        let strides: [Int]? =
            if let strides = try entry("strides", of: interface) { try strides.integers("strides") } else { nil }
        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            let itemsize = item.format.itemsize
            guard let strides else { return try Layout(shape: shape, itemsize: itemsize) }
            return try Layout(shape: shape, strides: strides, itemsize: itemsize)
        }
        let offset = if let offset = try entry("offset", of: interface) { try offset.int() } else { 0 }
        let data = try entry("data", of: interface)
        let (memory, first) = try memory(of: source, interface, data, offset: offset, layout)
        let description = try BufferDescription(
            memory, offset: first, layout: layout, item: item.format, format: item.spelling,
            isReadOnly: memory.isReadOnly)
        return try ForeignMemory.view(of: description, for: module)
    }

    /// The memory, and the place of item `(0, ..., 0)` in it.
    private static func memory(
        of source: ObjectReference, _ interface: borrowing PythonObject, _ data: consuming PythonObject?, offset: Int,
        _ layout: Layout
    ) throws(PythonError) -> (BufferMemory, Int) {
        guard let data else {
            return (try BufferMemory(sharing: PythonObject(borrowing: source)), offset)
        }
        guard data.isTuple else { return (try BufferMemory(sharing: data), offset) }
        guard data.tupleCount == 2 else {
            throw PythonError(.value, "'data' of __array_interface__ must be an address and whether it is read-only")
        }
        let bytes = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.byteExtent ?? 0..<0 }
        let address = try unsafe addressOf(addressBits(of: data.tupleItem(0)), bytes: bytes)
        let isReadOnly = try data.retainedTupleItem(1).truth()
        // The address is that of the first item: NumPy knows no offset beside it. The object keeps the memory, or what
        // it has put into the dictionary does.
        let owner = try unsafe PythonObject(tupleOf: source, interface.reference)
        let memory = unsafe BufferMemory(
            adopting: address.map { unsafe $0 + bytes.lowerBound }, byteCount: bytes.count, isReadOnly: isReadOnly,
            owner: owner)
        return (memory, -bytes.lowerBound)
    }

    /// An entry that is there and is not `None`.
    private static func entry(
        _ name: String, of interface: borrowing PythonObject
    ) throws(PythonError) -> PythonObject? {
        guard let value = try interface.value(at: PythonObject(name)), !value.isNone else { return nil }
        return value
    }
}

private let fromArrayInterface = Callable(
    "from_array_interface", "x, /",
    """
    Return a View of the memory that ``x.__array_interface__`` describes, without a copy: the items of images,
    geometries and arrays of libraries that export neither buffers nor tensors.

    The view keeps the object, or the buffer that the interface names. It is writable if the interface says so. Where
    'data' is an address, nothing can check it, and that the object does not move its memory. Fields of records are
    those of 'descr'. O(1).

    Raises TypeError for an object without the interface, ValueError for types without a format (dates, objects), masks,
    and numbers that contradict each other, BufferError for items outside of the buffer that the interface names, and
    what the object raises.

    >>> array = swiftbuffer.array([[1, 2, 3], [4, 5, 6]])
    >>> swiftbuffer.from_array_interface(array)[1].tolist()
    [4, 5, 6]

    Source: the array interface protocol, version 3, in NumPy's manual.
    """)
