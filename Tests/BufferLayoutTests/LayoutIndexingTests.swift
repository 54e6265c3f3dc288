// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import Testing

@Suite("Indexing and axes, against a model of addresses")
struct LayoutIndexingTests {
    @Test func slicesResolveAsInPython() throws {
        let model = Reference(shape: [], addresses: [])
        let bounds: [Int?] = [nil, -7, -5, -4, -1, 0, 1, 3, 5, 6]
        for length in 0...5 {
            for start in bounds {
                for stop in bounds {
                    for step in [-6, -2, -1, 1, 2, 6] {
                        let range = try SliceRange(start: start, stop: stop, step: step, length: length)
                        let positions = (0..<range.count).map { range.start + $0 * range.step }
                        #expect(positions == model.positions(start, stop, step, length))
                    }
                }
            }
        }
        // Values that `slice.indices(5)` gives in CPython.
        let huge = try SliceRange(start: Int.max, stop: Int.min, step: Int.min, length: 5)
        #expect((huge.start, huge.step, huge.count) == (4, -Int.max, 1))
        let all = try SliceRange(start: Int.min, stop: Int.max, step: Int.max, length: 5)
        #expect((all.start, all.step, all.count) == (0, Int.max, 1))
        #expect(throws: LayoutError.self) { try SliceRange(start: nil, stop: nil, step: 0, length: 5) }
    }

    @Test func indexingSelectsTheRightItems() throws {
        var random = Seeded(state: 4)
        for _ in 0..<4000 {
            let sample = try Sample.direct(&random)
            let reference = try #require(Reference(sample.layout, at: sample.base))
            let index = sample.index(&random)
            let selection = try sample.layout.view.selecting(index.span)
            #expect(selection.isDirect)
            #expect(
                Reference(selection.layout, at: sample.base + selection.offset) == reference.selecting(index),
                "\(sample.layout.shape) \(index)")
        }
    }

    @Test func indexingThroughPointersSelectsTheRightItems() throws {
        var random = Seeded(state: 5)
        var refused = 0
        var dereferenced = 0
        for _ in 0..<6000 {
            let sample = try Sample.indirect(&random)
            let reference = try #require(Reference(sample.layout, at: sample.base, memory: sample.memory))
            let index = sample.index(&random)
            let selection: Selection
            do {
                selection = try sample.layout.view.selecting(index.span)
            } catch {
                #expect(error.kind == .wouldNeedCopy)
                refused += 1
                continue
            }
            let start = try #require(sample.start(selection))
            #expect(
                Reference(selection.layout, at: start, memory: sample.memory) == reference.selecting(index),
                "\(sample.layout) \(index)")
            dereferenced += selection.isDirect ? 0 : 1
        }
        // Few selections have no description, and the interesting ones did occur.
        #expect(refused > 0 && refused < 900)
        #expect(dereferenced > 300)
    }

    @Test func slicingOneAxisIsIndexingWithASlice() throws {
        var random = Seeded(state: 6)
        for round in 0..<4000 {
            let sample = try round % 2 == 0 ? Sample.direct(&random, dimensions: 1...4) : Sample.indirect(&random)
            let axis = random.int(0...sample.layout.ndim - 1)
            let range = try SliceRange(
                start: random.int(-5...5), stop: random.int(-5...5), step: random.chance(50) ? 1 : -2,
                length: sample.layout.shape[axis])
            let selection: Selection
            do {
                selection = try sample.layout.view.slicing(
                    axis: axis, start: range.start, step: range.step, count: range.count)
            } catch {
                #expect(error.kind == .wouldNeedCopy)
                continue
            }
            let reference = try #require(Reference(sample.layout, at: sample.base, memory: sample.memory))
            var shape = reference.shape
            shape[axis] = range.count
            let expected = reference.gathered(shape) { index in
                var source = index
                source[axis] = range.start + index[axis] * range.step
                return source
            }
            let start = try #require(sample.start(selection))
            #expect(Reference(selection.layout, at: start, memory: sample.memory) == expected)
        }
    }

    @Test func slicingOneAxisRefusesPositionsOutside() throws {
        let view = try Layout(shape: [5], itemsize: 1)
        let bad = [
            (0, 0, 1, 6), (0, 5, 1, 1), (0, -1, 1, 1), (0, 0, 3, 3), (0, 1, -1, 3), (0, 0, Int.max, 3), (0, 0, 1, -1),
            (1, 0, 1, 1), (-1, 0, 1, 1),
        ]
        for (axis, start, step, count) in bad {
            let error = layoutError { () throws(LayoutError) in
                try view.view.slicing(axis: axis, start: start, step: step, count: count)
            }
            #expect(error?.kind == .indexOutOfRange, "\(axis) \(start) \(step) \(count)")
        }
    }

    @Test func badIndicesAreRefusedWithTheirKind() throws {
        let layout = try Layout(shape: [3, 4], itemsize: 4)
        let cases: [([AxisIndex], LayoutError.Kind)] = [
            ([.integer(3)], .indexOutOfRange), ([.ellipsis, .integer(-5)], .indexOutOfRange),
            ([.all, .all, .all], .tooManyIndices), ([.ellipsis, .ellipsis], .tooManyIndices),
            ([.slice(start: nil, stop: nil, step: 0)], .invalid),
            (Array(repeating: .newAxis, count: 63), .invalid),
        ]
        for (index, kind) in cases {
            #expect(layoutError { () throws(LayoutError) in try layout.view.selecting(index.span) }?.kind == kind)
        }
        let full = Array(repeating: AxisIndex.newAxis, count: 62)
        #expect(try layout.view.selecting(full.span).layout.ndim == 64)
    }

    @Test func anEmptySelectionFollowsNoPointer() throws {
        let layout = try Layout(shape: [2, 0], strides: [8, 4], suboffsets: [0, -1], itemsize: 4)
        let selection = try layout.view.selecting(.integer(1))
        #expect(selection.isDirect && selection.layout.shape == [0])
    }

    @Test func transposingPermutesTheAxes() throws {
        var random = Seeded(state: 7)
        var refused = 0
        for round in 0..<4000 {
            let sample = try round % 2 == 0 ? Sample.direct(&random) : Sample.indirect(&random)
            let axes = Array(0..<sample.layout.ndim).shuffled(using: &random)
            let written = axes.map { random.chance(30) ? $0 - sample.layout.ndim : $0 }
            let reference = try #require(Reference(sample.layout, at: sample.base, memory: sample.memory))
            let result: Layout
            do { result = try sample.layout.view.transposed(written.span) } catch {
                #expect(error.kind == .wouldNeedCopy && round % 2 == 1)
                refused += 1
                continue
            }
            let expected = reference.gathered(axes.map { reference.shape[$0] }) { index in
                axes.indices.map { index[axes.firstIndex(of: $0)!] }
            }
            #expect(Reference(result, at: sample.base, memory: sample.memory) == expected, "\(sample.layout) \(axes)")
        }
        #expect(refused > 100 && refused < 1600)
    }

    @Test func transposingWithoutAxesReversesThem() throws {
        let layout = try Layout(shape: [2, 3, 4], itemsize: 2)
        let result = try layout.view.transposed()
        #expect(result.shape == [4, 3, 2] && result.strides == [2, 8, 24])
        for axes in [[0, 1], [0, 1, 1], [0, 1, 3], [0, 1, -4], [0, 1, Int.min]] {
            #expect(layoutError { () throws(LayoutError) in try layout.view.transposed(axes.span) }?.kind == .invalid)
        }
    }

    @Test func broadcastingRepeatsItems() throws {
        var random = Seeded(state: 8)
        for round in 0..<3000 {
            let sample = try round % 2 == 0 ? Sample.direct(&random, dimensions: 0...3) : Sample.indirect(&random)
            let old = sample.layout.shape
            let added = (0..<random.int(0...2)).map { _ in random.int(0...3) }
            let target = added + old.map { $0 == 1 ? random.int(0...3) : $0 }
            let reference = try #require(Reference(sample.layout, at: sample.base, memory: sample.memory))
            let result = try sample.layout.view.broadcast(to: target.span)
            let expected = reference.gathered(target) { index in
                old.indices.map { old[$0] == 1 ? 0 : index[added.count + $0] }
            }
            #expect(Reference(result, at: sample.base, memory: sample.memory) == expected)
        }
    }

    @Test func broadcastShapesFollowNumPy() throws {
        let good: [([Int], [Int], [Int])] = [
            ([], [], []), ([3], [], [3]), ([3, 1], [4], [3, 4]), ([0], [1], [0]), ([2, 1, 5], [7, 1], [2, 7, 5]),
        ]
        for (a, b, expected) in good {
            #expect(try broadcastShape(a.span, b.span) == expected)
            #expect(try broadcastShape(b.span, a.span) == expected)
        }
        let (three, four, zero) = ([3], [2, 4], [0])
        #expect(throws: LayoutError.self) { try broadcastShape(three.span, four.span) }
        #expect(throws: LayoutError.self) { try broadcastShape(three.span, zero.span) }
        let layout = try Layout(shape: [3], itemsize: 1)
        for target in [[], [4], [3, 1], [-3]] {
            #expect(throws: LayoutError.self) { try layout.view.broadcast(to: target.span) }
        }
    }

    @Test func squeezingDropsUnitAxes() throws {
        let layout = try Layout(shape: [1, 3, 1, 2], strides: [9, 8, 7, 4], itemsize: 4)
        #expect(try layout.view.squeezed().strides == [8, 4])
        let third = [-2]
        #expect(try layout.view.squeezed(third.span).strides == [9, 8, 4])
        let (wrong, none) = ([1], [4])
        #expect(layoutError { () throws(LayoutError) in try layout.view.squeezed(wrong.span) }?.kind == .invalid)
        #expect(layoutError { () throws(LayoutError) in try layout.view.squeezed(none.span) }?.kind == .indexOutOfRange)
    }
}
