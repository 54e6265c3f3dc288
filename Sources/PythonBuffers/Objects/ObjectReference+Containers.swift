// SPDX-License-Identifier: Apache-2.0
internal import CPython
public import CPythonShims

// Tuples, whose items do not change.

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

extension ObjectReference {
    /// The number of items of a list.
    ///
    /// - Precondition: ``isList``.
    package var listCount: Int { unsafe PyList_Size(pointer) }

    /// An item of a list, borrowed from it.
    ///
    /// - Precondition: ``isList``, and `0 <= index < listCount`. No other code can change the list meanwhile.
    package func listItem(_ index: Int) -> ObjectReference {
        // PyList_GetItem checks the index.
        unsafe ObjectReference(pointer: PyList_GetItem(pointer, index)!)
    }
}

extension PythonObject {
    package init(emptyList: Void) throws(PythonError) { try unsafe self.init(result: PyList_New(0)) }

    package init(emptyDictionary: Void) throws(PythonError) { try unsafe self.init(result: PyDict_New()) }

    /// `set(iterable)`
    package init(setOf iterable: ObjectReference) throws(PythonError) {
        try unsafe self.init(result: PySet_New(iterable.pointer))
    }

    /// Appends an item to a list.
    package func append(_ item: ObjectReference) throws(PythonError) {
        if unsafe PyList_Append(pointer, item.pointer) < 0 { throw PythonError.pending() }
    }

    package func append(_ item: borrowing PythonObject) throws(PythonError) { try unsafe append(item.reference) }

    /// Sets an entry of a dictionary.
    package func setValue(_ value: borrowing PythonObject, at key: borrowing PythonObject) throws(PythonError) {
        if unsafe PyDict_SetItem(pointer, key.pointer, value.pointer) < 0 { throw PythonError.pending() }
    }

    /// Removes an item of a set, if it is there.
    package func discard(_ item: borrowing PythonObject) throws(PythonError) {
        if unsafe PySet_Discard(pointer, item.pointer) < 0 { throw PythonError.pending() }
    }

    /// - Precondition: the object is a tuple.
    public var tupleCount: Int { unsafe reference.tupleCount }

    /// An item of a tuple, borrowed from it.
    ///
    /// - Precondition: the object is a tuple with such an item, and outlives what is done with the item.
    @unsafe package func tupleItem(_ index: Int) -> ObjectReference { unsafe reference.tupleItem(index) }

    /// - Precondition: the object is a tuple with an item at `index`.
    package func retainedTupleItem(_ index: Int) -> PythonObject {
        unsafe PythonObject(borrowing: reference.tupleItem(index))
    }

    /// A tuple of objects.
    ///
    /// - Throws: `MemoryError`.
    package init(tupleOf items: ObjectReference...) throws(PythonError) {
        var tuple = try TupleBuilder(capacity: items.count)
        for item in items { tuple.append(PythonObject(borrowing: item)) }
        self = tuple.finish()
    }
}
