// SPDX-License-Identifier: Apache-2.0
public import PythonBuffers

/// A parameter of a function, as the function's declaration names it.
///
/// | Declaration | In Python |
/// |---|---|
/// | `"raw"` | `raw` |
/// | `.positional("raw")` | `raw, /` |
/// | `.optional("scale", 1.0)` | `scale=1.0` |
/// | `.keyword("axis")` | `*, axis` |
/// | `.keyword("axis", Int?.none)` | `*, axis=None` |
/// | `.variadic("values")` | `*values` |
/// | `.keywords("options")` | `**options` |
///
/// They come in the order positional-only, ordinary, variadic, keyword-only, keywords; among the first two, those with a
/// default come after those without.
public struct Parameter<Value: PythonParameter & ~Copyable & ~Escapable>: ExpressibleByStringLiteral, Sendable {
    @usableFromInline let parameter: AnyParameter

    @usableFromInline
    init(_ parameter: AnyParameter) { self.parameter = parameter }

    public init(stringLiteral name: String) {
        self.init(Self.required(name, .ordinary))
    }

    /// A parameter that is given by its position only.
    public static func positional(_ name: String) -> Self {
        Self(required(name, .positionalOnly))
    }

    /// A parameter that is given by its name only.
    public static func keyword(_ name: String) -> Self {
        Self(required(name, .keywordOnly))
    }

    private static func required(_ name: String, _ kind: AnyParameter.Kind) -> AnyParameter {
        AnyParameter(
            name: name, kind: kind, standard: nil, literal: nil, annotation: .parameter(Value.self))
    }
}

extension Parameter {
    /// All further arguments that are given by position, none included: `*values` in Python.
    ///
    /// ```swift
    /// Def("mean", .variadic("values")) { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
    /// ```
    public static func variadic<Item: FromPython>(_ name: String) -> Self where Value == [Item] {
        Self(
            AnyParameter(
                name: name, kind: .variadic, standard: nil, literal: nil,
                annotation: .parameter(Item.self)))
    }

    /// All further arguments that are given by name, none included: `**options` in Python.
    ///
    /// ```swift
    /// Def("configure", .keywords("options")) { (options: [String: Int]) in options.keys.sorted() }
    /// ```
    public static func keywords<Item: FromPython>(_ name: String) -> Self where Value == [String: Item] {
        Self(
            AnyParameter(
                name: name, kind: .keywords, standard: nil, literal: nil,
                annotation: .parameter(Item.self)))
    }
}

extension Parameter where Value: PythonLiteral {
    /// A parameter that need not be given.
    @inlinable
    public static func optional(_ name: String, _ value: Value) -> Self {
        Self(AnyParameter(name, .ordinary, value, .parameter(Value.self)))
    }

    /// A parameter that is given by its name, and need not be.
    @inlinable
    public static func keyword(_ name: String, _ value: Value) -> Self {
        Self(AnyParameter(name, .keywordOnly, value, .parameter(Value.self)))
    }
}

/// What a parameter is without an argument.
///
/// A class whose calls are methods, since closures would be retained at each call.
@usableFromInline
class StandardArgument<Value: PythonParameter & ~Copyable & ~Escapable>: @unchecked Sendable {
    // Those derived from it have no more than a value that is Sendable, and which does not change.
    @usableFromInline init() {}

    /// Runs `body` with the value.
    @usableFromInline
    func with(_ body: (borrowing Value) throws -> PythonObject) throws -> PythonObject {
        throw PythonError(.system, "a default without a value")
    }
}

@usableFromInline
final class LiteralArgument<Value: PythonParameter & PythonLiteral>: StandardArgument<Value>, @unchecked Sendable {
    private let value: Value

    @usableFromInline
    init(_ value: Value) {
        self.value = value
        super.init()
    }

    @usableFromInline
    override func with(_ body: (borrowing Value) throws -> PythonObject) throws -> PythonObject { try body(value) }
}

/// A parameter without its type.
@usableFromInline
struct AnyParameter: Sendable {
    @usableFromInline enum Kind: Int, Sendable { case positionalOnly, ordinary, variadic, keywordOnly, keywords }

    @usableFromInline let name: String
    let kind: Kind
    /// A ``StandardArgument`` of the parameter's type; `nil` where an argument is required.
    let standard: (any AnyObject & Sendable)?
    /// The default as Python writes it.
    let literal: String?
    /// The type in a stub; of each item, where the parameter collects arguments.
    let annotation: Annotation

    init(
        name: String, kind: Kind, standard: (any AnyObject & Sendable)?, literal: String?, annotation: Annotation
    ) {
        self.name = name
        self.kind = kind
        self.standard = standard
        self.literal = literal
        self.annotation = annotation
    }

    /// An ordinary parameter without a default.
    @usableFromInline
    init(_ name: String, _ annotation: Annotation) {
        self.init(name: name, kind: .ordinary, standard: nil, literal: nil, annotation: annotation)
    }

    @usableFromInline
    init(
        _ name: String, _ kind: Kind, _ value: some PythonParameter & PythonLiteral, _ annotation: Annotation
    ) {
        self.init(
            name: name, kind: kind, standard: LiteralArgument(value), literal: value.pythonLiteral,
            annotation: annotation)
    }

    var hasDefault: Bool { standard != nil }

    /// Whether the parameter collects arguments that have no parameter of their own.
    var collects: Bool { kind == .variadic || kind == .keywords }
    /// Whether an argument for it may be given by name.
    var takesName: Bool { kind == .ordinary || kind == .keywordOnly }
}
