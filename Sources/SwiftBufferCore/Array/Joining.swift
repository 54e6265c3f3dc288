// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// Arrays made of several buffers: `concatenate` and `stack`.
enum Joining {
    static let functions: [MethodDefinition] =
        [
            concatenate.method { joined(concatenate, $0, $1, $2, $3, isNew: false) },
            stack.method { joined(stack, $0, $1, $2, $3, isNew: true) },
        ]

    private static func joined(
        _ callable: Callable, _ module: ObjectReference, _ arguments: SBArguments, _ count: Int,
        _ keywords: OptionalObjectReference, isNew: Bool
    ) -> ObjectResult {
        if let buffers = FastArguments.only(arguments, count, keywords),
            let joined = FastJoining.joined(buffers, for: module, isNew: isNew)
        {
            return joined
        }
        return callable.call(module, arguments, count, keywords) { (call) throws(PythonError) in
            let axis = try call.int(1, default: 0)
            return try Parts(call[0], for: call.receiver).joined(along: axis, isNew: isNew)
        }
    }
}

/// The buffers to join, as views without another user, so that nothing releases them.
private struct Parts: ~Copyable {
    private let types: ViewTypes
    /// A tuple.
    private let views: PythonObject
    private let count: Int

    init(_ buffers: ObjectReference, for module: ObjectReference) throws(PythonError) {
        let types = try ViewTypes(for: module)
        let exporters = try buffers.asTuple()
        let count = exporters.tupleCount
        guard count > 0 else { throw PythonError(.value, "there must be at least one buffer to join") }
        var views = try TupleBuilder(capacity: count)
        for index in 0..<count { views.append(try unsafe ViewObject.make(types, of: exporters.tupleItem(index))) }
        self.types = types
        self.views = views.finish()
        self.count = count
    }

    private func view(_ index: Int) -> MemoryObject { unsafe MemoryObject(views.tupleItem(index)) }

    private func shape(_ index: Int) throws(PythonError) -> [Int] {
        try view(index).withReadAccess { (contents) in contents.layout.shapeArray }
    }

    /// - Parameter isNew: whether to add the axis, which the parts do not have.
    func joined(along axis: Int, isNew: Bool) throws(PythonError) -> PythonObject {
        let first = try view(0).item
        let ndim = try view(0).withReadAccess { (contents) in contents.ndim }
        guard isNew || ndim > 0 else {
            throw PythonError(.value, "memory without dimensions cannot be concatenated; stack() gives it one")
        }
        let axes = isNew ? ndim + 1 : ndim
        let place = axis < 0 ? axis &+ axes : axis
        guard (0..<axes).contains(place) else {
            throw PythonError(.index, "axis \(axis) is out of range: the result has \(axes) axes")
        }
        let (shape, starts) = try resultShape(along: place, isNew: isNew)
        let result = try ArrayObject.make(
            types.array, shape: shape.span, item: first, order: .c, contents: .uninitialized)
        let before = [AxisIndex](repeating: .all, count: place)
        for index in 0..<count {
            let selected: AxisIndex =
                isNew ? .integer(index) : .slice(start: starts[index], stop: starts[index + 1], step: 1)
            let part = try unsafe MemoryObject(result.reference).view(.axes(before + [selected]), types)
            try unsafe MemoryObject(part.reference).withExportPinned { (target) throws(PythonError) in
                try view(index).withExportPinned { (source) throws(PythonError) in
                    let item = try source.item
                    guard item.format.isEquivalent(to: first.format) else {
                        throw PythonError(
                            .type,
                            "buffer \(index) has items of format '\(item.format)', the first of '\(first.format)': "
                                + "astype('\(first.format)') converts numbers")
                    }
                    try unsafe target.copyItems(from: source.address, layout: source.layout, item: item)
                }
            }
        }
        return result
    }

    /// The shape of the result, and where each part begins along the axis.
    private func resultShape(along axis: Int, isNew: Bool) throws(PythonError) -> (shape: [Int], starts: [Int]) {
        let first = try shape(0)
        var starts = [0]
        for index in 0..<count {
            let other = try shape(index)
            let fits =
                other.count == first.count
                && other.indices.allSatisfy { other[$0] == first[$0] || (!isNew && $0 == axis) }
            guard fits else {
                throw PythonError(
                    .value,
                    "buffer \(index) has shape \(tupleText(other.span)), the first \(tupleText(first.span)): "
                        + (isNew ? "they must be equal" : "only the lengths along axis \(axis) may differ"))
            }
            starts.append(try ArrayObject.sum(starts[index], isNew ? 1 : other[axis]))
        }
        var shape = first
        if isNew { shape.insert(count, at: axis) } else { shape[axis] = starts[count] }
        return (shape, starts)
    }
}

private let concatenate = Callable(
    "concatenate", "buffers, /, axis=0",
    """
    Return an Array with the items of several buffers, one after the other along an axis that they have.

    ``buffers`` is any iterable of exporters with items of the same format, whatever their layouts. Their shapes may
    differ along the axis only. The result is in C order, and has the first one's format. O(items).

    Raises ValueError for other shapes and for no buffers, TypeError for other formats, IndexError for another axis.

    >>> swiftbuffer.concatenate([b'ab', bytearray(b'c')]).tobytes()
    b'abc'

    Source: ``numpy.concatenate``.
    """)
private let stack = Callable(
    "stack", "buffers, /, axis=0",
    """
    Return an Array with the items of several buffers of one shape, side by side along a new axis.

    ``buffers`` is any iterable of exporters with items of the same format, whatever their layouts. The result is in C
    order, and has the first one's format. O(items).

    Raises ValueError for other shapes and for no buffers, TypeError for other formats, IndexError for another axis.

    >>> swiftbuffer.stack([b'ab', b'cd'], axis=1).tolist()
    [[97, 99], [98, 100]]

    Source: ``numpy.stack``.
    """)
