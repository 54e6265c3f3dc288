// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import KernelInterface

extension Kernels {
    /// Copies every item of `source` to the place with the same index in `destination`.
    ///
    /// Supports all layouts of the same shape and itemsize: any number of dimensions, strides of either sign, zero strides
    /// in the source, suboffsets on either side. Where the two share memory the result is as if the source had been copied
    /// elsewhere first; a temporary is allocated only if that needs one.
    ///
    /// - Parameter runs: the bytes of an item to copy, or `nil` for all: other bytes of the destination do not change.
    /// - Precondition: equal shapes and itemsizes; no two items of the destination share a byte.
    /// - Throws: ``KernelError/outOfMemory(byteCount:)`` if a temporary is needed and cannot be allocated; nothing has been
    ///   written then.
    /// - Complexity: linear in the number of bytes.
    public static func copy(
        from source: UnsafeRawPointer, layout sourceLayout: borrowing LayoutView,
        to destination: UnsafeMutableRawPointer, layout destinationLayout: borrowing LayoutView,
        runs: [ValueRun]? = nil
    ) throws(KernelError) {
        let itemsize = sourceLayout.itemsize
        if itemsize == 0 { return }
        if unsafe needsTemporary(source, sourceLayout, destination, destinationLayout) {
            return try unsafe withPackedCopy(of: source, sourceLayout) { (packed, packedLayout) throws(KernelError) in
                try unsafe copy(
                    from: packed, layout: packedLayout, to: destination, layout: destinationLayout, runs: runs)
            }
        }
        if unsafe runs == nil && destinationLayout.isCContiguous
            && packFew(from: source, layout: sourceLayout, to: destination)
        {
            return
        }
        _ = unsafe withAxes(source, sourceLayout, destination, destinationLayout) { (pair) throws(Never) in
            unsafe inParallel(&pair, pair.count &* itemsize) { pair in
                unsafe move(&pair, itemsize, runs)
                return true
            }
        }
    }
}

/// Chooses how to move the items of a normalised pair, and moves them.
func move(_ pair: inout AxisPair, _ size: Int) {
    let byteCount = unsafe size &* pair.totalCount
    var itemsize = size
    // An innermost axis that is contiguous on both sides makes wider items.
    if unsafe pair.ndim > 0 {
        let inner = unsafe pair.axes[pair.ndim &- 1]
        if inner.source == itemsize && inner.destination == itemsize {
            itemsize &*= inner.count
            unsafe pair.ndim &-= 1
        }
    }
    let ndim = unsafe pair.ndim
    if ndim == 0 {
        unsafe loops.copyRows(
            Grid(
                source: pair.source, sourceRow: 0, sourceColumn: itemsize, destination: pair.destination,
                destinationRow: 0, destinationColumn: itemsize, rows: 1, columns: 1, itemsize: itemsize),
            streaming: byteCount >= runStreamingThreshold)
        return
    }
    // Items of more than 16 bytes are runs.
    let streaming = byteCount >= (itemsize > 16 ? runStreamingThreshold : streamingThreshold)
    unsafe pair.bringSourceAxisInside()
    let columns = unsafe pair.axes[ndim &- 1]
    let rows = unsafe ndim > 1 ? pair.axes[ndim &- 2] : Axis(count: 1, source: 0, destination: 0)
    unsafe pair.forEach(max(ndim &- 2, 0)) { (source, destination) throws(Never) in
        unsafe moveGrid(
            Grid(
                source: source, sourceRow: rows.source, sourceColumn: columns.source, destination: destination,
                destinationRow: rows.destination, destinationColumn: columns.destination, rows: rows.count,
                columns: columns.count, itemsize: itemsize),
            streaming: streaming)
    }
}
