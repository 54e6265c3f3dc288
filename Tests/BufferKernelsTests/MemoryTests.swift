// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout
import Glibc
import Testing

@Suite(.serialized) struct MemoryTests {
    @Test(arguments: [0, 1, 63, 64, 65, 4096, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, 9 << 20])
    func blocksAreAlignedWritableAndZeroedOnRequest(byteCount: Int) throws {
        for zeroed in [true, false] {
            let block = unsafe try Kernels.allocate(byteCount: byteCount, zeroed: zeroed)
            #expect(UInt(bitPattern: block) % 64 == 0)
            let bytes = unsafe UnsafeMutableRawBufferPointer(start: block, count: byteCount)
            if zeroed { unsafe #expect(bytes.allSatisfy { $0 == 0 }) }
            for i in stride(from: 0, to: byteCount, by: 509) { unsafe bytes[i] = 0xff }
            if byteCount > 0 { unsafe bytes[byteCount - 1] = 0xff }
            unsafe Kernels.deallocate(block, byteCount: byteCount)
        }
    }

    @Test(arguments: [-1, Int.max, Int.max - (4 << 20), 1 << 62]) func impossibleSizesThrow(byteCount: Int) {
        unsafe #expect(throws: KernelError.outOfMemory(byteCount: byteCount)) {
            unsafe try Kernels.allocate(byteCount: byteCount)
        }
    }

    @Test func overlappingCopiesWithoutMemoryThrowAndWriteNothing() {
        // An item repeated 2**61 times overlaps itself on paper; no memory holds its copy.
        var bytes: [UInt8] = [1, 2, 3, 4]
        let shape = [1 << 61]
        let (zero, one) = ([0], [1])
        #expect(throws: KernelError.self) {
            try unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe try Kernels.copy(
                    from: UnsafeRawPointer(bytes.baseAddress! + 1),
                    layout: LayoutView(itemsize: 1, shape: shape.span, strides: zero.span, suboffsets: Span()),
                    to: bytes.baseAddress!,
                    layout: LayoutView(itemsize: 1, shape: shape.span, strides: one.span, suboffsets: Span()))
            }
        }
        #expect(bytes == [1, 2, 3, 4])
    }

    @Test func theEnvironmentLimitsTheInstructionSet() {
        let limits: [String: Kernels.InstructionSet] = ["baseline": .baseline, "avx2": .avx2]
        let name = unsafe getenv("SWIFTBUFFER_CPU").map { unsafe String(cString: $0) }
        let limit = name.flatMap { limits[$0] } ?? .supported
        #expect(Kernels.instructionSet == min(limit, .supported))
    }

    @Test func severalThreadsGiveTheSameResult() throws {
        let before = Kernels.threads
        defer { Kernels.setThreads(before) }
        for threads in [2, 3, 7] {
            Kernels.setThreads(threads)
            #expect(Kernels.threads == threads)
            try LargeCopyTests.check(
                [2200, 4001], 1, source: [4001, 1], destination: [1, 2200], offset: 5, seed: threads)
            try LargeCopyTests.check(
                [1_400_001, 3], 4, source: [12, 4], destination: [4, 4 * 1_400_001], offset: 5, seed: threads)
            try LargeCopyTests.check(
                [1, 13 << 20], 1, source: [1, 1], destination: [1, 1], offset: 9, seed: threads)
        }
        // An exact conversion whose only loss is the last item.
        Kernels.setThreads(3)
        let count = 2 << 20
        var integers = [Int64](repeating: 5, count: count)
        integers[count - 1] = (1 << 53) + 1
        var doubles = [Double](repeating: 0, count: count)
        let (shape, strides) = ([count], [8])
        #expect(throws: KernelError.inexact(index: count - 1)) {
            try unsafe integers.withUnsafeBytes { source in
                try unsafe doubles.withUnsafeMutableBytes { destination in
                    let layout = LayoutView(
                        itemsize: 8, shape: shape.span, strides: strides.span, suboffsets: Span())
                    unsafe try Kernels.convert(
                        from: source.baseAddress!, layout: layout, scalar: .int64, to: destination.baseAddress!,
                        layout: layout, scalar: .float64, exact: true)
                }
            }
        }
        Kernels.setThreads(0)
        #expect(Kernels.threads == 1)
        Kernels.setThreads(1000)
        #expect(Kernels.threads == Kernels.maximumThreads)
    }
}
