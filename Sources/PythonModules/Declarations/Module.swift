public import CPythonShims
public import PythonBuffers
internal import Synchronization

/// An extension module: what it has, and how Python imports it.
///
/// ```swift
/// import PythonModules
///
/// let module = Module("statistics_of") {
///     Def("peak", "samples", doc: "Return the largest sample, or None.") { (samples: Span<Float>) in
///         samples.indices.map { samples[$0] }.max()
///     }
/// }
/// @c(PyInit_statistics_of) public func initialize() -> ObjectResult { module.initialize() }
/// ```
///
/// A module can be imported in any number of interpreters, sub-interpreters with their own GIL included, and without a
/// GIL: its closures are `@Sendable`, so that the compiler refuses state that threads would share unprotected.
public final class Module: Sendable {
    private let name: String
    private let documentation: String
    private let members: [ModuleMember]
    private let definition = Mutex<Definition?>(nil)

    /// - Parameters:
    ///   - name: the full name, package included.
    ///   - members: ``Def``, ``PythonType``, ``Exception``, ``Enumeration`` and ``Constant``.
    public init(_ name: String, doc: String = "", @ModuleMembers _ members: () -> [ModuleMember]) {
        self.name = name
        documentation = doc
        self.members = members()
    }

    /// What the function `PyInit_<name>` returns.
    ///
    /// A declaration without a meaning in Python, such as two parameters of one name, raises `SystemError` here or where
    /// the module is filled.
    public func initialize() -> ObjectResult {
        do {
            return try definition.withLock { definition in
                if let known = definition { return known.module.initialize() }
                let functions = try members.compactMap { try $0.function?.definition() }
                let made = Definition(
                    module: ModuleDefinition(
                        name: name, documentation: documentation, functions: functions, context: self,
                        execute: { Module.execute($0) }))
                definition = made
                return made.module.initialize()
            }
        } catch {
            raiseInPython(error)
            return .failure
        }
    }

    private static func execute(_ module: ObjectReference) -> CInt {
        do {
            guard let declaration = ModuleDefinition.context(of: module) as? Module else {
                throw PythonError(.system, "a module without its declaration")
            }
            try declaration.fill(module)
            return 0
        } catch {
            raiseInPython(error)
            return -1
        }
    }

    private func fill(_ module: ObjectReference) throws {
        // In the order in which they are declared: a default may need what stands before it.
        for member in members {
            try member.add?(ModuleInProgress(name: name, builder: ModuleBuilder(module)))
        }
    }

    /// The tables that CPython reads, made once for all interpreters.
    private struct Definition: @unchecked Sendable {
        // Not changed once it is made.
        let module: ModuleDefinition
    }
}

/// A module that is being filled.
struct ModuleInProgress: ~Copyable {
    let name: String
    let builder: ModuleBuilder
}

/// Something that a module has.
public struct ModuleMember: Sendable {
    /// A function of the module's table.
    fileprivate let function: Function?
    fileprivate let add: (@Sendable (borrowing ModuleInProgress) throws -> Void)?

    init(_ function: Function) {
        self.function = function
        add = nil
    }

    init(_ add: @escaping @Sendable (borrowing ModuleInProgress) throws -> Void) {
        function = nil
        self.add = add
    }
}

/// A function of a module. Its parameters are those of the closure, one ``Parameter`` for each.
///
/// ```swift
/// Def("head", "data", .optional("count", 8)) { (data: RawSpan, count: Int) in
///     try PythonObject(bytes: data.extracting(first: max(count, 0)))
/// }
/// ```
public struct Def: Sendable {
    @usableFromInline let function: Function
}

/// A constant of a module or a type.
///
/// ```swift
/// Constant("DEFAULT_RATE", 44100)
/// ```
public struct Constant: Sendable {
    let name: String
    let value: @Sendable () throws -> PythonObject

    public init(_ name: String, _ value: some ToPython & Sendable) {
        self.name = name
        self.value = { try value.toPython() }
    }
}

/// Collects what a ``Module`` has.
@resultBuilder
public enum ModuleMembers {
    public static func buildExpression(_ function: Def) -> [ModuleMember] { [ModuleMember(function.function)] }
    public static func buildExpression(_ exception: Exception) -> [ModuleMember] { [exception.member] }
    public static func buildExpression(_ enumeration: Enumeration) -> [ModuleMember] { [enumeration.member] }
    public static func buildExpression<Value: ~Copyable>(_ type: PythonType<Value>) -> [ModuleMember] {
        [ModuleMember { module in try type.add(to: module) }]
    }
    public static func buildExpression(_ constant: Constant) -> [ModuleMember] {
        [ModuleMember { module in try module.builder.add(constant.name, constant.value()) }]
    }
    public static func buildBlock(_ members: [ModuleMember]...) -> [ModuleMember] { members.flatMap { $0 } }
    public static func buildOptional(_ members: [ModuleMember]?) -> [ModuleMember] { members ?? [] }
    public static func buildEither(first members: [ModuleMember]) -> [ModuleMember] { members }
    public static func buildEither(second members: [ModuleMember]) -> [ModuleMember] { members }
    public static func buildArray(_ members: [[ModuleMember]]) -> [ModuleMember] { members.flatMap { $0 } }
}
