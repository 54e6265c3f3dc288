// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

/// The methods and operators that arrays of one dimension share with lists, beyond `append`, `extend` and `pop`.
enum ListMethods {
    static let definitions: [MethodDefinition] =
        [
            insert.method {
                if let index = FastArguments.leadingIndex(of: 2, $1, $2, $3),
                    FastGrowth.insert(FastArguments.argument(1, $1), into: $0, at: index)
                {
                    return PythonObject.none.intoResult()
                }
                return insert.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let index = try call.int(0)
                    let item = try MemoryObject(call.receiver).encode(call[1])
                    try ArrayObject.insert(item, into: call.receiver, at: index)
                    return .none
                }
            },
            remove.method {
                if let value = FastArguments.only($1, $2, $3), FastGrowth.remove(value, from: $0) {
                    return PythonObject.none.intoResult()
                }
                return remove.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try ArrayObject.remove(call[0], from: call.receiver)
                    return .none
                }
            },
            clear.method {
                if $2 == 0, $3.object == nil, FastGrowth.clear($0) { return PythonObject.none.intoResult() }
                return clear.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try ArrayObject.resize(call.receiver) { _ in 0 }
                    return .none
                }
            },
            reverse.method {
                if $2 == 0, $3.object == nil, FastEdits.reverse($0) { return PythonObject.none.intoResult() }
                return reverse.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try ArrayObject.reverse(call.receiver)
                    return .none
                }
            },
            reserve.method {
                reserve.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try ArrayObject.reserve(call.receiver, call.int(0))
                    return .none
                }
            },
        ]

    static let slots: [TypeSlot] =
        [
            .binary(.addInPlace) { array, values in
                returningObject { () throws(PythonError) in try extended(array, with: values) }
            },
            .binary(.multiply) { left, right in
                // An int on either side. Numbers of NumPy's compute, as in their own arrays.
                let leftIsCount = left.isInt
                guard leftIsCount || right.isInt else {
                    return NumPyNames.refuse(left, .multiply, right)
                }
                let (array, count) = leftIsCount ? (right, left) : (left, right)
                if let repeated = FastCopies.repeated(array, by: count) { return repeated }
                return returningObject { () throws(PythonError) in
                    try ArrayObject.repeated(array, intValue(of: count))
                }
            },
            .binary(.multiplyInPlace) { array, times in
                if FastGrowth.multiply(array, by: times) { return PythonObject(borrowing: array).intoResult() }
                return returningObject { () throws(PythonError) in
                    guard times.isIndex else {
                        throw NumPyNames.unsupported(array, "*=", times)
                    }
                    try ArrayObject.repeatInPlace(array, intValue(of: times))
                    return PythonObject(borrowing: array)
                }
            },
        ]

    /// `array += values`
    private static func extended(
        _ array: ObjectReference, with values: ObjectReference
    ) throws(PythonError) -> PythonObject {
        guard values.exportsBuffer || values.isIterable || values.isSequence else {
            throw PythonError(
                .type,
                "'\(typeNameOf(values))' object is not iterable: += adds items at the end, as for a list; "
                    + "numpy.asarray(array) computes with them, on the same memory without a copy")
        }
        try ArrayObject.extendArray(array, with: values)
        return PythonObject(borrowing: array)
    }
}

private let insert = Callable(
    "insert", "index, value, /",
    """
    Put the item ``value`` in front of the one at ``index``; an index beyond the ends means the end, as for a list.

    Raises BufferError while exports are outstanding, and what ``append`` raises. O(items after it). Source:
    ``list.insert``.

    >>> a = swiftbuffer.array([1, 3], 'i')
    >>> a.insert(1, 2)
    >>> a.tolist()
    [1, 2, 3]
    """)
private let remove = Callable(
    "remove", "value, /",
    """
    Remove the first item that equals ``value``.

    Raises ValueError if there is none, BufferError while exports are outstanding. O(items). Source: ``list.remove``.

    >>> a = swiftbuffer.array([1, 2, 1], 'i')
    >>> a.remove(1)
    >>> a.tolist()
    [2, 1]
    """)
private let clear = Callable(
    "clear", "",
    """
    Remove all items. Raises BufferError while exports are outstanding. O(1). Source: ``list.clear``.

    >>> a = swiftbuffer.array([1, 2], 'i')
    >>> a.clear()
    >>> len(a)
    0
    """)
private let reverse = Callable(
    "reverse", "",
    """
    Put the items into the opposite order, in place; exports may be outstanding, and show it.

    Raises TypeError for read-only memory, and where there is not one dimension. O(items). Source: ``list.reverse``.

    >>> a = swiftbuffer.array([1, 2, 3], 'i')
    >>> a.reverse()
    >>> a.tolist()
    [3, 2, 1]
    """)
private let reserve = Callable(
    "reserve", "count, /",
    """
    Make room for ``count`` items in total, which stays until another count is reserved: the memory does not move while
    there are no more items than that. The items stay as they are.

    Raises BufferError while exports are outstanding, MemoryError with nothing changed. O(items). Source: this package;
    ``std::vector::reserve`` of C++ is similar.

    >>> a = swiftbuffer.Array(format='i')
    >>> a.reserve(1000)
    >>> before = a.address
    >>> a.extend(range(1000))
    >>> a.address == before
    True
    """)
