// SPDX-License-Identifier: Apache-2.0
internal import CPython
public import CPythonShims
internal import ModuleShims
public import PythonBuffers
internal import Synchronization

/// A function of a module, a method of a type or what makes its objects, with the types of its parameters erased.
@safe
@usableFromInline
final class Function: Sendable {
    @usableFromInline let name: String
    @usableFromInline let parameters: [AnyParameter]
    let documentation: String
    /// The type of the result in a stub.
    let returns: Annotation
    /// How many parameters take an argument by position each.
    let positionalCount: Int
    /// Up to how many arguments, none of them by name, are passed on as they are: -1 where some are to be collected.
    private let directCount: Int
    let call: @Sendable (BoundCall) throws -> PythonObject
    /// Which parameters collect arguments that have no parameter of their own, by position and by name.
    private let variadicPlace: Int?
    private let keywordsPlace: Int?
    /// The names that arguments may be given by, as Python's strings are compared with them; they live as long as the
    /// process.
    nonisolated(unsafe) private let cNames: [UnsafePointer<CChar>?]

    @usableFromInline
    init(
        _ name: String, _ parameters: [AnyParameter], _ documentation: String,
        returns: Annotation = .none,
        _ call: @escaping @Sendable (BoundCall) throws -> PythonObject
    ) {
        self.name = name
        self.parameters = parameters
        self.documentation = documentation
        self.returns = returns
        self.call = call
        positionalCount = parameters.count { $0.kind == .positionalOnly || $0.kind == .ordinary }
        directCount = parameters.contains(where: \.collects) ? -1 : positionalCount
        variadicPlace = parameters.firstIndex { $0.kind == .variadic }
        keywordsPlace = parameters.firstIndex { $0.kind == .keywords }
        unsafe cNames = parameters.map { $0.takesName ? unsafe permanentCString($0.name) : nil }
    }

    /// What only gives a name to the arguments of conversions, for their errors: an operand, the value of an attribute.
    @usableFromInline
    static func naming(_ name: String) -> Function {
        Function(name, [AnyParameter(name, .object)], "") { _ in .none }
    }

    /// The parameters as `inspect.signature` shows them.
    var signature: String {
        parameterList { parameter in parameter.name + (parameter.literal.map { "=\($0)" } ?? "") }
            .joined(separator: ", ")
    }

    /// The parameters with the marks between them, each written by `text`.
    func parameterList(_ text: (AnyParameter) -> String) -> [String] {
        var parts: [String] = []
        for (index, parameter) in parameters.enumerated() {
            let before = index == 0 ? nil : parameters[index - 1].kind
            if parameter.kind == .keywordOnly && before != .keywordOnly && before != .variadic { parts.append("*") }
            let stars = parameter.kind == .variadic ? "*" : parameter.kind == .keywords ? "**" : ""
            parts.append(stars + text(parameter))
            if parameter.kind == .positionalOnly
                && (index == parameters.count - 1 || parameters[index + 1].kind != .positionalOnly)
            {
                parts.append("/")
            }
        }
        return parts
    }

    /// The entry for a table of methods.
    ///
    /// - Parameter flags: `METH_CLASS` or `METH_STATIC`, where it is not an ordinary method.
    /// - Throws: `SystemError` for a declaration that has no meaning in Python.
    func definition(flags: CInt = 0) throws -> MethodDefinition {
        try check()
        let address = unsafe Function.taking.withLock { _ in unsafe module_shims_take_function(retained) }
        guard let address = unsafe address else { throw Function.tooMany }
        return unsafe MethodDefinition(
            name: name, parameters: signature, documentation: documentation, flags: flags,
            function: unsafeBitCast(address, to: UnsafeMutableRawPointer.self))
    }

    /// `tp_new` of a type whose objects this function makes, under the name of the type.
    ///
    /// - Throws: as for ``definition(flags:)``.
    func newSlot(of type: String) throws -> TypeSlot {
        let function = Function(type, parameters, documentation, returns: returns, call)
        try function.check()
        let address = unsafe Function.taking.withLock { _ in unsafe module_shims_take_new(function.retained) }
        guard let address = unsafe address else { throw Function.tooMany }
        return unsafe TypeSlot(Py_tp_new, unsafeBitCast(address, to: UnsafeMutableRawPointer.self))
    }

    /// `tp_call` of a type whose objects this function calls, under the name of the type.
    ///
    /// - Throws: as for ``definition(flags:)``.
    func callSlot(of type: String) throws -> TypeSlot {
        let function = Function(type, parameters, documentation, returns: returns, call)
        try function.check()
        let address = unsafe Function.taking.withLock { _ in unsafe module_shims_take_call(function.retained) }
        guard let address = unsafe address else { throw Function.tooMany }
        return unsafe TypeSlot(Py_tp_call, unsafeBitCast(address, to: UnsafeMutableRawPointer.self))
    }

    /// Held while a C function is taken.
    static let taking = Mutex(())

    static var tooMany: PythonError {
        PythonError(
            .system,
            "one extension can declare \(module_shims_function_count) functions and methods, "
                + "\(module_shims_operator_count) operators of one and as many of two operands, and "
                + "\(module_shims_slot_count) types of each other kind of slot")
    }

    /// A reference for a C function that lives as long as the process.
    private var retained: UnsafeRawPointer { unsafe UnsafeRawPointer(Unmanaged.passRetained(self).toOpaque()) }

    // MARK: Calls

    /// Calls the function with arguments as CPython passes them under `METH_FASTCALL | METH_KEYWORDS`.
    func callAsFunction(
        _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> ObjectResult {
        do {
            if keywords.object == nil && count <= directCount {
                return try call(BoundCall(receiver, arguments, count, self)).intoResult()
            }
            return try bindAndCall(receiver, arguments, count, keywords).intoResult()
        } catch {
            raiseInPython(error)
            return .failure
        }
    }

    /// Calls the function with the arguments in the order of the parameters.
    private func bindAndCall(
        _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) throws -> PythonObject {
        guard count <= positionalCount || variadicPlace != nil else {
            throw PythonError(
                .type,
                "\(name)() takes \(parameters.contains(where: \.hasDefault) ? "at most " : "")\(positionalCount) "
                    + "positional argument\(positionalCount == 1 ? "" : "s") (\(count) given)")
        }
        // These live until the call ends, which gets them where parameters collect arguments.
        let rest = try variadicPlace == nil ? .none : tuple(of: arguments, min(count, positionalCount)..<count)
        let others = try keywordsPlace == nil ? .none : PythonObject(emptyDictionary: ())
        return try unsafe withUnsafeTemporaryAllocation(of: ObjectPointer?.self, capacity: max(parameters.count, 1)) {
            bound in
            unsafe bound.initialize(repeating: nil)
            for index in 0..<min(count, positionalCount) { unsafe bound[index] = arguments.pointer?[index] }
            if let variadicPlace { unsafe bound[variadicPlace] = rest.pointer }
            if let keywordsPlace { unsafe bound[keywordsPlace] = others.pointer }
            if let keywords = keywords.object {
                // CPython passes the values of keywords behind the other arguments.
                for index in 0..<keywords.tupleCount {
                    guard let place = try place(of: keywords.tupleItem(index)) else {
                        let value = unsafe PythonObject(
                            borrowing: ObjectReference(pointer: arguments.pointer![count + index]!))
                        try others.setValue(value, at: PythonObject(borrowing: keywords.tupleItem(index)))
                        continue
                    }
                    guard unsafe bound[place] == nil else {
                        throw PythonError(
                            .type, "\(name)() got multiple values for argument '\(parameters[place].name)'")
                    }
                    unsafe bound[place] = arguments.pointer?[count + index]
                }
            }
            let values = unsafe SBArguments(pointer: UnsafePointer(bound.baseAddress))
            return try call(BoundCall(receiver, values, parameters.count, self))
        }
    }

    /// A tuple of some of the arguments.
    private func tuple(of arguments: SBArguments, _ range: Range<Int>) throws(PythonError) -> PythonObject {
        var tuple = try TupleBuilder(capacity: range.count)
        for index in range {
            unsafe tuple.append(PythonObject(borrowing: ObjectReference(pointer: arguments.pointer![index]!)))
        }
        return tuple.finish()
    }

    /// The parameter of a name; `nil` where that is collected with others.
    private func place(of keyword: ObjectReference) throws -> Int? {
        for index in unsafe cNames.indices {
            if let name = unsafe cNames[index], unsafe PyUnicode_CompareWithASCIIString(keyword.pointer, name) == 0 {
                return index
            }
        }
        if keywordsPlace != nil { return nil }
        let keyword = try stringValue(of: keyword)
        guard !parameters.contains(where: { $0.name == keyword && $0.kind == .positionalOnly }) else {
            throw PythonError(.type, "\(name)() takes '\(keyword)' by position only")
        }
        let known = parameters.filter(\.takesName).map { "'\($0.name)'" }.joined(separator: ", ")
        throw PythonError(
            .type,
            "\(name)() got an unexpected keyword argument '\(keyword)'" + (known.isEmpty ? "" : "; it takes \(known)"))
    }
}

/// One call, with its arguments in the order of the parameters.
@safe
@usableFromInline
struct BoundCall {
    @usableFromInline let receiver: ObjectReference
    @usableFromInline let arguments: SBArguments
    @usableFromInline let count: Int
    @usableFromInline let function: Unmanaged<Function>

    init(_ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int, _ function: Function) {
        self.receiver = receiver
        self.arguments = arguments
        self.count = count
        unsafe self.function = Unmanaged.passUnretained(function)
    }

    /// Runs `body` with the argument for the parameter at `index`, or its default.
    @inlinable
    func with<Value: PythonParameter & ~Copyable & ~Escapable>(
        _ index: Int, _ parameter: Parameter<Value>, _ body: (borrowing Value) throws -> PythonObject
    ) throws -> PythonObject {
        if index < count, let pointer = unsafe arguments.pointer.unsafelyUnwrapped[index] {
            return try Value.withArgument(
                unsafe Argument(ObjectReference(pointer: pointer), index: index, of: function), body)
        }
        guard let withDefault = parameter.withDefault else { throw missing(index) }
        return try withDefault(body)
    }

    @usableFromInline @inline(never)
    func missing(_ index: Int) -> PythonError {
        unsafe function._withUnsafeGuaranteedRef {
            PythonError(
                .type, "\($0.name)() missing required argument '\($0.parameters[index].name)' (pos \(index + 1))")
        }
    }
}
