// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// A tuple that is being filled, item by item.
package struct TupleBuilder: ~Copyable {
    private let tuple: PythonObject
    private let capacity: Int
    private var count = 0

    /// - Throws: `MemoryError`.
    package init(capacity: Int) throws(PythonError) {
        tuple = try unsafe PythonObject(result: PyTuple_New(capacity))
        self.capacity = capacity
    }

    /// Sets the next item.
    ///
    /// - Precondition: fewer items have been set than the tuple has.
    package mutating func append(_ item: consuming PythonObject) {
        precondition(count < capacity)
        unsafe sb_tuple_set(tuple.pointer, count, item.intoPointer())
        count += 1
    }

    /// The tuple.
    ///
    /// - Precondition: all items have been set.
    package consuming func finish() -> PythonObject {
        precondition(count == capacity)
        return tuple
    }
}

extension PythonObject {
    /// A tuple of two objects.
    ///
    /// - Throws: `MemoryError`.
    package init(pair first: consuming PythonObject, _ second: consuming PythonObject) throws(PythonError) {
        var tuple = try TupleBuilder(capacity: 2)
        tuple.append(first)
        tuple.append(second)
        self = tuple.finish()
    }
}
