// SPDX-License-Identifier: Apache-2.0
public import PythonBuffers

/// Something that a type has.
public struct TypeMember<Value: PythonValue & ~Copyable>: Sendable {
    enum Kind: Sendable {
        case new(Function)
        case call(Function)
        case method(Function, flags: CInt)
        case property(Property<Value>)
        case constant(Constant)
        case length(Length<Value>)
        case item(Item<Value>)
        case setItem(SetItem<Value>)
        case subscripting(Subscript<Value>)
        case setSubscript(SetSubscript<Value>)
        case deleteSubscript(DeleteSubscript<Value>)
        case contains(Contains<Value>)
        case iterate(Iterate<Value>)
        case next(Next<Value>)
        case binary(OperatorMember)
        case unary(Unary<Value>)
        case compare(Compare<Value>)
        case hash(Hash<Value>)
        case truth(Truth<Value>)
        case representation(Repr<Value>)
        case text(Str<Value>)
    }

    let kind: Kind

    init(_ kind: Kind) { self.kind = kind }

    init(method function: Function, flags: CInt = 0) { kind = .method(function, flags: flags) }
}

/// Collects what a ``PythonType`` has.
@resultBuilder
public enum TypeMembers<Value: PythonValue & ~Copyable> {
    /// What a block adds to a type.
    public typealias Members = [TypeMember<Value>]

    public static func buildExpression(_ member: Init<Value>) -> Members { [.init(.new(member.function))] }
    public static func buildExpression(_ member: Call<Value>) -> Members { [.init(.call(member.function))] }
    public static func buildExpression(_ member: Method<Value>) -> Members { [.init(method: member.function)] }
    public static func buildExpression(_ member: Mutating<Value>) -> Members { [.init(method: member.function)] }
    public static func buildExpression(_ member: ClassMethod<Value>) -> Members {
        [.init(method: member.function, flags: Function.classMethod)]
    }
    public static func buildExpression(_ member: StaticMethod) -> Members {
        [.init(method: member.function, flags: Function.staticMethod)]
    }
    public static func buildExpression(_ member: Property<Value>) -> Members { [.init(.property(member))] }
    public static func buildExpression(_ member: Constant) -> Members { [.init(.constant(member))] }
    public static func buildExpression(_ member: Length<Value>) -> Members { [.init(.length(member))] }
    public static func buildExpression(_ member: Item<Value>) -> Members { [.init(.item(member))] }
    public static func buildExpression(_ member: SetItem<Value>) -> Members { [.init(.setItem(member))] }
    public static func buildExpression(_ member: Subscript<Value>) -> Members { [.init(.subscripting(member))] }
    public static func buildExpression(_ member: SetSubscript<Value>) -> Members { [.init(.setSubscript(member))] }
    public static func buildExpression(_ member: DeleteSubscript<Value>) -> Members {
        [.init(.deleteSubscript(member))]
    }
    public static func buildExpression(_ member: Contains<Value>) -> Members { [.init(.contains(member))] }
    public static func buildExpression(_ member: Iterate<Value>) -> Members { [.init(.iterate(member))] }
    public static func buildExpression(_ member: Next<Value>) -> Members { [.init(.next(member))] }
    public static func buildExpression(_ member: Binary<Value>) -> Members { [.init(.binary(member.member))] }
    public static func buildExpression(_ member: Reflected<Value>) -> Members { [.init(.binary(member.member))] }
    public static func buildExpression(_ member: InPlace<Value>) -> Members { [.init(.binary(member.member))] }
    public static func buildExpression(_ member: Unary<Value>) -> Members { [.init(.unary(member))] }
    public static func buildExpression(_ member: Compare<Value>) -> Members { [.init(.compare(member))] }
    public static func buildExpression(_ member: Hash<Value>) -> Members { [.init(.hash(member))] }
    public static func buildExpression(_ member: Truth<Value>) -> Members { [.init(.truth(member))] }
    public static func buildExpression(_ member: Repr<Value>) -> Members { [.init(.representation(member))] }
    public static func buildExpression(_ member: Str<Value>) -> Members { [.init(.text(member))] }
    public static func buildExpression(_ member: Context<Value>) -> Members {
        member.functions.map { .init(method: $0) }
    }
    public static func buildExpression(_ member: Pickle<Value>) -> Members { [.init(method: member.function)] }
    public static func buildBlock(_ members: Members...) -> Members { members.flatMap { $0 } }
    public static func buildOptional(_ members: Members?) -> Members { members ?? [] }
    public static func buildEither(first members: Members) -> Members { members }
    public static func buildEither(second members: Members) -> Members { members }
    public static func buildArray(_ members: [Members]) -> Members { members.flatMap { $0 } }
}

extension TypeMembers where Value: BufferExporter & ~Copyable {
    public static func buildExpression(_ member: Resizing<Value>) -> Members { [.init(method: member.function)] }
}

extension TypeMembers where Value: PythonParameter & Equatable {
    public static func buildExpression(_ member: Equality<Value>) -> Members {
        member.members.map { .init(.compare($0)) }
    }
}

extension TypeMembers where Value: PythonParameter & Comparable {
    public static func buildExpression(_ member: Ordering<Value>) -> Members {
        member.members.map { .init(.compare($0)) }
    }
}
