// SPDX-License-Identifier: Apache-2.0

// What surrounds the examples in the documentation comments of Sources/PythonModules: each is put in the place of the line
// that names the declaration which it belongs to (Tests/packaging/test_snippets.py).

// snippet: Module

// snippet: PythonEnum

struct Signal: BufferExporter {
    var sampleRate: Double
    var samples = GrowingMemory<Float>()
    var names: [String: Int] = [:]

    init(sampleRate: Double) throws { self.sampleRate = sampleRate }
    func describeBuffer() throws(PythonError) -> BufferDescription { try samples.description() }

    var count: Int { samples.count }
    var rms: Double { 0 }
    func sample(at index: Int) -> Float { Float(index) }
    func mean(from first: Int) -> Double { Double(first) }
    mutating func append(_ added: Span<Float>) throws { try samples.append(contentsOf: added) }
}

// snippet: PythonType

let soundType = PythonType(Signal.self, "Sound") {
    // snippet: Item
    // snippet: Method
    // snippet: Property
    // snippet: Iterate
}

struct Table: PythonValue {
    let count: Int
    func rows(_ numbers: PythonSlice.Indices) -> [Int] { numbers.map { 2 * $0 } }
    func column(_ name: String) -> [Int] { [name.count] }
}

let tableType = PythonType(Table.self, "Table") {
    // snippet: Subscript
}

struct Model: PythonValue {
    func value(at x: Double) -> Double { x }
}

let modelType = PythonType(Model.self, "Model") {
    // snippet: Call
}

struct Vector: PythonValue, PythonParameter {
    let x: Double

    static func + (left: Vector, right: Vector) -> Double { left.x + right.x }
    static func - (left: Double, right: Vector) -> Double { left - right.x }
    static func * (left: Vector, right: Double) -> Double { left.x * right }
    static prefix func - (vector: Vector) -> Double { -vector.x }
}

let vectorType = PythonType(Vector.self, "Vector") {
    // snippet: Binary
    // snippet: Reflected
    // snippet: Unary
}

struct Interval: PythonValue, PythonParameter, Hashable {
    let start: Double
    let number: Int
}

let intervalType = PythonType(Interval.self, "Interval") {
    // snippet: Compare
    // snippet: Hash
}

struct Recording: PythonValue {
    mutating func close() throws {}
}

let recordingType = PythonType(Recording.self, "Recording") {
    // snippet: Context
}

struct Point: PythonValue {
    let x: Double
    let y: Double
}

let pointType = PythonType(Point.self, "Point") {
    // snippet: Pickle
}

func submodules() -> Module {
    // snippet: Submodule
    return signals
}

func exceptions() -> Module {
    // snippet: PythonException
    return module
}

let functions = Module("functions") {
    // snippet: Def
    // snippet: Constant
    // snippet: variadic
    // snippet: keywords
    // snippet: Output
    // snippet: call
}

// snippet: Argument

// snippet: ToPython
