// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The slots and methods that arrays and views share.
enum MemorySlots {
    static let slots: [TypeSlot] =
        TypeSlot.exporter + NumPyNames.slots + [
            .count { memory in returningInteger { () throws(PythonError) in try count(memory) } },
            .sequenceCount { memory in returningInteger { () throws(PythonError) in try count(memory) }
            },
            .item { memory, index in
                returningObject { () throws(PythonError) in try MemoryObject(memory).element(at: index) }
            },
            .subscripting(swiftbuffer_subscript), .assignSubscript(swiftbuffer_assign_subscript),
            .iterate { memory in
                returningObject { () throws(PythonError) in try MemoryIterator.make(over: memory) }
            },
            .contains { memory, value in
                returningInteger { () throws(PythonError) in
                    if let found = FastComparison.firstIndex(of: value, in: memory) { return found == nil ? 0 : 1 }
                    return try MemoryObject(memory).firstPlace(of: value) == nil ? 0 : 1
                }
            },
            .compare { memory, other, operation in
                if operation == Py_EQ || operation == Py_NE, let isEqual = FastComparison.areEqual(memory, other) {
                    return PythonObject(isEqual == (operation == Py_EQ)).intoResult()
                }
                return returningObject { () throws(PythonError) in try compare(memory, other, operation) }
            },
        ]

    static let methods: [MethodDefinition] =
        ShapeMethods.definitions + ValueMethods.definitions + SearchMethods.definitions + Pickling.methods
        + Pinning.methods + ExchangeMethods.definitions + Pictures.methods + [
            NumPyNames.method,
            tolist.method {
                let memory = $0
                guard FastArguments.none($2, $3) else { return tolist.refuse(memory, $1, $2, $3) }
                return returningObject { () throws(PythonError) in try MemoryObject(memory).list() }
            },
            tobytes.method {
                if $2 == 0, $3.object == nil, let bytes = FastCopies.bytes(of: $0) { return bytes }
                return tobytes.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).bytes(order: call.order(0, default: .c))
                }
            },
            copy.method {
                if $2 == 0, $3.object == nil, let array = FastCopies.copy(of: $0) { return array }
                return copy.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let types = try ViewTypes(for: call.receiver)
                    return try ArrayObject.copy(
                        types.array, of: call.receiver, as: nil, order: call.order(0, default: .c), isReadOnly: false)
                }
            },
            shallowCopy.method {
                if $2 == 0, let array = FastCopies.copy(of: $0, order: .any) { return array }
                return shallowCopy.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try copyAll(call.receiver)
                }
            },
            deepCopy.method {
                if $3.object == nil, $2 <= 1, let array = FastCopies.copy(of: $0, order: .any) { return array }
                return deepCopy.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try copyAll(call.receiver)
                }
            },
        ]

    // The slow paths, out of line.

    @inline(never)
    fileprivate static func object(_ memory: ObjectReference, _ key: ObjectReference) -> ObjectResult {
        if key.isString {
            if let field = FastFields.view(memory, key) { return field }
        } else if sb_is_exact_list(key) != 0 {
            if let fields = FastViews.fields(memory, key) { return fields }
        } else if let item = FastRecords.item(memory, key) {
            return item
        }
        if let part = FastViews.part(memory, key) { return part }
        return returningObject { () throws(PythonError) in try MemoryObject(memory).object(at: key) }
    }

    @inline(never)
    fileprivate static func setObject(
        _ memory: ObjectReference, _ key: ObjectReference, _ value: OptionalObjectReference
    ) -> CInt {
        if let value = value.object {
            if FastRecords.setItem(memory, key, to: value) { return 0 }
        } else if FastGrowth.delete(key, from: memory) {
            return 0
        }
        return returningStatus { () throws(PythonError) in
            var buffer: PythonBuffer?
            if let value = value.object,
                try FastAssignment.assign(value, to: key, of: memory, acquired: &buffer)
            {
                return
            }
            try MemoryObject(memory).setObject(at: key, to: value.object, buffer.take())
        }
    }

    private static func copyAll(_ memory: ObjectReference) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(for: memory)
        return try ArrayObject.copy(types.array, of: memory, as: nil, order: .any, isReadOnly: false)
    }

    /// The length of the first axis.
    private static func count(_ memory: ObjectReference) throws(PythonError) -> Int {
        try MemoryObject(memory).withReadAccess { (contents) throws(PythonError) in
            guard contents.ndim > 0 else {
                // A view answers as the interpreter's own memoryview: 1 up to CPython 3.11.
                let length = contents.owner == nil ? -1 : sb_memoryview_length_of_scalar()
                if length >= 0 { return length }
                throw PythonError(.type, "0-dim memory has no length")
            }
            return contents.count
        }
    }

    private static func compare(
        _ memory: ObjectReference, _ other: ObjectReference, _ operation: CInt
    ) throws(PythonError) -> PythonObject {
        guard operation == Py_EQ || operation == Py_NE else {
            if let error = NumPyNames.unordered(memory, other, operation) { throw error }
            return .notImplemented
        }
        guard let isEqual = try MemoryObject(memory).isEqual(to: other) else { return .notImplemented }
        return PythonObject(isEqual == (operation == Py_EQ))
    }
}

// The slots that are called most are `@c` functions, since CPython calls a closure through one more jump.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c func swiftbuffer_subscript(
    _ memory: ObjectReference, _ key: ObjectReference
) -> ReferenceBits {
    FastItems.item(memory, key) { MemorySlots.object(memory, key).bits }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c func swiftbuffer_assign_subscript(
    _ memory: ObjectReference, _ key: ObjectReference, _ value: OptionalObjectReference
) -> CInt {
    if let value = value.object, FastItems.setItem(memory, key, to: value) { return 0 }
    return MemorySlots.setObject(memory, key, value)
}

private let tolist = Callable(
    "tolist", "",
    """
    Return the items as nested lists; the item itself where there are no dimensions.

    Items are what the struct module unpacks; a structure is a tuple, named where its fields are. Raises
    NotImplementedError for items that cannot be read. O(items). Source: ``memoryview.tolist``.

    >>> swiftbuffer.View(b'abcd').cast('B', (2, 2)).tolist()
    [[97, 98], [99, 100]]
    """)
private let tobytes = Callable(
    "tobytes", "order='C'",
    """
    Return the items as bytes, one after the other in C order, Fortran order, or with 'A' in the order of the memory
    where it is contiguous and C order elsewhere. None means 'C'.

    Raises ValueError for another ``order``, MemoryError where there is no room. O(items). Source: ``memoryview.tobytes``.

    >>> swiftbuffer.View(b'abcd').cast('B', (2, 2)).tobytes(order='F')
    b'acbd'
    """)
private let copy = Callable(
    "copy", "order='C'",
    """
    Return a writable Array with the same items in C order, Fortran order, or with 'A' in Fortran order where the memory
    has it and C order elsewhere.

    Raises ValueError for another ``order``, NotImplementedError for pointers to objects, MemoryError where there is no
    room. O(items). Source: ``numpy.ndarray.copy``.

    >>> swiftbuffer.View(b'abc')[::-1].copy()
    <Array shape=(3,) format='B' [99, 98, 97]>
    """)
private let shallowCopy = Callable("__copy__", "", "Return a writable Array with the same items.")
private let deepCopy = Callable("__deepcopy__", "memo=None, /", "Return a writable Array with the same items.")
