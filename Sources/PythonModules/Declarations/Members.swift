public import CPythonShims
public import PythonBuffers

// What a type has. Each names the parameters of its closure; those with up to six are in Overloads.swift.

/// What makes the objects of a type: `Signal(44100)`.
public struct Init<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let function: Function
}

/// A method that reads the value.
///
/// ```swift
/// Method("mean", .optional("first", 0)) { (signal: borrowing Signal, first: Int) in signal.mean(from: first) }
/// ```
public struct Method<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let function: Function
}

/// A method that changes the value in anything but the memory that it describes, which others may be using: they see
/// what it writes.
///
/// A change of the description raises `BufferError` while exports are outstanding, and is taken back; ``Resizing`` is for
/// such methods. A noncopyable exporter cannot be taken back to what it was, so it is changed only while no export is
/// outstanding.
public struct Mutating<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let function: Function
}

/// A method that changes the memory that an exporter describes, or its shape: refused with `BufferError` while exports
/// are outstanding, before it runs.
public struct Resizing<Value: BufferExporter & ~Copyable>: Sendable {
    @usableFromInline let function: Function
}

/// A method of the type that makes an object: `Signal.from_file(path)`.
public struct ClassMethod<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let function: Function
}

/// A function that stands in the type.
public struct StaticMethod: Sendable {
    @usableFromInline let function: Function
}

/// An attribute, computed at each access.
///
/// ```swift
/// Property("frames") { $0.count }
/// Property("sample_rate", \.sampleRate)
/// ```
public struct Property<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline typealias Get = @Sendable (ObjectReference) throws -> PythonObject
    @usableFromInline typealias Set = @Sendable (ObjectReference, ObjectReference) throws -> Void

    let name: String
    let documentation: String
    let get: Get
    let set: Set?

    @usableFromInline
    init(_ name: String, _ documentation: String, _ get: @escaping Get, _ set: Set?) {
        self.name = name
        self.documentation = documentation
        self.get = get
        self.set = set
    }

    /// An attribute that cannot be set.
    @inlinable
    public init<Result: ToPython & ~Copyable>(
        _ name: String, doc: String = "", get: @escaping @Sendable (borrowing Value) throws -> Result
    ) {
        self.init(
            name, doc, { object in try ValueAccess<Value>.read(object) { value in try get(value).toPython() } }, nil)
    }

    /// An attribute that can be set, as by a ``Mutating`` method.
    @inlinable
    public init<Result: ToPython & FromPython>(
        _ name: String, doc: String = "", get: @escaping @Sendable (borrowing Value) throws -> Result,
        set: @escaping @Sendable (inout Value, Result) throws -> Void
    ) {
        // For the name in the messages of conversions.
        let function = Function(name, [AnyParameter(name)], "") { _ in .none }
        self.init(
            name, doc, { object in try ValueAccess<Value>.read(object) { value in try get(value).toPython() } },
            { object, new in
                // Converted before the value is in use: that may run Python code.
                _ = try Result.withArgument(unsafe Argument(new, index: 0, of: .passUnretained(function))) { new in
                    try ValueAccess<Value>.change(object, whileExported: true) { value in try set(&value, new) }
                    return .none
                }
            })
    }
}

extension Property {
    /// A stored property.
    public init<Result: ToPython & FromPython>(
        _ name: String, _ path: any (WritableKeyPath<Value, Result> & Sendable), doc: String = ""
    ) {
        self.init(name, doc: doc, get: { $0[keyPath: path] }, set: { $0[keyPath: path] = $1 })
    }

    /// A property that is computed, or that cannot be set.
    public init<Result: ToPython>(_ name: String, _ path: any (KeyPath<Value, Result> & Sendable), doc: String = "") {
        self.init(name, doc: doc, get: { $0[keyPath: path] })
    }
}

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

    @inlinable
    public init<Result: ToPython & ~Copyable>(_ body: @escaping @Sendable (borrowing Value, Int) throws -> Result) {
        item = { object, index in
            try ValueAccess<Value>.read(object) { value in try body(value, index).toPython() }
        }
    }
}

/// `repr(object)`.
public struct Repr<Value: PythonValue & ~Copyable>: Sendable {
    @usableFromInline let text: @Sendable (ObjectReference) throws -> PythonObject

    @inlinable
    public init(_ body: @escaping @Sendable (borrowing Value) throws -> String) {
        text = { object in try ValueAccess<Value>.read(object) { value in try body(value).toPython() } }
    }
}

/// Something that a type has.
public struct TypeMember<Value: PythonValue & ~Copyable>: Sendable {
    enum Kind: Sendable {
        case new(Function)
        case method(Function, flags: CInt)
        case property(Property<Value>)
        case length(Length<Value>)
        case item(Item<Value>)
        case representation(Repr<Value>)
        case constant(Constant)
    }

    let kind: Kind
}

/// Collects what a ``PythonType`` has.
@resultBuilder
public enum TypeMembers<Value: PythonValue & ~Copyable> {
    public typealias Members = [TypeMember<Value>]

    public static func buildExpression(_ member: Init<Value>) -> Members { [.init(kind: .new(member.function))] }
    public static func buildExpression(_ member: Method<Value>) -> Members {
        [.init(kind: .method(member.function, flags: 0))]
    }
    public static func buildExpression(_ member: Mutating<Value>) -> Members {
        [.init(kind: .method(member.function, flags: 0))]
    }
    public static func buildExpression(_ member: ClassMethod<Value>) -> Members {
        [.init(kind: .method(member.function, flags: Function.classMethod))]
    }
    public static func buildExpression(_ member: StaticMethod) -> Members {
        [.init(kind: .method(member.function, flags: Function.staticMethod))]
    }
    public static func buildExpression(_ member: Property<Value>) -> Members { [.init(kind: .property(member))] }
    public static func buildExpression(_ member: Length<Value>) -> Members { [.init(kind: .length(member))] }
    public static func buildExpression(_ member: Item<Value>) -> Members { [.init(kind: .item(member))] }
    public static func buildExpression(_ member: Repr<Value>) -> Members { [.init(kind: .representation(member))] }
    public static func buildExpression(_ member: Constant) -> Members { [.init(kind: .constant(member))] }
    public static func buildBlock(_ members: Members...) -> Members { members.flatMap { $0 } }
}

extension TypeMembers where Value: BufferExporter & ~Copyable {
    public static func buildExpression(_ member: Resizing<Value>) -> Members {
        [.init(kind: .method(member.function, flags: 0))]
    }
}
