// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// The conversions of memory without dimensions: to a number, as its item.
///
/// They are slots of a type of its own, since they would change how Python treats other memory: a `bytearray` refuses
/// objects with `__int__`, `__float__` or `__index__` in slice assignments and takes `__index__` for a length, and
/// `int(view)` parses text as it does for memoryview.
enum SingleItemSlots {
    static let slots: [TypeSlot] =
        [
            .integer { memory in
                returningObject { () throws(PythonError) in
                    try item(of: memory).integer()
                }
            },
            .float { memory in
                returningObject { () throws(PythonError) in
                    try item(of: memory).float()
                }
            },
            .index { memory in returningObject { () throws(PythonError) in try index(memory) } },
            .truth { memory in
                returningInteger { () throws(PythonError) in try item(of: memory).truth() ? 1 : 0 }
            },
        ]

    static let methods: [MethodDefinition] =
        [
            complex.method {
                complex.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try PythonObject(complex: item(of: call.receiver).complex())
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
        guard item.isInt && !item.isBool else {
            throw PythonError(.type, "only an integer is an index, not an item of type \(item.typeName)")
        }
        return item
    }
}

private let complex = Callable("__complex__", "", "Return the item as a complex number.")
private let bytes = Callable("__bytes__", "", "Return the item as bytes; bytes() would take an int for a length.")
