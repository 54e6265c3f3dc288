// SPDX-License-Identifier: Apache-2.0

// NumPy's names of types, which are not formats of PEP 3118: `float32` and `<f4`.

extension Format {
    /// Reads a format, or the name of a type: `float32`, `<f4`, `S5`.
    ///
    /// Names that mean another type in other libraries than in C, or that are also formats letter by letter, are
    /// refused: `int`, `double`, `single`.
    ///
    /// - Returns: the format, and whether the text is one of PEP 3118 itself.
    /// - Throws: ``FormatError``, which says what to write instead.
    package static func named(_ text: String) throws(FormatError) -> (format: Format, isText: Bool) {
        if let scalar = Scalar(name: text) { return (Format(scalar), false) }
        if FormatHint.isName(text) { throw refusal("'\(text)' is the name of a type, not a format", text) }
        if let type = ItemType(numPyName: text) { return (Format(type), false) }
        if isDate(text) {
            throw refusal("NumPy's dates have no format: write 'int64', and view the array as that", text)
        }
        return (try Format(text), true)
    }

    /// Whether a text is NumPy's for a date or a duration: `M8[ns]`.
    private static func isDate(_ text: String) -> Bool {
        let kind = text.drop { "<>=|".contains($0) }
        return ["M8", "m8", "datetime64", "timedelta64"].contains { kind == $0 || kind.hasPrefix($0 + "[") }
    }

    private static func refusal(_ reason: String, _ text: String) -> FormatError {
        let bytes = Array(text.utf8)
        return FormatError(reason, in: bytes.span, at: 0)
    }
}

extension ItemType {
    /// What NumPy writes for the type: a byte order, a kind, and a number of bytes, or characters for `U`. `nil` for
    /// types that NumPy has not, and for pointers, which are of no use to it.
    package var numPyName: String? {
        switch self {
        case .scalar(.char, _): return "|S1"
        case .scalar(.int24, _), .scalar(.uint24, _), .scalar(.complex32, _): return nil
        case .scalar(let scalar, let swapped):
            guard let kind = scalar.numPyKind else { return nil }
            let order = scalar.isSwappable ? Self.orderCharacter(swapped: swapped) : "|"
            return "\(order)\(Unicode.Scalar(kind))\(scalar.size)"
        case .bytes(let count): return "|S\(count)"
        case .ucs4(let count, let swapped): return "\(Self.orderCharacter(swapped: swapped))U\(count)"
        case .void(let count): return "|V\(count)"
        case .structure(let format): return "|V\(format.itemsize)"
        default: return nil
        }
    }

    private static func orderCharacter(swapped: Bool) -> String {
        (ByteOrder.ofThisMachine == .little) != swapped ? "<" : ">"
    }

    /// The type that NumPy writes as a byte order, which may be absent, a kind, and a number of bytes, or characters
    /// for `U`.
    ///
    /// No format of PEP 3118 ends with a digit, so that no text is both.
    package init?(numPyName text: String) {
        var rest = text.utf8[...]
        var swapped = false
        switch rest.first {
        case UInt8(ascii: "<"): swapped = ByteOrder.ofThisMachine != .little
        case UInt8(ascii: ">"): swapped = ByteOrder.ofThisMachine != .big
        default: break
        }
        if let order = rest.first, "<>=|".utf8.contains(order) { rest = rest.dropFirst() }
        guard let kind = rest.popFirst(), !rest.isEmpty, rest.count <= 18 else { return nil }
        var size = 0
        for digit in rest {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            size = 10 * size + Int(digit - UInt8(ascii: "0"))
        }
        self.init(numPyKind: kind, size: size, swapped: swapped)
    }

    /// The type of a kind of NumPy's and a number of bytes, or characters for `U`; `nil` where there is none.
    package init?(numPyKind kind: UInt8, size: Int, swapped: Bool) {
        switch (kind, size) {
        case (UInt8(ascii: "S"), _): self = .bytes(size)
        case (UInt8(ascii: "V"), _): self = .void(size)
        case (UInt8(ascii: "U"), _):
            guard size.checkedTimes(4) != nil else { return nil }
            self = .ucs4(size, swapped: swapped)
        case (UInt8(ascii: "O"), MemoryLayout<UInt>.size): self = .object
        default:
            guard let scalar = Scalar(numPyKind: kind, size: size) else { return nil }
            self = .scalar(scalar, swapped: swapped && scalar.isSwappable)
        }
    }
}
