// SPDX-License-Identifier: Apache-2.0

/// A type in a stub, as text with the modules of its names. It is asked when the stub is written: then the names of all
/// types that modules declare are known.
@usableFromInline
struct Annotation: Sendable {
    private let make: @Sendable () -> String

    private init(make: @escaping @Sendable () -> String) { self.make = make }

    var text: String { make() }

    static func text(_ text: String) -> Annotation { Annotation(make: { text }) }

    /// What a function takes for a value.
    @usableFromInline
    static func parameter<Value: PythonParameter & ~Copyable & ~Escapable>(_: Value.Type) -> Annotation {
        Annotation(make: { Value.parameterAnnotation })
    }

    /// What a function returns for a value.
    @usableFromInline
    static func result<Value: ToPython & ~Copyable>(_: Value.Type) -> Annotation {
        Annotation(make: { Value.resultAnnotation })
    }

    /// What iterating over an object gives.
    @usableFromInline
    static func iterator<Item: ToPython>(_: Item.Type) -> Annotation {
        Annotation(make: { "collections.abc.Iterator[\(Item.resultAnnotation)]" })
    }

    @usableFromInline static var none: Annotation { text("None") }
    @usableFromInline static var object: Annotation { text("object") }
    /// An object of the type that the method is of, or of one derived from it.
    @usableFromInline static var ownType: Annotation { text("typing.Self") }
}
