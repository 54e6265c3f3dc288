internal import BufferKernels
public import BufferLayout

// The way from indices to addresses that both strided spans share.

/// Lengths and strides of the first three axes, at hand where items are indexed one by one.
@usableFromInline
struct NearAxes: BitwiseCopyable {
    @usableFromInline let ndim: Int
    @usableFromInline let lengths: (Int, Int, Int)
    @usableFromInline let strides: (Int, Int, Int)
    /// Whether no pointer is followed on the way to an item.
    @usableFromInline let isDirect: Bool

    init(_ layout: borrowing Layout) {
        let view = layout.view
        func entry(_ values: Span<Int>, _ axis: Int) -> Int { axis < values.count ? values[axis] : 0 }
        ndim = view.ndim
        lengths = (entry(view.shape, 0), entry(view.shape, 1), entry(view.shape, 2))
        strides = (entry(view.strides, 0), entry(view.strides, 1), entry(view.strides, 2))
        isDirect = !view.isIndirect
    }

    /// The distance of an item from the first; stops the program if the index does not name one.
    @inlinable @inline(__always)
    func offset(_ i: Int) -> Int {
        precondition(ndim == 1, "as many indices as dimensions are needed")
        precondition(i >= 0 && i < lengths.0, "index out of range")
        return i &* strides.0
    }

    @inlinable @inline(__always)
    func offset(_ i: Int, _ j: Int) -> Int {
        precondition(ndim == 2, "as many indices as dimensions are needed")
        precondition(i >= 0 && i < lengths.0 && j >= 0 && j < lengths.1, "index out of range")
        return i &* strides.0 &+ j &* strides.1
    }

    @inlinable @inline(__always)
    func offset(_ i: Int, _ j: Int, _ k: Int) -> Int {
        precondition(ndim == 3, "as many indices as dimensions are needed")
        precondition(
            i >= 0 && i < lengths.0 && j >= 0 && j < lengths.1 && k >= 0 && k < lengths.2, "index out of range")
        return i &* strides.0 &+ j &* strides.1 &+ k &* strides.2
    }
}

/// The number of items of a layout, which has been checked to fit when the layout was made.
@usableFromInline
func countOfValidated(_ layout: borrowing Layout) -> Int {
    var count = 1
    let view = layout.view
    for axis in view.shape.indices { count &*= view.shape[axis] }
    return count
}

/// The address of an item; stops the program if the indices do not name one.
@unsafe @usableFromInline
func uncheckedAddress(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, checking indices: Span<Int>
) -> UnsafeRawPointer {
    let view = layout.view
    precondition(indices.count == view.ndim, "as many indices as dimensions are needed")
    for axis in indices.indices {
        precondition(indices[axis] >= 0 && indices[axis] < view.shape[axis], "index out of range")
    }
    // Checked just now, against a layout that the span's maker vouched for.
    return unsafe view.uncheckedAddress(of: indices, from: start)
}

/// The address of an item; stops the program if the indices do not name one.
@unsafe @inlinable @inline(__always)
func addressOfItem(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, _ near: NearAxes, _ i: Int
) -> UnsafeRawPointer {
    let offset = near.offset(i)
    if near.isDirect { return unsafe start + offset }
    let indices: InlineArray<1, Int> = [i]
    return unsafe uncheckedAddress(start, layout, checking: indices.span)
}

/// The address of an item; stops the program if the indices do not name one.
@unsafe @inlinable @inline(__always)
func addressOfItem(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, _ near: NearAxes, _ i: Int, _ j: Int
) -> UnsafeRawPointer {
    let offset = near.offset(i, j)
    if near.isDirect { return unsafe start + offset }
    let indices: InlineArray<2, Int> = [i, j]
    return unsafe uncheckedAddress(start, layout, checking: indices.span)
}

/// The address of an item; stops the program if the indices do not name one.
@unsafe @inlinable @inline(__always)
func addressOfItem(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, _ near: NearAxes, _ i: Int, _ j: Int, _ k: Int
) -> UnsafeRawPointer {
    let offset = near.offset(i, j, k)
    if near.isDirect { return unsafe start + offset }
    let indices: InlineArray<3, Int> = [i, j, k]
    return unsafe uncheckedAddress(start, layout, checking: indices.span)
}

/// A walk over the rows of a layout, the runs of items along its last axis, in C order. Whoever walks has the loop over a
/// row in hand, and so can make it one with what is done to each item.
@safe @usableFromInline
struct RowWalk {
    /// Items of a row, the bytes from one to the next, and the suboffset that each is reached through, or -1.
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
/// - Precondition: equal shapes and itemsizes, layouts that describe their memory truly, and a destination that may be
///   written.
func copyItems(
    from source: UnsafeRawPointer, _ sourceLayout: Layout, to destination: UnsafeMutableRawPointer,
    _ destinationLayout: Layout
) throws(PythonError) {
    do {
        try unsafe Kernels.copy(
            from: source, layout: sourceLayout.view, to: destination, layout: destinationLayout.view)
    } catch {
        throw PythonError(error)
    }
}
