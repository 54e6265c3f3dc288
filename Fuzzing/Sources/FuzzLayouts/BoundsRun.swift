// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import FuzzInput

/// Operations on arrays of any size: whatever is made of an array lies inside of what the array touched.
struct BoundsRun {
    static func run(_ choices: inout Choices) {
        let ndim = choices.int(0...5)
        let shape = (0..<ndim).map { _ in choices.length() }
        let strides = (0..<ndim).map { _ in choices.distance() }
        guard
            let layout = try? choices.chance(70)
                ? Layout(shape: shape, strides: strides, itemsize: choices.length())
                : Layout(shape: shape, itemsize: choices.length(), order: choices.pick(Order.allCases))
        else { return }
        var bounds = Bounds(layout, at: 0)
        require(bounds.fits, "\(layout) was accepted")
        var current = layout
        var base: Int128 = 0
        for _ in 0..<choices.int(1...4) {
            guard let (next, offset) = try? derive(current, &choices) else { continue }
            base += Int128(offset)
            let found = Bounds(next, at: base)
            require(bounds.contains(found), "\(next) from \(base) lies outside of \(current)")
            require(found.fits, "\(next)")
            (current, bounds) = (next, found)
        }
    }

    private static func derive(_ layout: Layout, _ choices: inout Choices) throws -> (Layout, Int) {
        let ndim = layout.ndim
        switch choices.int(0...6) {
        case 0:
            let index = (0..<choices.int(0...ndim + 2)).map { _ in choices.entry() }
            let selection = try layout.view.selecting(index.span)
            require(selection.isDirect, "\(index) of \(layout) follows a pointer")
            return (selection.layout, selection.offset)
        case 1:
            let selection = try layout.view.slicing(
                axis: choices.int(-1...ndim), start: choices.distance(), step: choices.distance(),
                count: choices.length())
            return (selection.layout, selection.offset)
        case 2:
            let axes = Array(0..<ndim).shuffled(using: &choices)
            return (try layout.view.transposed(axes.span), 0)
        case 3: return (try layout.view.squeezed(), 0)
        case 4:
            let target =
                (0..<choices.int(0...2)).map { _ in choices.length() }
                + layout.shape.map { $0 == 1 ? choices.length() : $0 }
            return (try layout.view.broadcast(to: target.span), 0)
        case 5:
            var target = layout.shape.shuffled(using: &choices)
            if !target.isEmpty && choices.flip() { target[choices.int(0...target.count - 1)] = -1 }
            if choices.flip() { target = (0..<choices.int(0...5)).map { _ in choices.distance() } }
            return (try layout.view.reshaped(to: target.span, order: choices.pick(Order.allCases)), 0)
        default:
            let shape = (0..<choices.int(0...4)).map { _ in choices.length() }
            let strides = shape.map { _ in choices.distance() }
            return (try layout.view.strided(shape: shape.span, strides: strides.span), 0)
        }
    }
}

/// The bytes that a layout touches, worked out in numbers that hold them: two words for what one word may overflow.
struct Bounds {
    private var low: Int128 = 0
    private var high: Int128 = 0
    private var isEmpty = false
    /// Whether the number of bytes, also from end to end, and the distances of items fit in one word, as they must.
    private(set) var fits = true

    init(_ layout: Layout, at base: Int128) {
        isEmpty = layout.shape.contains(0)
        if isEmpty {
            // Room for items without bytes, and for no others.
            (low, high) = (base, base)
            return
        }
        high = Int128(layout.itemsize)
        var bytes = high
        for (length, stride) in zip(layout.shape, layout.strides) {
            let distance = Int128(length - 1) * Int128(stride)
            if stride < 0 { low += distance } else { high += distance }
            if bytes <= Int128(Int.max) { bytes *= Int128(length) }
        }
        fits =
            bytes <= Int128(Int.max) && low >= Int128(Int.min) && high <= Int128(Int.max)
            && high - low <= Int128(Int.max)
        low += base
        high += base
    }

    func contains(_ other: Bounds) -> Bool { other.isEmpty || (low <= other.low && other.high <= high) }
}

extension Choices {
    /// A length or an itemsize: small, or close to a limit.
    mutating func length() -> Int {
        switch int(0...9) {
        case 0...4: int(0...9)
        case 5: 1 << int(0...62)
        case 6: (1 << int(0...62)) - 1
        case 7: Int.max - int(0...3)
        case 8: Int.max / int(1...9)
        default: int(0...100_000)
        }
    }

    /// A stride, a position or a step: of either sign, small or close to a limit.
    mutating func distance() -> Int {
        if chance(3) { return Int.min }
        return flip() ? length() : -length()
    }

    /// An entry of an index.
    mutating func entry() -> AxisIndex {
        switch int(0...5) {
        case 0: .newAxis
        case 1: .ellipsis
        case 2, 3: .integer(distance())
        default:
            .slice(
                start: flip() ? nil : distance(), stop: flip() ? nil : distance(), step: flip() ? nil : distance())
        }
    }
}
