internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Python's `swiftbuffer.View`: how one is made of a buffer. How it lives and ends stands in `ViewObject+Life`.
enum ViewObject {
    /// What a new view shows: everything that is not in the layout.
    @safe
    struct Source {
        let address: UnsafeMutableRawPointer?
        /// Its format lives as long as the lease, or as `item`.
        let exported: ExportedItem
        /// The parsed format, where it is known.
        let item: ItemFormat?
        let isReadOnly: Bool
        /// The bytes of the memory where these are more than the items take; as `nbytes` says.
        let length: Int?

        init(
            address: UnsafeMutableRawPointer?, exported: ExportedItem, item: ItemFormat?, isReadOnly: Bool,
            length: Int? = nil
        ) {
            unsafe self.address = address
            self.exported = exported
            self.item = item
            self.isReadOnly = isReadOnly
            self.length = length
        }
    }

    /// A view of the memory of any exporter.
    @inline(__always)
    static func make(
        _ types: ViewTypes, of exporter: ObjectReference, _ request: BufferRequest = .fullReadOnly
    ) throws(PythonError) -> PythonObject {
        if types.isView(exporter) && request == .fullReadOnly {
            return try makeSharingLease(types, exporter)
        }
        let lease = try Lease.acquire(types, from: exporter, request)
        let buffer = unsafe sb_lease_buffer(lease.pointer)
        if let facts = unsafe LayoutSummary(plain: buffer) {
            return try unsafe make(types, lease, plain: buffer, facts)
        }
        return try unsafe make(types, lease, buffer, isShapeAsked: request.contains(.shape))
    }

    /// A view of a buffer just acquired, of one contiguous axis: the short way.
    @inline(__always)
    private static func make(
        _ types: ViewTypes, _ lease: consuming PythonObject, plain buffer: UnsafeMutablePointer<Py_buffer>,
        _ facts: LayoutSummary
    ) throws(PythonError) -> PythonObject {
        let view = try unsafe PythonObject(owning: allocate(types.view, types.state, room: 2).pointer)
        let fields = unsafe ArrayObject.fields(of: view.reference)
        let dimensions = unsafe sb_dimensions(fields)
        unsafe dimensions[0] = buffer.pointee.shape[0]
        unsafe dimensions[1] = buffer.pointee.strides[0]
        let itemsize = unsafe buffer.pointee.itemsize
        unsafe fields.pointee.record = SBRecord(
            contiguousAxis: dimensions, address: buffer.pointee.buf, length: facts.byteCount, itemsize: itemsize,
            item: ExportedItem(reading: UnsafePointer(buffer.pointee.format) ?? byteFormat, itemsize: itemsize),
            isReadOnly: buffer.pointee.readonly != 0)
        own(lease, in: view.reference)
        return view
    }

    /// A view of a buffer just acquired, whatever the answer.
    @inline(never)
    private static func make(
        _ types: ViewTypes, _ lease: consuming PythonObject, _ buffer: UnsafeMutablePointer<Py_buffer>,
        isShapeAsked: Bool
    ) throws(PythonError) -> PythonObject {
        let ndim = unsafe Int(buffer.pointee.ndim)
        guard ndim > 0, ndim <= maximumDimensions, unsafe buffer.pointee.shape != nil && buffer.pointee.strides != nil
        else {
            // What was left NULL is filled in first.
            let layout = try unsafe Layout(answer: buffer, isShapeAsked: isShapeAsked)
            return try unsafe make(types, lease, buffer, layout.view)
        }
        // The exporter keeps its dimensions in place while the lease holds the buffer.
        let layout = unsafe LayoutView(
            itemsize: buffer.pointee.itemsize, ndim: ndim, shape: buffer.pointee.shape, strides: buffer.pointee.strides,
            suboffsets: buffer.pointee.suboffsets)
        return try unsafe make(types, lease, buffer, layout)
    }

    /// One more view of what a view shows, under the same lease.
    @inline(never)
    private static func makeSharingLease(
        _ types: ViewTypes, _ view: ObjectReference
    ) throws(PythonError) -> PythonObject {
        try MemoryObject(view).reinterpreted(types) { (contents) throws(PythonError) in
            try contents.whole(isReadOnly: contents.isReadOnly)
        }
    }

    /// A view of a buffer just acquired, after a look at all that arithmetic can tell of the exporter's answer.
    private static func make(
        _ types: ViewTypes, _ lease: consuming PythonObject, _ buffer: UnsafeMutablePointer<Py_buffer>,
        _ layout: borrowing LayoutView
    ) throws(PythonError) -> PythonObject {
        let facts: LayoutSummary
        do throws(LayoutError) {
            facts = try layout.summary()
        } catch {
            throw PythonError(.buffer, "the exporter's answer makes no sense: \(error.message)")
        }
        let length = facts.byteCount
        // More than the items take is what a ctypes object has that was resized; memoryview says so too.
        guard unsafe layout.allows(length: buffer.pointee.len, byteCount: length) else {
            throw PythonError(
                .buffer,
                "the exporter's length of \(unsafe buffer.pointee.len) bytes is not that of its shape, "
                    + "\(layout.shapeText) with items of \(layout.itemsize) bytes")
        }
        guard unsafe buffer.pointee.len == 0 || buffer.pointee.buf != nil else {
            throw PythonError(.buffer, "the exporter answered without an address")
        }
        let item = unsafe ExportedItem(
            reading: UnsafePointer(buffer.pointee.format) ?? byteFormat, itemsize: layout.itemsize)
        return try unsafe make(
            types, lease,
            Source(
                address: buffer.pointee.buf, exported: item, item: nil, isReadOnly: buffer.pointee.readonly != 0,
                length: buffer.pointee.len),
            layout, facts)
    }

    /// A new view object, of memory that `lease` keeps.
    static func make(
        _ types: ViewTypes, _ lease: consuming PythonObject, _ source: Source, _ layout: borrowing LayoutView,
        _ facts: LayoutSummary
    ) throws(PythonError) -> PythonObject {
        let room = layout.isIndirect ? 3 * layout.ndim : 2 * layout.ndim
        let view = try unsafe PythonObject(
            owning: room == 0
                ? allocateSingleItem(types.singleItemView).pointer
                : allocate(types.view, types.state, room: room).pointer)
        let fields = unsafe ArrayObject.fields(of: view.reference)
        unsafe MemoryObject(view.reference).describe(
            address: source.address, length: source.length, layout: layout, facts: facts, item: source.exported,
            isReadOnly: source.isReadOnly)
        if let item = source.item { unsafe fields.pointee.item = unsafe Unmanaged.passRetained(item).toOpaque() }
        own(lease, in: view.reference)
        return view
    }

    /// `"B"`, in the binary: what the protocol says of a buffer without a format.
    private static var byteFormat: UnsafePointer<CChar> {
        let text: StaticString = "B"
        return unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}

extension LayoutSummary {
    /// The facts of an answer of one contiguous axis with everything filled in; `nil` of any other.
    @inline(__always)
    fileprivate init?(plain buffer: UnsafePointer<Py_buffer>) {
        guard unsafe buffer.pointee.ndim == 1 && buffer.pointee.suboffsets == nil && buffer.pointee.buf != nil,
            let shape = unsafe buffer.pointee.shape, let strides = unsafe buffer.pointee.strides
        else { return nil }
        unsafe self.init(contiguousAxis: shape[0], stride: strides[0], itemsize: buffer.pointee.itemsize)
        guard unsafe byteCount == buffer.pointee.len else { return nil }
    }
}

extension Layout {
    /// The layout of an acquired buffer. One that was asked for neither shape nor format is plain bytes, whatever
    /// itemsize the exporter kept.
    fileprivate init(answer buffer: UnsafePointer<Py_buffer>, isShapeAsked: Bool) throws(PythonError) {
        guard unsafe buffer.pointee.ndim <= maximumDimensions else {
            // As memoryview puts it.
            throw PythonError(.value, "number of dimensions must not exceed \(maximumDimensions)")
        }
        // NumPy answers without dimensions then.
        let isScalar = unsafe buffer.pointee.ndim == 0 && buffer.pointee.len == buffer.pointee.itemsize
        if unsafe buffer.pointee.shape == nil && buffer.pointee.format == nil && buffer.pointee.ndim <= 1 && !isScalar {
            let count = unsafe max(buffer.pointee.len, 0)
            self = try raisingLayoutErrors { () throws(LayoutError) in try Layout(shape: [count], itemsize: 1) }
        } else {
            try unsafe self.init(buffer, isShapeAsked: isShapeAsked)
        }
    }
}
