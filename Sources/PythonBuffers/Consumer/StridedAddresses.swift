// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
public import BufferLayout

// From indices to addresses, for both strided spans.

/// Lengths and strides of the first three axes, copied out of the layout for fast indexing.
@usableFromInline
struct LeadingAxes: BitwiseCopyable {
    @usableFromInline let ndim: Int
    @usableFromInline let lengths: (Int, Int, Int)
    @usableFromInline let strides: (Int, Int, Int)
    /// Whether the layout has no indirect axis.
    @usableFromInline let isDirect: Bool

    init(_ layout: borrowing Layout) {
        let view = layout.view
        func entry(_ values: Span<Int>, _ axis: Int) -> Int { axis < values.count ? values[axis] : 0 }
        ndim = view.ndim
        lengths = (entry(view.shape, 0), entry(view.shape, 1), entry(view.shape, 2))
        strides = (entry(view.strides, 0), entry(view.strides, 1), entry(view.strides, 2))
        isDirect = !view.isIndirect
    }

    /// The bytes from the first item to another; traps if the index is out of range.
    @inlinable @inline(__always)
    func offset(_ i: Int) -> Int {
        precondition(ndim == 1, "expected one index for each dimension")
        precondition(i >= 0 && i < lengths.0, "index out of range")
        return i &* strides.0
    }

    @inlinable @inline(__always)
    func offset(_ i: Int, _ j: Int) -> Int {
        precondition(ndim == 2, "expected one index for each dimension")
        precondition(i >= 0 && i < lengths.0 && j >= 0 && j < lengths.1, "index out of range")
        return i &* strides.0 &+ j &* strides.1
    }

    @inlinable @inline(__always)
    func offset(_ i: Int, _ j: Int, _ k: Int) -> Int {
        precondition(ndim == 3, "expected one index for each dimension")
        precondition(
            i >= 0 && i < lengths.0 && j >= 0 && j < lengths.1 && k >= 0 && k < lengths.2, "index out of range")
        return i &* strides.0 &+ j &* strides.1 &+ k &* strides.2
    }
}

/// The number of items of a layout. It cannot overflow: that was checked when the layout was made.
@usableFromInline
func countOfValidated(_ layout: borrowing Layout) -> Int {
    var count = 1
    let view = layout.view
    for axis in view.shape.indices { count &*= view.shape[axis] }
    return count
}

/// The address of an item; traps if an index is out of range.
@unsafe @usableFromInline
func checkedAddress(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, at indices: Span<Int>
) -> UnsafeRawPointer {
    let view = layout.view
    precondition(indices.count == view.ndim, "expected one index for each dimension")
    for axis in indices.indices {
        precondition(indices[axis] >= 0 && indices[axis] < view.shape[axis], "index out of range")
    }
    // The indices are checked, and the layout is valid by the precondition of the span's initialiser.
    return unsafe view.uncheckedAddress(of: indices, from: start)
}

/// The address of an item; traps if an index is out of range.
@unsafe @inlinable @inline(__always)
func addressOfItem(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, _ leading: LeadingAxes, _ i: Int
) -> UnsafeRawPointer {
    let offset = leading.offset(i)
    if leading.isDirect { return unsafe start + offset }
    let indices: InlineArray<1, Int> = [i]
    return unsafe checkedAddress(start, layout, at: indices.span)
}

/// The address of an item; traps if an index is out of range.
@unsafe @inlinable @inline(__always)
func addressOfItem(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, _ leading: LeadingAxes, _ i: Int, _ j: Int
) -> UnsafeRawPointer {
    let offset = leading.offset(i, j)
    if leading.isDirect { return unsafe start + offset }
    let indices: InlineArray<2, Int> = [i, j]
    return unsafe checkedAddress(start, layout, at: indices.span)
}

/// The address of an item; traps if an index is out of range.
@unsafe @inlinable @inline(__always)
func addressOfItem(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, _ leading: LeadingAxes, _ i: Int, _ j: Int, _ k: Int
) -> UnsafeRawPointer {
    let offset = leading.offset(i, j, k)
    if leading.isDirect { return unsafe start + offset }
    let indices: InlineArray<3, Int> = [i, j, k]
    return unsafe checkedAddress(start, layout, at: indices.span)
}

/// Iterates over the rows of a layout, the runs of items along its last axis, in C order. The caller loops over the items
/// of a row, so that the compiler can merge that loop with its body.
@safe @usableFromInline
struct RowWalk {
    /// The number of items in a row, the stride between them, and their suboffset, or -1.
    @usableFromInline let count: Int
    @usableFromInline let stride: Int
    @usableFromInline let suboffset: Int

    private let start: UnsafeRawPointer
    private let layout: Layout
    /// Indices of the next row in all axes but the last.
    private var indices: [Int]
    private var isDone: Bool

    /// - Precondition: as for ``StridedSpan``.
    @unsafe @usableFromInline
    init(_ start: UnsafeRawPointer, _ layout: Layout) {
        let view = layout.view
        let last = view.ndim - 1
        // Without dimensions there is one row of one item.
        count = last < 0 ? 1 : view.shape[last]
        stride = last < 0 ? 0 : view.strides[last]
        suboffset = last < 0 ? -1 : view.suboffset(last)
        unsafe self.start = start
        self.layout = layout
        indices = last > 0 ? Array(repeating: 0, count: last) : []
        // Nothing is read, pointers included, where there are no items.
        isDone = view.hasNoItems
    }

    /// The address that the next row's strides count from; `nil` after the last.
    @usableFromInline
    mutating func next() -> UnsafeRawPointer? {
        if isDone { return nil }
        let view = layout.view
        var address = unsafe start
        for axis in indices.indices {
            unsafe address = view.step(from: address, axis: axis, to: indices[axis])
        }
        var axis = indices.count - 1
        while axis >= 0 {
            indices[axis] += 1
            if indices[axis] < view.shape[axis] { return unsafe address }
            indices[axis] = 0
            axis -= 1
        }
        isDone = true
        return unsafe address
    }

    /// The address of an item of a row, from that which the strides lead to.
    @unsafe @inlinable @inline(__always)
    func item(_ place: UnsafeRawPointer) -> UnsafeRawPointer {
        suboffset < 0 ? unsafe place : unsafe follow(place, suboffset: suboffset)
    }
}

/// Copies every item to the place with the same index.
///
/// - Parameter swapped: whether the source's items, of `scalar`, are not in native byte order, as the copies will be.
/// - Precondition: equal shapes and itemsizes, layouts that describe their memory truly, and a destination that may be
///   written.
func copyItems(
    from source: UnsafeRawPointer, _ sourceLayout: Layout, swapped: Bool, of scalar: Scalar,
    to destination: UnsafeMutableRawPointer, _ destinationLayout: Layout
) throws(PythonError) {
    try raisingKernelErrors { () throws(KernelError) in
        if swapped {
            return try unsafe Kernels.convert(
                from: source, layout: sourceLayout.view, scalar: scalar, swapped: true, to: destination,
                layout: destinationLayout.view, scalar: scalar)
        }
        try unsafe Kernels.copy(
            from: source, layout: sourceLayout.view, to: destination, layout: destinationLayout.view)
    }
}
