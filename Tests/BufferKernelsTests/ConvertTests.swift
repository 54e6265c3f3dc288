// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout
import Testing

@Suite struct ConvertTests {
    @Test(arguments: testedScalars) func everyPairFollowsTheRules(from: Scalar) throws {
        for to in testedScalars {
            for round in draws(12) {
                var random = Random(round + 100 * Int(from.rawValue) + 10_000 * Int(to.rawValue))
                let (fromSwapped, toSwapped) = (random.chance(0.3), random.chance(0.3))
                let exact = round % 3 == 2
                let shape =
                    round < 4 ? [random.int(0...(round == 0 ? 1500 : 100))] : randomShape(room: 200, using: &random)
                var source = Memory(shape: shape, itemsize: from.size, using: &random)
                if round < 4 { source.makeContiguous() }
                let mild = exact && random.chance(0.7)
                for offset in source.offsets {
                    let item =
                        mild
                        ? from.item(
                            [.integer(Int128(random.int(0...1)))] + (from.isComplexType ? [.integer(0)] : []),
                            swapped: fromSwapped)
                        : from.randomItem(swapped: fromSwapped, using: &random)
                    source.bytes.replaceSubrange(offset..<offset + from.size, with: item)
                }
                var destination = Memory(shape: shape, itemsize: to.size, using: &random)
                if round < 2 { destination.makeContiguous() }
                var expected = destination.bytes
                var firstLost: Int?
                var nan: [Int] = []
                for (i, (s, d)) in zip(source.offsets, destination.offsets).enumerated() {
                    let result = convertedItem(Array(source.item(at: s)), from, fromSwapped, to, toSwapped)
                    expected.replaceSubrange(d..<d + to.size, with: result.item)
                    if !result.isExact && firstLost == nil { firstLost = i }
                    for (part, isNaN) in result.isNaN.enumerated() where isNaN { nan.append(d + part * to.partSize) }
                }
                let context: Comment = "\(from) \(fromSwapped) to \(to) \(toSwapped), \(shape), round \(round)"
                func run() throws {
                    unsafe try source.withLayout { s, sourceLayout in
                        unsafe try destination.withMutableLayout { d, destinationLayout in
                            unsafe try Kernels.convert(
                                from: s, layout: sourceLayout, scalar: from, swapped: fromSwapped, to: d,
                                layout: destinationLayout, scalar: to, swapped: toSwapped, exact: exact)
                        }
                    }
                }
                if exact, let firstLost {
                    #expect(throws: KernelError.inexact(index: firstLost), context) { try run() }
                    continue
                }
                try run()
                if from == to && from != .bool { continue }  // moved as bytes, as CopyTests show
                // Which NaN it is does not matter, that it is one does.
                for start in nan {
                    let part = Array(destination.bytes[start..<start + to.partSize])
                    let value = Number(toSwapped ? part.reversed() : part, to)
                    #expect(value.isNaN, context)
                    expected.replaceSubrange(start..<start + to.partSize, with: part)
                }
                #expect(destination.bytes == expected, context)
            }
        }
    }

    /// Large arrays use other loops than those of ``everyPairFollowsTheRules(from:)``.
    @Test(arguments: [
        (Scalar.float64, Scalar.float32), (.float64, .int32), (.float32, .float16), (.int64, .int32),
        (.int32, .float64),
        (.uint8, .float32), (.float16, .float32), (.bool, .int16), (.int64, .float64), (.uint64, .float32),
        (.uint32, .float32), (.int64, .float16), (.int24, .float32), (.int24, .int32), (.uint24, .uint64),
        (.int32, .int24),
        (.float32, .uint24), (.int24, .uint24), (.complex32, .complex64),
        (.bfloat16, .float32), (.float32, .bfloat16), (.float64, .bfloat16), (.float8E4M3FN, .float32),
        (.int64, .float8E5M2), (.float8E8M0FNU, .bfloat16),
    ])
    func largeArraysConvertAsSmallOnesDo(from: Scalar, to: Scalar) throws {
        let count = (13 << 20) / to.size + 5
        var random = Random(Int(from.rawValue))
        var source = [UInt8](repeating: 0, count: count * from.size + 8)
        unsafe source.withUnsafeMutableBytes { bytes in
            for start in stride(from: 0, through: bytes.count - 8, by: 8) {
                unsafe bytes.storeBytes(of: random.next(), toByteOffset: start, as: UInt64.self)
            }
        }
        func convert(_ items: Range<Int>, into result: inout [UInt8]) throws {
            let (shape, wide, narrow) = ([items.count], [from.size], [to.size])
            try unsafe source.withUnsafeBytes { source in
                try unsafe result.withUnsafeMutableBytes { result in
                    unsafe try Kernels.convert(
                        from: source.baseAddress! + items.lowerBound * from.size,
                        layout: LayoutView(
                            itemsize: from.size, shape: shape.span, strides: wide.span, suboffsets: Span()),
                        scalar: from, to: result.baseAddress! + 64 + items.lowerBound * to.size,
                        layout: LayoutView(
                            itemsize: to.size, shape: shape.span, strides: narrow.span, suboffsets: Span()),
                        scalar: to)
                }
            }
        }
        var whole = [UInt8](repeating: 0xa5, count: 128 + count * to.size)
        var pieces = whole
        try convert(0..<count, into: &whole)
        for start in stride(from: 0, to: count, by: 10_000) {
            try convert(start..<min(start + 10_000, count), into: &pieces)
        }
        let same = whole == pieces
        #expect(same)
    }

    @Test func halvesRoundToNearestEven() throws {
        // Every half and the midpoints between neighbours, from float and from double, against the standard library.
        var doubles: [Double] = []
        for bits in UInt16(0)..<0x7c00 {
            let low = Double(Float16(bitPattern: bits))
            let high = bits == 0x7bff ? 65536 : Double(Float16(bitPattern: bits + 1))
            let middle = (low + high) / 2
            doubles += [low, middle, middle.nextUp, middle.nextDown, -middle]
        }
        var halves = [UInt16](repeating: 0, count: doubles.count)
        let shape = [doubles.count]
        let (wide, narrow) = ([8], [2])
        try unsafe doubles.withUnsafeBytes { source in
            try unsafe halves.withUnsafeMutableBytes { destination in
                unsafe try Kernels.convert(
                    from: source.baseAddress!,
                    layout: LayoutView(itemsize: 8, shape: shape.span, strides: wide.span, suboffsets: Span()),
                    scalar: .float64, to: destination.baseAddress!,
                    layout: LayoutView(itemsize: 2, shape: shape.span, strides: narrow.span, suboffsets: Span()),
                    scalar: .float16)
            }
        }
        var different = 0
        for (double, half) in zip(doubles, halves) where Float16(double).bitPattern != half { different += 1 }
        #expect(different == 0)
    }

    @Test func conversionsInPlaceFollowTheRules() throws {
        // The same block read as int32 and written as float32, then as int16 from the front.
        for (to, stride) in [(Scalar.float32, 4), (.int16, 2), (.int16, -2), (.float64, 8)] {
            var memory = Memory(
                bytes: Array(0..<255), start: stride < 0 ? 40 : 8, shape: [20], strides: [4], itemsize: 4)
            let items = memory.items
            let start = memory.start
            let strides = [stride]
            let shape = [20]
            unsafe try memory.withMutableLayout { p, layout in
                unsafe try Kernels.convert(
                    from: UnsafeRawPointer(p), layout: layout, scalar: .int32, to: p,
                    layout: LayoutView(itemsize: to.size, shape: shape.span, strides: strides.span, suboffsets: Span()),
                    scalar: to)
            }
            for (i, item) in items.enumerated() {
                let expected = Number(item, .int32).bytes(as: to)
                #expect(Array(memory.bytes[start + i * stride..<start + i * stride + to.size]) == expected)
            }
        }
    }
}

extension Memory {
    /// Keeps the shape and the bytes' number sufficient, but lays the items out one after another.
    mutating func makeContiguous() {
        var step = itemsize
        for axis in shape.indices.reversed() {
            strides[axis] = step
            step *= shape[axis]
        }
        start = 64
        bytes = Array(repeating: 0xa5, count: 64 + step + 64)
    }
}
