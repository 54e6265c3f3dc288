// SPDX-License-Identifier: Apache-2.0
package import KernelInterface
internal import KernelShims

extension Loops {
    // For 12 bytes, only vectors of 64 bytes are faster than moving item by item; `Benchmarks/README.md` has the figures.
    @inline(never)
    package static func transposePacked(_ grid: Grid) -> Bool {
        let job = unsafe Transposition(grid)
        switch unsafe grid.itemsize {
        case 3:
            return unsafe ks_shuffles_bytes()
                && job.run(itemsize: 3, tileColumns: 4) { unsafe ks_transpose_tile3($0, $1, $2, $3, $4) }
        case 6: return unsafe job.run(itemsize: 6, tileColumns: 2) { unsafe ks_transpose_tile6($0, $1, $2, $3, $4) }
        case 12:
            return unsafe ks_vector_width() == 64
                && job.run(itemsize: 12, tileColumns: 1) { unsafe ks_transpose_tile12($0, $1, $2, $3, $4) }
        default: return false
        }
    }
}

extension Transposition {
    /// `tile` reads 16 bytes of each of its rows, 4 more than its items have: after them or, as its last argument says,
    /// before them.
    @inline(__always)
    fileprivate func run(
        itemsize: Int, tileColumns: Int, _ tile: (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Int, Bool) -> Void
    ) -> Bool {
        let size = TileSize(itemsize: itemsize, rows: ks_vector_width() / 16 &* tileColumns, columns: tileColumns)
        // So that a tile without 4 bytes after it has as many before it.
        guard unsafe size.fits(rows: rows, columns: columns &- 3) else { return false }
        let panel = 192 / itemsize
        var start = 0
        while unsafe start < columns {
            let end = unsafe min(start &+ panel, columns)
            var i = 0
            while unsafe i < rows {
                let row = unsafe min(i, rows &- size.rows)
                var j = start
                while j < end {
                    let column = unsafe min(j, columns &- size.columns)
                    let s = unsafe sourceItem(row, column, itemsize: itemsize)
                    let d = unsafe destinationItem(row, column, itemsize: itemsize)
                    if unsafe (columns &- column &- size.columns) &* itemsize < 4 {
                        unsafe tile(s, sourceRow, d, destinationRow, true)
                    } else {
                        unsafe tile(s, sourceRow, d, destinationRow, false)
                    }
                    j &+= size.columns
                }
                i &+= size.rows
            }
            start &+= panel
        }
        return true
    }
}
