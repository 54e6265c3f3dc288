// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import PythonBuffers

/// Arrow's methods of `Array` and `View`.
enum ArrowMethods {
    static let definitions: [MethodDefinition] =
        [
            arrowSchema.method {
                arrowSchema.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).withExportPinned { (contents) throws(PythonError) in
                        try schema(contents)
                    }
                }
            },
            arrowArray.method {
                arrowArray.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    if let requested = call.optional(0), !requested.isCapsule {
                        throw call.wrongType(0, expected: "a capsule or None")
                    }
                    let types = try ViewTypes(for: call.receiver)
                    let entry = try types.interpreterEntry()
                    // Pinned, so that both describe the same memory.
                    return try MemoryObject(call.receiver).withExportPinned { (contents) throws(PythonError) in
                        let schema = try schema(contents)
                        let array = try unsafe ArrowExport.array(
                            of: call.receiver, alignment: contents.scalar?.type.alignment ?? 1,
                            interpreter: entry.reference)
                        return try PythonObject(pair: schema, array)
                    }
                }
            },
        ]

    /// - Precondition: the memory is pinned.
    private static func schema(_ contents: borrowing MemoryObject.Contents) throws(PythonError) -> PythonObject {
        let item = try contents.storedItem
        guard item.unreadable == nil else {
            throw PythonError(.buffer, "Arrow has no type for items of format '\(contents.formatText)'")
        }
        return try ArrowExport.schema(of: item.format, contents.layout)
    }
}

private let arrowSchema = Callable(
    "__arrow_c_schema__", "",
    """
    Return a capsule with the type of the memory as libraries of Arrow see it: of its items, in one nested list of fixed
    size for each axis beyond the first.

    Raises BufferError for items that Arrow has not as whole bytes in this machine's order: truth values, complex
    numbers, records, strings of another kind than bytes (5s).

    >>> swiftbuffer.zeros((2, 3), 'f').__arrow_c_schema__() is not None
    True

    Source: the Arrow PyCapsule interface.
    """)
private let arrowArray = Callable(
    "__arrow_c_array__", "requested_schema=None",
    """
    Return two capsules, the type and the memory, by which libraries of Arrow use the same memory without a copy: for
    pyarrow.array(memory), polars.Series(memory) and their kin. Another type than the memory has is not made, whatever
    is requested.

    The memory does not move until the other library has released its array, as with any export. Arrow takes arrays for
    immutable: do not change the items meanwhile. O(ndim).

    Raises BufferError for memory that is not in C order without gaps, and for items as __arrow_c_schema__ does.

    >>> array = swiftbuffer.array([[1, 2, 3], [4, 5, 6]], 'h')
    >>> swiftbuffer.from_arrow(array).tolist()
    [[1, 2, 3], [4, 5, 6]]

    Source: the Arrow PyCapsule interface, and Arrow's C data interface.
    """)
