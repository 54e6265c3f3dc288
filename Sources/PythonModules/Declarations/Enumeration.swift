// SPDX-License-Identifier: Apache-2.0
internal import CPythonShims
public import PythonBuffers

/// A Swift enumeration that is an `enum.Enum` in Python, once a module has declared it by ``Enumeration``. Functions take
/// a member or its value, and return members.
///
/// ```swift
/// enum Wave: String, PythonEnum { case sine, square }
/// ```
public protocol PythonEnum: RawRepresentable, CaseIterable, FromPython, ToPython, PythonLiteral
where RawValue: FromPython & ToPython & PythonLiteral {
    /// The name of the class; that of the Swift type if it is not given.
    static var pythonName: String { get }
}

extension PythonEnum {
    public static var pythonName: String { String(describing: Self.self) }

    public static var parameterAnnotation: String {
        "\(TypeNames.find(Self.self) ?? "object") | \(RawValue.parameterAnnotation)"
    }
    public static var resultAnnotation: String { TypeNames.find(Self.self) ?? "typing.Any" }

    public static func fromPython(_ argument: Argument) throws -> Self {
        if let type = try InterpreterTable.find(Self.self), unsafe argument.reference.type == type.reference {
            let value = try argument.object().attribute("value")
            if let found = Self(rawValue: try argument.convert(value, to: RawValue.self)) { return found }
        } else if let value = try? argument.convert(to: RawValue.self), let found = Self(rawValue: value) {
            return found
        }
        let names = allCases.map { "\(pythonName).\($0) (\($0.pythonLiteral ?? "?"))" }.joined(separator: ", ")
        throw PythonError(.value, "expected one of \(names), not \(try argument.reference.representation())")
    }

    /// The member.
    public func toPython() throws -> PythonObject {
        guard let type = try InterpreterTable.find(Self.self) else {
            throw PythonError(.runtime, "the module of \(Self.pythonName) is not imported")
        }
        return try type.call(rawValue.toPython())
    }

    public var pythonLiteral: String? { rawValue.pythonLiteral }
}

/// Declares the class of a ``PythonEnum`` in a module. Each interpreter has one of its own.
public struct Enumeration: Sendable {
    let member: ModuleMember

    /// Declares the class of `Value`, whose members are its cases.
    public init<Value: PythonEnum>(_: Value.Type) {
        member = ModuleMember(
            Value.pythonName, stub: { $0.write(Value.self) },
            add: { module in
                let name = Value.pythonName
                guard isIdentifier(name) else { throw PythonError(.system, "'\(name)' is no name in Python") }
                let moduleName = module.name
                TypeNames.set("\(moduleName).\(name)", of: Value.self)
                let made = try InterpreterTable.find(Value.self) { try Self.make(Value.self, in: moduleName) }
                try module.builder.add(name, made)
            })
    }

    private static func make<Value: PythonEnum>(_: Value.Type, in module: String) throws -> PythonObject {
        let members = try PythonObject(emptyList: ())
        for value in Value.allCases {
            try members.append(PythonObject(pair: "\(value)".toPython(), value.rawValue.toPython()))
        }
        let name = Value.pythonName
        let base = try PythonObject(importing: "enum").attribute("Enum")
        let made = try base.call(tuple: PythonObject(pair: name.toPython(), members))
        // As the functional interface of `enum` sets them for a class that is made in Python.
        try made.setAttribute("__module__", module.toPython())
        try made.setAttribute("__qualname__", name.toPython())
        return made
    }
}
