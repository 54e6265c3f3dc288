// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// `swiftbuffer.from_array_interface`.
enum ArrayInterfaceFunction {
    static let definition: MethodDefinition =
        fromArrayInterface.method {
            if let source = FastArguments.only($1, $2, $3) {
                let module = $0
                return returningObject { () throws(PythonError) in try view(of: source, module) }
            }
            return fromArrayInterface.call($0, $1, $2, $3) { (call) throws(PythonError) in
                try view(of: call[0], call.receiver)
            }
        }

    private static func view(
        of source: ObjectReference, _ module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(for: module)
        let names = try ExchangeNames(types)
        guard let interface = try PythonObject(borrowing: source).attributeIfAny(names[.arrayInterface]) else {
            throw PythonError(
                .type, "from_array_interface() takes an object with an __array_interface__, not " + typeNameOf(source))
        }
        guard unsafe interface.reference.isDictionary else {
            throw PythonError(.type, "__array_interface__ must be a dict, not \(interface.typeName)")
        }
        let exporter = try exporter(of: source, interface, names, module)
        return try unsafe ViewObject.make(types, of: exporter.reference)
    }

    private static func exporter(
        of source: ObjectReference, _ interface: borrowing PythonObject, _ names: borrowing ExchangeNames,
        _ module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        guard let typestr = try interface.entry(names[.typestr]), let lengths = try interface.entry(names[.shape])
        else {
            throw PythonError(.value, "__array_interface__ must have a 'shape' and a 'typestr'")
        }
        guard try interface.entry(names[.mask]) == nil else {
            throw PythonError(.value, "the array has a mask, which a buffer has not")
        }
        let item = try item(typestr, interface, names)
        guard !item.format.holdsObjects else {
            throw PythonError(.value, "the items are Python objects, which plain memory cannot hold")
        }
        let strides: [Int]? =
            if let strides = try interface.entry(names[.strides]) { try strides.integers("strides") } else { nil }
        let layout = try layout(lengths, strides, itemsize: item.format.itemsize)
        let offset = if let offset = try interface.entry(names[.offset]) { try offset.int() } else { 0 }
        guard let data = try interface.entry(names[.data]) else {
            let memory = try BufferMemory(sharing: PythonObject(borrowing: source))
            return try exporter(of: memory, offset, layout, item, module)
        }
        guard data.isTuple else {
            return try exporter(of: BufferMemory(sharing: data), offset, layout, item, module)
        }
        guard data.tupleCount == 2 else {
            throw PythonError(.value, "'data' of __array_interface__ must be an address and whether it is read-only")
        }
        let bytes = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.byteExtent ?? 0..<0 }
        let address = try unsafe addressOf(addressBits(of: data.tupleItem(0)), bytes: bytes)
        let isReadOnly = try data.retainedTupleItem(1).truth()
        // The address is that of the first item: NumPy knows no offset beside it. The object keeps the memory, or what
        // it has put into the dictionary does.
        return try unsafe ForeignMemory.exporter(
            at: address, layout: layout, item: item, isReadOnly: isReadOnly, owner: source,
            companion: interface.reference, for: module)
    }

    private static func item(
        _ typestr: borrowing PythonObject, _ interface: borrowing PythonObject, _ names: borrowing ExchangeNames
    ) throws(PythonError) -> ItemFormat {
        if let scalar = unsafe ArrayInterfaceType.plainScalar(typestr: typestr.reference) { return .of(scalar) }
        let text = try typestr.string()
        var type = try ArrayInterfaceType.itemType(typestr: text)
        if case .void = type {
            type = try ArrayInterfaceType.itemType(typestr: text, descr: interface.entry(names[.descr]))
        }
        if case .scalar(let scalar, swapped: false) = type { return .of(scalar) }
        return ItemFormat(Format(type))
    }

    private static func exporter(
        of memory: BufferMemory, _ offset: Int, _ layout: Layout, _ item: ItemFormat, _ module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let description = try BufferDescription(
            memory, offset: offset, layout: layout, item: item.format, format: item.spelling,
            isReadOnly: memory.isReadOnly)
        return try ForeignMemory.exporter(of: description, for: module)
    }

    private static func layout(
        _ lengths: borrowing PythonObject, _ strides: [Int]?, itemsize: Int
    ) throws(PythonError) -> Layout {
        if strides == nil, let shape = unsafe FastArguments.shape(of: lengths.reference) {
            return try raisingLayoutErrors { () throws(LayoutError) in
                try Layout(contiguous: shape.span, itemsize: itemsize)
            }
        }
        let shape = try lengths.integers("shape")
        return try raisingLayoutErrors { () throws(LayoutError) in
            guard let strides else { return try Layout(shape: shape, itemsize: itemsize) }
            return try Layout(shape: shape, strides: strides, itemsize: itemsize)
        }
    }
}

extension PythonObject {
    /// An entry of a dictionary that is there and is not `None`.
    fileprivate func entry(_ name: ObjectReference) throws(PythonError) -> PythonObject? {
        guard let value = try value(at: PythonObject(borrowing: name)), !value.isNone else { return nil }
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
