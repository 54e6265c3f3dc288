internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// What an `Array` and a `View` have in common: memory with a shape inside of a Python object.
///
/// A handle on the object, which the caller keeps alive. Nothing but ``withReadAccess(_:)``, ``withExportPinned(_:)`` and the getbuffer of
/// the object reads the memory or its description, since the memory may move or go while nobody does.
@safe
struct MemoryObject {
    let object: ObjectReference
    private let fields: UnsafeMutablePointer<SBMemory>

    /// - Precondition: `object` is an instance of a type that begins with an `SBMemory`.
    @inline(__always)
    init(_ object: ObjectReference) {
        self.object = object
        unsafe fields = UnsafeMutableRawPointer(object.pointer).assumingMemoryBound(to: SBMemory.self)
    }

    /// The memory and its description, while neither can change.
    @safe
    struct Contents: ~Copyable {
        fileprivate let fields: UnsafeMutablePointer<SBMemory>

        private var recordPointer: UnsafePointer<SBRecord> {
            unsafe UnsafePointer(sb_record(UnsafeMutableRawPointer(fields).assumingMemoryBound(to: PyObject.self)))
        }

        var record: SBRecord { unsafe fields.pointee.record }
        /// The address of item (0, ..., 0).
        var address: UnsafeMutableRawPointer {
            // An array without bytes may have none, and nobody reads there.
            unsafe UnsafeMutableRawPointer(fields.pointee.record.address) ?? UnsafeMutableRawPointer(fields)
        }
        var length: Int { unsafe fields.pointee.record.length }
        var itemsize: Int { unsafe fields.pointee.record.itemsize }
        var ndim: Int { unsafe Int(fields.pointee.record.ndim) }
        var isReadOnly: Bool { unsafe fields.pointee.record.readonly != 0 }
        var formatText: String { unsafe String(cString: fields.pointee.record.format) }

        /// The item as a scalar, where it is one.
        var scalar: (type: Scalar, swapped: Bool)? {
            guard let type = unsafe Scalar(known: fields.pointee.record.scalar) else { return nil }
            return unsafe (type, fields.pointee.record.swapped != 0)
        }

        /// What the export record says of the items.
        var exportedItem: ExportedItem { unsafe ExportedItem(of: recordPointer) }

        /// What keeps the memory of a view; NULL for an array.
        var owner: ObjectReference? { unsafe OptionalObjectReference(pointer: fields.pointee.owner).object }

        /// The parsed format, if anybody has asked for it.
        var rememberedItem: ItemFormat? {
            guard let known = unsafe sb_remembered_item(fields) else { return nil }
            return unsafe Unmanaged<ItemFormat>.fromOpaque(known).takeUnretainedValue()
        }

        var layout: LayoutView {
            @_lifetime(borrow self)
            get {
                // The dimensions lie inside the object, and do not change while its contents are borrowed.
                unsafe _overrideLifetime(LayoutView(recordPointer), borrowing: self)
            }
        }

        /// The types of the module that the memory belongs to.
        var types: ViewTypes {
            get throws(PythonError) {
                try unsafe ViewTypes(
                    for: ObjectReference(
                        pointer: UnsafeMutableRawPointer(fields).assumingMemoryBound(to: PyObject.self)))
            }
        }

        /// The parsed format of the items; see ``storedItem``.
        ///
        /// - Throws: `NotImplementedError` for a format that cannot be read, or that does not describe the items, as
        ///   memoryview does when it is asked for an item.
        var item: ItemFormat {
            get throws(PythonError) { try storedItem.readable }
        }

        /// The format of the items, whether they can be read or not: what the exporter means, found when it is first asked
        /// for.
        ///
        /// - Precondition: Python code may run, if it has not been asked for before: not inside of ``withReadAccess(_:)``.
        var storedItem: ItemFormat {
            get throws(PythonError) {
                if let rememberedItem { return rememberedItem }
                let found = try scalar == nil ? meantItem : .parse(formatText)
                let mine = unsafe Unmanaged.passRetained(found)
                let kept = unsafe Unmanaged<ItemFormat>.fromOpaque(sb_remember_item(fields, mine.toOpaque()))
                let result = unsafe kept.takeUnretainedValue()
                if result !== found { unsafe mine.release() }
                return result
            }
        }

        /// What the exporter means by the format that it gave.
        private var meantItem: ItemFormat {
            get throws(PythonError) {
                // A format that is not the exporter's own was given together with its meaning, or to an array.
                guard let owner,
                    unsafe UnsafePointer(sb_lease_buffer(owner.pointer).pointee.format) == record.format
                else { return ItemFormat(reading: formatText, itemsize: itemsize) }
                return try unsafe ExporterFormat.item(
                    of: OptionalObjectReference(pointer: sb_lease_buffer(owner.pointer).pointee.obj).object,
                    record.format, itemsize: itemsize, types)
            }
        }

        /// The bytes of an item to write where its padding is to stay; `nil` for all, as where there is no padding or the
        /// format cannot be read.
        ///
        /// - Precondition: as for ``storedItem``.
        var valueRuns: [ValueRun]? { scalar == nil ? (try? storedItem)?.valueRuns : nil }
    }

    /// The parsed format of the items.
    ///
    /// Python code may run, unless it has been asked for before.
    ///
    /// - Throws: `NotImplementedError` for a format that cannot be read, or that does not describe the items; `ValueError`
    ///   if the memory is released.
    var item: ItemFormat {
        get throws(PythonError) {
            let known = try withReadAccess { (contents) throws(PythonError) in contents.rememberedItem }
            if let known { return try known.readable }
            return try withExportPinned { (contents) throws(PythonError) in try contents.item }
        }
    }

    /// The hash, if anybody has asked for it, or -1.
    var rememberedHash: Int { unsafe sb_remembered_hash(fields) }

    func remember(hash: Int) { unsafe sb_remember_hash(fields, hash) }

    /// Runs `body` on the contents, which cannot change meanwhile.
    ///
    /// - Precondition: `body` runs no Python code and waits for nothing.
    /// - Throws: `ValueError` if the memory is released, and what `body` throws.
    @inline(__always)
    func withReadAccess<Result: ~Copyable>(
        _ body: (borrowing Contents) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let record = unsafe sb_record(object.pointer)
        guard unsafe sb_begin_read(record) != 0 else { throw Self.released }
        defer { unsafe sb_end_read(record) }
        return try unsafe body(Contents(fields: fields))
    }

    /// Runs `body` on the contents, which cannot change meanwhile: as if a buffer of them were exported.
    ///
    /// - Throws: `ValueError` if the memory is released, and what `body` throws.
    func withExportPinned<Result: ~Copyable>(
        _ body: (borrowing Contents) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let record = unsafe sb_record(object.pointer)
        guard unsafe sb_retain_export(record) != 0 else { throw Self.released }
        defer { unsafe sb_release_export(record) }
        return try unsafe body(Contents(fields: fields))
    }

    /// Runs `body` while the description of the memory may be changed, if no buffer of it is out.
    ///
    /// - Parameter done: what cannot be done to the object while a buffer is out.
    /// - Precondition: `body` runs no Python code.
    /// - Throws: `BufferError` that says how many buffers are out.
    func change<Result: ~Copyable>(
        _ done: StaticString = "re-sized", _ body: (UnsafeMutablePointer<SBMemory>) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let record = unsafe sb_record(object.pointer)
        while unsafe sb_stop_exports(record, sb_changing()) == 0 {
            let count = unsafe sb_export_count(record)
            // None left: another thread has released the last one in between.
            if count == 0 { continue }
            throw PythonError(
                .buffer,
                "Existing exports of data: object cannot be \(done) "
                    + "(\(count) export\(count == 1 ? "" : "s") stand\(count == 1 ? "s" : ""))"
                    + (ExportTracing.standing(of: object)))
        }
        defer { unsafe sb_resume_exports(record) }
        return try unsafe body(fields)
    }

    private static var released: PythonError {
        PythonError(.value, "operation forbidden on released View object")
    }

    /// A reference to the lease of a view, which keeps the memory whatever becomes of the view; `nil` for an array.
    ///
    /// - Throws: `ValueError` if the view is released.
    func lease() throws(PythonError) -> PythonObject? {
        try withReadAccess { (contents) in
            guard let owner = contents.owner else { return nil }
            return PythonObject(borrowing: owner)
        }
    }

    /// The contents of a view whose lease the caller holds. A view's description never changes, and its memory lives as
    /// long as the lease, so that it may even have been released in the meantime.
    var leasedContents: Contents { unsafe Contents(fields: fields) }
}

extension MemoryObject {
    /// Fills in the record of a new object, which nobody else sees yet.
    ///
    /// - Parameters:
    ///   - length: the bytes of the memory, where these are more than the items take.
    ///   - layout: as many dimensions as the object has room for.
    ///   - item: its format stays in place while the object lives.
    func describe(
        address: UnsafeMutableRawPointer?, length: Int? = nil, layout: borrowing LayoutView, facts: LayoutSummary,
        item: ExportedItem, isReadOnly: Bool
    ) {
        let dimensions = unsafe sb_dimensions(fields)
        unsafe SBRecord.storeDimensions(of: layout, at: dimensions)
        unsafe fields.pointee.record = SBRecord(
            address: address, length: length ?? facts.byteCount, layout: layout, facts: facts, dimensions: dimensions,
            item: item, isReadOnly: isReadOnly)
        unsafe fields.pointee.hash = -1
    }
}
