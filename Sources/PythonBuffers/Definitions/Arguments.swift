internal import CPython
internal import CPythonShims

/// The arguments of one call from Python, bound to the parameters of a ``Signature`` in their order.
///
/// References are borrowed from the caller, who keeps them alive for the whole call.
@safe
public struct Arguments: ~Copyable {
    /// The object that a method was called on, or the module that a function belongs to.
    public let receiver: ObjectPointer
    private var values: InlineArray<12, ObjectPointer?>
    /// Positional arguments beyond the parameters, where the signature collects them.
    public private(set) var rest: [ObjectPointer] = unsafe []
    private let signature: Signature

    /// Binds what CPython passes under `METH_FASTCALL | METH_KEYWORDS`.
    init(
        receiver: ObjectPointer, arguments: UnsafePointer<ObjectPointer?>?, count: Int, keywords: ObjectPointer?,
        name: StaticString, signature: Signature
    ) throws(PythonError) {
        unsafe self.receiver = receiver
        unsafe values = InlineArray(repeating: nil)
        self.signature = signature

        try checkPositional(count, name)
        for index in 0..<count {
            guard let value = unsafe arguments?[index] else { continue }
            unsafe bind(value, at: index)
        }
        if let keywords = unsafe keywords {
            for index in 0..<(unsafe sb_tuple_count(keywords)) {
                try unsafe bind(arguments?[count + index], to: sb_tuple_item(keywords, index), name)
            }
        }
        try checkRequired(name)
    }

    /// Binds what CPython passes to `tp_new`.
    init(
        type: ObjectPointer, tuple: ObjectPointer?, dictionary: ObjectPointer?, name: StaticString, signature: Signature
    ) throws(PythonError) {
        unsafe receiver = type
        unsafe values = InlineArray(repeating: nil)
        self.signature = signature

        if let tuple = unsafe tuple {
            let count = unsafe sb_tuple_count(tuple)
            try checkPositional(count, name)
            for index in 0..<count { unsafe bind(sb_tuple_item(tuple, index), at: index) }
        }
        if let dictionary = unsafe dictionary {
            var position = 0
            var keyword: ObjectPointer?
            var value: ObjectPointer?
            while unsafe PyDict_Next(dictionary, &position, &keyword, &value) != 0 {
                guard let keyword = unsafe keyword else { continue }
                try unsafe bind(value, to: keyword, name)
            }
        }
        try checkRequired(name)
    }

    private func checkPositional(_ count: Int, _ name: StaticString) throws(PythonError) {
        guard count <= signature.positionalCount || signature.collectsRest else {
            let limit = signature.positionalCount
            throw PythonError(
                .type, "\(name)() takes at most \(limit) positional argument\(limit == 1 ? "" : "s") (\(count) given)")
        }
    }

    private mutating func bind(_ value: ObjectPointer, at index: Int) {
        if index < signature.positionalCount { unsafe values[index] = value } else { unsafe rest.append(value) }
    }

    private mutating func bind(
        _ value: ObjectPointer?, to keyword: ObjectPointer, _ name: StaticString
    ) throws(PythonError) {
        let keyword = try unsafe stringValue(of: keyword)
        let position = signature.parameters.firstIndex { $0.acceptsKeyword && $0.name == keyword }
        guard let position else {
            throw PythonError(.type, "\(name)() got an unexpected keyword argument '\(keyword)'")
        }
        if unsafe values[position] != nil {
            throw PythonError(.type, "\(name)() got multiple values for argument '\(keyword)'")
        }
        unsafe values[position] = value
    }

    private func checkRequired(_ name: StaticString) throws(PythonError) {
        for (index, parameter) in signature.parameters.enumerated()
        where unsafe parameter.isRequired && values[index] == nil {
            throw PythonError(.type, "\(name)() missing required argument '\(parameter.name)' (pos \(index + 1))")
        }
    }

    /// The argument at `index`; `nil` when it was not given.
    public func pointer(_ index: Int) -> ObjectPointer? {
        unsafe values[index]
    }

    /// The argument at `index`; `nil` when it was not given or is `None`.
    public func optional(_ index: Int) -> ObjectPointer? {
        guard let value = unsafe values[index], unsafe value != sb_none() else { return nil }
        return unsafe value
    }

    /// A required argument.
    public subscript(_ index: Int) -> ObjectPointer {
        // Binding has refused the call unless every required argument is there.
        unsafe values[index]!
    }

    public func object(_ index: Int) -> PythonObject {
        unsafe PythonObject(borrowing: self[index])
    }

    public func int(_ index: Int) throws(PythonError) -> Int {
        try unsafe intValue(of: self[index])
    }

    public func int(_ index: Int, default value: Int) throws(PythonError) -> Int {
        guard let given = unsafe values[index] else { return value }
        return try unsafe intValue(of: given)
    }

    public func bool(_ index: Int, default value: Bool) throws(PythonError) -> Bool {
        guard let given = unsafe values[index] else { return value }
        let truth = unsafe PyObject_IsTrue(given)
        if truth < 0 { throw PythonError.pending() }
        return truth != 0
    }

    public func string(_ index: Int) throws(PythonError) -> String {
        do {
            return try unsafe stringValue(of: self[index])
        } catch {
            throw error.matches(.type) ? wrongType(index, expected: "a str") : error
        }
    }

    public func string(_ index: Int, default value: String) throws(PythonError) -> String {
        unsafe values[index] == nil ? value : try string(index)
    }

    /// The error for an argument of the wrong type.
    public func wrongType(_ index: Int, expected: String) -> PythonError {
        let found = unsafe values[index].map { unsafe typeNameOf($0) } ?? "nothing"
        return PythonError(.type, "\(signature.parameters[index].name) must be \(expected), not \(found)")
    }
}
