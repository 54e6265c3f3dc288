// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import Testing

@Suite("Bit fields and other members without a code of struct")
struct BitFieldTests {
    private static let isLittle = 1.littleEndian == 1
    /// The order characters of both orders of bits, little-endian first, and whether this machine has the other one.
    private static let orders = [("<", !isLittle), (">", isLittle)]

    private func fields(_ text: String) throws -> [(offset: Int, field: BitField)] {
        try Format(text).fields.map { field in
            guard case .bits(let bits) = field.type else { throw Unexpected() }
            return (field.offset, bits)
        }
    }

    private struct Unexpected: Error {}

    /// Sizes in bytes: a run takes whole ones together, and ends with whatever is no bit field, and with `0t`.
    @Test(arguments: [
        ("t", 1), ("1t3t4t", 1), ("8t", 1), ("9t", 2), ("5t11t", 2), ("5t12t", 3), ("64t", 8), ("3t64t", 9),
        ("5tB3t", 3), ("5t0t3t", 2), ("5tx3t", 3), ("5t0x3t", 2), ("5t>3t", 2), ("5t<3t", 1), ("5t@3t^", 1), ("3r", 1),
        ("3r5t", 1), ("17r5y", 3), ("0t", 0), ("T{5t}T{3t}", 2), ("(2)T{5t4t}", 4), ("5ti", 8), ("<5ti", 5),
        ("T{5t:a:i:b:}", 8), ("T{h:a:5t:b:}", 4), ("&5tb", 9),
    ])
    func runsOfBitFieldsTakeWholeBytes(_ text: String, _ size: Int) throws {
        var text = text
        if !Self.isLittle { text = text.replacing("<", with: "#").replacing(">", with: "<").replacing("#", with: ">") }
        #expect(try Format(text).itemsize == size)
    }

    @Test func littleEndianFieldsFillBytesFromTheLeastSignificantBit() throws {
        let found = try fields("<5t4t9y")
        #expect(found.map(\.offset) == [0, 0, 1])
        #expect(found.map(\.field.size) == [1, 2, 2])
        #expect(found.map(\.field.shift) == [0, 5, 1])
        #expect(found.map(\.field.width) == [5, 4, 9])
        #expect(found.map(\.field.isSigned) == [false, false, true])
        #expect(found.map(\.field.bit) == [0, 5, 1])
    }

    @Test func bigEndianFieldsFillBytesFromTheMostSignificantBit() throws {
        let found = try fields(">5t4t9y")
        #expect(found.map(\.offset) == [0, 0, 1])
        #expect(found.map(\.field.size) == [1, 2, 2])
        #expect(found.map(\.field.shift) == [3, 7, 6])
        #expect(found.map(\.field.bit) == [0, 5, 1])
        #expect(found.allSatisfy { $0.field.isBigEndian })
    }

    /// Every bit of the unit, by its place in the integer that the unit is, is in the same place of the field's bytes.
    @Test(arguments: [1, 2, 4, 8])
    func aFieldOfAUnitIsTheBitsOfTheUnit(_ bytes: Int) throws {
        for (_, swapped) in Self.orders {
            for width in 1...8 * bytes {
                for shift in 0...8 * bytes - width {
                    let (offset, field) = BitField.inUnit(
                        bytes: bytes, shift: shift, width: width, isSigned: false, swapped: swapped)
                    let mask = (UInt64.max >> UInt64(64 - width)) << UInt64(shift)
                    for index in 0..<bytes {
                        let place = field.isBigEndian ? bytes - 1 - index : index
                        let expected = UInt8(truncatingIfNeeded: mask >> UInt64(8 * place))
                        let isInside = (offset..<offset + field.size).contains(index)
                        #expect((isInside ? field.mask(ofByte: index - offset) : 0) == expected)
                        if isInside { #expect(expected != 0) }
                    }
                }
            }
        }
    }

    @Test func theFieldsOfARunShareNoBit() throws {
        var random = Seeded(state: 12)
        for _ in 0..<2000 {
            let order = ["<", ">"].randomElement(using: &random)!
            let widths = (0..<random.int(1...8)).map { _ in random.int(1...64) }
            let text = order + widths.map { "\($0)\(["t", "y", "r"].randomElement(using: &random)!)" }.joined()
            let size = (widths.reduce(0, +) + 7) / 8
            #expect(try Format(text).itemsize == size)
            guard let found = try? fields(text) else { continue }
            var taken = Array(repeating: UInt8(0), count: size)
            for (offset, field) in found {
                var count = 0
                for index in 0..<field.size {
                    let mask = field.mask(ofByte: index)
                    #expect(taken[offset + index] & mask == 0, "\(text)")
                    taken[offset + index] |= mask
                    count += mask.nonzeroBitCount
                }
                #expect(count == field.width)
            }
        }
    }

    @Test(arguments: [
        ("1t3t4t", "t3t4t"), ("5y", "5y"), ("5t3r8t", "5t3r8t"), ("5t0t8t", "5t3r8t"), ("3rt", "3rt"), ("9rt", "xrt"),
        ("5txt", "5txt"), ("T{5t:a:11t:b:i:c:}", "T{5t:a:11t:b:i:c:}"), ("5t3r", "5t"), ("3r", "x"), ("5t0tt", "5t3rt"),
    ])
    func canonicalText(_ text: String, _ canonical: String) throws {
        let format = try Format(text)
        #expect(format.description == canonical)
        #expect(try Format(canonical) == format)
    }

    @Test func bitFieldsOfBothOrdersReadBackEqual() throws {
        for text in ["5t>3t", ">5t<3t", "i>5t@3ti", "T{>5t:a:i:b:}5t", ">5tx@3t", ">5t3t@0t", "^5t>3h2t", "=8t>8t"] {
            let format = try Format(text)
            #expect(try Format(format.description) == format, "\(text) became \(format)")
        }
    }

    @Test func bitFieldsOfOneByteHaveBothOrders() throws {
        func areEquivalent(_ a: String, _ b: String) throws -> Bool { try Format(a).isEquivalent(to: Format(b)) }
        #expect(try areEquivalent("<8t", ">8t"))
        #expect(try areEquivalent("<3r2t", ">3r2t3r"))
        #expect(try !areEquivalent("<3t", ">3t"))
        #expect(try !areEquivalent("<9t", ">9t"))
        #expect(try !areEquivalent("5t", "5y"))
        #expect(try !areEquivalent("5t", "4t"))
        #expect(try !areEquivalent("8t", "B"))
        #expect(try areEquivalent("5t3t", "T{5t:a:3t:b:}") == false)
        #expect(try areEquivalent("T{5t3t}", "T{5t:a:3t:b:}"))
    }

    // MARK: Shapes, addresses, what is not read

    @Test(arguments: [
        ("(2)(3)i", "(2,3)i"), ("(2)<(3)i", "(2,3)<i"), ("(2) ( 3 ) (4,5)>h", "(2,3,4,5)>h"), ("(1)(1)b", "(1,1)b"),
        ("(2)(3)5s:x:", "(2,3)5s:x:"), ("(2)3i", "(2,3)i"), ("(2)(0)i", "(2,0)i"),
        ("T{(2)(3)T{i:a:}:b:}", "T{(2,3)T{i:a:}:b:}"),
    ])
    func shapesMakeArraysOfTheTypeAfterThem(_ text: String, _ flat: String) throws {
        var text = text
        var flat = flat
        if !Self.isLittle { (text, flat) = (text.replacing("<", with: "="), flat.replacing("<", with: "=")) }
        let format = try Format(text)
        #expect(try format == Format(flat))
        #expect(try Format(format.description) == format)
    }

    @Test func pointersHaveTheByteOrderBeforeThem() throws {
        for (order, swapped) in [("", false), ("@", false), ("^", false), ("=", false)] + Self.orders {
            let format = try Format(order + "P")
            #expect(format.fields.map(\.type) == [.pointer(swapped: swapped)])
            #expect(format.alignment == (order == "" || order == "@" ? MemoryLayout<UInt>.alignment : 1))
            #expect(try Format(format.description) == format)
        }
    }

    @Test(arguments: [
        ("z", "z"), ("Z", "Z"), ("T{i:a:z:b:}", "T{i:a:z:b:}"), ("T{i:a:^z:b:}", "T{i:a:4xz:b:}"), ("3z", "3z"),
        ("T{z:a:Z:b:Zd:c:}", "T{z:a:Z:b:Zd:c:}"),
    ])
    func pointersToTextHaveTheirBytes(_ text: String, _ aligned: String) throws {
        let format = try Format(text)
        #expect(try Format(format.description) == format)
        if text == aligned { #expect(format.description == text) }
        for (order, swapped) in Self.orders {
            let type = try #require(Format(order + "Z").fields.first?.type)
            #expect(type == .opaque(letter: UInt8(ascii: "Z"), size: MemoryLayout<UInt>.size, swapped: swapped))
        }
    }

    @Test func paddingAloneIsAVoidValue() throws {
        #expect(try Format("5x").fields.map(\.type) == [.void(5)])
        #expect(try Format("5x").description == "5x")
        #expect(try Format("2x3x") == Format("5x"))
        #expect(try Format("5x").isEquivalent(to: Format("5s")))
        #expect(try Format("5xb").fields.count == 1)
        #expect(try Format("0x").fields.isEmpty)
        #expect(Format(ItemType.void(5)).description == "5s")
        #expect(Format(ItemType.array(shape: [2], element: .void(5))).description == "(2)5s")
    }
}
