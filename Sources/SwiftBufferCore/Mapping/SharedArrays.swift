// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// `swiftbuffer.shared`, and what pickle calls in its place.
enum SharedArrays {
    static let functions: [MethodDefinition] =
        [
            shared.method {
                shared.call($0, $1, $2, $3) { (call) throws(PythonError) in try array(call) }
            },
            attach.method {
                attach.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try attached(
                        call, call.string(0), integersOf(call[2], "shape"), call.requiredFormat(1),
                        call.order(3, default: .c), isReadOnly: call.bool(4, default: false))
                }
            },
        ]

    private static func array(_ call: borrowing Arguments) throws(PythonError) -> PythonObject {
        let shape: [Int]? = if let shape = call.optional(0) { try integersOf(shape, "shape") } else { nil }
        let item = try call.format(1) ?? .of(.float64)
        try ArrayObject.checkCanHold(item)
        let name: String? = if call.optional(2) != nil { try call.string(2) } else { nil }
        if let name { try SharedSegment.checkName(name) }
        let order = try call.order(4, default: .c)
        let isReadOnly = try call.bool(5, default: false)
        guard try call.bool(3, default: true) else {
            guard let name else {
                throw PythonError(.type, "create=False needs the name of a segment, which the array has that made it")
            }
            return try attached(call, name, shape, item, order, isReadOnly: isReadOnly)
        }
        guard let shape else {
            throw PythonError(.type, "a new segment needs a shape; create=False attaches one that exists")
        }
        guard !isReadOnly else {
            throw PythonError(.type, "a new segment must be written; readonly=True is for create=False")
        }
        let byteCount = try MapFile.byteCount(of: shape, item, order)
        return try ArrayObject.make(
            for: call.receiver, adopting: SharedSegment.make(name, byteCount: byteCount), shape: shape.span,
            item: item, order: order)
    }

    private static func attached(
        _ call: borrowing Arguments, _ name: String, _ shape: [Int]?, _ item: ItemFormat, _ order: Order,
        isReadOnly: Bool
    ) throws(PythonError) -> PythonObject {
        let itemsize = item.format.itemsize
        let memory = try SharedSegment.attach(name, isReadOnly: isReadOnly) { (room) throws(PythonError) in
            if let shape { return try MapFile.byteCount(of: shape, item, order) }
            guard itemsize > 0, room.isMultiple(of: itemsize) else {
                throw PythonError(
                    .value,
                    "the segment '\(name)' has \(room) bytes, not a multiple of itemsize \(itemsize); give the shape")
            }
            return room
        }
        let lengths = shape ?? [memory.byteCount / itemsize]
        return try ArrayObject.make(
            for: call.receiver, adopting: memory, shape: lengths.span, item: item, order: order)
    }

    /// What pickle needs to find the memory of an array again; `nil` where that is not in a shared segment.
    static func reduced(_ array: ObjectReference, in module: borrowing PythonObject) throws(PythonError)
        -> PythonObject?
    {
        let arguments = try MemoryObject(array).withExportPinned { (contents) throws(PythonError) -> PythonObject? in
            guard let name = contents.adopted?.backing?.sharedName else { return nil }
            var arguments = try TupleBuilder(capacity: 5)
            arguments.append(try PythonObject(name))
            arguments.append(try PythonObject(contents.item.spelling))
            arguments.append(try PythonObject(tuple: contents.layout.shape))
            arguments.append(try PythonObject(contents.layout.resolved(.any) == .fortran ? "F" : "C"))
            arguments.append(PythonObject(contents.isReadOnly))
            return arguments.finish()
        }
        guard let arguments = arguments else { return nil }
        return try PythonObject(pair: module.attribute("_attach"), arguments)
    }
}

private let shared = Callable(
    "shared", "shape=None, format='d', *, name=None, create=True, order='C', readonly=False",
    """
    Return an Array in a named segment of shared memory, which other processes of this machine attach: all of them, and
    ``multiprocessing.shared_memory.SharedMemory(name=...)``, use the same memory.

    The array has a ``shape``, ``format`` and ``order`` as of ``zeros``. It is new, its bytes are zero, and it has the
    ``name`` or one that nothing else has. With ``create=False`` it
    is that of a segment that exists: of the ``shape``, or without one of one dimension up to the end; ``readonly=True``
    maps it read-only. :attr:`Array.name` is the name. A pickle of the array holds the name and not the items, so that
    arguments and results of ``multiprocessing`` are the same memory; ``copy()`` makes an array with memory of its own.

    The array that made the segment removes its name when it is closed, by :meth:`Array.close` or a ``with`` statement, or
    ends; other processes keep the memory until they close theirs. Where the process that made it is killed, CPython's
    resource tracker removes the name once no process is left that shares the tracker.

    Raises FileExistsError, FileNotFoundError and other OSErrors, such as for too little shared memory; ValueError for a
    segment that is too small, or what is no name. Resizing raises TypeError. O(1).

    >>> with swiftbuffer.shared((2, 3), 'f') as image:
    ...     other = swiftbuffer.shared((2, 3), 'f', name=image.name, create=False)  # in another process
    ...     other[1, 2] = 5
    ...     image.tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.0, 5.0]]

    Source: shm_overview(7).
    """)
private let attach = Callable(
    "_attach", "name, format, shape, order, readonly, /", "Return the Array in a shared segment that a pickle names.")
