public import BufferLayout

/// What a loop does to each number `x`: `x * scale + offset`.
public struct Scaling {
    public var scale: Double
    public var offset: Double
    /// Whether the result is rounded to the nearest integer, ties to even.
    public var rounds: Bool

    @inlinable
    public init(scale: Double, offset: Double, rounds: Bool) {
        self.scale = scale
        self.offset = offset
        self.rounds = rounds
    }
}

/// The numbers of an integer type from `low` to `high`. Both bounds are given by their bits in that type.
public struct IntegerRange {
    /// int32, uint32, int64 or uint64.
    public var type: Scalar
    public var low, high: Int64

    @inlinable
    public init(of type: Scalar, low: Int64, high: Int64) {
        self.type = type
        self.low = low
        self.high = high
    }
}

/// What an item is compared with in a search: `item & mask == bits`, all of them integers of `width` bytes.
public struct BitPattern {
    /// 1, 2, 3, 4 or 8.
    public var width: Int
    public var mask, bits: UInt64

    @inlinable
    public init(width: Int, mask: UInt64, bits: UInt64) {
        self.width = width
        self.mask = mask
        self.bits = bits
    }
}

/// Two bytes of which the second follows `distance` bytes after the first.
public struct BytePair {
    public var first, last: UInt8
    public var distance: Int

    @inlinable
    public init(first: UInt8, last: UInt8, distance: Int) {
        self.first = first
        self.last = last
        self.distance = distance
    }
}
