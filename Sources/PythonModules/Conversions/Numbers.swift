// SPDX-License-Identifier: Apache-2.0
public import CPython
public import CPythonShims
public import PythonBuffers

// Numbers and truth values. Python's ints have any size: what does not fit is an OverflowError, not another number.

/// The integers of Swift: `int`, and whatever has `__index__`.
public protocol PythonInteger: FixedWidthInteger, FromPython, ToPython, PythonLiteral {}

extension PythonInteger {
    public static var parameterAnnotation: String { "typing.SupportsIndex" }
    public static var resultAnnotation: String { "int" }

    @inlinable
    public static func fromPython(_ argument: Argument) throws -> Self {
        let small = sb_small_int(argument.reference)
        if small != sb_not_small(), let value = Self(exactly: small) { return value }
        return try argument.largeInteger()
    }

    @inlinable
    public func toPython() throws -> PythonObject {
        if let value = Int(exactly: self) { return try unsafe PythonObject(result: PyLong_FromSsize_t(value)) }
        return try unsafe PythonObject(result: PyLong_FromUnsignedLongLong(UInt64(self)))
    }

    public var pythonLiteral: String? { description }
}

extension Int: PythonInteger {}
extension Int8: PythonInteger {}
extension Int16: PythonInteger {}
extension Int32: PythonInteger {}
extension Int64: PythonInteger {}
extension UInt: PythonInteger {}
extension UInt8: PythonInteger {}
extension UInt16: PythonInteger {}
extension UInt32: PythonInteger {}
extension UInt64: PythonInteger {}

extension Argument {
    /// An integer that is not a small `int`.
    @usableFromInline @inline(never)
    func largeInteger<Value: FixedWidthInteger>() throws -> Value {
        let number = try unsafe PythonObject(result: PyNumber_Index(reference.pointer))
        let value: Value? =
            if let signed = unsafe number.reference.int64 {
                Value(exactly: signed)
            } else if let unsigned = unsafe number.reference.uint64 {
                Value(exactly: unsigned)
            } else {
                nil
            }
        guard let value else {
            throw PythonError(
                .overflow,
                "must be between \(Value.min) and \(Value.max), not \(try unsafe number.reference.representation())")
        }
        return value
    }
}

/// The floats of Swift: `float`, and whatever has `__float__` or `__index__`. Narrower ones are rounded.
public protocol PythonFloat: BinaryFloatingPoint, FromPython, ToPython, PythonLiteral {}

extension PythonFloat {
    public static var parameterAnnotation: String { "typing.SupportsFloat | typing.SupportsIndex" }
    public static var resultAnnotation: String { "float" }

    @inlinable
    public static func fromPython(_ argument: Argument) throws -> Self {
        let number =
            argument.reference.isExactFloat
            ? unsafe sb_float_value(argument.reference.pointer) : try argument.reference.double()
        let value = Self(number)
        if value.isInfinite && number.isFinite { throw argument.tooLarge(number, for: Self.self) }
        return value
    }

    @inlinable
    public func toPython() throws -> PythonObject { try unsafe PythonObject(result: PyFloat_FromDouble(Double(self))) }

    public var pythonLiteral: String? {
        // Python reads a number that is too large as infinity; nothing that it reads is NaN.
        isNaN ? nil : isInfinite ? (self < 0 ? "-1e999" : "1e999") : "\(Double(self))"
    }
}

extension Double: PythonFloat {}
extension Float: PythonFloat {}
#if !(os(macOS) && arch(x86_64))
    extension Float16: PythonFloat {}
#endif

extension Argument {
    @usableFromInline @inline(never)
    func tooLarge<Value>(_ number: Double, for _: Value.Type) -> PythonError {
        PythonError(.overflow, "\(number) is too large for a \(Value.self)")
    }
}

extension Bool: FromPython, ToPython, PythonLiteral {
    public static var parameterAnnotation: String { "bool" }
    public static var resultAnnotation: String { "bool" }

    /// The truth of any object, as `bool(argument)`.
    @inlinable public static func fromPython(_ argument: Argument) throws -> Bool { try argument.reference.truth() }
    @inlinable public func toPython() -> PythonObject { PythonObject(self) }
    public var pythonLiteral: String? { self ? "True" : "False" }
}

/// `complex`, and whatever has `__complex__`, `__float__` or `__index__`.
extension Complex: PythonParameter, FromPython, ToPython {
    public static var parameterAnnotation: String {
        "typing.SupportsComplex | typing.SupportsFloat | typing.SupportsIndex"
    }
    public static var resultAnnotation: String { "complex" }

    public static func fromPython(_ argument: Argument) throws -> Self {
        let (real, imaginary) = try argument.reference.complex()
        let value = Self(real: Part(real), imaginary: Part(imaginary))
        guard value.real.isFinite || !real.isFinite else { throw argument.tooLarge(real, for: Part.self) }
        guard value.imaginary.isFinite || !imaginary.isFinite else {
            throw argument.tooLarge(imaginary, for: Part.self)
        }
        return value
    }

    public func toPython() throws -> PythonObject {
        try PythonObject(complex: (real: Double(real), imaginary: Double(imaginary)))
    }
}
