internal import BufferLayout

/// Calls `body` with the address of every item in C order until it returns false; returns whether it never did.
func forEachItem(
    _ source: UnsafeRawPointer, _ layout: borrowing LayoutView, _ body: (UnsafeRawPointer) -> Bool
) -> Bool {
    func walk(_ p: UnsafeRawPointer, _ axis: Int) -> Bool {
        if axis == layout.ndim { return unsafe body(p) }
        for i in 0..<layout.shape[axis] {
            var item = unsafe p + i &* layout.strides[axis]
            let offset = layout.suboffset(axis)
            if offset >= 0 { unsafe item = unsafe item.loadUnaligned(as: UnsafeRawPointer.self) + offset }
            if unsafe !walk(item, axis &+ 1) { return false }
        }
        return true
    }
    return unsafe walk(source, 0)
}

/// Calls `body` with the layout of a single item.
func withEmptyLayout<Result>(_ itemsize: Int, _ body: (borrowing LayoutView) -> Result) -> Result {
    body(LayoutView(itemsize: itemsize, shape: Span(), strides: Span(), suboffsets: Span()))
}

/// Calls `body` with runs of items in C order (address of the first, bytes from one to the next, how many) until it
/// returns false. Axes that can be walked as one are one run.
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
    func walk(_ p: UnsafeRawPointer, _ axis: Int) -> Bool {
        if axis == outer { return unsafe body(p, stride, count) }
        for i in 0..<layout.shape[axis] {
            var next = unsafe p + i &* layout.strides[axis]
            let offset = layout.suboffset(axis)
            if offset >= 0 { unsafe next = unsafe next.loadUnaligned(as: UnsafeRawPointer.self) + offset }
            if unsafe !walk(next, axis &+ 1) { return false }
        }
        return true
    }
    _ = unsafe walk(source, 0)
}
