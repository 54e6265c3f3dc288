// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

// Arrays over memory that a file or a named segment backs: growth with it, and the methods that only they have. Closing
// is for every array.

extension ArrayObject {
    /// What backs an array's memory; `nil` for any other memory.
    static func backing(of fields: ObjectFields) -> (any MemoryBacking)? {
        guard let memory = unsafe fields.memory else { return nil }
        return unsafe BufferMemory.retained(memory).backing
    }

    /// The part of ``setCount(_:_:append:)`` for memory that grows in place.
    static func setLength(
        of backing: any MemoryBacking, _ fields: ObjectFields, _ length: Int, capacity: Int,
        append: borrowing RawSpan
    ) throws(PythonError) {
        let old = fields.length
        guard length > fields.capacity else {
            return try backing.setLength(from: old, to: length, append: append)
        }
        // First the memory: no file is changed that cannot be mapped.
        let larger = try remapped(backing, length, roomy: capacity)
        try backing.setLength(from: old, to: length, append: append)
        exchange(fields, larger)
    }

    /// A larger mapping: of `roomy` bytes, or of just as many as are needed where there is no room for so many.
    private static func remapped(
        _ backing: any MemoryBacking, _ length: Int, roomy: Int
    ) throws(PythonError) -> BufferMemory {
        do throws(PythonError) {
            return try backing.remapped(byteCount: roomy)
        } catch {
            return try backing.remapped(byteCount: length)
        }
    }

    /// Shows a larger mapping of the same bytes. The old one is released by ``edit(_:_:)``.
    static func exchange(_ fields: ObjectFields, _ memory: BufferMemory) {
        unsafe fields.memory = memory.retainForExporter()
        fields.capacity = memory.byteCount
        unsafe fields.block = memory.address
    }

    /// `array.close()`: releases the memory; does nothing the second time.
    ///
    /// - Throws: `BufferError` while exports are outstanding.
    static func close(_ array: ObjectReference) throws(PythonError) {
        guard try MemoryObject(array).close() else { return }
        // No other code reads these fields of closed memory.
        dropMemory(of: ObjectFields(of: array))
    }
}

/// The methods and attributes of arrays over a file or a named segment, and `close`.
enum BackingMethods {
    static let definitions: [MethodDefinition] =
        [
            flush.method {
                flush.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try withBacking(call.receiver, "flush() writes mapped files: map_file() makes such an array") {
                        (backing, memory, contents) throws(PythonError) in
                        try backing.flush(memory, length: contents.length)
                        return .none
                    }
                }
            },
            advise.method {
                advise.call($0, $1, $2, $3) { (call) throws(PythonError) in try advised(call) }
            },
            close.method {
                close.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try ArrayObject.close(call.receiver)
                    return .none
                }
            },
            enter.method {
                enter.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try MemoryObject(call.receiver).withReadAccess { (_) in }
                    return PythonObject(borrowing: call.receiver)
                }
            },
            exit.method {
                exit.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    do throws(PythonError) {
                        try ArrayObject.close(call.receiver)
                    } catch {
                        // An error that is on its way must not be hidden by the exports that it keeps.
                        if call.optional(0) == nil { throw error }
                    }
                    return .none
                }
            },
        ]

    static let name = PropertyDefinition(
        "name",
        """
        Where others find the memory: the path of a mapped file, the name of a shared segment; a str. Other arrays do not
        have the attribute.

        >>> hasattr(swiftbuffer.zeros(3), 'name')
        False
        """
    ) { array, _ in
        returningObject { () throws(PythonError) in
            let memory = try MemoryObject(array).withReadAccess { (contents) in contents.adopted }
            guard let backing = memory?.backing else {
                throw PythonError(
                    .attribute, "the memory has no name: map_file() and shared() make arrays whose memory has one")
            }
            return try backing.name()
        }
    }

    private static func advised(_ call: borrowing Arguments) throws(PythonError) -> PythonObject {
        let text = try call.string(0)
        guard let advice = MemoryAdvice.allCases.first(where: { $0.name == text }) else {
            let names = MemoryAdvice.allCases.map { "'\($0.name)'" }.joined(separator: ", ")
            throw PythonError(.value, "advice must be one of \(names), not '\(text)'")
        }
        let start = try call.int(1, default: 0)
        let stop: Int? = if let stop = call.optional(2) { try intValue(of: stop) } else { nil }
        return try withBacking(
            call.receiver, "advise() is for mapped memory: map_file() and shared() make such an array"
        ) { (backing, memory, contents) throws(PythonError) in
            let range = try raisingLayoutErrors { () throws(LayoutError) in
                try SliceRange(start: start, stop: stop, step: 1, length: contents.length)
            }
            try backing.advise(memory, advice, bytes: range.start..<range.start + range.count)
            return .none
        }
    }

    /// Runs `body` with the backing of an array's memory, which stays meanwhile.
    private static func withBacking(
        _ array: ObjectReference, _ refusal: StaticString,
        _ body: (any MemoryBacking, BufferMemory, borrowing MemoryObject.Contents) throws(PythonError) -> PythonObject
    ) throws(PythonError) -> PythonObject {
        try MemoryObject(array).withExportPinned { (contents) throws(PythonError) in
            guard let memory = contents.adopted, let backing = memory.backing else {
                throw PythonError(.type, "\(refusal)")
            }
            return try body(backing, memory, contents)
        }
    }
}

private let flush = Callable(
    "flush", "",
    """
    Wait until all items of a mapped file have reached its device. Nothing else needs it: other processes see changes at
    once, and the system writes them by itself.

    Raises OSError if they cannot be written, BufferError if the file has become shorter than the items, TypeError for
    other memory than a mapped file's, and for mode ``'c'``. O(changed bytes), without the GIL.

    >>> import tempfile
    >>> with swiftbuffer.map_file(tempfile.mkstemp()[1], 'f', 3, mode='w+') as a:
    ...     a[0] = 1
    ...     a.flush()

    Source: msync(2).
    """)
private let advise = Callable(
    "advise", "advice, start=0, stop=None, /",
    """
    Tell the system how the bytes from ``start`` to ``stop`` are going to be used, in whole pages: ``'normal'``,
    ``'random'``, ``'sequential'``, ``'willneed'`` (read them ahead), ``'dontneed'`` (they may leave the memory; mapped
    files and segments keep them), ``'hugepage'`` or ``'nohugepage'``.

    Raises ValueError for other advice, TypeError for memory that is not mapped, OSError for what the system does not
    support. O(pages).

    >>> import tempfile
    >>> with swiftbuffer.map_file(tempfile.mkstemp()[1], 'f', 3, mode='w+') as a:
    ...     a.advise('sequential')

    Source: madvise(2).
    """)
private let close = Callable(
    "close", "",
    """
    Release the memory now; the array cannot be used any more. Does nothing the second time.

    Raises BufferError while exports are outstanding, with nothing released: their consumers still read the memory.

    >>> a = swiftbuffer.zeros(3)
    >>> a.close()
    >>> a
    <released Array>

    O(1). Source: ``mmap.mmap.close``.
    """)
private let enter = Callable("__enter__", "", "Return the array.")
private let exit = Callable(
    "__exit__", "type=None, value=None, traceback=None, /",
    """
    Close the array. While exports are outstanding it stays open, and BufferError is raised unless another exception is on
    its way.
    """)
