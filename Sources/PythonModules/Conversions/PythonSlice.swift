// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// A slice, `first:stop:step`, as a key of ``Subscript`` and ``SetSubscript``.
public struct PythonSlice: FromPython, Sendable {
    private let start: Int
    private let stop: Int
    private let step: Int

    public static var parameterAnnotation: String { "slice" }

    public static func fromPython(_ argument: Argument) throws -> PythonSlice {
        guard argument.reference.isSlice else { throw argument.wrongType(expected: "a slice") }
        let (start, stop, step) = try argument.reference.sliceBounds()
        return PythonSlice(start: start, stop: stop, step: step)
    }

    /// The indices that the slice selects of a sequence, as Python selects them: each is one of the sequence's.
    ///
    /// - Precondition: `count` is not negative.
    public func indices(count: Int) -> Indices {
        precondition(count >= 0, "a sequence has no negative length")
        var (first, end) = (start, stop)
        let selected = unsafe PySlice_AdjustIndices(count, &first, &end, step)
        return Indices(first: first, step: step, count: selected)
    }

    /// The indices that a slice selects.
    public struct Indices: RandomAccessCollection, Sendable {
        /// The first index; any where ``count`` is 0.
        public let first: Int
        /// The distance to the next index, never 0.
        public let step: Int
        /// The number of indices.
        public let count: Int

        fileprivate init(first: Int, step: Int, count: Int) {
            self.first = first
            self.step = step
            self.count = count
        }

        public var startIndex: Int { 0 }
        public var endIndex: Int { count }
        public subscript(position: Int) -> Int {
            precondition(position >= 0 && position < count, "index out of range")
            return first + position * step
        }
    }
}
