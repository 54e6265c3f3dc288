// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// The parameters of a Python function, written once as Python writes them: `"data, format=None, *, order='C'"`.
///
/// The same text is shown by `inspect.signature` and decides how arguments are bound.
final class Signature: Sendable {
    @safe
    struct Parameter: Sendable {
        let name: String
        /// The name, as keywords are compared with it; it lives as long as the process.
        private nonisolated(unsafe) let text: UnsafePointer<CChar>
        private let count: Int
        let isRequired: Bool
        let acceptsKeyword: Bool
        let acceptsPosition: Bool

        init(name: String, isRequired: Bool, acceptsKeyword: Bool, acceptsPosition: Bool) {
            self.name = name
            unsafe text = permanentCString(name)
            count = name.utf8.count
            self.isRequired = isRequired
            self.acceptsKeyword = acceptsKeyword
            self.acceptsPosition = acceptsPosition
        }

        /// Whether a `str` is the parameter's name, which is ASCII.
        func isNamed(_ keyword: ObjectReference) -> Bool {
            unsafe acceptsKeyword && sb_is_text(keyword, text, count) != 0
        }
    }

    /// One reference for each parameter of a call.
    typealias References = InlineArray<12, ObjectReference?>

    /// More parameters than this are refused when the signature is made.
    static var maximumCount: Int { References.count }

    let text: String
    let parameters: [Parameter]
    let positionalCount: Int
    /// So many parameters include all that are required.
    let requiredCount: Int
    /// Whether more positional arguments are taken than there are parameters: `*args`.
    let collectsRest: Bool

    init(_ text: String) {
        self.text = text
        var parameters: [Parameter] = []
        var keywordOnly = false
        var collectsRest = false
        for part in Self.split(text) {
            switch part {
            case "/":
                parameters = parameters.map {
                    Parameter(name: $0.name, isRequired: $0.isRequired, acceptsKeyword: false, acceptsPosition: true)
                }
            case "*":
                keywordOnly = true
            case _ where part.hasPrefix("*"):
                keywordOnly = true
                collectsRest = true
            default:
                let name = part.prefix { $0 != "=" }
                parameters.append(
                    Parameter(
                        name: String(name), isRequired: name.count == part.count, acceptsKeyword: true,
                        acceptsPosition: !keywordOnly))
            }
        }
        precondition(parameters.count <= Self.maximumCount, "a signature with too many parameters")
        self.parameters = parameters
        positionalCount = parameters.count { $0.acceptsPosition }
        requiredCount = parameters.lastIndex { $0.isRequired }.map { $0 + 1 } ?? 0
        self.collectsRest = collectsRest
    }

    /// The parameters between commas that are not inside brackets or quotes, without the spaces around them.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var depth = 0
        var isQuoted = false
        for character in text {
            switch character {
            case "'": isQuoted.toggle()
            case "(" where !isQuoted, "[" where !isQuoted: depth += 1
            case ")" where !isQuoted, "]" where !isQuoted: depth -= 1
            default: break
            }
            if character == "," && depth == 0 && !isQuoted {
                parts.append(part)
                part = ""
            } else if character != " " || isQuoted {
                part.append(character)
            }
        }
        if !part.isEmpty { parts.append(part) }
        return parts
    }
}
