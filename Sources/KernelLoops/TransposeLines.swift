public import KernelInterface
internal import KernelShims

extension Loops {
    /// Transposes a grid of items of 1, 2, 4, 8 or 16 bytes, as ``transposeGrid(_:streaming:far:)`` does, by tiles that become
    /// whole lines of the destination in registers. False, with nothing done, for other sizes, for grids smaller than such
    /// a tile, and where the vectors of this CPU serve that function better.
    @inline(never)
    public static func transposeLines(_ grid: Grid, streaming: Bool) -> Bool {
        let job = unsafe Transposition(grid)
        return switch unsafe grid.itemsize {
        case 1: unsafe job.run(Lines1.self, streaming)
        case 2: unsafe job.run(Lines2.self, streaming)
        case 4: unsafe job.run(Lines4.self, streaming)
        case 8: unsafe job.run(Lines8.self, streaming)
        case 16: unsafe job.run(Lines16.self, streaming)
        default: false
        }
    }
}

extension Transposition {
    @inline(never)
    fileprivate func run<L: Lines>(_: L.Type, _ streaming: Bool) -> Bool {
        let (itemsize, tileColumns) = (L.itemsize, L.tileColumns)
        // Lines of several vectors: with AVX2 items of 8 and 16 bytes gain as much as with AVX-512, those of 4 nothing,
        // and those of 1 and 2 lose (1.2 times memcpy through scratch rows, 2.1 this way).
        guard ks_vector_width() == 64 || itemsize >= 8 else { return false }
        let tileRows = 64 / itemsize
        guard unsafe rows >= tileRows && columns >= tileColumns else { return false }
        if unsafe !streaming || rows < 4 &* tileRows {
            if unsafe isStaged(itemsize) && columns &* itemsize >= 64 {
                unsafe strips(L.self, false)
            } else {
                unsafe fill(L.self, 0, columns)
            }
        } else if unsafe lead(itemsize) != nil {
            unsafe strips(L.self, true)
        } else if ks_joins() {
            unsafe join(L.self)
        } else {
            return false
        }
        return true
    }

    /// How many rows come before the first whose items begin a line in every row of the destination; nil if there is none.
    ///
    /// Large blocks from the C library begin 16 bytes after a line. Tiles that begin on one take 4.2 ms for 64 MiB of 8
    /// bytes, others 5.5; 36 us for 1 MiB of 16 bytes, others 40.
    @inline(__always)
    private func lead(_ itemsize: Int) -> Int? {
        let bytes = unsafe Int(bitPattern: (0 &- UInt(bitPattern: destination)) & 63)
        return unsafe destinationRow & 63 == 0 && bytes % itemsize == 0 ? bytes / itemsize : nil
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
    private func fill<L: Lines>(_: L.Type, _ first: Int, _ end: Int) {
        let (itemsize, tileColumns) = (L.itemsize, L.tileColumns)
        let tileRows = 64 / itemsize
        let isNarrow = unsafe rows &* itemsize > 512 && (sourceRow & 63 == 0 || destinationRow & 511 == 0)
        let bytes =
            switch itemsize {
            case 2: 128
            case 16: isNarrow ? 128 : 1024
            default: isNarrow ? 64 : 512
            }
        let panel = max(tileColumns, bytes / itemsize)
        let lead = unsafe lead(itemsize) ?? 0
        var start = first
        while start < end {
            var i = 0
            while unsafe i < rows {
                let row = unsafe min(i, rows &- tileRows)
                var j = start
                while j < min(start &+ panel, end) {
                    unsafe put(L.self, row, min(j, end &- tileColumns))
                    j &+= tileColumns
                }
                i &+= i == 0 && lead != 0 ? lead : tileRows
            }
            start &+= panel
        }
    }

    @inline(__always)
    private func put<L: Lines>(_: L.Type, _ row: Int, _ column: Int) {
        unsafe L.put(
            source + (row &* sourceRow &+ column &* L.itemsize), sourceRow,
            destination + (row &* L.itemsize &+ column &* destinationRow), destinationRow, false)
    }

    /// Strip by strip of a few destination lines, along the source's rows.
    ///
    /// Measured on Zen 4 for 64 MiB: strips of one line 1.0 times memcpy for 8 bytes an item, of two 0.9, of four 1.2;
    /// for 4 bytes 1.2, 1.2 and 1.1; for 2 bytes two lines 1.45, four 1.35; for 1 byte 1.7; for 16 bytes 1.1 and 1.0.
    /// Panels from the first row to the last: 1.2 and more. Where lines are staged that pays in the cache too: 1 MiB of 1
    /// and 2 bytes take 1.8 and 1.6 times memcpy, panels 3.1 and 2.3; 4 MiB 2.6 and 2.4, panels 5.9 and 3.8.
    @inline(__always)
    private func strips<L: Lines>(_: L.Type, _ streaming: Bool) {
        let itemsize = L.itemsize
        let tileRows = 64 / itemsize
        let lead = unsafe lead(itemsize) ?? 0
        let whole = unsafe lead &+ (rows &- lead) / tileRows &* tileRows
        let strip = tileRows &* (itemsize == 4 || itemsize == 2 ? 4 : 2)
        unsafe withUnsafeTemporaryAllocation(byteCount: 128 &* 64, alignment: 64) { stage in
            let stage = stage.baseAddress!
            if lead != 0 { unsafe finish(L.self, tileRows) }
            var i = lead
            while i < whole {
                let end = min(i &+ strip, whole)
                unsafe forEachTile(L.self, i, end, 0, columns, stage) { s, row, stride, column in
                    let target = unsafe destination + (row &* itemsize &+ column &* destinationRow)
                    unsafe L.put(s, stride, target, destinationRow, streaming)
                }
                i = end
            }
        }
        if unsafe whole < rows { unsafe finish(L.self, rows) }
        if streaming { ks_stream_fence() }
    }

    /// Whether a strip's source lines are copied side by side first: rows a power of two apart share few cache sets, and
    /// would not find their line there again for its next 16 bytes.
    @inline(__always)
    private func isStaged(_ itemsize: Int) -> Bool { unsafe itemsize <= 2 && sourceRow & 511 == 0 }

    /// Calls `body` for every tile of a strip with its address, first row, row stride and first column: for the tiles
    /// of as many columns as make a source line, then for the next.
    @inline(__always)
    private func forEachTile<L: Lines>(
        _: L.Type, _ start: Int, _ end: Int, _ first: Int, _ last: Int, _ stage: UnsafeMutableRawPointer,
        _ body: (UnsafeRawPointer, Int, Int, Int) -> Void
    ) {
        let (itemsize, tileColumns) = (L.itemsize, L.tileColumns)
        let tileRows = 64 / itemsize
        let line = 64 / itemsize
        let isStaged = unsafe isStaged(itemsize)
        var group = first
        while group < last {
            let s = unsafe source + (start &* sourceRow &+ group &* itemsize)
            // What comes next: a line further in every row, or the next strip. No processor foresees so many.
            let next = unsafe group &+ line < last ? s + 64 : source + (end &* sourceRow &+ first &* itemsize)
            if isStaged && group &+ line <= last {
                for r in 0..<end &- start { unsafe ks_copy_line(stage + r &* 64, s + r &* sourceRow) }
                // Each tile asks for its share of that: 64 MiB of 1 and 2 bytes take 1.4 and 1.2 times memcpy, without it
                // 1.6 and 1.4, with all asked for before the first tile no less.
                var j = 0
                while j < line {
                    var row = start
                    while row < end {
                        let asked = row &- start &+ j
                        for r in asked..<asked &+ tileColumns { unsafe ks_prefetch(next + r &* sourceRow) }
                        unsafe body(
                            UnsafeRawPointer(stage) + ((row &- start) &* 64 &+ j &* itemsize), row, 64, group &+ j)
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
    private func finish<L: Lines>(_: L.Type, _ end: Int) {
        var j = 0
        while unsafe j < columns {
            unsafe put(L.self, end &- 64 / L.itemsize, min(j, columns &- L.tileColumns))
            j &+= L.tileColumns
        }
    }

    /// As ``strips(_:_:)``, where lines are made of what two tiles hold. What is carried from one strip to the next
    /// is a line a column: panels keep that in the second-level cache.
    @inline(__always)
    private func join<L: Lines>(_: L.Type) {
        let (itemsize, tileColumns) = (L.itemsize, L.tileColumns)
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
                        L.self, i, end, start, panelEnd, carried + panel &* 64
                    ) { s, row, stride, column in
                        unsafe L.join(
                            s, stride, destination + (row &* itemsize &+ column &* destinationRow), destinationRow,
                            carried + (column &- start) &* 64, row == 0)
                    }
                    i = end
                }
                start = panelEnd
            }
        }
        // What is still carried, the rows that are no whole tile, and the columns.
        unsafe finish(L.self, wholeRows)
        if unsafe wholeRows < rows { unsafe finish(L.self, rows) }
        if unsafe wholeColumns < columns {
            unsafe fill(L.self, columns &- tileColumns, columns)
        }
        ks_stream_fence()
    }
}
