// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout

/// A small generator with a seed, so that a failure can be reproduced.
struct Random: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9e37_79b9_7f4a_7c15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_f491_4f6c_dd1d
    }
}

/// The seeds of a random test: all of them with the best instructions of this machine, a third where `SWIFTBUFFER_CPU`
/// limits them. Only the inner loops differ there, and ``LoopsTests`` tests those of every instruction set in each run.
func draws(_ count: Int) -> Range<Int> {
    0..<(Kernels.instructionSet < .supported ? (count + 2) / 3 : count)
}

// What tests draw, from that generator or from a fuzzer's bytes.
extension RandomNumberGenerator {
    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    mutating func chance(_ part: Double) -> Bool { int(0...999) < Int(part * 1000) }
}

/// Memory with a layout and guard bytes on both sides; the offsets of its items are enumerated. This is the reference for the
/// kernels, and shares no code with them.
struct Memory {
    var bytes: [UInt8]
    var start: Int
    var shape: [Int]
    var strides: [Int]
    var itemsize: Int

    var count: Int { shape.reduce(1, *) }

    /// Item offsets in C order.
    var offsets: [Int] {
        var result = [start]
        for (length, stride) in zip(shape, strides) {
            result = result.flatMap { base in (0..<length).map { base + $0 * stride } }
        }
        return result
    }

    func item(at offset: Int) -> ArraySlice<UInt8> { bytes[offset..<offset + itemsize] }
    var items: [[UInt8]] { offsets.map { Array(item(at: $0)) } }

    /// What the bytes must be once every item of `source` has been copied here, item by item.
    func bytes(afterCopyFrom source: Memory) -> [UInt8] {
        var result = bytes
        for (from, to) in zip(source.offsets, offsets) {
            result.replaceSubrange(to..<to + itemsize, with: source.item(at: from))
        }
        return result
    }

    /// A layout of `shape` in random order of axes, with random gaps, directions and alignment, in random bytes.
    init(
        shape: [Int], itemsize: Int, broadcast: Bool = false, gaps: Bool = true,
        using random: inout some RandomNumberGenerator
    ) {
        self.shape = shape
        self.itemsize = itemsize
        strides = Array(repeating: 0, count: shape.count)
        var step = itemsize
        let plain = !gaps || random.chance(0.3)
        let order = random.chance(0.4) ? Array(shape.indices.reversed()) : shape.indices.shuffled(using: &random)
        for axis in order {
            if broadcast && random.chance(0.3) { continue }
            if !plain && random.chance(0.3) { step += random.int(0...2 * itemsize) }
            if !plain && random.chance(0.2) { step *= random.int(1...3) }
            strides[axis] = !plain && random.chance(0.3) ? -step : step
            step *= max(shape[axis], 1)
        }
        var low = 0
        var high = 0
        for (length, stride) in zip(shape, strides) where length > 0 {
            low += min(0, (length - 1) * stride)
            high += max(0, (length - 1) * stride)
        }
        let front = 64 + random.int(0...15)
        start = front - low
        // One draw for all of them: a fuzzer's decisions are about the layout.
        var noise = Random(Int(truncatingIfNeeded: random.next()))
        bytes = (0..<(front - low + high + itemsize + 64)).map { _ in UInt8(truncatingIfNeeded: noise.next()) }
    }

    init(bytes: [UInt8], start: Int, shape: [Int], strides: [Int], itemsize: Int) {
        self.bytes = bytes
        self.start = start
        self.shape = shape
        self.strides = strides
        self.itemsize = itemsize
    }

    /// Calls `body` with the address of the first item and the layout.
    func withLayout<Result>(_ body: (UnsafeRawPointer, borrowing LayoutView) throws -> Result) rethrows -> Result {
        try unsafe bytes.withUnsafeBytes { unsafe try body($0.baseAddress! + start, layout) }
    }

    mutating func withMutableLayout<Result>(
        _ body: (UnsafeMutableRawPointer, borrowing LayoutView) throws -> Result
    ) rethrows -> Result {
        let (start, shape, strides, itemsize) = (start, shape, strides, itemsize)
        return try unsafe bytes.withUnsafeMutableBytes {
            unsafe try body(
                $0.baseAddress! + start,
                LayoutView(itemsize: itemsize, shape: shape.span, strides: strides.span, suboffsets: Span()))
        }
    }

    var layout: LayoutView {
        @_lifetime(borrow self) get {
            LayoutView(itemsize: itemsize, shape: shape.span, strides: strides.span, suboffsets: Span())
        }
    }
}

/// A shape of 0 to 6 axes and at most `room` items, now and then empty, often with axes of length 1.
func randomShape(room: Int = 2_000, using random: inout some RandomNumberGenerator) -> [Int] {
    var room = room
    return (0..<random.int(0...6)).map { _ in
        let length = random.chance(0.2) ? 1 : random.chance(0.03) ? 0 : random.int(1...max(1, min(room, 40)))
        room /= max(length, 1)
        return length
    }
}
