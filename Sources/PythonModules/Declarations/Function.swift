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
    /// How many arguments may be given by position.
    let positionalCount: Int
    private let call: @Sendable (Call) throws -> PythonObject
    /// The names as Python's strings are compared with them; they live as long as the process.
    nonisolated(unsafe) private let cNames: [UnsafePointer<CChar>]

    @usableFromInline
    init(
        _ name: String, _ parameters: [AnyParameter], _ documentation: String,
        _ call: @escaping @Sendable (Call) throws -> PythonObject
    ) {
        self.name = name
        self.parameters = parameters
        self.documentation = documentation
        self.call = call
        positionalCount = parameters.count { $0.kind != .keywordOnly }
        unsafe cNames = parameters.map { unsafe permanentCString($0.name) }
    }

    /// The parameters as `inspect.signature` shows them.
    var signature: String {
        var parts: [String] = []
        for (index, parameter) in parameters.enumerated() {
            if parameter.kind == .keywordOnly && (index == 0 || parameters[index - 1].kind != .keywordOnly) {
                parts.append("*")
            }
            parts.append(parameter.name + (parameter.literal.map { "=\($0)" } ?? ""))
            if parameter.kind == .positionalOnly
                && (index == parameters.count - 1 || parameters[index + 1].kind != .positionalOnly)
            {
                parts.append("/")
            }
        }
        return parts.joined(separator: ", ")
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
        let function = Function(type, parameters, documentation, call)
        try function.check()
        let address = unsafe Function.taking.withLock { _ in unsafe module_shims_take_new(function.retained) }
        guard let address = unsafe address else { throw Function.tooMany }
        return unsafe TypeSlot(Py_tp_new, unsafeBitCast(address, to: UnsafeMutableRawPointer.self))
    }

    /// Held while a C function is taken.
    static let taking = Mutex(())

    static var tooMany: PythonError {
        PythonError(
            .system,
            "one extension can declare \(module_shims_function_count) functions and methods, and "
                + "\(module_shims_slot_count) types of each kind of slot")
    }

    /// A reference for a C function that lives as long as the process.
    private var retained: UnsafeRawPointer { unsafe UnsafeRawPointer(Unmanaged.passRetained(self).toOpaque()) }

    // MARK: Calls

    /// Calls the function with arguments as CPython passes them under `METH_FASTCALL | METH_KEYWORDS`.
    func callAsFunction(
        _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> ObjectResult {
        do {
            if keywords.object == nil && count <= positionalCount {
                return try call(Call(receiver, arguments, count, self)).intoResult()
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
        guard count <= positionalCount else {
            throw PythonError(
                .type,
                "\(name)() takes \(parameters.contains(where: \.hasDefault) ? "at most " : "")\(positionalCount) "
                    + "positional argument\(positionalCount == 1 ? "" : "s") (\(count) given)")
        }
        return try unsafe withUnsafeTemporaryAllocation(of: ObjectPointer?.self, capacity: max(parameters.count, 1)) {
            bound in
            unsafe bound.initialize(repeating: nil)
            for index in 0..<count { unsafe bound[index] = arguments.pointer?[index] }
            if let keywords = keywords.object {
                // CPython passes the values of keywords behind the other arguments.
                for index in 0..<keywords.tupleCount {
                    let place = try place(of: keywords.tupleItem(index))
                    guard unsafe bound[place] == nil else {
                        throw PythonError(
                            .type, "\(name)() got multiple values for argument '\(parameters[place].name)'")
                    }
                    unsafe bound[place] = arguments.pointer?[count + index]
                }
            }
            let values = unsafe SBArguments(pointer: UnsafePointer(bound.baseAddress))
            return try call(Call(receiver, values, parameters.count, self))
        }
    }

    private func place(of keyword: ObjectReference) throws -> Int {
        for index in parameters.indices where parameters[index].kind != .positionalOnly {
            if unsafe PyUnicode_CompareWithASCIIString(keyword.pointer, cNames[index]) == 0 { return index }
        }
        let keyword = try stringValue(of: keyword)
        guard !parameters.contains(where: { $0.name == keyword }) else {
            throw PythonError(.type, "\(name)() takes '\(keyword)' by position only")
        }
        let known = parameters.filter { $0.kind != .positionalOnly }.map { "'\($0.name)'" }.joined(separator: ", ")
        throw PythonError(
            .type,
            "\(name)() got an unexpected keyword argument '\(keyword)'" + (known.isEmpty ? "" : "; it takes \(known)"))
    }
}

/// One call, with its arguments in the order of the parameters.
@safe
@usableFromInline
struct Call {
    @usableFromInline let receiver: ObjectReference
    @usableFromInline let arguments: SBArguments
    @usableFromInline let count: Int
    @usableFromInline let function: Unmanaged<Function>

    fileprivate init(_ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int, _ function: Function) {
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

// What the C functions of ModuleShims call.

@c(swiftbuffer_call_function)
func callFunction(
    context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?,
    arguments: UnsafePointer<UnsafeMutableRawPointer?>?, count: Int, keywords: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<Function>.fromOpaque(context)._withUnsafeGuaranteedRef { function in
        // CPython passes objects; the two types of pointers to them have one representation.
        // There is none for a static method, which uses none.
        let result = unsafe function(
            ObjectReference(pointer: receiver?.assumingMemoryBound(to: PyObject.self) ?? sb_none()),
            SBArguments(pointer: UnsafeRawPointer(arguments)?.assumingMemoryBound(to: ObjectPointer?.self)), count,
            OptionalObjectReference(pointer: keywords?.assumingMemoryBound(to: PyObject.self)))
        return unsafe UnsafeMutableRawPointer(result.pointer)
    }
}

@c(swiftbuffer_call_new)
func callNew(
    context: UnsafeRawPointer, type: UnsafeMutableRawPointer?, arguments: UnsafeMutableRawPointer?,
    keywords: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<Function>.fromOpaque(context)._withUnsafeGuaranteedRef { function in
        let type = unsafe ObjectReference(pointer: type!.assumingMemoryBound(to: PyObject.self))
        let result = unsafe function.callNew(
            type, OptionalObjectReference(pointer: arguments?.assumingMemoryBound(to: PyObject.self)),
            OptionalObjectReference(pointer: keywords?.assumingMemoryBound(to: PyObject.self)))
        return unsafe UnsafeMutableRawPointer(result.pointer)
    }
}

extension Function {
    /// The keys of a dictionary of arguments, in a tuple.
    private static func names(_ dictionary: OptionalObjectReference) throws(PythonError) -> PythonObject {
        guard let dictionary = dictionary.object else { return try TupleBuilder(capacity: 0).finish() }
        let keys = try unsafe PythonObject(result: PyDict_Keys(dictionary.pointer))
        return try unsafe keys.reference.asTuple()
    }

    /// Calls the function with arguments as CPython passes them to `tp_new`.
    fileprivate func callNew(
        _ type: ObjectReference, _ tuple: OptionalObjectReference, _ dictionary: OptionalObjectReference
    ) -> ObjectResult {
        do {
            let count = tuple.object?.tupleCount ?? 0
            // As a vectorcall passes them: the values of keywords behind the others, and a tuple of the names.
            let names = try Self.names(dictionary)
            let keywordCount = names.tupleCount
            return unsafe withUnsafeTemporaryAllocation(
                of: ObjectPointer?.self, capacity: max(count + keywordCount, 1)
            ) { arguments in
                unsafe arguments.initialize(repeating: nil)
                for index in 0..<count { unsafe arguments[index] = tuple.object!.tupleItem(index).pointer }
                for index in 0..<keywordCount {
                    // The dictionary, which belongs to this call, keeps the values.
                    unsafe arguments[count + index] = PyDict_GetItemWithError(
                        dictionary.object!.pointer, names.tupleItem(index).pointer)
                }
                let values = unsafe SBArguments(pointer: UnsafePointer(arguments.baseAddress))
                let keywords = unsafe OptionalObjectReference(pointer: keywordCount == 0 ? nil : names.pointer)
                return self(type, values, count, keywords)
            }
        } catch {
            raiseInPython(error)
            return .failure
        }
    }
}
