// SPDX-License-Identifier: Apache-2.0
package import KernelInterface
internal import KernelShims

extension Loops {
    @inline(never)
    package static func transposeGrid(_ grid: Grid, streaming: Bool, prefetching: Bool) -> Bool {
        let job = unsafe Transposition(grid)
        @inline(__always)
        func run(_ itemsize: Int, _ tile: Transposition.MoveTile) -> Bool {
            unsafe job.run(itemsize: itemsize, streaming: streaming, prefetching: prefetching, tile)
        }
        switch unsafe grid.itemsize {
        case 1: return unsafe run(1) { unsafe ks_transpose_tile1($0, $1, $2, $3) }
        case 2: return unsafe run(2) { unsafe ks_transpose_tile2($0, $1, $2, $3) }
        case 4: return unsafe run(4) { unsafe ks_transpose_tile4($0, $1, $2, $3) }
        case 8: return unsafe run(8) { unsafe ks_transpose_tiles8($0, $1, $2, $3) }
        case 16: return unsafe run(16) { unsafe ks_transpose_tiles16($0, $1, $2, $3) }
        default: return false
        }
    }
}

/// Scratch memory of a streamed transposition.
@unsafe
private struct StreamBuffers {
    /// Source rows between two blocks that are flushed.
    var block: Int
    /// A tile's worth of whole source lines.
    var stage: UnsafeMutableRawPointer
    /// A row for every destination row of a panel, `scratchRow` bytes apart.
    var scratch: UnsafeMutableRawPointer
    var scratchRow: Int
}

extension Transposition {
    /// Reads one tile from its first source item, with a row stride, and writes it to its first destination item.
    fileprivate typealias MoveTile = (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int) -> Void

    @inline(__always)
    fileprivate func run(itemsize: Int, streaming: Bool, prefetching: Bool, _ tile: MoveTile) -> Bool {
        let size = TileSize(
            itemsize: itemsize, rows: (itemsize >= 8 ? 64 : ks_vector_width()) / itemsize,
            columns: max(16 / itemsize, 4))
        guard unsafe size.fits(rows: rows, columns: columns) else { return false }
        if unsafe streaming && rows &* itemsize >= 256 {
            unsafe stream(size, tile)
        } else {
            unsafe move(size, prefetching: prefetching, tile)
        }
        return true
    }

    /// Tile by tile, directly from the source to the destination. Where the rows or columns are not a multiple of the
    /// tile's, the last tile moves back and writes some items again.
    @inline(__always)
    private func move(_ size: TileSize, prefetching: Bool, _ tile: MoveTile) {
        let (itemsize, tileRows, tileColumns) = (size.itemsize, size.rows, size.columns)
        let lineRows = max(64 / itemsize, tileRows)
        // A panel's destination lines stay in the first-level cache until they are whole.
        let panel = 64
        var panelStart = 0
        while unsafe panelStart < columns {
            let panelEnd = unsafe min(panelStart &+ panel, columns)
            var i = 0
            while unsafe i < rows {
                let end = unsafe min(i &+ lineRows, rows)
                if prefetching {
                    unsafe prefetch(
                        rows: end..<end &+ lineRows, bytes: panelStart &* itemsize..<panelEnd &* itemsize)
                }
                var j = panelStart
                while j < panelEnd {
                    let column = unsafe min(j, columns &- tileColumns)
                    // Narrower vectors complete a destination line first: it might leave the cache before they return.
                    var r = i
                    while r < end {
                        let row = unsafe min(r, rows &- tileRows)
                        unsafe tile(
                            sourceItem(row, column, itemsize: itemsize), sourceRow,
                            destinationItem(row, column, itemsize: itemsize), destinationRow)
                        r &+= tileRows
                    }
                    j &+= tileColumns
                }
                i = end
            }
            panelStart &+= panel
        }
    }

    /// Whether the source's rows are a power of two apart, so that their lines share few cache sets.
    private var sourceConflicts: Bool {
        unsafe sourceRow & 511 == 0 && UInt(bitPattern: source) & 63 == 0
    }

    /// How many columns a panel has and how many rows a block, when streaming.
    ///
    /// Larger blocks mean longer runs of memory on either side, until they exceed the second-level cache, which
    /// conflicting rows do earlier.
    private func blocking(_ itemsize: Int) -> (panel: Int, block: Int) {
        switch itemsize {
        case 1: unsafe sourceConflicts ? (128, 256) : (256, 256)
        case 2: (128, 128)
        case 4: (64, 64)
        case 8: unsafe sourceConflicts ? (32, 32) : (128, 64)
        default: unsafe sourceConflicts ? (32, 32) : (64, 32)
        }
    }

    /// Through a block of scratch rows, one for every destination row of a panel, from which whole aligned lines are
    /// streamed. The rest of a line is carried over to the next block, so that of a destination row of any alignment only
    /// the first and the last line are written in part.
    @inline(__always)
    private func stream(_ size: TileSize, _ tile: MoveTile) {
        let (itemsize, tileRows, tileColumns) = (size.itemsize, size.rows, size.columns)
        let (panel, blockRows) = unsafe blocking(itemsize)
        // A multiple of the tile's rows and of a line's items.
        let block = max(blockRows, tileRows)
        // The last tile may move back, hence the room before the first line; an odd number of lines keeps scratch rows in
        // different cache sets.
        let scratchRow = (block &* itemsize &+ 128) | 64
        unsafe withUnsafeTemporaryAllocation(byteCount: panel &* scratchRow &+ 64 &* tileRows &+ 64, alignment: 64) {
            scratch in
            let stage = scratch.baseAddress!
            let buffers = unsafe StreamBuffers(
                block: block, stage: stage, scratch: stage + (64 &* tileRows &+ 64), scratchRow: scratchRow)
            var panelStart = 0
            while unsafe panelStart < columns {
                let width = unsafe min(panel, columns &- panelStart)
                // A last panel narrower than a tile begins earlier and writes some rows again.
                let first = unsafe width < tileColumns ? columns &- tileColumns : panelStart
                let count = unsafe columns &- first < panel ? columns &- first : panel
                unsafe streamPanel(size, columns: first..<first &+ count, buffers, tile)
                panelStart &+= panel
            }
        }
        ks_stream_fence()
    }

    @inline(__always)
    private func streamPanel(
        _ size: TileSize, columns: Range<Int>, _ buffers: StreamBuffers, _ tile: MoveTile
    ) {
        let (itemsize, tileRows, tileColumns) = (size.itemsize, size.rows, size.columns)
        let (first, count) = (columns.lowerBound, columns.count)
        let (block, scratchRow) = unsafe (buffers.block, buffers.scratchRow)
        let (stage, scratch) = unsafe (buffers.stage, buffers.scratch)
        let line = 64 / itemsize
        let isStaged = unsafe itemsize <= 4 && sourceConflicts
        let ahead =
            unsafe isStaged ? (sourceRow & 16383 == 0 ? tileRows : max(tileRows, 32)) : itemsize >= 8 ? 32 : block
        let aligned = unsafe UInt(bitPattern: destination) & 63 == 0 && destinationRow & 63 == 0
        var i = 0
        while unsafe i < rows {
            let height = unsafe min(block, rows &- i)
            // Tiles go to their place in the scratch rows as if these were aligned, or after what each row carries.
            var r = 0
            while r < height {
                let row = unsafe min(r, rows &- tileRows &- i)
                let s = unsafe source + (i &+ row) &* sourceRow
                let next = i &+ ahead &+ r
                unsafe prefetch(
                    rows: next..<max(next, min(next &+ tileRows, rows)),
                    bytes: first &* itemsize..<(first &+ count) &* itemsize)
                let target = unsafe scratch + 64 + row &* itemsize
                var j = 0
                if isStaged {
                    // Whole source lines at once: rows a power of two apart share few cache sets, and a line would have
                    // left the cache before its next 16 bytes are read.
                    while j &+ line <= count {
                        for k in 0..<tileRows {
                            unsafe ks_copy_line(stage + k &* 64, s + (first &+ j) &* itemsize + k &* sourceRow)
                        }
                        var c = 0
                        while c < line {
                            unsafe tile(stage + c &* itemsize, 64, target + (j &+ c) &* scratchRow, scratchRow)
                            c &+= tileColumns
                        }
                        j &+= line
                    }
                }
                while j < count {
                    let column = min(j, count &- tileColumns)
                    unsafe tile(s + (first &+ column) &* itemsize, sourceRow, target + column &* scratchRow, scratchRow)
                    j &+= tileColumns
                }
                r &+= tileRows
            }
            let isLast = unsafe i &+ height == rows
            for j in 0..<count {
                let data = unsafe scratch + j &* scratchRow + 64
                let start = unsafe destination + (first &+ j) &* destinationRow + i &* itemsize
                if aligned {
                    unsafe flushAligned(data, start, height &* itemsize)
                } else {
                    unsafe flush(data, start, height &* itemsize, isFirst: i == 0, isLast: isLast)
                }
            }
            i &+= height
        }
    }

    /// Prefetches some bytes of source rows further on, whose addresses hardware prefetchers do not predict.
    @inline(__always)
    private func prefetch(rows: Range<Int>, bytes: Range<Int>) {
        for r in rows {
            let row = unsafe source + r &* sourceRow
            var at = bytes.lowerBound
            while at < bytes.upperBound {
                unsafe ks_prefetch(row + at)
                at &+= 64
            }
        }
    }

    /// Streams a scratch row to an aligned destination.
    @inline(__always)
    private func flushAligned(_ data: UnsafeMutableRawPointer, _ start: UnsafeMutableRawPointer, _ byteCount: Int) {
        var done = 0
        while done &+ 64 <= byteCount {
            unsafe ks_stream_line(start + done, data + done)
            done &+= 64
        }
        if done < byteCount { unsafe (start + done).copyMemory(from: data + done, byteCount: byteCount &- done) }
    }

    /// Streams the whole lines of a scratch row. `data` corresponds to destination address `start`; the bytes before it,
    /// down to the beginning of the line that `start` lies in, are those carried over; the rest of the last line is
    /// moved there for the next block.
    @inline(__always)
    private func flush(
        _ data: UnsafeMutableRawPointer, _ start: UnsafeMutableRawPointer, _ byteCount: Int, isFirst: Bool, isLast: Bool
    ) {
        let carried = Int(bitPattern: UInt(bitPattern: start) & 63)
        var line = unsafe start - carried
        var from = unsafe data - carried
        let end = unsafe data + byteCount
        if isFirst && carried != 0 {
            let part = min(64 &- carried, byteCount)
            unsafe start.copyMemory(from: data, byteCount: part)
            unsafe line += 64
            unsafe from += 64
        }
        while unsafe from + 64 <= end {
            unsafe ks_stream_line(line, from)
            unsafe line += 64
            unsafe from += 64
        }
        if isLast {
            if unsafe from < end { unsafe line.copyMemory(from: from, byteCount: end - from) }
        } else {
            // Blocks are multiples of a line, so that the next one has as many bytes carried: right before its data.
            unsafe ks_copy_line(data - 64, end - 64)
        }
    }
}
