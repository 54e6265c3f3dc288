// SPDX-License-Identifier: Apache-2.0

// Times the kernels as multiples of memcpy (memcmp for comparisons) of the same bytes, in interleaved rounds.
// usage: KernelBenchmark [word that a row's name contains ...]
import BufferKernels
import BufferLayout
import Glibc

let wanted = CommandLine.arguments.dropFirst()

/// The time this thread has had a processor, so that others on the machine do not count; with several threads the time
/// that passes.
func nanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(Kernels.threads > 1 ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// A strided block: a shape, strides in bytes, an item size and where the first item is.
struct Block {
    var shape: [Int]
    var strides: [Int]
    var itemsize: Int
    var offset = 0

    init(_ shape: [Int], _ itemsize: Int) {
        self.shape = shape
        self.itemsize = itemsize
        strides = Array(repeating: 0, count: shape.count)
        var step = itemsize
        for i in shape.indices.reversed() {
            strides[i] = step
            step *= shape[i]
        }
    }

    func permuted(_ order: [Int]) -> Block {
        var result = self
        result.shape = order.map { shape[$0] }
        result.strides = order.map { strides[$0] }
        return result
    }

    func stepped(_ step: Int) -> Block {
        var result = self
        result.shape[0] = (shape[0] + abs(step) - 1) / abs(step)
        result.strides[0] *= step
        if step < 0 { result.offset = (shape[0] - 1) * strides[0] }
        return result
    }

    var byteCount: Int { shape.reduce(itemsize, *) }
    var layout: LayoutView {
        @_lifetime(borrow self) get {
            LayoutView(itemsize: itemsize, shape: shape.span, strides: strides.span, suboffsets: Span())
        }
    }
}

let capacity = 160 << 20
let source = unsafe try! Kernels.allocate(byteCount: capacity, zeroed: true)
let destination = unsafe try! Kernels.allocate(byteCount: capacity, zeroed: true)
let other = unsafe try! Kernels.allocate(byteCount: capacity, zeroed: true)
for i in 0..<capacity / 4 {
    let value = Float(i % 1000) / 4
    unsafe source.storeBytes(of: value.bitPattern, toByteOffset: 4 * i, as: UInt32.self)
}
unsafe memcpy(destination, source, capacity)
unsafe memcpy(other, source, capacity)

func minimumAndMedian(_ times: [Double]) -> (Double, Double) {
    let sorted = times.sorted()
    return (sorted[0], sorted[sorted.count / 2])
}

@MainActor func row(_ name: String, _ byteCount: Int, _ goal: String = "", _ reference: () -> Void, _ body: () -> Void)
{
    if !wanted.isEmpty && !wanted.contains(where: { name.contains($0) }) { return }
    let repeats = max(1, (8 << 20) / max(byteCount, 1))
    // What waits for memory is disturbed most by others.
    let rounds = byteCount > 8 << 20 ? 40 : 15
    var (ours, theirs): ([Double], [Double]) = ([], [])
    body()
    reference()
    for _ in 0..<rounds {
        var start = nanoseconds()
        for _ in 0..<repeats { reference() }
        theirs.append(Double(nanoseconds() - start) / Double(repeats))
        start = nanoseconds()
        for _ in 0..<repeats { body() }
        ours.append(Double(nanoseconds() - start) / Double(repeats))
    }
    let (a, b) = (minimumAndMedian(ours), minimumAndMedian(theirs))
    func text(_ x: Double, _ width: Int = 7) -> String {
        let hundredths = Int((x * 100).rounded())
        let s = "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
        return String(repeating: " ", count: max(0, width - s.count)) + s
    }
    print(
        name + String(repeating: " ", count: max(1, 46 - name.count)), text(a.0 / b.0), text(a.1 / b.1),
        goal.isEmpty ? "" : "  goal \(goal)", "  ", text(Double(byteCount) / a.0), "GB/s", text(Double(byteCount) / b.0)
    )
}

@MainActor func copyRow(_ name: String, _ from: Block, to: Block? = nil, _ goal: String = "") {
    let to = to ?? Block(from.shape, from.itemsize)
    row(name, from.byteCount, goal) {
        unsafe memcpy(destination, source, from.byteCount)
    } _: {
        unsafe try! Kernels.copy(
            from: UnsafeRawPointer(source) + from.offset, layout: from.layout, to: destination + to.offset,
            layout: to.layout)
    }
}

print(
    "CPU:", Kernels.instructionSet,
    " columns: ratio of minima, ratio of medians, goal, speed of ours and of the reference")

let mebibyte = 1 << 20
for (itemsize, limit, ragged, small) in [
    (1, 1.5, 2.7, 3.7), (2, 1.4, 1.8, 2.0), (4, 1.2, 1.3, 2.5), (8, 0.96, 0.86, 2.1), (16, 0.94, 0.86, 1.4),
] {
    let sides: (Int, Int) = [1: (8192, 8192), 2: (8192, 4096), 4: (4096, 4096), 8: (4096, 2048), 16: (2048, 2048)][
        itemsize]!
    copyRow("transpose \(itemsize)-byte 64 MiB", Block([sides.0, sides.1], itemsize).permuted([1, 0]), "\(limit)")
    copyRow(
        "transpose \(itemsize)-byte 64 MiB ragged", Block([sides.0 - 1, sides.1 - 3], itemsize).permuted([1, 0]),
        "\(ragged)")
    let edge: (Int, Int) = [1: (1024, 1024), 2: (1024, 512), 4: (512, 512), 8: (512, 256), 16: (256, 256)][itemsize]!
    copyRow("transpose \(itemsize)-byte 1 MiB", Block([edge.0, edge.1], itemsize).permuted([1, 0]), "\(small)")
    copyRow("transpose \(itemsize)-byte 1 MiB ragged", Block([edge.0 - 3, edge.1 + 5], itemsize).permuted([1, 0]))
    copyRow("transpose \(itemsize)-byte 16 KiB", Block([edge.0 / 8, edge.1 / 8], itemsize).permuted([1, 0]))
}
for (itemsize, small, large) in [(1, 1.25, 1.8), (2, 1.2, 1.7), (4, 1.2, 1.6), (8, 1.2, 1.6)] {
    copyRow("[::2] \(itemsize)-byte 1 MiB", Block([2 * mebibyte / itemsize], itemsize).stepped(2), "\(small)")
    copyRow("[::2] \(itemsize)-byte 64 MiB", Block([128 * mebibyte / itemsize], itemsize).stepped(2), "\(large)")
    copyRow("[::-1] \(itemsize)-byte 1 MiB", Block([mebibyte / itemsize], itemsize).stepped(-1), "1.2")
    copyRow("[::-1] \(itemsize)-byte 64 MiB", Block([64 * mebibyte / itemsize], itemsize).stepped(-1), "1.4")
}
copyRow("[::3] 4-byte 1 MiB", Block([3 * mebibyte / 4], 4).stepped(3))
copyRow("[::5] 4-byte 1 MiB", Block([5 * mebibyte / 4], 4).stepped(5))
copyRow("[::7] 1-byte 1 MiB", Block([7 * mebibyte], 1).stepped(7))
for itemsize in [1, 4] {
    copyRow(
        "into [::2], \(itemsize)-byte 1 MiB", Block([mebibyte / itemsize], itemsize),
        to: Block([2 * mebibyte / itemsize], itemsize).stepped(2))
}
for k in [2, 3, 4] {
    let goal = k == 3 ? ("1.39", "1.05") : ("", "")
    copyRow("HWC->CHW 1-byte 1080p x\(k)", Block([1080, 1920, k], 1).permuted([2, 0, 1]), goal.0)
    copyRow("CHW->HWC 1-byte 1080p x\(k)", Block([k, 1080, 1920], 1).permuted([1, 2, 0]), goal.1)
}
copyRow(
    "RGB->BGR 1-byte 1080p",
    {
        var b = Block([1080 * 1920, 3], 1)
        b.strides[1] = -1
        b.offset = 2
        return b
    }())
copyRow("NHWC->NCHW float32 64 channels", Block([8, 56, 56, 64], 4).permuted([0, 3, 1, 2]), "1.28")
copyRow("NCHW->NHWC float32 64 channels", Block([8, 64, 56, 56], 4).permuted([0, 2, 3, 1]))
copyRow("NHWC->NCHW float32 3 channels", Block([8, 224, 224, 3], 4).permuted([0, 3, 1, 2]))
copyRow("NCHW->NHWC float32 3 channels", Block([8, 3, 224, 224], 4).permuted([0, 2, 3, 1]))
copyRow("200^3 float64 (2,1,0)", Block([200, 200, 200], 8).permuted([2, 1, 0]))
copyRow("200^3 float64 (2,0,1)", Block([200, 200, 200], 8).permuted([2, 0, 1]))
copyRow("200^3 float64 (1,0,2)", Block([200, 200, 200], 8).permuted([1, 0, 2]))
copyRow("200^3 float64 (0,2,1)", Block([200, 200, 200], 8).permuted([0, 2, 1]))
copyRow(
    "window 1000x1000 of float32",
    {
        var b = Block([1100, 1100], 4)
        b.shape = [1000, 1000]
        return b
    }())
for itemsize in [3, 6, 12, 24] {
    copyRow("transpose \(itemsize)-byte 1 MiB", Block([512, 2048 / itemsize], itemsize).permuted([1, 0]))
    copyRow("transpose \(itemsize)-byte 48 MiB", Block([4096, (48 << 10) / 4 / itemsize], itemsize).permuted([1, 0]))
}
for size in [1, 4, 8, 16, 32, 64] {
    copyRow("contiguous \(size) MiB", Block([size * mebibyte], 1))
    copyRow("growing transpose 4-byte \(size) MiB", Block([1024, size * mebibyte / 4096], 4).permuted([1, 0]))
    copyRow("growing transpose 1-byte \(size) MiB", Block([1024, size * mebibyte / 1024 - 5], 1).permuted([1, 0]))
    copyRow("growing transpose 8-byte \(size) MiB", Block([1024, size * mebibyte / 8192 - 5], 8).permuted([1, 0]))
    copyRow("growing [::2] 2-byte \(size) MiB", Block([size * mebibyte], 2).stepped(2))
}

for (from, to, goal) in [
    (Scalar.int16, Scalar.float32, "1.4"), (.uint8, .float32, "1.7"), (.float64, .float32, "1.0"),
    (.float16, .float32, "1.75"),
    (.float32, .float16, "1.04"), (.float32, .float64, ""), (.int32, .float64, ""), (.float32, .uint8, ""),
    (.float64, .int64, ""), (.int64, .int32, ""),
    (.float64, .float16, ""),
] {
    for (size, name) in [(mebibyte, "1 MiB"), (64 * mebibyte, "64 MiB")] {
        let count = size / max(from.size, to.size)
        let (a, b) = (Block([count], from.size), Block([count], to.size))
        row("\(from) to \(to) \(name)", size, goal) {
            unsafe memcpy(destination, source, size)
        } _: {
            unsafe try! Kernels.convert(
                from: UnsafeRawPointer(source), layout: a.layout, scalar: from, to: destination, layout: b.layout,
                scalar: to)
        }
    }
}
do {
    let a = Block([512, 512], 4).permuted([1, 0])
    let b = Block([512, 512], 8)
    row("float32 transposed to float64, 2 MiB", 2 * mebibyte) {
        unsafe memcpy(destination, source, 2 * mebibyte)
    } _: {
        unsafe try! Kernels.convert(
            from: UnsafeRawPointer(source), layout: a.layout, scalar: .float32, to: destination, layout: b.layout,
            scalar: .float64)
    }
    let n = Block([mebibyte / 4], 4)
    row("uint32 swapped, 1 MiB", mebibyte) {
        unsafe memcpy(destination, source, mebibyte)
    } _: {
        unsafe try! Kernels.convert(
            from: UnsafeRawPointer(source), layout: n.layout, scalar: .uint32, swapped: true, to: destination,
            layout: n.layout, scalar: .uint32)
    }
    row("float32 to float64 exact, 2 MiB", 2 * mebibyte) {
        unsafe memcpy(destination, source, 2 * mebibyte)
    } _: {
        unsafe try! Kernels.convert(
            from: UnsafeRawPointer(source), layout: a.permuted([1, 0]).layout, scalar: .float32, to: destination,
            layout: b.layout, scalar: .float64, exact: true)
    }
}
for (size, name) in [(mebibyte, "1 MiB"), (64 * mebibyte, "64 MiB")] {
    let n = size / 8
    let doubles = Block([n], 8)
    unsafe memcpy(other, source, size)
    func equalRow(_ title: String, _ p: Block, _ pType: Scalar, _ q: Block, _ qType: Scalar, _ goal: String) {
        row(title + " " + name, size, goal) {
            if unsafe memcmp(other, source, size) != 0 { abort() }
        } _: {
            if unsafe !Kernels.equal(
                UnsafeRawPointer(source), layout: p.layout, scalar: pType, UnsafeRawPointer(other), layout: q.layout,
                scalar: qType)
            {
                abort()
            }
        }
    }
    equalRow("float64 ==", doubles, .float64, doubles, .float64, "0.94*1.3")
    equalRow("uint8 ==", Block([size], 1), .uint8, Block([size], 1), .uint8, "1.3")
    equalRow("float32 ==", Block([size / 4], 4), .float32, Block([size / 4], 4), .float32, "1.3")
    let side = size == mebibyte ? 256 : 2048
    for i in 0..<n {
        unsafe source.storeBytes(of: Double(i % 1000), toByteOffset: 8 * i, as: Double.self)
        unsafe other.storeBytes(of: Float(i % 1000), toByteOffset: 4 * i, as: Float.self)
    }
    unsafe memcpy(destination, source, size)
    unsafe memcpy(destination + size, source, size)
    row("float64 == float32 " + name, size, "2") {
        if unsafe memcmp(destination, destination + size, size) != 0 { abort() }
    } _: {
        if unsafe !Kernels.equal(
            UnsafeRawPointer(source), layout: doubles.layout, scalar: .float64, UnsafeRawPointer(other),
            layout: Block([n], 4).layout, scalar: .float32)
        {
            abort()
        }
    }
    let t = Block([side, n / side], 8)
    unsafe try! Kernels.copy(
        from: UnsafeRawPointer(source), layout: t.permuted([1, 0]).layout, to: other,
        layout: Block([n / side, side], 8).layout)
    unsafe memcpy(destination, source, size)
    unsafe memcpy(destination + size, source, size)
    row("float64 == transposed " + name, size, "2") {
        if unsafe memcmp(destination, destination + size, size) != 0 { abort() }
    } _: {
        if unsafe !Kernels.equal(
            UnsafeRawPointer(source), layout: t.permuted([1, 0]).layout, scalar: .float64, UnsafeRawPointer(other),
            layout: Block([n / side, side], 8).layout, scalar: .float64)
        {
            abort()
        }
    }
    unsafe memset(destination, 0, size)
    var needle: UInt8 = 7
    let bytes = Block([size], 1)
    row("in, 1-byte miss " + name, size) {
        if unsafe memchr(destination, 7, size) != nil { abort() }
    } _: {
        if unsafe Kernels.contains(
            &needle, scalar: .uint8, in: UnsafeRawPointer(destination), layout: bytes.layout, scalar: .uint8)
        {
            abort()
        }
    }
    row("fill 1-byte " + name, size) {
        unsafe memset(destination, 1, size)
    } _: {
        unsafe Kernels.fill(destination, layout: bytes.layout, with: &needle)
    }
    var item: UInt64 = 0x0102_0304_0506_0708
    row("fill 8-byte " + name, size) {
        unsafe memset(destination, 1, size)
    } _: {
        unsafe Kernels.fill(destination, layout: doubles.layout, with: &item)
    }
}
do {
    let size = 64 * mebibyte
    row("fresh contiguous copy 64 MiB", size, "3.1") {
        unsafe memcpy(destination, source, size)
    } _: {
        let fresh = unsafe try! Kernels.allocate(byteCount: size)
        unsafe memcpy(fresh, source, size)
        unsafe Kernels.deallocate(fresh, byteCount: size)
    }
}

/// Nanoseconds a call, where the call and not the memory is what takes the time.
@MainActor func tinyRow(_ name: String, _ body: () -> Void) {
    if !wanted.isEmpty && !wanted.contains(where: { name.contains($0) }) { return }
    var times: [Double] = []
    for _ in 0..<15 {
        let start = nanoseconds()
        for _ in 0..<10_000 { body() }
        times.append(Double(nanoseconds() - start) / 10_000)
    }
    let (minimum, median) = minimumAndMedian(times)
    print(
        name + String(repeating: " ", count: max(1, 46 - name.count)), Int(minimum.rounded()), Int(median.rounded()),
        "ns a call")
}

do {
    let line = Block([10], 8)
    let stepped = Block([20], 8).stepped(2)
    let grid = Block([4, 4], 4)
    let turned = grid.permuted([1, 0])
    tinyRow("tiny copy of 10 doubles") {
        unsafe try! Kernels.copy(
            from: UnsafeRawPointer(source), layout: line.layout, to: destination, layout: line.layout)
    }
    tinyRow("tiny copy of [::2], 10 doubles") {
        unsafe try! Kernels.copy(
            from: UnsafeRawPointer(source), layout: stepped.layout, to: destination, layout: line.layout)
    }
    tinyRow("tiny transpose of 4x4 float32") {
        unsafe try! Kernels.copy(
            from: UnsafeRawPointer(source), layout: turned.layout, to: destination, layout: grid.layout)
    }
    tinyRow("tiny conversion of 10 doubles to float32") {
        let floats = Block([10], 4)
        unsafe try! Kernels.convert(
            from: UnsafeRawPointer(source), layout: line.layout, scalar: .float64, to: destination,
            layout: floats.layout, scalar: .float32)
    }
    tinyRow("tiny exact conversion of [::2], 10 doubles") {
        unsafe try! Kernels.convert(
            from: UnsafeRawPointer(source), layout: stepped.layout, scalar: .float64, to: destination,
            layout: line.layout, scalar: .float64, exact: true)
    }
    tinyRow("tiny == of 10 doubles") {
        if unsafe !Kernels.equal(
            UnsafeRawPointer(source), layout: line.layout, scalar: .float64, UnsafeRawPointer(source),
            layout: line.layout, scalar: .float64)
        {
            abort()
        }
    }
    tinyRow("tiny == of 10 int32 and doubles") {
        let integers = Block([10], 4)
        unsafe memset(source, 0, 80)
        if unsafe !Kernels.equal(
            UnsafeRawPointer(source), layout: integers.layout, scalar: .int32, UnsafeRawPointer(source),
            layout: line.layout, scalar: .float64)
        {
            abort()
        }
    }
    tinyRow("tiny fill of 10 doubles") {
        var item = 1.5
        unsafe Kernels.fill(destination, layout: line.layout, with: &item)
    }
    tinyRow("tiny count in 10 doubles") {
        var item = 1.5
        if unsafe Kernels.count(
            of: &item, scalar: .float64, in: UnsafeRawPointer(source), layout: line.layout, scalar: .float64) > 10
        {
            abort()
        }
    }
}
