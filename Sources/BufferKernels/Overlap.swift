internal import BufferLayout

/// The addresses that a layout reaches from a pointer: from the first byte to one past the last.
private struct Reach {
    var low = UInt.max
    var high = UInt.min
    var isEmpty: Bool { low >= high }
}

/// Whether writing the destination item by item could change source items not read yet.
///
/// Layouts that share no byte, and layouts that are the same, need no temporary. Those whose outer bounds overlap are
/// told apart by the greatest common divisor of their strides where that is possible (`x[0::2]` and `x[1::2]`).
func needsTemporary(
    _ source: UnsafeRawPointer, _ sourceLayout: borrowing LayoutView,
    _ destination: UnsafeMutableRawPointer, _ destinationLayout: borrowing LayoutView
) -> Bool {
    let a = unsafe reach(source, sourceLayout)
    let b = unsafe reach(UnsafeRawPointer(destination), destinationLayout)
    if a.isEmpty || b.isEmpty || a.high <= b.low || b.high <= a.low { return false }
    guard sourceLayout.suboffsets.isEmpty && destinationLayout.suboffsets.isEmpty else { return true }
    var divisor = 0
    var same = unsafe UnsafeRawPointer(destination) == source && sourceLayout.itemsize == destinationLayout.itemsize
    for i in 0..<sourceLayout.ndim where sourceLayout.shape[i] > 1 {
        let s = sourceLayout.strides[i]
        let d = destinationLayout.strides[i]
        same = same && s == d
        divisor = greatestCommonDivisor(greatestCommonDivisor(divisor, s), d)
    }
    if same { return false }
    guard divisor != 0 else { return true }
    let distance = unsafe UnsafeRawPointer(destination) - source
    let remainder = ((distance % divisor) &+ divisor) % divisor
    return remainder < sourceLayout.itemsize || divisor &- remainder < destinationLayout.itemsize
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a.magnitude, b.magnitude)
    while b != 0 { (a, b) = (b, a % b) }
    return Int(bitPattern: a)
}

private func reach(_ pointer: UnsafeRawPointer, _ layout: borrowing LayoutView) -> Reach {
    let itemsize = UInt(bitPattern: layout.itemsize)
    if layout.suboffsets.isEmpty {
        var reach = Reach(low: UInt(bitPattern: pointer), high: UInt(bitPattern: pointer) &+ itemsize)
        for i in 0..<layout.ndim {
            let length = layout.shape[i]
            if length == 0 { return Reach() }
            let distance = UInt(bitPattern: (length &- 1) &* layout.strides[i])
            if layout.strides[i] < 0 { reach.low &+= distance } else { reach.high &+= distance }
        }
        return reach
    }
    var reach = Reach()
    _ = unsafe withAxes(pointer, layout, UnsafeMutableRawPointer(mutating: pointer), layout) { (pair) throws(Never) in
        // The destination's strides are not negative in a pair, and the source is the same block here.
        var high = unsafe UInt(bitPattern: pair.destination) &+ itemsize
        for i in unsafe 0..<pair.ndim {
            unsafe high &+= UInt(bitPattern: (pair.axes[i].count &- 1) &* pair.axes[i].destination)
        }
        reach.low = unsafe min(reach.low, UInt(bitPattern: pair.destination))
        reach.high = max(reach.high, high)
        return true
    }
    return reach
}

/// Calls `body` with a C-contiguous copy of the source and the layout of that copy.
func withPackedCopy(
    of source: UnsafeRawPointer, _ layout: borrowing LayoutView,
    _ body: (UnsafeRawPointer, borrowing LayoutView) throws(KernelError) -> Void
) throws(KernelError) {
    var byteCount = layout.itemsize
    for i in 0..<layout.ndim { byteCount &*= layout.shape[i] }
    let block = unsafe try Kernels.allocate(byteCount: byteCount)
    defer { unsafe Kernels.deallocate(block, byteCount: byteCount) }
    let strides = UnsafeMutableBufferPointer<Int>.allocate(capacity: layout.ndim)
    defer { unsafe strides.deallocate() }
    var stride = layout.itemsize
    for i in (0..<layout.ndim).reversed() {
        unsafe strides.initializeElement(at: i, to: stride)
        stride &*= layout.shape[i]
    }
    let packed = unsafe LayoutView(
        itemsize: layout.itemsize, shape: layout.shape, strides: strides.span, suboffsets: Span())
    let itemsize = layout.itemsize
    _ = unsafe withAxes(source, layout, block, packed) { (pair) throws(Never) in
        unsafe move(&pair, itemsize)
        return true
    }
    unsafe try body(UnsafeRawPointer(block), packed)
}
