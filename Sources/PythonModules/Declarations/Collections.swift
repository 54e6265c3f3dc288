// SPDX-License-Identifier: Apache-2.0
public import CPythonShims
public import PythonBuffers

// What makes an object a collection: its length, its items, and iteration.

/// `len(object)`.
public struct Length<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let length: @Sendable (ObjectReference) throws -> Int

    @inlinable
    public init(_ body: @escaping @Sendable (borrowing Value) throws -> Int) {
        length = { object in try ValueAccess<Value>.read(object) { value in try body(value) } }
    }
}

/// `object[index]`, and iteration. The index is at least 0 and less than the ``Length``, which the type must have.
///
/// ```swift
/// Length { $0.count }
/// Item { signal, index in signal.sample(at: index) }
/// ```
public struct Item<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let item: @Sendable (ObjectReference, Int) throws -> PythonObject
    @usableFromInline let annotation: Annotation

    @inlinable
    public init<Result: ToPython & ~Copyable>(_ body: @escaping @Sendable (borrowing Value, Int) throws -> Result) {
        annotation = .result(Result.self)
        item = { object, index in
            try ValueAccess<Value>.read(object) { value in try body(value, index).toPython() }
        }
    }
}

/// `object[index] = new`, as a ``Mutating`` method; the index as for ``Item``.
public struct SetItem<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let set: @Sendable (ObjectReference, Int, ObjectReference) throws -> Void
    @usableFromInline let annotation: Annotation

    @inlinable
    public init<New: PythonParameter & ~Copyable & ~Escapable>(
        _ body: @escaping @Sendable (inout Value, Int, borrowing New) throws -> Void
    ) {
        let function = Function.naming("value")
        annotation = .parameter(New.self)
        set = { object, index, new in
            _ = try New.withArgument(unsafe Argument(new, index: 0, of: .passUnretained(function))) { new in
                try ValueAccess<Value>.change(object, whileExported: true) { value in try body(&value, index, new) }
                return .none
            }
        }
    }
}

/// `object[key]` with a key of any type: a name, a ``PythonSlice``, a ``Tuple`` of indices. Beside an ``Item``, which is
/// tried first, for other keys than integers.
///
/// ```swift
/// Subscript { (table: borrowing Table, rows: PythonSlice) in table.rows(rows.indices(count: table.count)) }
/// Subscript { (table: borrowing Table, column: String) in table.column(column) }
/// ```
public struct Subscript<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let get: @Sendable (ObjectReference, ObjectReference) throws -> PythonObject?
    @usableFromInline let keyAnnotation: Annotation
    @usableFromInline let annotation: Annotation

    @inlinable
    public init<Key: PythonParameter & ~Copyable & ~Escapable, Result: ToPython & ~Copyable>(
        _ body: @escaping @Sendable (borrowing Value, borrowing Key) throws -> Result
    ) {
        let operand = Operand<Key>(named: "key")
        keyAnnotation = .parameter(Key.self)
        annotation = .result(Result.self)
        get = { object, key in
            try operand.with(key) { key in
                try ValueAccess<Value>.read(object) { value in try body(value, key).toPython() }
            }
        }
    }
}

/// `object[key] = new`, as a ``Mutating`` method; see ``Subscript``.
public struct SetSubscript<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let set: @Sendable (ObjectReference, ObjectReference, ObjectReference) throws -> PythonObject?
    @usableFromInline let keyAnnotation: Annotation
    @usableFromInline let annotation: Annotation

    @inlinable
    public init<Key: PythonParameter & ~Copyable & ~Escapable, New: PythonParameter & ~Copyable & ~Escapable>(
        _ body: @escaping @Sendable (inout Value, borrowing Key, borrowing New) throws -> Void
    ) {
        let operand = Operand<Key>(named: "key")
        let function = Function.naming("value")
        keyAnnotation = .parameter(Key.self)
        annotation = .parameter(New.self)
        set = { object, key, new in
            try operand.with(key) { key in
                try New.withArgument(unsafe Argument(new, index: 0, of: .passUnretained(function))) { new in
                    try ValueAccess<Value>.change(object, whileExported: true) { value in try body(&value, key, new) }
                    return .none
                }
            }
        }
    }
}

/// `del object[key]`, as a ``Mutating`` method.
public struct DeleteSubscript<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let delete: @Sendable (ObjectReference, ObjectReference) throws -> PythonObject?
    @usableFromInline let keyAnnotation: Annotation

    @inlinable
    public init<Key: PythonParameter & ~Copyable & ~Escapable>(
        _ body: @escaping @Sendable (inout Value, borrowing Key) throws -> Void
    ) {
        let operand = Operand<Key>(named: "key")
        keyAnnotation = .parameter(Key.self)
        delete = { object, key in
            try operand.with(key) { key in
                try ValueAccess<Value>.change(object, whileExported: true) { value in try body(&value, key) }
                return .none
            }
        }
    }
}

/// `item in object`. An item of another type than the closure takes is not in it.
public struct Contains<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let contains: @Sendable (ObjectReference, ObjectReference) throws -> Bool

    @inlinable
    public init<Element: PythonParameter & ~Copyable & ~Escapable>(
        _ body: @escaping @Sendable (borrowing Value, borrowing Element) throws -> Bool
    ) {
        let operand = Operand<Element>(named: "item")
        contains = { object, item in
            var isFound = false
            _ = try operand.with(item) { item in
                isFound = try ValueAccess<Value>.read(object) { value in try body(value, item) }
                return .none
            }
            return isFound
        }
    }
}

/// `for item in object`: over a sequence of Swift's that the closure makes. A type with ``Length`` and ``Item`` needs none.
///
/// ```swift
/// Iterate { $0.names.keys.sorted() }
/// ```
public struct Iterate<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let make: @Sendable (ObjectReference) throws -> PythonObject
    @usableFromInline let annotation: Annotation

    @inlinable
    public init<Items: Sequence>(_ body: @escaping @Sendable (borrowing Value) throws -> Items)
    where Items.Element: ToPython, Items.Iterator: SendableMetatype {
        annotation = .iterator(Items.Element.self)
        make = { object in
            var items = try ValueAccess<Value>.read(object) { value in try body(value).makeIterator() }
            return try PythonIterator { try items.next()?.toPython() }.object()
        }
    }
}

/// `next(object)`: the object is an iterator itself, which ends when the closure returns `nil`.
public struct Next<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let next: @Sendable (ObjectReference) throws -> PythonObject?
    @usableFromInline let annotation: Annotation

    @inlinable
    public init<Element: ToPython>(_ body: @escaping @Sendable (inout Value) throws -> Element?) {
        annotation = .result(Element.self)
        next = { object in
            let item = try ValueAccess<Value>.change(object, whileExported: true) { value in try body(&value) }
            return try item?.toPython()
        }
    }
}
