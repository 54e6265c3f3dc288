// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout
import Testing

/// Copies large enough for the vector tiles, the channel kernels and the streamed ones; checked through pointers, since
/// the item-by-item reference of ``CopyTests`` would take too long.
@Suite struct LargeCopyTests {
    /// Copies a strided two- or three-dimensional grid into another and compares every byte of the destination.
    static func check(
        _ shape: [Int], _ itemsize: Int, source: [Int], destination: [Int], offset: Int, seed: Int
    ) throws {
        func bounds(_ strides: [Int]) -> (low: Int, count: Int) {
            let reach = zip(shape, strides).map { ($0 - 1) * $1 }
            let low = reach.filter { $0 < 0 }.reduce(0, +)
            return (-low, reach.map(abs).reduce(0, +) + itemsize)
        }
        let (s, d) = (bounds(source), bounds(destination))
        var random = Random(seed)
        let guarded = 96 + offset
        var from = [UInt8](repeating: 0, count: s.count + 8)
        unsafe from.withUnsafeMutableBytes { bytes in
            var i = 0
            while i + 8 <= bytes.count {
                unsafe bytes.storeBytes(of: random.next(), toByteOffset: i, as: UInt64.self)
                i += 8
            }
        }
        var to = [UInt8](repeating: 0xa5, count: d.count + 2 * guarded)
        var expected = to
        try unsafe from.withUnsafeBytes { from in
            unsafe expected.withUnsafeMutableBytes { expected in
                let three = shape.count == 3
                for k in 0..<(three ? shape[2] : 1) {
                    for i in 0..<shape[0] {
                        var p = unsafe from.baseAddress! + s.low + i * source[0] + (three ? k * source[2] : 0)
                        var q = unsafe expected.baseAddress! + guarded + d.low + i * destination[0]
                        unsafe q += three ? k * destination[2] : 0
                        for _ in 0..<shape[1] {
                            unsafe q.copyMemory(from: p, byteCount: itemsize)
                            unsafe p += source[1]
                            unsafe q += destination[1]
                        }
                    }
                }
            }
            try unsafe to.withUnsafeMutableBytes { to in
                unsafe try Kernels.copy(
                    from: from.baseAddress! + s.low,
                    layout: LayoutView(itemsize: itemsize, shape: shape.span, strides: source.span, suboffsets: Span()),
                    to: to.baseAddress! + guarded + d.low,
                    layout: LayoutView(
                        itemsize: itemsize, shape: shape.span, strides: destination.span, suboffsets: Span()))
            }
        }
        let same = to == expected
        #expect(same, "\(shape) of \(itemsize) bytes from \(source) to \(destination), offset \(offset)")
    }

    @Test(arguments: draws(150)) func transposesOfAnySizeMoveEveryItem(seed: Int) throws {
        var random = Random(seed)
        let itemsize = [1, 2, 4, 8, 16, 3, 5][random.int(0...6)]
        let (rows, columns) = (random.int(1...200), random.int(1...200))
        let (sourceGap, destinationGap) = (random.int(0...20), random.int(0...20))
        let sign = random.chance(0.3) ? -1 : 1
        try Self.check(
            [rows, columns], itemsize,
            source: [columns * itemsize + sourceGap, sign * itemsize],
            destination: [itemsize, rows * itemsize + destinationGap], offset: random.int(0...70), seed: seed)
    }

    @Test(arguments: [1, 2, 4, 8, 16, 3]) func streamedTransposesMoveEveryItem(itemsize: Int) throws {
        // Past the size from which results are streamed: ragged and power-of-two strides, aligned and not.
        let side = 3 << 10
        for (rows, columns, offset) in [
            (side, 4096 / itemsize + 16, 0), (side + 63, 4096 / itemsize + 37, 7), (100_003, 128 / itemsize + 13, 64),
            (96 / itemsize + 67, 100_003, 1), (side, 8192 / itemsize, 0),
        ] {
            try Self.check(
                [rows, columns], itemsize, source: [columns * itemsize, itemsize],
                destination: [itemsize, rows * itemsize], offset: offset, seed: itemsize)
        }
    }

    @Test(arguments: [1, 2, 4, 8, 16, 3]) func stepsAndReversalsMoveEveryItem(itemsize: Int) throws {
        for step in [2, 3, 4, -1, -2, 5] {
            for (count, offset) in [(1, 0), (31, 1), (257, 0), (1000, 5), ((13 << 20) / itemsize, 8)] {
                try Self.check(
                    [1, count], itemsize, source: [itemsize, step * itemsize], destination: [itemsize, itemsize],
                    offset: offset, seed: step)
            }
        }
    }

    @Test(arguments: [1, 2, 4, 8, 16]) func splitAndJoinedChannelsHaveEveryItem(itemsize: Int) throws {
        for channels in 2...5 {
            for pixels in [1, 15, 64, 1003] {
                let (packed, planar) = ([channels * itemsize, itemsize], [itemsize, (pixels + 3) * itemsize])
                let shape = [pixels, channels]
                try Self.check(shape, itemsize, source: packed, destination: planar, offset: 3, seed: pixels)
                try Self.check(shape, itemsize, source: planar, destination: packed, offset: 3, seed: pixels)
                let backwards = [channels * itemsize, -itemsize]
                try Self.check(shape, itemsize, source: backwards, destination: packed, offset: 0, seed: pixels)
                try Self.check(shape, itemsize, source: backwards, destination: planar, offset: 0, seed: pixels)
            }
        }
    }

    @Test(arguments: [1, 4]) func streamedImagesMoveEveryItem(itemsize: Int) throws {
        // Past the size from which results are streamed, with a first pixel on a line, near one and where none ever is.
        for (channels, offset) in [(2, 1), (3, 32), (3, 7), (4, 16)] {
            let pixels = (5 << 20) / (channels * itemsize) + 11
            try Self.check(
                [pixels, channels], itemsize, source: [itemsize, (pixels + 3) * itemsize],
                destination: [channels * itemsize, itemsize], offset: offset, seed: channels)
        }
    }

    @Test(arguments: 0..<6) func permutationsOfThreeAxesMoveEveryItem(order: Int) throws {
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        for (shape, itemsize) in [([30, 40, 50], 8), ([110, 90, 80], 8), ([64, 64, 64], 4), ([3, 100, 70], 1)] {
            var (source, destination) = ([0, 0, 0], [0, 0, 0])
            var (s, d) = (itemsize, itemsize)
            for axis in (0..<3).reversed() {
                source[axis] = s
                s *= shape[axis]
                destination[orders[order][axis]] = d
                d *= shape[orders[order][axis]]
            }
            try Self.check(shape, itemsize, source: source, destination: destination, offset: 0, seed: order)
        }
    }
}
