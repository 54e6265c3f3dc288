// SPDX-License-Identifier: Apache-2.0
public import CPythonShims
public import PythonBuffers

/// Python's comparisons, numbered as `tp_richcompare` numbers them.
public enum Comparison: CInt, Sendable, CaseIterable {
    /// `<`, `<=`, `==`, `!=`, `>` and `>=`.
    case less, lessOrEqual, equal, notEqual, greater, greaterOrEqual
}

/// `object == other`, `object < other` and so on. `!=` is the opposite of `==` where it is not declared.
///
/// ```swift
/// Compare(.equal) { (left: borrowing Interval, right: borrowing Interval) in left.start == right.start }
/// ```
///
/// A type that has `==` can be hashed only if it has a ``Hash``, as in Python.
public struct Compare<Value: PythonValue & ~Copyable>: Sendable {
    let comparison: Comparison
    let annotation: Annotation
    /// `nil` where the other object has another type.
    let body: @Sendable (ObjectReference, ObjectReference) throws -> PythonObject?

    @usableFromInline
    init(
        _ comparison: Comparison, annotation: Annotation,
        _ body: @escaping @Sendable (ObjectReference, ObjectReference) throws -> PythonObject?
    ) {
        self.comparison = comparison
        self.annotation = annotation
        self.body = body
    }

    @inlinable
    public init<Other: PythonParameter & ~Copyable & ~Escapable>(
        _ comparison: Comparison, _ body: @escaping @Sendable (borrowing Value, borrowing Other) throws -> Bool
    ) {
        let operand = Operand<Other>()
        self.init(comparison, annotation: .parameter(Other.self)) { object, other in
            try operand.with(other) { other in
                try ValueAccess<Value>.read(object) { value in PythonObject(try body(value, other)) }
            }
        }
    }
}

/// `==` and `!=` of Swift's `Equatable`.
public struct Equality<Value: PythonValue & PythonParameter & Equatable>: Sendable {
    let members = [
        Compare<Value>(.equal) { (left: borrowing Value, right: borrowing Value) in copy left == copy right }
    ]

    public init() {}
}

/// All comparisons of Swift's `Comparable`.
public struct Ordering<Value: PythonValue & PythonParameter & Comparable>: Sendable {
    let members = [
        Compare<Value>(.equal) { (left: borrowing Value, right: borrowing Value) in copy left == copy right },
        Compare<Value>(.less) { (left: borrowing Value, right: borrowing Value) in copy left < copy right },
        Compare<Value>(.lessOrEqual) { (left: borrowing Value, right: borrowing Value) in copy left <= copy right },
        Compare<Value>(.greater) { (left: borrowing Value, right: borrowing Value) in copy left > copy right },
        Compare<Value>(.greaterOrEqual) { (left: borrowing Value, right: borrowing Value) in copy left >= copy right },
    ]

    public init() {}
}

/// `hash(object)`: equal for objects that are equal.
///
/// ```swift
/// Hash { $0.number }
/// Hash()  // of Swift's Hashable
/// ```
public struct Hash<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let body: @Sendable (ObjectReference) throws -> Int

    @inlinable
    public init(_ body: @escaping @Sendable (borrowing Value) throws -> Int) {
        self.body = { object in try ValueAccess<Value>.read(object) { value in try body(value) } }
    }
}

extension Hash where Value: Hashable {
    public init() { self.init { (value: borrowing Value) in (copy value).hashValue } }
}
