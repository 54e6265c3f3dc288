/// From this many bytes on a result is written past the caches where the kernel can do so.
let streamingThreshold = 4 << 20

/// Moves a grid of items: item (r, c) from `source + r*sourceRow + c*sourceColumn` to
/// `destination + r*destinationRow + c*destinationColumn`, choosing the kernel by the strides.
func moveGrid(
    _ source: UnsafeRawPointer, _ sourceRow: Int, _ sourceColumn: Int,
    _ destination: UnsafeMutableRawPointer, _ destinationRow: Int, _ destinationColumn: Int,
    _ rows: Int, _ columns: Int, _ itemsize: Int, streaming: Bool = false
) {
    if rows > 1 && destinationColumn == itemsize && sourceRow.magnitude == UInt(itemsize) {
        // A source row read backwards is one read forwards whose destination rows go the other way.
        let back = sourceRow < 0 ? rows &- 1 : 0
        if unsafe loops.transposeGrid(
            source + back &* sourceRow, sourceColumn, destination + back &* destinationRow,
            sourceRow < 0 ? 0 &- destinationRow : destinationRow, columns, rows, itemsize, streaming)
        {
            return
        }
    }
    unsafe loops.moveGrid(
        source, sourceRow, sourceColumn, destination, destinationRow, destinationColumn, rows, columns, itemsize)
}
