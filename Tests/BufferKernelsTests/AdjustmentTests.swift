// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout
import Testing

/// Conversions that scale numbers, or handle those out of range, against a plain implementation with wide integers.
@Suite struct AdjustmentTests {
    static let realScalars = testedScalars.filter { !$0.isComplex }
    static let ranges: [Scalar: ClosedRange<Int128>] = [
        .int8: -0x80...0x7f, .uint8: 0...0xff, .char: 0...0xff, .int16: -0x8000...0x7fff, .uint16: 0...0xffff,
        .int24: -0x80_0000...0x7f_ffff, .uint24: 0...0xff_ffff, .int32: -0x8000_0000...0x7fff_ffff,
        .uint32: 0...0xffff_ffff, .int64: Int128(Int64.min)...Int128(Int64.max), .uint64: 0...Int128(UInt64.max),
    ]
    static let adjustments: [Adjustment] = [nil, .wrap, .saturate, .raise].flatMap { overflow in
        [
            Adjustment(overflow: overflow), Adjustment(scale: 0x1p-23, overflow: overflow),
            Adjustment(scale: 32767, overflow: overflow), Adjustment(scale: 0.1, offset: 3, overflow: overflow),
            Adjustment(offset: -0.5, overflow: overflow), Adjustment(scale: -0x1p40, overflow: overflow),
        ]
    }

    /// What becomes of a number; nil if that is an error.
    static func adjusted(_ number: Number, _ to: Scalar, _ adjustment: Adjustment) -> Number? {
        let range = ranges[to]
        var number = number
        if adjustment.isScaling {
            var double =
                switch number {
                case .integer(let x): x < 0 ? Double(Int64(x)) : Double(UInt64(x))
                case .float(let x): Double(x)
                }
            if let scale = adjustment.scale { double *= scale }
            if let offset = adjustment.offset { double += offset }
            if range != nil { double = double.rounded(.toNearestOrEven) }
            number = .float(Wide(double))
        }
        guard let range, let overflow = adjustment.overflow else { return number }
        switch (number, overflow) {
        case (.integer(let x), .raise): return range.contains(x) ? number : nil
        case (.integer(let x), .saturate): return .integer(min(max(x, range.lowerBound), range.upperBound))
        case (.integer, .wrap), (.float, .saturate): return number
        case (.float(let x), _):
            // A long double is taken as the double that it rounds to.
            let x = Double(x)
            guard x.isFinite else { return overflow == .raise ? nil : .integer(0) }
            let remainder = x.rounded(.towardZero).remainder(dividingBy: 0x1p64)
            if overflow == .wrap { return .integer(Int128(remainder)) }
            return x.magnitude < 0x1p100 && range.contains(Int128(x.rounded(.towardZero))) ? .float(Wide(x)) : nil
        }
    }

    @Test(arguments: realScalars) func everyPairIsAdjustedByTheRules(from: Scalar) throws {
        for to in Self.realScalars {
            for (number, adjustment) in Self.adjustments.enumerated() {
                var random = Random(number + 100 * Int(from.rawValue) + 10_000 * Int(to.rawValue))
                let (fromSwapped, toSwapped) = (random.chance(0.3), random.chance(0.3))
                let shape = random.chance(0.4) ? [random.int(0...2500)] : randomShape(room: 200, using: &random)
                var source = Memory(shape: shape, itemsize: from.size, using: &random)
                if random.chance(0.4) { source.makeContiguous() }
                let isMild = random.chance(0.5)
                for offset in source.offsets {
                    let item =
                        isMild
                        ? from.item([.integer(Int128(random.int(0...100)))], swapped: fromSwapped)
                        : from.randomItem(swapped: fromSwapped, using: &random)
                    source.bytes.replaceSubrange(offset..<offset + from.size, with: item)
                }
                var destination = Memory(shape: shape, itemsize: to.size, using: &random)
                if random.chance(0.4) { destination.makeContiguous() }
                var expected = destination.bytes
                var firstRefused: Int?
                var nan: [Int] = []
                for (i, (s, d)) in zip(source.offsets, destination.offsets).enumerated() {
                    let value = from.numbers(Array(source.item(at: s)), swapped: fromSwapped)[0]
                    guard let result = Self.adjusted(value, to, adjustment) else {
                        firstRefused = firstRefused ?? i
                        continue
                    }
                    expected.replaceSubrange(d..<d + to.size, with: to.item([result], swapped: toSwapped))
                    if result.isNaN && Self.ranges[to] == nil && to != .bool { nan.append(d) }
                }
                let context: Comment = "\(from) \(fromSwapped) to \(to) \(toSwapped), \(shape), \(adjustment)"
                func run() throws {
                    unsafe try source.withLayout { s, sourceLayout in
                        unsafe try destination.withMutableLayout { d, destinationLayout in
                            unsafe try Kernels.convert(
                                from: s, layout: sourceLayout, scalar: from, swapped: fromSwapped, to: d,
                                layout: destinationLayout, scalar: to, swapped: toSwapped, adjustment: adjustment)
                        }
                    }
                }
                if let firstRefused {
                    #expect(throws: KernelError.outOfRange(index: firstRefused), context) { try run() }
                    continue
                }
                try run()
                if from == to && !adjustment.isScaling { continue }  // moved as bytes, as CopyTests show
                for start in nan {
                    let part = Array(destination.bytes[start..<start + to.size])
                    #expect(Number(toSwapped ? part.reversed() : part, to).isNaN, context)
                    expected.replaceSubrange(start..<start + to.size, with: part)
                }
                #expect(destination.bytes == expected, context)
            }
        }
    }
}
