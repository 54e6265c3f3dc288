// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

// How the items of an array become more, fewer or read-only. Adopted memory does not grow, but for a mapped file's; the
// array copies its items into a block of its own instead.

extension ArrayObject {
    /// Changes the number of items of an array of one dimension; new ones are zero.
    ///
    /// - Parameter append: bytes to write behind the items that stay, instead of zeros.
    /// - Throws: what ``edit(_:_:)`` and ``setCount(_:_:append:)`` throw.
    static func resize(
        _ array: ObjectReference, append: borrowing RawSpan = RawSpan(),
        _ newCount: (_ count: Int) throws(PythonError) -> Int
    ) throws(PythonError) {
        try edit(array) { (fields) throws(PythonError) in
            try setCount(fields, newCount(fields.count), append: append)
        }
    }

    /// Runs `body` while the items of an array of one dimension may be added, moved and removed.
    ///
    /// - Precondition: `body` runs no Python code.
    /// - Throws: `BufferError` while exports are outstanding, `TypeError` for read-only memory or another number of
    ///   dimensions, and what `body` throws.
    static func edit<Result: ~Copyable>(
        _ array: ObjectReference, _ body: (ObjectFields) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try change(array, "re-sized") { (fields) throws(PythonError) in
            guard fields.ndim == 1 else {
                throw notResizable(fields.ndim)
            }
            guard !fields.isReadOnly else {
                throw PythonError(.type, "cannot resize read-only memory; copy() makes a writable copy")
            }
            // Before `body` moves items, as what it does to the memory would stay if it failed afterwards.
            try backing(of: fields)?.checkResizable(length: fields.length)
            return try body(fields)
        }
    }

    /// Makes the memory read-only for good. Adopted memory, which its owner may change, is copied first.
    ///
    /// - Throws: `BufferError` while exports are outstanding; `MemoryError` with nothing changed.
    static func makeReadOnly(_ array: ObjectReference) throws(PythonError) {
        try change(array, "frozen") { (fields) throws(PythonError) in
            if fields.isAdopted { try move(fields, to: fields.length) }
            fields.isReadOnly = true
        }
    }

    /// Runs `body` while the memory may be changed or replaced; see ``MemoryObject/change(_:_:)``.
    private static func change<Result: ~Copyable>(
        _ array: ObjectReference, _ done: StaticString,
        _ body: (ObjectFields) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        // Adopted memory that `body` has replaced ends after the change: that may run Python code.
        var replaced: UnsafeMutableRawPointer?
        defer { if let replaced = unsafe replaced { unsafe BufferMemory.releaseFromExporter(replaced) } }
        return try MemoryObject(array).change(done) { (fields) throws(PythonError) in
            let memory = unsafe fields.memory
            defer { if unsafe memory != fields.memory { unsafe replaced = memory } }
            return try body(fields)
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
        _ fields: ObjectFields, _ count: Int, append: borrowing RawSpan = RawSpan()
    ) throws(PythonError) {
        let oldLength = fields.length
        let length = try length(of: count, in: fields)
        if let backing = backing(of: fields), backing.growsInPlace {
            try setLength(of: backing, fields, length, capacity: roomy(length), append: append)
            fields.length = length
            fields.count = count
            return
        }
        if length > fields.capacity {
            try move(fields, to: roomy(length))
        } else if length < oldLength && !keepsBlock(fields, for: length) {
            // Without room for a smaller block the larger one stays.
            try? move(fields, to: max(roomy(length), fields.reserved), keeping: length)
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
        fields.length = length
        fields.count = count
    }

    /// Makes room for at least `length` bytes inside of ``edit(_:_:)``, and more for the items that may follow; `false`
    /// with nothing changed where there is no memory.
    ///
    /// - Precondition: the items take less room than that.
    static func grow(_ fields: ObjectFields, to length: Int) -> Bool {
        (try? move(fields, to: roomy(length))) != nil
    }

    /// Whether items that take fewer bytes than before stay where they are.
    @inline(__always)
    static func keepsBlock(_ fields: ObjectFields, for length: Int) -> Bool {
        length >= fields.capacity / 4
            || fields.capacity <= max(smallCapacity, fields.reserved) || fields.isAdopted
    }

    /// Makes room for `count` items in total, which stays until another count is reserved.
    static func reserve(_ array: ObjectReference, _ count: Int) throws(PythonError) {
        try edit(array) { (fields) throws(PythonError) in
            let length = try length(of: count, in: fields)
            if length > fields.capacity {
                if let backing = backing(of: fields), backing.growsInPlace {
                    try exchange(fields, backing.remapped(byteCount: length))
                } else {
                    try move(fields, to: length)
                }
            }
            fields.reserved = length
        }
    }

    /// The bytes of `count` items.
    private static func length(
        of count: Int, in fields: ObjectFields
    ) throws(PythonError) -> Int {
        let itemsize = fields.itemsize
        if let axis = LayoutSummary(packedAxis: count, itemsize: itemsize) { return axis.byteCount }
        // Items without bytes, or a count that is refused.
        return try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: [count], itemsize: itemsize).summary.byteCount
        }
    }

    /// Blocks up to this size do not shrink.
    private static let smallCapacity = 1024
    /// What an array without items has room for: a block has this size at least.
    static let smallestRoom = 64

    /// A capacity for `length` bytes and half as many again.
    private static func roomy(_ length: Int) -> Int {
        let (capacity, overflow) = length.addingReportingOverflow(length / 2 + 64)
        return overflow ? length : capacity
    }

    /// Moves the items to a new block of `capacity` bytes, which the array owns.
    ///
    /// - Parameter keeping: how many bytes to keep; all that fit by default.
    private static func move(
        _ fields: ObjectFields, to capacity: Int, keeping length: Int = .max
    ) throws(PythonError) {
        let block = try unsafe MemoryBlock(byteCount: capacity, zeroed: false).intoPointer()
        if let old = unsafe fields.block {
            let kept = min(length, capacity, fields.length)
            unsafe block.copyMemory(from: old, byteCount: kept)
            // Adopted memory is released by `edit`.
            if !fields.isAdopted {
                _ = unsafe MemoryBlock(owning: old, byteCount: fields.capacity)
            }
        }
        unsafe fields.memory = nil
        fields.capacity = capacity
        unsafe fields.block = block
    }
}
