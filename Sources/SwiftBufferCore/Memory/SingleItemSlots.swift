internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// What memory without dimensions can do besides: convert to a number as its item does.
///
/// A type of its own has these slots, since they would change what Python does with any other memory: a `bytearray` takes
/// no object with `__int__`, `__float__` or `__index__` in an assignment to a slice, and takes one with `__index__` for a
/// length; and `int(view)` of a line of text is what memoryview makes it.
enum SingleItemSlots {
    nonisolated(unsafe) static let slots: [TypeSlot] =
        [
            .integer { memory in
                returningObject { () throws(PythonError) in
                    let item = try item(of: memory)
                    return try unsafe PythonObject(result: PyNumber_Long(item.pointer))
                }
            },
            .float { memory in
                returningObject { () throws(PythonError) in
                    let item = try item(of: memory)
                    return try unsafe PythonObject(result: PyNumber_Float(item.pointer))
                }
            },
            .index { memory in returningObject { () throws(PythonError) in try index(memory) } },
            .truth { memory in
                returningInteger { () throws(PythonError) in try item(of: memory).truth() ? 1 : 0 }
            },
        ]

    nonisolated(unsafe) static let methods: [MethodDefinition] =
        [
            complex.method {
                complex.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let item = try item(of: call.receiver)
                    let number = unsafe PyComplex_AsCComplex(item.pointer)
                    if number.real == -1, unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
                    return try unsafe PythonObject(result: PyComplex_FromCComplex(number))
                }
            },
            bytes.method {
                bytes.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).bytes(order: .c)
                }
            },
        ]

    private static func item(of memory: ObjectReference) throws(PythonError) -> PythonObject {
        try MemoryObject(memory).item(at: [Int]().span)
    }

    private static func index(_ memory: ObjectReference) throws(PythonError) -> PythonObject {
        let item = try item(of: memory)
        // As in NumPy, a truth value is no index.
        guard item.reference.isInt && !item.reference.isBool else {
            throw PythonError(.type, "only an integer is an index, not an item of type \(item.typeName)")
        }
        return item
    }
}

private let complex = Callable("__complex__", "", "Return the item as a complex number.")
private let bytes = Callable("__bytes__", "", "Return the bytes of the item, which bytes() would take for a length.")
