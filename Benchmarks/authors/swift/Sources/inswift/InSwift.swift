// SPDX-License-Identifier: Apache-2.0
import PythonModules

struct Numbers: BufferExporter {
    let count: Int
    let data: BufferMemory

    init(count: Int) throws {
        self.count = count
        data = try BufferMemory(count: count, of: Double.self)
    }
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(data, shape: [count], of: Double.self)
    }
    func load(_ raw: Span<Double>, _ scale: Double) throws {
        let first = raw[0] * scale
        try data.withMutableSpan(of: Double.self) { $0[0] = first }
    }
}

let numbersType = PythonType(Numbers.self, "Numbers") {
    Init("count") { try Numbers(count: $0) }
    Method("first") { $0.count > 0 ? $0.data.span(of: Double.self)[0] : 0 }
    Property("count") { $0.count }
    Method("load", "raw", .optional("scale", 1.0)) {
        (numbers: borrowing Numbers, raw: Span<Double>, scale: Double) in try numbers.load(raw, scale)
    }
    Mutating("update", "raw", .optional("scale", 1.0)) {
        (numbers: inout Numbers, raw: Span<Double>, scale: Double) in try numbers.load(raw, scale)
    }
}
let inswift = Module("inswift") {
    numbersType
    Def("area", "a", .optional("b", 1)) { (a: Int, b: Int) in a * b }
    Def("first_of", "samples") { (samples: Span<Double>) in samples.isEmpty ? 0 : samples[0] }
}
@c(PyInit_inswift) public func initialize() -> ObjectResult { inswift.initialize() }
