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
///
/// Positional-only parameters come first, then ordinary ones, then keyword-only ones; those with a default come after
/// those without.
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
        self.init(AnyParameter(name), nil)
    }

    /// A parameter that is given by its position only.
    public static func positional(_ name: String) -> Self {
        Self(AnyParameter(name: name, kind: .positionalOnly, hasDefault: false, literal: nil), nil)
    }

    /// A parameter that is given by its name only.
    public static func keyword(_ name: String) -> Self {
        Self(AnyParameter(name: name, kind: .keywordOnly, hasDefault: false, literal: nil), nil)
    }
}

extension Parameter where Value: PythonLiteral {
    /// A parameter that need not be given.
    @inlinable
    public static func optional(_ name: String, _ value: Value) -> Self {
        Self(AnyParameter(name, .ordinary, value)) { try $0(value) }
    }

    /// A parameter that is given by its name, and need not be.
    @inlinable
    public static func keyword(_ name: String, _ value: Value) -> Self {
        Self(AnyParameter(name, .keywordOnly, value)) { try $0(value) }
    }
}

/// A parameter without its type.
@usableFromInline
struct AnyParameter: Sendable {
    @usableFromInline enum Kind: Int, Sendable { case positionalOnly, ordinary, keywordOnly }

    @usableFromInline let name: String
    let kind: Kind
    let hasDefault: Bool
    /// The default as Python writes it.
    let literal: String?

    init(name: String, kind: Kind, hasDefault: Bool, literal: String?) {
        self.name = name
        self.kind = kind
        self.hasDefault = hasDefault
        self.literal = literal
    }

    @usableFromInline
    init(_ name: String) {
        self.init(name: name, kind: .ordinary, hasDefault: false, literal: nil)
    }

    @usableFromInline
    init(_ name: String, _ kind: Kind, _ value: some PythonLiteral) {
        self.init(name: name, kind: kind, hasDefault: true, literal: value.pythonLiteral)
    }
}
