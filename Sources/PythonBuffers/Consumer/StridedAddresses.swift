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

/// Calls `body` with the address of every item, in C order of the indices.
@unsafe @inlinable @inline(__always)
func forEachAddress<Failure: Error>(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, _ body: (UnsafeRawPointer) throws(Failure) -> Void
) throws(Failure) {
    let view = layout.view
    // Nothing is read, pointers included, where there are no items.
    for axis in view.shape.indices where view.shape[axis] == 0 { return }
    guard view.ndim > 0 else { return try unsafe body(start) }
    let last = view.ndim - 1
    let (count, stride, suboffset) = (view.shape[last], view.strides[last], view.suboffset(last))
    // The loop over the last axis stands here, to become one with `body`.
    try unsafe forEachRow(start, view, 0) { (row) throws(Failure) in
        var place = unsafe row
        for _ in 0..<count {
            if suboffset < 0 {
                try unsafe body(place)
            } else {
                try unsafe body(place.loadUnaligned(as: UnsafeRawPointer.self) + suboffset)
            }
            unsafe place += stride
        }
    }
}

/// Calls `body` with the address that each index of all axes but the last leads to.
@unsafe @usableFromInline
func forEachRow<Failure: Error>(
    _ start: UnsafeRawPointer, _ view: LayoutView, _ axis: Int, _ body: (UnsafeRawPointer) throws(Failure) -> Void
) throws(Failure) {
    guard axis + 1 < view.ndim else { return try unsafe body(start) }
    let stride = view.strides[axis]
    let suboffset = view.suboffset(axis)
    for index in 0..<view.shape[axis] {
        var address = unsafe start + index &* stride
        if suboffset >= 0 { unsafe address = address.loadUnaligned(as: UnsafeRawPointer.self) + suboffset }
        try unsafe forEachRow(address, view, axis + 1, body)
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

extension PythonError {
    /// The Python exception that says why elements could not be moved.
    init(_ error: KernelError) {
        switch error {
        case .outOfMemory(let byteCount): self.init(.memory, "no memory for \(byteCount) bytes")
        case .inexact(let index): self.init(.value, "item \(index) does not fit the type it is converted to")
        }
    }
}
