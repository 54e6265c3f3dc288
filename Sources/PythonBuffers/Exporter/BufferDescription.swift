public import BufferLayout
internal import CPython

/// Memory as an exporter shows it: where it is, how its items lie in it, what they are, and whether they may be written.
///
/// A description that exists keeps the protocol: every item lies inside of the memory, the format describes items of
/// the layout's size, and the memory stays for as long as the description does. What is inconsistent throws here, and
/// so is never exported.
///
/// Source: PEP 3118; "Buffer structure" in CPython's C API manual.
@safe
public struct BufferDescription {
    /// Shape, strides and suboffsets.
    public let layout: Layout
    /// The format as consumers are told it, in the notation of PEP 3118.
    public let format: String
    /// Whether consumers that ask for writable memory are refused.
    public let isReadOnly: Bool

    /// Item `(0, ..., 0)`, or the first pointer.
    let address: UnsafeMutableRawPointer?
    let item: Format
    /// Keeps the memory: a ``BufferMemory`` or a ``SharedBuffer``.
    let owner: AnyObject

    private init(
        address: UnsafeMutableRawPointer?, layout: Layout, format: String, isReadOnly: Bool, owner: AnyObject
    ) throws(PythonError) {
        let item: Format
        do {
            item = try Format(format)
        } catch {
            throw PythonError(.value, error.message)
        }
        guard item.itemsize == layout.itemsize else {
            throw PythonError(
                .value,
                "format '\(format)' describes items of \(item.itemsize) bytes, but the layout has items of "
                    + "\(layout.itemsize); both must be the same")
        }
        guard layout.ndim <= maximumDimensions else {
            throw PythonError(
                .value, "\(layout.ndim) dimensions asked for, but at most \(maximumDimensions) are allowed")
        }
        unsafe self.address = address
        self.layout = layout
        self.format = format
        self.isReadOnly = isReadOnly
        self.item = item
        self.owner = owner
    }

    /// Describes a block of memory.
    ///
    /// - Parameters:
    ///   - offset: bytes from the start of `memory` to item `(0, ..., 0)`.
    ///   - layout: without suboffsets.
    ///   - format: of one item, in the notation of PEP 3118 and the `struct` module. Items must not be Python objects.
    /// - Throws: `BufferError` if an item would lie outside of the memory, or pointers would be followed in it;
    ///   `ValueError` if the format cannot be read or does not have the layout's itemsize.
    public init(
        _ memory: BufferMemory, offset: Int = 0, layout: Layout, format: String, isReadOnly: Bool = false
    ) throws(PythonError) {
        guard !layout.view.isIndirect else {
            throw PythonError(
                .buffer,
                "suboffsets \(layout.suboffsetsText) would follow pointers in memory that "
                    + "nobody vouches for; describe it with strides alone")
        }
        guard (0...memory.byteCount).contains(offset) else {
            throw PythonError(
                .buffer, "an offset of \(offset) bytes lies outside of \(memory.byteCount) bytes of memory")
        }
        try raisingLayoutErrors { () throws(LayoutError) in
            try layout.view.checkFits(offset: offset, byteCount: memory.byteCount)
        }
        try unsafe self.init(
            address: memory.start + offset, layout: layout, format: format,
            isReadOnly: isReadOnly || memory.isReadOnly, owner: memory)
        guard !item.holdsObjects else {
            throw PythonError(.value, "format '\(format)' has Python objects, which plain memory cannot hold")
        }
    }

    /// Describes contiguous items.
    ///
    /// ```swift
    /// try BufferDescription(pixels, shape: [240, 320], of: Float.self)
    /// ```
    ///
    /// - Throws: as for ``init(_:offset:layout:format:isReadOnly:)``, and `ValueError` for a negative length.
    public init<Element: BufferElement>(
        _ memory: BufferMemory, offset: Int = 0, shape: [Int], of _: Element.Type, order: Order = .c,
        isReadOnly: Bool = false
    ) throws(PythonError) {
        let scalar = Element.scalar
        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: shape, itemsize: scalar.size, order: order)
        }
        try self.init(
            memory, offset: offset, layout: layout, format: Format(scalar).description, isReadOnly: isReadOnly)
    }

    /// Describes the part that an index selects of another object's buffer.
    ///
    /// - Parameter index: as in Python; empty for the whole.
    /// - Throws: `IndexError`, and `BufferError` if the exporter returned an inconsistent `Py_buffer`, if it gave no
    ///   format, or if pointers stand in the way of the selection.
    public init(
        _ source: SharedBuffer, _ index: [AxisIndex] = [], isReadOnly: Bool = false
    ) throws(PythonError) {
        let whole = try source.buffer.layout
        let selection = try raisingLayoutErrors { () throws(LayoutError) in
            try whole.view.selecting(index.span)
        }
        let view = unsafe source.buffer.view
        guard unsafe view.pointee.format != nil || whole.itemsize == 1 else {
            throw PythonError(
                .buffer, "the buffer was acquired without its format; acquire it with .format and .shape")
        }
        // Items of the selection are items of the whole, which the owner vouches for.
        let start = unsafe view.pointee.buf.map {
            unsafe UnsafeMutableRawPointer(mutating: selection.address(from: $0))
        }
        try unsafe self.init(
            address: start, layout: selection.layout, format: source.buffer.format,
            isReadOnly: isReadOnly || source.buffer.isReadOnly, owner: source)
    }

    /// Whether a record filled from one description may stand for the other.
    func isSame(as other: BufferDescription) -> Bool {
        unsafe address == other.address && owner === other.owner && isReadOnly == other.isReadOnly
            && layout == other.layout && format == other.format
    }
}
