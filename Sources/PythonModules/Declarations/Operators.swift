// SPDX-License-Identifier: Apache-2.0
public import CPythonShims
public import PythonBuffers

// Operators of a type. An operand of another type than the closure takes is no error: Python then asks the other operand,
// and raises TypeError where neither knows the operator. Several declarations of one operator are tried in their order.

/// Python's binary operators.
public enum PythonOperator: Sendable, CaseIterable {
    /// `+`, `-`, `*`, `/`, `//`, `%`, `**` and `@`.
    case add, subtract, multiply, divide, floorDivide, remainder, power, matrixMultiply
    /// `&`, `|`, `^`, `<<` and `>>`.
    case and, or, exclusiveOr, shiftLeft, shiftRight
}

/// `object + other`: what an operator makes of an object of the type on the left.
///
/// ```swift
/// Binary(.add) { (left: borrowing Vector, right: borrowing Vector) in left + right }
/// Binary(.multiply) { (left: borrowing Vector, right: Double) in left * right }
/// ```
public struct Binary<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let member: OperatorMember

    @inlinable
    public init<Right: PythonParameter & ~Copyable & ~Escapable, Result: ToPython & ~Copyable>(
        _ operation: PythonOperator, _ body: @escaping @Sendable (borrowing Value, borrowing Right) throws -> Result
    ) {
        let operand = Operand<Right>()
        member = OperatorMember(operation, .binary, operand, .result(Result.self)) { object, other in
            try operand.with(other) { other in
                try ValueAccess<Value>.read(object) { value in try body(value, other).toPython() }
            }
        }
    }
}

/// `other - object`: what an operator makes of an object of the type on the right, where the left operand has no answer.
///
/// ```swift
/// Reflected(.subtract) { (right: borrowing Vector, left: Double) in left - right }
/// ```
public struct Reflected<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let member: OperatorMember

    @inlinable
    public init<Left: PythonParameter & ~Copyable & ~Escapable, Result: ToPython & ~Copyable>(
        _ operation: PythonOperator, _ body: @escaping @Sendable (borrowing Value, borrowing Left) throws -> Result
    ) {
        let operand = Operand<Left>()
        member = OperatorMember(operation, .reflected, operand, .result(Result.self)) { object, other in
            try operand.with(other) { other in
                try ValueAccess<Value>.read(object) { value in try body(value, other).toPython() }
            }
        }
    }
}

/// `object += other`: changes the value as a ``Mutating`` method does. Without it Python makes a new object by the
/// ``Binary`` operator.
public struct InPlace<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let member: OperatorMember

    @inlinable
    public init<Right: PythonParameter & ~Copyable & ~Escapable>(
        _ operation: PythonOperator, _ body: @escaping @Sendable (inout Value, borrowing Right) throws -> Void
    ) {
        let operand = Operand<Right>()
        member = OperatorMember(operation, .inPlace, operand, .ownType) { object, other in
            try operand.with(other) { other in
                try ValueAccess<Value>.change(object, whileExported: true) { value in try body(&value, other) }
                return PythonObject(borrowing: object)
            }
        }
    }
}

/// The other operand of an operator, as a Swift value.
@usableFromInline
struct Operand<Value: PythonParameter & ~Copyable & ~Escapable>: Sendable {
    @usableFromInline let function: Function

    @usableFromInline init(named name: String = "other") { function = .naming(name) }

    /// Runs `body` with the operand; `nil` for an object of another type.
    @inlinable
    func with(
        _ object: ObjectReference, _ body: (borrowing Value) throws -> PythonObject
    ) throws -> PythonObject? {
        var isTaken = false
        do {
            return try Value.withArgument(unsafe Argument(object, index: 0, of: .passUnretained(function))) { value in
                isTaken = true
                return try body(value)
            }
        } catch let error as PythonError {
            guard !isTaken && error.matches(.type) else { throw error }
            return nil
        }
    }
}

/// One declaration of a binary operator.
@usableFromInline
struct OperatorMember: Sendable {
    @usableFromInline enum Form: Sendable { case binary, reflected, inPlace }

    let operation: PythonOperator
    let form: Form
    let annotation: Annotation
    let returns: Annotation
    /// The result for an object of the type and another operand; `nil` where that has another type.
    let body: @Sendable (ObjectReference, ObjectReference) throws -> PythonObject?

    @usableFromInline
    init<Value: ~Copyable & ~Escapable>(
        _ operation: PythonOperator, _ form: Form, _: Operand<Value>, _ returns: Annotation,
        _ body: @escaping @Sendable (ObjectReference, ObjectReference) throws -> PythonObject?
    ) {
        self.operation = operation
        self.form = form
        self.returns = returns
        annotation = .parameter(Value.self)
        self.body = body
    }
}

/// `-object`, `abs(object)`, `int(object)` and others of one operand.
///
/// ```swift
/// Unary(.negative) { -$0 }
/// ```
public struct Unary<Value: PythonValue & ~Copyable>: Sendable {
    /// Python's unary operators and conversions to numbers.
    public enum Operator: Sendable, CaseIterable {
        /// `-object`, `+object`, `abs(object)` and `~object`.
        case negative, positive, absolute, invert
        /// `int(object)`, `float(object)`, `operator.index(object)`
        case int, float, index
    }

    @usableFromInline let operation: Operator
    @usableFromInline let annotation: Annotation
    @usableFromInline let body: @Sendable (ObjectReference) throws -> PythonObject

    @inlinable
    public init<Result: ToPython & ~Copyable>(
        _ operation: Operator, _ body: @escaping @Sendable (borrowing Value) throws -> Result
    ) {
        self.operation = operation
        annotation = .result(Result.self)
        self.body = { object in try ValueAccess<Value>.read(object) { value in try body(value).toPython() } }
    }
}
