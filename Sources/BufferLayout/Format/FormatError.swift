/// A format string that cannot be read, and where it goes wrong.
public struct FormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Bytes of UTF-8 before the offending character.
    public let offset: Int
    /// Three lines: what is wrong, the format (the part around the place if it is long), and a caret under the place.
    public let message: String
    public var description: String { message }

    /// - Parameter reason: what is wrong, without a place.
    @inline(never)
    init(_ reason: String, in text: Span<UInt8>, at offset: Int) {
        self.offset = offset
        let position = Self.characterCount(text, upTo: offset)
        let (shown, caret) = Self.excerpt(text, around: offset)
        message =
            "bad format '\(shown)': \(reason) at position \(position)\n  \(shown)\n  "
            + String(repeating: " ", count: caret) + "^"
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0b1100_0000 == 0b1000_0000 }

    private static func characterCount(_ text: Span<UInt8>, upTo end: Int) -> Int {
        var count = 0
        for i in 0..<end where !isContinuation(text[i]) { count += 1 }
        return count
    }

    /// At most about 70 bytes around the place, on whole characters, control characters replaced.
    private static func excerpt(_ text: Span<UInt8>, around offset: Int) -> (text: String, caret: Int) {
        var start = text.count <= 70 ? 0 : max(0, offset - 35)
        var end = text.count <= 70 ? text.count : min(text.count, offset + 35)
        while start > 0 && isContinuation(text[start]) { start -= 1 }
        while end < text.count && isContinuation(text[end]) { end += 1 }
        let before = start > 0 ? "..." : ""
        let after = end < text.count ? "..." : ""
        let bytes = (start..<end).map { text[$0] < 0x20 || text[$0] == 0x7F ? UInt8(ascii: "?") : text[$0] }
        let caret = before.utf8.count + characterCount(text, upTo: offset) - characterCount(text, upTo: start)
        return (before + String(decoding: bytes, as: UTF8.self) + after, caret)
    }
}
