// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import Testing

@Suite("Printing and comparing formats")
struct FormatWritingTests {
    @Test(arguments: [
        ("d", "d"), ("@d", "d"), ("<d", "<d"), ("=d", "<d"), ("^d", "<d"), ("!d", ">d"), (">B", "B"), ("l", "q"),
        ("n", "q"),
        ("D", "Zd"), ("iii", "3i"), ("bxxxi", "bi"), ("b0i", "0ib3x"), ("3s", "3s"), ("<3s", "3s"), ("5x", "5x"),
        ("&<i", "P"), ("^P", "^P"), ("  i : a : ", "i: a :"), ("T{i:a:b:b:}", "T{i:a:b:b:}"),
        ("T{i:a:b:b:xxx}", "T{i:a:b:b:}"), ("T{<i:a:b:b:}", "T{<i:a:b:b:}"), ("(2,3)>i:x:", "(2,3)>i:x:"),
        ("b>ib", "b>ib"), ("T{b:a:3xi:b:}", "T{b:a:i:b:}"), ("3x:gap:", "3x:gap:"),
        ("T{i:a:<h:b:}", "T{i:a:h:b:^0x}"), ("T{h:a:>h:b:@}", "T{h:a:>h:b:@0x}"), ("2w", "2w"),
    ])
    func canonicalText(_ text: String, _ canonical: String) throws {
        let format = try Format(text)
        #expect(format.description == canonical)
        #expect(try Format(canonical) == format)
    }

    @Test func generatedFormatsReadBackEqual() throws {
        var random = Seeded(state: 11)
        for _ in 0..<4000 {
            let text = Self.generate(&random, depth: 0)
            let format = try Format(text)
            let again = try Format(format.description)
            #expect(again == format, "\(text) became \(format)")
            #expect(again.description == format.description)
            #expect(again.isEquivalent(to: format))
            // No two fields overlap, and all lie inside.
            var end = 0
            for field in format.fields {
                // Bit fields may share a byte.
                let shared = if case .bits = field.type { 1 } else { 0 }
                #expect(field.offset >= end - shared)
                end = field.offset + field.repeats * field.type.size
            }
            #expect(end <= format.itemsize)
        }
    }

    private static func generate(_ random: inout Seeded, depth: Int) -> String {
        var text = ""
        for i in 0..<random.int(0...4) {
            if random.chance(20) {
                if random.chance(40) { text += ["@", "<", ">"].randomElement(using: &random)! }
                // Bits without a value have no name.
                text += ["3t:f\(i):", "9y:f\(i):", "t", "60t", "5r", "0t"].randomElement(using: &random)!
                continue
            }
            for _ in 0..<(random.chance(25) ? random.int(1...2) : 0) {
                text += "(\(random.int(0...3)),\(random.int(1...2)))"
            }
            if random.chance(40) { text += ["@", "=", "<", ">", "!", "^"].randomElement(using: &random)! }
            if random.chance(30) { text += "\(random.int(0...5))" }
            if depth < 3 && random.chance(25) {
                text += "T{" + generate(&random, depth: depth + 1) + (random.chance(20) ? "^}" : "}")
            } else {
                let codes = [
                    "x", "c", "b", "?", "h", "i", "l", "Q", "e", "f", "d", "g", "s", "p", "O", "w", "u", "Zf", "Zg",
                    "X{}", "P", "z",
                ]
                text += codes.randomElement(using: &random)!
            }
            if random.chance(40) { text += ":f\(i):" }
        }
        return text
    }

    @Test(arguments: [
        ("l", "q"), ("<i", "i"), ("3i", "iii"), ("bi", "b3xi"), ("T{i:a:b:b:}", "T{<i:x:b:y:3x}"), ("=l", "i"),
        ("D", "Zd"),
        ("P", "&i"), ("2T{i:a:}", "T{i:x:}T{i:y:}"), ("B", ">B"), ("2ii2i", "5i"), ("(2)l", "(2)q"), ("@2i0q", "<2i"),
    ])
    func equivalentFormats(_ first: String, _ second: String) throws {
        let (a, b) = (try Format(first), try Format(second))
        #expect(a.isEquivalent(to: b) && b.isEquivalent(to: a))
    }

    @Test(arguments: [
        ("i", ">i"), ("i", "I"), ("i", "f"), ("3i", "2i"), ("3i", "(3)i"), ("ib", "ib3x"), ("bi", "ib"),
        ("T{i:a:}", "i"),
        ("2s", "2b"), ("s", "c"), ("i3x", "i"), ("", "x"), ("(2,3)i", "(3,2)i"), ("Zf", "2f"), ("5s", "5p"), ("P", "Q"),
    ])
    func differentFormats(_ first: String, _ second: String) throws {
        let (a, b) = (try Format(first), try Format(second))
        #expect(!a.isEquivalent(to: b) && !b.isEquivalent(to: a))
    }

    @Test func aScalarMakesItsOwnFormat() throws {
        for scalar in Scalar.allCases {
            let format = Format(scalar)
            #expect(format.description == "\(scalar.code)")
            #expect(try Format("\(scalar.code)") == format)
            #expect(Format(scalar, swapped: true).scalar?.swapped == (scalar.size > 1))
        }
    }
}
