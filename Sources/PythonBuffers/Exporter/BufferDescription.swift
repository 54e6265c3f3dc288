// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import CPython
internal import Synchronization

/// The memory of an exporter: its address, its layout, the format of its items, and whether they may be written.
///
/// A description that exists is consistent: every item lies inside of the memory, the format describes items of the
/// layout's size, and the memory stays for as long as the description does. Anything else throws here, and so is never
/// exported.
///
/// Source: PEP 3118; "Buffer structure" in CPython's C API manual.
@safe
public struct BufferDescription {
    /// Whether requests for writable memory are refused.
    public let isReadOnly: Bool

    /// Item `(0, ..., 0)`, or the first pointer.
    let address: UnsafeMutableRawPointer?
    let memory: BufferMemory
    private let items: Items

    /// What the items are, and where they are from the address on.
    private enum Items {
        /// Contiguous items of a Swift type, of which these numbers say all. Most exporters have such, and describe them
        /// again after each change, nearly always as they were: layout and format are made only where they are asked
        /// for.
        case plain(ShortShape, Scalar, Order)
        case any(AnyItems)
    }

    private final class AnyItems {
        let layout: Layout
        let format: String
        let item: Format

        init(_ layout: Layout, _ item: Format, _ format: String) {
            self.layout = layout
            self.item = item
            self.format = format
        }
    }

    private init(address: UnsafeMutableRawPointer?, isReadOnly: Bool, memory: BufferMemory, _ items: Items) {
        unsafe self.address = address
        self.isReadOnly = isReadOnly
        self.memory = memory
        self.items = items
    }

    private init(
        address: UnsafeMutableRawPointer?, layout: Layout, item: Format, format: String, isReadOnly: Bool,
        memory: BufferMemory
    ) throws(PythonError) {
        guard item.itemsize == layout.itemsize else {
            throw PythonError(
                .value,
                "format '\(format)' describes items of \(item.itemsize) bytes, but the layout has items of "
                    + "\(layout.itemsize); both must be the same")
        }
        guard layout.ndim <= maximumDimensions else {
            throw PythonError(
                .value, "\(layout.ndim) dimensions requested, but at most \(maximumDimensions) are allowed")
        }
        unsafe self.init(
            address: address, isReadOnly: isReadOnly, memory: memory, .any(AnyItems(layout, item, format)))
    }

    /// Shape, strides and suboffsets.
    public var layout: Layout {
        switch items {
        case .plain(let shape, let scalar, let order):
            guard let layout = try? Layout(shape: shape.array, itemsize: scalar.size, order: order) else {
                preconditionFailure("the lengths were checked when the memory was described")
            }
            return layout
        case .any(let items): return items.layout
        }
    }

    /// The format that consumers get, in the notation of PEP 3118.
    public var format: String {
        switch items {
        case .plain(_, let scalar, _): Self.scalars[Int(scalar.rawValue)].text
        case .any(let items): items.format
        }
    }

    var item: Format {
        switch items {
        case .plain(_, let scalar, _): Self.scalars[Int(scalar.rawValue)].format
        case .any(let items): items.item
        }
    }

    /// - Throws: `ValueError` for a format that cannot be read.
    private static func parse(_ format: String) throws(PythonError) -> Format {
        // An exporter is described after each change, and most have the format that they had.
        if let last = lastParsed.withLockIfAvailable({ $0 }), last.text == format { return last.format }
        do {
            let parsed = try Format(format)
            _ = lastParsed.withLockIfAvailable { $0 = (format, parsed) }
            return parsed
        } catch {
            throw PythonError(.value, error.message)
        }
    }

    private static let lastParsed = Mutex<(text: String, format: Format)>(("B", Format(.uint8)))

    /// The formats of scalars as parsed, and as text.
    private static let scalars = Scalar.allCases.map { scalar in
        let format = Format(scalar)
        return (format: format, text: format.description)
    }

    /// Describes a block of memory.
    ///
    /// - Parameters:
    ///   - memory: the block.
    ///   - offset: bytes from the start of `memory` to item `(0, ..., 0)`.
    ///   - layout: without suboffsets.
    ///   - format: of one item, in the notation of PEP 3118 and the `struct` module. Items must not be Python objects.
    ///   - isReadOnly: whether requests for writable memory are refused, as they are for memory that is read-only.
    /// - Throws: `BufferError` if an item would be outside of the memory, or the layout is indirect;
    ///   `ValueError` if the format cannot be read or does not have the layout's itemsize.
    public init(
        _ memory: BufferMemory, offset: Int = 0, layout: Layout, format: String, isReadOnly: Bool = false
    ) throws(PythonError) {
        let item = try Self.parse(format)
        try self.init(memory, offset: offset, layout: layout, item: item, format: format, isReadOnly: isReadOnly)
        guard !item.holdsObjects else {
            throw PythonError(.value, "format '\(format)' has Python objects, which plain memory cannot hold")
        }
    }

    /// As ``init(_:offset:layout:format:isReadOnly:)``, with a format that has been parsed.
    ///
    /// - Precondition: `item` is what `format` says, or what it means in the view of the caller.
    package init(
        _ memory: BufferMemory, offset: Int, layout: Layout, item: Format, format: String, isReadOnly: Bool
    ) throws(PythonError) {
        guard !layout.view.isIndirect else {
            throw PythonError(
                .buffer,
                "suboffsets \(layout.suboffsetsText) would follow pointers in memory that "
                    + "may hold none; describe it with strides alone")
        }
        guard (0...memory.byteCount).contains(offset) else {
            throw PythonError(
                .buffer, "offset \(offset) is outside of \(memory.byteCount) bytes of memory")
        }
        try raisingLayoutErrors { () throws(LayoutError) in
            try layout.view.checkFits(offset: offset, byteCount: memory.byteCount)
        }
        try unsafe self.init(
            address: memory.start.map { unsafe $0 + offset }, layout: layout, item: item, format: format,
            isReadOnly: isReadOnly || memory.isReadOnly, memory: memory)
    }

    /// Describes items behind pointers, which `memory` begins with.
    ///
    /// - Precondition: `layout` leads from the start of `memory` to items that stay for as long as the memory does, and
    ///   `item` is what `format` says, or what it means in the view of the caller.
    @unsafe
    package init(
        pointersIn memory: BufferMemory, layout: Layout, item: Format, format: String
    ) throws(PythonError) {
        try unsafe self.init(
            address: memory.start, layout: layout, item: item, format: format, isReadOnly: memory.isReadOnly,
            memory: memory)
    }

    /// Describes contiguous items.
    ///
    /// ```swift
    /// try BufferDescription(pixels, shape: [240, 320], of: Float.self)
    /// ```
    ///
    /// - Throws: as for ``init(_:offset:layout:format:isReadOnly:)``, and `ValueError` for a negative length.
    @inlinable
    public init<Element: BufferElement>(
        _ memory: BufferMemory, offset: Int = 0, shape: [Int], of _: Element.Type, order: Order = .c,
        isReadOnly: Bool = false
    ) throws(PythonError) {
        // An array of a literal is not even made where only its numbers are read.
        let lengths: ShortShape
        switch shape.count {
        case 1: lengths = ShortShape(shape[0])
        case 2: lengths = ShortShape(shape[0], shape[1])
        case 3: lengths = ShortShape(shape[0], shape[1], shape[2])
        default:
            try self.init(
                memory, offset: offset, lengths: shape.map { $0 }, of: Element.scalar, order: order,
                isReadOnly: isReadOnly)
            return
        }
        try self.init(
            memory, offset: offset, lengths, of: Element.scalar, order: order, isReadOnly: isReadOnly)
    }

    /// Describes contiguous items of up to three axes.
    @usableFromInline
    init(
        _ memory: BufferMemory, offset: Int, _ shape: ShortShape, of scalar: Scalar, order: Order, isReadOnly: Bool
    ) throws(PythonError) {
        guard let byteCount = shape.byteCount(itemsize: scalar.size), (0...memory.byteCount).contains(offset),
            byteCount <= memory.byteCount - offset
        else {
            // Whatever is to be said of it is said there.
            try self.init(
                memory, offset: offset, lengths: shape.array, of: scalar, order: order, isReadOnly: isReadOnly)
            return
        }
        unsafe self.init(
            address: memory.start.map { unsafe $0 + offset }, isReadOnly: isReadOnly || memory.isReadOnly,
            memory: memory, .plain(shape, scalar, order))
    }

    /// Describes contiguous items of any number of axes.
    @usableFromInline
    init(
        _ memory: BufferMemory, offset: Int, lengths: [Int], of scalar: Scalar, order: Order, isReadOnly: Bool
    ) throws(PythonError) {
        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: lengths, itemsize: scalar.size, order: order)
        }
        let known = Self.scalars[Int(scalar.rawValue)]
        try self.init(
            memory, offset: offset, layout: layout, item: known.format, format: known.text, isReadOnly: isReadOnly)
    }

    /// Describes the part that an index selects of the buffer of another exporter.
    ///
    /// - Parameters:
    ///   - memory: made by ``BufferMemory/init(sharing:_:)``.
    ///   - index: as in Python; empty for the whole.
    ///   - isReadOnly: whether requests for writable memory are refused, as they are for memory that is read-only.
    /// - Throws: `IndexError`, and `BufferError` if the memory is not another exporter's, if the exporter gave no
    ///   format, or if the selection would begin behind an indirect axis.
    public init(
        _ memory: BufferMemory, _ index: [AxisIndex] = [], isReadOnly: Bool = false
    ) throws(PythonError) {
        // Checked when the memory was made. Items of the selection are items of the whole.
        let (selection, start, format) = try unsafe memory.withSharedBuffer { (buffer) throws(PythonError) in
            let whole = try buffer.layout
            let selection = try raisingLayoutErrors { () throws(LayoutError) in
                try whole.view.selecting(index.span)
            }
            let view = unsafe buffer.view
            guard unsafe view.pointee.format != nil || whole.itemsize == 1 else {
                throw PythonError(
                    .buffer, "the buffer was acquired without its format; acquire it with .format and .shape")
            }
            let start = unsafe view.pointee.buf.map {
                unsafe UnsafeMutableRawPointer(mutating: selection.address(from: $0))
            }
            return unsafe (selection, start, buffer.format)
        }
        try unsafe self.init(
            address: start, layout: selection.layout, item: Self.parse(format), format: format,
            isReadOnly: isReadOnly || memory.isReadOnly, memory: memory)
    }

    /// Whether both give the same export record.
    func isSame(as other: BufferDescription) -> Bool {
        guard unsafe address == other.address && memory === other.memory && isReadOnly == other.isReadOnly else {
            return false
        }
        if case .plain(let shape, let scalar, let order) = items,
            case .plain(shape, scalar, order) = other.items
        {
            return true
        }
        return layout == other.layout && format == other.format
    }
}

/// The lengths of one, two or three axes.
@usableFromInline
struct ShortShape: Equatable {
    private let count: Int
    private let first: Int
    private let second: Int
    private let third: Int

    @usableFromInline
    init(_ first: Int) {
        (count, self.first, second, third) = (1, first, 1, 1)
    }

    @usableFromInline
    init(_ first: Int, _ second: Int) {
        (count, self.first, self.second, third) = (2, first, second, 1)
    }

    @usableFromInline
    init(_ first: Int, _ second: Int, _ third: Int) {
        (count, self.first, self.second, self.third) = (3, first, second, third)
    }

    var array: [Int] { Array([first, second, third].prefix(count)) }

    /// The bytes of so many items; `nil` for numbers that only ``Layout`` judges: negative ones, those whose product does
    /// not fit in an `Int`, and no items on several axes.
    func byteCount(itemsize: Int) -> Int? {
        guard first >= 0, second > 0, third > 0, count == 1 || first > 0 else { return nil }
        let (rows, tooManyRows) = first.multipliedReportingOverflow(by: second)
        let (planes, tooManyPlanes) = rows.multipliedReportingOverflow(by: third)
        let (bytes, tooManyBytes) = planes.multipliedReportingOverflow(by: itemsize)
        return tooManyRows || tooManyPlanes || tooManyBytes ? nil : bytes
    }
}
