// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
public import PythonBuffers

// Arrays, dictionaries, sets and tuples. Each conversion copies.

extension Array: PythonParameter where Element: FromPython {}

/// Any iterable but `str`. `[UInt8]` takes the bytes of a contiguous buffer at once.
extension Array: FromPython where Element: FromPython {
    public static var parameterAnnotation: String {
        let items = "collections.abc.Iterable[\(Element.parameterAnnotation)]"
        return Element.self == UInt8.self ? "typing_extensions.Buffer | \(items)" : items
    }

    public static func fromPython(_ argument: Argument) throws -> [Element] {
        if Element.self == UInt8.self, argument.reference.exportsBuffer {
            let buffer = try PythonBuffer(argument.reference, .simple)
            let bytes = try buffer.bytes
            let copy = unsafe [UInt8](unsafeUninitializedCapacity: bytes.byteCount) { memory, count in
                for index in 0..<bytes.byteCount {
                    unsafe memory.initializeElement(
                        at: index, to: bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
                }
                count = bytes.byteCount
            }
            if let copy = copy as? [Element] { return copy }
        }
        guard !argument.reference.isString else { throw argument.wrongType(expected: "a sequence of items") }
        // A copy: converting an item may run code that changes the sequence.
        let items = try argument.reference.asTuple()
        var array: [Element] = []
        array.reserveCapacity(items.tupleCount)
        for index in 0..<items.tupleCount {
            array.append(try unsafe argument.convert(PythonObject(borrowing: items.tupleItem(index)), to: Element.self))
        }
        return array
    }
}

/// A `list`; `[UInt8]` becomes `bytes`.
extension Array: ToPython where Element: ToPython {
    public static var resultAnnotation: String {
        Element.self == UInt8.self ? "bytes" : "list[\(Element.resultAnnotation)]"
    }

    public func toPython() throws -> PythonObject {
        // An empty array of anything can be cast to one of bytes.
        if Element.self == UInt8.self, let bytes = self as? [UInt8] {
            return try unsafe PythonObject(bytes: bytes.span.bytes)
        }
        let list = try PythonObject(emptyList: ())
        for element in self { try list.append(element.toPython()) }
        return list
    }
}

extension Dictionary: PythonParameter where Key: FromPython, Value: FromPython {}

/// Any mapping.
extension Dictionary: FromPython where Key: FromPython, Value: FromPython {
    public static var parameterAnnotation: String {
        "collections.abc.Mapping[\(Key.parameterAnnotation), \(Value.parameterAnnotation)]"
    }

    public static func fromPython(_ argument: Argument) throws -> [Key: Value] {
        let items = try unsafe PythonObject(result: PyMapping_Items(argument.reference.pointer))
        let pairs = try unsafe items.reference.asTuple()
        var dictionary: [Key: Value] = [:]
        for index in 0..<pairs.tupleCount {
            // A mapping of the user's may answer with anything.
            let pair = try unsafe pairs.tupleItem(index).asTuple()
            guard pair.tupleCount == 2 else { throw argument.wrongType(expected: "a mapping") }
            let key = try unsafe argument.convert(PythonObject(borrowing: pair.tupleItem(0)), to: Key.self)
            dictionary[key] = try unsafe argument.convert(PythonObject(borrowing: pair.tupleItem(1)), to: Value.self)
        }
        return dictionary
    }
}

extension Dictionary: ToPython where Key: ToPython, Value: ToPython {
    public static var resultAnnotation: String { "dict[\(Key.resultAnnotation), \(Value.resultAnnotation)]" }

    public func toPython() throws -> PythonObject {
        let dictionary = try PythonObject(emptyDictionary: ())
        for (key, value) in self { try dictionary.setValue(value.toPython(), at: key.toPython()) }
        return dictionary
    }
}

extension Set: PythonParameter where Element: FromPython {}

/// Any iterable but `str`.
extension Set: FromPython where Element: FromPython {
    public static var parameterAnnotation: String { "collections.abc.Iterable[\(Element.parameterAnnotation)]" }

    public static func fromPython(_ argument: Argument) throws -> Set<Element> {
        try Set(argument.convert(to: [Element].self))
    }
}

extension Set: ToPython where Element: ToPython {
    public static var resultAnnotation: String { "set[\(Element.resultAnnotation)]" }

    public func toPython() throws -> PythonObject {
        let list = try PythonObject(emptyList: ())
        for element in self { try list.append(element.toPython()) }
        return try unsafe PythonObject(setOf: list.reference)
    }
}

/// A Python tuple with items of fixed types: `Tuple(mean, deviation)` as a result, `Tuple<Int, Int>` as a parameter.
public struct Tuple<each Item> {
    /// The items, in order.
    public let items: (repeat each Item)

    /// A tuple of these items.
    public init(_ items: repeat each Item) { self.items = (repeat each items) }
}

extension Tuple: ToPython where repeat each Item: ToPython {
    public static var resultAnnotation: String {
        var items: [String] = []
        func add<Value: ToPython>(_: Value.Type) { items.append(Value.resultAnnotation) }
        repeat add((each Item).self)
        return "tuple[\(items.isEmpty ? "()" : items.joined(separator: ", "))]"
    }

    public func toPython() throws -> PythonObject {
        let list = try PythonObject(emptyList: ())
        func add<Value: ToPython>(_ value: Value) throws { try list.append(value.toPython()) }
        repeat try add(each items)
        return try unsafe list.reference.asTuple()
    }
}

extension Tuple: PythonParameter where repeat each Item: FromPython {}

/// Any iterable with as many items, but `str`.
extension Tuple: FromPython where repeat each Item: FromPython {
    public static var parameterAnnotation: String {
        var items: [String] = []
        func add<Value: FromPython>(_: Value.Type) { items.append(Value.parameterAnnotation) }
        repeat add((each Item).self)
        return "tuple[\(items.isEmpty ? "()" : items.joined(separator: ", "))]"
    }

    public static func fromPython(_ argument: Argument) throws -> Self {
        guard !argument.reference.isString else { throw argument.wrongType(expected: "a sequence of items") }
        let tuple = try argument.reference.asTuple()
        var count = 0
        for _ in repeat (each Item).self { count += 1 }
        guard tuple.tupleCount == count else {
            throw PythonError(.value, "expected \(count) items, not \(tuple.tupleCount)")
        }
        var next = 0
        func item<Value: FromPython>(_: Value.Type) throws -> Value {
            defer { next += 1 }
            return try unsafe argument.convert(PythonObject(borrowing: tuple.tupleItem(next)), to: Value.self)
        }
        return Self(repeat try item((each Item).self))
    }
}
