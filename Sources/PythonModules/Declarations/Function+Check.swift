// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

// A declaration that has no meaning in Python is an error when the module is imported, and not one of a later call.

extension Function {
    /// - Throws: `SystemError`.
    func check() throws {
        func refuse(_ problem: String) -> PythonError {
            PythonError(.system, "the declaration of \(name)(\(signature)) is wrong: \(problem)")
        }
        guard isIdentifier(name) else { throw refuse("'\(name)' is no name in Python") }
        var names: Set<String> = []
        for (index, parameter) in parameters.enumerated() {
            guard isIdentifier(parameter.name) else { throw refuse("'\(parameter.name)' is no name in Python") }
            guard names.insert(parameter.name).inserted else { throw refuse("two parameters '\(parameter.name)'") }
            guard !parameter.hasDefault || parameter.literal != nil else {
                throw refuse("the default of '\(parameter.name)' has no text in Python")
            }
            guard index > 0 else { continue }
            let before = parameters[index - 1]
            guard before.kind.rawValue <= parameter.kind.rawValue else {
                throw refuse("'\(parameter.name)' must come before '\(before.name)', which is given differently")
            }
            guard !(parameter.collects && before.kind == parameter.kind) else {
                throw refuse("'\(before.name)' and '\(parameter.name)' collect the same arguments")
            }
            guard
                parameter.kind.rawValue > AnyParameter.Kind.ordinary.rawValue || parameter.hasDefault
                    || !before.hasDefault
            else {
                throw refuse("'\(parameter.name)', which has no default, must come before '\(before.name)'")
            }
        }
    }
}

/// Whether a text can be the name of something in Python. Names are ASCII here.
func isIdentifier(_ text: String) -> Bool {
    func isLetter(_ unit: UInt8) -> Bool {
        switch unit {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let first = text.utf8.first, isLetter(first), text.utf8.allSatisfy({ isLetter($0) || digits.contains($0) })
    else { return false }
    return !keywords.contains(text)
}

private let keywords: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or",
    "pass", "raise", "return", "try", "while", "with", "yield",
]
