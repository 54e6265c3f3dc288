// SPDX-License-Identifier: Apache-2.0
public import CPythonShims
public import PythonBuffers

/// One argument of a call from Python, which lives for as long as the call: a conversion to Swift reads it.
///
/// ```swift
/// struct Celsius: FromPython {
///     let degrees: Double
///     static func fromPython(_ argument: Argument) throws -> Celsius {
///         let degrees = try argument.convert(to: Double.self)
///         guard degrees >= -273.15 else { throw PythonError(.value, "\(degrees) °C is below absolute zero") }
///         return Celsius(degrees: degrees)
///     }
/// }
/// ```
@safe
public struct Argument: ~Escapable {
    @usableFromInline package let reference: ObjectReference
    @usableFromInline let index: Int
    @usableFromInline let function: Unmanaged<Function>

    @inlinable @_lifetime(immortal)
    init(_ reference: ObjectReference, index: Int, of function: Unmanaged<Function>) {
        self.reference = reference
        self.index = index
        unsafe self.function = function
    }

    /// The argument as an object that may outlive the call.
    public func object() -> PythonObject { PythonObject(borrowing: reference) }

    /// The argument, or an item of it, as another type.
    @inlinable public func convert<Value: FromPython>(to _: Value.Type) throws -> Value { try Value.fromPython(self) }

    /// An item of the argument, or another object that stands for it, as a Swift value.
    @inlinable
    public func convert<Value: FromPython>(_ item: borrowing PythonObject, to _: Value.Type) throws -> Value {
        // The item outlives the conversion, which cannot keep the argument.
        try Value.fromPython(unsafe Argument(item.reference, index: index, of: function))
    }

    /// The error for an argument of another type than is expected: "expected a point, not str".
    public func wrongType(expected: String) -> PythonError {
        PythonError(.type, "expected \(expected), not \(reference.typeName)")
    }

    /// An error of a conversion, with the name of the parameter in front of its message.
    @usableFromInline @inline(never)
    package func naming(_ error: any Error) -> any Error {
        let name = unsafe function._withUnsafeGuaranteedRef { $0.parameters[index].name }
        guard let error = error as? PythonError else { return error }
        return error.withPrefix("\(name): ")
    }
}

/// A Swift type that a function can take from Python, for the length of a call: what can be neither copied nor kept, such
/// as `Span<Float>`, too. Types whose values are made of a Python object conform to ``FromPython``.
public protocol PythonParameter: ~Copyable, ~Escapable, SendableMetatype {
    /// Runs `body` with the value of an argument.
    ///
    /// - Throws: what the conversion throws, with the name of the parameter in front, and what `body` throws.
    static func withArgument(
        _ argument: Argument, _ body: (borrowing Self) throws -> PythonObject
    ) throws -> PythonObject

    /// The type in the stub of a function that takes it, with the modules of all names: `collections.abc.Iterable[int]`;
    /// `object` if it is not given.
    static var parameterAnnotation: String { get }
}

extension PythonParameter where Self: ~Copyable & ~Escapable {
    public static var parameterAnnotation: String { "object" }
}

/// A Swift type whose values are made of Python objects.
public protocol FromPython: PythonParameter, ~Copyable {
    /// - Throws: a `PythonError`, usually `TypeError` or `ValueError`; the name of the parameter is put in front of its
    ///   message.
    static func fromPython(_ argument: Argument) throws -> Self
}

extension FromPython where Self: ~Copyable {
    /// Converts the argument, and calls `body` with the value.
    @inlinable
    public static func withArgument(
        _ argument: Argument, _ body: (borrowing Self) throws -> PythonObject
    ) throws -> PythonObject {
        let value: Self
        do {
            value = try fromPython(argument)
        } catch {
            throw argument.naming(error)
        }
        return try body(value)
    }
}

/// A Swift type whose values become Python objects: results of functions, values of properties and constants.
///
/// ```swift
/// extension Celsius: ToPython {
///     func toPython() throws -> PythonObject { try degrees.toPython() }
/// }
/// ```
public protocol ToPython: ~Copyable, SendableMetatype {
    consuming func toPython() throws -> PythonObject

    /// The type in the stub of a function that returns it, with the modules of all names; `typing.Any` if it is not
    /// given.
    static var resultAnnotation: String { get }
}

extension ToPython where Self: ~Copyable {
    public static var resultAnnotation: String { "typing.Any" }
}

/// A Swift type whose values can be defaults of parameters: they have a text in Python.
public protocol PythonLiteral: Sendable {
    /// The value as `inspect.signature` shows it: an expression of numbers, strings, `None`, `True` and `False`; `nil` for
    /// a value that has none.
    var pythonLiteral: String? { get }
}
