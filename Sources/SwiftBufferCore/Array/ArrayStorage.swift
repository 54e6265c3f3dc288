internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// The memory that an array owns: how it begins, grows and ends.

/// Python's `swiftbuffer.Array`: an owner of contiguous memory.
enum ArrayObject {
    /// What the items of a new array are; their padding is zero.
    enum Contents {
        case uninitialized, zeroed
    }

    /// A new array, whose memory nobody else sees yet.
    ///
    /// - Parameter type: the type object that arrays with dimensions have, of this interpreter.
    /// - Throws: `ValueError` or `OverflowError` for a shape that cannot be, `MemoryError`.
    static func make(
        _ type: ObjectReference, shape: Span<Int>, item: ItemFormat, order: Order, contents: Contents,
        isReadOnly: Bool = false
    ) throws(PythonError) -> PythonObject {
        guard !item.holdsObjects else {
            throw PythonError(
                .notImplemented,
                "no array can own items of format '\(item.spelling)': nobody would count the references to the objects")
        }
        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(contiguous: shape, itemsize: item.format.itemsize, order: order)
        }
        let facts = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.summary() }
        let length = facts.byteCount
        var typeObject = unsafe type.typePointer
        if layout.ndim == 0 {
            let state = unsafe ModuleState.objects(of: typeObject)
            guard let single = unsafe state?[CoreState.singleItemArrayType.rawValue] else {
                throw PythonError(.runtime, "the module is being shut down")
            }
            unsafe typeObject = UnsafeMutableRawPointer(single.pointer).assumingMemoryBound(to: PyTypeObject.self)
        }
        let array = try unsafe PythonObject(result: sb_allocate(typeObject, 2 * layout.ndim))
        // Whatever is written to the items leaves their padding as it is here.
        let block = try unsafe allocate(length, zeroed: contents == .zeroed || item.valueRuns != nil)
        let fields = unsafe self.fields(of: array.reference)
        unsafe fields.pointee.block = block
        unsafe fields.pointee.capacity = length
        unsafe fields.pointee.item = Unmanaged.passRetained(item).toOpaque()
        unsafe MemoryObject(array.reference).describe(
            address: block, layout: layout.view, facts: facts, item: item.exported, isReadOnly: isReadOnly)
        return array
    }

    static func fields(of array: ObjectReference) -> UnsafeMutablePointer<SBMemory> {
        unsafe UnsafeMutableRawPointer(array.pointer).assumingMemoryBound(to: SBMemory.self)
    }

    /// The slot `tp_dealloc`. No buffer is out, since each would keep the array alive.
    static func deallocate(_ array: ObjectReference) {
        let fields = unsafe self.fields(of: array)
        if unsafe sb_has_weak_references(fields) != 0 { unsafe PyObject_ClearWeakRefs(array.pointer) }
        if let block = unsafe fields.pointee.block {
            unsafe Kernels.deallocate(block, byteCount: fields.pointee.capacity)
        }
        if let item = unsafe fields.pointee.item { unsafe Unmanaged<ItemFormat>.fromOpaque(item).release() }
        let type = unsafe sb_type(array.pointer)
        unsafe sb_free(type, array.pointer)
        unsafe sb_decref(UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyObject.self))
    }

    private static func allocate(_ byteCount: Int, zeroed: Bool) throws(PythonError) -> UnsafeMutableRawPointer {
        do {
            return try unsafe Kernels.allocate(byteCount: byteCount, zeroed: zeroed)
        } catch {
            throw PythonError.outOfMemory(byteCount)
        }
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
        try unsafe MemoryObject(array).change { (fields) throws(PythonError) in
            guard unsafe fields.pointee.record.ndim == 1 else {
                throw notResizable(unsafe Int(fields.pointee.record.ndim))
            }
            guard unsafe fields.pointee.record.readonly == 0 else {
                throw PythonError(.type, "cannot resize read-only memory; copy() makes a writable copy")
            }
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
    /// - Throws: `MemoryError`, and `ValueError` or `OverflowError` for a count that cannot be, with nothing changed.
    /// - Complexity: amortised O(change): the memory grows by half of itself at a time, and shrinks when three quarters
    ///   of it are not used.
    static func setCount(
        _ fields: UnsafeMutablePointer<SBMemory>, _ count: Int, append: borrowing RawSpan = RawSpan()
    ) throws(PythonError) {
        let oldLength = unsafe fields.pointee.record.length
        let length = try unsafe length(of: count, in: fields)
        if unsafe length > fields.pointee.capacity {
            try unsafe move(fields, to: roomy(length))
        } else if unsafe length < oldLength && length < fields.pointee.capacity / 4
            && fields.pointee.capacity > max(smallCapacity, fields.pointee.reserved)
        {
            // Without room for a smaller block the larger one stays.
            try? unsafe move(fields, to: max(roomy(length), fields.pointee.reserved), keeping: length)
        }
        if length > oldLength, let block = unsafe fields.pointee.block {
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

    /// Makes room for `count` items in total, which stays until another count is reserved.
    static func reserve(_ array: ObjectReference, _ count: Int) throws(PythonError) {
        try unsafe edit(array) { (fields) throws(PythonError) in
            let length = try unsafe length(of: count, in: fields)
            if unsafe length > fields.pointee.capacity { try unsafe move(fields, to: length) }
            unsafe fields.pointee.reserved = length
        }
    }

    /// The bytes of so many items.
    private static func length(
        of count: Int, in fields: UnsafeMutablePointer<SBMemory>
    ) throws(PythonError) -> Int {
        let itemsize = unsafe fields.pointee.record.itemsize
        return try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: [count], itemsize: itemsize).view.byteCount
        }
    }

    /// Blocks up to this size stay as they are when items go.
    private static let smallCapacity = 1024

    /// A capacity for `length` bytes and half as many again.
    private static func roomy(_ length: Int) -> Int {
        let (capacity, overflow) = length.addingReportingOverflow(length / 2 + 64)
        return overflow ? length : capacity
    }

    /// Moves the memory to a block of `capacity` bytes.
    ///
    /// - Parameter keeping: bytes that are worth moving; without it, all that fit.
    private static func move(
        _ fields: UnsafeMutablePointer<SBMemory>, to capacity: Int, keeping length: Int = .max
    ) throws(PythonError) {
        let block = try unsafe allocate(capacity, zeroed: false)
        if let old = unsafe fields.pointee.block {
            let kept = unsafe min(length, capacity, fields.pointee.record.length)
            unsafe block.copyMemory(from: old, byteCount: kept)
            unsafe Kernels.deallocate(old, byteCount: fields.pointee.capacity)
        }
        unsafe fields.pointee.block = block
        unsafe fields.pointee.capacity = capacity
        unsafe fields.pointee.record.address = block.assumingMemoryBound(to: CChar.self)
    }
}

extension UnsafeMutablePointer<SBMemory> {
    /// The number of items of an array of one dimension.
    var count: Int { unsafe sb_dimensions(self)[0] }
}
