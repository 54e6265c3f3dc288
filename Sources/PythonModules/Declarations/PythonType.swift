// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
public import PythonBuffers
internal import Synchronization

/// A Python type whose objects hold a Swift value each.
///
/// ```swift
/// let signalType = PythonType(Signal.self, "Signal", doc: "Samples of sound.") {
///     Init(.optional("sample_rate", 44100.0)) { try Signal(sampleRate: $0) }
///     Resizing("append", "samples") { (signal: inout Signal, samples: Span<Float>) in try signal.append(samples) }
///     Method("rms") { $0.rms }
///     Property("sample_rate", \.sampleRate)
///     Length { $0.count }
/// }
/// ```
///
/// Without an ``Init`` Python cannot call the type, and objects come from ``ClassMethod``s or functions. Objects take part
/// in garbage collection, by `PythonValue.visitObjects(_:)`. What else they can do, ``TypeFeatures`` say.
public final class PythonType<Value: PythonValue & ~Copyable>: Sendable {
    let name: String
    let documentation: String
    let exports: Bool
    let features: TypeFeatures
    let members: [TypeMember<Value>]
    private let definition = Mutex<Definition?>(nil)

    private init(
        _ name: String, _ documentation: String, exports: Bool, _ features: TypeFeatures,
        _ members: [TypeMember<Value>]
    ) {
        self.name = name
        self.documentation = documentation
        self.exports = exports
        self.features = features
        self.members = members
    }

    /// A type of values that export no memory.
    public convenience init(
        _: Value.Type, _ name: String, doc: String = "", features: TypeFeatures = [],
        @TypeMembers<Value> _ members: () -> [TypeMember<Value>]
    ) {
        self.init(name, doc, exports: false, features, members())
    }

    /// The tables that CPython reads, made once for all interpreters.
    private struct Definition: @unchecked Sendable {
        // Not changed once it is made.
        let type: TypeDefinition
    }

    /// Makes the type in a module.
    func add(to module: borrowing ModuleInProgress) throws {
        TypeNames.set("\(module.name).\(name)", of: Value.self)
        let definition = try definition.withLock { (definition) throws -> Definition in
            if let definition { return definition }
            let made = Definition(type: try define(in: module.name))
            definition = made
            return made
        }
        let type = try InterpreterTable.find(Value.self) {
            let type = try definition.type.make(in: module.builder.module)
            try addConstants(to: type)
            return type
        }
        try module.builder.add(name, type)
    }

    private func addConstants(to type: borrowing PythonObject) throws {
        for case .constant(let constant) in members.map(\.kind) {
            guard isIdentifier(constant.name) else {
                throw PythonError(.system, "'\(constant.name)' is no name in Python")
            }
            // No other code can see the type's names yet, which cannot be set afterwards.
            let names = unsafe PythonObject(borrowing: ObjectReference(pointer: sb_type_names(type.typePointer)!))
            try names.setValue(constant.value(), at: constant.name.toPython())
            unsafe PyType_Modified(type.typePointer)
        }
    }

    private func define(in module: String) throws -> TypeDefinition {
        guard isIdentifier(name) else { throw PythonError(.system, "'\(name)' is no name in Python") }
        var tables = TypeTables<Value>(of: name)
        for member in members { try tables.add(member) }
        guard !features.contains(.subclasses) || tables.signature != nil else {
            throw PythonError(.system, "\(name) has subclasses, and so needs an Init")
        }
        let text = tables.signature.map { "\(name)(\($0))\n--\n\n\(documentation)" } ?? documentation
        return TypeDefinition(
            holding: Value.self, exports: exports, name: "\(module).\(name)", documentation: text,
            isInstantiable: tables.signature != nil, flags: features.contains(.subclasses) ? .subclassable : [],
            hasWeakReferences: features.contains(.weakReferences), hasAttributes: features.contains(.attributes),
            slots: try tables.slots(), methods: tables.methods, properties: tables.properties)
    }
}

/// What objects of a ``PythonType`` can do beside what is declared for them.
public struct TypeFeatures: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Python code may derive classes from the type. Functions that take the value take objects of these, too; an
    /// ``Init`` makes objects of the class that is called.
    public static var subclasses: Self { Self(rawValue: 1) }
    /// Objects can be referred to weakly: `weakref.ref(object)`.
    public static var weakReferences: Self { Self(rawValue: 2) }
    /// Objects have a `__dict__`: Python code may set any attribute.
    public static var attributes: Self { Self(rawValue: 4) }
}

extension PythonType where Value: BufferExporter & ~Copyable {
    /// A type of exporters: consumers such as `memoryview` and NumPy use the memory of its objects in place.
    public convenience init(
        _: Value.Type, _ name: String, doc: String = "", features: TypeFeatures = [],
        @TypeMembers<Value> _ members: () -> [TypeMember<Value>]
    ) {
        self.init(name, doc, exports: true, features, members())
    }
}

extension ToPython where Self: PythonValue & ~Copyable {
    public static var resultAnnotation: String { TypeNames.find(Self.self) ?? "typing.Any" }

    /// A new object of the type that a module declares for this value.
    public consuming func toPython() throws -> PythonObject {
        guard let type = try InterpreterTable.find(Self.self) else {
            throw PythonError(.runtime, "no module that declares the type of \(Self.self) is imported")
        }
        return try unsafe Exported<Self>.makeUnchecked(of: type.reference, self)
    }
}

extension PythonParameter where Self: PythonValue & ~Copyable {
    public static var parameterAnnotation: String { TypeNames.find(Self.self) ?? "object" }

    /// The value in an object of the type that a module declares for it, or of a class derived from that, borrowed.
    @inlinable
    public static func withArgument(
        _ argument: Argument, _ body: (borrowing Self) throws -> PythonObject
    ) throws -> PythonObject {
        guard ExporterType.holds(argument.reference, ObjectIdentifier(Self.self)) else {
            throw argument.naming(argument.wrongType(expected: "a \(Self.self)"))
        }
        return try ValueAccess<Self>.read(argument.reference) { value in try body(value) }
    }
}

extension PythonParameter where Self: PythonValue {
    /// As for values that cannot be copied, with a copy, so that the object is not in use: `vector += vector`.
    @inlinable
    public static func withArgument(
        _ argument: Argument, _ body: (borrowing Self) throws -> PythonObject
    ) throws -> PythonObject {
        guard ExporterType.holds(argument.reference, ObjectIdentifier(Self.self)) else {
            throw argument.naming(argument.wrongType(expected: "a \(Self.self)"))
        }
        let copied = try ValueAccess<Self>.read(argument.reference) { value in copy value }
        return try body(copied)
    }
}
