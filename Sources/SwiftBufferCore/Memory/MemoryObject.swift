// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The memory of an `Array` or a `View`, with its description: what both types share.
///
/// A handle on the Python object, which the caller keeps alive. The memory and its description are read only inside of
/// ``withReadAccess(_:)`` and ``withExportPinned(_:)``, and by the object's getbuffer: at any other time the memory may
/// move or be released.
@safe
struct MemoryObject {
    let object: ObjectReference
    private let fields: ObjectFields

    /// - Precondition: `object` is an instance of a type that begins with an `SBMemory`.
    @inline(__always)
    init(_ object: ObjectReference) {
        self.object = object
        fields = ObjectFields(of: object)
    }

    /// The memory and its description, while neither can change.
    @safe
    struct Contents: ~Copyable {
        fileprivate let fields: ObjectFields

        private var recordPointer: UnsafePointer<SBRecord> { unsafe UnsafePointer(sb_record(fields.object.pointer)) }

        var record: SBRecord { unsafe fields.record }
        /// The address of item (0, ..., 0).
        var address: UnsafeMutableRawPointer {
            // An array of zero bytes may have no memory; this address is never dereferenced then.
            unsafe fields.block ?? UnsafeMutableRawPointer(fields.pointer)
        }
        var length: Int { fields.length }
        var itemsize: Int { fields.itemsize }
        var ndim: Int { fields.ndim }
        var isReadOnly: Bool { fields.isReadOnly }
        var isCContiguous: Bool { fields.isCContiguous }
        var isFContiguous: Bool { fields.isFContiguous }
        /// In C or Fortran order.
        var isContiguous: Bool { fields.isCContiguous || fields.isFContiguous }
        var formatText: String { unsafe String(cString: fields.record.format) }

        /// The item as a scalar, where it is one.
        var scalar: (type: Scalar, swapped: Bool)? {
            guard let type = unsafe Scalar(known: fields.record.scalar) else { return nil }
            return unsafe (type, fields.record.swapped != 0)
        }

        /// What the export record says of the items.
        var exportedItem: ExportedItem { unsafe ExportedItem(of: recordPointer) }

        /// Whether the items are contiguous along one axis.
        var isContiguousAxis: Bool { ndim == 1 && isCContiguous }

        /// The number of items along the first axis.
        ///
        /// - Precondition: there are dimensions.
        var count: Int {
            @inline(__always)
            get { layout.shape[0] }
        }

        /// Whether the items are contiguous, in C or Fortran order, and take all bytes of the memory.
        var isPacked: Bool {
            guard isContiguous else { return false }
            // The bytes were counted when the memory was described.
            return ndim == 1 ? count &* itemsize == length : (try? layout.byteCount) == length
        }

        /// Copies the first bytes of other memory over those from `offset` on; both may overlap.
        ///
        /// - Precondition: both are contiguous, and have as many bytes.
        func copyBytes(of source: borrowing Contents, byteCount: Int, to offset: Int) {
            precondition(offset >= 0 && byteCount >= 0 && byteCount <= length - offset && byteCount <= source.length)
            unsafe (address + offset).copyMemory(from: source.address, byteCount: byteCount)
        }

        /// The lease that keeps the memory of a view alive; `nil` for an array.
        var owner: ObjectReference? { fields.owner }

        /// Whether an array's memory belongs to another object that may change it: to any but `bytes`, and a read-only
        /// array with memory of its own.
        var mayBeChangedElsewhere: Bool {
            get throws(PythonError) {
                guard let memory = unsafe fields.memory else { return false }
                guard let exporter = unsafe BufferMemory.exporter(of: memory) else { return true }
                let root = ExporterFormat.root(of: exporter)
                if root.isExactBytes { return false }
                guard root.type.isSubtype(of: try types.array) else { return true }
                return try MemoryObject(root).withReadAccess { (contents) throws(PythonError) in
                    contents.isReadOnly ? try contents.mayBeChangedElsewhere : true
                }
            }
        }

        /// The memory that an array has adopted.
        var adopted: BufferMemory? { unsafe fields.memory.map { unsafe BufferMemory.retained($0) } }

        /// The parsed format, if it has been needed before.
        var rememberedItem: ItemFormat? { fields.item }

        var layout: LayoutView {
            // Inlined, so that only what is used of it is read.
            @_lifetime(borrow self) @inline(__always)
            get {
                // The dimensions lie inside the object, and do not change while its contents are borrowed.
                unsafe _overrideLifetime(LayoutView(recordPointer), borrowing: self)
            }
        }

        /// The types of the module that the memory belongs to.
        var types: ViewTypes {
            get throws(PythonError) {
                try ViewTypes(for: fields.object)
            }
        }

        /// The parsed format of the items; see ``storedItem``.
        ///
        /// - Throws: `NotImplementedError` for a format that cannot be read, or that does not describe the items, as
        ///   memoryview does when it is asked for an item.
        var item: ItemFormat {
            get throws(PythonError) { try storedItem.readable }
        }

        /// The format of the items, readable or not. It is parsed on first use and then kept.
        ///
        /// - Precondition: the first use may run Python code, so it must not be inside of ``withReadAccess(_:)``.
        var storedItem: ItemFormat {
            get throws(PythonError) {
                if let rememberedItem { return rememberedItem }
                let found: ItemFormat =
                    if scalar == nil { try meantItem } else if let plain = unsafe ItemFormat.plain(record.format) {
                        plain
                    } else { try .parse(formatText) }
                return fields.remember(found)
            }
        }

        /// The format that the exporter means: of NumPy and ctypes that may differ from the text that it gave.
        private var meantItem: ItemFormat {
            get throws(PythonError) {
                // Any other format was set by this module, together with its parsed form.
                guard let owner,
                    unsafe UnsafePointer(sb_lease_buffer(owner.pointer).pointee.format) == record.format
                else { return ItemFormat(reading: formatText, itemsize: itemsize) }
                // The exporter is asked once, also for views that were made before and live shortly.
                let slot = Lease.item(of: owner)
                if let known = slot.item { return known }
                return try slot.remember(
                    unsafe ExporterFormat.item(
                        of: Lease.exporter(of: owner), record.format, itemsize: itemsize, types))
            }
        }

        /// The bytes of an item that are values; the rest is padding, which writing leaves as it is. `nil` if an item has no
        /// padding, or its format cannot be read.
        ///
        /// - Precondition: as for ``storedItem``.
        var valueRuns: [ValueRun]? { scalar == nil ? (try? storedItem)?.valueRuns : nil }
    }

    /// The parsed format of the items.
    ///
    /// The first use may run Python code.
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

    /// The cached hash, or -1.
    var rememberedHash: Int { fields.hash }

    func remember(hash: Int) { fields.hash = hash }

    /// Runs `body` on the contents, which cannot change meanwhile.
    ///
    /// - Precondition: `body` runs no Python code and waits for nothing.
    /// - Throws: `ValueError` if the memory is released, and what `body` throws.
    @inline(__always)
    func withReadAccess<Result: ~Copyable>(
        _ body: (borrowing Contents) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let record = unsafe sb_record(object.pointer)
        guard unsafe sb_begin_read(record) != 0 else { throw released }
        defer { unsafe sb_end_read(record) }
        return try body(Contents(fields: fields))
    }

    /// Runs `body` on the contents while an export of them is held, so that they cannot change.
    ///
    /// - Throws: `ValueError` if the memory is released, and what `body` throws.
    func withExportPinned<Result: ~Copyable>(
        _ body: (borrowing Contents) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let record = unsafe sb_record(object.pointer)
        guard unsafe sb_retain_export(record) != 0 else { throw released }
        defer { unsafe sb_release_export(record) }
        return try body(Contents(fields: fields))
    }

    /// Runs `body` while the description of the memory may be changed, which needs that no exports are outstanding.
    ///
    /// - Parameter done: the operation, as the error names it.
    /// - Precondition: `body` runs no Python code.
    /// - Throws: `BufferError` that says how many exports are outstanding.
    func change<Result: ~Copyable>(
        _ done: StaticString = "re-sized", _ body: (ObjectFields) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let record = unsafe sb_record(object.pointer)
        while unsafe sb_stop_exports(record, sb_changing()) == 0 {
            if let error = unsafe existingExports(sb_export_count(record), done) { throw error }
        }
        defer { unsafe sb_resume_exports(record) }
        return try body(fields)
    }

    /// Ends every use of the memory for good; `false` if that was done before.
    ///
    /// - Throws: `BufferError` that says how many exports are outstanding.
    func close() throws(PythonError) -> Bool {
        let count = ExportCount(of: object)
        while !count.close() {
            let left = count.value
            if left == sb_closed() { return false }
            if let error = existingExports(left, "closed") { throw error }
        }
        return true
    }

    /// The error for memory that cannot be changed; `nil` where another thread has ended what stood in the way.
    private func existingExports(_ count: Int, _ done: StaticString) -> PythonError? {
        if count == 0 || count == sb_changing() { return nil }
        if count == sb_closed() { return released }
        return PythonError(
            .buffer,
            "Existing exports of data: object cannot be \(done) "
                + "(\(count) export\(count == 1 ? "" : "s") outstanding)" + ExportTracing.standing(of: object))
    }

    private var released: PythonError {
        @inline(never)
        get { PythonError(.value, "operation forbidden on released \(typeNameOf(object)) object") }
    }

    /// A reference to the lease of a view, which keeps the memory alive when the view is released; `nil` for an array.
    ///
    /// - Throws: `ValueError` if the view is released.
    func lease() throws(PythonError) -> PythonObject? {
        try withReadAccess { (contents) in
            guard let owner = contents.owner else { return nil }
            return PythonObject(borrowing: owner)
        }
    }

    /// The contents of a view whose lease the caller holds. A view's description never changes, and its memory lives as
    /// long as the lease, so this holds even if the view has been released in the meantime.
    var leasedContents: Contents { Contents(fields: fields) }
}

extension MemoryObject {
    /// Fills in the export record of a new object that no other code can reach yet.
    ///
    /// - Parameters:
    ///   - length: the bytes of the memory, where these are more than the items take.
    ///   - layout: as many dimensions as the object has room for.
    ///   - item: its format stays in place while the object lives.
    func describe(
        address: UnsafeMutableRawPointer?, length: Int? = nil, layout: borrowing LayoutView, facts: LayoutSummary,
        item: ExportedItem, isReadOnly: Bool
    ) {
        let dimensions = unsafe fields.dimensions
        unsafe SBRecord.storeDimensions(of: layout, at: dimensions)
        unsafe fields.record = SBRecord(
            address: address, length: length ?? facts.byteCount, layout: layout, facts: facts, dimensions: dimensions,
            item: item, isReadOnly: isReadOnly)
        fields.hash = -1
    }
}
