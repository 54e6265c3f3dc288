public import KernelInterface
internal import KernelShims

extension Loops {
    /// Transposes a grid of items of 3, 6 or 12 bytes, as ``transposeGrid(_:streaming:far:)`` does. False, with nothing
    /// done, for other sizes, for grids too small for the tiles, and where an instruction that they need is missing.
    ///
    /// Measured on Zen 4 for 1 MiB, as multiples of memcpy: 3 bytes 2.7 with AVX-512 and 3.2 with AVX2, where moving item by
    /// item takes 13.8; 6 bytes 2.3 and 3.0, and 5.0 with SSE2, beside 7.1; 12 bytes 2.1 beside 2.5, and 1.9 beside 3.8 for
    /// 48 MiB. With narrower vectors 12 bytes take 3.2 and more, and are left to that.
    @inline(never)
    public static func transposePacked(_ grid: Grid) -> Bool {
        let job = unsafe Transposition(grid)
        switch unsafe grid.itemsize {
        case 3: return unsafe ks_shuffles_bytes() && job.run(3, 4) { unsafe ks_transpose_tile3($0, $1, $2, $3, $4) }
        case 6: return unsafe job.run(6, 2) { unsafe ks_transpose_tile6($0, $1, $2, $3, $4) }
        case 12:
            return unsafe ks_vector_width() == 64
                && job.run(12, 1) { unsafe ks_transpose_tile12($0, $1, $2, $3, $4) }
        default: return false
        }
    }
}

extension Transposition {
    /// `tile` reads 16 bytes of each of its rows, 4 more than its items have: after them or, as its last argument says,
    /// before them.
    @inline(__always)
    fileprivate func run(
        _ itemsize: Int, _ tileColumns: Int,
        _ tile: (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, Bool) -> Void
    ) -> Bool {
        let tileRows = ks_vector_width() / 16 &* tileColumns
        // So that a tile without 4 bytes after it has as many before it.
        guard unsafe rows >= tileRows && columns >= tileColumns &+ 3 else { return false }
        let panel = 192 / itemsize
        var start = 0
        while unsafe start < columns {
            let end = unsafe min(start &+ panel, columns)
            var i = 0
            while unsafe i < rows {
                let row = unsafe min(i, rows &- tileRows)
                var j = start
                while j < end {
                    let column = unsafe min(j, columns &- tileColumns)
                    let s = unsafe source + (row &* sourceRow &+ column &* itemsize)
                    let d = unsafe destination + (row &* itemsize &+ column &* destinationRow)
                    if unsafe (columns &- column &- tileColumns) &* itemsize < 4 {
                        unsafe tile(s, sourceRow, d, destinationRow, true)
                    } else {
                        unsafe tile(s, sourceRow, d, destinationRow, false)
                    }
                    j &+= tileColumns
                }
                i &+= tileRows
            }
            start &+= panel
        }
        return true
    }
}
