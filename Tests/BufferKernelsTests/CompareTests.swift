// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout
import Testing

@Suite struct CompareTests {
    static func referenceEqual(_ a: [Number], _ b: [Number]) -> Bool {
        (0..<max(a.count, b.count)).allSatisfy { i in
            (i < a.count ? a[i] : .integer(0)) == (i < b.count ? b[i] : .integer(0))
        }
    }

    static func areComparable(_ a: Scalar, _ b: Scalar) -> Bool { (a == .char) == (b == .char) }

    @Test(arguments: testedScalars) func everyPairComparesAsPythonDoes(a: Scalar) {
        for b in testedScalars {
            for round in draws(10) {
                var random = Random(round + 100 * Int(a.rawValue) + 10_000 * Int(b.rawValue))
                let (aSwapped, bSwapped) = (random.chance(0.3), random.chance(0.3))
                let shape =
                    round < 3 ? [random.int(0...(round == 0 ? 1500 : 100))] : randomShape(room: 200, using: &random)
                var x = Memory(shape: shape, itemsize: a.size, using: &random)
                var y = Memory(shape: shape, itemsize: b.size, using: &random)
                if round < 2 {
                    x.makeContiguous()
                    y.makeContiguous()
                }
                // Equal where both can say it; now and then one item is drawn again.
                let odd = random.chance(0.5) ? random.int(0...max(0, x.count - 1)) : -1
                var expected = true
                for (i, (s, d)) in zip(x.offsets, y.offsets).enumerated() {
                    var item = a.item(
                        [.integer(Int128(random.int(0...1)))] + (a.isComplexType ? [.integer(0)] : []),
                        swapped: aSwapped)
                    if i == odd { item = a.randomItem(swapped: aSwapped, using: &random) }
                    let numbers = a.numbers(item, swapped: aSwapped)
                    let other = convertedItem(item, a, aSwapped, b, bSwapped).item
                    x.bytes.replaceSubrange(s..<s + a.size, with: item)
                    y.bytes.replaceSubrange(d..<d + b.size, with: other)
                    if !Self.referenceEqual(numbers, b.numbers(other, swapped: bSwapped)) { expected = false }
                }
                if !Self.areComparable(a, b) && x.count > 0 { expected = false }
                let result = unsafe x.withLayout { p, xLayout in
                    unsafe y.withLayout { q, yLayout in
                        unsafe Kernels.equal(
                            p, layout: xLayout, scalar: a, swapped: aSwapped, q, layout: yLayout, scalar: b,
                            swapped: bSwapped)
                    }
                }
                #expect(result == expected, "\(a) \(aSwapped) == \(b) \(bSwapped), \(shape), round \(round)")
            }
        }
    }

    @Test func integersBeyondADoublesPrecisionDoNotEqualIt() {
        let values: [(Int64, Double, Bool)] = [
            (1 << 53, 0x1p53, true), ((1 << 53) + 1, 0x1p53, false), (.max, 0x1p63, false), (.min, -0x1p63, true),
            (0, -0.0, true), (3, 3.5, false), (0, .nan, false),
        ]
        for (integer, double, expected) in values {
            let result = unsafe withUnsafeBytes(of: integer) { a in
                unsafe withUnsafeBytes(of: double) { b in
                    unsafe Kernels.equal(
                        a.baseAddress!,
                        layout: LayoutView(itemsize: 8, shape: Span(), strides: Span(), suboffsets: Span()),
                        scalar: .int64, b.baseAddress!,
                        layout: LayoutView(itemsize: 8, shape: Span(), strides: Span(), suboffsets: Span()),
                        scalar: .float64)
                }
            }
            #expect(result == expected, "\(integer) == \(double)")
        }
    }

    @Test(arguments: testedScalars) func countAndFirstIndexFindWhatEqualsTheValue(scalar: Scalar) {
        for valueType in testedScalars {
            for round in draws(6) {
                var random = Random(round + 100 * Int(scalar.rawValue) + 10_000 * Int(valueType.rawValue))
                let swapped = random.chance(0.3)
                var memory = Memory(
                    shape: round == 0 ? [random.int(0...1000)] : randomShape(room: 200, using: &random),
                    itemsize: scalar.size,
                    using: &random)
                if round < 2 { memory.makeContiguous() }
                let value = valueType.randomItem(swapped: false, using: &random)
                let wanted = valueType.numbers(value, swapped: false)
                var matches: [Int] = []
                for (i, offset) in memory.offsets.enumerated() {
                    let item =
                        random.chance(0.1)
                        ? convertedItem(value, valueType, false, scalar, swapped).item
                        : scalar.randomItem(swapped: swapped, using: &random)
                    memory.bytes.replaceSubrange(offset..<offset + scalar.size, with: item)
                    let isMatch = Self.referenceEqual(wanted, scalar.numbers(item, swapped: swapped))
                    if Self.areComparable(scalar, valueType) && isMatch { matches.append(i) }
                }
                let context: Comment = "\(wanted) of \(valueType) in \(scalar) \(swapped), round \(round)"
                unsafe memory.withLayout { p, layout in
                    unsafe value.withUnsafeBytes { value in
                        unsafe #expect(
                            Kernels.count(
                                of: value.baseAddress!, scalar: valueType, in: p, layout: layout, scalar: scalar,
                                swapped: swapped) == matches.count, context)
                        unsafe #expect(
                            Kernels.firstIndex(
                                of: value.baseAddress!, scalar: valueType, in: p, layout: layout, scalar: scalar,
                                swapped: swapped) == matches.first, context)
                    }
                }
            }
        }
    }
}
