internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers
internal import Synchronization

/// One structure that a test exporter shows: memory of its own or of another exporter, and its dimensions at addresses
/// that stay for as long as buffers of it are out.
@safe
final class TestBuffer {
    /// Memory of its own; `nil` where it belongs to ``source``.
    private let block: UnsafeMutableRawPointer?
    /// The acquired buffer of another exporter.
    private var source: PythonBuffer?
    /// Whether the memory belongs to another exporter.
    let isReexport: Bool
    /// The `obj` of the acquired buffer, which keeps it alive.
    let exporter: ObjectReference?

    /// Item `(0, ..., 0)`, or the first pointer.
    let address: UnsafeMutableRawPointer?
    /// What is NULL filled in.
    let layout: Layout
    let length: Int
    /// As the source reports it, who may have more to say about it than about the shape.
    let ndim: Int
    let hasShape: Bool
    let hasStrides: Bool
    /// `nil` for NULL.
    let format: String?
    let isReadOnly: Bool
    /// Bytes from the start of the memory to item `(0, ..., 0)`; -1 for memory of somebody else.
    let offset: Int
    private(set) var flags: TestFlags
    /// Suboffsets that are all negative: the protocol has them mean nothing, consumers must know it.
    private(set) var hasIdleSuboffsets: Bool
    /// Buffers handed out and not released, on any thread.
    let exports = Atomic<Int>(0)

    let dimensions: UnsafeMutablePointer<Int>
    private let formatText: UnsafeMutablePointer<CChar>
    private let codec = Mutex<StructCodec?>(nil)

    private init(
        block: UnsafeMutableRawPointer?, source: consuming PythonBuffer?, exporter: ObjectReference?,
        address: UnsafeMutableRawPointer?,
        layout: Layout, length: Int, ndim: Int, hasShape: Bool, hasStrides: Bool, format: String?, isReadOnly: Bool,
        offset: Int, flags: TestFlags, hasIdleSuboffsets: Bool
    ) {
        unsafe self.block = block
        unsafe isReexport = block == nil
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
        unsafe dimensions = .allocate(capacity: 3 * layout.ndim + 1)
        let suboffsets = layout.suboffsets.isEmpty ? [Int](repeating: -1, count: layout.ndim) : layout.suboffsets
        for (index, number) in (layout.shape + layout.strides + suboffsets).enumerated() {
            unsafe (dimensions + index).initialize(to: number)
        }
        let text = (format ?? "B").utf8CString
        unsafe formatText = .allocate(capacity: text.count)
        for (index, character) in text.enumerated() { unsafe (formatText + index).initialize(to: character) }
        setComputedFlags()
    }

    deinit {
        unsafe dimensions.deallocate()
        unsafe formatText.deallocate()
        unsafe PyMem_RawFree(block)
    }

    /// Takes over a block of memory, whose items lie inside of it.
    static func own(
        _ block: UnsafeMutableRawPointer, at offset: Int, layout: Layout, format: String, codec: StructCodec,
        flags: TestFlags
    ) throws(PythonError) -> TestBuffer {
        let length = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.byteCount }
        let buffer = unsafe TestBuffer(
            block: block, source: nil, exporter: nil, address: block + offset, layout: layout, length: length,
            ndim: layout.ndim,
            hasShape: true, hasStrides: true, format: format, isReadOnly: !flags.contains(.writable),
            offset: layout.view.isIndirect ? 0 : offset, flags: flags, hasIdleSuboffsets: false)
        buffer.codec.withLock { $0 = codec }
        return buffer
    }

    /// Shows what another exporter answers.
    static func acquired(
        from exporter: ObjectReference, _ request: BufferRequest, flags: TestFlags = []
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
            block: nil, source: source, exporter: OptionalObjectReference(pointer: view.obj).object, address: view.buf,
            layout: layout, length: view.len,
            ndim: Int(view.ndim),
            hasShape: isScalar || view.shape != nil, hasStrides: isScalar || view.strides != nil,
            format: view.format.map { unsafe String(cString: $0) }, isReadOnly: view.readonly != 0, offset: -1,
            flags: flags, hasIdleSuboffsets: view.suboffsets != nil && !layout.view.isIndirect)
    }

    /// A part of what another exporter shows, which is acquired anew for it.
    static func part(
        of exporter: ObjectReference, _ select: (Layout) throws(PythonError) -> Selection
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

    /// Makes an export record show this structure, what is NULL filled in: a request for that never reaches the record.
    func fill(_ record: UnsafeMutablePointer<SBRecord>) throws(PythonError) {
        let facts = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.summary() }
        var shown = unsafe SBRecord(
            address: address, length: length, layout: layout.view, facts: facts, dimensions: dimensions,
            item: ExportedItem(format: formatText, scalar: nil), isReadOnly: isReadOnly)
        // As `PyBuffer_IsContiguous`, which takes any suboffsets for pointers.
        if hasIdleSuboffsets { unsafe shown.contiguity = 0 }
        unsafe sb_redescribe(record, shown)
    }

    var shapePointer: UnsafeMutablePointer<Int>? { unsafe hasShape && layout.ndim > 0 ? dimensions : nil }
    var stridesPointer: UnsafeMutablePointer<Int>? {
        unsafe hasStrides && layout.ndim > 0 ? dimensions + layout.ndim : nil
    }
    /// Not NULL where idle suboffsets were added, either.
    var suboffsetsPointer: UnsafeMutablePointer<Int>? {
        unsafe layout.view.isIndirect || hasIdleSuboffsets ? dimensions + 2 * layout.ndim : nil
    }
    var formatPointer: UnsafeMutablePointer<CChar>? { unsafe format == nil ? nil : formatText }

    func isContiguous(_ order: Order) -> Bool {
        // As `PyBuffer_IsContiguous`, which takes any suboffsets for pointers.
        !hasIdleSuboffsets && layout.view.isContiguous(order)
    }

    /// Adds suboffsets that mean nothing.
    ///
    /// - Precondition: no buffer is out whose strides a consumer has taken for contiguous.
    func addIdleSuboffsets() throws(PythonError) {
        guard unsafe stridesPointer != nil else {
            throw PythonError(.type, "an array without strides cannot have suboffsets")
        }
        guard unsafe suboffsetsPointer == nil else { throw PythonError(.type, "the array has suboffsets already") }
        hasIdleSuboffsets = true
        flags.subtract([.cOrder, .fortran])
    }

    private func setComputedFlags() {
        if layout.ndim == 0 && ndim == 0 { flags.insert(.scalar) }
        if unsafe suboffsetsPointer != nil {
            flags.insert(.pointers)
            flags.subtract([.cOrder, .fortran])
        } else {
            if layout.view.isCContiguous { flags.insert(.cOrder) }
            if layout.view.isFContiguous { flags.insert(.fortran) }
        }
    }

    /// Memory for a buffer of its own, aligned to 16 bytes; given back by `PyMem_RawFree`.
    ///
    /// - Throws: `MemoryError`.
    static func allocate(_ byteCount: Int) throws(PythonError) -> UnsafeMutableRawBufferPointer {
        guard let start = unsafe PyMem_RawMalloc(max(byteCount, 1)) else {
            throw PythonError.outOfMemory(byteCount)
        }
        return unsafe UnsafeMutableRawBufferPointer(start: start, count: byteCount)
    }

    /// Items as `struct` reads them; bytes where the format is NULL.
    func itemCodec() throws(PythonError) -> StructCodec {
        if let known = codec.withLock({ $0 }) { return known }
        // Python code, which the lock must not wait for: another thread may make one too.
        let made = try StructCodec(PythonObject(format ?? "B"), limit: layout.itemsize)
        codec.withLock { $0 = made }
        return made
    }
}
