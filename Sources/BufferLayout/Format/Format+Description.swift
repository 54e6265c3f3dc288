// SPDX-License-Identifier: Apache-2.0

// Formats as text.

extension Format: CustomStringConvertible {
    /// The canonical text, which parses to an equal format. A structure that no text describes, since its fields overlap
    /// (see ``isSequential``), is written as its bytes (`8s`), and `:` in a name as `_`.
    ///
    /// Members at the offsets where C would align them are written in native order, with as little explicit padding as
    /// possible; others with `<` or `>`. Codes are the shortest: `q` for `l`, `Zd` for `D`, `P` for every pointer.
    public var description: String {
        guard isSequential else { return Format(.bytes(itemsize)).description }
        var writer = FormatWriter()
        writer.members(of: self)
        writer.padding(itemsize - writer.cursor)
        if writer.text.last == " " { writer.text.removeLast() }
        return writer.text
    }
}

private struct FormatWriter {
    var text = ""
    /// The byte order of what follows.
    var order = ByteOrder.native
    /// Bytes described so far of the innermost structure.
    var cursor = 0
    /// The bit fields that end at the cursor: another one of the same order follows without padding.
    var run: BitRun?

    struct BitRun {
        let start: Int
        let swapped: Bool
        var count: Int
    }

    mutating func members(of format: Format) {
        cursor = 0
        run = nil
        let common = format.fields.reduce(1) { max($0, isAligned($1, in: format) ? $1.type.alignment : 1) }
        if common < format.alignment {
            // The alignment of something without a value, as `0q`. At the start every alignment is satisfied.
            put(.native)
            text += "0" + Self.code(ofAlignment: format.alignment)
        }
        for field in format.fields { write(field, aligned: isAligned(field, in: format)) }
    }

    /// Whether native order gives the field this offset, and the structure no greater alignment.
    private func isAligned(_ field: Field, in format: Format) -> Bool {
        let alignment = field.type.alignment
        return alignment > 1 && alignment <= format.alignment && field.offset % alignment == 0
            && field.type.element.size % alignment == 0
    }

    private mutating func write(_ field: Field, aligned: Bool) {
        if case .bits(let bits) = field.type { return write(bits, of: field) }
        let placed = aligned ? cursor.checkedRounding(upTo: field.type.alignment) : cursor
        if placed != field.offset { padding(field.offset - cursor) }
        write(field.type, repeats: field.repeats, aligned: aligned)
        put(name: field.name)
        if field.name == nil, case .opaque(UInt8(ascii: "Z"), _, _) = field.type.element {
            // The next letter could make it a complex number.
            text += " "
        }
        cursor = field.offset + field.repeats * field.type.size
        run = nil
    }

    private mutating func write(_ bits: BitField, of field: Field) {
        if field.offset > cursor { padding(field.offset - cursor) }
        if bits.swapped != order.isSwapped { put(bits.swapped ? .swapped : .ofThisMachine) }
        var run = self.run ?? BitRun(start: field.offset, swapped: bits.swapped, count: 0)
        if field.offset > cursor || run.swapped != bits.swapped {
            run = BitRun(start: field.offset, swapped: bits.swapped, count: 0)
        }
        let first = 8 * (field.offset - run.start) + bits.bit
        // Unused bits between two fields.
        if first > run.count {
            count(first - run.count)
            text += "r"
        }
        count(bits.width)
        text += bits.isSigned ? "y" : "t"
        put(name: field.name)
        run.count = first + bits.width
        self.run = run
        cursor = field.offset + bits.size
    }

    private mutating func write(_ type: ItemType, repeats: Int, aligned: Bool) {
        switch type {
        case .scalar(let scalar, let swapped):
            // NumPy reads a long double in native order alone.
            let unaligned = scalar.isLongDouble ? ByteOrder.nativeUnaligned : .ofThisMachine
            // For types that C does not align, only the byte order matters.
            if scalar.size > 1 && (scalar.alignment > 1 || order.isSwapped != swapped) {
                put(aligned ? .native : swapped ? .swapped : unaligned)
            }
            count(repeats)
            text += "\(scalar.code)"
        case .bytes(let length):
            count(length)
            text += "s"
        case .pascal(let length):
            count(length)
            text += "p"
        case .void(let length):
            count(length)
            text += "x"
        case .pointer(let swapped):
            put(aligned ? .native : swapped ? .swapped : .nativeUnaligned)
            count(repeats)
            text += "P"
        case .opaque(let letter, _, let swapped):
            put(aligned ? .native : swapped ? .swapped : .ofThisMachine)
            count(repeats)
            text += String(UnicodeScalar(letter))
        case .bits:
            // Written with the neighbouring fields; see above.
            break
        case .object:
            put(aligned ? .native : .ofThisMachine)
            count(repeats)
            text += "O"
        case .ucs2(let length, let swapped):
            put(aligned ? .native : swapped ? .swapped : .ofThisMachine)
            count(length)
            text += "u"
        case .ucs4(let length, let swapped):
            put(aligned ? .native : swapped ? .swapped : .ofThisMachine)
            count(length)
            text += "w"
        case .array(let shape, let element):
            text += "(" + shape.map(String.init).joined(separator: ",") + ")"
            write(element, repeats: 1, aligned: aligned)
        case .structure(let format) where !format.isSequential:
            count(format.itemsize)
            text += "s"
        case .structure(let format):
            count(repeats)
            text += "T{"
            members(of: format)
            close(format, aligned: aligned)
        }
    }

    /// Ends a structure in the order that gives its size and, in its container, its offset.
    private mutating func close(_ format: Format, aligned: Bool) {
        let changesOrder = format.alignment > 1 && aligned != order.isAligned
        if changesOrder { put(aligned ? .native : .nativeUnaligned) }
        let filled = order.isAligned ? cursor.checkedRounding(upTo: format.alignment) : cursor
        if filled != format.itemsize {
            padding(format.itemsize - cursor)
        } else if changesOrder {
            // NumPy requires a type after an order character.
            text += "0x"
        }
        text += "}"
    }

    mutating func padding(_ count: Int) {
        guard count > 0 else { return }
        self.count(count)
        text += "x"
    }

    private mutating func count(_ count: Int) {
        if count != 1 { text += String(count) }
    }

    private mutating func put(name: String?) {
        guard let name else { return }
        text += ":" + String(name.map { $0 == ":" || $0 == "\0" ? "_" : $0 }) + ":"
    }

    private mutating func put(_ new: ByteOrder) {
        guard new != order else { return }
        order = new
        text += new.character
    }

    private static func code(ofAlignment alignment: Int) -> String {
        switch alignment {
        case 2: "h"
        case 4: "i"
        case 8: "q"
        default: "g"
        }
    }
}

extension Scalar {
    fileprivate var isLongDouble: Bool { self == .longDouble || self == .complexLongDouble }
}

extension ItemType {
    /// The element type of a sub-array; any other type itself.
    fileprivate var element: ItemType {
        if case .array(_, let element) = self { element.element } else { self }
    }
}
