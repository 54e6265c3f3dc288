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
    /// Runs a body with the default.
    @usableFromInline typealias Default =
        @Sendable (_ body: (borrowing Value) throws -> PythonObject) throws -> PythonObject

    @usableFromInline let parameter: AnyParameter
    @usableFromInline let withDefault: Default?

    @usableFromInline
    init(_ parameter: AnyParameter, _ withDefault: Default?) {
        self.parameter = parameter
        self.withDefault = withDefault
    }

    public init(stringLiteral name: String) {
        self.init(Self.required(name, .ordinary), nil)
    }

    /// A parameter that is given by its position only.
    public static func positional(_ name: String) -> Self {
        Self(required(name, .positionalOnly), nil)
    }

    /// A parameter that is given by its name only.
    public static func keyword(_ name: String) -> Self {
        Self(required(name, .keywordOnly), nil)
    }

    private static func required(_ name: String, _ kind: AnyParameter.Kind) -> AnyParameter {
        AnyParameter(
            name: name, kind: kind, hasDefault: false, literal: nil, annotation: .parameter(Value.self))
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
                name: name, kind: .variadic, hasDefault: false, literal: nil,
                annotation: .parameter(Item.self)),
            nil)
    }

    /// All further arguments that are given by name, none included: `**options` in Python.
    ///
    /// ```swift
    /// Def("configure", .keywords("options")) { (options: [String: Int]) in options.keys.sorted() }
    /// ```
    public static func keywords<Item: FromPython>(_ name: String) -> Self where Value == [String: Item] {
        Self(
            AnyParameter(
                name: name, kind: .keywords, hasDefault: false, literal: nil,
                annotation: .parameter(Item.self)),
            nil)
    }
}

extension Parameter where Value: PythonLiteral {
    /// A parameter that need not be given.
    @inlinable
    public static func optional(_ name: String, _ value: Value) -> Self {
        Self(AnyParameter(name, .ordinary, value, .parameter(Value.self))) { try $0(value) }
    }

    /// A parameter that is given by its name, and need not be.
    @inlinable
    public static func keyword(_ name: String, _ value: Value) -> Self {
        Self(AnyParameter(name, .keywordOnly, value, .parameter(Value.self))) { try $0(value) }
    }
}

/// A parameter without its type.
@usableFromInline
struct AnyParameter: Sendable {
    @usableFromInline enum Kind: Int, Sendable { case positionalOnly, ordinary, variadic, keywordOnly, keywords }

    @usableFromInline let name: String
    let kind: Kind
    let hasDefault: Bool
    /// The default as Python writes it.
    let literal: String?
    /// The type in a stub; of each item, where the parameter collects arguments.
    let annotation: Annotation

    init(
        name: String, kind: Kind, hasDefault: Bool, literal: String?, annotation: Annotation
    ) {
        self.name = name
        self.kind = kind
        self.hasDefault = hasDefault
        self.literal = literal
        self.annotation = annotation
    }

    /// An ordinary parameter without a default.
    @usableFromInline
    init(_ name: String, _ annotation: Annotation) {
        self.init(name: name, kind: .ordinary, hasDefault: false, literal: nil, annotation: annotation)
    }

    @usableFromInline
    init(
        _ name: String, _ kind: Kind, _ value: some PythonLiteral, _ annotation: Annotation
    ) {
        self.init(name: name, kind: kind, hasDefault: true, literal: value.pythonLiteral, annotation: annotation)
    }

    /// Whether the parameter collects arguments that have no parameter of their own.
    var collects: Bool { kind == .variadic || kind == .keywords }
    /// Whether an argument for it may be given by name.
    var takesName: Bool { kind == .ordinary || kind == .keywordOnly }
}
