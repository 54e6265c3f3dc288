// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

extension ArrayObject {
    static let type = unsafe TypeDefinition(
        name: "swiftbuffer.Array",
        documentation: """
            Array(data=(), format=None, *, order='C', readonly=False)
            --

            Own N-dimensional memory that every buffer consumer reads without a copy.

            The memory is contiguous, of any format of PEP 3118, and aligned to 64 bytes unless it was adopted from
            elsewhere. See :func:`swiftbuffer.array` for what ``data`` may be; without it there are no items, of format
            ``'d'`` or the one given. Indexing with one integer a dimension gives an item, anything else a
            :class:`View` of the same memory. An array with one dimension has the methods of a list, grows in amortised
            constant time, and refuses to be resized with BufferError while exports are outstanding.

            >>> a = swiftbuffer.Array([1, 2, 3], 'i')
            >>> memoryview(a)[1] = 7
            >>> a.tolist()
            [1, 7, 3]

            ``order``, ``readonly`` and errors (what it raises) are those of ``array``. O(items). Source: ``array.array``.
            """,
        basicSize: MemoryLayout<SBMemory>.size, itemSize: MemoryLayout<Int>.size,
        flags: [.sequence],
        slots: slots,
        methods: MemorySlots.methods + methods + ListMethods.definitions
            + BackingMethods.definitions,
        properties: MemoryProperty.definitions + [ShapeMethods.transposed, BackingMethods.name],
        weakReferenceOffset: ObjectFields.weakReferenceOffset)

    /// The type of arrays without dimensions: an array that is a number besides, see ``SingleItemSlots``.
    static let singleItemType = unsafe TypeDefinition(
        name: "swiftbuffer.Array", documentation: "An Array without dimensions, which converts as its item does.",
        basicSize: MemoryLayout<SBMemory>.size, itemSize: MemoryLayout<Int>.size,
        flags: [.sequence],
        slots: slots + SingleItemSlots.slots, methods: SingleItemSlots.methods)

    /// The types of arrays over adopted memory that may refer to the array, with and without dimensions: the collector
    /// tracks them. Tracking every array would slow down creation.
    static let adoptingType = unsafe TypeDefinition(
        name: "swiftbuffer.Array", documentation: "An Array over memory that it has adopted.",
        basicSize: MemoryLayout<SBMemory>.size, itemSize: MemoryLayout<Int>.size,
        flags: [.sequence, .collected], slots: slots + [.traverse(traverseAdopted)])
    static let adoptingSingleItemType = unsafe TypeDefinition(
        name: "swiftbuffer.Array", documentation: "An Array without dimensions, over memory that it has adopted.",
        basicSize: MemoryLayout<SBMemory>.size, itemSize: MemoryLayout<Int>.size,
        flags: [.sequence, .collected],
        slots: slots + SingleItemSlots.slots + [.traverse(traverseAdopted)], methods: SingleItemSlots.methods)

    /// Makes the types; the module shows one.
    static func addTypes(to builder: borrowing ModuleBuilder) throws(PythonError) {
        let array = try builder.add(type)
        let others = [
            (singleItemType, CoreState.singleItemArrayType), (adoptingType, .adoptingArrayType),
            (adoptingSingleItemType, .adoptingSingleItemArrayType),
        ]
        for (type, place) in others {
            try builder.keep(type.make(in: builder.module, base: array), at: place.rawValue)
        }
        unsafe sb_set_vectorcall(array.typePointer, swiftbuffer_array)
        try builder.keep(array, at: CoreState.arrayType.rawValue)
    }

    private static let traverseAdopted: TypeSlot.Traverse = { unsafe traverse($0, $1, $2) }

    private static let slots: [TypeSlot] =
        MemorySlots.slots + ListMethods.slots + [
            .new { type, arguments, keywords in new(type, arguments, keywords) },
            .deallocate { deallocate($0) },
            .representation { array in
                returningObject { () throws(PythonError) in
                    try MemoryObject(array).representation("Array")
                }
            },
            .hash { array in
                returningInteger { () throws(PythonError) in try MemoryObject(array).hash() }
            },
        ]

    private static let methods: [MethodDefinition] =
        [
            append.method {
                if let number = FastArguments.only($1, $2, $3), FastGrowth.append(number, to: $0) {
                    return PythonObject.none.intoResult()
                }
                return append.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let encoded = try MemoryObject(call.receiver).encode(call[0])
                    let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(encoded.bytes))
                    try resize(call.receiver, append: bytes) { (count) throws(PythonError) in try sum(count, 1) }
                    return .none
                }
            },
            extend.method {
                if let values = FastArguments.only($1, $2, $3) { return extendFast($0, values) }
                return extend.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try extendArray(call.receiver, with: call[0])
                    return .none
                }
            },
            pop.method {
                if let index = FastArguments.index($1, $2, $3, default: -1),
                    let item = FastGrowth.pop(from: $0, at: index)
                {
                    return ObjectResult(bits: item)
                }
                return pop.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try popItem(call.receiver, at: call.int(0, default: -1))
                }
            },
            resizeMethod.method {
                resizeMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let count = try call.int(0)
                    try resize(call.receiver) { _ in count }
                    return .none
                }
            },
            frombytes.method {
                if let data = FastArguments.only($1, $2, $3) { return appendFast($0, data) }
                return frombytes.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try appendBytes(call.receiver, of: call[0])
                    return .none
                }
            },
            freeze.method {
                let array = $0
                return freeze.callAlone(array, $1, $2, $3) { () throws(PythonError) in
                    try makeReadOnly(array)
                    return .none
                }
            },
            sizeof.method {
                let array = $0
                guard FastArguments.none($2, $3) else { return sizeof.refuse(array, $1, $2, $3) }
                return returningObject { () throws(PythonError) in
                    let memory = MemoryObject(array)
                    let fields = ObjectFields(of: array)
                    let size = try memory.withReadAccess { (contents) in
                        let owned = !fields.isAdopted ? fields.capacity : 0
                        return 2 * contents.ndim * MemoryLayout<Int>.size + owned
                    }
                    return try PythonObject(ObjectFields.size + size)
                }
            },
        ]

    // What the methods do with one argument, which need not be bound to a parameter.

    private static func extendFast(_ array: ObjectReference, _ values: ObjectReference) -> ObjectResult {
        returningObject { () throws(PythonError) in
            try extendArray(array, with: values)
            return .none
        }
    }

    private static func appendFast(_ array: ObjectReference, _ data: ObjectReference) -> ObjectResult {
        returningObject { () throws(PythonError) in
            try appendBytes(array, of: data)
            return .none
        }
    }
}

private let append = Callable(
    "append", "value, /",
    """
    Add the item ``value`` at the end.

    Raises BufferError while exports are outstanding, TypeError where there is not one dimension, and for a value that the
    format does not take. Amortised O(1). Source: ``array.array.append``.

    >>> a = swiftbuffer.array([1, 2], 'i')
    >>> a.append(3)
    >>> a.tolist()
    [1, 2, 3]
    """)
private let extend = Callable(
    "extend", "values, /",
    """
    Add the items of a one-dimensional buffer of the same format, or of any iterable, at the end.

    Raises BufferError while exports are outstanding, TypeError where there is not one dimension, and as ``append`` for
    values; nothing is added then. Amortised O(len(values)). Source: ``array.array.extend``.

    >>> a = swiftbuffer.array([1, 2], 'i')
    >>> a.extend([3, 4])
    >>> a.tolist()
    [1, 2, 3, 4]
    """)
private let pop = Callable(
    "pop", "index=-1, /",
    """
    Remove the item at ``index``, the last one by default, and return it.

    Raises IndexError out of range, BufferError while exports are outstanding, TypeError where there is not one dimension.
    O(items after it). Source: ``array.array.pop``.

    >>> swiftbuffer.array([1, 2, 3], 'i').pop(0)
    1
    """)
private let resizeMethod = Callable(
    "resize", "count, /",
    """
    Set the number of items to ``count``; new ones are zero.

    Raises BufferError while exports are outstanding, ValueError for a negative count, TypeError where there is not one
    dimension, MemoryError or OverflowError for too many, with nothing changed. O(items). Source: this package; ``mmap.mmap.resize`` is similar.

    >>> a = swiftbuffer.array([1, 2], 'i')
    >>> a.resize(4)
    >>> a.tolist()
    [1, 2, 0, 0]
    """)
private let frombytes = Callable(
    "frombytes", "data, /",
    """
    Add items at the end, whose bytes are those of ``data``, a contiguous buffer.

    Raises ValueError if their number is not a multiple of the itemsize, BufferError while exports are outstanding.
    Amortised O(bytes). Source: ``array.array.frombytes``.

    >>> a = swiftbuffer.array([], '<H')
    >>> a.frombytes(bytes([1, 0, 2, 0]))
    >>> a.tolist()
    [1, 2]
    """)
private let freeze = Callable(
    "freeze", "",
    """
    Make the memory read-only for good, and the array hashable. Memory of another object is copied first.

    Raises BufferError while exports are outstanding, since their consumers may write. O(1), and O(items) for memory of
    another object. Source: this package; NumPy's ``setflags(write=False)`` can be undone.

    >>> a = swiftbuffer.array([1, 2], 'i')
    >>> a.freeze()
    >>> a.readonly
    True
    """)
private let sizeof = Callable("__sizeof__", "", "Return the size of the object in bytes, with the memory that it owns.")
