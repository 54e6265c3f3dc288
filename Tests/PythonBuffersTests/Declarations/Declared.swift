// SPDX-License-Identifier: Apache-2.0
import PythonModules

// A module with one of everything, for the tests to use from Python.

enum Wave: String, PythonEnum { case sine, square }

enum Level: Int, PythonEnum {
    case low = 1
    case high = 10
}

struct ClipError: PythonException {
    static var base: PythonError.Kind { .overflow }
    let message: String
}

struct UndeclaredError: PythonException {
    let message: String
}

struct PlainError: Error, CustomStringConvertible {
    let description = "something of Swift's"
}

/// A growing recording: an exporter.
struct Signal: BufferExporter, ToPython, PythonParameter {
    var rate: Double
    var count = 0
    var memory: BufferMemory

    init(rate: Double, count: Int = 0) throws {
        self.rate = rate
        self.count = count
        memory = try BufferMemory(count: count, of: Float.self)
    }

    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(memory, shape: [count], of: Float.self)
    }

    mutating func append(_ samples: Span<Float>) throws {
        let (old, start) = (memory, count)
        count += samples.count
        memory = try BufferMemory(count: count, of: Float.self)
        let kept = old.span(of: Float.self)
        try memory.withMutableSpan(of: Float.self) { new in
            for index in 0..<start { new[index] = kept[index] }
            for index in samples.indices { new[start + index] = samples[index] }
        }
    }
}

/// A value without memory, which keeps an object.
struct Counter: PythonValue {
    var count = 0
    var callback: HeldObject?

    func visitObjects(_ visitor: inout ObjectVisitor) { visitor.visit(callback) }
}

/// A value that cannot be copied.
struct Token: PythonValue, ToPython, ~Copyable {
    let number: Int
}

struct Celsius: FromPython, ToPython {
    let degrees: Double

    static func fromPython(_ argument: Argument) throws -> Celsius {
        let degrees = try argument.convert(to: Double.self)
        guard degrees >= -273.15 else { throw PythonError(.value, "\(degrees) °C is below absolute zero") }
        return Celsius(degrees: degrees)
    }
    func toPython() throws -> PythonObject { try degrees.toPython() }
}

private let signalType = PythonType(Signal.self, "Signal", doc: "Samples of sound.") {
    Init(.optional("rate", 44100.0), .keyword("count", 0)) { try Signal(rate: $0, count: $1) }
    Resizing("append", "samples", doc: "Append samples.") { (signal: inout Signal, samples: Span<Float>) in
        try signal.append(samples)
    }
    Resizing("grow_and_fail", "count") { (signal: inout Signal, count: Int) in
        signal = try Signal(rate: 1, count: count)
        throw PlainError()
    }
    Mutating("fill", "value") { (signal: inout Signal, value: Float) in
        signal.rate += 1
        try signal.memory.withMutableSpan(of: Float.self) { samples in
            for index in samples.indices { samples[index] = value }
        }
    }
    Mutating("redescribe", "count") { (signal: inout Signal, count: Int) in signal.count = count }
    Mutating("call", "function") { (_: inout Signal, function: borrowing PythonObject) in try function.call() }
    Method("peak") { signal in
        let samples = signal.memory.span(of: Float.self)
        return samples.indices.map { samples[$0] }.max()
    }
    Method("same_rate", "other") { (signal: borrowing Signal, other: borrowing Signal) in signal.rate == other.rate }
    Method("half") { try Signal(rate: $0.rate, count: $0.count / 2) }
    ClassMethod("silence", "count") { try Signal(rate: 8000, count: $0) }
    StaticMethod("seconds", "count", "rate") { (count: Int, rate: Double) in Double(count) / rate }
    Property("rate", \.rate, doc: "Samples each second.")
    Property("count") { $0.count }
    Length { $0.count }
    Item { signal, index in signal.memory.span(of: Float.self)[index] }
    Repr { "<Signal of \($0.count)>" }
    Constant("DEFAULT_RATE", 44100)
}

private let counterType = PythonType(Counter.self, "Counter") {
    Init(.optional("callback", PythonObjectDefault.none)) { (callback: PythonObjectDefault) in
        Counter(callback: callback.held)
    }
    Mutating("next") { (counter: inout Counter) -> Int in
        counter.count += 1
        return counter.count
    }
    Mutating("watch", "callback") { (counter: inout Counter, callback: HeldObject) in counter.callback = callback }
    Property("callback") { $0.callback }
}

/// An optional object as a default: `HeldObject` itself has no text in Python.
struct PythonObjectDefault: FromPython, PythonLiteral, @unchecked Sendable {
    let held: HeldObject?

    static let none = PythonObjectDefault(held: nil)
    var pythonLiteral: String? { "None" }
    static func fromPython(_ argument: Argument) throws -> Self {
        Self(held: try argument.convert(to: HeldObject?.self))
    }
}

let declared = Module("declared", doc: "One of everything.") {
    signalType
    counterType
    PythonType(Token.self, "Token") { Property("number") { $0.number } }
    Exception(ClipError.self, doc: "Too loud.")
    Enumeration(Wave.self)
    Enumeration(Level.self)
    Constant("VERSION", "1.0")
    Constant("PRIMES", [2, 3, 5])

    Def("area", "width", .optional("height", 1), doc: "Return the area.") { (width: Int, height: Int) in width * height
    }
    Def("kinds", .positional("a"), "b", .keyword("c"), .keyword("d", "it's")) {
        (a: Int, b: Int, c: Int, d: String) in "\(a) \(b) \(c) \(d)"
    }
    Def("nothing") {}
    Def("six", "a", "b", "c", "d", "e", "f") { (a: Int, b: Int, c: Int, d: Int, e: Int, f: Int) in [a, b, c, d, e, f] }
    Def(
        "defaults", .optional("a", Int?.none), .optional("b", true), .optional("c", -1.5), .optional("d", "a\n'\u{e9}"),
        .optional("e", Wave.sine), .optional("f", Double.infinity)
    ) { (a: Int?, b: Bool, c: Double, d: String, e: Wave, f: Double) in Tuple(a, b, c, d, e, f) }

    Def("int8", "x") { (x: Int8) in x }
    Def("uint64", "x") { (x: UInt64) in x }
    Def("int64", "x") { (x: Int64) in x }
    Def("double", "x") { (x: Double) in x }
    Def("float", "x") { (x: Float) in x }
    Def("half", "x") { (x: Float16) in x }
    Def("bool", "x") { (x: Bool) in x }
    Def("text", "x") { (x: String) in x }
    Def("bytes", "x") { (x: [UInt8]) in x }
    Def("list", "x") { (x: [Int]) in x }
    Def("lists", "x") { (x: [[Double]]) in x }
    Def("dict", "x") { (x: [String: Int]) in x }
    Def("set", "x") { (x: Set<String>) in x }
    Def("optional", "x") { (x: Double?) in x }
    Def("pair", "x") { (x: Tuple<Int, String>) in Tuple(x.items.1, x.items.0) }
    Def("wave", "x") { (x: Wave) in x }
    Def("level", "x") { (x: Level) in x }
    Def("object", "x") { (x: borrowing PythonObject) in x.copy() }
    Def("celsius", "x") { (x: Celsius) in x }
    Def("token", "x") { (x: Int) in Token(number: x) }
    Def("signal") { try Signal(rate: 1, count: 3) }
    Def("rate_of", "signal") { (signal: borrowing Signal) in signal.rate }

    Def("peak", "samples") { (samples: Span<Float>) in samples.indices.map { samples[$0] }.max() }
    Def("total", "samples") { (samples: StridedSpan<Double>) in
        var sum = 0.0
        // A span of any number of dimensions.
        // swift-format-ignore: ReplaceForEachWithForLoop
        samples.forEach { sum += $0 }
        return sum
    }
    Def("count_bytes", "data") { (data: RawSpan) in data.byteCount }
    Def("shape", "buffer") { (buffer: borrowing PythonBuffer) in try buffer.layout.shape }
    Def("double_into", "samples", "out") { (samples: Span<Double>, out: borrowing Output) in
        try out.withMutableSpan(of: Double.self) { out in
            guard out.count == samples.count else { throw PythonError(.value, "lengths differ") }
            for index in samples.indices { out[index] = 2 * samples[index] }
        }
    }

    Def("clip", "level") { (level: Double) in
        guard level <= 1 else { throw ClipError(message: "a level of \(level) clips") }
    }
    Def("fail_undeclared") { throw UndeclaredError(message: "no class") }
    Def("fail_plain") { throw PlainError() }
    Def("fail_with_key") { throw PythonError(.key, "x") }
}
