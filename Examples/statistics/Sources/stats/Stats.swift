// SPDX-License-Identifier: Apache-2.0
import PythonModules

/// What is known of numbers that were seen one by one.
struct Summary: PythonValue, ToPython {
    var count = 0
    var mean = 0.0
    var least = Double.infinity
    var greatest = -Double.infinity
    private var squares = 0.0

    /// Welford's algorithm: the sum of squares about a mean that moves.
    mutating func add(_ value: Double) {
        count += 1
        let difference = value - mean
        mean += difference / Double(count)
        squares += difference * (value - mean)
        least = min(least, value)
        greatest = max(greatest, value)
    }
    var deviation: Double { count == 0 ? 0 : (squares / Double(count)).squareRoot() }
}

/// Calls `body` with each number of a buffer, whatever its format and layout.
func forEachNumber(in buffer: borrowing PythonBuffer, _ body: (Double) -> Void) throws {
    switch try Format(buffer.format).scalar?.0 {
    case .int8: try forEach(Int8.self, buffer) { body(Double($0)) }
    case .uint8: try forEach(UInt8.self, buffer) { body(Double($0)) }
    case .int16: try forEach(Int16.self, buffer) { body(Double($0)) }
    case .uint16: try forEach(UInt16.self, buffer) { body(Double($0)) }
    case .int32: try forEach(Int32.self, buffer) { body(Double($0)) }
    case .uint32: try forEach(UInt32.self, buffer) { body(Double($0)) }
    case .int64: try forEach(Int64.self, buffer) { body(Double($0)) }
    case .uint64: try forEach(UInt64.self, buffer) { body(Double($0)) }
    case .float32: try forEach(Float.self, buffer) { body(Double($0)) }
    case .float64: try forEach(Double.self, buffer) { body($0) }
    default: throw PythonError(.type, "numbers are needed, not items of format '\(buffer.format)'")
    }
}
func forEach<T: BufferElement>(_: T.Type, _ buffer: borrowing PythonBuffer, _ body: (T) -> Void) throws {
    try buffer.stridedSpan(of: T.self).forEach(body)
}

let summaryType = PythonType(Summary.self, "Summary", doc: "What numbers have in common.") {
    Property("count") { $0.count }
    Property("mean") { $0.mean }
    Property("deviation") { $0.deviation }
    Property("least") { $0.least }
    Property("greatest") { $0.greatest }
    Repr { "<Summary of \($0.count) numbers from \($0.least) to \($0.greatest), mean \($0.mean)>" }
}
let stats = Module("stats", doc: "Statistics of any buffer of numbers.") {
    summaryType
    Def("summarize", "numbers", doc: "Return the Summary of a buffer of any layout.") {
        (numbers: borrowing PythonBuffer) in
        var summary = Summary()
        try forEachNumber(in: numbers) { summary.add($0) }
        return summary
    }
    Def("histogram", "numbers", "low", "high", .optional("bins", 10), doc: "Return how many are in each bin.") {
        (numbers: borrowing PythonBuffer, low: Double, high: Double, bins: Int) in
        guard low < high, (1...1_000_000).contains(bins) else {
            throw PythonError(.value, "\(bins) bins from \(low) to \(high) cannot be made")
        }
        var counts = [Int](repeating: 0, count: bins)
        try forEachNumber(in: numbers) { value in
            guard value >= low, value <= high else { return }
            counts[min(bins - 1, Int((value - low) / (high - low) * Double(bins)))] += 1
        }
        return counts
    }
}
@c(PyInit_stats) public func initialize() -> ObjectResult { stats.initialize() }
