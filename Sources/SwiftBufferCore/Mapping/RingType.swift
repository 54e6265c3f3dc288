// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import PythonBuffers

// `swiftbuffer.Ring` as Python sees it, and `swiftbuffer.ring`, which makes one.

extension Ring {
    static let function: MethodDefinition =
        makeRing.method {
            makeRing.call($0, $1, $2, $3) { (call) throws(PythonError) in
                try make(count: call.int(0), call.format(1) ?? .of(.uint8), for: call.receiver)
            }
        }

    private static let type = TypeDefinition(
        name: "swiftbuffer.Ring",
        documentation: """
            A ring buffer for one producer and one consumer, made by :func:`swiftbuffer.ring`.

            ``len(ring)`` is how many items can be read.

            >>> ring = swiftbuffer.ring(1000, 'h')
            >>> ring.writable(3)[...] = [1, 2, 3]
            >>> ring.commit(3)
            >>> len(ring), ring.readable().tolist()
            (3, [1, 2, 3])
            >>> ring.consume(2)
            >>> ring
            <Ring format='h' 1 of 2048 items>
            """,
        basicSize: Instance<Ring>.size, flags: [.notInstantiable],
        slots: [
            .deallocate { Instance<Ring>.deallocate($0) },
            .count { ring in returningInteger { () throws(PythonError) in of(ring).count } },
            .representation { ring in
                returningObject { () throws(PythonError) in
                    let ring = of(ring)
                    return try PythonObject("<Ring format='\(ring.format)' \(ring.count) of \(ring.capacity) items>")
                }
            },
        ],
        methods: [
            writableMethod.method {
                writableMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try of(call.receiver).writableWindow(atMost: limit(call))
                }
            },
            commitMethod.method {
                commitMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try of(call.receiver).commit(call.int(0))
                    return .none
                }
            },
            readableMethod.method {
                readableMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try of(call.receiver).readableWindow(atMost: limit(call))
                }
            },
            consumeMethod.method {
                consumeMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try of(call.receiver).consume(call.int(0))
                    return .none
                }
            },
        ],
        properties: [
            PropertyDefinition(
                "capacity",
                """
                How many items the ring has room for, an int: those asked for, and more up to whole pages.

                >>> swiftbuffer.ring(1, 'i').capacity
                1024
                """
            ) { ring, _ in
                returningObject { () throws(PythonError) in try PythonObject(of(ring).capacity) }
            },
            PropertyDefinition(
                "free",
                """
                How many items can be written, an int.

                >>> swiftbuffer.ring(1, 'i').free
                1024
                """
            ) { ring, _ in
                returningObject { () throws(PythonError) in try PythonObject(of(ring).room) }
            },
            PropertyDefinition(
                "format",
                """
                The format of one item, a str (PEP 3118).

                >>> swiftbuffer.ring(1, float).format
                'd'
                """
            ) { ring, _ in
                returningObject { () throws(PythonError) in try PythonObject(of(ring).format) }
            },
        ])

    static func add(to builder: borrowing ModuleBuilder) throws(PythonError) {
        try builder.keep(builder.add(type), at: CoreState.ringType.rawValue)
    }

    /// The ring in an object: CPython calls a type's functions with its instances alone.
    private static func of(_ object: ObjectReference) -> Ring { unsafe Instance<Ring>.value(in: object).pointee }

    private static func limit(_ call: borrowing Arguments) throws(PythonError) -> Int {
        guard let given = call.optional(0) else { return .max }
        let limit = try intValue(of: given)
        guard limit >= 0 else { throw PythonError(.value, "count must not be negative, as \(limit) is") }
        return limit
    }
}

private let makeRing = Callable(
    "ring", "count, format='B'",
    """
    Return a Ring with room for at least ``count`` items of a ``format``: a queue in memory between one thread that
    writes and one that reads, without a lock.

    Its memory is mapped twice, one after the other, so that every window is contiguous, also where it leaves the end of
    the memory: :meth:`Ring.writable` and :meth:`Ring.readable` are Views, for ``recv_into``, sound devices and NumPy.
    One thread at a time may use ``writable`` and ``commit``, and one ``readable`` and ``consume``.

    Raises ValueError for no items, NotImplementedError for pointers to objects, OSError where there is no memory. O(1).

    >>> ring = swiftbuffer.ring(4096)
    >>> ring.writable()[:5] = b'hello'
    >>> ring.commit(5)
    >>> ring.readable().tobytes()
    b'hello'

    Source: memfd_create(2), mmap(2).
    """)
private let writableMethod = Callable(
    "writable", "count=None, /",
    """
    Return a View of the room for items, at most ``count``, to be written before :meth:`commit`; empty in a full ring.

    The room is no one else's until it is committed. A View that is kept after that shows what the consumer reads.
    Raises ValueError for a negative count. O(1). Source: this package.

    >>> len(swiftbuffer.ring(4096).writable(100))
    100
    """)
private let commitMethod = Callable(
    "commit", "count, /",
    """
    Hand the first ``count`` items of the room to the consumer.

    Raises ValueError if there is no room for so many. O(1). Source: this package.

    >>> ring = swiftbuffer.ring(4096)
    >>> ring.commit(3)
    >>> len(ring)
    3
    """)
private let readableMethod = Callable(
    "readable", "count=None, /",
    """
    Return a read-only View of the items to be read, at most ``count``, oldest first; empty in an empty ring.

    The items stay until they are consumed. A View that is kept after that shows what the producer writes.
    Raises ValueError for a negative count. O(1). Source: this package.

    >>> len(swiftbuffer.ring(4096).readable())
    0
    """)
private let consumeMethod = Callable(
    "consume", "count, /",
    """
    Give the room of the ``count`` oldest items to the producer.

    Raises ValueError if there are not so many. O(1). Source: this package.

    >>> ring = swiftbuffer.ring(4096)
    >>> ring.commit(3)
    >>> ring.consume(2)
    >>> len(ring)
    1
    """)
