internal import KernelShims

/// Transposes a grid of items of 1, 2, 4, 8 or 16 bytes, as ``transposeGrid(_:_:_:_:_:_:_:_:_:)`` does, by tiles that become
/// whole lines of the destination in registers. False, with nothing done, for other sizes, for grids smaller than such
/// a tile, and where the vectors of this CPU serve that function better.
@inline(never)
public func transposeLines(
    _ source: UnsafeRawPointer, _ sourceRow: Int, _ destination: UnsafeMutableRawPointer, _ destinationRow: Int,
    _ rows: Int, _ columns: Int, _ itemsize: Int, _ streaming: Bool
) -> Bool {
    let job = unsafe Transposition(
        source: source, sourceRow: sourceRow, destination: destination, destinationRow: destinationRow, rows: rows,
        columns: columns)
    switch itemsize {
    case 1:
        return unsafe job.run(
            1, 16, streaming, { unsafe ks_lines1($0, $1, $2, $3, $4) },
            { unsafe ks_joined_lines1($0, $1, $2, $3, $4, $5) })
    case 2:
        return unsafe job.run(
            2, 8, streaming, { unsafe ks_lines2($0, $1, $2, $3, $4) },
            { unsafe ks_joined_lines2($0, $1, $2, $3, $4, $5) })
    case 4:
        return unsafe job.run(
            4, ks_vector_width() / 4, streaming, { unsafe ks_lines4($0, $1, $2, $3, $4) },
            { unsafe ks_joined_lines4($0, $1, $2, $3, $4, $5) })
    case 8:
        return unsafe job.run(
            8, ks_vector_width() / 8, streaming, { unsafe ks_lines8($0, $1, $2, $3, $4) },
            { unsafe ks_joined_lines8($0, $1, $2, $3, $4, $5) })
    case 16:
        return unsafe job.run(
            16, 4, streaming, { unsafe ks_lines16($0, $1, $2, $3, $4) },
            { unsafe ks_joined_lines16($0, $1, $2, $3, $4, $5) })
    default: return false
    }
}

extension Transposition {
    /// Reads a tile of as many rows as a destination line has items, with a row stride, and writes a line of every
    /// destination row, streamed or not.
    fileprivate typealias Lines = (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, Bool) -> Void
    /// The same for destination rows that are not aligned: streams whole lines and keeps what is left of them.
    fileprivate typealias JoinedLines = (
        UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, UnsafeMutableRawPointer, Bool
    ) -> Void

    @inline(__always)
    fileprivate func run(_ itemsize: Int, _ tileColumns: Int, _ streaming: Bool, _ lines: Lines, _ joined: JoinedLines)
        -> Bool
    {
        // Lines of several vectors: with AVX2 items of 8 and 16 bytes gain as much as with AVX-512, those of 4 nothing,
        // and those of 1 and 2 lose (1.2 times memcpy through scratch rows, 2.1 this way).
        guard ks_vector_width() == 64 || itemsize >= 8 else { return false }
        let tileRows = 64 / itemsize
        guard unsafe rows >= tileRows && columns >= tileColumns else { return false }
        if unsafe !streaming || rows < 4 &* tileRows {
            if unsafe isStaged(itemsize) && columns &* itemsize >= 64 {
                unsafe strips(itemsize, tileColumns, false, lines)
            } else {
                unsafe fill(itemsize, tileColumns, 0, columns, lines)
            }
        } else if unsafe UInt(bitPattern: destination) & 63 == 0 && destinationRow & 63 == 0 {
            unsafe strips(itemsize, tileColumns, true, lines)
        } else if ks_joins() {
            unsafe join(itemsize, tileColumns, lines, joined)
        } else {
            return false
        }
        return true
    }

    /// Panel by panel, from its first row to its last, so that the destination's lines follow one another. Where the
    /// grid is no whole number of tiles the last one moves back and writes some items again.
    ///
    /// Panels are a source line wide where lines belong to one panel, or where destination rows a power of two apart
    /// share few cache sets; else wider, so that fewer lines are read twice. Measured on Zen 4 at 1 MiB, as multiples of
    /// memcpy: rows of whole lines, 4 and 8 bytes an item, panels of one line 1.2 to 1.4, of two 2.0; 16 bytes, of two
    /// lines 1.5; rows of other lengths, panels of 512 bytes 1.3 to 1.7, of 128 bytes 2.0 to 2.3. Where destination rows
    /// are short there is no long way down: 64 channels of float32 take 1.3 in wide panels, 1.5 in narrow ones.
    @inline(__always)
    private func fill(_ itemsize: Int, _ tileColumns: Int, _ first: Int, _ end: Int, _ lines: Lines) {
        let tileRows = 64 / itemsize
        let isNarrow = unsafe rows &* itemsize > 512 && (sourceRow & 63 == 0 || destinationRow & 511 == 0)
        let bytes =
            switch itemsize {
            case 2: 128
            case 16: isNarrow ? 128 : 1024
            default: isNarrow ? 64 : 512
            }
        let panel = max(tileColumns, bytes / itemsize)
        var start = first
        while start < end {
            var i = 0
            while unsafe i < rows {
                let row = unsafe min(i, rows &- tileRows)
                var j = start
                while j < min(start &+ panel, end) {
                    unsafe put(row, min(j, end &- tileColumns), itemsize, false, lines)
                    j &+= tileColumns
                }
                i &+= tileRows
            }
            start &+= panel
        }
    }

    @inline(__always)
    private func put(_ row: Int, _ column: Int, _ itemsize: Int, _ streaming: Bool, _ lines: Lines) {
        unsafe lines(
            source + (row &* sourceRow &+ column &* itemsize), sourceRow,
            destination + (row &* itemsize &+ column &* destinationRow), destinationRow, streaming)
    }

    /// Strip by strip of a few destination lines, along the source's rows.
    ///
    /// Measured on Zen 4 for 64 MiB: strips of one line 1.0 times memcpy for 8 bytes an item, of two 0.9, of four 1.2;
    /// for 4 bytes 1.2, 1.2 and 1.1; for 2 bytes two lines 1.45, four 1.35; for 1 byte 1.7; for 16 bytes 1.1 and 1.0.
    /// Panels from the first row to the last: 1.2 and more. Where lines are staged that pays in the cache too: 1 MiB of 1
    /// and 2 bytes take 1.8 and 1.6 times memcpy, panels 3.1 and 2.3; 4 MiB 2.6 and 2.4, panels 5.9 and 3.8.
    @inline(__always)
    private func strips(_ itemsize: Int, _ tileColumns: Int, _ streaming: Bool, _ lines: Lines) {
        let tileRows = 64 / itemsize
        let whole = unsafe rows / tileRows &* tileRows
        let strip = tileRows &* (itemsize == 4 || itemsize == 2 ? 4 : 2)
        unsafe withUnsafeTemporaryAllocation(byteCount: 128 &* 64, alignment: 64) { stage in
            let stage = stage.baseAddress!
            var i = 0
            while i < whole {
                let end = min(i &+ strip, whole)
                unsafe forEachTile(i, end, 0, columns, itemsize, tileColumns, stage) { s, row, stride, column in
                    let target = unsafe destination + (row &* itemsize &+ column &* destinationRow)
                    unsafe lines(s, stride, target, destinationRow, streaming)
                }
                i = end
            }
        }
        if unsafe whole < rows { unsafe finish(rows, itemsize, tileColumns, lines) }
        if streaming { ks_stream_fence() }
    }

    /// Whether a strip's source lines are copied side by side first: rows a power of two apart share few cache sets, and
    /// would not find their line there again for its next 16 bytes.
    @inline(__always)
    private func isStaged(_ itemsize: Int) -> Bool { unsafe itemsize <= 2 && sourceRow & 511 == 0 }

    /// Calls `body` for every tile of a strip with its address, first row, row stride and first column: for the tiles
    /// of as many columns as make a source line, then for the next.
    @inline(__always)
    private func forEachTile(
        _ start: Int, _ end: Int, _ first: Int, _ last: Int, _ itemsize: Int, _ tileColumns: Int,
        _ stage: UnsafeMutableRawPointer, _ body: (UnsafeRawPointer, Int, Int, Int) -> Void
    ) {
        let tileRows = 64 / itemsize
        let line = 64 / itemsize
        let isStaged = unsafe isStaged(itemsize)
        var group = first
        while group < last {
            let s = unsafe source + (start &* sourceRow &+ group &* itemsize)
            if isStaged && group &+ line <= last {
                for r in 0..<end &- start { unsafe ks_copy_line(stage + r &* 64, s + r &* sourceRow) }
                var j = 0
                while j < line {
                    var row = start
                    while row < end {
                        unsafe body(
                            UnsafeRawPointer(stage) + ((row &- start) &* 64 &+ j &* itemsize), row, 64, group &+ j)
                        row &+= tileRows
                    }
                    j &+= tileColumns
                }
            } else {
                if itemsize <= 4 {
                    // What comes next: a line further in every row, or the next strip. No processor foresees so many.
                    let next =
                        unsafe group &+ line < last ? s + 64 : source + (end &* sourceRow &+ first &* itemsize)
                    for r in 0..<end &- start { unsafe ks_prefetch(next + r &* sourceRow) }
                }
                var j = group
                while j < min(group &+ line, last) {
                    let column = min(j, last &- tileColumns)
                    var row = start
                    while row < end {
                        unsafe body(source + (row &* sourceRow &+ column &* itemsize), row, sourceRow, column)
                        row &+= tileRows
                    }
                    j &+= tileColumns
                }
            }
            group &+= line
        }
    }

    /// The rows before `end`, as many as make a tile, through the cache.
    @inline(__always)
    private func finish(_ end: Int, _ itemsize: Int, _ tileColumns: Int, _ lines: Lines) {
        var j = 0
        while unsafe j < columns {
            unsafe put(end &- 64 / itemsize, min(j, columns &- tileColumns), itemsize, false, lines)
            j &+= tileColumns
        }
    }

    /// As ``stream(_:_:_:)``, where lines are made of what two tiles hold. What is carried from one strip to the next
    /// is a line a column: panels keep that in the second-level cache.
    @inline(__always)
    private func join(_ itemsize: Int, _ tileColumns: Int, _ lines: Lines, _ joined: JoinedLines) {
        let tileRows = 64 / itemsize
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
                        i, end, start, panelEnd, itemsize, tileColumns, carried + panel &* 64
                    ) { s, row, stride, column in
                        unsafe joined(
                            s, stride, destination + (row &* itemsize &+ column &* destinationRow), destinationRow,
                            carried + (column &- start) &* 64, row == 0)
                    }
                    i = end
                }
                start = panelEnd
            }
        }
        // What is still carried, the rows that are no whole tile, and the columns.
        unsafe finish(wholeRows, itemsize, tileColumns, lines)
        if unsafe wholeRows < rows { unsafe finish(rows, itemsize, tileColumns, lines) }
        if unsafe wholeColumns < columns {
            unsafe fill(itemsize, tileColumns, columns &- tileColumns, columns, lines)
        }
        ks_stream_fence()
    }
}
