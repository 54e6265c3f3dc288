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

/// Moves a grid of items: item (r, c) from `source + r*sourceRow + c*sourceColumn` to
/// `destination + r*destinationRow + c*destinationColumn`, choosing the kernel by the strides.
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
/// | steps of -1 and 2 to 4 items | `gatherRow` | 1.05, 0.65; 1.5, 1.1 | 2.9 to 11.5 |
/// | any other | `moveGrid` of the loops: item by item | 2.9 (4 bytes) to 11.5 (1 byte) | |
func moveGrid(
    _ source: UnsafeRawPointer, _ sourceRow: Int, _ sourceColumn: Int,
    _ destination: UnsafeMutableRawPointer, _ destinationRow: Int, _ destinationColumn: Int,
    _ rows: Int, _ columns: Int, _ itemsize: Int, streaming: Bool = false, far: Bool = false
) {
    if sourceColumn == 0 && destinationColumn == itemsize && columns &* itemsize >= 64 {
        for r in 0..<rows {
            unsafe fillRow(source + r &* sourceRow, destination + r &* destinationRow, columns, itemsize)
        }
        return
    }
    if itemsize > 16 {
        for r in 0..<rows {
            unsafe loops.copyRows(
                source + r &* sourceRow, sourceColumn, destination + r &* destinationRow, destinationColumn, columns,
                itemsize, streaming)
        }
        return
    }
    if destinationColumn == itemsize {
        if sourceColumn == itemsize {
            unsafe loops.copyRows(
                source, sourceRow, destination, destinationRow, rows, columns &* itemsize, streaming)
            return
        }
        if unsafe sourceColumn == 0 - itemsize && columns <= 4 && rows > 1 && sourceRow == columns &* itemsize
            && destinationRow == sourceRow
            && reverseChannels(source, destination, columns, rows, itemsize)
        {
            return
        }
        if rows > 1 && sourceRow.magnitude == UInt(itemsize) {
            // A source row read backwards is one read forwards whose destination rows go the other way.
            let back = sourceRow < 0 ? rows &- 1 : 0
            let source = unsafe source + back &* sourceRow
            let destination = unsafe destination + back &* destinationRow
            let destinationRow = sourceRow < 0 ? 0 &- destinationRow : destinationRow
            if unsafe sourceColumn == rows &* itemsize && rows <= 4
                && loops.splitChannels(source, destination, destinationRow, rows, columns, itemsize)
            {
                return
            }
            if unsafe loops.transposeLines(
                source, sourceColumn, destination, destinationRow, columns, rows, itemsize, streaming)
            {
                return
            }
            if unsafe loops.transposePacked(
                source, sourceColumn, destination, destinationRow, columns, rows, itemsize)
            {
                return
            }
            if unsafe loops.transposeGrid(
                source, sourceColumn, destination, destinationRow, columns, rows, itemsize, streaming, far)
            {
                return
            }
            if unsafe columns <= 4 && destinationRow == columns &* itemsize
                && loops.joinChannels(source, sourceColumn, destination, columns, rows, itemsize, streaming)
            {
                return
            }
        }
        if columns >= 16 && sourceColumn % itemsize == 0 {
            let step = sourceColumn / itemsize
            var r = 0
            while unsafe r < rows
                && loops.gatherRow(
                    source + r &* sourceRow, step, destination + r &* destinationRow, columns, itemsize, streaming)
            { r &+= 1 }
            if r == rows { return }
        }
    }
    unsafe loops.moveGrid(
        source, sourceRow, sourceColumn, destination, destinationRow, destinationColumn, rows, columns, itemsize)
}

/// Reverses the order of 2 to 4 channels in a row of pixels (RGB to BGR): splits them into scratch rows and joins these
/// from the last to the first. `source` is the address of the first pixel's last channel.
private func reverseChannels(
    _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ channels: Int, _ pixels: Int, _ itemsize: Int
) -> Bool {
    let pixel = channels &* itemsize
    let first = unsafe source - (pixel &- itemsize)
    let chunk = 2048 / itemsize
    let row = chunk &* itemsize &+ 64
    return unsafe withScratch(channels &* row) { scratch in
        var i = 0
        while i < pixels {
            let count = min(chunk, pixels &- i)
            guard unsafe loops.splitChannels(first + i &* pixel, scratch, row, channels, count, itemsize) else {
                return false
            }
            guard
                unsafe loops.joinChannels(
                    UnsafeRawPointer(scratch + (channels &- 1) &* row), 0 &- row, destination + i &* pixel, channels,
                    count, itemsize, false)
            else { return false }
            i &+= count
        }
        return true
    }
}

/// Writes the same item `count` times, in a row: a block of them is made once and copied as often as is needed.
private func fillRow(
    _ item: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int, _ itemsize: Int
) {
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
