// SPDX-License-Identifier: Apache-2.0
internal import CPython
public import CPythonShims
public import PythonBuffers

// What objects do in Python beside being called and computed with: texts, truth, `with`, copies.

/// `repr(object)`.
public struct Repr<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let text: @Sendable (ObjectReference) throws -> PythonObject

    @inlinable
    public init(_ body: @escaping @Sendable (borrowing Value) throws -> String) {
        text = { object in try ValueAccess<Value>.read(object) { value in try body(value).toPython() } }
    }
}

/// `str(object)`; that is `repr(object)` where it is not declared.
public struct Str<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let text: @Sendable (ObjectReference) throws -> PythonObject

    @inlinable
    public init(_ body: @escaping @Sendable (borrowing Value) throws -> String) {
        text = { object in try ValueAccess<Value>.read(object) { value in try body(value).toPython() } }
    }
}

/// `bool(object)`; without it an object is true unless its ``Length`` is 0.
public struct Truth<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let truth: @Sendable (ObjectReference) throws -> Bool

    @inlinable
    public init(_ body: @escaping @Sendable (borrowing Value) throws -> Bool) {
        truth = { object in try ValueAccess<Value>.read(object) { value in try body(value) } }
    }
}

/// `with object as name:`, where the name is the object itself. The closure runs when the block ends, also by an exception,
/// which goes on.
///
/// ```swift
/// Context { (file: inout Recording) in try file.close() }
/// ```
public struct Context<Value: PythonValue & ~Copyable>: Sendable {
    let functions: [Function]

    public init(exit: @escaping @Sendable (inout Value) throws -> Void) {
        let enter = Function("__enter__", [], "", returns: .ownType) { call in
            PythonObject(borrowing: call.receiver)
        }
        let names = [
            ("type", "type[BaseException] | None"), ("value", "BaseException | None"),
            ("traceback", "types.TracebackType | None"),
        ]
        let parameters = names.map { name, annotation in
            AnyParameter(
                name: name, kind: .positionalOnly, standard: nil, literal: nil, annotation: .text(annotation))
        }
        let leave = Function("__exit__", parameters, "") { call in
            guard call.count == parameters.count else { throw call.missing(call.count) }
            try ValueAccess<Value>.change(call.receiver, whileExported: true) { value in try exit(&value) }
            return .none
        }
        functions = [enter, leave]
    }
}

/// `pickle.dumps(object)` and `copy.copy(object)`: the arguments to call the type with to make an equal object. Attributes
/// in `__dict__` are kept, too.
///
/// ```swift
/// Init("x", "y") { Point(x: $0, y: $1) }
/// Pickle { Tuple($0.x, $0.y) }
/// ```
public struct Pickle<Value: PythonValue & ~Copyable>: Sendable {
    let function: Function

    public init<each Argument: ToPython>(
        _ body: @escaping @Sendable (borrowing Value) throws -> Tuple<repeat each Argument>
    ) {
        function = Function("__reduce__", [], "", returns: .text("tuple[typing.Any, ...]")) { call in
            let object = PythonObject(borrowing: call.receiver)
            let arguments = try ValueAccess<Value>.read(call.receiver) { value in try body(value).toPython() }
            let type = object.type
            let state = try object.attributeIfAny("__dict__") ?? .none
            return try unsafe PythonObject(tupleOf: type.reference, arguments.reference, state.reference)
        }
    }
}
