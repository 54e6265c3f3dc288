internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Allocation, growth and release of an array's memory. That is a block which the array owns, or adopted memory: a
// BufferMemory in the field `memory`, which others may share. Adopted memory does not grow, but for a mapped file's; the
// array copies its items into a block of its own instead.

/// Python's `swiftbuffer.Array`: an owner of contiguous memory.
enum ArrayObject {
    /// What the items of a new array are; their padding is zero.
    enum Contents {
        case uninitialized, zeroed
    }

    /// A new array, whose memory has no other user yet.
    ///
    /// - Parameter type: the type object that arrays with dimensions have, of this interpreter.
    /// - Throws: `ValueError` or `OverflowError` for an invalid shape, `MemoryError`.
    static func make(
        _ type: ObjectReference, shape: Span<Int>, item: ItemFormat, order: Order, contents: Contents,
        isReadOnly: Bool = false
    ) throws(PythonError) -> PythonObject {
        try unsafe make(
            type, single: .singleItemArrayType, shape: shape, item: item, order: order, isReadOnly: isReadOnly
        ) { (length, fields) throws(PythonError) in
            // Whatever is written to the items leaves their padding as it is here.
            let isZeroed = contents == .zeroed || item.valueRuns != nil
            // An array without items is about to grow.
            let capacity = length == 0 ? smallestRoom : length
            let block = try unsafe MemoryBlock(byteCount: capacity, zeroed: isZeroed).intoPointer()
            unsafe fields.pointee.capacity = capacity
            return unsafe block
        }
    }

    /// A new array over the items at the start of adopted memory. Writes go to that memory until the array first grows:
    /// then it copies the items into a block of its own and releases the memory.
    ///
    /// - Parameters:
    ///   - module: the module, or an instance of one of its types.
    ///   - isReadOnly: whether the array is read-only where the memory is not.
    /// - Throws: `BufferError` if the memory is too small for the items, and as for
    ///   ``make(_:shape:item:order:contents:isReadOnly:)``.
    static func make(
        for module: ObjectReference, adopting memory: BufferMemory, shape: Span<Int>, item: ItemFormat, order: Order,
        isReadOnly: Bool = false
    ) throws(PythonError) -> PythonObject {
        let isCollected = memory.reachesTrackedObjects
        let type = try moduleObject((isCollected ? CoreState.adoptingArrayType : .arrayType).rawValue, of: module)
        return try unsafe make(
            type, single: isCollected ? .adoptingSingleItemArrayType : .singleItemArrayType, shape: shape, item: item,
            order: order,
            isReadOnly: isReadOnly || memory.isReadOnly
        ) { (length, fields) throws(PythonError) in
            guard length <= memory.byteCount else {
                throw PythonError(.buffer, "the items take \(length) bytes, but the memory has \(memory.byteCount)")
            }
            unsafe fields.pointee.memory = memory.retainForExporter()
            unsafe fields.pointee.capacity = length
            return unsafe memory.address
        }
    }

    /// - Parameters:
    ///   - single: where the type of arrays without dimensions is kept.
    ///   - address: returns the address of memory for `length` bytes, and sets the capacity.
    @inline(__always)
    private static func make(
        _ type: ObjectReference, single: CoreState, shape: Span<Int>, item: ItemFormat, order: Order, isReadOnly: Bool,
        address: (_ length: Int, UnsafeMutablePointer<SBMemory>) throws(PythonError) -> UnsafeMutableRawPointer?
    ) throws(PythonError) -> PythonObject {
        try checkCanHold(item)
        if shape.count == 1, let axis = LayoutSummary(packedAxis: shape[0], itemsize: item.format.itemsize) {
            return try unsafe make(type.typePointer, shape[0], axis, item, isReadOnly: isReadOnly, address: address)
        }
        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(contiguous: shape, itemsize: item.format.itemsize, order: order)
        }
        let facts = layout.summary
        var typeObject = unsafe type.typePointer
        if layout.ndim == 0 {
            guard let single = unsafe ModuleState.objects(of: typeObject)?[single.rawValue] else {
                throw PythonError(.runtime, "the module is being shut down")
            }
            unsafe typeObject = single.typePointer
        }
        let array = try unsafe allocate(typeObject, ndim: layout.ndim)
        let fields = unsafe self.fields(of: array.reference)
        let address = try unsafe address(facts.byteCount, fields)
        unsafe fields.pointee.item = Unmanaged.passRetained(item).toOpaque()
        unsafe MemoryObject(array.reference).describe(
            address: address, layout: layout.view, facts: facts, item: item.exported, isReadOnly: isReadOnly)
        return array
    }

    /// The fast path of ``make(_:single:shape:item:order:isReadOnly:address:)`` for one dimension.
    @inline(__always)
    private static func make(
        _ type: UnsafeMutablePointer<PyTypeObject>, _ count: Int, _ axis: LayoutSummary, _ item: ItemFormat,
        isReadOnly: Bool,
        address: (_ length: Int, UnsafeMutablePointer<SBMemory>) throws(PythonError) -> UnsafeMutableRawPointer?
    ) throws(PythonError) -> PythonObject {
        let array = try unsafe allocate(type, ndim: 1)
        let fields = unsafe self.fields(of: array.reference)
        let address = try unsafe address(axis.byteCount, fields)
        unsafe fields.pointee.item = Unmanaged.passRetained(item).toOpaque()
        let dimensions = unsafe sb_dimensions(fields)
        let itemsize = item.format.itemsize
        unsafe dimensions[0] = count
        unsafe dimensions[1] = itemsize
        unsafe fields.pointee.record = SBRecord(
            contiguousAxis: dimensions, address: address, length: axis.byteCount, itemsize: itemsize,
            item: item.exported, isReadOnly: isReadOnly)
        return array
    }

    /// An object with room for its dimensions, and without memory.
    @inline(__always)
    private static func allocate(
        _ type: UnsafeMutablePointer<PyTypeObject>, ndim: Int
    ) throws(PythonError) -> PythonObject {
        let isCollected = unsafe sb_is_collected(type) != 0
        let array = try unsafe PythonObject(
            result: isCollected ? sb_allocate(type, 2 * ndim) : sb_new_uncollected(type, 2 * ndim))
        let fields = unsafe self.fields(of: array.reference)
        unsafe fields.pointee.record.address = nil
        unsafe sb_clear_fields(fields)
        return array
    }

    /// Throws `NotImplementedError` for items that no array can have.
    static func checkCanHold(_ item: ItemFormat) throws(PythonError) {
        guard !item.holdsObjects else {
            throw PythonError(
                .notImplemented,
                "no array can hold items of format '\(item.spelling)': it does not count references to objects")
        }
    }

    /// Gives a new array, which has no other user yet, items of another format and the same size.
    static func setItem(_ item: ItemFormat, ofNew array: ObjectReference) {
        let fields = unsafe fields(of: array)
        let old = unsafe fields.pointee.item
        unsafe fields.pointee.item = Unmanaged.passRetained(item).toOpaque()
        unsafe fields.pointee.record.setItem(item.exported)
        if let old = unsafe old { unsafe Unmanaged<ItemFormat>.fromOpaque(old).release() }
    }

    static func fields(of array: ObjectReference) -> UnsafeMutablePointer<SBMemory> {
        unsafe UnsafeMutableRawPointer(array.pointer).assumingMemoryBound(to: SBMemory.self)
    }

    /// The slot `tp_dealloc`. No export is outstanding, since each would keep the array alive.
    static func deallocate(_ array: ObjectReference) {
        let type = unsafe sb_type(array.pointer)
        let fields = unsafe self.fields(of: array)
        // Ending adopted memory may run Python code, which must not find an array without references.
        if unsafe sb_is_collected(type) != 0 { unsafe PyObject_GC_UnTrack(array.pointer) }
        if unsafe sb_has_weak_references(fields) != 0 { unsafe PyObject_ClearWeakRefs(array.pointer) }
        if let memory = unsafe fields.pointee.memory {
            unsafe BufferMemory.releaseFromExporter(memory)
        } else if let block = unsafe fields.block {
            _ = unsafe MemoryBlock(owning: block, byteCount: fields.pointee.capacity)
        }
        if let item = unsafe fields.pointee.item { unsafe Unmanaged<ItemFormat>.fromOpaque(item).release() }
        unsafe sb_free(type, array.pointer)
        unsafe sb_decref(UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyObject.self))
    }

    /// The slot `tp_traverse` of arrays over adopted memory.
    static func traverse(
        _ array: ObjectReference, _ visitor: visitproc?, _ context: UnsafeMutableRawPointer?
    ) -> CInt {
        let status = unsafe visitType(of: array, visitor, context)
        guard status == 0, let memory = unsafe fields(of: array).pointee.memory else { return status }
        return unsafe BufferMemory.visit(memory, visitor, context)
    }

    /// Changes the number of items of an array of one dimension; new ones are zero.
    ///
    /// - Parameter append: bytes to write behind the items that stay, instead of zeros.
    /// - Throws: what ``edit(_:_:)`` and ``setCount(_:_:append:)`` throw.
    static func resize(
        _ array: ObjectReference, append: borrowing RawSpan = RawSpan(),
        _ newCount: (_ count: Int) throws(PythonError) -> Int
    ) throws(PythonError) {
        try unsafe edit(array) { (fields) throws(PythonError) in
            try unsafe setCount(fields, newCount(fields.count), append: append)
        }
    }

    /// Runs `body` while the items of an array of one dimension may be added, moved and removed.
    ///
    /// - Precondition: `body` runs no Python code.
    /// - Throws: `BufferError` while exports are outstanding, `TypeError` for read-only memory or another number of
    ///   dimensions, and what `body` throws.
    static func edit<Result: ~Copyable>(
        _ array: ObjectReference, _ body: (UnsafeMutablePointer<SBMemory>) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try unsafe change(array, "re-sized") { (fields) throws(PythonError) in
            guard unsafe fields.pointee.record.ndim == 1 else {
                throw notResizable(unsafe Int(fields.pointee.record.ndim))
            }
            guard unsafe fields.pointee.record.readonly == 0 else {
                throw PythonError(.type, "cannot resize read-only memory; copy() makes a writable copy")
            }
            // Before `body` moves items, as what it does to the memory would stay if it failed afterwards.
            try unsafe backing(of: fields)?.checkResizable(length: fields.pointee.record.length)
            return try unsafe body(fields)
        }
    }

    /// Makes the memory read-only for good. Adopted memory, which its owner may change, is copied first.
    ///
    /// - Throws: `BufferError` while exports are outstanding; `MemoryError` with nothing changed.
    static func makeReadOnly(_ array: ObjectReference) throws(PythonError) {
        try unsafe change(array, "frozen") { (fields) throws(PythonError) in
            if unsafe fields.pointee.memory != nil { try unsafe move(fields, to: fields.pointee.record.length) }
            unsafe fields.pointee.record.readonly = 1
        }
    }

    /// Runs `body` while the memory may be changed or replaced; see ``MemoryObject/change(_:_:)``.
    private static func change<Result: ~Copyable>(
        _ array: ObjectReference, _ done: StaticString,
        _ body: (UnsafeMutablePointer<SBMemory>) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        // Adopted memory that `body` has replaced ends after the change: that may run Python code.
        var replaced: UnsafeMutableRawPointer?
        defer { if let replaced = unsafe replaced { unsafe BufferMemory.releaseFromExporter(replaced) } }
        return try unsafe MemoryObject(array).change(done) { (fields) throws(PythonError) in
            let memory = unsafe fields.pointee.memory
            defer { if unsafe memory != fields.pointee.memory { unsafe replaced = memory } }
            return try unsafe body(fields)
        }
    }

    /// The error for an array that is not one-dimensional, and so cannot be resized.
    static func notResizable(_ ndim: Int) -> PythonError {
        PythonError(.type, "only an array with one dimension can be resized, this one has \(ndim); resize a copy")
    }

    /// Sets the number of items inside of ``edit(_:_:)``; new ones are zero.
    ///
    /// - Parameter append: bytes to write behind the items that stay, instead of zeros.
    /// - Throws: `MemoryError`, and `ValueError` or `OverflowError` for an invalid count, with nothing changed.
    /// - Complexity: amortised O(change): a block grows by half of itself at a time, and shrinks when three quarters of it
    ///   are not used. Adopted memory stays in use until it is too small.
    static func setCount(
        _ fields: UnsafeMutablePointer<SBMemory>, _ count: Int, append: borrowing RawSpan = RawSpan()
    ) throws(PythonError) {
        let oldLength = unsafe fields.pointee.record.length
        let length = try unsafe length(of: count, in: fields)
        if let backing = unsafe backing(of: fields), backing.growsInPlace {
            try unsafe setLength(of: backing, fields, length, capacity: roomy(length), append: append)
            unsafe fields.pointee.record.length = length
            unsafe sb_dimensions(fields)[0] = count
            return
        }
        if unsafe length > fields.pointee.capacity {
            try unsafe move(fields, to: roomy(length))
        } else if unsafe length < oldLength && !keepsBlock(fields, for: length) {
            // Without room for a smaller block the larger one stays.
            try? unsafe move(fields, to: max(roomy(length), fields.pointee.reserved), keeping: length)
        }
        if length > oldLength, let block = unsafe fields.block {
            unsafe append.withUnsafeBytes { bytes in
                let copied = min(bytes.count, length - oldLength)
                if let source = bytes.baseAddress {
                    unsafe (block + oldLength).copyMemory(from: source, byteCount: copied)
                }
                unsafe (block + oldLength + copied).initializeMemory(
                    as: UInt8.self, repeating: 0, count: length - oldLength - copied)
            }
        }
        unsafe fields.pointee.record.length = length
        unsafe sb_dimensions(fields)[0] = count
    }

    /// Makes room for at least `length` bytes inside of ``edit(_:_:)``, and more for the items that may follow; `false`
    /// with nothing changed where there is no memory.
    ///
    /// - Precondition: the items take less room than that.
    static func grow(_ fields: UnsafeMutablePointer<SBMemory>, to length: Int) -> Bool {
        (try? unsafe move(fields, to: roomy(length))) != nil
    }

    /// Whether items that take fewer bytes than before stay where they are.
    @inline(__always)
    static func keepsBlock(_ fields: UnsafeMutablePointer<SBMemory>, for length: Int) -> Bool {
        unsafe length >= fields.pointee.capacity / 4
            || fields.pointee.capacity <= max(smallCapacity, fields.pointee.reserved) || fields.pointee.memory != nil
    }

    /// Makes room for `count` items in total, which stays until another count is reserved.
    static func reserve(_ array: ObjectReference, _ count: Int) throws(PythonError) {
        try unsafe edit(array) { (fields) throws(PythonError) in
            let length = try unsafe length(of: count, in: fields)
            if unsafe length > fields.pointee.capacity {
                if let backing = unsafe backing(of: fields), backing.growsInPlace {
                    try unsafe exchange(fields, backing.remapped(byteCount: length))
                } else {
                    try unsafe move(fields, to: length)
                }
            }
            unsafe fields.pointee.reserved = length
        }
    }

    /// The bytes of `count` items.
    private static func length(
        of count: Int, in fields: UnsafeMutablePointer<SBMemory>
    ) throws(PythonError) -> Int {
        let itemsize = unsafe fields.pointee.record.itemsize
        if let axis = LayoutSummary(packedAxis: count, itemsize: itemsize) { return axis.byteCount }
        // Items without bytes, or a count that is refused.
        return try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: [count], itemsize: itemsize).summary.byteCount
        }
    }

    /// Blocks up to this size do not shrink.
    private static let smallCapacity = 1024
    /// What an array without items has room for: a block has this size at least.
    private static let smallestRoom = 64

    /// A capacity for `length` bytes and half as many again.
    private static func roomy(_ length: Int) -> Int {
        let (capacity, overflow) = length.addingReportingOverflow(length / 2 + 64)
        return overflow ? length : capacity
    }

    /// Moves the items to a new block of `capacity` bytes, which the array owns.
    ///
    /// - Parameter keeping: how many bytes to keep; all that fit by default.
    private static func move(
        _ fields: UnsafeMutablePointer<SBMemory>, to capacity: Int, keeping length: Int = .max
    ) throws(PythonError) {
        let block = try unsafe MemoryBlock(byteCount: capacity, zeroed: false).intoPointer()
        if let old = unsafe fields.block {
            let kept = unsafe min(length, capacity, fields.pointee.record.length)
            unsafe block.copyMemory(from: old, byteCount: kept)
            // Adopted memory is released by `edit`.
            if unsafe fields.pointee.memory == nil {
                _ = unsafe MemoryBlock(owning: old, byteCount: fields.pointee.capacity)
            }
        }
        unsafe fields.pointee.memory = nil
        unsafe fields.pointee.capacity = capacity
        unsafe fields.pointee.record.address = block.assumingMemoryBound(to: CChar.self)
    }
}

extension UnsafeMutablePointer<SBMemory> {
    /// The number of items of an array of one dimension.
    var count: Int { unsafe sb_dimensions(self)[0] }

    /// The memory of an array; `nil` only where there are no bytes.
    var block: UnsafeMutableRawPointer? { unsafe UnsafeMutableRawPointer(pointee.record.address) }
}
