// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The fast path for copying buffers of scalars along one contiguous axis, which most are: bytes that stay as they are,
/// into a new array or behind the items of one. `nil`, or `false` with nothing done, where the slow path is needed.
@safe
struct PlainItems {
    private let bytes: UnsafeRawBufferPointer
    private let item: ItemFormat

    private init?(_ bytes: UnsafeRawBufferPointer, _ item: ItemFormat?) {
        // Many bytes are copied without the GIL.
        guard let item, item.scalar != nil, bytes.count < detachThreshold else { return nil }
        unsafe self.bytes = bytes
        self.item = item
    }

    /// The items of a buffer, as long as it is held.
    private init?(_ buffer: borrowing PythonBuffer) {
        guard let answer = unsafe ContiguousAxisAnswer(buffer.view) else { return nil }
        let text = unsafe answer.format
        guard unsafe text[0] != 0 && text[1] == 0, answer.scalar != nil else { return nil }
        unsafe self.init(answer.bytes, ItemFormat.of(letter: UInt8(bitPattern: text[0])))
    }

    /// Runs `body` on the items of a bytes object, or of an array of the type, which are read without acquiring a buffer.
    private static func reading<Result: ~Copyable>(
        _ object: ObjectReference, _ type: UnsafeMutablePointer<PyTypeObject>,
        _ body: (PlainItems) throws(PythonError) -> Result?
    ) throws(PythonError) -> Result? {
        if sb_is_exact_bytes(object) != 0 {
            let bytes = unsafe UnsafeRawBufferPointer(
                start: sb_bytes_address(object.pointer), count: sb_bytes_count(object.pointer))
            guard let items = unsafe PlainItems(bytes, .of(.uint8)) else { return nil }
            return try body(items)
        }
        guard unsafe sb_type(object.pointer) == type else { return nil }
        return try MemoryObject(object).withExportPinned { (contents) throws(PythonError) in
            guard contents.ndim == 1 else { return nil }
            let bytes = unsafe UnsafeRawBufferPointer(start: contents.address, count: contents.length)
            guard let items = unsafe PlainItems(bytes, contents.rememberedItem) else { return nil }
            return try body(items)
        }
    }

    // -- Into a new array

    /// An array of the items of a bytes object or an array.
    static func copy(
        _ type: ObjectReference, of object: ObjectReference, as item: ItemFormat?, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject? {
        try unsafe reading(object, type.typePointer) { (items) throws(PythonError) in
            try items.array(type, as: item, isReadOnly: isReadOnly)
        }
    }

    /// An array of the items of a buffer.
    static func copy(
        _ type: ObjectReference, of buffer: borrowing PythonBuffer, as item: ItemFormat?, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject? {
        try PlainItems(buffer)?.array(type, as: item, isReadOnly: isReadOnly)
    }

    private func array(
        _ type: ObjectReference, as wanted: ItemFormat?, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject? {
        if let wanted, !isOf(wanted) { return nil }
        let array = try unsafe ArrayObject.make(
            type, shape: [bytes.count / item.format.itemsize].span, item: wanted ?? item, order: .c,
            contents: .uninitialized, isReadOnly: isReadOnly)
        if let block = unsafe ObjectFields(of: array.reference).block { unsafe copy(to: block) }
        return array
    }

    // -- Behind the items of an array

    /// Adds the items of a bytes object or an array to an array.
    ///
    /// - Parameter asBytes: whether the bytes of the buffer are items, whatever its own are.
    static func append(
        of object: ObjectReference, to array: ObjectReference, asBytes: Bool
    ) throws(PythonError) -> Bool {
        // An array of the same type: others are acquired.
        try unsafe reading(object, sb_type(array.pointer)) { (items) in
            items.append(to: array, asBytes: asBytes) ? true : nil
        } == true
    }

    /// Adds the items of a buffer to an array; not if it is one of that array itself, which cannot grow beside it.
    static func append(of buffer: borrowing PythonBuffer, to array: ObjectReference, asBytes: Bool) -> Bool {
        PlainItems(buffer)?.append(to: array, asBytes: asBytes) ?? false
    }

    private func append(to array: ObjectReference, asBytes: Bool) -> Bool {
        let contents = MemoryObject(array).leasedContents
        // It never changes while the array lives.
        guard let own = contents.rememberedItem, asBytes || isOf(own) else { return false }
        let itemsize = own.format.itemsize
        guard itemsize > 0, unsafe bytes.count.isMultiple(of: itemsize) else { return false }
        return unsafe FastGrowth.extend(array, by: bytes.count / itemsize) { (place, _) in
            unsafe copy(to: place)
            return true
        }
    }

    private func isOf(_ other: ItemFormat) -> Bool {
        guard let mine = item.scalar, let theirs = other.scalar else { return false }
        return mine == theirs
    }

    private func copy(to place: UnsafeMutableRawPointer) {
        guard let start = unsafe bytes.baseAddress else { return }
        unsafe place.copyMemory(from: start, byteCount: bytes.count)
    }
}
