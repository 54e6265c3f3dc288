// SPDX-License-Identifier: Apache-2.0
package import BufferLayout

/// What a loop does to each number `x`: `x * scale + offset`.
package struct Scaling {
    package var scale: Double
    package var offset: Double
    /// Whether the result is rounded to the nearest integer, ties to even.
    package var rounds: Bool

    @inlinable
    package init(scale: Double, offset: Double, rounds: Bool) {
        self.scale = scale
        self.offset = offset
        self.rounds = rounds
    }
}

/// The numbers of an integer type from `low` to `high`. Both bounds are given by their bits in that type.
package struct IntegerRange {
    /// int32, uint32, int64 or uint64.
    package var type: Scalar
    package var low, high: Int64

    @inlinable
    package init(of type: Scalar, low: Int64, high: Int64) {
        self.type = type
        self.low = low
        self.high = high
    }
}

/// What an item is compared with in a search: `item & mask == bits`, all of them integers of `width` bytes.
package struct BitPattern {
    /// 1, 2, 3, 4 or 8.
    package var width: Int
    package var mask, bits: UInt64

    @inlinable
    package init(width: Int, mask: UInt64, bits: UInt64) {
        self.width = width
        self.mask = mask
        self.bits = bits
    }
}

/// Two bytes of which the second follows `distance` bytes after the first.
package struct BytePair {
    package var first, last: UInt8
    package var distance: Int

    @inlinable
    package init(first: UInt8, last: UInt8, distance: Int) {
        self.first = first
        self.last = last
        self.distance = distance
    }
}
