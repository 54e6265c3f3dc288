// SPDX-License-Identifier: Apache-2.0
public import PythonBuffers

// Strings, objects, and what may be missing.

extension String: FromPython, ToPython, PythonLiteral {
    public static var parameterAnnotation: String { "str" }
    public static var resultAnnotation: String { "str" }

    public static func fromPython(_ argument: Argument) throws -> String { try stringValue(of: argument.reference) }
    public func toPython() throws -> PythonObject { try PythonObject(self) }
    public var pythonLiteral: String? {
        var literal = "'"
        for scalar in unicodeScalars {
            switch scalar {
            case "'", "\\": literal += "\\\(scalar)"
            case " "..."~": literal.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                literal += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }
        }
        return literal + "'"
    }
}

extension PythonObject: FromPython, ToPython {
    @inlinable public static func fromPython(_ argument: Argument) -> PythonObject {
        PythonObject(borrowing: argument.reference)
    }
    @inlinable public consuming func toPython() -> PythonObject { self }
}

extension HeldObject: FromPython, ToPython {
    public static func fromPython(_ argument: Argument) throws -> Self {
        Self(PythonObject(borrowing: argument.reference))
    }
    public func toPython() throws -> PythonObject { try object() }
}

extension Optional: PythonParameter where Wrapped: FromPython & ~Copyable {}

/// `None` is `nil`.
extension Optional: FromPython where Wrapped: FromPython & ~Copyable {
    public static var parameterAnnotation: String { "\(Wrapped.parameterAnnotation) | None" }

    @inlinable
    public static func fromPython(_ argument: Argument) throws -> Wrapped? {
        if argument.reference.isNone { return nil }
        return try Wrapped.fromPython(argument)
    }
}

extension Optional: ToPython where Wrapped: ToPython & ~Copyable {
    public static var resultAnnotation: String { "\(Wrapped.resultAnnotation) | None" }

    @inlinable
    public consuming func toPython() throws -> PythonObject {
        switch consume self {
        case .none: return .none
        case .some(let value): return try value.toPython()
        }
    }
}

extension Optional: PythonLiteral where Wrapped: PythonLiteral {
    public var pythonLiteral: String? { map(\.pythonLiteral) ?? "None" }
}
