// SPDX-License-Identifier: Apache-2.0
internal import KernelInterface

/// From this many bytes on, runs are written by non-temporal stores; `Benchmarks/README.md` has the figures.
let runStreamingThreshold = 12 << 20

/// From this many bytes on, items that are not runs are written by non-temporal stores where the loop has them.
///
/// Scattered stores wait for their lines to be read, the longer the less of the third-level cache is theirs.
let streamingThreshold = 4 << 20

/// Moves a grid of items by the fastest loop for its strides. The destination's columns are its fastest axis.
///
/// | the source's columns | loop |
/// |---|---|
/// | one item repeated | `fillRow` |
/// | contiguous | `copyRows` |
/// | 2 to 4 channels backwards | `reverseChannels` |
/// | every 2nd to 4th item, the rows beginning at each of these | `splitChannels` |
/// | across the source's fastest axis, items of 1, 2, 4, 8, 16 bytes | `transposeLines`: whole cache lines |
/// | … items of 3, 6, 12 bytes | `transposePacked` |
/// | … vectors shorter than a line, or few rows | `transposeGrid`: tiles, streamed through scratch rows |
/// | … up to 4 columns | `joinChannels` |
/// | every 2nd to 4th item, or backwards | `gatherRows` |
/// | any other | `moveGrid` of the loops: item by item |
///
/// `Benchmarks/README.md` has the figures.
func moveGrid(_ grid: Grid, streaming: Bool = false, prefetching: Bool = false) {
    let itemsize = unsafe grid.itemsize
    let isContiguous = unsafe grid.destinationColumn == itemsize
    if unsafe grid.sourceColumn == 0 && isContiguous && grid.columns &* itemsize >= 64 {
        for r in unsafe 0..<grid.rows { unsafe fillRow(grid.row(r)) }
        return
    }
    if itemsize > 16 {
        // Each item is a run.
        for r in unsafe 0..<grid.rows { unsafe loops.copyRows(grid.row(r).transposed, streaming: streaming) }
        return
    }
    if unsafe isContiguous && moveToContiguousColumns(grid, streaming: streaming, prefetching: prefetching) { return }
    unsafe loops.moveGrid(grid)
}

/// Tries the loops that write rows of contiguous items; false, with nothing done, if none supports these strides.
private func moveToContiguousColumns(_ grid: Grid, streaming: Bool, prefetching: Bool) -> Bool {
    let (rows, columns, itemsize) = unsafe (grid.rows, grid.columns, grid.itemsize)
    if unsafe grid.sourceColumn == itemsize {
        unsafe loops.copyRows(grid, streaming: streaming)
        return true
    }
    if unsafe grid.sourceColumn == 0 - itemsize && columns <= 4 && rows > 1 && grid.sourceRow == columns &* itemsize
        && grid.destinationRow == grid.sourceRow && reverseChannels(grid)
    {
        return true
    }
    if unsafe rows > 1 && grid.sourceRow.magnitude == UInt(itemsize) {
        // Rows that go backwards in the source go forwards once both sides' rows are reversed.
        let forwards = unsafe grid.sourceRow < 0 ? grid.withRowsReversed : grid
        if unsafe forwards.sourceColumn == rows &* itemsize && rows <= 4 && loops.splitChannels(forwards) {
            return true
        }
        if unsafe loops.transposeLines(forwards, streaming: streaming) { return true }
        if unsafe loops.transposePacked(forwards) { return true }
        if unsafe loops.transposeGrid(forwards, streaming: streaming, prefetching: prefetching) { return true }
        if unsafe columns <= 4 && forwards.destinationRow == columns &* itemsize
            && loops.joinChannels(forwards, streaming: streaming)
        {
            return true
        }
    }
    return unsafe columns >= 16 && loops.gatherRows(grid, streaming: streaming)
}

/// Reverses the order of 2 to 4 channels in a row of pixels (RGB to BGR): splits them into scratch rows and joins these
/// from the last to the first. The rows of the grid are pixels, and its source is the first pixel's last channel.
private func reverseChannels(_ grid: Grid) -> Bool {
    let (channels, pixels, itemsize) = unsafe (grid.columns, grid.rows, grid.itemsize)
    let pixel = channels &* itemsize
    let first = unsafe grid.source - (pixel &- itemsize)
    let chunk = 2048 / itemsize
    let plane = chunk &* itemsize &+ 64
    return unsafe withScratch(channels &* plane) { scratch in
        var i = 0
        while i < pixels {
            let count = min(chunk, pixels &- i)
            let planes = unsafe Grid(
                source: first + i &* pixel, sourceRow: itemsize, sourceColumn: pixel,
                destination: scratch, destinationRow: plane, destinationColumn: itemsize,
                rows: channels, columns: count, itemsize: itemsize)
            let reversed = unsafe Grid(
                source: UnsafeRawPointer(scratch + (channels &- 1) &* plane), sourceRow: itemsize,
                sourceColumn: 0 &- plane, destination: grid.destination + i &* pixel, destinationRow: pixel,
                destinationColumn: itemsize, rows: count, columns: channels, itemsize: itemsize)
            guard unsafe loops.splitChannels(planes) && loops.joinChannels(reversed, streaming: false) else {
                return false
            }
            i &+= count
        }
        return true
    }
}

/// Writes the one item of a row to all of its columns, which are contiguous: a block of them is filled once and then copied.
private func fillRow(_ row: Grid) {
    let (item, destination, count, itemsize) = unsafe (row.source, row.destination, row.columns, row.itemsize)
    if itemsize == 1 {
        unsafe destination.initializeMemory(as: UInt8.self, repeating: item.load(as: UInt8.self), count: count)
        return
    }
    // The first block is filled in place, by doubling.
    let block = min(count, max(1, 4096 / itemsize)) &* itemsize
    unsafe destination.copyMemory(from: item, byteCount: itemsize)
    var done = itemsize
    while done < block {
        let part = min(done, block &- done)
        unsafe (destination + done).copyMemory(from: destination, byteCount: part)
        done &+= part
    }
    let end = count &* itemsize
    while done < end {
        let part = min(block, end &- done)
        unsafe (destination + done).copyMemory(from: destination, byteCount: part)
        done &+= part
    }
}
