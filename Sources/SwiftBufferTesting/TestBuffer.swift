// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers
internal import Synchronization

/// One structure that a test exporter shows: memory of its own or of another exporter, and its dimensions at addresses
/// that stay while exports of it are outstanding.
@safe
final class TestBuffer {
    /// Memory of its own; `nil` where it belongs to ``source``.
    private let block: TestBlock?
    /// The acquired buffer of another exporter.
    private var source: PythonBuffer?
    /// Whether the memory belongs to another exporter.
    let isReexport: Bool
    /// The `obj` of the acquired buffer, which keeps it alive.
    let exporter: ObjectReference?

    /// Item `(0, ..., 0)`, or the first pointer.
    let address: UnsafeMutableRawPointer?
    /// The layout, with what is NULL filled in as the protocol says.
    let layout: Layout
    let length: Int
    /// As the source reports it, even where it reports no shape.
    let ndim: Int
    let hasShape: Bool
    let hasStrides: Bool
    /// `nil` for NULL.
    let format: String?
    let isReadOnly: Bool
    /// Bytes from the start of the memory to item `(0, ..., 0)`; -1 for memory of another exporter.
    let offset: Int
    private(set) var flags: TestFlags
    /// Whether there are suboffsets that are all negative, along which no pointer is followed.
    private(set) var hasIdleSuboffsets: Bool
    /// The outstanding exports of this structure, of any thread.
    let exports = Atomic<Int>(0)

    /// Shape, strides and suboffsets.
    private let dimensions: StableValues<Int>
    private let formatText: StableValues<CChar>
    private let codec = Mutex<StructCodec?>(nil)

    private init(
        block: TestBlock?, source: consuming PythonBuffer?, exporter: ObjectReference?,
        address: UnsafeMutableRawPointer?,
        layout: Layout, length: Int, ndim: Int, hasShape: Bool, hasStrides: Bool, format: String?, isReadOnly: Bool,
        offset: Int, flags: TestFlags, hasIdleSuboffsets: Bool
    ) {
        self.block = block
        isReexport = block == nil
        self.source = source
        self.exporter = exporter
        unsafe self.address = address
        self.layout = layout
        self.length = length
        self.ndim = ndim
        self.hasShape = hasShape
        self.hasStrides = hasStrides
        self.format = format
        self.isReadOnly = isReadOnly
        self.offset = offset
        self.flags = flags
        self.hasIdleSuboffsets = hasIdleSuboffsets
        let suboffsets = layout.suboffsets.isEmpty ? [Int](repeating: -1, count: layout.ndim) : layout.suboffsets
        dimensions = StableValues(layout.shape + layout.strides + suboffsets, padding: 0)
        formatText = StableValues(format ?? "B")
        setComputedFlags()
    }

    /// Shows a block of memory, inside of which all items are.
    static func own(
        _ block: TestBlock, at offset: Int, layout: Layout, format: String, codec: StructCodec,
        flags: TestFlags
    ) throws(PythonError) -> TestBuffer {
        let length = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.byteCount }
        let buffer = unsafe TestBuffer(
            block: block, source: nil, exporter: nil, address: block.start + offset, layout: layout, length: length,
            ndim: layout.ndim,
            hasShape: true, hasStrides: true, format: format, isReadOnly: !flags.contains(.writable),
            offset: layout.view.isIndirect ? 0 : offset, flags: flags, hasIdleSuboffsets: false)
        buffer.codec.withLock { $0 = codec }
        return buffer
    }

    /// Shows what another exporter answers.
    static func acquired(
        from exporter: borrowing PythonObject, _ request: BufferRequest, flags: TestFlags = []
    ) throws(PythonError) -> TestBuffer {
        let source = try PythonBuffer(exporter, request)
        let view = unsafe source.view.pointee
        // Shown again as it was given, its itemsize included.
        let layout = try unsafe BufferAnswer.reading(
            source.view, isShapeRequested: false, keepsItemsize: true, maximumDimensions: TestFlags.maximumDimensions
        ) { (answer) throws(PythonError) in try answer.copyLayout() }
        var flags = flags
        if unsafe view.readonly == 0 { flags.insert(.writable) }
        let isScalar = unsafe view.ndim == 0 && layout.ndim == 0
        return unsafe TestBuffer(
            block: nil, source: source, exporter: OptionalObjectReference(pointer: view.obj).object,
            address: view.buf, layout: layout, length: view.len, ndim: Int(view.ndim),
            hasShape: isScalar || view.shape != nil, hasStrides: isScalar || view.strides != nil,
            format: view.format.map { unsafe String(cString: $0) }, isReadOnly: view.readonly != 0, offset: -1,
            flags: flags, hasIdleSuboffsets: view.suboffsets != nil && !layout.view.isIndirect)
    }

    /// A part of what another exporter shows, of which it acquires a buffer.
    static func part(
        of exporter: borrowing PythonObject, _ select: (Layout) throws(PythonError) -> Selection
    ) throws(PythonError) -> TestBuffer {
        let whole = try acquired(from: exporter, .fullReadOnly)
        let selection = try select(whole.layout)
        let length = try raisingLayoutErrors { () throws(LayoutError) in try selection.layout.view.byteCount }
        // Nothing is followed where there are no items.
        let start = unsafe whole.address.map { base in
            unsafe selection.isDirect || whole.length > 0
                ? UnsafeMutableRawPointer(mutating: selection.address(from: base)) : base
        }
        var flags: TestFlags = whole.isReadOnly ? [] : .writable
        let isIdle = whole.hasIdleSuboffsets || whole.layout.view.isIndirect && !selection.layout.view.isIndirect
        if selection.layout.ndim == whole.layout.ndim { flags.insert(.ownDimensions) }
        return unsafe TestBuffer(
            block: nil, source: whole.source.take(), exporter: whole.exporter, address: start, layout: selection.layout,
            length: length,
            ndim: selection.layout.ndim, hasShape: true, hasStrides: true, format: whole.format,
            isReadOnly: whole.isReadOnly, offset: -1, flags: flags,
            hasIdleSuboffsets: isIdle && selection.layout.ndim > 0)
    }

    // MARK: What it shows

    /// Makes an export record show this structure, with what is NULL filled in: a request for that is refused before
    /// the record is read.
    func fill(_ record: UnsafeMutablePointer<SBRecord>) throws(PythonError) {
        let facts = layout.summary
        var shown = unsafe SBRecord(
            address: address, length: length, layout: layout.view, facts: facts, dimensions: dimensions.start,
            item: ExportedItem(format: formatText.start, scalar: nil), isReadOnly: isReadOnly)
        // As `PyBuffer_IsContiguous`, which takes any suboffsets for pointers.
        if hasIdleSuboffsets { unsafe shown.contiguity = 0 }
        unsafe sb_redescribe(record, shown)
    }

    /// The structure as a `Py_buffer` without an owner, whose pointers are valid while this structure lives.
    var description: Py_buffer {
        var view = unsafe Py_buffer()
        unsafe view.buf = address
        unsafe view.len = length
        unsafe view.itemsize = layout.itemsize
        unsafe view.readonly = isReadOnly ? 1 : 0
        unsafe view.ndim = CInt(ndim)
        unsafe view.format = format == nil ? nil : formatText.start
        unsafe view.shape = hasShape && layout.ndim > 0 ? dimensions.start : nil
        unsafe view.strides = hasStrides && layout.ndim > 0 ? dimensions.start + layout.ndim : nil
        unsafe view.suboffsets = suboffsetsPointer
        unsafe view.internal = identity
        return unsafe view
    }

    /// Tells this structure from every other that lives.
    var identity: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    /// The shape, the strides and the suboffsets, empty where they are NULL.
    var shape: [Int] { hasShape ? layout.shape : [] }
    var strides: [Int] { hasStrides ? layout.strides : [] }
    var suboffsets: [Int] {
        guard hasSuboffsets else { return [] }
        return layout.view.isIndirect ? layout.suboffsets : [Int](repeating: -1, count: layout.ndim)
    }

    /// Also true where suboffsets without effect were added.
    private var hasSuboffsets: Bool { layout.view.isIndirect || hasIdleSuboffsets }

    var suboffsetsPointer: UnsafeMutablePointer<Int>? {
        unsafe hasSuboffsets ? dimensions.start + 2 * layout.ndim : nil
    }

    /// The address of the first item, or any other where there are no items and it is never read.
    var start: UnsafeRawPointer { unsafe UnsafeRawPointer(address) ?? UnsafeRawPointer(dimensions.start) }

    func isContiguous(_ order: Order) -> Bool {
        // As `PyBuffer_IsContiguous`, which takes any suboffsets for pointers.
        !hasIdleSuboffsets && layout.view.isContiguous(order)
    }

    /// Adds suboffsets that are all -1, and so without effect.
    ///
    /// - Precondition: no export is outstanding whose strides a consumer has taken for contiguous.
    func addIdleSuboffsets() throws(PythonError) {
        guard hasStrides && layout.ndim > 0 else {
            throw PythonError(.type, "an array without strides cannot have suboffsets")
        }
        guard !hasSuboffsets else { throw PythonError(.type, "the array has suboffsets already") }
        hasIdleSuboffsets = true
        flags.subtract([.cOrder, .fortran])
    }

    private func setComputedFlags() {
        if layout.ndim == 0 && ndim == 0 { flags.insert(.scalar) }
        if hasSuboffsets {
            flags.insert(.pointers)
            flags.subtract([.cOrder, .fortran])
        } else {
            if layout.view.isCContiguous { flags.insert(.cOrder) }
            if layout.view.isFContiguous { flags.insert(.fortran) }
        }
    }

    /// Items as `struct` reads them; bytes where the format is NULL.
    func itemCodec() throws(PythonError) -> StructCodec {
        if let known = codec.withLock({ $0 }) { return known }
        // Runs Python code, so not under the lock: another thread may make one too.
        let made = try StructCodec(format ?? "B", limit: layout.itemsize)
        codec.withLock { $0 = made }
        return made
    }
}
