// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout
import Testing

@Suite struct CopyTests {
    @Test(arguments: draws(600)) func copiesMoveEveryItemAndChangeNothingElse(seed: Int) throws {
        var random = Random(seed)
        let shape = randomShape(using: &random)
        let itemsize = random.chance(0.7) ? [1, 2, 4, 8, 16][random.int(0...4)] : random.int(1...64)
        let source = Memory(shape: shape, itemsize: itemsize, broadcast: random.chance(0.2), using: &random)
        var destination = Memory(shape: shape, itemsize: itemsize, using: &random)
        let expected = destination.bytes(afterCopyFrom: source)
        unsafe try source.withLayout { s, sourceLayout in
            unsafe try destination.withMutableLayout { d, destinationLayout in
                unsafe try Kernels.copy(from: s, layout: sourceLayout, to: d, layout: destinationLayout)
            }
        }
        #expect(destination.bytes == expected)
    }

    @Test(arguments: draws(300)) func overlappingCopiesActAsThroughATemporary(seed: Int) throws {
        var random = Random(seed)
        let shape = randomShape(using: &random)
        let itemsize = [1, 2, 3, 4, 8, 16, 24][random.int(0...6)]
        let a = Memory(shape: shape, itemsize: itemsize, using: &random)
        let b = Memory(shape: shape, itemsize: itemsize, using: &random)
        // Both layouts over one block that is large enough for either.
        var bytes = a.bytes + b.bytes
        for i in bytes.indices { bytes[i] = UInt8(truncatingIfNeeded: random.next()) }
        let shift = random.int(0...min(a.bytes.count, 40))
        let source = Memory(bytes: bytes, start: a.start, shape: shape, strides: a.strides, itemsize: itemsize)
        var destination = Memory(
            bytes: bytes, start: b.start + shift, shape: shape, strides: b.strides, itemsize: itemsize)
        if random.chance(0.3) {
            destination.strides = source.strides
            destination.start = source.start + shift
        }
        let expected = destination.bytes(afterCopyFrom: source)
        let strides = source.strides
        let distance = source.start - destination.start
        unsafe try destination.withMutableLayout { d, destinationLayout in
            unsafe try Kernels.copy(
                from: UnsafeRawPointer(d + distance),
                layout: LayoutView(itemsize: itemsize, shape: shape.span, strides: strides.span, suboffsets: Span()),
                to: d, layout: destinationLayout)
        }
        #expect(destination.bytes == expected)
    }

    @Test func layoutsOfManyDimensionsAreCopied() throws {
        for ndim in [31, 32, 64, 128] {
            var random = Random(ndim)
            var shape = Array(repeating: 1, count: ndim)
            for _ in 0..<8 { shape[random.int(0...ndim - 1)] = 2 }
            let source = Memory(shape: shape, itemsize: 4, gaps: false, using: &random)
            var destination = Memory(shape: shape, itemsize: 4, gaps: false, using: &random)
            let expected = destination.bytes(afterCopyFrom: source)
            unsafe try source.withLayout { s, sourceLayout in
                unsafe try destination.withMutableLayout { d, destinationLayout in
                    unsafe try Kernels.copy(from: s, layout: sourceLayout, to: d, layout: destinationLayout)
                }
            }
            #expect(destination.bytes == expected)
        }
    }

    @Test func suboffsetsAreFollowedOnEitherSide() throws {
        // Rows on their own, PIL-style, in Fortran order against a plain block; then back.
        let rows = unsafe (0..<5).map { _ in UnsafeMutableRawPointer.allocate(byteCount: 40, alignment: 8) }
        defer { for r in 0..<5 { unsafe rows[r].deallocate() } }
        for r in 0..<5 {
            for i in 0..<40 { unsafe rows[r].storeBytes(of: UInt8(40 * r + i), toByteOffset: i, as: UInt8.self) }
        }
        let shape = [5, 6]
        let indirect = unsafe [MemoryLayout<UnsafeRawPointer>.size, 4]
        let suboffsets = [8, -1]
        let plain = [24, 4]
        var flat = [UInt8](repeating: 0, count: 120)
        var table = unsafe rows
        try unsafe table.withUnsafeMutableBytes { table in
            let pointers = LayoutView(
                itemsize: 4, shape: shape.span, strides: indirect.span, suboffsets: suboffsets.span)
            let contiguous = LayoutView(itemsize: 4, shape: shape.span, strides: plain.span, suboffsets: Span())
            try unsafe flat.withUnsafeMutableBytes { flat in
                unsafe try Kernels.copy(
                    from: UnsafeRawPointer(table.baseAddress!), layout: pointers, to: flat.baseAddress!,
                    layout: contiguous)
                for i in 0..<120 { unsafe #expect(flat[i] == UInt8(40 * (i / 24) + 8 + i % 24)) }
                for i in 0..<120 { unsafe flat[i] = UInt8(i) }
                unsafe try Kernels.copy(
                    from: UnsafeRawPointer(flat.baseAddress!), layout: contiguous, to: table.baseAddress!,
                    layout: pointers)
                for r in 0..<5 {
                    for i in 0..<40 {
                        let value = unsafe rows[r].load(fromByteOffset: i, as: UInt8.self)
                        #expect(value == (i >= 8 && i < 32 ? UInt8(24 * r + i - 8) : UInt8(40 * r + i)))
                    }
                }
            }
        }
    }

    @Test(arguments: 0..<100) func fillWritesTheItemEverywhere(seed: Int) {
        var random = Random(seed)
        let itemsize = random.int(1...20)
        var destination = Memory(shape: randomShape(using: &random), itemsize: itemsize, using: &random)
        let pattern = (0..<itemsize).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        var expected = destination.bytes
        for offset in destination.offsets { expected.replaceSubrange(offset..<offset + itemsize, with: pattern) }
        unsafe destination.withMutableLayout { d, layout in
            unsafe pattern.withUnsafeBytes { unsafe Kernels.fill(d, layout: layout, with: $0.baseAddress!) }
        }
        #expect(destination.bytes == expected)
    }

    @Test(arguments: 0..<100) func swappingBytesReversesEveryPart(seed: Int) {
        var random = Random(seed)
        let width = [1, 2, 3, 4, 8, 10, 16][random.int(0...6)]
        let parts = random.int(1...3)
        var memory = Memory(shape: randomShape(using: &random), itemsize: width * parts, using: &random)
        var expected = memory.bytes
        for offset in memory.offsets {
            for part in 0..<parts {
                let range = offset + part * width..<offset + (part + 1) * width
                expected.replaceSubrange(range, with: memory.bytes[range].reversed())
            }
        }
        unsafe memory.withMutableLayout { unsafe Kernels.swapBytes($0, layout: $1, width: width) }
        #expect(memory.bytes == expected)
    }
}
