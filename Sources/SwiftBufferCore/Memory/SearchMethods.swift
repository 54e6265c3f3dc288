// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// The methods `item`, `count`, `index`, `find` and `rfind`, and the function `mismatch`.
enum SearchMethods {
    static let definitions: [MethodDefinition] =
        [
            item.method {
                if let index = FastArguments.only($1, $2, $3), let item = FastItems.item(of: $0, at: index) {
                    return item
                }
                return item.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).item(call.rest)
                }
            },
            count.method {
                if let value = FastArguments.only($1, $2, $3), let count = FastComparison.count(of: value, in: $0) {
                    return returningObject { () throws(PythonError) in try PythonObject(count) }
                }
                return count.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try PythonObject(MemoryObject(call.receiver).count(of: call[0]))
                }
            },
            index.method {
                if let value = FastArguments.only($1, $2, $3),
                    case .some(.some(let position)) = FastComparison.firstIndex(of: value, in: $0)
                {
                    return returningObject { () throws(PythonError) in try PythonObject(position) }
                }
                return index.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let found = try MemoryObject(call.receiver).firstPlace(
                        of: call[0], from: bound(call, 1, 0), upTo: bound(call, 2, .max))
                    switch found {
                    case .position(let position): return try PythonObject(position)
                    case .item(let index): return try PythonObject(tuple: index.span)
                    case nil: throw PythonError(.value, "\(typeNameOf(call.receiver)).index(x): x not found")
                    }
                }
            },
            find.method {
                if let bytes = FastArguments.only($1, $2, $3),
                    case .some(let position) = FastComparison.position(of: bytes, in: $0, backwards: false)
                {
                    return returningObject { () throws(PythonError) in try PythonObject(position ?? -1) }
                }
                return find.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try position(call, backwards: false)
                }
            },
            rfind.method {
                if let bytes = FastArguments.only($1, $2, $3),
                    case .some(let position) = FastComparison.position(of: bytes, in: $0, backwards: true)
                {
                    return returningObject { () throws(PythonError) in try PythonObject(position ?? -1) }
                }
                return rfind.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try position(call, backwards: true)
                }
            },
        ]

    static let function: MethodDefinition =
        mismatch.method {
            mismatch.call($0, $1, $2, $3) { (call) throws(PythonError) in
                let types = try ViewTypes(for: call.receiver)
                let first = try ViewObject.make(types, of: call[0])
                let second = try ViewObject.make(types, of: call[1])
                let other = unsafe MemoryObject(second.reference)
                guard let index = try unsafe MemoryObject(first.reference).firstDifference(from: other) else {
                    return .none
                }
                return index.count == 1 ? try PythonObject(index[0]) : try PythonObject(tuple: index.span)
            }
        }

    private static func position(
        _ call: borrowing Arguments, backwards: Bool
    ) throws(PythonError) -> PythonObject {
        let found = try MemoryObject(call.receiver).find(
            call[0], from: bound(call, 1, 0), upTo: bound(call, 2, .max), backwards: backwards)
        return try PythonObject(found ?? -1)
    }

    /// A bound of a search, clamped to a machine word.
    private static func bound(_ call: borrowing Arguments, _ index: Int, _ value: Int) throws(PythonError) -> Int {
        guard let object = call.optional(index) else { return value }
        return try object.clampedInt()
    }
}

extension MemoryObject {
    /// The item that `item(...)` asks for: the only one, or one by its number in C order or its index.
    fileprivate func item(_ arguments: [ObjectReference]) throws(PythonError) -> PythonObject {
        let ndim = leasedContents.ndim
        var index: [Int] = []
        if arguments.count == 1, arguments[0].isTuple {
            index = try integersOf(arguments[0], "an index")
        } else if arguments.count == 1 {
            return try item(number: intValue(of: arguments[0], overflow: .index))
        } else {
            for position in arguments.indices {
                index.append(try intValue(of: arguments[position], overflow: .index))
            }
        }
        if arguments.isEmpty { return try item(number: nil) }
        guard index.count == ndim else {
            throw PythonError(.value, "an item of \(ndim)-dim memory has \(ndim) indices, not \(index.count)")
        }
        return try item(at: index.span)
    }

    /// - Parameter number: in C order; `nil` for the only item.
    private func item(number: Int?) throws(PythonError) -> PythonObject {
        let index: [Int] = try withReadAccess { (contents) throws(PythonError) in
            let count = try raisingLayoutErrors { () throws(LayoutError) in try contents.layout.itemCount }
            guard let number else {
                guard count == 1 else {
                    throw PythonError(.value, "item() without an index is for one item, not for \(count)")
                }
                return [Int](repeating: 0, count: contents.ndim)
            }
            let position = number < 0 ? number &+ count : number
            guard position >= 0, position < count else {
                throw PythonError(.index, "item \(number) of \(count) items")
            }
            return contents.layout.index(ofItem: position)
        }
        return try item(at: index.span)
    }

    /// The index of the first item that does not equal the other memory's at the same index.
    ///
    /// - Throws: `ValueError` for another shape, `NotImplementedError` for items that cannot be read.
    fileprivate func firstDifference(from other: MemoryObject) throws(PythonError) -> [Int]? {
        try withExportPinned { (mine) throws(PythonError) in
            try other.withExportPinned { (theirs) throws(PythonError) in
                guard mine.layout.hasShape(of: theirs.layout) else {
                    let (a, b) = (mine.layout, theirs.layout)
                    throw PythonError(.value, "shape \(a.shapeText) cannot be compared with shape \(b.shapeText)")
                }
                let a = try unsafe ItemSource(mine.item, at: UnsafeRawPointer(mine.address))
                let b = try unsafe ItemSource(theirs.item, at: UnsafeRawPointer(theirs.address))
                guard let number = try a.firstDifference(mine.layout, b, theirs.layout) else { return nil }
                return mine.layout.index(ofItem: number)
            }
        }
    }
}

private let item = Callable(
    "item", "*index",
    """
    Return one item: the only one, or that with a number in C order or with an index, ints or a tuple of them.

    Raises ValueError without an index where there is not just one item, and for a wrong number of indices, IndexError
    out of range. O(1). Source: ``numpy.ndarray.item``.

    >>> swiftbuffer.array([[1, 2], [3, 4]]).item(2)
    3
    """)
private let count = Callable(
    "count", "value, /",
    """
    Return how many items equal ``value``, whatever the number of dimensions. A buffer is counted among the parts along
    the first axis, and in memory of bytes as ``bytes.count`` counts it; one without dimensions is an item.

    Raises TypeError for what can be neither, where there is not one dimension. O(items). Source: ``list.count``,
    ``bytes.count``.

    >>> swiftbuffer.View(b'banana').cast('B', (2, 3)).count(97)
    3
    >>> swiftbuffer.View(b'banana').count(b'an')
    2
    """)
private let index = Callable(
    "index", "value, start=0, stop=9223372036854775807, /",
    """
    Return where ``value`` is first, so that ``memory[memory.index(value)]`` is it: the position of the item, with several
    dimensions the tuple that is its index, in C order. A buffer is looked for among the parts along the first axis, and
    in memory of bytes as ``bytes.index`` looks for it. ``start`` and ``stop`` bound the first axis.

    Raises ValueError if there is none, TypeError for what can be neither item nor part, where there is not one dimension.
    O(items up to it). Source: ``list.index``, ``bytes.index``.

    >>> swiftbuffer.View(b'banana').index(97, 2)
    3
    >>> swiftbuffer.array([[1, 2], [3, 4]]).index(3)
    (1, 0)
    """)
private let find = Callable(
    "find", "sub, start=0, stop=9223372036854775807, /",
    """
    Return the position at which ``sub``, a bytes-like object or an int as one byte, begins for the first time; -1 where
    it does not. Positions from ``start`` to ``stop`` are looked at, as by ``bytes.find``.

    For one dimension of format 'B', 'b' or 'c'. Raises TypeError for other memory, ValueError for an int that is no byte.
    O(items), in place where the bytes lie side by side. Source: ``bytes.find``.

    >>> swiftbuffer.View(b'banana').find(b'an')
    1
    """)
private let rfind = Callable(
    "rfind", "sub, start=0, stop=9223372036854775807, /",
    """
    Return the position at which ``sub`` begins for the last time, or -1. All else is as for ``find``: ``start``, ``stop``,
    and what it raises. O(items). Source: ``bytes.rfind``.

    >>> swiftbuffer.View(b'banana').rfind(b'an')
    3
    """)
private let mismatch = Callable(
    "mismatch", "a, b, /",
    """
    Return the index of the first item, in C order, at which two buffers of one shape differ: an int, with several
    dimensions a tuple; None where all items are equal.

    Values are compared as by ``==``, whatever the formats and layouts: NaN differs from NaN. Raises ValueError for
    buffers of different shapes, NotImplementedError for items that cannot be read. O(items up to the difference).

    >>> swiftbuffer.mismatch(b'banana', b'bandana')
    Traceback (most recent call last):
        ...
    ValueError: shape (6,) cannot be compared with shape (7,)
    >>> swiftbuffer.mismatch(b'banana', b'bandit')
    3

    Source: this package; ``std::mismatch`` of C++ is similar.
    """)
