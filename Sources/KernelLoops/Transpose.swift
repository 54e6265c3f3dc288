public import KernelInterface
internal import KernelShims

extension Loops {
    /// Transposes a grid of items of 1, 2, 4, 8 or 16 bytes whose rows are the source's fastest axis, and whose columns are the
    /// destination's. False, with nothing done, if the grid is too small for the tiles of this CPU or the itemsize is another.
    ///
    /// With `streaming`, destination lines are written past the caches: what beyond the second-level cache is worth
    /// fetching is the source alone. With `far`, source rows are prefetched, and so are as many after the last.
    @inline(never)
    public static func transposeGrid(_ grid: Grid, streaming: Bool, far: Bool) -> Bool {
        let job = unsafe Transposition(grid)
        switch unsafe grid.itemsize {
        case 1: return unsafe job.run(1, streaming, far) { unsafe ks_transpose_tile1($0, $1, $2, $3) }
        case 2: return unsafe job.run(2, streaming, far) { unsafe ks_transpose_tile2($0, $1, $2, $3) }
        case 4: return unsafe job.run(4, streaming, far) { unsafe ks_transpose_tile4($0, $1, $2, $3) }
        case 8: return unsafe job.run(8, streaming, far) { unsafe ks_transpose_tiles8($0, $1, $2, $3) }
        case 16: return unsafe job.run(16, streaming, far) { unsafe ks_transpose_tiles16($0, $1, $2, $3) }
        default: return false
        }
    }
}

extension Transposition {
    /// `tile` reads one tile from its first source item, with a row stride, and writes it to its first destination item.
    @inline(__always)
    fileprivate func run(
        _ itemsize: Int, _ streaming: Bool, _ far: Bool,
        _ tile: (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int) -> Void
    )
        -> Bool
    {
        let tileRows = (itemsize >= 8 ? 64 : ks_vector_width()) / itemsize
        let tileColumns = max(16 / itemsize, 4)
        guard unsafe rows >= tileRows && columns >= tileColumns else { return false }
        if unsafe streaming && rows &* itemsize >= 256 {
            unsafe stream(itemsize, tileRows, tileColumns, tile)
        } else {
            unsafe move(itemsize, tileRows, tileColumns, far, tile)
        }
        return true
    }

    /// Tile by tile, straight from the source to the destination. Where the grid is no whole number of tiles the last
    /// one moves back and writes some items again.
    @inline(__always)
    private func move(
        _ itemsize: Int, _ tileRows: Int, _ tileColumns: Int, _ far: Bool,
        _ tile: (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int) -> Void
    ) {
        let lineRows = max(64 / itemsize, tileRows)
        // A panel's destination lines stay in the first-level cache until they are whole.
        let panel = 64
        var panelStart = 0
        while unsafe panelStart < columns {
            let panelEnd = unsafe min(panelStart &+ panel, columns)
            var i = 0
            while unsafe i < rows {
                let end = unsafe min(i &+ lineRows, rows)
                if far {
                    unsafe prefetch(
                        end, end &+ lineRows, panelStart &* itemsize, (panelEnd &- panelStart) &* itemsize)
                }
                var j = panelStart
                while j < panelEnd {
                    let column = unsafe min(j, columns &- tileColumns)
                    // Narrower vectors finish a destination line before they go on, or it might be gone from the cache.
                    var r = i
                    while r < end {
                        let row = unsafe min(r, rows &- tileRows)
                        unsafe tile(
                            source + (row &* sourceRow &+ column &* itemsize), sourceRow,
                            destination + (row &* itemsize &+ column &* destinationRow), destinationRow)
                        r &+= tileRows
                    }
                    j &+= tileColumns
                }
                i = end
            }
            panelStart &+= panel
        }
    }

    /// Whether the source's rows are so far apart that their lines fall into few of a cache's sets.
    private var sourceConflicts: Bool {
        unsafe sourceRow & 511 == 0 && UInt(bitPattern: source) & 63 == 0
    }

    /// How many columns a panel has and how many rows a block, when streaming.
    ///
    /// Measured on Zen 4 (1 MiB of second-level cache) for 64 MiB: wide blocks give memory longer runs on either side,
    /// until they leave the cache; with conflicting rows they do so earlier. One byte: 128x256 staged 1.5 times memcpy,
    /// 64x64 unstaged 3.4; ragged 256x256 2.6, 64x64 4.7. Four bytes: 1.4 and 1.7. Eight: 1.3 and 1.5.
    private func blocking(_ itemsize: Int) -> (panel: Int, block: Int) {
        switch itemsize {
        case 1: unsafe sourceConflicts ? (128, 256) : (256, 256)
        case 2: (128, 128)
        case 4: (64, 64)
        case 8: unsafe sourceConflicts ? (32, 32) : (128, 64)
        default: unsafe sourceConflicts ? (32, 32) : (64, 32)
        }
    }

    /// Through a block of scratch rows, one for every destination row of a panel, out of which whole aligned lines
    /// are streamed. What is left of a line is carried over to the next block, so that destination rows of any
    /// alignment cost no partial line but their first and last.
    @inline(__always)
    private func stream(
        _ itemsize: Int, _ tileRows: Int, _ tileColumns: Int,
        _ tile: (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int) -> Void
    ) {
        let (panel, blockRows) = unsafe blocking(itemsize)
        // A multiple of the tile's rows, and a whole number of lines.
        let block = max(blockRows, tileRows)
        // Room before the first line, because the last tile may move back; the odd line keeps rows out of each other's
        // cache sets.
        let scratchRow = (block &* itemsize &+ 128) | 64
        unsafe withUnsafeTemporaryAllocation(byteCount: panel &* scratchRow &+ 64 &* tileRows &+ 64, alignment: 64) {
            scratch in
            let stage = scratch.baseAddress!
            let scratch = unsafe stage + (64 &* tileRows &+ 64)
            var panelStart = 0
            while unsafe panelStart < columns {
                let width = unsafe min(panel, columns &- panelStart)
                // A last panel narrower than a tile begins earlier and writes some rows again.
                let first = unsafe width < tileColumns ? columns &- tileColumns : panelStart
                let count = unsafe columns &- first < panel ? columns &- first : panel
                unsafe streamPanel(
                    itemsize, tileRows, tileColumns, first, count, block, stage, scratch, scratchRow, tile)
                panelStart &+= panel
            }
        }
        ks_stream_fence()
    }

    @inline(__always)
    private func streamPanel(
        _ itemsize: Int, _ tileRows: Int, _ tileColumns: Int, _ first: Int, _ count: Int, _ block: Int,
        _ stage: UnsafeMutableRawPointer, _ scratch: UnsafeMutableRawPointer, _ scratchRow: Int,
        _ tile: (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int) -> Void
    ) {
        let line = 64 / itemsize
        let isStaged = unsafe itemsize <= 4 && sourceConflicts
        let ahead =
            unsafe isStaged ? (sourceRow & 16383 == 0 ? tileRows : max(tileRows, 32)) : itemsize >= 8 ? 32 : block
        let aligned = unsafe UInt(bitPattern: destination) & 63 == 0 && destinationRow & 63 == 0
        var i = 0
        while unsafe i < rows {
            let height = unsafe min(block, rows &- i)
            // Tiles go to their place in the scratch rows as if these were aligned, or behind what each row carries.
            var r = 0
            while r < height {
                let row = unsafe min(r, rows &- tileRows &- i)
                let s = unsafe source + (i &+ row) &* sourceRow
                let next = i &+ ahead &+ r
                unsafe prefetch(next, min(next &+ tileRows, rows), first &* itemsize, count &* itemsize)
                let target = unsafe scratch + 64 + row &* itemsize
                var j = 0
                if isStaged {
                    // Whole source lines at once: rows a power of two apart share few cache sets, and would not find
                    // their line there again for its next 16 bytes.
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

    /// Asks for the same columns of source rows further on, which no processor foresees.
    @inline(__always)
    private func prefetch(_ row: Int, _ end: Int, _ offset: Int, _ byteCount: Int) {
        for r in row..<max(row, end) {
            let start = unsafe source + r &* sourceRow + offset
            var done = 0
            while done < byteCount {
                unsafe ks_prefetch(start + done)
                done &+= 64
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

    /// Streams the whole lines of a scratch row. `data` stands for destination address `start`; the bytes before it,
    /// down to the beginning of the line that `start` lies in, are those carried over; what is left of the last line
    /// is put there for the next block.
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
            // Blocks are whole lines, so that the next one has as many bytes carried: right before its data.
            unsafe ks_copy_line(data - 64, end - 64)
        }
    }
}
