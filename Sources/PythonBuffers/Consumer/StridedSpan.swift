// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
public import BufferLayout

/// Items of a buffer by their indices, whatever their layout, borrowed from the buffer that holds them.
///
/// ```swift
/// let buffer = try PythonBuffer(object)
/// let image = try buffer.stridedSpan(of: UInt8.self, ndim: 3)
/// let red = image[y, x, 0]
/// ```
///
/// As with `Span`, an index out of range or of the wrong number of dimensions is a programming error and traps;
/// pass `ndim` when making the span, read ``shape``, or use ``element(at:)``, which throws. Items are loaded
/// from any alignment, and from either byte order.
@safe
public struct StridedSpan<Element: BufferElement>: ~Escapable {
    @usableFromInline let start: UnsafeRawPointer
    @usableFromInline let leading: LeadingAxes
    /// Shape, strides and suboffsets.
    public let layout: Layout
    /// Whether the bytes of the items are in the other order than this machine's; they are swapped when they are loaded.
    public let isSwapped: Bool

    /// - Precondition: `start` is item `(0, ..., 0)` of memory that `layout` describes truly and that stays for as long
    ///   as this span is used; `nil` only if there are no items.
    @_lifetime(immortal)
    init(start: UnsafeRawPointer?, layout: Layout, isSwapped: Bool = false) {
        // Never followed when there are no items.
        unsafe self.start = start ?? UnsafeRawPointer(bitPattern: 1)!
        self.layout = layout
        self.isSwapped = isSwapped
        leading = LeadingAxes(layout)
    }

    /// The lengths of the axes.
    @inlinable public var shape: [Int] { layout.shape }
    /// The bytes from one item to the next along each axis.
    @inlinable public var strides: [Int] { layout.strides }
    /// The number of dimensions.
    @inlinable public var ndim: Int { layout.ndim }
    /// The number of items.
    @inlinable public var count: Int { countOfValidated(layout) }

    /// The item of a one-dimensional span.
    @inlinable
    public subscript(i: Int) -> Element {
        unsafe Element.load(at: addressOfItem(start, layout, leading, i), swapped: isSwapped)
    }
    /// The item of a two-dimensional span.
    @inlinable
    public subscript(i: Int, j: Int) -> Element {
        unsafe Element.load(at: addressOfItem(start, layout, leading, i, j), swapped: isSwapped)
    }
    /// The item of a three-dimensional span.
    @inlinable
    public subscript(i: Int, j: Int, k: Int) -> Element {
        unsafe Element.load(at: addressOfItem(start, layout, leading, i, j, k), swapped: isSwapped)
    }
    /// The item at any number of indices, none for a span without dimensions.
    @inlinable
    public subscript(indices: Span<Int>) -> Element {
        unsafe Element.load(at: checkedAddress(start, layout, at: indices), swapped: isSwapped)
    }

    /// The item at an index that may be wrong, or negative to count from the end.
    ///
    /// - Throws: `IndexError`.
    public func element(at indices: [Int]) throws(PythonError) -> Element {
        let address = try unsafe raisingLayoutErrors { () throws(LayoutError) in
            try unsafe layout.view.address(of: indices.span, from: start)
        }
        return unsafe Element.load(at: address, swapped: isSwapped)
    }

    /// Calls `body` with each item, in C order of the indices.
    @inlinable
    public func forEach<Failure: Error>(_ body: (Element) throws(Failure) -> Void) throws(Failure) {
        var rows = unsafe RowWalk(start, layout)
        while var place = unsafe rows.next() {
            for _ in 0..<rows.count {
                try body(unsafe Element.load(at: rows.item(place), swapped: isSwapped))
                unsafe place += rows.stride
            }
        }
    }

    /// The items in C order.
    @inlinable public var elements: [Element] {
        unsafe Array(unsafeUninitializedCapacity: count) { memory, initializedCount in
            forEach {
                // As many as there is room for.
                unsafe memory.initializeElement(at: initializedCount, to: $0)
                initializedCount &+= 1
            }
        }
    }
}

extension StridedSpan where Element: DirectBufferElement {
    /// Copies all items, in C order, to the beginning of `destination`. Long copies belong into ``Python/detach(for:_:)``.
    ///
    /// - Throws: `ValueError` if it has room for fewer, `MemoryError` if a temporary is needed and not to be had.
    /// - Complexity: linear in the number of items; whole blocks are moved at once where the layout allows.
    public func copy(to destination: inout MutableSpan<Element>) throws(PythonError) {
        guard destination.count >= count else {
            throw PythonError(.value, "\(count) items do not fit into a span of \(destination.count)")
        }
        let packed = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.contiguous(.c) }
        if count == 0 { return }
        let target = unsafe destination.withUnsafeMutableBytes { $0.baseAddress! }
        // Still inside of the exclusive access that `inout` gives.
        try unsafe copyItems(from: start, layout, swapped: isSwapped, of: Element.scalar, to: target, packed)
    }
}

/// Items of a buffer by their indices, for reading and writing; see ``StridedSpan``.
@safe
public struct MutableStridedSpan<Element: BufferElement>: ~Copyable, ~Escapable {
    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline let leading: LeadingAxes
    /// Shape, strides and suboffsets.
    public let layout: Layout

    /// - Precondition: as for ``StridedSpan``, of memory that may be written.
    @_lifetime(immortal)
    init(start: UnsafeMutableRawPointer?, layout: Layout) {
        // Never followed when there are no items.
        unsafe self.start = start ?? UnsafeMutableRawPointer(bitPattern: 1)!
        self.layout = layout
        leading = LeadingAxes(layout)
    }

    /// The same items, only to be read while this span is not written through.
    public var span: StridedSpan<Element> {
        @_lifetime(borrow self)
        get {
            unsafe _overrideLifetime(
                StridedSpan<Element>(start: UnsafeRawPointer(start), layout: layout), borrowing: self)
        }
    }

    /// The lengths of the axes.
    @inlinable public var shape: [Int] { layout.shape }
    /// The bytes from one item to the next along each axis.
    @inlinable public var strides: [Int] { layout.strides }
    /// The number of dimensions.
    @inlinable public var ndim: Int { layout.ndim }
    /// The number of items.
    @inlinable public var count: Int { countOfValidated(layout) }

    /// The item of a one-dimensional span.
    @inlinable
    public subscript(i: Int) -> Element {
        get { unsafe Element.load(at: addressOfItem(start, layout, leading, i)) }
        @_lifetime(self: copy self)
        set { unsafe newValue.store(at: UnsafeMutableRawPointer(mutating: addressOfItem(start, layout, leading, i))) }
    }
    /// The item of a two-dimensional span.
    @inlinable
    public subscript(i: Int, j: Int) -> Element {
        get { unsafe Element.load(at: addressOfItem(start, layout, leading, i, j)) }
        @_lifetime(self: copy self)
        set {
            unsafe newValue.store(at: UnsafeMutableRawPointer(mutating: addressOfItem(start, layout, leading, i, j)))
        }
    }
    /// The item of a three-dimensional span.
    @inlinable
    public subscript(i: Int, j: Int, k: Int) -> Element {
        get { unsafe Element.load(at: addressOfItem(start, layout, leading, i, j, k)) }
        @_lifetime(self: copy self)
        set {
            unsafe newValue.store(at: UnsafeMutableRawPointer(mutating: addressOfItem(start, layout, leading, i, j, k)))
        }
    }
    /// The item at any number of indices, none for a span without dimensions.
    @inlinable
    public subscript(indices: Span<Int>) -> Element {
        get { unsafe Element.load(at: checkedAddress(start, layout, at: indices)) }
        @_lifetime(self: copy self)
        set {
            unsafe newValue.store(
                at: UnsafeMutableRawPointer(mutating: checkedAddress(start, layout, at: indices)))
        }
    }

    /// Replaces every item by what `body` makes of it, in C order of the indices.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func update<Failure: Error>(
        _ body: (Element) throws(Failure) -> Element
    ) throws(Failure) {
        var rows = unsafe RowWalk(UnsafeRawPointer(start), layout)
        while var place = unsafe rows.next() {
            for _ in 0..<rows.count {
                let item = unsafe UnsafeMutableRawPointer(mutating: rows.item(place))
                let value = try body(unsafe Element.load(at: item))
                unsafe value.store(at: item)
                unsafe place += rows.stride
            }
        }
    }

    /// Sets every item to `value`.
    @_lifetime(self: copy self)
    public mutating func fill(_ value: Element) {
        if count == 0 { return }
        unsafe withUnsafeTemporaryAllocation(byteCount: MemoryLayout<Element>.stride, alignment: 16) { pattern in
            unsafe value.store(at: pattern.baseAddress!)
            unsafe Kernels.fill(start, layout: layout.view, with: UnsafeRawPointer(pattern.baseAddress!))
        }
    }

    /// Copies the items of a span of the same shape, index by index. The two may share memory.
    ///
    /// - Throws: `ValueError` if the shapes differ, `MemoryError` if a temporary is needed and not to be had.
    @_lifetime(self: copy self)
    public mutating func copy(from source: StridedSpan<Element>) throws(PythonError) {
        guard source.layout.shape == layout.shape else {
            throw PythonError(
                .value,
                "cannot copy shape \(source.layout.shapeText) to shape \(layout.shapeText): both must be the same")
        }
        if count == 0 { return }
        try unsafe copyItems(
            from: source.start, source.layout, swapped: source.isSwapped, of: Element.scalar, to: start, layout)
    }
}

// As for `Span`: the buffer keeps the memory in place, and the span cannot outlive it.
extension StridedSpan: @unchecked Sendable {}
extension MutableStridedSpan: @unchecked Sendable {}
