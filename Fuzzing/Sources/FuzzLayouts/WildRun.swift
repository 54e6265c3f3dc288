// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import FuzzInput

/// Every operation on dimensions of any values, as an exporter may report them: any result is right, a trap is not.
struct WildRun {
    static func run(_ choices: inout Choices) {
        let ndim = choices.chance(90) ? choices.int(0...6) : choices.int(0...80)
        let shape = (0..<ndim).map { _ in choices.chance(80) ? choices.length() : choices.distance() }
        let strides = (0..<ndim).map { _ in choices.distance() }
        let suboffsets = choices.flip() ? [] : (0..<ndim).map { _ in choices.flip() ? -1 : choices.distance() }
        let itemsize = choices.chance(80) ? choices.length() : choices.distance()
        let view = LayoutView(
            itemsize: itemsize, shape: shape.span, strides: strides.span, suboffsets: suboffsets.span)
        let described = "shape \(shape), strides \(strides), suboffsets \(suboffsets), itemsize \(itemsize)"
        let copy = try? Layout(view)
        if let copy { require(copy.shape == shape && copy.strides == strides, described) }

        let summary = try? view.summary()
        // A layout can be made exactly of what is valid.
        require((copy != nil) == (summary != nil), described)
        if let summary {
            require(summary.byteCount >= 0 && !shape.contains { $0 < 0 } && itemsize >= 0, "\(summary) of \(described)")
            if suboffsets.isEmpty && ndim <= maximumDimensions {
                require((try? Layout(shape: shape, strides: strides, itemsize: itemsize)) != nil, described)
            }
        }
        let order = choices.pick(Order.allCases)
        _ = (view.isCContiguous, view.isFContiguous, view.isContiguous(order), view.resolved(order), view.hasNoBytes)
        _ = try? (view.itemCount, view.byteCount)
        _ = try? view.byteExtent
        _ = try? view.contiguous(order)
        _ = try? view.checkFits(offset: choices.distance(), byteCount: choices.distance())
        let index = (0..<choices.int(0...ndim + 2)).map { _ in choices.entry() }
        _ = try? view.selecting(index.span)
        _ = try? view.slicing(
            axis: choices.distance(), start: choices.distance(), step: choices.distance(), count: choices.distance())
        let axes = choices.flip() ? Array(0..<ndim).shuffled(using: &choices) : shape
        _ = try? view.transposed(axes.span)
        _ = try? view.transposed()
        _ = try? view.squeezed()
        _ = try? view.squeezed(axes.span)
        let target = (0..<choices.int(0...ndim + 2)).map { _ in choices.distance() }
        _ = try? view.broadcast(to: target.span)
        _ = try? view.reshaped(to: target.span, order: order)
        _ = try? view.strided(shape: target.span, strides: target.span)
        _ = try? broadcastShape(shape.span, target.span)
        let position = (0..<ndim).map { _ in choices.distance() }
        _ = try? view.offset(of: position.span)
        _ = try? SliceRange(
            start: choices.distance(), stop: choices.distance(), step: choices.distance(), length: choices.distance())
    }
}
