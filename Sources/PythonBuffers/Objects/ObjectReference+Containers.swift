internal import CPython
public import CPythonShims

// Tuples and lists, whose items stay while nobody else changes them.

extension ObjectReference {
    /// The number of items of a tuple.
    ///
    /// - Precondition: ``isTuple``.
    @inlinable public var tupleCount: Int { unsafe sb_tuple_count(pointer) }

    /// An item of a tuple, borrowed from it.
    ///
    /// - Precondition: ``isTuple``, and `0 <= index < tupleCount`.
    @inlinable
    public func tupleItem(_ index: Int) -> ObjectReference {
        assert(index >= 0 && index < tupleCount)
        return unsafe ObjectReference(pointer: sb_tuple_item(pointer, index))
    }
}

extension PythonObject {
    public var tupleCount: Int { reference.tupleCount }

    public func tupleItem(_ index: Int) -> ObjectReference { reference.tupleItem(index) }

    /// A tuple of objects.
    ///
    /// - Throws: `MemoryError`.
    public init(tupleOf items: ObjectReference...) throws(PythonError) {
        let tuple = try unsafe PythonObject(result: PyTuple_New(items.count))
        for (index, item) in items.enumerated() {
            unsafe sb_tuple_set(tuple.pointer, index, PythonObject(borrowing: item).intoPointer())
        }
        self = tuple
    }
}
