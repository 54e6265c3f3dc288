internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Python's `swiftbuffer.View`: how one comes to be, and how it ends.
enum ViewObject {
    /// What a new view shows: everything that is not in the layout.
    @safe
    struct Source {
        /// Keeps the memory. The caller keeps it alive; the view makes a reference of its own.
        let lease: ObjectPointer
        let address: UnsafeMutableRawPointer?
        /// Lives as long as the lease, or as `item`.
        let format: UnsafePointer<CChar>
        let scalar: (type: Scalar, swapped: Bool)?
        /// The parsed format, where it is known.
        let item: ItemFormat?
        let isReadOnly: Bool

        init(
            lease: ObjectPointer, address: UnsafeMutableRawPointer?, format: UnsafePointer<CChar>,
            scalar: (type: Scalar, swapped: Bool)?, item: ItemFormat?, isReadOnly: Bool
        ) {
            unsafe self.lease = lease
            unsafe self.address = address
            unsafe self.format = format
            self.scalar = scalar
            self.item = item
            self.isReadOnly = isReadOnly
        }
    }

    /// A view of the memory of any exporter.
    static func make(
        _ types: ViewTypes, of exporter: ObjectPointer, _ request: BufferRequest = .fullReadOnly
    ) throws(PythonError) -> PythonObject {
        if unsafe sb_type(exporter) == types.view && request == .fullReadOnly {
            return try unsafe Memory(exporter).subview(types) { (contents) throws(PythonError) in
                unsafe (Layout(contents.layout), contents.address)
            }
        }
        let lease = try unsafe Lease.acquire(types.leaseObject, from: exporter, request)
        let buffer = unsafe sb_lease_buffer(lease.pointer)
        let ndim = unsafe Int(buffer.pointee.ndim)
        guard ndim > 0, ndim <= maximumDimensions, unsafe buffer.pointee.shape != nil && buffer.pointee.strides != nil
        else {
            // What was left NULL is filled in first.
            let layout = try unsafe Layout(answer: buffer)
            return try unsafe make(types, lease, buffer, layout.view)
        }
        // The exporter keeps its dimensions in place while the lease holds the buffer.
        let layout = unsafe LayoutView(
            itemsize: buffer.pointee.itemsize, ndim: ndim, shape: buffer.pointee.shape, strides: buffer.pointee.strides,
            suboffsets: buffer.pointee.suboffsets)
        return try unsafe make(types, lease, buffer, layout)
    }

    /// A view of a buffer just acquired, after a look at all that arithmetic can tell of the exporter's answer.
    @inline(__always)
    private static func make(
        _ types: ViewTypes, _ lease: borrowing PythonObject, _ buffer: UnsafeMutablePointer<Py_buffer>,
        _ layout: borrowing LayoutView
    ) throws(PythonError) -> PythonObject {
        let facts: LayoutFacts
        do throws(LayoutError) {
            facts = try layout.facts()
        } catch {
            throw PythonError(.buffer, "the exporter's answer makes no sense: \(error.message)")
        }
        let length = facts.byteCount
        guard unsafe length == buffer.pointee.len else {
            throw PythonError(
                .buffer,
                "the exporter's length of \(unsafe buffer.pointee.len) bytes is not that of its shape, "
                    + "\(Layout(layout).shapeText) with items of \(layout.itemsize) bytes")
        }
        guard unsafe length == 0 || buffer.pointee.buf != nil else {
            throw PythonError(.buffer, "the exporter answered without an address")
        }
        let format = unsafe UnsafePointer(buffer.pointee.format) ?? byteFormat
        var scalar = unsafe Format.scalar(ofCString: format)
        if let known = scalar, known.0.size != layout.itemsize { scalar = nil }
        return try unsafe make(
            types,
            Source(
                lease: lease.pointer, address: buffer.pointee.buf, format: format,
                scalar: scalar.map { (type: $0.0, swapped: $0.swapped) }, item: nil,
                isReadOnly: buffer.pointee.readonly != 0),
            layout, facts)
    }

    /// A new view object.
    @inline(__always)
    static func make(
        _ types: ViewTypes, _ source: Source, _ layout: borrowing LayoutView, _ facts: LayoutFacts
    ) throws(PythonError) -> PythonObject {
        let room = layout.isIndirect ? 3 * layout.ndim : 2 * layout.ndim
        let view = try unsafe PythonObject(owning: allocate(types.view, room: room))
        let fields = unsafe ArrayObject.fields(of: view.pointer)
        unsafe Memory(view.pointer).describe(
            address: source.address, layout: layout, facts: facts, format: source.format, scalar: source.scalar,
            isReadOnly: source.isReadOnly)
        if let item = source.item { unsafe fields.pointee.item = Unmanaged.passRetained(item).toOpaque() }
        unsafe own(source.lease, in: view.pointer)
        return view
    }

    /// A new view object without any contents.
    @inline(__always)
    static func allocate(
        _ type: UnsafeMutablePointer<PyTypeObject>, room: Int
    ) throws(PythonError) -> ObjectPointer {
        let view = try unsafe SpareObjects.make(type, items: room, place: place, spareItems: spareRoom)
        unsafe sb_clear_fields(ArrayObject.fields(of: view))
        return unsafe view
    }

    /// Makes a view hold its lease: the last step, after which the collector may see it.
    @inline(__always)
    static func own(_ lease: ObjectPointer, in view: ObjectPointer) {
        unsafe sb_incref(lease)
        unsafe ArrayObject.fields(of: view).pointee.owner = lease
        // A lease that the collector does not know keeps an exporter that it does not know either.
        if unsafe PyObject_GC_IsTracked(lease) != 0 { unsafe PyObject_GC_Track(view) }
    }

    /// The place of the module's spare view, which has room for shape and strides of two dimensions.
    private static let place = 1
    private static let spareRoom = 4

    /// Gives the memory up; does nothing the second time.
    ///
    /// - Throws: `BufferError` that says how many buffers of the view are out.
    static func release(_ view: ObjectPointer) throws(PythonError) {
        let count = unsafe ExportCount(of: view)
        while !count.close() {
            let left = count.value
            if left < 0 { return }
            // None left: another thread has released the last one in between.
            if left == 0 { continue }
            throw PythonError(
                .buffer,
                "view has \(left) exported buffer\(left == 1 ? "" : "s"); release \(left == 1 ? "it" : "them") first")
        }
        unsafe drop(view)
    }

    /// Drops the lease of a closed view. The parsed format stays as long as the view: another thread that has taken the
    /// lease before may still read it.
    private static func drop(_ view: ObjectPointer) {
        let fields = unsafe ArrayObject.fields(of: view)
        if let owner = unsafe fields.pointee.owner {
            unsafe fields.pointee.owner = nil
            unsafe sb_decref(owner)
        }
    }

    /// The slot `tp_dealloc`.
    static func deallocate(_ view: ObjectPointer?) {
        guard let view = unsafe view else { return }
        unsafe PyObject_GC_UnTrack(view)
        if unsafe ArrayObject.fields(of: view).pointee.weak_references != nil { unsafe PyObject_ClearWeakRefs(view) }
        unsafe drop(view)
        if let item = unsafe ArrayObject.fields(of: view).pointee.item {
            unsafe Unmanaged<ItemFormat>.fromOpaque(item).release()
        }
        unsafe SpareObjects.free(view, place: place, spareItems: spareRoom)
    }

    /// The slot `tp_clear`: breaks a cycle through the exporter, unless somebody still reads.
    static func clear(_ view: ObjectPointer?) -> CInt {
        if let view = unsafe view, unsafe ExportCount(of: view).close() { unsafe drop(view) }
        return 0
    }

    /// `"B"`, in the binary: what the protocol says of a buffer without a format.
    private static var byteFormat: UnsafePointer<CChar> {
        let text: StaticString = "B"
        return unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}

/// The types that views are made of, in one interpreter.
@safe
struct ViewTypes {
    let view: UnsafeMutablePointer<PyTypeObject>
    let leaseObject: ObjectPointer
    let array: ObjectPointer

    /// - Parameter object: the module, or an instance of one of its types.
    /// - Throws: `RuntimeError` while the module is being shut down.
    init(near object: ObjectPointer) throws(PythonError) {
        unsafe self.init(
            view: try kept(CoreState.viewType.rawValue, near: object),
            lease: try kept(CoreState.leaseType.rawValue, near: object),
            array: try kept(CoreState.arrayType.rawValue, near: object))
    }

    /// - Parameter type: one of the module's types itself.
    @inline(__always)
    init(ofModuleOf type: ObjectPointer) throws(PythonError) {
        let objects = unsafe ModuleState.objects(
            of: UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyTypeObject.self))
        guard let objects = unsafe objects, let view = unsafe objects[CoreState.viewType.rawValue],
            let lease = unsafe objects[CoreState.leaseType.rawValue],
            let array = unsafe objects[CoreState.arrayType.rawValue]
        else { throw PythonError(.runtime, "the module is being shut down") }
        unsafe self.init(view: view, lease: lease, array: array)
    }

    @inline(__always)
    private init(view: ObjectPointer, lease: ObjectPointer, array: ObjectPointer) {
        unsafe self.view = UnsafeMutableRawPointer(view).assumingMemoryBound(to: PyTypeObject.self)
        unsafe leaseObject = lease
        unsafe self.array = array
    }
}

extension Layout {
    /// The layout of an acquired buffer. One that was asked for neither shape nor format is plain bytes, whatever
    /// itemsize the exporter kept.
    fileprivate init(answer buffer: UnsafePointer<Py_buffer>) throws(PythonError) {
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
            try unsafe self.init(buffer)
        }
    }
}
