// SPDX-License-Identifier: Apache-2.0
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
    private let needs: ModuleNeeds
    private let members: [ModuleMember]
    private let definition = Mutex<Definition?>(nil)

    /// - Parameters:
    ///   - name: the full name, package included.
    ///   - doc: the docstring.
    ///   - needs: what the module cannot do without: `.gil`, `.sharedGIL`, `.mainInterpreter`.
    ///   - members: ``Def``, ``PythonType``, ``Exception``, ``Enumeration``, ``Constant`` and ``Submodule``.
    public init(
        _ name: String, doc: String = "", needs: ModuleNeeds = [], @ModuleMembers _ members: () -> [ModuleMember]
    ) {
        self.name = name
        documentation = doc
        self.needs = needs
        self.members = members()
    }

    /// A module inside of another, which says what it needs.
    init(_ name: String, doc: String, members: [ModuleMember]) {
        self.name = name
        documentation = doc
        needs = []
        self.members = members
    }

    /// What the function `PyInit_<name>` returns.
    ///
    /// A declaration without a meaning in Python, such as two parameters of one name, raises `SystemError` here or where
    /// the module is filled.
    public func initialize() -> ObjectResult {
        do {
            return try defined().initialize()
        } catch {
            raiseInPython(error)
            return .failure
        }
    }

    /// The module as `import` gives it, made and filled the first time: for a program that contains an interpreter, such
    /// as tests in Swift, where no file has the module. Python code can import it by its name from then on.
    ///
    /// - Throws: `SystemError` for a declaration without a meaning in Python, and what filling the module raises.
    public func imported() throws -> PythonObject {
        let modules = try PythonObject(importing: "sys").attribute("modules")
        let key = try name.toPython()
        if let module = try modules.value(at: key) { return module }
        let module = try defined().makeModule()
        try modules.setValue(module, at: key)
        return module
    }

    /// The module's tables.
    func defined() throws -> ModuleDefinition {
        try definition.withLock { definition in
            if let known = definition { return known.module }
            let functions = try (members.compactMap(\.function) + [Self.stubFunction]).map { try $0.definition() }
            let made = Definition(
                module: ModuleDefinition(
                    name: name, documentation: documentation, functions: functions, needs: needs, context: self,
                    execute: { Module.execute($0) }))
            definition = made
            return made.module
        }
    }

    /// What `python -m swiftbuffer stubs` calls.
    private static let stubFunction = Function(
        "_stub_", [], "Return the text of the module's stub.", returns: .text("str")
    ) { call in
        guard let declaration = ModuleDefinition.context(of: call.receiver) as? Module else {
            throw PythonError(.system, "a module without its declaration")
        }
        return try declaration.stub.toPython()
    }

    /// The text of a stub file for the module: each name with its types, defaults and docstring.
    ///
    /// Names of types that other modules declare are known once these are imported.
    private var stub: String {
        var stub = Stub(of: name, documentation, names: members.map(\.name))
        for member in members { member.stub(&stub) }
        return stub.text
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
        // CPython 3.11 has no slot that says so, and Py_NewInterpreter of later ones does not look at it.
        guard !needs.contains(.mainInterpreter) || ModuleBuilder.isInMainInterpreter else {
            throw PythonError(.import, "module \(name) can be imported in the main interpreter only")
        }
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
    let name: String
    /// A function of the module's table.
    fileprivate let function: Function?
    fileprivate let add: (@Sendable (borrowing ModuleInProgress) throws -> Void)?
    /// Writes the member into a stub.
    fileprivate let stub: @Sendable (inout Stub) -> Void

    init(_ function: Function) {
        name = function.name
        self.function = function
        add = nil
        stub = { $0.write(function) }
    }

    init(
        _ name: String, stub: @escaping @Sendable (inout Stub) -> Void,
        add: @escaping @Sendable (borrowing ModuleInProgress) throws -> Void
    ) {
        self.name = name
        function = nil
        self.add = add
        self.stub = stub
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
    let annotation: Annotation

    public init<Value: ToPython & Sendable>(_ name: String, _ value: Value) {
        self.name = name
        self.value = { try value.toPython() }
        annotation = .result(Value.self)
    }
}

/// Collects what a ``Module`` has.
@resultBuilder
public enum ModuleMembers {
    public static func buildExpression(_ function: Def) -> [ModuleMember] { [ModuleMember(function.function)] }
    public static func buildExpression(_ exception: Exception) -> [ModuleMember] { [exception.member] }
    public static func buildExpression(_ enumeration: Enumeration) -> [ModuleMember] { [enumeration.member] }
    public static func buildExpression<Value: ~Copyable>(_ type: PythonType<Value>) -> [ModuleMember] {
        [ModuleMember(type.name, stub: { type.write(to: &$0) }, add: { module in try type.add(to: module) })]
    }
    public static func buildExpression(_ constant: Constant) -> [ModuleMember] {
        [
            ModuleMember(
                constant.name, stub: { $0.write(constant) },
                add: { module in
                    guard isIdentifier(constant.name) else {
                        throw PythonError(.system, "'\(constant.name)' is no name in Python")
                    }
                    try module.builder.add(constant.name, constant.value())
                })
        ]
    }
    public static func buildExpression(_ submodule: Submodule) -> [ModuleMember] { [submodule.member] }
    public static func buildBlock(_ members: [ModuleMember]...) -> [ModuleMember] { members.flatMap { $0 } }
    public static func buildOptional(_ members: [ModuleMember]?) -> [ModuleMember] { members ?? [] }
    public static func buildEither(first members: [ModuleMember]) -> [ModuleMember] { members }
    public static func buildEither(second members: [ModuleMember]) -> [ModuleMember] { members }
    public static func buildArray(_ members: [[ModuleMember]]) -> [ModuleMember] { members.flatMap { $0 } }
}
