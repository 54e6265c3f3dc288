// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import Testing

@Suite("Reshaping, against a search for strides that work")
struct LayoutReshapeTests {
    /// Strides that give `addresses` in C order of `shape`, if there are any: each is forced by one item.
    private func strides(_ shape: [Int], _ addresses: [Int]) -> [Int]? {
        let model = Reference(shape: shape, addresses: addresses)
        guard let first = addresses.first else { return shape }
        let strides = shape.indices.map { axis in
            var unit = shape.map { _ in 0 }
            unit[axis] = shape[axis] > 1 ? 1 : 0
            return model[unit] - first
        }
        for index in Reference.indices(shape) {
            if model[index] != first + zip(index, strides).map(*).reduce(0, +) { return nil }
        }
        return strides
    }

    private func randomShape(_ items: Int, _ random: inout Seeded) -> [Int] {
        var shape: [Int] = []
        var left = items
        while left > 1 {
            let divisors = (2...left).filter { left % $0 == 0 }
            shape.append(divisors.randomElement(using: &random)!)
            left /= shape.last!
        }
        while random.chance(30) { shape.insert(1, at: random.int(0...shape.count)) }
        return shape
    }

    @Test func reshapingWithoutACopySucceedsExactlyWhereStridesExist() throws {
        var random = Seeded(state: 9)
        var outcomes = (done: 0, refused: 0)
        for _ in 0..<6000 {
            let sample = try Sample.direct(&random)
            let reference = try #require(Reference(sample.layout, at: sample.base))
            guard !reference.addresses.isEmpty else { continue }
            let target = randomShape(reference.addresses.count, &random)
            for order in [Order.c, .fortran] {
                let exists =
                    order == .c
                    ? strides(target, reference.addresses) != nil
                    : strides(target.reversed(), reference.fortran) != nil
                let result: Layout
                do {
                    result = try sample.layout.view.reshaped(to: target.span, order: order)
                } catch {
                    #expect(error.kind == .wouldNeedCopy)
                    #expect(!exists, "\(sample.layout) \(target)")
                    outcomes.refused += 1
                    continue
                }
                let model = try #require(Reference(result, at: sample.base))
                #expect(model.shape == target)
                if order == .c {
                    #expect(model.addresses == reference.addresses)
                } else {
                    #expect(model.fortran == reference.fortran)
                }
                outcomes.done += 1
            }
        }
        #expect(outcomes.done > 1000 && outcomes.refused > 1000)
    }

    @Test func oneLengthIsInferred() throws {
        let layout = try Layout(shape: [4, 6], itemsize: 2)
        for (target, expected) in [
            ([-1], [24]), ([2, -1], [2, 12]), ([-1, 8, 3], [1, 8, 3]), ([24, -1], [24, 1]),
        ] {
            #expect(try layout.view.reshaped(to: target.span).shape == expected)
        }
        let bad: [([Int], LayoutError.Kind)] = [
            ([-1, -1], .invalid), ([5, -1], .shapeMismatch), ([0, -1], .shapeMismatch), ([-2, 12], .invalid),
            ([25], .shapeMismatch), ([], .shapeMismatch), ([Int.max, Int.max], .shapeMismatch),
            ([1 << 32, 1 << 32, 24], .shapeMismatch), ([Int.max, 2, -1], .shapeMismatch),
            (Array(repeating: 1, count: 65), .invalid),
        ]
        for (target, kind) in bad {
            #expect(layoutError { () throws(LayoutError) in try layout.view.reshaped(to: target.span) }?.kind == kind)
        }
    }

    @Test func emptyArraysHaveViewsOfAnyEmptyShape() throws {
        let layout = try Layout(shape: [0, 3], strides: [7, 5], itemsize: 2)
        for (target, expected) in [([3, 0], [3, 0]), ([0], [0]), ([-1, 3], [0, 3]), ([4, -1], [4, 0])] {
            #expect(try layout.view.reshaped(to: target.span).shape == expected)
        }
        let open = [0, -1]
        #expect(
            layoutError { () throws(LayoutError) in try layout.view.reshaped(to: open.span) }?.kind == .shapeMismatch)
        let one = [1]
        #expect(
            layoutError { () throws(LayoutError) in try layout.view.reshaped(to: one.span) }?.kind == .shapeMismatch)
    }

    @Test func orderAnyIsFortranOnlyForFortranArrays() throws {
        let flat = [6]
        let fortran = try Layout(shape: [2, 3], itemsize: 1, order: .fortran)
        #expect(try fortran.view.reshaped(to: flat.span, order: .any).strides == [1])
        #expect(
            layoutError { () throws(LayoutError) in try fortran.view.reshaped(to: flat.span, order: .c) }?.kind
                == .wouldNeedCopy)
        let c = try Layout(shape: [2, 3], itemsize: 1)
        #expect(try c.view.reshaped(to: flat.span, order: .any).strides == [1])
    }

    @Test func pointersAllowOnlyTheSameShape() throws {
        let layout = try Layout(shape: [2, 3], strides: [8, 4], suboffsets: [0, -1], itemsize: 4)
        let (same, other) = ([2, -1], [6])
        #expect(try layout.view.reshaped(to: same.span) == layout)
        #expect(
            layoutError { () throws(LayoutError) in try layout.view.reshaped(to: other.span) }?.kind == .wouldNeedCopy)
    }

    @Test func stridedLayoutsStayInsideTheMemory() throws {
        let layout = try Layout(shape: [10], itemsize: 2)
        let (shape, strides) = ([8, 3], [2, 2])
        #expect(try layout.view.strided(shape: shape.span, strides: strides.span).strides == [2, 2])
        for (shape, strides) in [([9, 3], [2, 2]), ([2], [-2]), ([2], [19])] {
            let error = layoutError { () throws(LayoutError) in
                try layout.view.strided(shape: shape.span, strides: strides.span)
            }
            #expect(error?.kind == .outsideMemory)
        }
    }
}
