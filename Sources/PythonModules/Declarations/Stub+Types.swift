// SPDX-License-Identifier: Apache-2.0
import PythonBuffers

extension PythonType where Value: ~Copyable {
    /// Writes the type into a stub.
    func write(to stub: inout Stub) {
        stub.write("")
        if !features.contains(.subclasses) { stub.write("@\(stub.annotation("typing.final"))") }
        let indent = "    "
        stub.write("class \(name):")
        if !documentation.isEmpty { stub.write(Stub.literal(documentation, indent: indent), indent: indent) }
        var entries = members.flatMap { $0.entries }
        let outside = stub.ownNames
        stub.ownNames.formUnion(entries.compactMap(\.attribute))
        defer { stub.ownNames = outside }
        if exports {
            entries.append(.special("buffer", ["flags: int"], "memoryview"))
            entries.append(.special("release_buffer", ["buffer: memoryview"], "None"))
        }
        if features.contains(.attributes) {
            stub.write(stub.annotation("__dict__: dict[str, typing.Any]"), indent: indent)
        }
        if members.contains(where: \.isComparison) && !members.contains(where: \.isHash) {
            let none = stub.annotation("__hash__: typing.ClassVar[None]")
            stub.write(none + "  # type: ignore[assignment]", indent: indent)
        }
        for (index, entry) in entries.enumerated() {
            // The overloads of one method follow each other.
            let overloads = entry.name.isEmpty ? [entry] : entries.filter { $0.name == entry.name }
            if !entry.name.isEmpty && entries[..<index].contains(where: { $0.name == entry.name }) { continue }
            for overload in overloads { overload.write(to: &stub, isOverloaded: overloads.count > 1) }
        }
        if entries.isEmpty && documentation.isEmpty { stub.write("...", indent: indent) }
        stub.write("")
    }
}

/// Something that a type's stub has.
enum StubEntry {
    case function(Function, receiver: String?, decorators: [String])
    /// A method whose name has underscores around it: its parameters and its result.
    case special(String, [String], String)
    case property(String, documentation: String, type: String, settable: String?)
    case constant(Constant)

    /// The name, for what may be declared more than once; empty for the rest.
    var name: String {
        if case .special(let name, _, _) = self { name } else { "" }
    }

    /// The name, for what Python code names.
    var attribute: String? {
        switch self {
        case .function(let function, _, _): function.name
        case .special: nil
        case .property(let name, _, _, _): name
        case .constant(let constant): constant.name
        }
    }

    func write(to stub: inout Stub, isOverloaded: Bool) {
        let indent = "    "
        switch self {
        case .function(let function, let receiver, let decorators):
            stub.write(function, receiver: receiver, decorators: decorators, indent: indent)
        case .special(let name, let parameters, let result):
            let list = ["self"] + parameters.map { stub.annotation($0) } + (parameters.isEmpty ? [] : ["/"])
            let head = "def __\(name)__(\(list.joined(separator: ", "))) -> \(stub.annotation(result)):"
            stub.write(
                head, documentation: "", decorators: isOverloaded && !name.isEmpty ? ["typing.overload"] : [],
                indent: indent)
        case .property(let name, let documentation, let type, let settable):
            let head = "def \(name)(self) -> \(stub.annotation(type)):"
            stub.write(head, documentation: documentation, decorators: ["property"], indent: indent)
            if let settable {
                let setter = "def \(name)(self, value: \(stub.annotation(settable))) -> None:"
                stub.write(setter, documentation: "", decorators: ["\(name).setter"], indent: indent)
            }
        case .constant(let constant): stub.write(constant, indent: indent)
        }
    }
}

extension TypeMember where Value: ~Copyable {
    fileprivate var isComparison: Bool {
        if case .compare = kind { true } else { false }
    }
    fileprivate var isHash: Bool {
        if case .hash = kind { true } else { false }
    }

    /// What a stub says of the member.
    fileprivate var entries: [StubEntry] {
        switch kind {
        case .new(let function): [.function(function, receiver: "cls", decorators: [])]
        case .call(let function): [.function(function, receiver: "self", decorators: [])]
        case .method(let function, Function.classMethod):
            [.function(function, receiver: "cls", decorators: ["classmethod"])]
        case .method(let function, Function.staticMethod):
            [.function(function, receiver: nil, decorators: ["staticmethod"])]
        case .method(let function, _): [.function(function, receiver: "self", decorators: [])]
        case .property(let property):
            [
                .property(
                    property.name, documentation: property.documentation, type: property.annotation.text,
                    settable: property.set == nil ? nil : property.setAnnotation.text)
            ]
        case .constant(let constant): [.constant(constant)]
        case .length: [.special("len", [], "int")]
        case .item(let member): [.special("getitem", ["index: typing.SupportsIndex"], member.annotation.text)]
        case .setItem(let member):
            [.special("setitem", ["index: typing.SupportsIndex", "value: \(member.annotation.text)"], "None")]
        case .subscripting(let member):
            [.special("getitem", ["key: \(member.keyAnnotation.text)"], member.annotation.text)]
        case .setSubscript(let member):
            [.special("setitem", ["key: \(member.keyAnnotation.text)", "value: \(member.annotation.text)"], "None")]
        case .deleteSubscript(let member): [.special("delitem", ["key: \(member.keyAnnotation.text)"], "None")]
        case .contains: [.special("contains", ["item: object"], "bool")]
        case .iterate(let member): [.special("iter", [], member.annotation.text)]
        case .next(let member): [.special("iter", [], "typing.Self"), .special("next", [], member.annotation.text)]
        case .binary(let member):
            [
                .special(
                    "\(member.prefix)\(member.operation.name)", ["other: \(member.annotation.text)"],
                    member.returns.text)
            ]
        case .unary(let member): [.special(member.operation.name, [], member.annotation.text)]
        case .compare(let member): [.special(member.comparison.name, ["other: \(member.parameter)"], "bool")]
        case .hash: [.special("hash", [], "int")]
        case .truth: [.special("bool", [], "bool")]
        case .representation: [.special("repr", [], "str")]
        case .text: [.special("str", [], "str")]
        }
    }
}

extension OperatorMember {
    fileprivate var prefix: String {
        switch form {
        case .binary: ""
        case .reflected: "r"
        case .inPlace: "i"
        }
    }
}

extension Compare where Value: ~Copyable {
    /// Anything can be asked whether it is equal.
    fileprivate var parameter: String { comparison == .equal || comparison == .notEqual ? "object" : annotation.text }
}

extension Comparison {
    /// The name of the method in Python, without underscores.
    fileprivate var name: String {
        switch self {
        case .less: "lt"
        case .lessOrEqual: "le"
        case .equal: "eq"
        case .notEqual: "ne"
        case .greater: "gt"
        case .greaterOrEqual: "ge"
        }
    }
}
