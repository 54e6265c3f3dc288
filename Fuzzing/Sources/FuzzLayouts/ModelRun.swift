// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import FuzzInput

/// A few operations one after another on a small array, against the address of every item.
struct ModelRun {
    private var sample: Sample
    private var model: Reference

    static func run(_ choices: inout Choices) {
        // The samples' numbers are small: no layout of them is refused.
        guard let sample = try? choices.flip() ? Sample.direct(&choices) : Sample.indirect(&choices) else {
            fatalError("a small layout was refused")
        }
        guard let model = Reference(sample.layout, at: sample.base, memory: sample.memory) else {
            fatalError("a sample reads pointers where there are none")
        }
        var run = ModelRun(sample: sample, model: model)
        for _ in 0..<choices.int(1...4) where run.sample.layout.ndim <= 8 {
            run.checkFacts()
            run.step(&choices)
        }
        run.checkFacts()
    }

    private var view: LayoutView {
        @_lifetime(borrow self) get { sample.layout.view }
    }

    /// Whether any pointer is followed: suboffsets that are all negative mean nothing.
    private var isIndirect: Bool { sample.layout.suboffsets.contains { $0 >= 0 } }

    /// Takes over what an operation made, after looking every item up.
    private mutating func take(
        _ layout: Layout, from base: Int? = nil, _ expected: Reference, _ what: @autoclosure () -> String
    ) {
        let base = base ?? sample.base
        guard let found = Reference(layout, at: base, memory: sample.memory) else {
            fatalError("\(what()) of \(sample.layout) reads a pointer where there is none: \(layout)")
        }
        require(found == expected, "\(what()) of \(sample.layout) is \(layout) from \(base), not \(expected)")
        sample.layout = layout
        sample.base = base
        model = expected
    }

    /// A refusal is the right answer only for arrays of pointers, or where `isRight`.
    private func refused(_ error: LayoutError, _ what: @autoclosure () -> String, isRight: Bool = false) {
        require(
            isRight || (isIndirect && [.wouldNeedCopy, .indirect].contains(error.kind)),
            "\(what()) of \(sample.layout) was refused: \(error)")
    }

    private mutating func step(_ choices: inout Choices) {
        switch choices.int(0...6) {
        case 0: select(&choices)
        case 1: slice(&choices)
        case 2: transpose(&choices)
        case 3: squeeze()
        case 4: broadcast(&choices)
        case 5: reshape(&choices)
        default: stride(&choices)
        }
    }

    private mutating func select(_ choices: inout Choices) {
        let index = choices.chance(80) ? sample.index(&choices) : anyIndex(&choices)
        let isRight = fits(index)
        do throws(LayoutError) {
            let selection = try view.selecting(index.span)
            require(isRight, "\(index) of \(sample.layout) was accepted")
            let expected = model.selecting(index)
            if expected.addresses.isEmpty {
                require(selection.layout.shape == expected.shape, "\(index) of \(sample.layout)")
                sample.layout = selection.layout
                model = expected
                return
            }
            guard let start = sample.start(selection) else {
                fatalError("\(index) of \(sample.layout) starts with a pointer where there is none")
            }
            take(selection.layout, from: start, expected, "\(index)")
        } catch {
            refused(error, "\(index)", isRight: !isRight)
        }
    }

    /// Entries of any kind and number, right or wrong.
    private func anyIndex(_ choices: inout Choices) -> [AxisIndex] {
        (0..<choices.int(0...6)).map { _ in
            switch choices.int(0...4) {
            case 0: .newAxis
            case 1: .ellipsis
            case 2: .integer(choices.int(-5...5))
            default:
                .slice(
                    start: choices.flip() ? nil : choices.int(-6...6), stop: choices.flip() ? nil : choices.int(-6...6),
                    step: choices.flip() ? nil : choices.int(-3...3))
            }
        }
    }

    private func fits(_ index: [AxisIndex]) -> Bool {
        let named = index.count(where: { $0 != .newAxis && $0 != .ellipsis })
        guard named <= sample.layout.ndim, index.count(where: { $0 == .ellipsis }) <= 1 else { return false }
        var axis = 0
        for entry in index {
            switch entry {
            case .newAxis: break
            case .ellipsis: axis += sample.layout.ndim - named
            case .integer(let i):
                let length = sample.layout.shape[axis]
                guard i >= -length && i < length else { return false }
                axis += 1
            case .slice(_, _, let step):
                guard step != 0 else { return false }
                axis += 1
            }
        }
        return true
    }

    private mutating func slice(_ choices: inout Choices) {
        guard sample.layout.ndim > 0 else { return }
        let axis = choices.int(0...sample.layout.ndim - 1)
        let length = sample.layout.shape[axis]
        let (start, step, count) = (choices.int(-1...4), choices.int(-3...3), choices.int(-1...4))
        let positions = (0..<max(count, 0)).map { start + $0 * step }
        let isRight = step != 0 && count >= 0 && positions.allSatisfy { $0 >= 0 && $0 < length }
        var what: String { "slicing axis \(axis) from \(start) by \(step), \(count) of them," }
        do throws(LayoutError) {
            let selection = try view.slicing(axis: axis, start: start, step: step, count: count)
            require(isRight, "\(what) of \(sample.layout) was accepted")
            var shape = model.shape
            shape[axis] = count
            let expected = model.gathered(shape) { index in
                var index = index
                index[axis] = positions[index[axis]]
                return index
            }
            take(selection.layout, from: sample.base + selection.offset, expected, what)
        } catch {
            refused(error, what, isRight: !isRight)
        }
    }

    private mutating func transpose(_ choices: inout Choices) {
        let axes = Array(0..<sample.layout.ndim).shuffled(using: &choices)
        do throws(LayoutError) {
            let layout = try view.transposed(axes.span)
            let expected = model.gathered(axes.map { model.shape[$0] }) { index in
                var source = index
                for (i, axis) in axes.enumerated() { source[axis] = index[i] }
                return source
            }
            take(layout, expected, "transposing by \(axes)")
        } catch {
            refused(error, "transposing by \(axes)")
        }
    }

    private mutating func squeeze() {
        do throws(LayoutError) {
            let layout = try view.squeezed()
            let expected = Reference(shape: model.shape.filter { $0 != 1 }, addresses: model.addresses)
            take(layout, expected, "squeezing")
        } catch {
            refused(error, "squeezing")
        }
    }

    private mutating func broadcast(_ choices: inout Choices) {
        var target = (0..<choices.int(0...1)).map { _ in choices.int(0...3) }
        target += model.shape.map { $0 == 1 ? choices.int(1...3) : $0 }
        do throws(LayoutError) {
            let layout = try view.broadcast(to: target.span)
            let added = target.count - model.shape.count
            let expected = model.gathered(target) { index in
                zip(index.dropFirst(added), model.shape).map { $1 == 1 ? 0 : $0 }
            }
            take(layout, expected, "broadcasting to \(target)")
        } catch {
            refused(error, "broadcasting to \(target)")
        }
    }

    private mutating func reshape(_ choices: inout Choices) {
        var shape: [Int] = []
        var left = model.addresses.count
        while left > 1 && shape.count < 6 {
            let divisors = (2...left).filter { left % $0 == 0 }
            shape.append(choices.pick(divisors))
            left /= shape[shape.count - 1]
        }
        if left != 1 { shape.append(left) }
        while choices.chance(30) { shape.insert(1, at: choices.int(0...shape.count)) }
        let target = choices.chance(30) ? shape.indices.map { $0 == 0 ? -1 : shape[$0] } : shape
        let order: Order = choices.flip() ? .c : .fortran
        do throws(LayoutError) {
            let layout = try view.reshaped(to: target.span, order: order)
            let expected: Reference
            if order == .c {
                expected = Reference(shape: layout.shape, addresses: model.addresses)
            } else {
                // Fortran order is C order with the axes reversed.
                let turned = Reference(shape: layout.shape.reversed(), addresses: model.fortran)
                expected = turned.gathered(layout.shape) { $0.reversed() }
            }
            take(layout, expected, "reshaping to \(target)")
        } catch {
            refused(error, "reshaping to \(target)", isRight: error.kind == .wouldNeedCopy || model.addresses.isEmpty)
        }
    }

    private mutating func stride(_ choices: inout Choices) {
        let shape = (0..<choices.int(0...3)).map { _ in choices.int(0...3) }
        let strides = shape.map { _ in choices.int(-40...40) }
        var what: String { "striding by \(shape) and \(strides)" }
        do throws(LayoutError) {
            let layout = try view.strided(shape: shape.span, strides: strides.span)
            guard let expected = Reference(layout, at: sample.base) else { fatalError("\(what) has pointers") }
            require(isInside(expected), "\(what) of \(sample.layout) leaves the memory")
            take(layout, expected, what)
        } catch {
            guard error.kind == .outsideMemory else { return refused(error, what) }
            if let layout = try? Layout(shape: shape, strides: strides, itemsize: sample.layout.itemsize),
                let wanted = Reference(layout, at: sample.base)
            {
                require(!isInside(wanted), "\(what) of \(sample.layout) was refused: \(error)")
            }
        }
    }

    /// Whether items lie between the first and the last byte of those that there are.
    private func isInside(_ items: Reference) -> Bool {
        guard let low = items.addresses.min(), let high = items.addresses.max() else { return true }
        guard let first = model.addresses.min(), let last = model.addresses.max() else { return false }
        return low >= first && high <= last
    }

    /// What a layout says about itself, against the items' addresses.
    private func checkFacts() {
        let layout = sample.layout
        let itemsize = layout.itemsize
        guard let facts = try? view.summary() else { fatalError("no facts of \(layout)") }
        require(facts.byteCount == model.addresses.count * itemsize, "\(facts) of \(layout)")
        guard !isIndirect else {
            require(!facts.isCContiguous && !facts.isFContiguous, "\(facts) of \(layout)")
            return
        }
        func isRun(_ addresses: [Int]) -> Bool {
            addresses.enumerated().allSatisfy { $1 == sample.base + $0 * itemsize }
        }
        require(facts.isCContiguous == isRun(model.addresses), "\(facts) of \(layout)")
        require(facts.isFContiguous == isRun(model.fortran), "\(facts) of \(layout)")
        require(
            view.isCContiguous == facts.isCContiguous && view.isFContiguous == facts.isFContiguous, "\(layout)")
        let extent = try? view.byteExtent
        if let low = model.addresses.min(), let high = model.addresses.max() {
            require(extent == low - sample.base..<high + itemsize - sample.base, "extent of \(layout)")
        } else {
            require(extent == nil, "extent of \(layout)")
        }
    }
}
