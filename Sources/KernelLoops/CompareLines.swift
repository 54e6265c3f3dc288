// SPDX-License-Identifier: Apache-2.0
package import KernelInterface
internal import KernelShims

extension Loops {
    @inline(never)
    package static func equalTransposed(_ pair: TransposedPair, isFloat: Bool) -> Bool? {
        let quarter = ks_vector_width() / 4
        return switch unsafe (pair.itemsize, isFloat) {
        case (1, false):
            unsafe pair.run(itemsize: 1, tileColumns: 16) { unsafe ks_differing_u8($0, $1, $2, $3, $4) }
        case (2, false):
            unsafe pair.run(itemsize: 2, tileColumns: 8) { unsafe ks_differing_u16($0, $1, $2, $3, $4) }
        case (4, false):
            unsafe pair.run(itemsize: 4, tileColumns: quarter) { unsafe ks_differing_u32($0, $1, $2, $3, $4) }
        case (8, false):
            unsafe pair.run(itemsize: 8, tileColumns: quarter / 2) { unsafe ks_differing_u64($0, $1, $2, $3, $4) }
        case (4, true):
            unsafe pair.run(itemsize: 4, tileColumns: quarter) { unsafe ks_differing_f32($0, $1, $2, $3, $4) }
        case (8, true):
            unsafe pair.run(itemsize: 8, tileColumns: quarter / 2) { unsafe ks_differing_f64($0, $1, $2, $3, $4) }
        default: nil
        }
    }
}

extension TransposedPair {
    /// `compare` reads a tile of one side, with a row stride, and a line of every row of the other, and records
    /// differences in 64 bytes.
    @inline(__always)
    fileprivate func run(
        itemsize: Int, tileColumns: Int,
        _ compare: (UnsafeRawPointer, Int, UnsafeRawPointer, Int, UnsafeMutableRawPointer) -> Void
    ) -> Bool? {
        let tile = TileSize(itemsize: itemsize, rows: 64 / itemsize, columns: tileColumns)
        guard unsafe tile.fits(rows: rows, columns: columns) else { return nil }
        return unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 64) { differences in
            let differences = differences.baseAddress!
            unsafe differences.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
            // Panels are two source lines wide and prefetched three tiles ahead; one line where rows a power of two apart
            // share few cache sets; beyond the second-level cache four lines, with the other side's lines prefetched too.
            let isFar = unsafe rows &* columns &* itemsize >= 2 << 20
            let isNarrow = unsafe itemsize >= 4 && bRow & 511 == 0
            let panel = max(tile.columns, (isFar ? 256 : isNarrow ? 64 : 128) / itemsize)
            let ahead = 3
            var start = 0
            while unsafe start < columns {
                let end = unsafe min(start &+ panel, columns)
                var i = 0
                while unsafe i < rows {
                    let row = unsafe min(i, rows &- tile.rows)
                    for r in 0..<tile.rows {
                        let next = unsafe a + ((row &+ ahead &* tile.rows &+ r) &* aRow &+ start &* itemsize)
                        unsafe ks_prefetch(next)
                        unsafe ks_prefetch(next + 64)
                        if isFar {
                            unsafe ks_prefetch(next + 128)
                            unsafe ks_prefetch(next + 192)
                        }
                    }
                    var j = start
                    while j < end {
                        let column = unsafe min(j, columns &- tile.columns)
                        let lines = unsafe b + (row &* itemsize &+ column &* bRow)
                        if isFar {
                            for c in 0..<tile.columns { unsafe ks_prefetch(lines + (c &* bRow &+ ahead &* 64)) }
                        }
                        unsafe compare(a + (row &* aRow &+ column &* itemsize), aRow, lines, bRow, differences)
                        j &+= tile.columns
                    }
                    if unsafe ks_any(differences) { return false }
                    i &+= tile.rows
                }
                start = end
            }
            return true
        }
    }
}
