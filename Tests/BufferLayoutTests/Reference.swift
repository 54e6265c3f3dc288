// SPDX-License-Identifier: Apache-2.0
import BufferLayout

/// Numbers that come out the same in every run (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

// What tests draw, from that generator or from a fuzzer's bytes.
extension RandomNumberGenerator {
    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    mutating func chance(_ percent: Int) -> Bool { int(0...99) < percent }
}

/// An array as nothing but a shape and the address of every item, in C order. Slow on purpose: it knows no strides.
struct Reference: Equatable {
    var shape: [Int]
    var addresses: [Int]

    /// All indices of a shape, the last varying fastest.
    static func indices(_ shape: [Int]) -> [[Int]] {
        shape.reduce([[]]) { all, length in all.flatMap { index in (0..<length).map { index + [$0] } } }
    }

    /// Walks a layout item by item, reading pointers from `memory`, which maps addresses to what is stored there.
    /// `nil` if a pointer is read where there is none.
    init?(_ layout: Layout, at base: Int, memory: [Int: Int] = [:]) {
        shape = layout.shape
        addresses = []
        for index in Self.indices(shape) {
            var address = base
            for axis in index.indices {
                address += index[axis] * layout.strides[axis]
                if !layout.suboffsets.isEmpty && layout.suboffsets[axis] >= 0 {
                    guard let pointer = memory[address] else { return nil }
                    address = pointer + layout.suboffsets[axis]
                }
            }
            addresses.append(address)
        }
    }

    init(shape: [Int], addresses: [Int]) {
        self.shape = shape
        self.addresses = addresses
    }

    subscript(index: [Int]) -> Int {
        var place = 0
        for axis in shape.indices { place = place * shape[axis] + index[axis] }
        return addresses[place]
    }

    /// The array that has `shape` and takes each item from where `source` says.
    func gathered(_ shape: [Int], from source: ([Int]) -> [Int]) -> Reference {
        Reference(shape: shape, addresses: Self.indices(shape).map { self[source($0)] })
    }

    /// Basic indexing by definition: one list of positions an axis.
    func selecting(_ index: [AxisIndex]) -> Reference {
        var axes: [(positions: [Int], kept: Bool, isNew: Bool)] = []
        let named = index.count(where: { $0 != .newAxis && $0 != .ellipsis })
        var axis = 0
        for entry in index.contains(.ellipsis) ? index : index + [.ellipsis] {
            switch entry {
            case .integer(let i):
                axes.append(([i < 0 ? i + shape[axis] : i], false, false))
                axis += 1
            case .slice(let start, let stop, let step):
                axes.append((positions(start, stop, step ?? 1, shape[axis]), true, false))
                axis += 1
            case .newAxis: axes.append(([0], true, true))
            case .ellipsis:
                for _ in named..<shape.count {
                    axes.append((Array(0..<shape[axis]), true, false))
                    axis += 1
                }
            }
        }
        let kept = axes.filter(\.kept)
        return gathered(kept.map(\.positions.count)) { place in
            var next = 0
            var source: [Int] = []
            for axis in axes {
                let i = axis.kept ? place[next] : 0
                if axis.kept { next += 1 }
                if !axis.isNew { source.append(axis.positions[i]) }
            }
            return source
        }
    }

    /// The positions of a slice, by walking: the words of Python's documentation of slicing.
    func positions(_ start: Int?, _ stop: Int?, _ step: Int, _ length: Int) -> [Int] {
        func bound(_ value: Int) -> Int { value < 0 ? value + length : value }
        var result: [Int] = []
        if step > 0 {
            var i = max(start.map(bound) ?? 0, 0)
            let end = min(stop.map(bound) ?? length, length)
            while i < end {
                result.append(i)
                i += step
            }
        } else {
            var i = min(start.map(bound) ?? length - 1, length - 1)
            let end = max(stop.map(bound) ?? -1, -1)
            while i > end {
                result.append(i)
                i += step
            }
        }
        return result
    }

    /// The addresses with the first index varying fastest.
    var fortran: [Int] {
        Self.indices(shape.reversed()).map { self[$0.reversed()] }
    }
}

/// A layout somewhere in a made-up memory.
struct Sample {
    var layout: Layout
    var base: Int
    var memory: [Int: Int] = [:]

    /// Any shape and strides, no pointers.
    static func direct(_ random: inout some RandomNumberGenerator, dimensions: ClosedRange<Int> = 0...5) throws
        -> Sample
    {
        let ndim = random.int(dimensions)
        let shape = (0..<ndim).map { _ in random.chance(5) ? 0 : random.int(1...4) }
        let itemsize = random.int(1...9)
        let layout: Layout
        switch random.int(0...3) {
        case 0: layout = try Layout(shape: shape, itemsize: itemsize, order: random.chance(50) ? .c : .fortran)
        case 1:
            // A transposed or reversed part of something contiguous.
            var strides = try Layout(shape: shape.map { $0 + random.int(0...1) }, itemsize: itemsize).strides
            strides = strides.map { random.chance(20) ? -$0 : $0 }
            layout = try Layout(shape: shape, strides: strides, itemsize: itemsize)
        default:
            let strides = shape.map { _ in random.int(-30...30) }
            layout = try Layout(shape: shape, strides: strides, itemsize: itemsize)
        }
        return Sample(layout: layout, base: 1_000_000)
    }

    /// A layout with pointers at some axes, and the memory that makes it true.
    static func indirect(_ random: inout some RandomNumberGenerator) throws -> Sample {
        let ndim = random.int(1...4)
        let shape = (0..<ndim).map { _ in random.chance(4) ? 0 : random.int(1...3) }
        var suboffsets = (0..<ndim).map { _ in random.chance(50) ? random.int(0...40) : -1 }
        if suboffsets.allSatisfy({ $0 < 0 }) { suboffsets[random.int(0...ndim - 1)] = 8 }
        var strides = [Int](repeating: 0, count: ndim)
        // Inside a stage the axes take turns in some order, so that no two pointers fall on one address.
        var first = 0
        for axis in 0..<ndim where suboffsets[axis] >= 0 || axis == ndim - 1 {
            var size = 8
            for inner in (first...axis).shuffled(using: &random) {
                strides[inner] = random.chance(30) ? -size : size
                size *= max(shape[inner], 1)
            }
            first = axis + 1
        }
        var sample = Sample(
            layout: try Layout(shape: shape, strides: strides, suboffsets: suboffsets, itemsize: 8), base: 1_000_000)
        var fresh = 2_000_000
        sample.fill(axis: 0, address: sample.base, fresh: &fresh)
        return sample
    }

    private mutating func fill(axis: Int, address: Int, fresh: inout Int) {
        guard axis < layout.ndim else { return }
        for i in 0..<layout.shape[axis] {
            let place = address + i * layout.strides[axis]
            if layout.suboffsets[axis] >= 0 {
                if memory[place] == nil {
                    memory[place] = fresh
                    fresh += 10_000
                }
                fill(axis: axis + 1, address: memory[place]! + layout.suboffsets[axis], fresh: &fresh)
            } else {
                fill(axis: axis + 1, address: place, fresh: &fresh)
            }
        }
    }

    /// Where a selection of it starts; `nil` if a pointer is read where there is none.
    func start(_ selection: Selection) -> Int? {
        var address = base + selection.offset
        for suboffset in selection.dereferences {
            guard let pointer = memory[address] else { return nil }
            address = pointer + suboffset
        }
        return address
    }

    func index(_ random: inout some RandomNumberGenerator) -> [AxisIndex] {
        var index: [AxisIndex] = []
        var hasEllipsis = false
        for axis in 0..<random.int(0...layout.ndim) {
            if random.chance(10) { index.append(.newAxis) }
            if random.chance(10) && !hasEllipsis {
                hasEllipsis = true
                index.append(.ellipsis)
                // What follows counts from the end now, so its lengths are unknown here: only slices.
                while random.chance(50) && index.count(where: { $0 != .newAxis && $0 != .ellipsis }) < layout.ndim {
                    index.append(slice(&random))
                }
                return index
            }
            if random.chance(40) && layout.shape[axis] > 0 {
                index.append(.integer(random.int(-layout.shape[axis]...layout.shape[axis] - 1)))
            } else {
                index.append(slice(&random))
            }
        }
        return index
    }

    private func slice(_ random: inout some RandomNumberGenerator) -> AxisIndex {
        func bound() -> Int? { random.chance(40) ? nil : random.int(-6...6) }
        var step: Int? = random.chance(50) ? nil : random.int(-3...3)
        if step == 0 { step = nil }
        return .slice(start: bound(), stop: bound(), step: step)
    }
}

/// The error that `body` throws, if it throws one.
func layoutError<T>(_ body: () throws(LayoutError) -> T) -> LayoutError? {
    do {
        _ = try body()
        return nil
    } catch { return error }
}
