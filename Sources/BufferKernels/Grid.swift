internal import KernelInterface

/// From this many bytes on a run is copied past the caches.
///
/// Measured on Zen 4 with 32 MiB of third-level cache: at 8 MiB plain stores copy at 37 GB/s and streamed ones at 27; at
/// 16 MiB it is 18 and 26, at 64 MiB 12 and 19.
let runStreamingThreshold = 12 << 20

/// From this many bytes on whatever is not a run is written past the caches where the kernel can do so.
///
/// Stores that jump wait for their lines, and longer the less of the third-level cache is theirs. Beside other work, as
/// in `Benchmarks/bench_kernels.py`, plain stores take 1.7 times memcpy for a 6 MiB image from planes to pixels and
/// streamed ones 1.2 to 1.3; 64 channels of float32 in 6 MiB 3.3 and 1.5; transposes of 1 byte at 4 MiB 3.8 and 2.8, at
/// 8 MiB 5.9 and 2.9; every second float32 at 8 MiB 2.8 and 1.5. At 2 MiB both take the same or streaming is slower.
let streamingThreshold = 4 << 20

/// Moves a grid of items, choosing the kernel by the strides.
///
/// The destination's columns are its fastest axis. What is tried, and what it took on Zen 4 with AVX-512 as multiples of
/// memcpy (`Benchmarks/KernelSpeed`; 1 MiB, then 64 MiB where it differs), beside the next that would have taken it:
///
/// | the source's columns | kernel | takes | else |
/// |---|---|---|---|
/// | the same item again | `fillRow` | 1.0 | |
/// | contiguous | `copyRows`: runs, streamed if long | 1.0, 0.7 | |
/// | 2 to 4 channels backwards | `reverseChannels` | 1.4 | |
/// | every 2nd to 4th of the rows | `splitChannels` | 1.05 | 1.5 |
/// | rows are the source's fastest axis; 1 to 16 bytes | `transposeLines`: whole lines | 1.2 to 2.8, 0.8 to 2.4 | 2.1 to 3.3, 1.3 to 2.7 |
/// | … of 3, 6 or 12 bytes | `transposePacked` | 2.1 to 2.7, 1.9 to 2.7 | 2.5 to 14 |
/// | … in vectors shorter than a line, or few rows | `transposeGrid`: tiles, streamed through scratch rows | | 16 to 60 |
/// | … of up to 4 columns | `joinChannels` | 1.0 to 1.35 | |
/// | steps of -1 and 2 to 4 items | `gatherRows` | 1.05, 0.65; 1.5, 1.1 | 2.9 to 11.5 |
/// | any other | `moveGrid` of the loops: item by item | 2.9 (4 bytes) to 11.5 (1 byte) | |
func moveGrid(_ grid: Grid, streaming: Bool = false, far: Bool = false) {
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
    if unsafe isContiguous && moveToContiguousColumns(grid, streaming: streaming, far: far) { return }
    unsafe loops.moveGrid(grid)
}

/// Tries the kernels that write rows of contiguous items; false, with nothing done, if none is for these strides.
private func moveToContiguousColumns(_ grid: Grid, streaming: Bool, far: Bool) -> Bool {
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
        // A source row read backwards is one read forwards whose destination rows go the other way.
        let forwards = unsafe grid.sourceRow < 0 ? grid.withRowsReversed : grid
        if unsafe forwards.sourceColumn == rows &* itemsize && rows <= 4 && loops.splitChannels(forwards) {
            return true
        }
        if unsafe loops.transposeLines(forwards, streaming: streaming) { return true }
        if unsafe loops.transposePacked(forwards) { return true }
        if unsafe loops.transposeGrid(forwards, streaming: streaming, far: far) { return true }
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

/// Writes the one item of a row to all of its columns, which are contiguous: a block of them is made once and copied as often
/// as is needed.
private func fillRow(_ row: Grid) {
    let (item, destination, count, itemsize) = unsafe (row.source, row.destination, row.columns, row.itemsize)
    if itemsize == 1 {
        unsafe destination.initializeMemory(as: UInt8.self, repeating: item.load(as: UInt8.self), count: count)
        return
    }
    // The first block is made where it belongs, by doubling.
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
