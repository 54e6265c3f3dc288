internal import CPython
internal import CPythonShims
internal import ModuleShims
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
/// in garbage collection, by ``PythonValue/visitObjects(_:)``. Python code cannot derive classes from the type.
public final class PythonType<Value: PythonValue & ~Copyable>: Sendable {
    private let name: String
    private let documentation: String
    private let exports: Bool
    private let members: [TypeMember<Value>]
    private let definition = Mutex<Definition?>(nil)

    private init(_ name: String, _ documentation: String, exports: Bool, _ members: [TypeMember<Value>]) {
        self.name = name
        self.documentation = documentation
        self.exports = exports
        self.members = members
    }

    /// A type of values that export no memory.
    public convenience init(
        _: Value.Type, _ name: String, doc: String = "", @TypeMembers<Value> _ members: () -> [TypeMember<Value>]
    ) {
        self.init(name, doc, exports: false, members())
    }

    /// The tables that CPython reads, made once for all interpreters.
    private struct Definition: @unchecked Sendable {
        // Not changed once it is made.
        let type: TypeDefinition
    }

    /// Makes the type in a module.
    func add(to module: borrowing ModuleInProgress) throws {
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
        var slots: [TypeSlot] = []
        var methods: [MethodDefinition] = []
        var properties: [PropertyDefinition] = []
        var signature: String?
        var length: (@Sendable (ObjectReference) throws -> Int)?
        for case .length(let member) in members.map(\.kind) { length = member.length }
        for member in members {
            switch member.kind {
            case .new(let function):
                guard signature == nil else { throw PythonError(.system, "\(name) has two Init") }
                slots.append(try function.newSlot(of: name))
                signature = function.signature
            case .method(let function, let flags): methods.append(try function.definition(flags: flags))
            case .property(let property):
                guard isIdentifier(property.name) else {
                    throw PythonError(.system, "'\(property.name)' is no name in Python")
                }
                properties.append(
                    PropertyEntry(property.name, property.get, property.set).definition(property.documentation))
            case .length(let member):
                slots.append(try unsafe slot(Py_sq_length, module_shims_take_length, LengthEntry(member.length)))
            case .item(let member):
                guard let length else { throw PythonError(.system, "\(name) has an Item, and so needs a Length") }
                slots.append(
                    try unsafe slot(Py_sq_item, module_shims_take_item, ItemEntry(length: length, item: member.item)))
            case .representation(let member):
                slots.append(try unsafe slot(Py_tp_repr, module_shims_take_unary, UnaryEntry(member.text)))
            case .constant: break
            }
        }
        let text = signature.map { "\(name)(\($0))\n--\n\n\(documentation)" } ?? documentation
        return TypeDefinition(
            holding: Value.self, exports: exports, name: "\(module).\(name)", documentation: text,
            isInstantiable: signature != nil, slots: slots, methods: methods, properties: properties)
    }

    /// A slot of a function that `take` gives for an entry.
    private func slot<Function>(
        _ number: CInt, _ take: @Sendable (UnsafeRawPointer) -> Function?, _ entry: AnyObject
    ) throws -> TypeSlot {
        // The entry lives as long as the function, which is that of the process.
        nonisolated(unsafe) let context = unsafe UnsafeRawPointer(Unmanaged.passRetained(entry).toOpaque())
        let bits = PythonModules.Function.taking.withLock { _ in unsafe unsafeBitCast(take(context), to: UInt.self) }
        guard bits != 0 else { throw PythonModules.Function.tooMany }
        return unsafe TypeSlot(number, UnsafeMutableRawPointer(bitPattern: bits))
    }
}

extension PythonType where Value: BufferExporter & ~Copyable {
    /// A type of exporters: consumers such as `memoryview` and NumPy use the memory of its objects in place.
    public convenience init(
        _: Value.Type, _ name: String, doc: String = "", @TypeMembers<Value> _ members: () -> [TypeMember<Value>]
    ) {
        self.init(name, doc, exports: true, members())
    }
}

extension ToPython where Self: PythonValue & ~Copyable {
    /// A new object of the type that a module declares for this value.
    public consuming func toPython() throws -> PythonObject {
        guard let type = try InterpreterTable.find(Self.self) else {
            throw PythonError(.runtime, "no module that declares the type of \(Self.self) is imported")
        }
        return try unsafe Exported<Self>.makeUnchecked(of: type.reference, self)
    }
}

extension PythonParameter where Self: PythonValue & ~Copyable {
    /// The value in an object of the type that a module declares for it, borrowed.
    public static func withArgument(
        _ argument: Argument, _ body: (borrowing Self) throws -> PythonObject
    ) throws -> PythonObject {
        let isOurs: Bool
        do {
            let type = try InterpreterTable.find(Self.self)
            if let type { isOurs = unsafe type.reference == argument.reference.type } else { isOurs = false }
        } catch {
            throw argument.naming(error)
        }
        guard isOurs else { throw argument.naming(argument.wrongType(expected: "a \(Self.self)")) }
        return try ValueAccess<Self>.read(argument.reference) { value in try body(value) }
    }
}
