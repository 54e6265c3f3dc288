// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout

/// Calls `body` with the address of every item in C order until it returns false; returns whether it never did.
func forEachItem(
    _ source: UnsafeRawPointer, _ layout: borrowing LayoutView, _ body: (UnsafeRawPointer) -> Bool
) -> Bool {
    unsafe forEachAddress(from: source, layout, axes: layout.ndim, body)
}

/// Calls `body` with the layout of a single item.
func withItemLayout<Result>(_ itemsize: Int, _ body: (borrowing LayoutView) -> Result) -> Result {
    body(LayoutView(itemsize: itemsize, shape: Span(), strides: Span(), suboffsets: Span()))
}

/// Calls `body` with runs of items in C order (address of the first, stride in bytes, count) until it returns false. A
/// run is all of the innermost axes that one stride describes.
func forEachRun(
    _ source: UnsafeRawPointer, _ layout: borrowing LayoutView, _ body: (UnsafeRawPointer, Int, Int) -> Bool
) {
    var outer = layout.ndim
    var count = 1
    var stride = layout.itemsize
    while outer > 0 && layout.suboffset(outer &- 1) < 0 {
        let length = layout.shape[outer &- 1]
        if length != 1 && count != 1 && layout.strides[outer &- 1] != stride &* count { break }
        if length != 1 && count == 1 { stride = layout.strides[outer &- 1] }
        count &*= length
        outer &-= 1
    }
    if count == 0 { return }
    _ = unsafe forEachAddress(from: source, layout, axes: outer) { unsafe body($0, stride, count) }
}

/// Calls `body` with the address reached by every index of the first `axes` axes, in C order, until it returns false;
/// returns whether it never did.
private func forEachAddress(
    from source: UnsafeRawPointer, _ layout: borrowing LayoutView, axes: Int, _ body: (UnsafeRawPointer) -> Bool
) -> Bool {
    func visit(_ address: UnsafeRawPointer, _ axis: Int) -> Bool {
        if axis == axes { return unsafe body(address) }
        for i in 0..<layout.shape[axis] {
            if unsafe !visit(layout.step(from: address, axis: axis, to: i), axis &+ 1) { return false }
        }
        return true
    }
    return unsafe visit(source, 0)
}
