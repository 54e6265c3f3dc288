// SPDX-License-Identifier: Apache-2.0

/// What to write instead of a text that is not a format.
enum FormatHint {
    /// The format that a text means where it is the name of a type in another library or language.
    static func hint(for text: Span<UInt8>) -> String? {
        // No name is longer.
        guard text.count <= 20 else { return nil }
        var bytes: [UInt8] = []
        for index in 0..<text.count { bytes.append(text[index]) }
        guard let name = String(validating: bytes, as: UTF8.self) else { return nil }
        if let other = formatOfNumPy(bytes) { return "NumPy's '\(name)' is '\(other)' here" }
        let format = Scalar(name: name.lowercased()).map { "'\($0.code)'" } ?? formats[name.lowercased()]
        return format.map { "'\(name)' is \($0) here" }
    }

    /// Whether a text is the name of a type in another library or language, other than NumPy's names of scalars.
    static func isName(_ text: String) -> Bool { formats[text] != nil }

    /// What may be meant by a character that no format has, or not at this position.
    static func hint(for character: UInt8) -> String? { hints[character] }

    /// The format of a type that NumPy writes with its size in bytes, such as `<f4`.
    private static func formatOfNumPy(_ text: [UInt8]) -> String? {
        var code = text[...]
        var order = ""
        if let first = code.first, first == UInt8(ascii: "|") || ByteOrder(character: first) != nil {
            order = first == UInt8(ascii: "|") ? "" : String(UnicodeScalar(first))
            code = code.dropFirst()
        }
        guard let kind = code.first, isLetter(kind), let size = number(code.dropFirst()) else { return nil }
        switch (kind, size) {
        case (UInt8(ascii: "S"), _), (UInt8(ascii: "a"), _): return "\(size)s"
        case (UInt8(ascii: "U"), _): return "\(order)\(size)w"
        case (UInt8(ascii: "V"), _): return "\(size)x"
        default: break
        }
        switch Scalar(numPyKind: kind, size: size) {
        // NumPy has not these, so that the text is a count after its type.
        case nil, .int24, .uint24, .complex32: return nil
        case .some(let scalar): return "\(order)\(scalar.code)"
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count < 10, digits.allSatisfy(isDigit) else { return nil }
        return digits.reduce(0) { 10 * $0 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// Types by the names that C, NumPy and Python give them, other than those of ``Scalar``.
    private static let formats = [
        "boolean": "'?'", "char": "'c' (bytes) or 'b' (a number)", "byte": "'B'", "bytes": "'s'", "str": "'w'",
        "string": "'s' (bytes) or 'w' (text)", "short": "'h'", "int": "'i'", "uint": "'I'", "unsigned": "'I'",
        "integer": "'i'", "long": "'l'", "ulong": "'L'", "longlong": "'q'", "size_t": "'N'", "ssize_t": "'n'",
        "half": "'e'", "single": "'f'", "float": "'f' (C) or 'd' (Python)", "double": "'d'", "complex": "'Zd'",
        "void": "'x'", "object": "'O'", "pointer": "'P'", "ushort": "'H'", "ubyte": "'B'", "uchar": "'B'",
        "ulonglong": "'Q'", "intp": "'n'", "uintp": "'N'", "csingle": "'Zf'", "cdouble": "'Zd'", "unicode": "'w'",
        "intc": "'i'", "uintc": "'I'", "signed": "'i'", "bool_": "'?'", "float128": "'g'", "complex256": "'Zg'",
        "bf16": "'Rb'", "float8": "'Rn' (e4m3fn) or 'Re' (e5m2)", "fp8": "'Rn' (e4m3fn) or 'Re' (e5m2)",
    ]

    private static let hints: [UInt8: String] = [
        UInt8(ascii: ","): "members follow each other without commas, as in 'id'",
        UInt8(ascii: ";"): "members follow each other without separators, as in 'id'",
        UInt8(ascii: "["): "a shape comes before its type, as in '(2,3)i'",
        UInt8(ascii: "{"): "a structure is 'T{...}'",
        UInt8(ascii: "*"): "a count comes before its type, as in '3i'",
        UInt8(ascii: "|"): "a type without a byte order has no order character",
        UInt8(ascii: "'"): "a format contains no quotes",
        UInt8(ascii: "\""): "a format contains no quotes",
        UInt8(ascii: "n"): "'q' has 8 bytes in every order",
        UInt8(ascii: "N"): "'Q' has 8 bytes in every order",
        UInt8(ascii: "S"): "bytes are 's'",
        UInt8(ascii: "a"): "bytes are 's'",
        UInt8(ascii: "U"): "text is 'w'",
        UInt8(ascii: "W"): "text is 'w'",
        UInt8(ascii: "V"): "bytes without meaning are 'x'",
        UInt8(ascii: "o"): "an object is 'O'",
        UInt8(ascii: "C"): "complex numbers are 'Zf' and 'Zd', a character is 'c'",
        UInt8(ascii: "E"): "a half is 'e'",
        UInt8(ascii: "Y"): "a signed bit field is 'y'",
    ]
}
