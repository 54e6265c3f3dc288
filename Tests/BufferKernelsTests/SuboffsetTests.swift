// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout
import Testing

/// Copies through pointers, where source and destination are rows of the same memory.
///
/// Rows are in an arena, and tables of pointers lead to them. The expected result follows PEP 3118's own rule, an item at a
/// time: all items are read before the first is written, and they are written in C order.
@Suite struct SuboffsetTests {
    /// Memory whose addresses stay, with rows and, apart from them, tables of pointers. Addresses are integers here.
    @safe
    final class Arena {
        let rows: Int
        let rowBytes: Int
        private let memory: UnsafeMutableRawPointer
        private let end: Int
        private var next: Int

        init(rowBytes: Int, using random: inout Random) {
            let tableBytes = 1 << 18
            unsafe memory = .allocate(byteCount: rowBytes + tableBytes, alignment: 16)
            for i in 0..<rowBytes {
                unsafe memory.storeBytes(of: UInt8(truncatingIfNeeded: random.next()), toByteOffset: i, as: UInt8.self)
            }
            self.rowBytes = rowBytes
            rows = unsafe Int(bitPattern: memory)
            next = rows + rowBytes
            end = next + tableBytes
        }

        deinit { unsafe memory.deallocate() }

        var bytes: [UInt8] { unsafe Array(UnsafeRawBufferPointer(start: memory, count: rowBytes)) }

        func pointer(_ address: Int) -> UnsafeMutableRawPointer { unsafe memory + (address - rows) }

        /// A new table's address.
        func table(_ byteCount: Int) -> Int {
            precondition(next + byteCount <= end)
            defer { next += byteCount }
            return next
        }

        subscript(entry address: Int) -> Int {
            get { unsafe pointer(address).loadUnaligned(as: Int.self) }
            set { unsafe pointer(address).storeBytes(of: newValue, as: Int.self) }
        }
    }

    /// A layout over an arena, with its first address.
    struct Chained {
        var start: Int
        var shape: [Int]
        var strides: [Int]
        var suboffsets: [Int]
        var itemsize: Int

        var layout: LayoutView {
            @_lifetime(borrow self) get {
                LayoutView(
                    itemsize: itemsize, shape: shape.span, strides: strides.span,
                    suboffsets: suboffsets.contains { $0 >= 0 } ? suboffsets.span : Span())
            }
        }

        /// The items' addresses in C order.
        func addresses(in arena: Arena) -> [Int] {
            var result = [start]
            for axis in shape.indices {
                result = result.flatMap { base in
                    (0..<shape[axis]).map { i in
                        let p = base + i * strides[axis]
                        return suboffsets[axis] < 0 ? p : arena[entry: p] + suboffsets[axis]
                    }
                }
            }
            return result
        }
    }

    /// Where a layout's last stretch of plain strides may begin: anywhere in the arena, or at places so far apart that
    /// no two share a byte.
    enum Places { case anywhere, apart }

    /// A layout of `shape` with pointers followed after the axes that `follows` names.
    static func chained(
        _ shape: [Int], _ follows: [Bool], _ itemsize: Int, _ places: Places, in arena: Arena,
        using random: inout Random
    ) -> Chained {
        var result = Chained(
            start: arena.rows, shape: shape, strides: Array(repeating: 0, count: shape.count),
            suboffsets: follows.map { $0 ? random.int(0...3) * 4 : -1 }, itemsize: itemsize)
        // Strides of each stretch of axes up to the next pointer: over pointers, or over items in the last one.
        var stretches: [Range<Int>] = []
        var first = 0
        for axis in shape.indices where follows[axis] {
            stretches.append(first..<axis + 1)
            first = axis + 1
        }
        stretches.append(first..<shape.count)
        var lows: [Int] = []
        var extents: [Int] = []
        for (n, stretch) in stretches.enumerated() {
            let unit = n < stretches.count - 1 ? MemoryLayout<Int>.size : itemsize
            var (step, low, high) = (unit, 0, unit)
            for axis in stretch.shuffled(using: &random) {
                result.strides[axis] = random.chance(0.3) ? -step : step
                let reach = (shape[axis] - 1) * step
                if result.strides[axis] < 0 { low += reach } else { high += reach }
                step *= max(shape[axis], 1)
                if random.chance(0.2) { step += unit * random.int(0...2) }
            }
            lows.append(low)
            extents.append(low + high)
        }
        let last = stretches.count - 1
        let blocks = stretches.dropLast().joined().map { shape[$0] }.reduce(1, *)
        var slots = Array(0..<blocks).shuffled(using: &random)
        let spare = arena.rowBytes - 64 - blocks * extents[last]
        precondition(spare >= 0)
        let shift = random.int(0...min(spare, 200))
        func place(_ n: Int) -> Int {
            if n == last {
                switch places {
                case .apart: return arena.rows + 32 + shift + slots.removeLast() * extents[last] + lows[last]
                case .anywhere:
                    return arena.rows + 32 + random.int(0...arena.rowBytes - 64 - extents[last]) + lows[last]
                }
            }
            let table = arena.table(extents[n]) + lows[n]
            var entries = [table]
            for axis in stretches[n] {
                entries = entries.flatMap { base in (0..<shape[axis]).map { base + $0 * result.strides[axis] } }
            }
            for entry in entries {
                arena[entry: entry] = place(n + 1) - result.suboffsets[stretches[n].upperBound - 1]
            }
            return table
        }
        result.start = place(0)
        return result
    }

    static func check(_ source: Chained, _ destination: Chained, _ arena: Arena, _ context: Comment) throws {
        let before = arena.bytes
        var expected = before
        for (from, to) in zip(source.addresses(in: arena), destination.addresses(in: arena)) {
            let (from, to) = (from - arena.rows, to - arena.rows)
            expected.replaceSubrange(to..<to + source.itemsize, with: before[from..<from + source.itemsize])
        }
        unsafe try Kernels.copy(
            from: UnsafeRawPointer(arena.pointer(source.start)), layout: source.layout,
            to: arena.pointer(destination.start), layout: destination.layout)
        let same = arena.bytes == expected
        #expect(same, context)
    }

    @Test(arguments: draws(400)) func rowsReachedThroughPointersCopyAsThroughATemporary(seed: Int) throws {
        var random = Random(seed)
        let ndim = random.int(1...3)
        let shape = (0..<ndim).map { _ in random.int(1...(ndim == 1 ? 40 : 9)) }
        let itemsize = [1, 2, 3, 4, 8, 16][random.int(0...5)]
        let arena = Arena(rowBytes: 24_000, using: &random)
        func follows() -> [Bool] { shape.map { _ in random.chance(0.5) } }
        let source = Self.chained(shape, follows(), itemsize, .anywhere, in: arena, using: &random)
        // Now and then the destination's own rows overlap too: the last one written stays.
        let places: Places = random.chance(0.2) ? .anywhere : .apart
        var following = follows()
        if places == .anywhere { following[ndim - 1] = true }
        let destination = Self.chained(shape, following, itemsize, places, in: arena, using: &random)
        try Self.check(
            source, destination, arena, "\(shape) of \(itemsize): \(source.suboffsets) to \(destination.suboffsets)")
    }

    /// Six rows of 40 bytes behind one table, as Pillow keeps an image; slices of it are assigned to one another.
    @Test(arguments: ["rows down", "rows up", "rows reversed", "columns right", "columns reversed", "transposed"])
    func slicesOfOneImageMayOverlap(_ kind: String) throws {
        for sharing in ["apart", "same row twice", "rows overlap by half"] {
            var random = Random(7)
            let arena = Arena(rowBytes: 1000, using: &random)
            let table = arena.table(48)
            for r in 0..<6 {
                let place =
                    switch sharing {
                    case "same row twice": r == 4 ? 1 : r
                    default: r
                    }
                let step = sharing == "rows overlap by half" ? 20 : 40
                arena[entry: table + 8 * r] = arena.rows + 100 + place * step
            }
            func image(_ row: Int, _ rowStep: Int, _ column: Int, _ columnStep: Int, _ shape: [Int]) -> Chained {
                Chained(
                    start: table + 8 * row, shape: shape, strides: [8 * rowStep, 4 * columnStep],
                    suboffsets: [4 * column, -1], itemsize: 4)
            }
            let (source, destination) =
                switch kind {
                case "rows down": (image(0, 1, 0, 1, [5, 10]), image(1, 1, 0, 1, [5, 10]))
                case "rows up": (image(1, 1, 0, 1, [5, 10]), image(0, 1, 0, 1, [5, 10]))
                case "rows reversed": (image(5, -1, 0, 1, [6, 10]), image(0, 1, 0, 1, [6, 10]))
                case "columns right": (image(0, 1, 0, 1, [6, 9]), image(0, 1, 1, 1, [6, 9]))
                case "columns reversed": (image(0, 1, 9, -1, [6, 10]), image(0, 1, 0, 1, [6, 10]))
                // Rows and columns exchanged on the source side alone need its pointer behind the last axis.
                default:
                    (
                        Chained(
                            start: table, shape: [6, 6], strides: [0, 8], suboffsets: [-1, 4], itemsize: 4),
                        image(0, 1, 2, 1, [6, 6])
                    )
                }
            try Self.check(source, destination, arena, "\(kind), \(sharing)")
        }
    }
}
