// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import Testing

@Suite("Reading formats")
struct FormatParsingTests {
    /// Sizes that `struct.calcsize` gives on 64-bit Linux.
    @Test(arguments: [
        ("", 0), ("@", 0), ("  ", 0), ("bi", 8), ("ib", 5), ("bhiq", 16), ("b0q", 8), ("3s0i", 4), ("xd", 16),
        ("?3xi", 8), ("hhl", 16), ("<bhiq", 15), ("=l", 4), ("@l", 8), ("nN", 16), ("P", 8), ("5pq", 16), ("0s", 0),
        ("p", 1), ("0x", 0), ("i0q", 8), ("<  3i 2x", 14), ("i\n", 4), ("e", 2), (">hhl", 8), ("!Q?", 9), ("2c3b", 5),
        ("\u{b}\u{c}\t\r i", 4), ("bbd", 16), ("4x0i", 4),
    ])
    func sizesAreThoseOfCalcsize(_ text: String, _ size: Int) throws {
        #expect(try Format(text).itemsize == size)
    }

    /// Sizes that NumPy's dtype parser gives for structures.
    @Test(arguments: [
        ("T{i:a:b:b:}", 8), ("T{i:a:b:b:xxx}", 8), ("T{b:a:i:b:}", 8), ("T{<i:a:b:b:}", 5), ("T{=i:a:b:b:}", 5),
        ("T{^i:a:b:b:}", 5), ("T{T{i:a:b:b:}:n:b:c:}", 12), ("T{b:a:T{i:a:b:b:}:n:}", 12),
        ("T{b:a:(2,3)d:x:}", 56), ("i(2)T{b:x:i:y:}", 20), ("3T{i:a:b:b:}:q:", 24), ("T{i:a:@b:b:}", 8),
        ("T{b:a:<i:b:b:c:}b", 7), ("T{b:a:<i:b:}i", 9), ("T{5s:a:3w:b:}", 20), ("T{b:a:3x:b:}", 4),
        ("T{b:a:0i}", 4), ("T{}", 0), ("0T{i:a:}:b:", 0), ("(2)3i:x:", 24), ("T{b:a:g:x:}", 32), ("Zd", 16), ("3x", 3),
        ("T{b:a:m:b:h:c:}", 6), ("T{b:a:<m:b:i:c:}", 8), ("3m", 9), ("bZe", 6), ("T{b:a:Ze:b:}", 6),
        ("T{(2,3)>i:a:T{=e:x:3x:y:}:b:}", 29), ("T{(2,3)>i:a:T{@e:x:3x:y:}:b:}", 30), ("T{3w:a:xxxxO:b:}", 24),
        ("( 2 , 3 )i", 24), ("T{b:a:2i}", 12), ("3si", 8), ("^bi", 5),
    ])
    func structuresHaveTheSizesOfNumPy(_ text: String, _ size: Int) throws {
        #expect(try Format(text).itemsize == size)
    }

    @Test func everyScalarHasItsTypeInEveryOrder() throws {
        let codes: [(String, Scalar)] = [
            ("?", .bool), ("c", .char), ("b", .int8), ("B", .uint8), ("h", .int16), ("H", .uint16), ("i", .int32),
            ("I", .uint32), ("q", .int64), ("Q", .uint64), ("e", .float16), ("f", .float32), ("d", .float64),
            ("g", .longDouble), ("Zf", .complex64), ("Zd", .complex128), ("Zg", .complexLongDouble),
            ("F", .complex64), ("D", .complex128), ("G", .complexLongDouble),
            ("Ze", .complex32), ("m", .int24), ("M", .uint24), ("Rb", .bfloat16), ("Rc", .float8E3M4),
            ("Rd", .float8E4M3), ("RK", .float8E4M3B11FNUZ), ("Rn", .float8E4M3FN), ("RD", .float8E4M3FNUZ),
            ("Re", .float8E5M2), ("RE", .float8E5M2FNUZ), ("Rh", .float8E8M0FNU),
        ]
        for (code, scalar) in codes {
            for (order, swapped) in [
                ("", false), ("@", false), ("^", false), ("=", false), ("<", false), (">", true), ("!", true),
            ] {
                let format = try Format(order + code)
                let found = try #require(format.scalar)
                #expect(found.0 == scalar)
                #expect(found.swapped == (swapped && scalar.size > 1))
                #expect(format.itemsize == scalar.size)
                #expect(format.alignment == (order == "" || order == "@" ? scalar.alignment : 1))
                let quick = unsafe (order + code).withCString { unsafe Format.scalar(ofCString: $0) }
                #expect(quick?.0 == found.0 && quick?.swapped == found.swapped)
            }
        }
        for (text, scalar) in [
            ("l", Scalar.int64), ("^L", .uint64), ("n", .int64), ("N", .uint64), ("=l", .int32), ("<L", .uint32),
        ] {
            #expect(try Format(text).scalar?.0 == scalar)
            let quick = unsafe text.withCString { unsafe Format.scalar(ofCString: $0) }
            #expect(quick?.0 == scalar)
        }
    }

    @Test func theFastPathReadsPlainScalarsOnly() {
        for text in [
            "", "@", "Z", "<Z", "Zi", "ii", "3i", "i ", " i", "T{i}", "<n", ">P", "P", "s", "x", "O", "<<i", "Zdd",
            "i:x:",
        ] {
            let quick = unsafe text.withCString { unsafe Format.scalar(ofCString: $0) }
            #expect(quick == nil, "\(text)")
        }
    }

    @Test func fieldsCarryNamesOffsetsAndTypes() throws {
        let format = try Format("T{b:flag:3h:triple:(2,3)>d:matrix:5s:text:2w:wide:@P:next:}")
        guard case .structure(let record) = format.fields[0].type else {
            Issue.record("a structure was expected")
            return
        }
        #expect(record.fields.map(\.name) == ["flag", "triple", "matrix", "text", "wide", "next"])
        #expect(record.fields.map(\.offset) == [0, 2, 8, 56, 61, 72])
        #expect(
            record.fields.map(\.type) == [
                .scalar(.int8, swapped: false), .array(shape: [3], element: .scalar(.int16, swapped: false)),
                .array(shape: [2, 3], element: .scalar(.float64, swapped: true)), .bytes(5), .ucs4(2, swapped: true),
                .pointer(swapped: false),
            ])
        #expect(record.itemsize == 80 && record.alignment == 8)
    }

    @Test func countsRepeatUnnamedAndMakeArraysNamed() throws {
        let run = try Format("1000000i")
        #expect(run.fields.count == 1 && run.fields[0].repeats == 1_000_000 && run.valueCount == 1_000_000)
        #expect(run.fields[0].offset(ofRepeat: 3) == 12)
        #expect(try Format("iii") == Format("3i"))
        #expect(try Format("3i:x:").fields[0].type == .array(shape: [3], element: .scalar(.int32, swapped: false)))
        #expect(try Format("1i:x:").fields[0].type == .scalar(.int32, swapped: false))
        #expect(try Format("2T{i:a:}").fields[0].repeats == 2)
        #expect(try Format("b0i").fields.count == 1)
        #expect(try Format("3s").fields.map(\.type) == [.bytes(3)])
        #expect(try Format("b5x").fields.count == 1)
        #expect(try Format("(2)3x").itemsize == 6)
        #expect(try Format("0q:none:").fields[0].type == .array(shape: [0], element: .scalar(.int64, swapped: false)))
    }

    @Test func pointersAndFunctionsAreAddresses() throws {
        for text in ["P", "&i", "&<i", "&&d", "&T{i:a:(2)d:b:}", "X{}", "X{i->{d}}", "&X{}", "&(3)f"] {
            let format = try Format(text)
            #expect(format.fields.map(\.type) == [.pointer(swapped: false)], "\(text)")
            #expect(format.itemsize == 8 && format.alignment == 8)
        }
        // What ctypes writes for a structure with an integer, a pointer, an array and a function.
        let format = try Format("T{<b:a:7x&<i:p:(3)<i:arr:4xX{}:f:}")
        #expect(format.itemsize == 40)
    }

    @Test func byteStringsOfUTF8AndCStringsAreRead() throws {
        let bytes = Array("T{i:größe:}".utf8)
        let format = try Format(utf8: bytes.span)
        #expect(try format == Format("T{i:größe:}"))
        let same = try unsafe "T{i:größe:}".withCString { try unsafe Format(cString: $0) }
        #expect(same == format)
    }

    @Test(arguments: [
        ("i4k", 2, "unknown character 'k'"), ("3", 0, "count without a type"), ("i 3", 2, "count without a type"),
        ("3 i", 1, "type missing"), ("1i2<", 3, "type missing"), ("<n", 1, "exists only in native order"),
        ("65t", 0, "bit field of more than 64 bits"), ("(2)3t", 0, "a bit field has no shape"),
        ("3r:a:", 2, "bits without a value"), ("0y:a:", 2, "bits without a value"), ("T", 0, "'T' needs '{'"),
        ("T{i:a:", 1, "never closed"), ("i}", 1, "'}' without '{'"), ("T{i:a}", 3, "never closed by ':'"),
        ("(2,3", 0, "never closed"), ("(2 3)i", 3, "',' or ')' expected"), ("()i", 1, "length missing"),
        ("(2,)i", 3, "length missing"), ("(-1)i", 1, "length missing"), ("(2)", 3, "shape without a type"),
        ("3(2)i", 1, "a shape comes before the count"), ("Zi", 0, "'Z' needs"),
        ("X", 0, "'X' needs '{'"), ("X{", 1, "never closed"), ("&", 1, "type missing"),
        (":a:", 0, "name without a type"),
        ("T{i:x:i:x:}", 7, "second field named 'x'"), ("i\0", 1, "unknown character '\\x00'"),
        ("ié", 1, "unknown character 'é'"), ("+3i", 0, "unknown character '+'"),
        ("99999999999999999999i", 0, "number too large"), ("4611686018427387904i", 0, "size does not fit"),
        ("9223372036854775807si", 20, "size does not fit"), ("i4611686018427387904w", 1, "size does not fit"),
        ("(4294967296,4294967296)i", 0, "size does not fit"), ("(0,4294967296,4294967296)i", 0, "size does not fit"),
        ("9223372036854775807T{}", 0, "too many repetitions"), ("T{b9223372036854775806sh}", 23, "size does not fit"),
    ])
    func badFormatsAreRefusedAtTheCharacter(_ text: String, _ offset: Int, _ reason: String) throws {
        let error = try #require(throws: FormatError.self) { try Format(text) }
        #expect(error.offset == offset, "\(error.message)")
        #expect(error.message.contains(reason), "\(error.message)")
    }

    @Test func errorsPointAtTheCharacter() throws {
        let short = try #require(throws: FormatError.self) { try Format("i4k") }
        #expect(short.message == "bad format 'i4k': unknown character 'k' at position 2\n  i4k\n    ^")
        let named = try #require(throws: FormatError.self) { try Format("i:größe:k") }
        #expect(
            named.message == "bad format 'i:größe:k': unknown character 'k' at position 8\n  i:größe:k\n          ^")
        let long = try #require(throws: FormatError.self) {
            try Format(
                String(repeating: "é:é:", count: 0) + String(repeating: "bh", count: 500) + "k"
                    + String(repeating: "q", count: 500))
        }
        let lines = long.message.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].contains("position 1000"))
        #expect(lines.allSatisfy { $0.count < 180 })
        #expect(Array(lines[1])[lines[2].count - 1] == "k")
    }

    /// What the first line says after the place.
    @Test(arguments: [
        ("u1", "NumPy's 'u1' is 'B' here"), ("<f4", "NumPy's '<f4' is '<f' here"),
        ("|S5", "NumPy's '|S5' is '5s' here"),
        (">U3", "NumPy's '>U3' is '>3w' here"), ("float32", "'float32' is 'f' here"),
        ("Double", "'Double' is 'd' here"),
        ("float", "'float' is 'f' (C) or 'd' (Python) here"), ("int32", "'int32' is 'i' here"),
        ("i,d", "members follow each other without commas, as in 'id'"), ("i3", "a count comes before its type"),
        ("[2]i", "a shape comes before its type"), ("{i}", "a structure is 'T{...}'"), ("<n", "'q' has 8 bytes"),
        ("iS", "bytes are 's'"),
    ])
    func errorsSayWhatWouldBeRight(_ text: String, _ hint: String) throws {
        let error = try #require(throws: FormatError.self) { try Format(text) }
        let first = error.message.split(separator: "\n")[0]
        #expect(first.contains("; \(hint)"), "\(error.message)")
    }

    @Test func unprintableCharactersAreEscaped() throws {
        for (text, shown, caret) in [
            ("i\0", "i\\x00", 1), ("\u{1b}[1mi", "\\x1b[1mi", 0), ("i\t\n\u{7f}", "i\\t\\n\\x7f", 5),
            ("i:\u{202e}x:k", "i:\\u202ex:k", 10), ("i:\u{e0001}:k", "i:\\U000e0001:k", 13),
            ("i\u{85}", "i\\x85", 1),
        ] {
            let error = try #require(throws: FormatError.self) { try Format(text) }
            let lines = error.message.split(separator: "\n")
            #expect(lines[0].hasPrefix("bad format '\(shown)'"))
            #expect(lines[1] == "  \(shown)")
            #expect(lines[2] == "  " + String(repeating: " ", count: caret) + "^")
        }
        let bytes: [UInt8] = [0x69, 0xC3, 0x69]
        let error = try #require(throws: FormatError.self) { try Format(utf8: bytes.span) }
        #expect(error.message == "bad format 'i\\xc3i': unknown character '\\xc3' at position 1\n  i\\xc3i\n   ^")
    }

    @Test func hostileFormatsAreRefusedOrCheap() throws {
        let depth = Format.maximumDepth
        func nested(_ open: String, _ close: String, _ count: Int) -> String {
            String(repeating: open, count: count) + "i" + String(repeating: close, count: count)
        }
        #expect(try Format(nested("T{", "}", depth)).itemsize == 4)
        #expect(throws: FormatError.self) { try Format(nested("T{", "}", depth + 1)) }
        #expect(throws: FormatError.self) { try Format(nested("T{", "}", 10_000)) }
        #expect(throws: FormatError.self) { try Format(nested("&", "", 10_000)) }
        #expect(throws: FormatError.self) { try Format(nested("(2)", "", 10_000)) }
        #expect(try Format("X" + nested("{", "}", 10_000)).itemsize == 8)
        #expect(try Format(String(repeating: "i", count: 100_000)).fields.count == 1)
        #expect(try Format("9223372036854775807s").itemsize == Int.max)
    }

    @Test func randomTextNeverCrashes() {
        var random = Seeded(state: 10)
        let alphabet = Array("@=<>!^xXcbBhHiIlLqQnNefdgspPOwuZFDtyrzT{}(),:&0129 a")
        var read = 0
        for _ in 0..<60_000 {
            let text = String((0..<random.int(0...12)).map { _ in alphabet.randomElement(using: &random)! })
            guard let format = try? Format(text) else { continue }
            read += 1
            #expect((try? Format(format.description)) == format, "\(text) became \(format)")
        }
        #expect(read > 3000)
    }
}
