// SPDX-License-Identifier: Apache-2.0

/// The text of a stub file (`.pyi`), which says to type checkers and editors what a module has.
///
/// Source: "Writing and Maintaining Stub Files" of the typing documentation.
struct Stub {
    /// The full name of the module.
    let module: String
    private let documentation: String
    private var imports: Set<String> = []
    private var lines: [String] = []
    /// Names that mean something else here than in `builtins`.
    var ownNames: Set<String>

    init(of module: String, _ documentation: String, names: some Sequence<String>) {
        self.module = module
        self.documentation = documentation
        ownNames = Set(names)
    }

    /// The whole file.
    var text: String {
        var parts: [String] = []
        if !documentation.isEmpty { parts.append(Self.literal(documentation, indent: "")) }
        if !imports.isEmpty { parts.append(imports.sorted().joined(separator: "\n")) }
        if !lines.isEmpty { parts.append(lines.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// Writes a line; an empty one only where there are others before it.
    mutating func write(_ line: String, indent: String = "") {
        if !line.isEmpty || !lines.isEmpty { lines.append(line.isEmpty ? line : indent + line) }
    }

    /// An annotation as it stands in this file, which then imports the modules that are named in it.
    mutating func annotation(_ text: String) -> String {
        var written = ""
        var name = ""
        func isPart(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || character == "_" || character == "."
        }
        for character in text + " " {
            if isPart(character) {
                name.append(character)
                continue
            }
            written += resolved(name)
            written.append(character)
            name = ""
        }
        written.removeLast()
        return written
    }

    private mutating func resolved(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), name != "..." else {
            guard ownNames.contains(name) else { return name }
            imports.insert("import builtins")
            return "builtins.\(name)"
        }
        let owner = String(name[..<dot])
        if owner == module { return String(name[name.index(after: dot)...]) }
        imports.insert("import \(owner)")
        return name
    }

    /// A docstring.
    static func literal(_ text: String, indent: String) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"\"\"", with: "\\\"\\\"\\\"")
        let lines = escaped.split(separator: "\n", omittingEmptySubsequences: false)
        let indented = lines.enumerated().map { $0 == 0 || $1.isEmpty ? String($1) : indent + $1 }
        let end = lines.count > 1 ? "\n\(indent)" : text.hasSuffix("\"") ? " " : ""
        return "\"\"\"" + indented.joined(separator: "\n") + end + "\"\"\""
    }

    // MARK: What a module has

    /// A function or method.
    ///
    /// - Parameter receiver: `self` or `cls`, where there is one.
    mutating func write(
        _ function: Function, receiver: String? = nil, decorators: [String] = [], indent: String = ""
    ) {
        var parameters = receiver.map { [$0] } ?? []
        let annotations = Dictionary(
            function.parameters.map { ($0.name, annotation($0.annotation.text)) },
            uniquingKeysWith: { first, _ in first })
        parameters += function.parameterList { parameter in
            let start = "\(parameter.name): \(annotations[parameter.name, default: "object"])"
            return start + (parameter.literal.map { " = \($0)" } ?? "")
        }
        let head =
            "def \(function.name)(\(parameters.joined(separator: ", "))) -> \(annotation(function.returns.text)):"
        write(head, documentation: function.documentation, decorators: decorators, indent: indent)
    }

    /// The head of a function, and what follows it.
    mutating func write(_ head: String, documentation: String, decorators: [String] = [], indent: String) {
        for decorator in decorators {
            if decorator.contains("typing.") { imports.insert("import typing") }
            write("@\(decorator)", indent: indent)
        }
        guard !documentation.isEmpty else { return write("\(head) ...", indent: indent) }
        write(head, indent: indent)
        write(Self.literal(documentation, indent: indent + "    "), indent: indent + "    ")
    }

    mutating func write(_ constant: Constant, indent: String = "") {
        let type = annotation(constant.annotation.text)
        write("\(constant.name): \(indent.isEmpty ? type : annotation("typing.ClassVar[\(type)]"))", indent: indent)
    }

    mutating func write(submodule name: String) { imports.insert("from \(module) import \(name) as \(name)") }

    mutating func write<Value: PythonEnum>(_: Value.Type) {
        imports.insert("import enum")
        write("")
        write("class \(Value.pythonName)(enum.Enum):")
        for value in Value.allCases {
            write("\(value) = \(value.pythonLiteral ?? "...")", indent: "    ")
        }
    }

    mutating func write<Failure: PythonException>(_: Failure.Type, _ documentation: String) {
        write("")
        write(
            "class \(Failure.pythonName)(\(annotation(Failure.base.className))):", documentation: documentation,
            indent: "")
    }
}
