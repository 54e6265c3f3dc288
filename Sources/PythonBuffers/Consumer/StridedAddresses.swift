internal import BufferKernels
public import BufferLayout

// The way from indices to addresses that both strided spans share.

/// The number of items of a layout, which has been checked to fit when the layout was made.
@unsafe @inlinable
func countOfValidated(_ layout: borrowing Layout) -> Int {
    var count = 1
    let view = layout.view
    for axis in view.shape.indices { count &*= view.shape[axis] }
    return count
}

/// The address of an item; stops the program if the indices do not name one.
@unsafe @inlinable @inline(__always)
func addressOfItem<let count: Int>(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, _ indices: InlineArray<count, Int>
) -> UnsafeRawPointer {
    unsafe uncheckedAddress(start, layout, checking: indices.span)
}

/// The address of an item; stops the program if the indices do not name one.
@unsafe @inlinable @inline(__always)
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

/// Calls `body` with the address of every item, in C order of the indices.
@unsafe @inlinable
func forEachAddress<Failure: Error>(
    _ start: UnsafeRawPointer, _ layout: borrowing Layout, _ body: (UnsafeRawPointer) throws(Failure) -> Void
) throws(Failure) {
    let view = layout.view
    // Nothing is read, pointers included, where there are no items.
    for axis in view.shape.indices where view.shape[axis] == 0 { return }
    try unsafe forEachAddress(start, view, 0, body)
}

@unsafe @usableFromInline
func forEachAddress<Failure: Error>(
    _ start: UnsafeRawPointer, _ view: LayoutView, _ axis: Int, _ body: (UnsafeRawPointer) throws(Failure) -> Void
) throws(Failure) {
    guard axis < view.ndim else { return try unsafe body(start) }
    let stride = view.strides[axis]
    let suboffset = view.suboffset(axis)
    for index in 0..<view.shape[axis] {
        var address = unsafe start + index &* stride
        if suboffset >= 0 { unsafe address = address.loadUnaligned(as: UnsafeRawPointer.self) + suboffset }
        if axis + 1 == view.ndim {
            try unsafe body(address)
        } else {
            try unsafe forEachAddress(address, view, axis + 1, body)
        }
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
