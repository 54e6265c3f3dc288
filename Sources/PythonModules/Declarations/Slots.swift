// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// What slots of types call: an entry that holds the closures.

extension Function {
    static var classMethod: CInt { METH_CLASS }
    static var staticMethod: CInt { METH_STATIC }
}

/// `len(object)` and `hash(object)`.
final class LengthEntry {
    let length: @Sendable (ObjectReference) throws -> Int

    init(_ length: @escaping @Sendable (ObjectReference) throws -> Int) { self.length = length }
}

/// A slot of one operand; `nil` is no object and no error, the end of an iteration.
final class UnaryEntry {
    let call: @Sendable (ObjectReference) throws -> PythonObject?

    init(_ call: @escaping @Sendable (ObjectReference) throws -> PythonObject?) { self.call = call }
}

final class TruthEntry {
    let truth: @Sendable (ObjectReference) throws -> Bool

    init(_ truth: @escaping @Sendable (ObjectReference) throws -> Bool) { self.truth = truth }
}

final class ContainsEntry {
    let contains: @Sendable (ObjectReference, ObjectReference) throws -> Bool

    init(_ contains: @escaping @Sendable (ObjectReference, ObjectReference) throws -> Bool) {
        self.contains = contains
    }
}

/// Closures for two operands, in the order of their declaration; each gives `nil` where it takes no such operand.
typealias BinaryBody = @Sendable (ObjectReference, ObjectReference) throws -> PythonObject?

/// A slot of two operands.
class BinaryEntry {
    func callAsFunction(_ left: ObjectReference, _ right: ObjectReference) throws -> PythonObject { .notImplemented }
}

/// One binary operator of a type.
final class OperatorEntry: BinaryEntry {
    private let value: ObjectIdentifier
    var forward: [BinaryBody] = []
    var reflected: [BinaryBody] = []

    init(_ value: ObjectIdentifier) { self.value = value }

    override func callAsFunction(_ left: ObjectReference, _ right: ObjectReference) throws -> PythonObject {
        // One of them is an object of the type.
        if ExporterType.holds(left, value) {
            for body in forward { if let result = try body(left, right) { return result } }
        } else {
            for body in reflected { if let result = try body(right, left) { return result } }
        }
        return .notImplemented
    }
}

/// The comparisons of a type, by their numbers.
final class CompareEntry {
    var bodies = [[BinaryBody]](repeating: [], count: Comparison.allCases.count)

    func callAsFunction(_ left: ObjectReference, _ right: ObjectReference, _ comparison: Int) throws -> PythonObject {
        for body in bodies[comparison] { if let result = try body(left, right) { return result } }
        if comparison == Int(Comparison.notEqual.rawValue) {
            for body in bodies[Int(Comparison.equal.rawValue)] {
                if let result = try body(left, right) { return PythonObject(!(try result.truth())) }
            }
        }
        return .notImplemented
    }
}

/// `object[key]`
final class KeyEntry: BinaryEntry {
    private let items: ItemsEntry

    init(_ items: ItemsEntry) { self.items = items }

    override func callAsFunction(_ object: ObjectReference, _ key: ObjectReference) throws -> PythonObject {
        try items.value(of: object, at: key)
    }
}

/// The items of a type by their keys.
final class ItemsEntry {
    var name = ""
    var length: (@Sendable (ObjectReference) throws -> Int)?
    var item: (@Sendable (ObjectReference, Int) throws -> PythonObject)?
    var setItem: (@Sendable (ObjectReference, Int, ObjectReference) throws -> Void)?
    var get: [BinaryBody] = []
    var set: [@Sendable (ObjectReference, ObjectReference, ObjectReference) throws -> PythonObject?] = []
    var delete: [BinaryBody] = []

    /// The item at an index of `sq_item`, which has added the length to a negative one.
    func item(of object: ObjectReference, at index: Int) throws -> PythonObject {
        guard let item else { throw PythonError(.type, "'\(name)' object has no items to read") }
        try checkIndex(index, of: object)
        return try item(object, index)
    }

    func value(of object: ObjectReference, at key: ObjectReference) throws -> PythonObject {
        if item != nil && key.isIndex { return try item(of: object, at: index(key, of: object)) }
        for body in get { if let value = try body(object, key) { return value } }
        throw refusal(of: key, item != nil)
    }

    func setValue(of object: ObjectReference, at key: ObjectReference, to value: ObjectReference?) throws {
        if let value {
            if let setItem, key.isIndex {
                let index = try index(key, of: object)
                try checkIndex(index, of: object)
                return try setItem(object, index, value)
            }
            for body in set { if try body(object, key, value) != nil { return } }
            throw set.isEmpty && setItem == nil
                ? PythonError(.type, "'\(name)' object does not support item assignment")
                : refusal(of: key, setItem != nil)
        }
        for body in delete { if try body(object, key) != nil { return } }
        throw delete.isEmpty
            ? PythonError(.type, "'\(name)' object does not support item deletion") : refusal(of: key, false)
    }

    /// An integer key, counted from the start.
    private func index(_ key: ObjectReference, of object: ObjectReference) throws -> Int {
        let index = try intValue(of: key)
        guard index < 0, let length else { return index }
        return index + (try length(object))
    }

    private func checkIndex(_ index: Int, of object: ObjectReference) throws {
        let count = try length?(object) ?? 0
        guard (0..<max(count, 0)).contains(index) else {
            throw PythonError(.index, "index \(index) is out of range for a length of \(count)")
        }
    }

    private func refusal(of key: ObjectReference, _ takesIntegers: Bool) -> PythonError {
        PythonError(.type, "'\(name)' object takes no \(key.typeName) as \(takesIntegers ? "an index" : "a key")")
    }
}
