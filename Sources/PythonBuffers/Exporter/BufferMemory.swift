// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import Synchronization

/// Memory to be shared with Python, of any origin:
///
/// | Origin | Made by | Ends by |
/// |---|---|---|
/// | a block of its own, zeroed and aligned to 64 bytes | ``init(byteCount:)``, ``init(shape:of:)``, ``init(copying:)`` | being freed |
/// | adopted from elsewhere: a mapped file, a driver's frame | ``init(adopting:byteCount:isReadOnly:release:)`` | a call of `release` |
/// | adopted from a Python object | ``init(adopting:byteCount:isReadOnly:owner:)`` | dropping the object |
/// | the elements of a Swift array, or of a container of the author's | `init(holding:)` | dropping the container |
/// | the buffer of another exporter | ``init(sharing:_:)`` | releasing the buffer |
///
/// It is a reference, because it is shared: the value that made it, and every Python object that exports it, hold the
/// same memory, which ends once, when the last of them lets go. So exported memory cannot go away early, whatever its
/// author does. Its address and length never change: what grows exchanges the memory for a larger block.
///
/// ```swift
/// let pixels = try BufferMemory(count: 320 * 240, of: Float.self)
/// try pixels.withMutableSpan(of: Float.self) { pixels in
///     for index in pixels.indices { pixels[index] = 20 }
/// }
/// ```
///
/// Bounds and lifetimes are checked. Synchronising reads and writes is up to the program, between Swift and Python as
/// between threads of Swift.
@safe
public final class BufferMemory {
    /// The first byte; `nil` only where there are no bytes.
    @usableFromInline let start: UnsafeMutableRawPointer?
    /// The length in bytes. 0 for a buffer of another exporter that is not contiguous, whose items are reached through
    /// a ``BufferDescription`` alone.
    public let byteCount: Int
    /// Whether the memory must not be written, by Swift or by Python.
    public let isReadOnly: Bool
    let origin: Origin
    /// The Python object that keeps adopted memory.
    var owner: PythonObject?
    /// A Python function to call when adopted memory ends; `nil` once it has been called.
    var release: PythonObject?
    /// What the memory maps, where that can do more than stay in place.
    package let backing: (any MemoryBacking)?
    /// How many Python objects export the memory.
    let exporterCount = Atomic<Int>(0)

    enum Origin: ~Copyable {
        case block(MemoryBlock)
        case adopted(release: () -> Void)
        case owned
        case shared(PythonBuffer)
    }

    /// A new block.
    ///
    /// - Throws: `MemoryError`, also for a negative count.
    public init(byteCount: Int) throws(PythonError) {
        let block = try MemoryBlock(byteCount: byteCount, zeroed: true)
        unsafe start = block.start
        self.byteCount = byteCount
        isReadOnly = false
        origin = .block(block)
        backing = nil
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
            try Layout(shape: shape, itemsize: Element.scalar.size).summary.byteCount
        }
        try self.init(byteCount: byteCount)
    }

    /// A new block with a copy of some bytes.
    ///
    /// - Throws: `MemoryError`.
    public convenience init(copying bytes: RawSpan) throws(PythonError) {
        try self.init(byteCount: bytes.byteCount)
        unsafe bytes.withUnsafeBytes {
            if let source = $0.baseAddress { unsafe start?.copyMemory(from: source, byteCount: $0.count) }
        }
    }

    /// Memory that comes from elsewhere.
    ///
    /// `release` runs on the thread that drops the last reference to the memory. That is attached to the interpreter
    /// where a Python object drops it, and may not be where Swift does: in detached work, on a thread that Python does not
    /// know, or after the interpreter has ended. So `release` must not rely on the interpreter, nor drop Python
    /// objects; memory that a Python object keeps is made by ``init(adopting:byteCount:isReadOnly:owner:)``. It may run
    /// inside of any call that drops a Python object, and must not use the object whose memory ends.
    ///
    /// - Parameters:
    ///   - start: the first byte.
    ///   - byteCount: how many there are.
    ///   - isReadOnly: whether nobody may write them.
    ///   - release: gives the memory back; called once, when nothing describes it any more.
    /// - Precondition: `start` is that of `byteCount` bytes that stay in place until `release` is called, and that may be
    ///   written unless `isReadOnly`. It may be `nil` where there are no bytes.
    @unsafe
    public init(
        adopting start: UnsafeMutableRawPointer?, byteCount: Int, isReadOnly: Bool = false,
        release: @escaping () -> Void
    ) {
        unsafe self.start = start
        self.byteCount = byteCount
        self.isReadOnly = isReadOnly
        origin = .adopted(release: release)
        backing = nil
    }

    /// Memory that the system maps.
    ///
    /// - Parameter release: as for ``init(adopting:byteCount:isReadOnly:release:)``.
    /// - Precondition: as there; `start` may be `nil` where there are no bytes.
    @unsafe
    package init(
        mapping start: UnsafeMutableRawPointer?, byteCount: Int, isReadOnly: Bool, backing: any MemoryBacking,
        release: @escaping () -> Void
    ) {
        unsafe self.start = start
        self.byteCount = byteCount
        self.isReadOnly = isReadOnly
        origin = .adopted(release: release)
        self.backing = backing
    }

    /// Memory that stays for as long as a Python object lives.
    ///
    /// The last reference to it must be dropped by an attached thread.
    ///
    /// - Parameters:
    ///   - start: the first byte.
    ///   - byteCount: how many there are.
    ///   - isReadOnly: whether nobody may write them.
    ///   - owner: `nil` for memory that stays for as long as the process.
    /// - Precondition: `start` is that of `byteCount` bytes that stay in place while `owner` lives, and that may be
    ///   written unless `isReadOnly`. It may be `nil` where there are no bytes.
    @unsafe
    public init(
        adopting start: UnsafeMutableRawPointer?, byteCount: Int, isReadOnly: Bool = false,
        owner: consuming PythonObject?
    ) {
        unsafe self.start = start
        self.byteCount = byteCount
        self.isReadOnly = isReadOnly
        origin = .owned
        backing = nil
        self.owner = owner
    }

    /// Memory of another exporter, whose buffer is held: the exporter's count stays up, so that it neither moves nor
    /// resizes the memory.
    ///
    /// The last reference to it must be dropped by an attached thread.
    ///
    /// - Throws: `BufferError` for an inconsistent buffer.
    public init(sharing buffer: consuming PythonBuffer) throws(PythonError) {
        let layout = try buffer.layout
        let isContiguous = layout.summary.isContiguous(.any)
        unsafe start = isContiguous ? buffer.view.pointee.buf : nil
        byteCount = isContiguous ? layout.summary.byteCount : 0
        isReadOnly = buffer.isReadOnly
        origin = .shared(buffer)
        backing = nil
    }

    /// Memory of `object`, whose buffer is acquired and held.
    ///
    /// - Throws: as for ``PythonBuffer/init(_:_:)``, and `BufferError` for an inconsistent buffer.
    public convenience init(
        sharing object: borrowing PythonObject, _ request: BufferRequest = .fullReadOnly
    ) throws(PythonError) {
        try self.init(sharing: PythonBuffer(object, request))
    }

    deinit {
        switch origin {
        case .adopted(let release): release()
        default: break
        }
        callRelease()
    }

    /// The bytes, to be read.
    @inlinable public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: start, count: byteCount))
            return unsafe _overrideLifetime(bytes, borrowing: self)
        }
    }

    /// The whole items, to be read.
    @inlinable @_lifetime(borrow self)
    public func span<Element: DirectBufferElement>(of _: Element.Type) -> Span<Element> {
        // Memory of elsewhere may start anywhere; blocks of our own are aligned for every element.
        precondition(
            unsafe UInt(bitPattern: start).isMultiple(of: UInt(MemoryLayout<Element>.alignment)), "misaligned memory")
        let items = unsafe Span<Element>(
            _unsafeElements: UnsafeBufferPointer(
                start: start?.assumingMemoryBound(to: Element.self), count: byteCount / MemoryLayout<Element>.stride))
        return unsafe _overrideLifetime(items, borrowing: self)
    }

    /// Runs `body` with the bytes, to be written.
    ///
    /// - Throws: `BufferError` if the memory is read-only, and what `body` throws.
    @inlinable
    public func withMutableBytes<Result: ~Copyable>(
        _ body: (inout MutableRawSpan) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        guard !isReadOnly else { throw Self.readOnly() }
        var bytes = unsafe MutableRawSpan(
            _unsafeBytes: UnsafeMutableRawBufferPointer(start: start, count: byteCount))
        return try body(&bytes)
    }

    /// Runs `body` with the whole items, to be written.
    ///
    /// - Throws: `BufferError` if the memory is read-only or misaligned for `Element`, and what `body` throws.
    @inlinable
    public func withMutableSpan<Element: DirectBufferElement, Result: ~Copyable>(
        of _: Element.Type, _ body: (inout MutableSpan<Element>) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        guard !isReadOnly else { throw Self.readOnly() }
        guard unsafe UInt(bitPattern: start).isMultiple(of: UInt(MemoryLayout<Element>.alignment)) else {
            throw Self.misaligned(Element.self)
        }
        var items = unsafe MutableSpan<Element>(
            _unsafeElements: UnsafeMutableBufferPointer(
                start: start?.assumingMemoryBound(to: Element.self), count: byteCount / MemoryLayout<Element>.stride))
        return try body(&items)
    }

    @usableFromInline @inline(never)
    static func readOnly() -> PythonError {
        PythonError(.buffer, "writable memory requested, but it is read-only; make a writable copy")
    }

    @usableFromInline @inline(never)
    static func misaligned<Element>(_: Element.Type) -> PythonError {
        PythonError(.buffer, "the memory is not aligned for items of \(Element.self); copy it")
    }
}
