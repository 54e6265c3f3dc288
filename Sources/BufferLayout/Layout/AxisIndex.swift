// SPDX-License-Identifier: Apache-2.0

/// One entry of an index into an array, as in Python and NumPy's basic indexing.
public enum AxisIndex: Sendable, Hashable {
    /// An integer selects one position and drops the axis; a negative one counts from the end.
    case integer(Int)
    /// A slice keeps the axis; `nil` is Python's `None`.
    case slice(start: Int?, stop: Int?, step: Int?)
    /// A new axis of length one: `None` in an index.
    case newAxis
    /// As many whole axes as the other entries leave: `...`.
    case ellipsis

    /// A slice that selects a whole axis.
    public static let all = AxisIndex.slice(start: nil, stop: nil, step: nil)
}

/// The positions of an axis that a slice selects: `count` of them, from `start` by steps of `step`.
public struct SliceRange: Sendable, Hashable {
    /// The first position; any where ``count`` is 0.
    public let start: Int
    /// The distance to the next position, in items; never 0.
    public let step: Int
    /// The number of positions.
    public let count: Int

    /// All of an axis.
    @inlinable
    public init(whole length: Int) {
        start = 0
        step = 1
        count = length
    }

    /// Resolves a slice against an axis: Python's `slice.indices` (`PySlice_Unpack` and `PySlice_AdjustIndices`).
    ///
    /// - Throws: `.invalid` for a step of zero or a negative length.
    @inlinable
    public init(start: Int?, stop: Int?, step: Int?, length: Int) throws(LayoutError) {
        if length < 0 { throw LayoutError.negativeLength(length, axis: 0) }
        // `-Int.min` overflows; Python clamps the step in the same way.
        let step = max(step ?? 1, -Int.max)
        if step == 0 { throw LayoutError.zeroStep() }
        let lowest = step < 0 ? -1 : 0
        let highest = step < 0 ? length - 1 : length
        func clamped(_ bound: Int) -> Int {
            bound < 0 ? max(bound &+ length, lowest) : min(bound, highest)
        }
        let first = start.map(clamped) ?? (step < 0 ? highest : lowest)
        let last = stop.map(clamped) ?? (step < 0 ? lowest : highest)
        self.start = first
        self.step = step
        if step < 0 {
            count = last < first ? (first - last - 1) / -step + 1 : 0
        } else {
            count = first < last ? (last - first - 1) / step + 1 : 0
        }
    }
}
