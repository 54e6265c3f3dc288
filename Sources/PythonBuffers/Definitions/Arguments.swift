// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// The arguments of one call from Python, bound to the parameters of a ``Signature`` in their order.
///
/// References are borrowed from the caller, who keeps them alive for the whole call.
@safe
package struct Arguments: ~Copyable {
    /// The object that a method was called on, or the module that a function belongs to.
    package let receiver: ObjectReference
    private var values: Signature.References
    /// Positional arguments beyond the parameters, where the signature collects them.
    package private(set) var rest: [ObjectReference] = []
    private let signature: Signature

    /// Binds what CPython passes under `METH_FASTCALL | METH_KEYWORDS`.
    init(
        receiver: ObjectReference, arguments: SBArguments, count: Int, keywords: OptionalObjectReference,
        name: StaticString, signature: Signature
    ) throws(PythonError) {
        self.receiver = receiver
        values = InlineArray(repeating: nil)
        self.signature = signature

        try checkPositional(count, name)
        // CPython passes `count` arguments, and behind them one for each keyword.
        for index in 0..<count {
            guard let value = unsafe arguments.pointer?[index] else { continue }
            bind(unsafe ObjectReference(pointer: value), at: index)
        }
        if let keywords = keywords.object {
            for index in 0..<keywords.tupleCount {
                guard let value = unsafe arguments.pointer?[count + index] else { continue }
                try bind(unsafe ObjectReference(pointer: value), to: keywords.tupleItem(index), name)
            }
        }
        if min(count, signature.positionalCount) < signature.requiredCount { try checkRequired(name) }
    }

    /// Binds what CPython passes to `tp_new`.
    init(
        type: ObjectReference, tuple: OptionalObjectReference, dictionary: OptionalObjectReference, name: StaticString,
        signature: Signature
    ) throws(PythonError) {
        receiver = type
        values = InlineArray(repeating: nil)
        self.signature = signature

        if let tuple = tuple.object {
            let count = tuple.tupleCount
            try checkPositional(count, name)
            for index in 0..<count { bind(tuple.tupleItem(index), at: index) }
        }
        if let dictionary = dictionary.object {
            var position = 0
            var keyword: ObjectPointer?
            var value: ObjectPointer?
            while unsafe PyDict_Next(dictionary.pointer, &position, &keyword, &value) != 0 {
                guard let keyword = unsafe keyword, let value = unsafe value else { continue }
                try unsafe bind(ObjectReference(pointer: value), to: ObjectReference(pointer: keyword), name)
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

    private mutating func bind(_ value: ObjectReference, at index: Int) {
        if index < signature.positionalCount { values[index] = value } else { rest.append(value) }
    }

    private mutating func bind(
        _ value: ObjectReference, to keyword: ObjectReference, _ name: StaticString
    ) throws(PythonError) {
        guard keyword.isString, let position = signature.parameters.firstIndex(where: { $0.isNamed(keyword) }) else {
            throw PythonError(.type, "\(name)() got an unexpected keyword argument '\(try stringValue(of: keyword))'")
        }
        if values[position] != nil {
            throw PythonError(
                .type, "\(name)() got multiple values for argument '\(signature.parameters[position].name)'")
        }
        values[position] = value
    }

    private func checkRequired(_ name: StaticString) throws(PythonError) {
        for (index, parameter) in signature.parameters.enumerated()
        where parameter.isRequired && values[index] == nil {
            throw PythonError(.type, "\(name)() missing required argument '\(parameter.name)' (pos \(index + 1))")
        }
    }

    /// The argument at `index`; `nil` when it was not given.
    package func reference(_ index: Int) -> ObjectReference? {
        values[index]
    }

    /// The argument at `index`; `nil` when it was not given or is `None`.
    package func optional(_ index: Int) -> ObjectReference? {
        guard let value = values[index], !value.isNone else { return nil }
        return value
    }

    /// A required argument.
    package subscript(_ index: Int) -> ObjectReference {
        // Binding fails unless every required argument is given.
        values[index]!
    }

    /// A required argument, as a reference that outlives the call.
    package func object(_ index: Int) -> PythonObject {
        PythonObject(borrowing: self[index])
    }

    /// A required argument that has `__index__`.
    ///
    /// - Throws: `TypeError`; `OverflowError` for an integer that a machine word cannot hold.
    package func int(_ index: Int) throws(PythonError) -> Int {
        try intValue(of: self[index])
    }

    /// As ``int(_:)``, with a value for an argument that was not given.
    package func int(_ index: Int, default value: Int) throws(PythonError) -> Int {
        guard let given = values[index] else { return value }
        return try intValue(of: given)
    }

    /// Whether an argument is true (Python's `bool(argument)`).
    package func bool(_ index: Int, default value: Bool) throws(PythonError) -> Bool {
        guard let given = values[index] else { return value }
        return try given.truth()
    }

    /// A required argument that is a `str`.
    ///
    /// - Throws: `TypeError`.
    package func string(_ index: Int) throws(PythonError) -> String {
        do {
            return try stringValue(of: self[index])
        } catch {
            throw error.matches(.type) ? wrongType(index, expected: "a str") : error
        }
    }

    /// As ``string(_:)``, with a value for an argument that was not given.
    package func string(_ index: Int, default value: String) throws(PythonError) -> String {
        values[index] == nil ? value : try string(index)
    }

    /// The error for an argument of the wrong type.
    package func wrongType(_ index: Int, expected: String) -> PythonError {
        let found = values[index].map { typeNameOf($0) } ?? "nothing"
        return PythonError(.type, "\(signature.parameters[index].name) must be \(expected), not \(found)")
    }
}
