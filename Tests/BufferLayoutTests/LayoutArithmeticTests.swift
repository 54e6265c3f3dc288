// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import Testing

@Suite("Contiguity, extent and addresses, against enumeration of all items")
struct LayoutArithmeticTests {
    @Test func contiguityIsThatOfTheAddresses() throws {
        var random = Seeded(state: 1)
        var found = (c: 0, fortran: 0)
        for _ in 0..<3000 {
            let sample = try Sample.direct(&random)
            let reference = try #require(Reference(sample.layout, at: 0))
            let expected = reference.addresses.indices.map { $0 * sample.layout.itemsize }
            let view = sample.layout.view
            #expect(view.isCContiguous == (reference.addresses == expected))
            #expect(view.isFContiguous == (reference.fortran == expected))
            let either = view.isContiguous(.any)
            #expect(either == (view.isCContiguous || view.isFContiguous))
            found.c += view.isCContiguous ? 1 : 0
            found.fortran += view.isFContiguous ? 1 : 0
        }
        #expect(found.c > 500 && found.fortran > 500)
    }

    @Test func contiguityOfCornerCasesIsCPythons() throws {
        let empty = try Layout(shape: [3, 0, 2], strides: [1, 2, 7], itemsize: 4)
        #expect(empty.view.isCContiguous && empty.view.isFContiguous)
        let units = try Layout(shape: [1, 5, 1], strides: [77, 4, -3], itemsize: 4)
        #expect(units.view.isCContiguous && units.view.isFContiguous)
        let scalar = try Layout(shape: [], strides: [], itemsize: 4)
        #expect(scalar.view.isCContiguous && scalar.view.isFContiguous)
        let pointers = try Layout(shape: [2, 2], strides: [8, 4], suboffsets: [0, -1], itemsize: 4)
        #expect(!pointers.view.isCContiguous && !pointers.view.isFContiguous)
        let emptyPointers = try Layout(shape: [0], strides: [8], suboffsets: [0], itemsize: 8)
        #expect(!emptyPointers.view.isCContiguous && !emptyPointers.view.isFContiguous)
        let strides = [4]
        let suboffsets = [-1]
        let shape = [3]
        let negative = LayoutView(
            itemsize: 4, shape: shape.span, strides: strides.span, suboffsets: suboffsets.span)
        #expect(negative.isCContiguous && negative.isFContiguous)
    }

    @Test func countsAndExtentAreThoseOfTheAddresses() throws {
        var random = Seeded(state: 2)
        for _ in 0..<3000 {
            let layout = try Sample.direct(&random).layout
            let addresses = try #require(Reference(layout, at: 0)).addresses
            #expect(try layout.view.itemCount == addresses.count)
            #expect(try layout.view.byteCount == addresses.count * layout.itemsize)
            let extent = try layout.view.byteExtent
            if let low = addresses.min(), let high = addresses.max() {
                #expect(extent == low..<high + layout.itemsize)
                try layout.view.checkFits(in: low..<high + layout.itemsize)
                try layout.view.checkFits(offset: -low, byteCount: high - low + layout.itemsize)
                let kinds = [
                    layoutError { () throws(LayoutError) in
                        try layout.view.checkFits(in: low..<high + layout.itemsize - 1)
                    }?.kind,
                    layoutError { () throws(LayoutError) in
                        try layout.view.checkFits(offset: -low - 1, byteCount: high - low + layout.itemsize + 9)
                    }?.kind,
                ]
                #expect(kinds == [.outsideMemory, .outsideMemory])
            } else {
                #expect(extent == nil)
                try layout.view.checkFits(in: 0..<0)
            }
        }
    }

    @Test func extentOfPointersIsTheirFirstTable() throws {
        let layout = try Layout(
            shape: [3, 2, 5], strides: [-16, 8, 4], suboffsets: [-1, 0, -1], itemsize: 4)
        #expect(try layout.view.byteExtent == -32..<16)
    }

    @Test func bytesBetweenTheEndsCanBeCounted() throws {
        let (shape, strides) = ([2, 2], [1 << 62, -(1 << 62)])
        let wide = LayoutView(itemsize: 8, shape: shape.span, strides: strides.span, suboffsets: Span())
        #expect(layoutError { () throws(LayoutError) in _ = try wide.byteExtent }?.kind == .overflow)
        #expect(layoutError { () throws(LayoutError) in try Layout(wide) }?.kind == .overflow)
        let nearly = try Layout(shape: [2, 2], strides: [1 << 61, -(1 << 61)], itemsize: 8)
        #expect(try nearly.view.byteExtent == -(1 << 61)..<(1 << 61) + 8)
    }

    @Test func countsAndDistancesOfItemsWithoutBytesFit() throws {
        let (shape, strides, places) = ([1 << 40, 1 << 40], [8, 8], [Int.max, 1])
        let many = LayoutView(itemsize: 0, shape: shape.span, strides: strides.span, suboffsets: Span())
        #expect(layoutError { () throws(LayoutError) in try many.summary() }?.kind == .overflow)
        let few = [3, 3]
        let far = LayoutView(itemsize: 0, shape: few.span, strides: places.span, suboffsets: Span())
        #expect(layoutError { () throws(LayoutError) in try far.summary() }?.kind == .overflow)
        let near = LayoutView(itemsize: 0, shape: few.span, strides: strides.span, suboffsets: Span())
        #expect(try near.summary().byteCount == 0)
    }

    @Test func offsetsAreThoseOfTheAddresses() throws {
        var random = Seeded(state: 3)
        for _ in 0..<600 {
            let layout = try Sample.direct(&random).layout
            let reference = try #require(Reference(layout, at: 0))
            for index in Reference.indices(layout.shape) {
                let written = index.indices.map { random.chance(50) ? index[$0] - layout.shape[$0] : index[$0] }
                #expect(try layout.view.offset(of: written.span) == reference[index])
            }
        }
    }

    @Test func addressesFollowPointersInRealMemory() throws {
        // Two rows of three integers, each row somewhere else, two bytes into what its pointer says.
        let rows = unsafe (0..<2).map { row in
            let block = UnsafeMutableRawPointer.allocate(byteCount: 14, alignment: 8)
            for i in 0..<3 { unsafe block.storeBytes(of: Int32(10 * row + i), toByteOffset: 2 + 4 * i, as: Int32.self) }
            return UnsafeRawPointer(block)
        }
        defer { for row in 0..<2 { unsafe rows[row].deallocate() } }
        let layout = try Layout(shape: [2, 3], strides: [8, 4], suboffsets: [2, -1], itemsize: 4)
        try unsafe rows.withUnsafeBytes { table in
            let base = table.baseAddress!
            for index in Reference.indices([2, 3]) {
                let expected = Int32(10 * index[0] + index[1])
                let address = try unsafe layout.view.address(of: index.span, from: base)
                #expect(unsafe address.loadUnaligned(as: Int32.self) == expected)
                let fast = unsafe layout.view.uncheckedAddress(of: index.span, from: base)
                #expect(unsafe fast == address)
                let selection = try layout.view.selecting([.integer(index[0]), .integer(index[1])].span)
                #expect(unsafe selection.address(from: base) == address)
            }
            let last = [-1, -1]
            let address = try unsafe layout.view.address(of: last.span, from: base)
            #expect(unsafe address.loadUnaligned(as: Int32.self) == 12)
        }
    }

    @Test func badIndicesAreRefusedWithTheirKind() throws {
        let layout = try Layout(shape: [3, 0], itemsize: 4)
        let cases: [([Int], LayoutError.Kind)] = [
            ([3, 0], .indexOutOfRange), ([-4, 0], .indexOutOfRange), ([0, 0], .indexOutOfRange),
            ([Int.min, 0], .indexOutOfRange), ([Int.max, 0], .indexOutOfRange),
            ([0], .tooFewIndices), ([0, 0, 0], .tooManyIndices),
        ]
        for (index, kind) in cases {
            #expect(layoutError { () throws(LayoutError) in try layout.view.offset(of: index.span) }?.kind == kind)
        }
        let pointers = try Layout(shape: [1], strides: [8], suboffsets: [0], itemsize: 8)
        let zero = [0]
        #expect(layoutError { () throws(LayoutError) in try pointers.view.offset(of: zero.span) }?.kind == .indirect)
    }

    @Test func contiguousStridesAreCPythons() throws {
        // What PyBuffer_FillContiguousStrides gives, zero lengths included.
        #expect(try Layout(shape: [2, 3, 4], itemsize: 8).strides == [96, 32, 8])
        #expect(try Layout(shape: [2, 3, 4], itemsize: 8, order: .fortran).strides == [8, 16, 48])
        #expect(try Layout(shape: [3, 0, 2], itemsize: 4).strides == [0, 8, 4])
    }
}
