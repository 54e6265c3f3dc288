// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// `swiftbuffer.map_file`
enum MapFile {
    static let function: MethodDefinition =
        mapFile.method {
            mapFile.call($0, $1, $2, $3) { (call) throws(PythonError) in try map(call) }
        }

    private static func map(_ call: borrowing Arguments) throws(PythonError) -> PythonObject {
        let item = try call.requiredFormat(1)
        try ArrayObject.checkCanHold(item)
        let shape: [Int]? = if let shape = call.optional(2) { try integersOf(shape, "shape") } else { nil }
        let text = try call.string(3, default: "r")
        guard let mode = MappedFile.Mode(rawValue: text) else {
            let modes = MappedFile.Mode.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw PythonError(.value, "mode must be one of \(modes), not '\(text)'")
        }
        let offset = try call.int(4, default: 0)
        guard offset >= 0 else { throw PythonError(.value, "offset must not be negative, as \(offset) is") }
        let order = try call.order(5, default: .c)
        // Before the file is touched, which mode 'w+' empties.
        let byteCount: Int? =
            if let shape { try Self.byteCount(of: shape, item, order) } else { nil }
        guard byteCount != nil || mode != .create else {
            throw PythonError(.type, "mode 'w+' needs a shape: the new file has as many bytes as the items")
        }
        let path = try bytes(ofPath: call[0], mode)
        let file = try MappedFile(path, mode, offset: offset)
        if let shape, let byteCount {
            return try array(call, file.memory(byteCount: byteCount), shape, item, order)
        }
        let room = try file.room
        let itemsize = item.format.itemsize
        guard itemsize > 0, room.isMultiple(of: itemsize) else {
            throw PythonError(
                .value,
                "the file has \(room) bytes behind offset \(offset), not a multiple of itemsize \(itemsize); give the "
                    + "shape")
        }
        return try array(call, file.memory(byteCount: room), [room / itemsize], item, order)
    }

    private static func array(
        _ call: borrowing Arguments, _ memory: BufferMemory, _ shape: [Int], _ item: ItemFormat, _ order: Order
    ) throws(PythonError) -> PythonObject {
        try ArrayObject.make(for: call.receiver, adopting: memory, shape: shape.span, item: item, order: order)
    }

    static func byteCount(of shape: [Int], _ item: ItemFormat, _ order: Order) throws(PythonError) -> Int {
        try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(contiguous: shape.span, itemsize: item.format.itemsize, order: order).summary.byteCount
        }
    }

    /// A path as the file system spells it, ended by a zero.
    private static func bytes(
        ofPath object: ObjectReference, _ mode: MappedFile.Mode
    ) throws(PythonError) -> [CChar] {
        if unsafe sb_audit_open(object.pointer, mode == .read || mode == .copyOnWrite ? 0 : 1) != 0 {
            throw PythonError.pending()
        }
        let bytes = try unsafe PythonObject(result: sb_path_bytes(object.pointer))
        let count = unsafe sb_bytes_count(bytes.pointer)
        let start = unsafe UnsafeRawBufferPointer(start: sb_bytes_address(bytes.pointer), count: count)
        return unsafe start.map { CChar(bitPattern: $0) } + [0]
    }
}

private let mapFile = Callable(
    "map_file", "path, format, shape=None, *, mode='r', offset=0, order='C'",
    """
    Return an Array whose memory is that of a file: nothing is read until it is used, and what is written is in the file.

    ``mode`` is ``'r'`` to read, ``'r+'`` to read and write, ``'w+'`` to make a file, or to empty one, that is as long as
    the items, or ``'c'`` to write to memory alone. The items begin ``offset`` bytes behind the start of the file, and lie
    in ``order`` ``'C'`` or ``'F'``. Without a ``shape`` the array has one dimension and reaches to the end of the file. An array of one dimension that ends where
    the file does makes the file longer and shorter with its methods (``append``, ``extend``, ``resize``, ``pop``) in the
    modes ``'r+'`` and ``'w+'``; in mode ``'c'`` it moves into memory of its own when it grows. New bytes that nobody has
    written take no space on the disk.

    :meth:`Array.flush` waits until changes have reached the device, :meth:`Array.close` ends the mapping, as a ``with``
    statement does. A file that another process truncates: growing and ``flush`` raise BufferError, but reading an item
    behind the end of the file ends the process with SIGBUS, as with every mapping.

    Raises OSError for a file that cannot be opened, ValueError for one that is too short for ``shape``, or is not a
    regular file. O(1).

    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), 'samples')
    >>> with swiftbuffer.map_file(path, 'f', (2, 3), mode='w+') as samples:
    ...     samples[1] = 5
    >>> with swiftbuffer.map_file(path, 'f', mode='r+') as samples:
    ...     samples.append(6)
    >>> swiftbuffer.map_file(path, 'f')
    <Array shape=(7,) format='f' readonly [0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 6.0]>

    Source: mmap(2); the modes are those of ``numpy.memmap``.
    """)
