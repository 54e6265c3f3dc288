public import BufferLayout

extension Kernels {
    /// Writes the same item everywhere: `pattern` holds the `layout.itemsize` bytes of it, outside the destination.
    ///
    /// - Complexity: linear in the number of bytes.
    public static func fill(
        _ destination: UnsafeMutableRawPointer, layout: borrowing LayoutView, with pattern: UnsafeRawPointer
    ) {
        let itemsize = layout.itemsize
        if itemsize == 0 { return }
        _ = unsafe withAxes(UnsafeRawPointer(destination), layout, destination, layout) { (pair) throws(Never) in
            // A copy from a source that stays in its place.
            unsafe pair.source = unsafe pattern
            for i in unsafe 0..<pair.ndim { unsafe pair.axes[i].source = 0 }
            unsafe pair.normalize()
            unsafe move(&pair, itemsize)
            return true
        }
    }

    /// Reverses the bytes of every value in place. An item is `itemsize / width` values of `width` bytes, as a complex
    /// item is two.
    ///
    /// - Precondition: `width` is positive and divides the itemsize; no two items share a byte.
    /// - Complexity: linear in the number of bytes.
    public static func swapBytes(_ destination: UnsafeMutableRawPointer, layout: borrowing LayoutView, width: Int) {
        if width < 2 { return }
        let parts = layout.itemsize / width
        _ = unsafe withAxes(
            UnsafeRawPointer(destination), layout, destination, layout, parts: parts, sourcePart: width,
            destinationPart: width
        ) { (pair) throws(Never) in
            let inner =
                unsafe pair.ndim > 0 ? pair.axes[pair.ndim &- 1] : Axis(count: 1, source: width, destination: width)
            unsafe pair.forEach(max(0, pair.ndim &- 1)) { (source, values) throws(Never) in
                if inner.destination == width {
                    unsafe loops.swapContiguous(source, values, width, inner.count)
                } else {
                    for i in 0..<inner.count {
                        unsafe loops.swapContiguous(
                            source + i &* inner.source, values + i &* inner.destination, width, 1)
                    }
                }
            }
            return true
        }
    }
}
