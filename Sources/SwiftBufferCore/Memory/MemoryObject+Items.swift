// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import PythonBuffers

// One item at a time: reading it, writing it.

extension MemoryObject.Contents {
    /// The item at an address inside of the memory.
    ///
    /// - Throws: what the item's format says cannot be read.
    /// - Precondition: Python code may run unless the item is a scalar.
    @inline(__always)
    func object(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        if let (scalar, swapped) = scalar {
            return try unsafe PythonObject(result: scalar.object(at: address, swapped: swapped))
        }
        return try unsafe item.object(at: address)
    }
}

extension MemoryObject {
    /// The item at `position`, one integer a dimension.
    func item(at position: Span<Int>) throws(PythonError) -> PythonObject {
        try readingItems { (contents) throws(PythonError) in
            try unsafe contents.object(at: contents.address(of: position))
        }
    }

    /// Runs `body`, which makes objects of items.
    private func readingItems<Result: ~Copyable>(
        _ body: (borrowing Contents) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        // Reading a structure may run Python code, which needs the export. Whether items are scalars never changes.
        leasedContents.scalar == nil ? try withExportPinned(body) : try withReadAccess(body)
    }

    /// The item at `index` along the only axis.
    func item(at index: Int) throws(PythonError) -> PythonObject { try item(at: [index].span) }

    /// What `memory[index]` is, of the first axis: an item of one dimension, a view of more.
    func element(at index: Int) throws(PythonError) -> PythonObject {
        if try withReadAccess({ (contents) in contents.ndim }) == 1 { return try item(at: index) }
        return try view(.axes([.integer(index)]), ViewTypes(for: object))
    }

    /// What `memory[index]` is; `nil` where an array has become shorter than that since its items were counted.
    func remainingElement(at index: Int) throws(PythonError) -> PythonObject? {
        // Only an array of one dimension can be resized.
        guard leasedContents.ndim == 1 else { return try element(at: index) }
        return try readingItems { (contents) throws(PythonError) in
            guard index < contents.layout.shape[0] else { return nil }
            return try unsafe contents.object(at: contents.address(of: [index].span))
        }
    }

    /// Writes an item. Converting the value may run Python code that releases or resizes the memory. So the index is
    /// checked before, to report a wrong index first, and once more before the bytes are written.
    func setItem(at position: Span<Int>, to value: ObjectReference) throws(PythonError) {
        try withReadAccess { (contents) throws(PythonError) in
            try contents.checkWritable()
            _ = try unsafe contents.address(of: position)
        }
        let encoded = try encode(value)
        try withReadAccess { (contents) throws(PythonError) in
            try contents.checkWritable()
            guard encoded.count == contents.itemsize else {
                throw PythonError(.runtime, "the format changed while a value was converted")
            }
            let place = try unsafe UnsafeMutableRawPointer(mutating: contents.address(of: position))
            unsafe encoded.copy(to: place, runs: contents.valueRuns)
        }
    }

    /// A Python value encoded as one item, in memory of its own.
    ///
    /// - Throws: `TypeError` where the memory is read-only, and what the conversion raises.
    func encode(_ value: ObjectReference) throws(PythonError) -> EncodedItem {
        try withReadAccess { (contents) throws(PythonError) in try contents.checkWritable() }
        return try EncodedItem(value, item)
    }
}

extension MemoryObject.Contents {
    /// The address of the item at `position`, one integer a dimension.
    func address(of position: Span<Int>) throws(PythonError) -> UnsafeRawPointer {
        let layout = layout
        return try unsafe raisingLayoutErrors { () throws(LayoutError) in
            try unsafe layout.address(of: position, from: UnsafeRawPointer(address))
        }
    }

    /// - Throws: `TypeError`, as memoryview does.
    func checkWritable() throws(PythonError) {
        if isReadOnly { throw PythonError(.type, "cannot modify read-only memory; copy() makes a writable copy") }
    }
}

/// One encoded item in memory of its own.
@safe
struct EncodedItem: ~Copyable {
    let bytes: UnsafeMutableRawBufferPointer

    /// An item of zeros.
    init(byteCount count: Int) throws(PythonError) {
        unsafe bytes = Self.zeros(count)
        if unsafe bytes.baseAddress == nil { throw PythonError.outOfMemory(count) }
    }

    init(_ value: ObjectReference, _ item: ItemFormat) throws(PythonError) {
        let count = item.format.itemsize
        unsafe bytes = Self.zeros(count)
        guard let start = unsafe bytes.baseAddress else { throw PythonError.outOfMemory(count) }
        try unsafe item.encode(value, to: start)
    }

    /// A copy of an item.
    ///
    /// - Precondition: `address` is that of `count` bytes.
    init(copying address: UnsafeRawPointer, count: Int) throws(PythonError) {
        unsafe bytes = Self.zeros(count)
        guard let start = unsafe bytes.baseAddress else { throw PythonError.outOfMemory(count) }
        unsafe start.copyMemory(from: address, byteCount: count)
    }

    /// Memory that has an address even for no bytes; none where there is not enough.
    private static func zeros(_ count: Int) -> UnsafeMutableRawBufferPointer {
        // Not Swift's allocator, which ends the process if a huge itemsize cannot be had.
        let start = unsafe PyMem_Calloc(1, count)
        return unsafe UnsafeMutableRawBufferPointer(start: start, count: start == nil ? 0 : count)
    }

    deinit {
        unsafe PyMem_Free(bytes.baseAddress)
    }

    /// - Precondition: `address` is that of ``count`` bytes.
    func isEqual(to address: UnsafeRawPointer) -> Bool {
        unsafe UnsafeRawBufferPointer(bytes).elementsEqual(UnsafeRawBufferPointer(start: address, count: bytes.count))
    }

    var count: Int { unsafe bytes.count }

    /// Writes the item to an address.
    ///
    /// - Parameter runs: the bytes to write, where these are not all: the padding stays as it is.
    /// - Precondition: `address` has room for ``count`` bytes.
    func copy(to address: UnsafeMutableRawPointer, runs: [ValueRun]?) {
        guard let pattern = unsafe bytes.baseAddress else { return }
        guard let runs else { return unsafe address.copyMemory(from: pattern, byteCount: count) }
        let layout = LayoutView(itemsize: count, shape: Span(), strides: Span(), suboffsets: Span())
        unsafe Kernels.fill(address, layout: layout, with: pattern, runs: runs)
    }
}
