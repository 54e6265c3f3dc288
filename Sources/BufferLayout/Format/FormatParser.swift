// SPDX-License-Identifier: Apache-2.0

/// Parses a format in one pass, with bounded depth; every sum and product is checked.
struct FormatParser: ~Escapable {
    let text: Span<UInt8>
    var position = 0
    /// The byte order of what follows, also after braces.
    var order = ByteOrder.native

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) { self.text = text }

    mutating func parse() throws(FormatError) -> Format {
        let format = try members(openedAt: nil, depth: 0)
        // NumPy writes items without fields so: an item that is only padding is a value of that many bytes.
        guard format.fields.isEmpty, format.itemsize > 0 else { return format }
        return Format(
            fields: [Field(name: nil, offset: 0, type: .void(format.itemsize))], itemsize: format.itemsize,
            alignment: format.alignment)
    }

    /// The members up to the closing brace of the structure opened at `brace`, or to the end if that is `nil`.
    private mutating func members(openedAt brace: Int?, depth: Int) throws(FormatError) -> Format {
        var record = RecordBuilder()
        while true {
            skipSpace()
            guard let next = peek() else {
                if let brace { throw error("this '{' is never closed", at: brace) }
                return Format(fields: record.fields, itemsize: record.offset, alignment: record.alignment)
            }
            if next == UInt8(ascii: "}") {
                guard brace != nil else { throw error("'}' without '{'", at: position) }
                position += 1
                guard let size = record.filledSize(aligned: order.isAligned) else { throw tooLong(at: position - 1) }
                return Format(fields: record.fields, itemsize: size, alignment: record.alignment)
            }
            if skipOrder() { continue }
            let start = position
            let item = try item(depth: depth)
            let nameStart = position
            let name = try name()
            switch record.add(item, name: name) {
            case .added: break
            case .tooLong: throw tooLong(at: start)
            case .duplicate(let name): throw error("second field named '\(name)'", at: nameStart)
            case .tooManyValues: throw error("too many repetitions of a type without bytes", at: start)
            case .wideBits:
                throw error("bit field of more than \(BitField.maximumWidth) bits", at: start)
            case .namedGap: throw error("bits without a value cannot have a name", at: nameStart)
            }
        }
    }

    /// Shape, count and code: everything of a member except its name.
    private mutating func item(depth: Int) throws(FormatError) -> ParsedItem {
        let shapeStart = position
        var shape: [Int]?
        // A shape is an array of whatever follows: `(2)(3)i` is `(2,3)i`.
        while peek() == UInt8(ascii: "(") {
            let lengths = try (shape ?? []) + self.shape()
            guard lengths.count < maximumDimensions else {
                throw error("shape with more than \(maximumDimensions - 1) dimensions", at: shapeStart)
            }
            shape = lengths
            while skipOrder() || skipSpace() {}
        }
        let countStart = position
        let count = try number()
        guard let code = peek() else {
            if count != nil {
                throw error("count without a type", at: countStart, hint: "a count comes before its type, as in '3i'")
            }
            throw error(shape == nil ? "type missing" : "shape without a type", at: position)
        }
        let start = position
        position += 1
        // A structure is aligned by the order at its end, everything else by the order before it.
        let before = order
        let length = count ?? 1
        var item = ParsedItem(type: .pointer(swapped: false), shape: shape, count: count, isAligned: before.isAligned)
        switch code {
        case UInt8(ascii: "s"): item.setLength(.bytes(length))
        case UInt8(ascii: "p"): item.setLength(.pascal(length))
        case UInt8(ascii: "x"): item.setLength(.void(length))
        case UInt8(ascii: "u"):
            guard length.checkedTimes(2) != nil else { throw tooLong(at: countStart) }
            item.setLength(.ucs2(length, swapped: before.isSwapped))
        case UInt8(ascii: "w"):
            guard length.checkedTimes(4) != nil else { throw tooLong(at: countStart) }
            item.setLength(.ucs4(length, swapped: before.isSwapped))
        case UInt8(ascii: "O"): item.type = .object
        case UInt8(ascii: "P"): item.type = .pointer(swapped: before.isSwapped)
        case UInt8(ascii: "t"), UInt8(ascii: "y"), UInt8(ascii: "r"):
            guard shape == nil else { throw error("a bit field has no shape", at: shapeStart) }
            item.bits = (kind: code, swapped: before.isSwapped)
        case UInt8(ascii: "z"):
            item.type = .opaque(letter: code, size: MemoryLayout<UInt>.size, swapped: before.isSwapped)
        case UInt8(ascii: "&"): try skipPointee(at: start, depth: depth)
        case UInt8(ascii: "X"): try skipFunction(at: start)
        case UInt8(ascii: "T"):
            guard peek() == UInt8(ascii: "{") else { throw error("'T' needs '{'", at: start) }
            guard depth < Format.maximumDepth else { throw tooDeep(at: start) }
            position += 1
            item.type = .structure(try members(openedAt: position - 1, depth: depth + 1))
            item.isAligned = order.isAligned
        default: item.type = try scalar(code, at: start)
        }
        return item
    }

    private mutating func scalar(_ code: UInt8, at start: Int) throws(FormatError) -> ItemType {
        if code == UInt8(ascii: "Z") {
            if let part = peek(), let scalar = Scalar(complexCode: part) {
                position += 1
                return .scalar(scalar, swapped: order.isSwapped)
            }
            // Without a letter after it, ctypes' pointer to wide characters.
            guard endsType(peek()) else { throw error("'Z' needs 'e', 'f', 'd' or 'g'", at: start) }
            return .opaque(letter: code, size: MemoryLayout<UInt>.size, swapped: order.isSwapped)
        }
        if code == UInt8(ascii: "R") {
            guard let part = peek(), let scalar = Scalar(reducedCode: part) else {
                throw error(
                    "'R' needs the letter of a small float", at: start,
                    hint: "'Rb' is bfloat16, 'Rn' float8_e4m3fn, 'Re' float8_e5m2; bits without a value are 'r'")
            }
            position += 1
            return .scalar(scalar, swapped: order.isSwapped && scalar.isSwappable)
        }
        if let scalar = Scalar(code: code, nativeSizes: order.hasNativeSizes) {
            return .scalar(scalar, swapped: order.isSwapped && scalar.isSwappable)
        }
        switch code {
        case UInt8(ascii: "n"), UInt8(ascii: "N"):
            throw error(
                "'\(character(at: start))' exists only in native order ('@' or '^'),", at: start,
                hint: FormatHint.hint(for: code))
        case UInt8(ascii: ":"):
            throw error("name without a type", at: start)
        case UInt8(ascii: "("):
            throw error("a shape comes before the count, not after it,", at: start)
        case _ where isSpace(code) || ByteOrder(character: code) != nil || code == UInt8(ascii: "}"):
            throw error("type missing", at: start)
        default:
            throw error("unknown character '\(character(at: start))'", at: start, hint: FormatHint.hint(for: code))
        }
    }

    /// Parses and discards the type that a pointer points at: `&<i`, `&T{...}`, `&&d`.
    private mutating func skipPointee(at start: Int, depth: Int) throws(FormatError) {
        guard depth < Format.maximumDepth else { throw tooDeep(at: start) }
        while skipOrder() || skipSpace() {}
        _ = try item(depth: depth + 1)
    }

    /// Skips the braces of `X{...}`, a function pointer, with a signature if there is one.
    private mutating func skipFunction(at start: Int) throws(FormatError) {
        guard peek() == UInt8(ascii: "{") else { throw error("'X' needs '{'", at: start) }
        let brace = position
        var open = 0
        repeat {
            guard let next = peek() else { throw error("this '{' is never closed", at: brace) }
            if next == UInt8(ascii: "{") { open += 1 }
            if next == UInt8(ascii: "}") { open -= 1 }
            position += 1
        } while open > 0
    }

    /// `(2,3)`, with optional spaces.
    private mutating func shape() throws(FormatError) -> [Int] {
        let start = position
        var shape: [Int] = []
        repeat {
            position += 1
            skipSpace()
            guard let length = try number() else { throw error("length missing in a shape", at: position) }
            shape.append(length)
            skipSpace()
        } while peek() == UInt8(ascii: ",")
        guard peek() == UInt8(ascii: ")") else {
            throw peek() == nil
                ? error("this '(' is never closed", at: start)
                : error("',' or ')' expected in a shape", at: position)
        }
        position += 1
        return shape
    }

    private mutating func number() throws(FormatError) -> Int? {
        let start = position
        var value = 0
        while let next = peek(), next >= UInt8(ascii: "0"), next <= UInt8(ascii: "9") {
            guard let sum = Int(next - UInt8(ascii: "0")).checkedPlus(value, times: 10) else {
                throw error("number too large", at: start)
            }
            value = sum
            position += 1
        }
        return position == start ? nil : value
    }

    /// A name between colons, if one follows.
    private mutating func name() throws(FormatError) -> String? {
        let before = position
        skipSpace()
        guard peek() == UInt8(ascii: ":") else {
            position = before
            return nil
        }
        let start = position
        position += 1
        let first = position
        while let next = peek(), next != UInt8(ascii: ":") {
            // C code would see the end of the text there.
            guard next != 0 else { throw error("name with a NUL", at: position) }
            position += 1
        }
        guard peek() != nil else { throw error("this name is never closed by ':'", at: start) }
        var bytes: [UInt8] = []
        for i in first..<position { bytes.append(text[i]) }
        position += 1
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw error("name that is not UTF-8", at: first)
        }
        return name
    }

    /// Whether a type ends before this character: the end of the text or of a structure, a name, or an order.
    private func endsType(_ next: UInt8?) -> Bool {
        guard let next else { return true }
        return next == UInt8(ascii: ":") || next == UInt8(ascii: "}") || isSpace(next)
            || ByteOrder(character: next) != nil
    }

    private func peek() -> UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipOrder() -> Bool {
        guard let next = peek(), let new = ByteOrder(character: next) else { return false }
        order = new
        position += 1
        return true
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = position
        while let next = peek(), isSpace(next) { position += 1 }
        return position > start
    }

    /// C's `isspace`, which `struct` uses.
    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// The character at a position, for a message.
    private func character(at place: Int) -> String { text.shownCharacter(at: place).text }

    private func error(_ reason: String, at place: Int, hint: String? = nil) -> FormatError {
        FormatError(reason, in: text, at: place, hint: hint)
    }

    private func tooLong(at place: Int) -> FormatError {
        error("size does not fit in \(Int.bitWidth) bits", at: place)
    }

    private func tooDeep(at place: Int) -> FormatError {
        error("nesting deeper than \(Format.maximumDepth)", at: place)
    }
}
