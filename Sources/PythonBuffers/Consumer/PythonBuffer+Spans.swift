// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import CPython

// The memory of a buffer as spans. The compiler keeps every span from outliving the buffer, and a mutable span is the
// only one of its buffer.
//
// Python code that shares the memory may still write it whenever it runs. Bounds and lifetimes hold all the same, and all
// bytes are valid values of every element type.

extension PythonBuffer {
    /// The memory as bytes, which must be C-contiguous.
    ///
    /// ```swift
    /// let buffer = try PythonBuffer(object, .simple)
    /// let sum = checksum(of: try buffer.bytes)
    /// ```
    ///
    /// - Throws: `BufferError` if the memory is not C-contiguous, or the exporter returned an inconsistent `Py_buffer`.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get throws(PythonError) { try bytes(order: .c) }
    }

    /// The memory as bytes, in memory order.
    ///
    /// - Parameter order: the contiguity that is required; `.any` takes either.
    /// - Throws: as for ``bytes``.
    @_lifetime(borrow self)
    public func bytes(order: Order) throws(PythonError) -> RawSpan {
        let count = try contiguousByteCount(order)
        let memory = unsafe UnsafeRawBufferPointer(start: view.pointee.buf, count: count)
        // The exporter keeps the memory in place until this buffer is released, which ends its life.
        return unsafe _overrideLifetime(RawSpan(_unsafeBytes: memory), borrowing: self)
    }

    /// The memory as bytes for writing, in memory order.
    ///
    /// - Parameter order: the contiguity that is required; `.any` takes either.
    /// - Throws: `BufferError` if the memory is read-only, and as for ``bytes``.
    @_lifetime(&self)
    public mutating func mutableBytes(order: Order = .c) throws(PythonError) -> MutableRawSpan {
        try checkWritable()
        let count = try contiguousByteCount(order)
        let memory = unsafe UnsafeMutableRawBufferPointer(start: view.pointee.buf, count: count)
        return unsafe _overrideLifetime(MutableRawSpan(_unsafeBytes: memory), mutating: &self)
    }

    /// The contiguous items, in C order of their indices.
    ///
    /// ```swift
    /// let buffer = try PythonBuffer(object)
    /// let samples = try buffer.span(of: Float.self)
    /// ```
    ///
    /// - Parameters:
    ///   - element: the type that items are read as.
    ///   - order: the contiguity that is required. With `.fortran` and `.any` the items come in the order in which they
    ///     lie in memory.
    /// - Throws: `BufferError` if the format is not that of `Element`, in this machine's byte order; if the memory is
    ///   not contiguous or not aligned for `Element`; or if the exporter returned an inconsistent `Py_buffer`.
    /// - Complexity: O(*ndim*).
    @_lifetime(borrow self)
    public func span<Element: DirectBufferElement>(
        of element: Element.Type, order: Order = .c
    ) throws(PythonError) -> Span<Element> {
        let count = try contiguousItemCount(element, order)
        let items = unsafe UnsafeBufferPointer(
            start: count == 0 ? nil : view.pointee.buf?.assumingMemoryBound(to: Element.self), count: count)
        return unsafe _overrideLifetime(Span(_unsafeElements: items), borrowing: self)
    }

    /// The contiguous items, for writing.
    ///
    /// - Throws: `BufferError` if the memory is read-only, and as for ``span(of:order:)``.
    @_lifetime(&self)
    public mutating func mutableSpan<Element: DirectBufferElement>(
        of element: Element.Type, order: Order = .c
    ) throws(PythonError) -> MutableSpan<Element> {
        try checkWritable()
        let count = try contiguousItemCount(element, order)
        let items = unsafe UnsafeMutableBufferPointer(
            start: count == 0 ? nil : view.pointee.buf?.assumingMemoryBound(to: Element.self), count: count)
        return unsafe _overrideLifetime(MutableSpan(_unsafeElements: items), mutating: &self)
    }

    /// The items by their indices, whatever their layout: strides of either sign, suboffsets, any alignment.
    ///
    /// - Parameters:
    ///   - element: the type that items are read as.
    ///   - ndim: the number of dimensions that the caller requires, if any.
    /// - Throws: `BufferError` if the format is not that of `Element`, in either byte order; if the number of dimensions
    ///   is another; or if the exporter returned an inconsistent `Py_buffer`.
    @_lifetime(borrow self)
    public func stridedSpan<Element: BufferElement>(
        of element: Element.Type, ndim: Int? = nil
    ) throws(PythonError) -> StridedSpan<Element> {
        let isSwapped = try isSwapped(element)
        let layout = try stridedLayout(ndim: ndim)
        let span = unsafe StridedSpan<Element>(
            start: UnsafeRawPointer(view.pointee.buf), layout: layout, isSwapped: isSwapped)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// The items by their indices, for writing.
    ///
    /// - Throws: `BufferError` if the memory is read-only, or its items are in the other byte order, and as for
    ///   ``stridedSpan(of:ndim:)``.
    @_lifetime(&self)
    public mutating func mutableStridedSpan<Element: BufferElement>(
        of element: Element.Type, ndim: Int? = nil
    ) throws(PythonError) -> MutableStridedSpan<Element> {
        try checkWritable()
        try checkFormat(element)
        let layout = try stridedLayout(ndim: ndim)
        let span = unsafe MutableStridedSpan<Element>(start: view.pointee.buf, layout: layout)
        return unsafe _overrideLifetime(span, mutating: &self)
    }
}
