// SPDX-License-Identifier: Apache-2.0
public import CPythonShims
public import PythonBuffers

// Methods and attributes of a type. Each names the parameters of its closure; Overloads has those with up to six.

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

/// What calling an object does: `model(3)`.
///
/// ```swift
/// Call("x", .optional("scale", 1.0)) { (model: borrowing Model, x: Double, scale: Double) in model.value(at: x) * scale }
/// ```
public struct Call<Value: PythonValue & ~Copyable>: Sendable {
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
    let annotation: Annotation
    /// The type of what it can be set to.
    let setAnnotation: Annotation

    @usableFromInline
    init(
        _ name: String, _ documentation: String, _ annotation: Annotation, _ get: @escaping Get,
        _ setAnnotation: Annotation = .object, _ set: Set? = nil
    ) {
        self.name = name
        self.documentation = documentation
        self.annotation = annotation
        self.get = get
        self.setAnnotation = setAnnotation
        self.set = set
    }

    /// An attribute that cannot be set.
    @inlinable
    public init<Result: ToPython & ~Copyable>(
        _ name: String, doc: String = "", get: @escaping @Sendable (borrowing Value) throws -> Result
    ) {
        self.init(
            name, doc, .result(Result.self),
            { object in try ValueAccess<Value>.read(object) { value in try get(value).toPython() } })
    }

    /// An attribute that can be set, as by a ``Mutating`` method.
    @inlinable
    public init<Result: ToPython & FromPython>(
        _ name: String, doc: String = "", get: @escaping @Sendable (borrowing Value) throws -> Result,
        set: @escaping @Sendable (inout Value, Result) throws -> Void
    ) {
        let function = Function.naming(name)
        self.init(
            name, doc, .result(Result.self),
            { object in try ValueAccess<Value>.read(object) { value in try get(value).toPython() } },
            .parameter(Result.self),
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
