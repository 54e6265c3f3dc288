// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// The methods that show the same memory in another shape or format.
enum ShapeMethods {
    static let definitions: [MethodDefinition] =
        [
            cast.method {
                if let format = FastArguments.only($1, $2, $3), let item = ItemFormat.of(oneLetter: format),
                    let view = FastViews.cast($0, to: item)
                {
                    return view
                }
                if $2 == 2, $3.object == nil,
                    let item = ItemFormat.of(oneLetter: FastArguments.argument(0, $1)),
                    let view = FastViews.cast($0, to: item, FastArguments.argument(1, $1))
                {
                    return view
                }
                return cast.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let item = try call.requiredFormat(0)
                    let shape: [Int]? =
                        if let given = call.optional(1) { try castShape(given) } else { nil }
                    let strides: [Int]? =
                        if let given = call.optional(3) { try integersOf(given, "strides") } else { nil }
                    return try MemoryObject(call.receiver).cast(
                        item, shape: shape, order: call.order(2, default: .any), strides: strides,
                        offset: call.optional(4) == nil ? nil : call.int(4))
                }
            },
            reshape.method {
                if $3.object == nil, let view = FastViews.reshaped($0, $1, $2) { return view }
                return reshape.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    guard let shape = try integersOfRest(call, "shape") else {
                        throw PythonError(.type, "reshape() needs a shape: an int or a sequence of ints")
                    }
                    let order = try call.order(0, default: .c)
                    return try MemoryObject(call.receiver).derivedView { (layout) throws(LayoutError) in
                        try layout.reshaped(to: shape.span, order: order)
                    }
                }
            },
            ravel.method {
                if $2 == 0, $3.object == nil, let view = FastViews.raveled($0) { return view }
                return ravel.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let order = try call.order(0, default: .c)
                    return try MemoryObject(call.receiver).derivedView(orElse: "flatten()") {
                        (layout) throws(LayoutError) in
                        try layout.reshaped(to: [-1].span, order: order)
                    }
                }
            },
            flatten.method {
                if $2 == 0, $3.object == nil, let array = FastCopies.flattened($0) { return array }
                return flatten.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try ArrayObject.flattened(call.receiver, order: call.order(0, default: .c))
                }
            },
            swapaxes.method {
                if $3.object == nil, let view = FastViews.swapped($0, $1, $2) { return view }
                return swapaxes.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let (first, second) = (try call.int(0), try call.int(1))
                    return try MemoryObject(call.receiver).derivedView { (layout) throws(LayoutError) in
                        try layout.swapped(first, second)
                    }
                }
            },
            transpose.method {
                if $2 == 0, $3.object == nil, let view = FastViews.reversed($0) { return view }
                return transpose.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let axes = try integersOfRest(call, "axes")
                    return try transposed(call.receiver, axes)
                }
            },
            squeeze.method {
                if $2 == 0, $3.object == nil, let view = FastViews.squeezed($0) { return view }
                return squeeze.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let axes: [Int] =
                        if let given = call.optional(0) { try integersOf(given, "axis") } else { [] }
                    return try MemoryObject(call.receiver).derivedView { (layout) throws(LayoutError) in
                        try layout.squeezed(axes.span)
                    }
                }
            },
            broadcastTo.method {
                broadcastTo.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let shape = try integersOf(call[0], "shape")
                    let view = try MemoryObject(call.receiver).derivedView { (layout) throws(LayoutError) in
                        try layout.broadcast(to: shape.span)
                    }
                    // One item may stand at many places now, and writing to one of them would write to all.
                    return try unsafe MemoryObject(view.reference).readOnly()
                }
            },
            asStrided.method {
                asStrided.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let strides: [Int]? =
                        if let given = call.optional(1) { try integersOf(given, "strides") } else { nil }
                    return try MemoryObject(call.receiver).strided(
                        shape: integersOf(call[0], "shape"), strides: strides, offset: call.int(2, default: 0))
                }
            },
            toreadonly.method {
                if $2 == 0, $3.object == nil, let view = FastViews.readOnly($0) { return view }
                return toreadonly.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).readOnly()
                }
            },
        ]

    static let transposed = PropertyDefinition(
        "T",
        """
        A View of the same memory with the axes in reverse order.

        >>> swiftbuffer.array([[1, 2], [3, 4]]).T.tolist()
        [[1, 3], [2, 4]]
        """
    ) { memory, _ in
        if let view = FastViews.reversed(memory) { return view }
        return returningObject { () throws(PythonError) in try transposed(memory, nil) }
    }

    private static func transposed(_ memory: ObjectReference, _ axes: [Int]?) throws(PythonError) -> PythonObject {
        try MemoryObject(memory).derivedView { (layout) throws(LayoutError) in
            if let axes { try layout.transposed(axes.span) } else { try layout.transposed() }
        }
    }

    /// The integers of `transpose(2, 0, 1)` or `transpose((2, 0, 1))`; `nil` for `transpose()` and `transpose(None)`.
    private static func integersOfRest(_ call: borrowing Arguments, _ what: String) throws(PythonError) -> [Int]? {
        let given = call.rest
        if given.isEmpty { return nil }
        if given.count == 1 {
            if given[0].isNone { return nil }
            return try integersOf(given[0], what)
        }
        var integers: [Int] = []
        for index in given.indices { integers.append(try intValue(of: given[index])) }
        return integers
    }

    /// The shape of a cast: memoryview takes a list or a tuple.
    private static func castShape(_ object: ObjectReference) throws(PythonError) -> [Int] {
        guard object.isList || object.isTuple else {
            throw PythonError(.type, "shape must be a list or a tuple, not \(typeNameOf(object))")
        }
        return try integersOf(object, "shape")
    }
}

private let cast = Callable(
    "cast", "format, shape=None, order='A', *, strides=None, offset=None",
    """
    Return a View of the same bytes as items of another format, and of another shape.

    The bytes of contiguous memory, C or Fortran, are taken as they lie, and ``shape`` is laid over them in ``order``:
    'C', 'F', or 'A' for the order of the memory. One length may be -1. Without a shape the result has one dimension;
    memory that is not contiguous keeps its shape if only its last axis changes. With ``strides``, in bytes, the items
    may lie anywhere inside the memory.

    ``offset`` is the number of bytes to leave out at the start; then a shape may leave out bytes at the end, too. With
    ``strides`` it counts from the first item, and may be negative where there is memory before it.

    Raises ValueError for a format that cannot be read, TypeError for a shape that takes more or fewer bytes, BufferError
    where only a copy could be cast, and for an offset or strides that lead out of the memory. O(1). Source:
    ``memoryview.cast``.

    >>> swiftbuffer.View(b'abcdef').cast('H', (-1, 1)).shape
    (3, 1)
    >>> swiftbuffer.View(b'abcdef').cast('B', (2, 2), offset=1).tolist()
    [[98, 99], [100, 101]]
    """)
private let reshape = Callable(
    "reshape", "*shape, order='C'",
    """
    Return a View of the same memory in another shape: ints, or a sequence of ints, of which one may be -1. Items are
    counted in ``order``: 'C', 'F', or 'A' for Fortran order where the memory has it.

    Raises ValueError for another number of items, BufferError where only a copy would have that shape. O(1). Source:
    ``numpy.ndarray.reshape``.

    >>> swiftbuffer.View(b'abcdef').reshape(2, -1).tolist()
    [[97, 98, 99], [100, 101, 102]]
    """)
private let ravel = Callable(
    "ravel", "order='C'",
    """
    Return a View of the same memory with one dimension, the items counted in C order, Fortran order, or with 'A' in
    Fortran order where the memory has it and C order elsewhere. Never a copy, unlike NumPy's.

    Raises BufferError where only a copy would have one dimension: ``flatten`` makes it. ValueError for another ``order``.
    O(1). Source: ``numpy.ndarray.ravel``.

    >>> swiftbuffer.array([[1, 2], [3, 4]]).ravel().tolist()
    [1, 2, 3, 4]
    """)
private let flatten = Callable(
    "flatten", "order='C'",
    """
    Return an Array with one dimension and the same items in C order, Fortran order, or with 'A' in Fortran order where
    the memory has it and C order elsewhere. Always a copy.

    Raises ValueError for another ``order``, and what ``copy`` raises. O(items). Source: ``numpy.ndarray.flatten``.

    >>> swiftbuffer.array([[1, 2], [3, 4]]).flatten('F').tolist()
    [1, 3, 2, 4]
    """)
private let swapaxes = Callable(
    "swapaxes", "axis1, axis2",
    """
    Return a View of the same memory in which the axes with the numbers ``axis1`` and ``axis2`` have changed places;
    negative numbers count from the last axis.

    Raises IndexError for an axis that is not there. O(1). Source: ``numpy.ndarray.swapaxes``.

    >>> swiftbuffer.zeros((2, 3, 4)).swapaxes(0, -1).shape
    (4, 3, 2)
    """)
private let transpose = Callable(
    "transpose", "*axes",
    """
    Return a View of the same memory with the axes in another order: ``axes`` are their numbers, ints or a tuple of them.
    Without any, in reverse.

    Raises ValueError unless each axis is named once. O(1). Source: ``numpy.ndarray.transpose``.

    >>> swiftbuffer.zeros((2, 3, 4)).transpose(2, 0, 1).shape
    (4, 2, 3)
    """)
private let squeeze = Callable(
    "squeeze", "axis=None",
    """
    Return a View of the same memory without the axes of length 1, or without those that ``axis`` names, an int or a
    tuple of ints.

    Raises ValueError for a named axis that is longer, IndexError for one that is not there. O(1). Source:
    ``numpy.ndarray.squeeze``.

    >>> swiftbuffer.zeros((1, 3, 1)).squeeze().shape
    (3,)
    """)
private let broadcastTo = Callable(
    "broadcast_to", "shape",
    """
    Return a read-only View of the same memory in a larger shape, in which items repeat (strides of 0).

    Raises ValueError where an axis has another length than 1 and than that of ``shape``. O(1). Source:
    ``numpy.broadcast_to``.

    >>> swiftbuffer.array([1, 2]).broadcast_to((2, 2)).tolist()
    [[1, 2], [1, 2]]
    """)
private let asStrided = Callable(
    "as_strided", "shape, strides=None, offset=0",
    """
    Return a View of any shape and strides, in bytes, that starts ``offset`` bytes behind the first item.

    Raises BufferError if an item would lie outside of the memory that the items span now. O(1). Source:
    ``numpy.lib.stride_tricks.as_strided``, which does not look where the items lie.

    >>> swiftbuffer.View(b'abcd').as_strided((3, 2), (1, 1)).tolist()
    [[97, 98], [98, 99], [99, 100]]
    >>> swiftbuffer.View(b'abcd').as_strided((2,), (-2,), offset=3).tolist()
    [100, 98]
    """)
private let toreadonly = Callable(
    "toreadonly", "",
    """
    Return a View of the same memory that cannot be written through.

    Raises ValueError for released memory. O(1). Source: ``memoryview.toreadonly``.

    >>> swiftbuffer.zeros(3).toreadonly().readonly
    True
    """)
