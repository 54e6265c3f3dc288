// Names of types that are no formats of PEP 3118: `float32` and `<f4`, as NumPy has them.

extension Format {
    /// Reads a format, or the name of a type: `float32`, `<f4`, `S5`.
    ///
    /// Names that other libraries read as another type than C does, or that spell another format letter by letter, are
    /// refused: `int`, `double`, `single`.
    ///
    /// - Returns: the format, and whether the text is one of PEP 3118 itself.
    /// - Throws: ``FormatError`` that says what to write instead.
    public static func named(_ text: String) throws(FormatError) -> (format: Format, isText: Bool) {
        if let letters = names[text] { return (try Format(letters), false) }
        // The error says what the name is here.
        if FormatHint.isName(text) { throw refusal("'\(text)' is the name of a type and no format", text) }
        if let type = ItemType(numPyName: text) { return (Format(type), false) }
        if isDate(text) {
            throw refusal("NumPy's dates have no format: write 'int64', and view the array as that", text)
        }
        return (try Format(text), true)
    }

    /// Whether NumPy writes a date or a duration so: `M8[ns]`.
    private static func isDate(_ text: String) -> Bool {
        let kind = text.drop { "<>=|".contains($0) }
        return ["M8", "m8", "datetime64", "timedelta64"].contains { kind == $0 || kind.hasPrefix($0 + "[") }
    }

    private static func refusal(_ reason: String, _ text: String) -> FormatError {
        let bytes = Array(text.utf8)
        return FormatError(reason, in: bytes.span, at: 0)
    }

    /// The formats of names that mean the same everywhere.
    private static let names: [String: String] = [
        "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int24": "m", "uint24": "M",
        "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d",
        "longdouble": "g", "complex32": "Ze", "complex64": "Zf", "complex128": "Zd", "clongdouble": "Zg",
    ]
}

extension ItemType {
    /// The type that NumPy writes as an order of bytes, or none, a kind, and a number of bytes, or characters for `U`.
    ///
    /// No format of PEP 3118 ends with a digit, so that none is read otherwise.
    init?(numPyName text: String) {
        var rest = Array(text.utf8)[...]
        var swapped = false
        switch rest.first {
        case UInt8(ascii: "<"): swapped = ByteOrder.ofThisMachine != .little
        case UInt8(ascii: ">"): swapped = ByteOrder.ofThisMachine != .big
        case UInt8(ascii: "="), UInt8(ascii: "|"): break
        default: rest = [0] + rest
        }
        rest = rest.dropFirst()
        guard let kind = rest.popFirst(), !rest.isEmpty, rest.count <= 18 else { return nil }
        var size = 0
        for digit in rest {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            size = 10 * size + Int(digit - UInt8(ascii: "0"))
        }
        self.init(numPyKind: kind, size: size, swapped: swapped)
    }

    /// The type of a kind of NumPy's and a number of bytes, or characters for `U`; `nil` where there is none.
    public init?(numPyKind kind: UInt8, size: Int, swapped: Bool) {
        switch (kind, size) {
        case (UInt8(ascii: "S"), _): self = .bytes(size)
        case (UInt8(ascii: "V"), _): self = .void(size)
        case (UInt8(ascii: "U"), _):
            guard size.checkedTimes(4) != nil else { return nil }
            self = .ucs4(size, swapped: swapped)
        case (UInt8(ascii: "O"), MemoryLayout<UInt>.size): self = .object
        default:
            guard let letters = Self.letters(kind, size), let scalar = (try? Format(letters))?.scalar?.0,
                scalar.size == size
            else { return nil }
            self = .scalar(scalar, swapped: swapped && scalar.isSwappable)
        }
    }

    private static func letters(_ kind: UInt8, _ size: Int) -> String? {
        switch (kind, size) {
        case (UInt8(ascii: "b"), 1): "?"
        case (UInt8(ascii: "i"), 1): "b"
        case (UInt8(ascii: "i"), 2): "h"
        case (UInt8(ascii: "i"), 3): "m"
        case (UInt8(ascii: "i"), 4): "i"
        case (UInt8(ascii: "i"), 8): "q"
        case (UInt8(ascii: "u"), 1): "B"
        case (UInt8(ascii: "u"), 2): "H"
        case (UInt8(ascii: "u"), 3): "M"
        case (UInt8(ascii: "u"), 4): "I"
        case (UInt8(ascii: "u"), 8): "Q"
        case (UInt8(ascii: "f"), 2): "e"
        case (UInt8(ascii: "f"), 4): "f"
        case (UInt8(ascii: "f"), 8): "d"
        case (UInt8(ascii: "f"), 12), (UInt8(ascii: "f"), 16): "g"
        case (UInt8(ascii: "c"), 4): "Ze"
        case (UInt8(ascii: "c"), 8): "Zf"
        case (UInt8(ascii: "c"), 16): "Zd"
        case (UInt8(ascii: "c"), 24), (UInt8(ascii: "c"), 32): "Zg"
        default: nil
        }
    }
}
