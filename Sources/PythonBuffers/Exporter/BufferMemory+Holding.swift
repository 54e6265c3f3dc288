// SPDX-License-Identifier: Apache-2.0

/// A container whose elements are in memory that it owns, one after the other: a noncopyable collection of the author's.
///
/// ```swift
/// struct Samples: ~Copyable, ContiguousElements {
///     private let items: UnsafeMutableBufferPointer<Float>
///     init(count: Int) {
///         unsafe items = .allocate(capacity: count)
///         unsafe items.initialize(repeating: 0)
///     }
///     var elements: Span<Float> { @_lifetime(borrow self) get { unsafe items.span } }
///     deinit { unsafe items.deallocate() }
/// }
/// let memory = unsafe BufferMemory(holding: Samples(count: 480))
/// ```
public protocol ContiguousElements<Element>: ~Copyable {
    /// The type of the elements.
    associatedtype Element: DirectBufferElement

    /// The elements, which stay where they are for as long as the container lives.
    var elements: Span<Element> { @_lifetime(borrow self) get }
}

// Memory that Swift containers own. It is read-only: what shares it counts on that it is not changed.

extension BufferMemory {
    /// The elements of an array, without a copy, to be read. The array is kept, and Swift copies it before it changes for
    /// any other owner.
    public convenience init<Element: DirectBufferElement>(holding array: [Element]) {
        // An array of plain values is one block, and stays where it is while a reference to it is held: here, by the
        // closure.
        let (start, byteCount) = unsafe array.withUnsafeBytes { ($0.baseAddress, $0.count) }
        unsafe self.init(
            adopting: UnsafeMutableRawPointer(mutating: start), byteCount: byteCount, isReadOnly: true
        ) { extendLifetime(array) }
    }

    /// As for an array.
    public convenience init<Element: DirectBufferElement>(holding array: ContiguousArray<Element>) {
        let (start, byteCount) = unsafe array.withUnsafeBytes { ($0.baseAddress, $0.count) }
        unsafe self.init(
            adopting: UnsafeMutableRawPointer(mutating: start), byteCount: byteCount, isReadOnly: true
        ) { extendLifetime(array) }
    }

    /// The elements of a container, without a copy, to be read. The container is kept, and ends with the memory, on the
    /// thread that drops the last reference to it.
    ///
    /// - Precondition: the elements are outside of the container itself, and stay where they are for as long as it is not
    ///   changed.
    @unsafe
    public convenience init<Container: ContiguousElements & ~Copyable>(holding container: consuming Container) {
        let bytes = unsafe Self.bytes(of: container)
        let kept = Kept(container)
        unsafe self.init(
            adopting: UnsafeMutableRawPointer(mutating: bytes.baseAddress), byteCount: bytes.count, isReadOnly: true
        ) { extendLifetime(kept) }
    }

    private static func bytes<Container: ContiguousElements & ~Copyable>(
        of container: borrowing Container
    ) -> UnsafeRawBufferPointer {
        let elements = container.elements
        return unsafe elements.withUnsafeBytes { unsafe $0 }
    }

    /// A container that a closure keeps.
    private final class Kept<Container: ~Copyable> {
        let container: Container

        init(_ container: consuming Container) { self.container = container }
    }

    /// Memory that comes from elsewhere, as a pointer to its items.
    ///
    /// `deallocator` gives the memory back, as `release` of ``init(adopting:byteCount:isReadOnly:release:)`` does;
    /// without it, `deallocate()`.
    ///
    /// - Precondition: as there.
    @unsafe
    public convenience init<Element: BufferElement>(
        adopting items: UnsafeMutableBufferPointer<Element>, isReadOnly: Bool = false,
        deallocator: @escaping (UnsafeMutableBufferPointer<Element>) -> Void = { unsafe $0.deallocate() }
    ) {
        unsafe self.init(
            adopting: UnsafeMutableRawPointer(items.baseAddress),
            byteCount: items.count * MemoryLayout<Element>.stride, isReadOnly: isReadOnly
        ) { unsafe deallocator(items) }
    }
}
