// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout

/// The addresses of a layout's bytes: from the first to one past the last.
private struct AddressRange {
    var low = UInt.max
    var high = UInt.min
    var isEmpty: Bool { low >= high }
}

/// Whether writing the destination item by item could change source items that have not been read yet.
///
/// Layouts that share no byte, and layouts that are the same, need no temporary. Where the bounds overlap, the greatest
/// common divisor of the strides may show that no byte is shared (`x[0::2]` and `x[1::2]`).
func needsTemporary(
    _ source: UnsafeRawPointer, _ sourceLayout: borrowing LayoutView,
    _ destination: UnsafeMutableRawPointer, _ destinationLayout: borrowing LayoutView
) -> Bool {
    let a = unsafe addressRange(source, sourceLayout)
    let b = unsafe addressRange(UnsafeRawPointer(destination), destinationLayout)
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

private func addressRange(_ pointer: UnsafeRawPointer, _ layout: borrowing LayoutView) -> AddressRange {
    let itemsize = UInt(bitPattern: layout.itemsize)
    if layout.suboffsets.isEmpty {
        var range = AddressRange(low: UInt(bitPattern: pointer), high: UInt(bitPattern: pointer) &+ itemsize)
        for i in 0..<layout.ndim {
            let length = layout.shape[i]
            if length == 0 { return AddressRange() }
            let distance = UInt(bitPattern: (length &- 1) &* layout.strides[i])
            if layout.strides[i] < 0 { range.low &+= distance } else { range.high &+= distance }
        }
        return range
    }
    var range = AddressRange()
    _ = unsafe withAxes(pointer, layout, UnsafeMutableRawPointer(mutating: pointer), layout) { (pair) throws(Never) in
        // The destination's strides are not negative in a pair, and both sides are the same memory here.
        var high = unsafe UInt(bitPattern: pair.destination) &+ itemsize
        for i in unsafe 0..<pair.ndim {
            unsafe high &+= UInt(bitPattern: (pair.axes[i].count &- 1) &* pair.axes[i].destination)
        }
        range.low = unsafe min(range.low, UInt(bitPattern: pair.destination))
        range.high = max(range.high, high)
        return true
    }
    return range
}

/// Calls `body` with a C-contiguous copy of the source and the layout of that copy.
///
/// - Throws: ``KernelError/outOfMemory(byteCount:)``, also where the copy would be larger than an `Int` counts.
func withPackedCopy(
    of source: UnsafeRawPointer, _ layout: borrowing LayoutView,
    _ body: (UnsafeRawPointer, borrowing LayoutView) throws(KernelError) -> Void
) throws(KernelError) {
    guard let packed = try? layout.contiguous(.c), let byteCount = try? packed.view.byteCount else {
        throw .outOfMemory(byteCount: .max)
    }
    let block = try unsafe Kernels.allocate(byteCount: byteCount)
    defer { unsafe Kernels.deallocate(block, byteCount: byteCount) }
    let itemsize = layout.itemsize
    _ = unsafe withAxes(source, layout, block, packed.view) { (pair) throws(Never) in
        unsafe move(&pair, itemsize)
        return true
    }
    try unsafe body(UnsafeRawPointer(block), packed.view)
}
