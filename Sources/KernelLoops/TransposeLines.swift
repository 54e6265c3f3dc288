// SPDX-License-Identifier: Apache-2.0
package import KernelInterface
internal import KernelShims

extension Loops {
    @inline(never)
    package static func transposeLines(_ grid: Grid, streaming: Bool) -> Bool {
        let job = unsafe Transposition(grid)
        return switch unsafe grid.itemsize {
        case 1: unsafe job.run(Lines1.self, streaming: streaming)
        case 2: unsafe job.run(Lines2.self, streaming: streaming)
        case 4: unsafe job.run(Lines4.self, streaming: streaming)
        case 8: unsafe job.run(Lines8.self, streaming: streaming)
        case 16: unsafe job.run(Lines16.self, streaming: streaming)
        default: false
        }
    }
}

/// A tile of a strip: where its first item is, in the source or staged, with which row stride, and its row and column.
@unsafe
private struct StripTile {
    var source: UnsafeRawPointer
    var stride: Int
    var row, column: Int
}

extension Transposition {
    @inline(never)
    fileprivate func run<L: Lines>(_: L.Type, streaming: Bool) -> Bool {
        let itemsize = L.itemsize
        // Where a line is several vectors, only items of 8 and 16 bytes are faster this way than through scratch rows.
        guard ks_vector_width() == 64 || itemsize >= 8 else { return false }
        let tile = L.tile
        guard unsafe tile.fits(rows: rows, columns: columns) else { return false }
        if unsafe !streaming || rows < 4 &* tile.rows {
            if unsafe isStaged(itemsize) && columns &* itemsize >= 64 {
                unsafe strips(L.self, streaming: false)
            } else {
                unsafe fill(L.self, columns: 0..<columns)
            }
        } else if unsafe lead(itemsize) != nil {
            unsafe strips(L.self, streaming: true)
        } else if ks_joins() {
            unsafe join(L.self)
        } else {
            return false
        }
        return true
    }

    /// How many source rows come before the first whose items begin a line in every row of the destination; `nil` if there
    /// is none. Tiles that begin on a line are faster, and large blocks from the C library begin 16 bytes after one.
    @inline(__always)
    private func lead(_ itemsize: Int) -> Int? {
        let bytes = unsafe Int(bitPattern: (0 &- UInt(bitPattern: destination)) & 63)
        return unsafe destinationRow & 63 == 0 && bytes % itemsize == 0 ? bytes / itemsize : nil
    }

    /// Panel by panel, from its first row to its last, so that the destination's lines are written in order. Where the
    /// rows or columns are not a multiple of the tile's, the last tile moves back and writes some items again.
    ///
    /// Panels are one source line wide where rows are multiples of a line, or where destination rows a power of two apart
    /// share few cache sets; else wider, so that fewer lines are read twice. Short destination rows need no narrow panels.
    @inline(__always)
    private func fill<L: Lines>(_: L.Type, columns range: Range<Int>) {
        let (itemsize, tileRows, tileColumns) = (L.itemsize, L.tile.rows, L.tileColumns)
        let end = range.upperBound
        let isNarrow = unsafe rows &* itemsize > 512 && (sourceRow & 63 == 0 || destinationRow & 511 == 0)
        let bytes =
            switch itemsize {
            case 2: 128
            case 16: isNarrow ? 128 : 1024
            default: isNarrow ? 64 : 512
            }
        let panel = max(tileColumns, bytes / itemsize)
        let lead = unsafe lead(itemsize) ?? 0
        var start = range.lowerBound
        while start < end {
            var i = 0
            while unsafe i < rows {
                let row = unsafe min(i, rows &- tileRows)
                var j = start
                while j < min(start &+ panel, end) {
                    unsafe put(L.self, row: row, column: min(j, end &- tileColumns))
                    j &+= tileColumns
                }
                i &+= i == 0 && lead != 0 ? lead : tileRows
            }
            start &+= panel
        }
    }

    @inline(__always)
    private func put<L: Lines>(_: L.Type, row: Int, column: Int) {
        unsafe L.put(
            sourceItem(row, column, itemsize: L.itemsize), row: sourceRow,
            destinationItem(row, column, itemsize: L.itemsize), row: destinationRow, streaming: false)
    }

    /// Strip by strip of two or four destination lines, along the source's rows: faster than panels beyond the caches,
    /// and in them where lines are staged.
    @inline(__always)
    private func strips<L: Lines>(_: L.Type, streaming: Bool) {
        let (itemsize, tileRows) = (L.itemsize, L.tile.rows)
        let lead = unsafe lead(itemsize) ?? 0
        let whole = unsafe lead &+ (rows &- lead) / tileRows &* tileRows
        let strip = tileRows &* (itemsize == 4 || itemsize == 2 ? 4 : 2)
        unsafe withUnsafeTemporaryAllocation(byteCount: 128 &* 64, alignment: 64) { stage in
            let stage = stage.baseAddress!
            if lead != 0 { unsafe putRows(L.self, before: tileRows) }
            var i = lead
            while i < whole {
                let end = min(i &+ strip, whole)
                unsafe forEachTile(L.self, rows: i..<end, columns: 0..<columns, stage: stage) { tile in
                    unsafe L.put(
                        tile.source, row: tile.stride, destinationItem(tile.row, tile.column, itemsize: itemsize),
                        row: destinationRow, streaming: streaming)
                }
                i = end
            }
        }
        if unsafe whole < rows { unsafe putRows(L.self, before: rows) }
        if streaming { ks_stream_fence() }
    }

    /// Whether a strip's source lines are copied side by side first: rows a power of two apart share few cache sets, and a
    /// line would have left the cache before its next 16 bytes are read.
    @inline(__always)
    private func isStaged(_ itemsize: Int) -> Bool { unsafe itemsize <= 2 && sourceRow & 511 == 0 }

    /// Calls `body` for every tile of a strip: for the tiles of one source line's columns, then for those of the next.
    @inline(__always)
    private func forEachTile<L: Lines>(
        _: L.Type, rows: Range<Int>, columns: Range<Int>, stage: UnsafeMutableRawPointer, _ body: (StripTile) -> Void
    ) {
        let (itemsize, tileRows, tileColumns) = (L.itemsize, L.tile.rows, L.tileColumns)
        let (start, end, first, last) = (rows.lowerBound, rows.upperBound, columns.lowerBound, columns.upperBound)
        let line = 64 / itemsize
        let isStaged = unsafe isStaged(itemsize)
        var group = first
        while group < last {
            let s = unsafe source + (start &* sourceRow &+ group &* itemsize)
            // What is prefetched: the next line of every row, or the next strip, which are too many streams for a
            // hardware prefetcher.
            let next = unsafe group &+ line < last ? s + 64 : source + (end &* sourceRow &+ first &* itemsize)
            if isStaged && group &+ line <= last {
                for r in 0..<end &- start { unsafe ks_copy_line(stage + r &* 64, s + r &* sourceRow) }
                // Each tile prefetches its share of that.
                var j = 0
                while j < line {
                    var row = start
                    while row < end {
                        let share = row &- start &+ j
                        for r in share..<share &+ tileColumns { unsafe ks_prefetch(next + r &* sourceRow) }
                        unsafe body(
                            StripTile(
                                source: UnsafeRawPointer(stage) + ((row &- start) &* 64 &+ j &* itemsize), stride: 64,
                                row: row, column: group &+ j))
                        row &+= tileRows
                    }
                    j &+= tileColumns
                }
            } else {
                if itemsize <= 4 {
                    for r in 0..<end &- start { unsafe ks_prefetch(next + r &* sourceRow) }
                }
                var j = group
                while j < min(group &+ line, last) {
                    let column = min(j, last &- tileColumns)
                    var row = start
                    while row < end {
                        unsafe body(
                            StripTile(
                                source: sourceItem(row, column, itemsize: itemsize), stride: sourceRow, row: row,
                                column: column))
                        row &+= tileRows
                    }
                    j &+= tileColumns
                }
            }
            group &+= line
        }
    }

    /// Moves the last tile's worth of rows before `end`, with ordinary stores.
    @inline(__always)
    private func putRows<L: Lines>(_: L.Type, before end: Int) {
        var j = 0
        while unsafe j < columns {
            unsafe put(L.self, row: end &- L.tile.rows, column: min(j, columns &- L.tileColumns))
            j &+= L.tileColumns
        }
    }

    /// As ``strips(_:streaming:)``, for lines that are made from two tiles. One line for each column is carried from one
    /// strip to the next: panels keep these in the second-level cache.
    @inline(__always)
    private func join<L: Lines>(_: L.Type) {
        let (itemsize, tileRows, tileColumns) = (L.itemsize, L.tile.rows, L.tileColumns)
        let wholeRows = unsafe rows / tileRows &* tileRows
        let wholeColumns = unsafe columns / tileColumns &* tileColumns
        let strip = itemsize <= 2 ? 128 : tileRows &* (itemsize == 4 ? 1 : 2)
        let panel = min(wholeColumns, 4096)
        unsafe withUnsafeTemporaryAllocation(byteCount: panel &* 64 &+ 128 &* 64, alignment: 64) { scratch in
            let carried = scratch.baseAddress!
            var start = 0
            while start < wholeColumns {
                let panelEnd = min(start &+ panel, wholeColumns)
                var i = 0
                while i < wholeRows {
                    let end = min(i &+ strip, wholeRows)
                    unsafe forEachTile(
                        L.self, rows: i..<end, columns: start..<panelEnd, stage: carried + panel &* 64
                    ) { tile in
                        unsafe L.join(
                            tile.source, row: tile.stride, destinationItem(tile.row, tile.column, itemsize: itemsize),
                            row: destinationRow, carried: carried + (tile.column &- start) &* 64,
                            isFirst: tile.row == 0)
                    }
                    i = end
                }
                start = panelEnd
            }
        }
        // What is still carried, then the rows and the columns that are not a whole tile.
        unsafe putRows(L.self, before: wholeRows)
        if unsafe wholeRows < rows { unsafe putRows(L.self, before: rows) }
        if unsafe wholeColumns < columns {
            unsafe fill(L.self, columns: columns &- tileColumns..<columns)
        }
        ks_stream_fence()
    }
}
