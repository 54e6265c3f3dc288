// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
public import InterchangeShims

/// What an array of Arrow's says about its memory: primitive items, or lists of a fixed size of them, without nulls.
///
/// Source: "The Arrow C data interface".
@safe
public struct ArrowReading {
    public let format: Format
    /// The length of the array, then those of the lists.
    public let shape: [Int]
    /// The first item; `nil` if the items have no bytes.
    public let address: UnsafeMutableRawPointer?
    public let byteCount: Int

    /// Reads an array and its schema, and of the memory that they point at only the bits that say which items are
    /// missing.
    ///
    /// - Precondition: both are as Arrow lays them out: text ends with a zero, and there are as many buffers and
    ///   children, and as many bits, as they say.
    /// - Throws: ``InterchangeError`` for items without a format, missing items, and what is inconsistent.
    @unsafe
    public init(
        _ schema: UnsafeMutablePointer<SBArrowSchema>, _ array: UnsafeMutablePointer<SBArrowArray>
    ) throws(InterchangeError) {
        var level = unsafe ArrowLevel(schema, array)
        var shape = try unsafe [level.length()]
        var (start, count) = unsafe (level.offset, shape[0])
        while let size = try unsafe level.listSize() {
            try unsafe level.checkNoNulls(in: start, count)
            guard shape.count < maximumDimensions else {
                throw InterchangeError("the array has lists nested deeper than \(maximumDimensions)")
            }
            let child = try unsafe level.child()
            let (first, overflow) = start.multipliedReportingOverflow(by: size)
            let (total, overflow2) = count.multipliedReportingOverflow(by: size)
            let (offset, overflow3) = try unsafe first.addingReportingOverflow(child.checkedOffset())
            guard !overflow && !overflow2 && !overflow3 else { throw ArrowReading.tooLarge }
            (start, count) = (offset, total)
            try unsafe child.checkHolds(first, count)
            shape.append(size)
            unsafe level = child
        }
        let format = try unsafe level.itemFormat()
        try unsafe level.checkNoNulls(in: start, count)
        let (byteStart, overflow) = start.multipliedReportingOverflow(by: format.itemsize)
        let (byteCount, overflow2) = count.multipliedReportingOverflow(by: format.itemsize)
        guard !overflow && !overflow2 else { throw ArrowReading.tooLarge }
        unsafe address = try unsafe level.items(byteStart, byteCount)
        self.byteCount = byteCount
        self.format = format
        self.shape = shape
    }

    static var tooLarge: InterchangeError {
        InterchangeError("the array is inconsistent: it has more items than an address can count")
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

    private static func inconsistent(_ what: String) -> InterchangeError {
        InterchangeError("the array is inconsistent: \(what)")
    }

    var offset: Int { unsafe Int(truncatingIfNeeded: array.pointee.offset) }

    func length() throws(InterchangeError) -> Int {
        let length = unsafe Int(truncatingIfNeeded: array.pointee.length)
        guard length >= 0 else { throw unsafe Self.inconsistent("its length is \(length)") }
        _ = try unsafe checkedOffset()
        return length
    }

    func checkedOffset() throws(InterchangeError) -> Int {
        guard unsafe offset >= 0 else { throw unsafe Self.inconsistent("its offset is \(unsafe offset)") }
        return unsafe offset
    }

    private var format: String { unsafe schema.pointee.format.map { unsafe String(cString: $0) } ?? "" }

    /// The items of each list; `nil` where these are the items.
    func listSize() throws(InterchangeError) -> Int? {
        guard unsafe schema.pointee.dictionary == nil && array.pointee.dictionary == nil else {
            throw InterchangeError("the array has a dictionary; decode it first")
        }
        // Most arrays are no lists: their formats are not lists' from the first character on.
        guard unsafe schema.pointee.format?.pointee == CChar(bitPattern: UInt8(ascii: "+")) else { return nil }
        let format = unsafe format
        guard format.hasPrefix("+w:") else { return nil }
        guard let size = Int(format.dropFirst(3)), size >= 0 else {
            throw unsafe Self.inconsistent("its format is '\(format)'")
        }
        return size
    }

    func child() throws(InterchangeError) -> ArrowLevel {
        guard unsafe schema.pointee.child_count == 1 && array.pointee.child_count == 1,
            let types = unsafe schema.pointee.children?[0], let items = unsafe array.pointee.children?[0],
            unsafe types.pointee.release != nil && items.pointee.release != nil
        else { throw unsafe Self.inconsistent("a list of a fixed size must have one child") }
        return unsafe ArrowLevel(types, items)
    }

    /// Checks that lists find their items in this child.
    func checkHolds(_ first: Int, _ count: Int) throws(InterchangeError) {
        let length = try unsafe length()
        let (end, overflow) = first.addingReportingOverflow(count)
        guard !overflow, end <= length else {
            throw unsafe Self.inconsistent("its lists have \(count) items from \(first), of \(length) that there are")
        }
    }

    func itemFormat() throws(InterchangeError) -> Format {
        let text = unsafe format
        guard let format = Format.known(arrowFormat: text) ?? Format(arrowFormat: text) else {
            throw InterchangeError(
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

    func items(_ start: Int, _ byteCount: Int) throws(InterchangeError) -> UnsafeMutableRawPointer? {
        guard byteCount > 0 else { return nil }
        guard let data = unsafe array.pointee.buffers?[1] else {
            throw unsafe Self.inconsistent("it has no data, but \(byteCount) bytes of items")
        }
        let (address, overflow) = UInt(bitPattern: data).addingReportingOverflow(UInt(start))
        guard !overflow, !address.addingReportingOverflow(UInt(byteCount)).overflow else { throw ArrowReading.tooLarge }
        return unsafe UnsafeMutableRawPointer(bitPattern: address)
    }

    /// - Throws: `BufferError` if one of the items is missing.
    func checkNoNulls(in start: Int, _ count: Int) throws(InterchangeError) {
        let nullCount = unsafe array.pointee.null_count
        guard nullCount != 0, unsafe array.pointee.buffer_count > 0,
            let validity = unsafe array.pointee.buffers?[0]?.assumingMemoryBound(to: UInt8.self)
        else { return }
        guard start.addingReportingOverflow(count).overflow == false else { throw ArrowReading.tooLarge }
        for index in start..<start + count
        where unsafe validity[index >> 3] & (1 << UInt8(truncatingIfNeeded: index & 7)) == 0 {
            throw InterchangeError(
                "item \(index - start) of the array is missing (null), which a buffer cannot say; fill_null() and its "
                    + "kin replace it")
        }
    }
}
