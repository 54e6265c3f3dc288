// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import Testing

@Suite("Layouts as values, their limits and their messages")
struct LayoutValueTests {
    @Test func layoutsOfAnySizeAreValues() throws {
        for ndim in [0, 1, 4, 5, 8, 9, 64] {
            let shape = (0..<ndim).map { $0 % 2 + 1 }
            // 2 to the 32nd items at most.
            let layout = try Layout(shape: shape, itemsize: 2)
            var copy = layout
            #expect(layout.shape == shape && layout.ndim == ndim && layout.view.ndim == ndim)
            #expect(copy == layout && copy.hashValue == layout.hashValue)
            let suboffsets = [Int](repeating: 3, count: ndim)
            copy = try Layout(shape: shape, strides: layout.strides, suboffsets: suboffsets, itemsize: 2)
            #expect((copy == layout) == (ndim == 0))
            #expect(copy.suboffsets == suboffsets)
            #expect(layout.strides == copy.strides)
            #expect(try Layout(copy.view) == copy)
        }
        let negative = try Layout(shape: [2], strides: [4], suboffsets: [-1], itemsize: 4)
        #expect(try negative == Layout(shape: [2], itemsize: 4))
        #expect(try negative != Layout(shape: [2], strides: [4], itemsize: 2))
    }

    @Test func viewsHaveAnyNumberOfDimensions() throws {
        let shape = [Int](repeating: 1, count: 128)
        let strides = shape
        let view = LayoutView(itemsize: 1, shape: shape.span, strides: strides.span, suboffsets: Span())
        #expect(try view.itemCount == 1)
        let (whole, last) = (view.isCContiguous, try view.selecting(.ellipsis, .integer(0)).layout.ndim)
        #expect(whole && last == 127)
        #expect(throws: LayoutError.self) { try Layout(shape: shape, itemsize: 1) }
        #expect(try Layout(contiguous: shape.span, itemsize: 1, maximumDimensions: 128).ndim == 128)
    }

    @Test func viewsReadDimensionsInPlace() throws {
        let (shape, strides, suboffsets) = ([2, 3], [8, 4], [0, -1])
        unsafe shape.withUnsafeBufferPointer { shape in
            unsafe strides.withUnsafeBufferPointer { strides in
                unsafe suboffsets.withUnsafeBufferPointer { suboffsets in
                    let direct = unsafe LayoutView(
                        itemsize: 4, ndim: 2, shape: shape.baseAddress, strides: strides.baseAddress, suboffsets: nil)
                    let (ndim, any) = (direct.ndim, direct.isIndirect)
                    #expect(ndim == 2 && !any)
                    let indirect = unsafe LayoutView(
                        itemsize: 4, ndim: 2, shape: shape.baseAddress, strides: strides.baseAddress,
                        suboffsets: suboffsets.baseAddress)
                    let axis = indirect.firstIndirectAxis
                    #expect(axis == 0)
                }
            }
        }
        let scalar = unsafe LayoutView(itemsize: 4, ndim: 0, shape: nil, strides: nil, suboffsets: nil)
        #expect(try scalar.byteCount == 4)
    }

    @Test func inconsistentLayoutsAreRefused() {
        let cases: [(shape: [Int], strides: [Int], suboffsets: [Int], itemsize: Int, LayoutError.Kind)] = [
            ([-1], [1], [], 1, .invalid), ([1], [1], [], -1, .invalid), ([1, 2], [1], [], 1, .invalid),
            ([1], [1], [1, 2], 1, .invalid), ([Int.max, 2], [0, 0], [], 1, .overflow),
            ([Int.max], [0], [], 2, .overflow), ([3], [Int.max], [], 1, .overflow), ([3], [Int.min], [], 1, .overflow),
            ([2, 2], [Int.max, 8], [], 1, .overflow), ([2], [Int.max], [], 1, .overflow),
        ]
        for (shape, strides, suboffsets, itemsize, kind) in cases {
            let error = layoutError { () throws(LayoutError) in
                try Layout(shape: shape, strides: strides, suboffsets: suboffsets, itemsize: itemsize)
            }
            #expect(error?.kind == kind, "\(shape) \(strides)")
            guard strides.count == shape.count && [0, shape.count].contains(suboffsets.count) else { continue }
            let copy = layoutError { () throws(LayoutError) in
                try Layout(
                    LayoutView(
                        itemsize: itemsize, shape: shape.span, strides: strides.span, suboffsets: suboffsets.span))
            }
            #expect(copy?.kind == kind, "copy of \(shape) \(strides)")
        }
        #expect(
            layoutError { () throws(LayoutError) in try Layout(shape: [1 << 40, 1 << 40], itemsize: 1) }?.kind
                == .overflow)
    }

    @Test func partsBehindPointersAreValidated() throws {
        // The distances of the second axis do not fit, which matters only once it is the first.
        let layout = try Layout(shape: [2, 3], strides: [8, Int.max], suboffsets: [0, -1], itemsize: 4)
        let error = layoutError { () throws(LayoutError) in _ = try layout.view.selecting(.integer(0)) }
        #expect(error?.kind == .overflow)
        #expect(try layout.view.selecting(.integer(0), .integer(1)).layout.ndim == 0)
    }

    @Test func arithmeticOfExtremeNumbersThrowsOrGivesValidLayouts() {
        var random = Seeded(state: 12)
        let extremes = [
            0, 1, 2, 3, -1, -2, 1 << 31, 1 << 32, 1 << 62, -(1 << 62), Int.max, Int.max - 1, Int.min, Int.min + 1,
        ]
        func extreme() -> Int { extremes.randomElement(using: &random)! }
        var thrown = 0
        for _ in 0..<30_000 {
            let ndim = random.int(0...3)
            let shape = (0..<ndim).map { _ in random.chance(5) ? extreme() : abs(max(extreme(), -Int.max)) }
            let strides = (0..<ndim).map { _ in extreme() }
            let suboffsets = random.chance(30) ? (0..<ndim).map { _ in extreme() } : []
            let view = LayoutView(
                itemsize: abs(max(extreme(), -Int.max)), shape: shape.span, strides: strides.span,
                suboffsets: suboffsets.span)
            let index = (0..<ndim).map { _ in extreme() }
            let entries = (0..<random.int(0...ndim)).map { _ -> AxisIndex in
                random.chance(40)
                    ? .integer(extreme()) : .slice(start: extreme(), stop: extreme(), step: extreme())
            }
            let target = (0..<random.int(0...3)).map { _ in extreme() }
            func attempt(_ body: () throws(LayoutError) -> Void) {
                do { try body() } catch { thrown += 1 }
            }
            func attemptLayout(_ body: () throws(LayoutError) -> Layout) {
                attempt { () throws(LayoutError) in
                    let layout = try body()
                    // An expectation each would take most of the time.
                    if (try? layout.view.summary()) == nil { Issue.record("invalid: \(layout)") }
                }
            }
            _ = view.isCContiguous || view.isFContiguous
            attempt { () throws(LayoutError) in _ = try view.byteCount }
            attempt { () throws(LayoutError) in _ = try view.byteExtent }
            attempt { () throws(LayoutError) in try view.checkFits(offset: extreme(), byteCount: extreme()) }
            attempt { () throws(LayoutError) in _ = try view.offset(of: index.span) }
            attemptLayout { () throws(LayoutError) in try view.selecting(entries.span).layout }
            attemptLayout { () throws(LayoutError) in
                try view.slicing(axis: 0, start: extreme(), step: extreme(), count: extreme()).layout
            }
            attemptLayout { () throws(LayoutError) in try Layout(view) }
            attemptLayout { () throws(LayoutError) in try view.transposed(index.span) }
            attemptLayout { () throws(LayoutError) in try view.transposed() }
            attemptLayout { () throws(LayoutError) in try view.reshaped(to: target.span, order: .any) }
            attemptLayout { () throws(LayoutError) in try view.reshaped(to: target.span, order: .fortran) }
            attemptLayout { () throws(LayoutError) in try view.broadcast(to: target.span) }
            attemptLayout { () throws(LayoutError) in try view.squeezed() }
            attemptLayout { () throws(LayoutError) in try view.squeezed(target.span) }
            attemptLayout { () throws(LayoutError) in try view.strided(shape: target.span, strides: target.span) }
            attemptLayout { () throws(LayoutError) in try view.contiguous(.any) }
        }
        #expect(thrown > 100_000)
    }

    @Test func messagesSayWhatWasRequestedAndFound() throws {
        let layout = try Layout(shape: [3, 4], strides: [32, 8], itemsize: 8)
        let flat = [13]
        func message(_ body: () throws(LayoutError) -> Void) -> String? { layoutError(body)?.message }
        #expect(
            message { () throws(LayoutError) in _ = try layout.view.selecting(.all, .integer(7)) }
                == "index 7 is out of range for axis 1 with length 4; -4 to 3 would work")
        #expect(
            message { () throws(LayoutError) in _ = try layout.view.reshaped(to: flat.span) }
                == "cannot reshape 12 items of shape (3, 4) to shape (13,): both must have the same number of items")
        #expect(
            message { () throws(LayoutError) in try layout.view.checkFits(offset: 0, byteCount: 95) }
                == "shape (3, 4) with strides (32, 8) and items of 8 bytes reaches bytes 0 up to 96, "
                + "outside of the memory from 0 up to 95")
        #expect(
            message { () throws(LayoutError) in _ = try layout.view.broadcast(to: flat.span) }
                == "shape (3, 4) does not broadcast to shape (13,): "
                + "aligned at the last axis, lengths must be equal or 1")
    }
}
