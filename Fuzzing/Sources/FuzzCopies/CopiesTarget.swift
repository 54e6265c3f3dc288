// SPDX-License-Identifier: Apache-2.0
import BufferKernels
import BufferLayout
import FuzzInput

/// What libFuzzer calls with every input.
@c(LLVMFuzzerTestOneInput)
public func tryInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    CopiesTarget.run(unsafe bytes(data, count))
    return 0
}

/// The bytes choose two layouts of one shape and what is moved between them, against an item-by-item reference.
enum CopiesTarget {
    static func run(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        let shape = randomShape(room: choices.pick([4, 16, 16, 64, 64, 600]), using: &choices)
        switch choices.int(0...9) {
        case 0...3: copy(shape, &choices)
        case 4: copyWithin(shape, &choices)
        case 5...7: convert(shape, &choices)
        case 8: fill(shape, &choices)
        default: swapBytes(shape, &choices)
        }
    }

    private static func copy(_ shape: [Int], _ choices: inout Choices) {
        let itemsize = choices.flip() ? choices.pick([1, 2, 4, 8, 16]) : choices.int(1...64)
        var source = Memory(shape: shape, itemsize: itemsize, broadcast: choices.flip(), using: &choices)
        var destination = Memory(shape: shape, itemsize: itemsize, using: &choices)
        let expected = destination.bytes(afterCopyFrom: source)
        let before = source.bytes
        unsafe source.lend(exactly: choices.flip()) { s, sourceLayout in
            unsafe destination.lend(exactly: choices.flip()) { d, destinationLayout in
                noError { () throws(KernelError) in
                    unsafe try Kernels.copy(from: s, layout: sourceLayout, to: d, layout: destinationLayout)
                }
            }
        }
        require(destination.bytes == expected, "copy of \(source.shape) \(source.strides) to \(destination.strides)")
        require(source.bytes == before, "a copy changed its source")
    }

    /// Both layouts over one block: as if through a temporary.
    private static func copyWithin(_ shape: [Int], _ choices: inout Choices) {
        let itemsize = choices.int(1...24)
        let a = Memory(shape: shape, itemsize: itemsize, broadcast: choices.flip(), using: &choices)
        let b = Memory(shape: shape, itemsize: itemsize, using: &choices)
        let bytes = a.bytes + b.bytes
        let shift = choices.int(0...40)
        let source = Memory(bytes: bytes, start: a.start, shape: shape, strides: a.strides, itemsize: itemsize)
        var destination = Memory(
            bytes: bytes, start: b.start + shift, shape: shape, strides: b.strides, itemsize: itemsize)
        let expected = destination.bytes(afterCopyFrom: source)
        let strides = source.strides
        let distance = source.start - destination.start
        unsafe destination.withMutableLayout { d, destinationLayout in
            noError { () throws(KernelError) in
                unsafe try Kernels.copy(
                    from: UnsafeRawPointer(d + distance),
                    layout: LayoutView(
                        itemsize: itemsize, shape: shape.span, strides: strides.span, suboffsets: Span()),
                    to: d, layout: destinationLayout)
            }
        }
        require(destination.bytes == expected, "copy within of \(shape) \(strides) to \(destination.strides)")
    }

    private static func convert(_ shape: [Int], _ choices: inout Choices) {
        let (from, to) = (choices.pick(testedScalars), choices.pick(testedScalars))
        let (fromSwapped, toSwapped) = (choices.chance(0.3), choices.chance(0.3))
        let exact = choices.chance(0.3)
        let isMild = exact && choices.flip()
        var source = Memory(shape: shape, itemsize: from.size, using: &choices)
        for offset in source.offsets {
            let item =
                isMild
                ? from.item(
                    [.integer(Int128(choices.int(0...1)))] + (from.isComplexType ? [.integer(0)] : []),
                    swapped: fromSwapped)
                : from.randomItem(swapped: fromSwapped, using: &choices)
            source.bytes.replaceSubrange(offset..<offset + from.size, with: item)
        }
        var destination = Memory(shape: shape, itemsize: to.size, using: &choices)
        var expected = destination.bytes
        var firstLost: Int?
        var nans: [Int] = []
        for (i, (s, d)) in zip(source.offsets, destination.offsets).enumerated() {
            let item = Array(source.item(at: s))
            if from == to && from != .bool {
                // Nothing is converted: the bytes stay as they are, but for their order.
                let parts = stride(from: 0, to: from.size, by: from.partSize).flatMap { start in
                    let part = item[start..<start + from.partSize]
                    return fromSwapped == toSwapped ? Array(part) : part.reversed()
                }
                expected.replaceSubrange(d..<d + to.size, with: parts)
                continue
            }
            let result = convertedItem(item, from, fromSwapped, to, toSwapped)
            expected.replaceSubrange(d..<d + to.size, with: result.item)
            if !result.isExact && firstLost == nil { firstLost = i }
            for (part, isNaN) in result.isNaN.enumerated() where isNaN { nans.append(d + part * to.partSize) }
        }
        var what: String { "\(from) \(fromSwapped) to \(to) \(toSwapped), \(shape), exact \(exact)" }
        var lost: Int?
        unsafe source.lend(exactly: choices.flip()) { s, sourceLayout in
            unsafe destination.lend(exactly: choices.flip()) { d, destinationLayout in
                do throws(KernelError) {
                    unsafe try Kernels.convert(
                        from: s, layout: sourceLayout, scalar: from, swapped: fromSwapped, to: d,
                        layout: destinationLayout, scalar: to, swapped: toSwapped, exact: exact)
                } catch {
                    guard case .inexact(let index) = error else { fatalError("\(what): \(error)") }
                    lost = index
                }
            }
        }
        if exact && firstLost != nil {
            require(
                lost == firstLost, "\(what): lost \(String(describing: lost)), not \(String(describing: firstLost))")
            // The items are unspecified then, what lies between them is not.
            for offset in destination.offsets {
                expected.replaceSubrange(offset..<offset + to.size, with: destination.item(at: offset))
            }
            require(destination.bytes == expected, "\(what) wrote between the items")
            return
        }
        require(lost == nil, "\(what): item \(String(describing: lost)) is not lost")
        // Which NaN it is does not matter, that it is one does.
        for start in nans {
            let part = Array(destination.bytes[start..<start + to.partSize])
            require(Number(toSwapped ? part.reversed() : part, to).isNaN, "\(what): no NaN at \(start)")
            expected.replaceSubrange(start..<start + to.partSize, with: part)
        }
        require(destination.bytes == expected, what)
    }

    private static func fill(_ shape: [Int], _ choices: inout Choices) {
        let itemsize = choices.int(1...40)
        var destination = Memory(shape: shape, itemsize: itemsize, using: &choices)
        let pattern = (0..<itemsize).map { _ in UInt8(truncatingIfNeeded: choices.next()) }
        var expected = destination.bytes
        for offset in destination.offsets { expected.replaceSubrange(offset..<offset + itemsize, with: pattern) }
        unsafe destination.lend(exactly: choices.flip()) { d, layout in
            unsafe pattern.withUnsafeBytes { unsafe Kernels.fill(d, layout: layout, with: $0.baseAddress!) }
        }
        require(destination.bytes == expected, "fill of \(shape) \(destination.strides)")
    }

    private static func swapBytes(_ shape: [Int], _ choices: inout Choices) {
        let width = choices.int(1...17)
        let parts = choices.int(1...3)
        var memory = Memory(shape: shape, itemsize: width * parts, using: &choices)
        var expected = memory.bytes
        for start in memory.offsets.flatMap({ offset in (0..<parts).map { offset + $0 * width } }) {
            expected.replaceSubrange(start..<start + width, with: memory.bytes[start..<start + width].reversed())
        }
        unsafe memory.lend(exactly: choices.flip()) { unsafe Kernels.swapBytes($0, layout: $1, width: width) }
        require(memory.bytes == expected, "swap by \(width) of \(shape) \(memory.strides)")
    }

    private static func noError(_ body: () throws(KernelError) -> Void) {
        do throws(KernelError) { try body() } catch { fatalError("\(error)") }
    }
}

extension Memory {
    /// Lends the items to `body`: where they lie, between guard bytes, or `exactly`, in a block of their own that ends
    /// with the last of them, where AddressSanitizer sees the first byte too far.
    mutating func lend(exactly: Bool, _ body: (UnsafeMutableRawPointer, borrowing LayoutView) -> Void) {
        guard exactly else { return unsafe withMutableLayout(body) }
        let first = offsets.min() ?? start
        let end = offsets.max().map { $0 + itemsize } ?? start
        // As far from a boundary as in the guarded block.
        let front = first % 16
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: front + end - first, alignment: 16)
        defer { unsafe block.deallocate() }
        let items = unsafe UnsafeMutableRawBufferPointer(rebasing: block[front...])
        unsafe items.copyBytes(from: bytes[first..<end])
        // `start` is the first item's place, which lies in the block unless there are no items.
        unsafe body(block.baseAddress! + front + (start - first), layout)
        unsafe bytes.replaceSubrange(first..<end, with: items)
    }
}
