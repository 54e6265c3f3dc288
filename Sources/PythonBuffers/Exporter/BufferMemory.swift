internal import BufferKernels
internal import BufferLayout

/// A block of memory to be shared with Python: 64-byte aligned, zeroed, and freed when nobody describes it any more.
///
/// It is a reference, because it is shared: the value that made it, and every Python object that exports it, hold the
/// same block. So an exported block cannot go away early, whatever its author does.
///
/// ```swift
/// let pixels = try BufferMemory(count: 320 * 240, of: Float.self)
/// try pixels.withMutableSpan(of: Float.self) { pixels in
///     for index in pixels.indices { pixels[index] = 20 }
/// }
/// ```
///
/// Bounds and lifetimes are checked. Who reads and writes when is for the program to settle, with Python as much as
/// with other code of its own.
@safe
public final class BufferMemory {
    let start: UnsafeMutableRawPointer
    /// The length in bytes.
    public let byteCount: Int
    /// Whether the memory must not be written, by Swift or by Python.
    public let isReadOnly: Bool
    private let release: (() -> Void)?

    /// A new block.
    ///
    /// - Throws: `MemoryError`, also for a negative count.
    public init(byteCount: Int) throws(PythonError) {
        do {
            unsafe start = try unsafe Kernels.allocate(byteCount: byteCount, zeroed: true)
        } catch {
            throw PythonError(error)
        }
        self.byteCount = byteCount
        isReadOnly = false
        release = nil
    }

    /// A new block with room for `count` items.
    ///
    /// - Throws: as for ``init(shape:of:)``.
    public convenience init<Element: BufferElement>(count: Int, of element: Element.Type) throws(PythonError) {
        try self.init(shape: [count], of: element)
    }

    /// A new block with room for an array of a shape.
    ///
    /// - Throws: `ValueError` for a negative length, `OverflowError`, `MemoryError`.
    public convenience init<Element: BufferElement>(shape: [Int], of _: Element.Type) throws(PythonError) {
        let byteCount = try raisingLayoutErrors { () throws(LayoutError) in
            let layout = try Layout(shape: shape, itemsize: Element.scalar.size)
            return try layout.view.byteCount
        }
        try self.init(byteCount: byteCount)
    }

    /// A new block with a copy of some bytes.
    ///
    /// - Throws: `MemoryError`.
    public convenience init(copying bytes: RawSpan) throws(PythonError) {
        try self.init(byteCount: bytes.byteCount)
        unsafe bytes.withUnsafeBytes {
            if let source = $0.baseAddress { unsafe start.copyMemory(from: source, byteCount: $0.count) }
        }
    }

    /// A block that comes from elsewhere: a mapped file, a driver's frame.
    ///
    /// - Parameter release: gives the block back; called once, when nobody describes it any more.
    /// - Precondition: `start` is that of `byteCount` bytes that stay in place until `release` is called, and that may be
    ///   written unless `isReadOnly`.
    @unsafe
    public init(
        adopting start: UnsafeMutableRawPointer, byteCount: Int, isReadOnly: Bool = false,
        release: @escaping () -> Void
    ) {
        unsafe self.start = start
        self.byteCount = byteCount
        self.isReadOnly = isReadOnly
        self.release = release
    }

    deinit {
        if let release {
            release()
        } else {
            unsafe Kernels.deallocate(start, byteCount: byteCount)
        }
    }

    /// The bytes, to be read.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(start), byteCount: byteCount)
            return unsafe _overrideLifetime(bytes, borrowing: self)
        }
    }

    /// The whole items of the block, to be read.
    @_lifetime(borrow self)
    public func span<Element: DirectBufferElement>(of _: Element.Type) -> Span<Element> {
        // An adopted block may start anywhere; others are aligned for every element.
        precondition(
            unsafe UInt(bitPattern: start).isMultiple(of: UInt(MemoryLayout<Element>.alignment)), "misaligned memory")
        let items = unsafe Span(
            _unsafeStart: start.assumingMemoryBound(to: Element.self), count: byteCount / MemoryLayout<Element>.stride)
        return unsafe _overrideLifetime(items, borrowing: self)
    }

    /// Runs `body` with the bytes, to be written.
    ///
    /// - Throws: `BufferError` if the memory is read-only, and what `body` throws.
    public func withMutableBytes<Result: ~Copyable>(
        _ body: (inout MutableRawSpan) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try checkWritable()
        var bytes = unsafe MutableRawSpan(_unsafeStart: start, byteCount: byteCount)
        return try body(&bytes)
    }

    /// Runs `body` with the whole items of the block, to be written.
    ///
    /// - Throws: `BufferError` if the memory is read-only or misaligned for `Element`, and what `body` throws.
    public func withMutableSpan<Element: DirectBufferElement, Result: ~Copyable>(
        of _: Element.Type, _ body: (inout MutableSpan<Element>) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try checkWritable()
        guard unsafe UInt(bitPattern: start).isMultiple(of: UInt(MemoryLayout<Element>.alignment)) else {
            throw PythonError(.buffer, "the memory is not aligned for items of \(Element.self); copy it")
        }
        var items = unsafe MutableSpan(
            _unsafeStart: start.assumingMemoryBound(to: Element.self), count: byteCount / MemoryLayout<Element>.stride)
        return try body(&items)
    }

    private func checkWritable() throws(PythonError) {
        guard !isReadOnly else {
            throw PythonError(.buffer, "writable memory asked for, but it is read-only; copy it")
        }
    }
}

/// A buffer of another Python object, held for as long as anything describes its memory.
///
/// An exporter that hands out (a part of) somebody else's memory keeps one: the owner's export count stays up, so that
/// it neither moves nor resizes, until the last description is gone.
@safe
public final class SharedBuffer {
    /// The buffer itself.
    public let buffer: PythonBuffer

    public init(_ buffer: consuming PythonBuffer) {
        self.buffer = buffer
    }

    /// Acquires the buffer of `object`.
    ///
    /// - Throws: as for ``PythonBuffer/init(_:_:)``.
    public convenience init(
        _ object: borrowing PythonObject, _ request: BufferRequest = .fullReadOnly
    ) throws(PythonError) {
        self.init(try PythonBuffer(object, request))
    }
}
