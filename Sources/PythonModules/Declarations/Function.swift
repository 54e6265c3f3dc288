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
    /// The names that arguments may be given by, one a parameter.
    nonisolated(unsafe) private let names: UnsafeMutablePointer<SBName>
    /// The ``StandardArgument`` of each parameter that has one, which `parameters` keep.
    @usableFromInline nonisolated(unsafe) let standards: UnsafeMutablePointer<UnsafeRawPointer?>

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
        precondition(parameters.count <= Self.mostParameters)
        unsafe names = .allocate(capacity: parameters.count)
        unsafe standards = .allocate(capacity: parameters.count)
        for (index, parameter) in parameters.enumerated() {
            let text = parameter.takesName ? unsafe permanentCString(parameter.name) : nil
            unsafe (names + index).initialize(to: SBName(text: text, length: parameter.name.utf8.count))
            let standard = unsafe parameter.standard.map {
                unsafe UnsafeRawPointer(Unmanaged.passUnretained($0 as AnyObject).toOpaque())
            }
            unsafe (standards + index).initialize(to: standard)
        }
    }

    deinit {
        for index in parameters.indices { unsafe names[index].text?.deallocate() }
        unsafe names.deallocate()
        unsafe standards.deallocate()
    }

    /// What only gives a name to the arguments of conversions, for their errors: an operand, the value of an attribute.
    @usableFromInline
    static func naming(_ name: String) -> Function {
        let parameter = AnyParameter(
            name: name, kind: .positionalOnly, standard: nil, literal: nil, annotation: .object)
        return Function(name, [parameter], "") { _ in .none }
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
        // CPython calls a function without parameters faster, and refuses arguments by itself.
        let plain =
            unsafe parameters.isEmpty
            ? Function.taking.withLock { _ in unsafe module_shims_take_plain(retained) } : nil
        if let plain = unsafe plain {
            return unsafe MethodDefinition(
                name: name, parameters: signature, documentation: documentation, flags: flags | METH_NOARGS,
                function: unsafeBitCast(plain, to: UnsafeMutableRawPointer.self))
        }
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

    /// As many as the declarations have overloads for; see `tools/overloads.py`.
    private static var mostParameters: Int { 6 }

    /// Calls the function without arguments, of which it has none.
    func callAsFunction(_ receiver: ObjectReference) -> ObjectResult {
        do {
            return try call(BoundCall(receiver, unsafe SBArguments(pointer: nil), 0, self)).intoResult()
        } catch {
            raiseInPython(error)
            return .failure
        }
    }

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
        guard directCount >= 0 else { return try collectAndCall(receiver, arguments, count, keywords) }
        guard count <= positionalCount else { throw tooManyArguments(count) }
        // Of a size that is known when this is compiled, the stack has room without asking.
        return try unsafe withUnsafeTemporaryAllocation(of: ObjectPointer?.self, capacity: Self.mostParameters) {
            bound in
            let first = unsafe bound.baseAddress.unsafelyUnwrapped
            unsafe first.initialize(repeating: nil, count: Self.mostParameters)
            for index in 0..<count { unsafe first[index] = arguments.pointer.unsafelyUnwrapped[index] }
            if let keywords = keywords.object {
                try unsafe bind(keywords, arguments, count, to: first) { (keyword, _) throws in
                    throw try unexpected(keyword)
                }
            }
            return try call(
                BoundCall(receiver, unsafe SBArguments(pointer: UnsafePointer(first)), parameters.count, self))
        }
    }

    /// As ``bindAndCall(_:_:_:_:)``, for a function that collects arguments which have no parameter of their own.
    private func collectAndCall(
        _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) throws -> PythonObject {
        guard count <= positionalCount || variadicPlace != nil else { throw tooManyArguments(count) }
        // These live until the call ends, which gets them where parameters collect arguments.
        let rest = try variadicPlace == nil ? .none : tuple(of: arguments, min(count, positionalCount)..<count)
        let others = try keywordsPlace == nil ? .none : PythonObject(emptyDictionary: ())
        return try unsafe withUnsafeTemporaryAllocation(of: ObjectPointer?.self, capacity: Self.mostParameters) {
            bound in
            let first = unsafe bound.baseAddress.unsafelyUnwrapped
            unsafe first.initialize(repeating: nil, count: Self.mostParameters)
            for index in 0..<min(count, positionalCount) { unsafe first[index] = arguments.pointer?[index] }
            if let variadicPlace { unsafe first[variadicPlace] = rest.pointer }
            if let keywordsPlace { unsafe first[keywordsPlace] = others.pointer }
            if let keywords = keywords.object {
                try unsafe bind(keywords, arguments, count, to: first) { (keyword, value) throws in
                    guard keywordsPlace != nil else { throw try unexpected(keyword) }
                    try others.setValue(PythonObject(borrowing: value), at: PythonObject(borrowing: keyword))
                }
            }
            return try call(
                BoundCall(receiver, unsafe SBArguments(pointer: UnsafePointer(first)), parameters.count, self))
        }
    }

    /// Puts the values of keywords in the places of their parameters.
    ///
    /// - Parameters:
    ///   - count: how many arguments stand before the values.
    ///   - collect: takes a keyword that has no parameter, with its value.
    /// - Precondition: `bound` has a place for each parameter, and `arguments` a value for each keyword.
    @inline(__always)
    private func bind(
        _ keywords: ObjectReference, _ arguments: SBArguments, _ count: Int,
        to bound: UnsafeMutablePointer<ObjectPointer?>, _ collect: (ObjectReference, ObjectReference) throws -> Void
    ) throws {
        for index in 0..<keywords.tupleCount {
            let keyword = keywords.tupleItem(index)
            // CPython passes the values of keywords behind the other arguments.
            let value = unsafe arguments.pointer.unsafelyUnwrapped[count + index].unsafelyUnwrapped
            let place = unsafe sb_find_name(keyword, names, parameters.count)
            guard place >= 0 else {
                try collect(keyword, unsafe ObjectReference(pointer: value))
                continue
            }
            guard unsafe bound[place] == nil else {
                throw PythonError(.type, "\(name)() got multiple values for argument '\(parameters[place].name)'")
            }
            unsafe bound[place] = value
        }
    }

    @inline(never)
    private func tooManyArguments(_ count: Int) -> PythonError {
        PythonError(
            .type,
            "\(name)() takes \(parameters.contains(where: \.hasDefault) ? "at most " : "")\(positionalCount) "
                + "positional argument\(positionalCount == 1 ? "" : "s") (\(count) given)")
    }

    /// A tuple of some of the arguments.
    private func tuple(of arguments: SBArguments, _ range: Range<Int>) throws(PythonError) -> PythonObject {
        var tuple = try TupleBuilder(capacity: range.count)
        for index in range {
            unsafe tuple.append(PythonObject(borrowing: ObjectReference(pointer: arguments.pointer![index]!)))
        }
        return tuple.finish()
    }

    @inline(never)
    private func unexpected(_ keyword: ObjectReference) throws -> PythonError {
        let keyword = try stringValue(of: keyword)
        guard !parameters.contains(where: { $0.name == keyword && $0.kind == .positionalOnly }) else {
            return PythonError(.type, "\(name)() takes '\(keyword)' by position only")
        }
        let known = parameters.filter(\.takesName).map { "'\($0.name)'" }.joined(separator: ", ")
        return PythonError(
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
        _ index: Int, _: Value.Type, _ body: (borrowing Value) throws -> PythonObject
    ) throws -> PythonObject {
        if index < count, let pointer = unsafe arguments.pointer.unsafelyUnwrapped[index] {
            return try Value.withArgument(
                unsafe Argument(ObjectReference(pointer: pointer), index: index, of: function), body)
        }
        let standard = unsafe function._withUnsafeGuaranteedRef { unsafe $0.standards[index] }
        guard let standard = unsafe standard else { throw missing(index) }
        // The declaration has a parameter of this type at the index, and the function keeps its default.
        let result = try unsafe Unmanaged<StandardArgument<Value>>.fromOpaque(standard)._withUnsafeGuaranteedRef {
            try unsafe $0.with(body).intoPointer()
        }
        return unsafe PythonObject(owning: result)
    }

    @usableFromInline @inline(never)
    func missing(_ index: Int) -> PythonError {
        unsafe function._withUnsafeGuaranteedRef {
            PythonError(
                .type, "\($0.name)() missing required argument '\($0.parameters[index].name)' (pos \(index + 1))")
        }
    }
}
