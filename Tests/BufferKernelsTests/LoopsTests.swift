// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import KernelInterface
import Testing

@testable import BufferKernels

/// Every inner loop, built for every instruction set that this machine has, against a loop written here: random sizes
/// around those of tiles, lines and vectors, strides with gaps, backwards and a power of two apart, any alignment, with and
/// without streaming. Every byte around the results must be unchanged.
@Suite struct LoopsTests {
    static let instructionSets = Kernels.InstructionSet.allCases.filter { $0 <= .supported }

    /// Random bytes aligned to lines.
    @safe
    final class Block {
        let count: Int
        let start: UnsafeMutableRawPointer

        init(_ count: Int, using random: inout Random) {
            self.count = count
            unsafe start = .allocate(byteCount: (count + 71) / 64 * 64, alignment: 64)
            for i in stride(from: 0, to: count, by: 8) {
                unsafe start.storeBytes(of: random.next(), toByteOffset: i, as: UInt64.self)
            }
        }

        deinit { unsafe start.deallocate() }

        var bytes: [UInt8] { unsafe Array(UnsafeRawBufferPointer(start: start, count: count)) }
    }

    /// One side of a grid of items: where its first is, and how far apart rows and columns are.
    struct Side {
        var offset: Int
        var row: Int
        var column: Int

        func at(_ i: Int, _ j: Int) -> Int { offset + i * row + j * column }
    }

    /// Rows of at least `width` bytes: close together, with gaps, or a power of two apart.
    static func rowStride(_ width: Int, using random: inout Random) -> Int {
        switch random.int(0...3) {
        case 0: width
        case 1: width + random.int(0...70)
        case 2: (width + 63) / 64 * 64
        default: (width + 511) / 512 * 512
        }
    }

    /// Where a block's first item is: on a line, or anywhere.
    static func offset(using random: inout Random) -> Int { random.chance(0.4) ? 128 : 128 + random.int(0...70) }

    /// What the destination must hold after item (i, j) of one grid has been moved to item (i, j) of the other.
    static func moved(
        _ source: Block, _ from: Side, _ destination: Block, _ to: Side, _ rows: Int, _ columns: Int, _ itemsize: Int
    ) -> [UInt8] {
        let items = source.bytes
        var result = destination.bytes
        for i in 0..<rows {
            for j in 0..<columns {
                let (s, d) = (from.at(i, j), to.at(i, j))
                for k in 0..<itemsize { result[d + k] = items[s + k] }
            }
        }
        return result
    }

    /// The grid that goes from one block to the other.
    static func grid(
        _ source: Block, _ from: Side, _ destination: Block, _ to: Side, _ rows: Int, _ columns: Int, _ itemsize: Int
    ) -> Grid {
        unsafe Grid(
            source: source.start + from.offset, sourceRow: from.row, sourceColumn: from.column,
            destination: destination.start + to.offset, destinationRow: to.row, destinationColumn: to.column,
            rows: rows, columns: columns, itemsize: itemsize)
    }

    @Test(arguments: instructionSets) func transposesMoveEveryItem(set: Kernels.InstructionSet) {
        let loops = set.loops
        var taken = 0
        for seed in 0..<400 {
            var random = Random(seed)
            let itemsize = [1, 2, 3, 4, 6, 8, 12, 16][random.int(0...7)]
            let (rows, columns) = (random.int(1...(40 + 300 / itemsize)), random.int(1...(20 + 100 / itemsize)))
            let from = Side(
                offset: Self.offset(using: &random), row: Self.rowStride(columns * itemsize, using: &random),
                column: itemsize)
            let down = Self.rowStride(rows * itemsize, using: &random)
            let to = Side(offset: Self.offset(using: &random), row: itemsize, column: down)
            let source = Block(from.at(rows, columns) + 8, using: &random)
            let streaming = random.chance(0.6)
            for loop in ["lines", "grid", "packed"] {
                let destination = Block(to.at(rows, columns) + 200, using: &random)
                let before = destination.bytes
                let expected = Self.moved(source, from, destination, to, rows, columns, itemsize)
                // The loops take the grid with its rows as the source's fastest axis.
                let grid = unsafe Self.grid(source, from, destination, to, rows, columns, itemsize).transposed
                let isDone =
                    switch loop {
                    case "lines": unsafe loops.transposeLines(grid, streaming: streaming)
                    case "packed": unsafe loops.transposePacked(grid)
                    default:
                        unsafe loops.transposeGrid(
                            grid, streaming: streaming, prefetching: random.chance(0.5))
                    }
                taken += isDone ? 1 : 0
                let isRight = destination.bytes == (isDone ? expected : before)
                #expect(isRight, "\(rows)x\(columns) of \(itemsize), seed \(seed), \(loop)")
            }
        }
        #expect(taken > 250)
    }

    @Test(arguments: instructionSets) func transposedGridsAreEqualUnlessAByteDiffers(set: Kernels.InstructionSet) {
        let loops = set.loops
        var taken = 0
        for seed in 0..<200 {
            var random = Random(seed)
            let (itemsize, isFloat) = [(1, false), (2, false), (4, false), (8, false), (4, true), (8, true)][seed % 6]
            let (rows, columns) = (random.int(1...(40 + 200 / itemsize)), random.int(1...(20 + 100 / itemsize)))
            let a = Side(
                offset: Self.offset(using: &random), row: Self.rowStride(columns * itemsize, using: &random),
                column: itemsize)
            let down = Self.rowStride(rows * itemsize, using: &random)
            let b = Side(offset: Self.offset(using: &random), row: itemsize, column: down)
            let x = Block(a.at(rows, columns) + 8, using: &random)
            let y = Block(b.at(rows, columns) + 8, using: &random)
            func item(_ i: Int, _ j: Int) -> (UnsafeMutableRawPointer, UnsafeMutableRawPointer) {
                unsafe (x.start + a.at(i, j), y.start + b.at(i, j))
            }
            for i in 0..<rows {
                for j in 0..<columns {
                    let (p, q) = unsafe item(i, j)
                    // Floats are small numbers, so that none is NaN.
                    if isFloat && itemsize == 4 {
                        unsafe p.storeBytes(of: Float(random.int(-9...9)), as: Float.self)
                    } else if isFloat {
                        unsafe p.storeBytes(of: Double(random.int(-9...9)), as: Double.self)
                    }
                    unsafe q.copyMemory(from: p, byteCount: itemsize)
                }
            }
            func equal() -> Bool? {
                unsafe loops.equalTransposed(
                    TransposedPair(
                        a: x.start + a.offset, aRow: a.row, b: y.start + b.offset, bRow: down, rows: rows,
                        columns: columns, itemsize: itemsize),
                    isFloat: isFloat)
            }
            guard let same = equal() else { continue }
            taken += 1
            #expect(same, "\(rows)x\(columns) of \(itemsize), seed \(seed)")
            let (p, q) = unsafe item(random.int(0...rows - 1), random.int(0...columns - 1))
            if isFloat {
                func set(_ here: Double, _ there: Double) {
                    if itemsize == 4 {
                        unsafe p.storeBytes(of: Float(here), as: Float.self)
                        unsafe q.storeBytes(of: Float(there), as: Float.self)
                    } else {
                        unsafe p.storeBytes(of: here, as: Double.self)
                        unsafe q.storeBytes(of: there, as: Double.self)
                    }
                }
                set(0, -0.0)
                #expect(equal() == true, "zeros, seed \(seed)")
                set(.nan, .nan)
                #expect(equal() == false, "NaN, seed \(seed)")
                set(1.5, -1.5)
            } else {
                let last = unsafe q + random.int(0...itemsize - 1)
                unsafe last.storeBytes(of: last.load(as: UInt8.self) ^ 0x10, as: UInt8.self)
            }
            #expect(equal() == false, "\(rows)x\(columns) of \(itemsize), seed \(seed)")
        }
        #expect(taken > 60)
    }

    @Test(arguments: instructionSets) func stepsAndChannelsMoveEveryItem(set: Kernels.InstructionSet) {
        let loops = set.loops
        for seed in 0..<300 {
            var random = Random(seed)
            let itemsize = [1, 2, 4, 8][seed % 4]
            let count = random.int(1...(30 + 400 / itemsize))
            let streaming = random.chance(0.5)
            do {
                let step = [-1, 2, 3, 4][random.int(0...3)]
                let low = step < 0 ? (count - 1) * itemsize : 0
                let from = Side(offset: low + random.int(0...70), row: 0, column: step * itemsize)
                let to = Side(offset: Self.offset(using: &random), row: 0, column: itemsize)
                // The source ends with its last item: nothing after it may be read, which the sanitizer checks.
                let source = Block(max(from.at(0, count - 1), from.offset) + itemsize, using: &random)
                let destination = Block(to.at(0, count) + 200, using: &random)
                let expected = Self.moved(source, from, destination, to, 1, count, itemsize)
                let isDone = unsafe loops.gatherRows(
                    Self.grid(source, from, destination, to, 1, count, itemsize), streaming: streaming)
                let isRight = isDone && destination.bytes == expected
                #expect(isRight, "\(count) of \(itemsize), step \(step), seed \(seed)")
            }
            for joins in [false, true] {
                let channels = random.int(2...4)
                let row = (random.chance(0.3) ? -1 : 1) * (count * itemsize + random.int(0...70))
                let packed = Side(offset: Self.offset(using: &random), row: channels * itemsize, column: itemsize)
                let planar = Side(
                    offset: Self.offset(using: &random) + (row < 0 ? -row * (channels - 1) : 0), row: itemsize,
                    column: row)
                let (from, to) = joins ? (planar, packed) : (packed, planar)
                let length = 300 + channels * (count + 1) * itemsize + channels * abs(row)
                let (source, destination) = (Block(length, using: &random), Block(length, using: &random))
                let expected = Self.moved(source, from, destination, to, count, channels, itemsize)
                let grid = unsafe Self.grid(source, from, destination, to, count, channels, itemsize)
                let isDone =
                    unsafe joins
                    ? loops.joinChannels(grid, streaming: streaming) : loops.splitChannels(grid.transposed)
                let isRight = isDone && destination.bytes == expected
                #expect(isRight, "\(count) x \(channels) of \(itemsize), joins \(joins), seed \(seed)")
            }
        }
    }

    @Test(arguments: instructionSets) func gridsAndRowsOfAnyStridesMoveEveryItem(set: Kernels.InstructionSet) {
        let loops = set.loops
        for seed in 0..<300 {
            var random = Random(seed)
            let itemsize = random.int(1...64)
            let (rows, columns) = (random.int(1...40), random.int(1...40))
            func grid(_ repeats: Bool) -> Side {
                let column = (repeats ? 0 : itemsize + random.int(0...1) * random.int(0...40))
                let row = columns * column + itemsize + random.int(0...50)
                var result = Side(offset: Self.offset(using: &random), row: row, column: column)
                if random.chance(0.3) { (result.offset, result.row) = (result.offset + (rows - 1) * row, -row) }
                if random.chance(0.3) {
                    (result.offset, result.column) = (result.offset + (columns - 1) * column, -column)
                }
                return result
            }
            let (from, to) = (grid(random.chance(0.2)), grid(false))
            func length(_ g: Side) -> Int { g.offset + rows * abs(g.row) + columns * abs(g.column) + 200 }
            let (source, destination) = (Block(length(from), using: &random), Block(length(to), using: &random))
            let expected = Self.moved(source, from, destination, to, rows, columns, itemsize)
            unsafe loops.moveGrid(Self.grid(source, from, destination, to, rows, columns, itemsize))
            let isRight = destination.bytes == expected
            #expect(isRight, "\(rows)x\(columns) of \(itemsize), seed \(seed)")

            let length1 = random.int(1...1500)
            let (a, b) = (
                Side(offset: Self.offset(using: &random), row: length1 + random.int(0...90), column: 1),
                Side(offset: Self.offset(using: &random), row: length1 + random.int(0...90), column: 1)
            )
            let (p, q) = (Block(a.at(rows, 0) + 200, using: &random), Block(b.at(rows, 0) + 200, using: &random))
            let runs = Self.moved(p, a, q, b, min(rows, 6), length1, 1)
            unsafe loops.copyRows(
                Self.grid(p, a, q, b, min(rows, 6), length1, 1), streaming: random.chance(0.5))
            let areRight = q.bytes == runs
            #expect(areRight, "rows of \(length1), seed \(seed)")
        }
    }
}
