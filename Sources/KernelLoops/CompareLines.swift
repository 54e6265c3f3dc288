public import KernelInterface
internal import KernelShims

extension Loops {
    /// Whether a grid of numbers equals another one transposed: floats as numbers, integers of up to 8 bytes as they are.
    /// Nil, with nothing compared, for other sizes and for grids smaller than a tile.
    @inline(never)
    public static func equalTransposed(_ pair: TransposedPair, isFloat: Bool) -> Bool? {
        let job = unsafe LineComparison(
            a: pair.a, aRow: pair.aRow, b: pair.b, bRow: pair.bRow, rows: pair.rows, columns: pair.columns)
        return switch unsafe (pair.itemsize, isFloat) {
        case (1, false): unsafe job.run(1, 16) { unsafe ks_differing_u8($0, $1, $2, $3, $4) }
        case (2, false): unsafe job.run(2, 8) { unsafe ks_differing_u16($0, $1, $2, $3, $4) }
        case (4, false): unsafe job.run(4, ks_vector_width() / 4) { unsafe ks_differing_u32($0, $1, $2, $3, $4) }
        case (8, false): unsafe job.run(8, ks_vector_width() / 8) { unsafe ks_differing_u64($0, $1, $2, $3, $4) }
        case (4, true): unsafe job.run(4, ks_vector_width() / 4) { unsafe ks_differing_f32($0, $1, $2, $3, $4) }
        case (8, true): unsafe job.run(8, ks_vector_width() / 8) { unsafe ks_differing_f64($0, $1, $2, $3, $4) }
        default: nil
        }
    }
}

@unsafe
private struct LineComparison {
    /// Reads a tile of the one side, with a row stride, and a line of every row of the other, and notes differences.
    typealias Differing = (UnsafeRawPointer, Int, UnsafeRawPointer, Int, UnsafeMutableRawPointer) -> Void

    var a: UnsafeRawPointer
    var aRow: Int
    var b: UnsafeRawPointer
    var bRow: Int
    var rows, columns: Int

    @inline(__always)
    func run(_ itemsize: Int, _ tileColumns: Int, _ differing: Differing) -> Bool? {
        let tileRows = 64 / itemsize
        guard unsafe rows >= tileRows && columns >= tileColumns else { return nil }
        return unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 64) { differences in
            let differences = differences.baseAddress!
            unsafe differences.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
            // Panels of two source lines, asked for three tiles ahead; of one where rows a power of two apart share few
            // cache sets; and beyond the second-level cache of four, with the other side's lines asked for too. Measured
            // on Zen 4 as multiples of memcmp, panels of one, two and four lines: 1 MiB of doubles 1.5, 1.7 and 1.8, of
            // ragged rows 1.6, 1.4 and 1.6; 64 MiB 1.8, 1.5 and 1.6, of ragged rows 3.1, 2.6 and 1.9; four lines with
            // nothing asked for 3.0 and 3.9. Packing tiles and comparing runs, as other layouts are, takes 3.1 and 3.2.
            let isFar = unsafe rows &* columns &* itemsize >= 2 << 20
            let isNarrow = unsafe itemsize >= 4 && bRow & 511 == 0
            let panel = max(tileColumns, (isFar ? 256 : isNarrow ? 64 : 128) / itemsize)
            let ahead = 3
            var start = 0
            while unsafe start < columns {
                let end = unsafe min(start &+ panel, columns)
                var i = 0
                while unsafe i < rows {
                    let row = unsafe min(i, rows &- tileRows)
                    for r in 0..<tileRows {
                        let next = unsafe a + ((row &+ ahead &* tileRows &+ r) &* aRow &+ start &* itemsize)
                        unsafe ks_prefetch(next)
                        unsafe ks_prefetch(next + 64)
                        if isFar {
                            unsafe ks_prefetch(next + 128)
                            unsafe ks_prefetch(next + 192)
                        }
                    }
                    var j = start
                    while j < end {
                        let column = unsafe min(j, columns &- tileColumns)
                        let lines = unsafe b + (row &* itemsize &+ column &* bRow)
                        if isFar {
                            for c in 0..<tileColumns { unsafe ks_prefetch(lines + (c &* bRow &+ ahead &* 64)) }
                        }
                        unsafe differing(a + (row &* aRow &+ column &* itemsize), aRow, lines, bRow, differences)
                        j &+= tileColumns
                    }
                    if unsafe ks_any(differences) { return false }
                    i &+= tileRows
                }
                start = end
            }
            return true
        }
    }
}
