package import BufferLayout
internal import CPython
internal import CPythonShims

/// An array of Arrow's, taken out of its capsule: primitive items, or lists of a fixed size of them, without nulls.
///
/// Source: "The Arrow C data interface" and "The Arrow PyCapsule Interface".
package struct ArrowImport {
    /// The items; the array is released when the memory ends.
    package let memory: BufferMemory
    package let format: Format
    /// The length of the array, then those of the lists.
    package let shape: [Int]

    /// Takes the array. It is used up, also where this throws after its capsule was recognised; it has been released
    /// then.
    ///
    /// - Throws: `TypeError` for anything but two capsules with the names that Arrow gives them; `BufferError` for an
    ///   array that was used before, has missing items, items without a format, or is inconsistent.
    package init(schema: ObjectReference, array: ObjectReference, isReadOnly: Bool) throws(PythonError) {
        let taken = try ObjectLock.holding(array) { () throws(PythonError) in try TakenArray(from: array) }
        let types = try unsafe Self.pointer(in: schema, ArrowCapsule.schema).assumingMemoryBound(
            to: SBArrowSchema.self)
        guard unsafe types.pointee.release != nil else {
            throw PythonError(.buffer, "the schema was used before")
        }
        var level = unsafe ArrowLevel(types, taken.array)
        var shape = try unsafe [level.length()]
        var (start, count) = unsafe (level.offset, shape[0])
        while let size = try unsafe level.listSize() {
            try unsafe level.checkNoNulls(in: start, count)
            guard shape.count < maximumDimensions else {
                throw PythonError(.buffer, "the array has lists nested deeper than \(maximumDimensions)")
            }
            let child = try unsafe level.child()
            let (first, overflow) = start.multipliedReportingOverflow(by: size)
            let (total, overflow2) = count.multipliedReportingOverflow(by: size)
            let (offset, overflow3) = try unsafe first.addingReportingOverflow(child.checkedOffset())
            guard !overflow && !overflow2 && !overflow3 else { throw Self.tooLarge }
            (start, count) = (offset, total)
            try unsafe child.checkHolds(first, count)
            shape.append(size)
            unsafe level = child
        }
        let format = try unsafe level.itemFormat()
        try unsafe level.checkNoNulls(in: start, count)
        let (byteStart, overflow) = start.multipliedReportingOverflow(by: format.itemsize)
        let (byteCount, overflow2) = count.multipliedReportingOverflow(by: format.itemsize)
        guard !overflow && !overflow2 else { throw Self.tooLarge }
        let items = try unsafe level.items(byteStart, byteCount)
        memory = unsafe BufferMemory(
            adopting: items, byteCount: byteCount, isReadOnly: isReadOnly, release: { taken.end() })
        self.format = format
        self.shape = shape
    }

    fileprivate static var tooLarge: PythonError {
        PythonError(.buffer, "the array is inconsistent: it has more items than an address can count")
    }

    fileprivate static func pointer(
        in capsule: ObjectReference, _ name: StaticString
    ) throws(PythonError) -> UnsafeMutableRawPointer {
        guard unsafe PyCapsule_IsValid(capsule.pointer, cString(name)) != 0,
            let pointer = unsafe PyCapsule_GetPointer(capsule.pointer, cString(name))
        else {
            throw PythonError(
                .type,
                "__arrow_c_array__ must return capsules named 'arrow_schema' and 'arrow_array', not "
                    + typeNameOf(capsule))
        }
        return unsafe pointer
    }
}

/// One level of an array: its type and its items, or the lists that they stand in.
@unsafe
private struct ArrowLevel {
    let schema: UnsafeMutablePointer<SBArrowSchema>
    let array: UnsafeMutablePointer<SBArrowArray>

    init(_ schema: UnsafeMutablePointer<SBArrowSchema>, _ array: UnsafeMutablePointer<SBArrowArray>) {
        unsafe self.schema = schema
        unsafe self.array = array
    }

    private static func inconsistent(_ what: String) -> PythonError {
        PythonError(.buffer, "the array is inconsistent: \(what)")
    }

    var offset: Int { unsafe Int(truncatingIfNeeded: array.pointee.offset) }

    func length() throws(PythonError) -> Int {
        let length = unsafe Int(truncatingIfNeeded: array.pointee.length)
        guard length >= 0 else { throw unsafe Self.inconsistent("its length is \(length)") }
        _ = try unsafe checkedOffset()
        return length
    }

    func checkedOffset() throws(PythonError) -> Int {
        guard unsafe offset >= 0 else { throw unsafe Self.inconsistent("its offset is \(unsafe offset)") }
        return unsafe offset
    }

    private var format: String { unsafe schema.pointee.format.map { unsafe String(cString: $0) } ?? "" }

    /// The items of each list; `nil` where these are the items.
    func listSize() throws(PythonError) -> Int? {
        guard unsafe schema.pointee.dictionary == nil && array.pointee.dictionary == nil else {
            throw PythonError(.buffer, "the array has a dictionary; decode it first")
        }
        let format = unsafe format
        guard format.hasPrefix("+w:") else { return nil }
        guard let size = Int(format.dropFirst(3)), size >= 0 else {
            throw unsafe Self.inconsistent("its format is '\(format)'")
        }
        return size
    }

    func child() throws(PythonError) -> ArrowLevel {
        guard unsafe schema.pointee.child_count == 1 && array.pointee.child_count == 1,
            let types = unsafe schema.pointee.children?[0], let items = unsafe array.pointee.children?[0],
            unsafe types.pointee.release != nil && items.pointee.release != nil
        else { throw unsafe Self.inconsistent("a list of a fixed size must have one child") }
        return unsafe ArrowLevel(types, items)
    }

    /// Checks that lists find their items in this child.
    func checkHolds(_ first: Int, _ count: Int) throws(PythonError) {
        let length = try unsafe length()
        let (end, overflow) = first.addingReportingOverflow(count)
        guard !overflow, end <= length else {
            throw unsafe Self.inconsistent("its lists have \(count) items from \(first), of \(length) that there are")
        }
    }

    func itemFormat() throws(PythonError) -> Format {
        let text = unsafe format
        guard let format = Format(arrowFormat: text) else {
            throw PythonError(
                .buffer,
                text == "b"
                    ? "Arrow's truth values are single bits, for which there is no format; cast them to uint8 first"
                    : "no format describes items of Arrow's type '\(text)'; numbers of fixed width, and bytes of fixed "
                        + "length, have one")
        }
        guard unsafe array.pointee.buffer_count == 2 && array.pointee.buffers != nil else {
            throw unsafe Self.inconsistent("it must have 2 buffers, not \(unsafe array.pointee.buffer_count)")
        }
        return format
    }

    func items(_ start: Int, _ byteCount: Int) throws(PythonError) -> UnsafeMutableRawPointer? {
        guard byteCount > 0 else { return nil }
        guard let data = unsafe array.pointee.buffers?[1] else {
            throw unsafe Self.inconsistent("it has no data, but \(byteCount) bytes of items")
        }
        let (address, overflow) = UInt(bitPattern: data).addingReportingOverflow(UInt(start))
        guard !overflow, !address.addingReportingOverflow(UInt(byteCount)).overflow else { throw ArrowImport.tooLarge }
        return unsafe UnsafeMutableRawPointer(bitPattern: address)
    }

    /// - Throws: `BufferError` if one of the items is missing.
    func checkNoNulls(in start: Int, _ count: Int) throws(PythonError) {
        let nullCount = unsafe array.pointee.null_count
        guard nullCount != 0, unsafe array.pointee.buffer_count > 0,
            let validity = unsafe array.pointee.buffers?[0]?.assumingMemoryBound(to: UInt8.self)
        else { return }
        guard start.addingReportingOverflow(count).overflow == false else { throw ArrowImport.tooLarge }
        for index in start..<start + count
        where unsafe validity[index >> 3] & (1 << UInt8(truncatingIfNeeded: index & 7)) == 0 {
            throw PythonError(
                .buffer,
                "item \(index - start) of the array is missing (null), which a buffer cannot say; fill_null() and its "
                    + "kin replace it")
        }
    }
}

/// An array that belongs to this library: it is released once, when it is not needed any more.
@safe
private final class TakenArray {
    let array: UnsafeMutablePointer<SBArrowArray>
    private var hasEnded = false

    /// - Precondition: other threads do not use the capsule meanwhile.
    init(from capsule: ObjectReference) throws(PythonError) {
        let source = try unsafe ArrowImport.pointer(in: capsule, ArrowCapsule.array).assumingMemoryBound(
            to: SBArrowArray.self)
        guard unsafe source.pointee.release != nil else {
            throw PythonError(
                .buffer, "the array was used before: each capsule can be consumed once, ask for a new one")
        }
        guard let moved = unsafe sb_moved_arrow_array(source) else { throw .outOfMemory() }
        unsafe array = moved
    }

    deinit { end() }

    /// Releases the array, unless it has been.
    ///
    /// - Precondition: the thread is attached: a release function may be written in Python.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        // The memory may end while an exception is being raised.
        PythonError.settingPendingAside {
            unsafe sb_end_arrow_array(array)
            if unsafe PyErr_Occurred() != nil { PyErr_WriteUnraisable(nil) }
        }
    }
}
