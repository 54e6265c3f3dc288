// SPDX-License-Identifier: Apache-2.0
import PythonModules

// Types with all that Python's syntax can do with an object.

/// Two numbers, with arithmetic.
struct Vector: PythonValue, ToPython, PythonParameter, Comparable, Hashable {
    var x: Double
    var y: Double

    static func < (_ left: Vector, _ right: Vector) -> Bool { left.length < right.length }
    var length: Double { (x * x + y * y).squareRoot() }
}

/// Names with numbers: a mapping.
struct Inventory: PythonValue {
    var counts: [String: Int] = [:]
    var isClosed = false
}

/// Numbers in a row: a sequence.
struct Row: PythonValue, ToPython {
    var numbers: [Int]
}

struct Countdown: PythonValue {
    var left: Int
}

/// A value that can be compared but not hashed, and not copied.
struct Ticket: PythonValue, PythonParameter, ~Copyable {
    let number: Int
}

/// Memory under a name of the author's: a class that Python code may derive from.
struct Track: BufferExporter, PythonParameter {
    let samples: BufferMemory
    let count: Int
    var held: HeldObject?

    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(samples, shape: [count], of: Float.self)
    }
    func visitObjects(_ visitor: inout ObjectVisitor) { visitor.visit(held) }
}

private let vectorType = PythonType(
    Vector.self, "Vector", doc: "Two numbers.", features: [.subclasses, .weakReferences, .attributes]
) {
    Init("x", .optional("y", 0.0)) { Vector(x: $0, y: $1) }
    Property("x", \.x)
    Property("y", \.y)
    Binary(.add) { (left: borrowing Vector, right: borrowing Vector) in
        Vector(x: left.x + right.x, y: left.y + right.y)
    }
    Binary(.multiply) { (left: borrowing Vector, right: borrowing Vector) in left.x * right.x + left.y * right.y }
    Binary(.multiply) { (left: borrowing Vector, right: Double) in Vector(x: left.x * right, y: left.y * right) }
    Reflected(.multiply) { (right: borrowing Vector, left: Double) in Vector(x: left * right.x, y: left * right.y) }
    Reflected(.subtract) { (right: borrowing Vector, left: Double) in Vector(x: left - right.x, y: left - right.y) }
    Binary(.power) { (left: borrowing Vector, right: Int) in left.length * Double(right) }
    Binary(.divide) { (left: borrowing Vector, right: Double) in
        guard right != 0 else { throw PythonError(.value, "a vector divided by zero") }
        return Vector(x: left.x / right, y: left.y / right)
    }
    InPlace(.add) { (left: inout Vector, right: borrowing Vector) in
        left.x += right.x
        left.y += right.y
    }
    InPlace(.power) { (left: inout Vector, right: Double) in left.x *= right }
    Unary(.negative) { Vector(x: -$0.x, y: -$0.y) }
    Unary(.absolute) { $0.length }
    Unary(.int) { Int($0.x) }
    Unary(.float) { $0.x }
    Ordering()
    Hash()
    Truth { $0.x != 0 || $0.y != 0 }
    Call("factor", .optional("offset", 0.0)) { (vector: borrowing Vector, factor: Double, offset: Double) in
        vector.x * factor + offset
    }
    Repr { "Vector(\($0.x), \($0.y))" }
    Str { "(\($0.x), \($0.y))" }
    Pickle { Tuple($0.x, $0.y) }
}

private let inventoryType = PythonType(Inventory.self, "Inventory") {
    Init { Inventory() }
    Subscript { (inventory: borrowing Inventory, name: String) in
        guard let count = inventory.counts[name] else { throw PythonError(.key, name) }
        return count
    }
    SetSubscript { (inventory: inout Inventory, name: String, count: Int) in inventory.counts[name] = count }
    DeleteSubscript { (inventory: inout Inventory, name: String) in inventory.counts[name] = nil }
    Length { $0.counts.count }
    Contains { (inventory: borrowing Inventory, name: String) in inventory.counts[name] != nil }
    Iterate { $0.counts.keys.sorted() }
    Context { (inventory: inout Inventory) in inventory.isClosed = true }
    Property("closed") { $0.isClosed }
    Mutating("call", "function") { (_: inout Inventory, function: borrowing PythonObject) in try function.call() }
}

private let rowType = PythonType(Row.self, "Row") {
    Init(.variadic("numbers")) { (numbers: [Int]) in Row(numbers: numbers) }
    Length { $0.numbers.count }
    Item { row, index in row.numbers[index] }
    SetItem { (row: inout Row, index: Int, number: Int) in row.numbers[index] = number }
    Subscript { (row: borrowing Row, slice: PythonSlice) in
        Row(numbers: slice.indices(count: row.numbers.count).map { row.numbers[$0] })
    }
    Subscript { (row: borrowing Row, pair: Tuple<Int, Int>) in row.numbers[pair.items.0] * 100 + pair.items.1 }
    Compare(.equal) { (row: borrowing Row, numbers: [Int]) in row.numbers == numbers }
    Repr { "Row(\($0.numbers))" }
}

private let countdownType = PythonType(Countdown.self, "Countdown") {
    Init("start") { Countdown(left: $0) }
    Next { (countdown: inout Countdown) -> Int? in
        guard countdown.left > 0 else { return nil }
        countdown.left -= 1
        return countdown.left
    }
}

private let ticketType = PythonType(Ticket.self, "Ticket") {
    Init("number") { (number: Int) in Ticket(number: number) }
    Compare(.less) { (left: borrowing Ticket, right: borrowing Ticket) in left.number < right.number }
    Compare(.equal) { (left: borrowing Ticket, right: borrowing Ticket) in left.number == right.number }
    Hash { -1 - $0.number }
}

private let trackType = PythonType(
    Track.self, "Track", features: [.subclasses, .weakReferences]
) {
    Init("count") { Track(samples: try BufferMemory(count: $0, of: Float.self), count: $0) }
    Mutating("hold", "object") { (track: inout Track, object: HeldObject) in track.held = object }
    ClassMethod("silence", "count") { Track(samples: try BufferMemory(count: $0, of: Float.self), count: $0) }
    Method("length") { $0.count }
}

let operated = Module("operated", doc: "Types with operators.") {
    vectorType
    inventoryType
    rowType
    countdownType
    ticketType
    trackType
    Def("length_of", "track") { (track: borrowing Track) in track.count }
    Def("total", "first", .variadic("values"), .keyword("scale", 1.0), .keywords("options")) {
        (first: Double, values: [Double], scale: Double, options: [String: Int]) in
        Tuple(values.reduce(first, +) * scale, options)
    }
    Def("all_of", .variadic("values")) { (values: [Int]) in values }
    Def("named", .positional("name"), .keywords("others")) { (name: String, others: [String: String]) in
        Tuple(name, others)
    }
    Submodule("inner", doc: "A module inside of another.") {
        Def("answer") { 42 }
        Constant("DEPTH", 2)
        Submodule("core") { Constant("DEPTH", 3) }
    }
}

let homebound = Module("homebound", needs: [.gil, .mainInterpreter]) { Constant("PLACE", "home") }
