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
        (numbers: AnyNumericSpan) in
        var summary = Summary()
        try numbers.forEachDouble { summary.add($0) }
        return summary
    }
    Def("histogram", "numbers", "low", "high", .optional("bins", 10), doc: "Return how many are in each bin.") {
        (numbers: AnyNumericSpan, low: Double, high: Double, bins: Int) in
        guard low < high, (1...1_000_000).contains(bins) else {
            throw PythonError(.value, "\(bins) bins from \(low) to \(high) cannot be made")
        }
        var counts = [Int](repeating: 0, count: bins)
        try numbers.forEachDouble { value in
            guard value >= low, value <= high else { return }
            counts[min(bins - 1, Int((value - low) / (high - low) * Double(bins)))] += 1
        }
        return counts
    }
}
@c(PyInit_stats) public func initialize() -> ObjectResult { stats.initialize() }
