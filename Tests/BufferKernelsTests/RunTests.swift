// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout
import Testing

/// Copies and fills of some bytes of each item, against the same done byte by byte.
@Suite struct RunTests {
    /// Bytes or single bytes' bits of an item that overlap nowhere, some of them along axes.
    private func runs(of itemsize: Int, using random: inout Random) -> [ValueRun] {
        var runs: [ValueRun] = []
        var next = 0
        while next < itemsize {
            let left = itemsize - next
            switch random.int(0...3) {
            case 0:
                next += random.int(1...left)
            case 1:
                let length = random.int(1...left)
                runs.append(ValueRun(offset: next, length: length))
                next += length
            case 2:
                runs.append(ValueRun(offset: next, length: 1, mask: UInt8(random.int(1...255))))
                next += 1
            default:
                let (length, gap, count) = (random.int(1...3), random.int(0...2), random.int(1...4))
                guard (length + gap) * count <= left else { continue }
                let axis = ValueRun.Axis(count: count, stride: length + gap)
                runs.append(ValueRun(offset: next, length: length, axes: [axis]))
                next += (length + gap) * count
            }
        }
        return runs.isEmpty ? [ValueRun(offset: 0, length: itemsize)] : runs
    }

    private func mask(_ runs: [ValueRun], _ itemsize: Int) -> [UInt8] {
        var mask = [UInt8](repeating: 0, count: itemsize)
        for run in runs {
            let axis = run.axes.first ?? ValueRun.Axis(count: 1, stride: 0)
            for index in 0..<axis.count {
                let start = run.offset + index * axis.stride
                for byte in start..<start + run.length { mask[byte] = run.mask }
            }
        }
        return mask
    }

    @Test(arguments: draws(400)) func copiesAndFillsWriteNoOtherBytes(_ seed: Int) throws {
        var random = Random(seed)
        let shape = (0..<random.int(0...3)).map { _ in random.int(0...4) }
        let itemsize = random.int(1...24)
        let runs = runs(of: itemsize, using: &random)
        let mask = mask(runs, itemsize)
        let source = Memory(shape: shape, itemsize: itemsize, broadcast: true, using: &random)
        var target = Memory(shape: shape, itemsize: itemsize, using: &random)
        var expected = target.bytes
        let fills = random.chance(0.3)
        let pattern = Array(source.bytes[..<itemsize])
        for (from, to) in zip(source.offsets, target.offsets) {
            for byte in 0..<itemsize {
                let new = fills ? pattern[byte] : source.bytes[from + byte]
                expected[to + byte] = (expected[to + byte] & ~mask[byte]) | (new & mask[byte])
            }
        }
        try unsafe target.withMutableLayout { to, toLayout in
            if fills {
                unsafe pattern.withUnsafeBytes { bytes in
                    unsafe Kernels.fill(to, layout: toLayout, with: bytes.baseAddress!, runs: runs)
                }
            } else {
                try unsafe source.withLayout { from, fromLayout in
                    try unsafe Kernels.copy(from: from, layout: fromLayout, to: to, layout: toLayout, runs: runs)
                }
            }
        }
        #expect(target.bytes == expected)
    }
}
