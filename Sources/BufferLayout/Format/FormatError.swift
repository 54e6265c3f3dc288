// SPDX-License-Identifier: Apache-2.0

/// Why a format string is invalid, and where.
public struct FormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Bytes of UTF-8 before the offending character.
    public let offset: Int
    /// Three lines: what is wrong and what would be right, the format (the part around the character if it is long), and a
    /// caret under the character. Characters that are not printable are escaped as in Python.
    public let message: String
    public var description: String { message }

    /// - Parameters:
    ///   - reason: what is wrong, without the position.
    ///   - hint: what would be right.
    @inline(never)
    init(_ reason: String, in text: Span<UInt8>, at offset: Int, hint: String? = nil) {
        self.offset = offset
        let position = Self.characterCount(text, upTo: offset)
        let (shown, caret) = Self.excerpt(text, around: offset)
        let hint = (FormatHint.hint(for: text) ?? hint).map { "; \($0)" } ?? ""
        message =
            "bad format '\(shown)': \(reason) at position \(position)\(hint)\n  \(shown)\n  "
            + String(repeating: " ", count: caret) + "^"
    }

    private static func characterCount(_ text: Span<UInt8>, upTo end: Int) -> Int {
        var count = 0
        for i in 0..<end where !text[i].continuesCharacter { count += 1 }
        return count
    }

    /// At most about 70 bytes around the offset, in whole characters.
    private static func excerpt(_ text: Span<UInt8>, around offset: Int) -> (text: String, caret: Int) {
        var start = text.count <= 70 ? 0 : max(0, offset - 35)
        let end = text.count <= 70 ? text.count : min(text.count, offset + 35)
        while start > 0 && text[start].continuesCharacter { start -= 1 }
        var shown = start > 0 ? "..." : ""
        var caret = shown.unicodeScalars.count
        var next = start
        while next < end {
            if next == offset { caret = shown.unicodeScalars.count }
            let (character, size) = text.shownCharacter(at: next)
            shown += character
            next += size
        }
        if offset >= next { caret = shown.unicodeScalars.count }
        return (shown + (next < text.count ? "..." : ""), caret)
    }
}

extension UInt8 {
    fileprivate var continuesCharacter: Bool { self & 0b1100_0000 == 0b1000_0000 }
}

extension Span<UInt8> {
    /// The character at a position as it is shown, and its number of bytes: what is not printable, or not UTF-8, is escaped
    /// as in Python.
    func shownCharacter(at place: Int) -> (text: String, size: Int) {
        var bytes = [self[place]]
        while place + bytes.count < count, self[place + bytes.count].continuesCharacter, bytes.count < 4 {
            bytes.append(self[place + bytes.count])
        }
        guard let scalar = String(validating: bytes, as: UTF8.self)?.unicodeScalars.first else {
            return ("\\x" + Self.hex(UInt32(bytes[0]), digits: 2), 1)
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: break
        default: return (String(scalar), bytes.count)
        }
        let escaped =
            switch scalar.value {
            case 0x09: "\\t"
            case 0x0A: "\\n"
            case 0x0D: "\\r"
            case ..<0x100: "\\x" + Self.hex(scalar.value, digits: 2)
            case ..<0x10000: "\\u" + Self.hex(scalar.value, digits: 4)
            default: "\\U" + Self.hex(scalar.value, digits: 8)
            }
        return (escaped, bytes.count)
    }

    private static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
