// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import KernelInterface

/// What a conversion does beyond the rules of ``Kernels/convert(from:layout:scalar:swapped:to:layout:scalar:swapped:exact:adjustment:)``.
public struct Adjustment: Sendable, Hashable {
    /// How numbers that an integer type cannot hold are converted.
    public enum Overflow: String, Sendable {
        /// Modulo two to the type's width; floats are truncated first, and what is not finite gives 0.
        case wrap
        /// To the nearest integer that the type holds; NaN gives 0.
        case saturate
        /// Not at all: ``KernelError/outOfRange(index:)`` is thrown.
        case raise
    }

    /// The factor of every number, in double precision.
    public var scale: Double?
    /// What is added to the product.
    public var offset: Double?
    /// `nil` is C's rule: from an integer to wrap, from a float to saturate.
    public var overflow: Overflow?

    public init(scale: Double? = nil, offset: Double? = nil, overflow: Overflow? = nil) {
        self.scale = scale
        self.offset = offset
        self.overflow = overflow
    }

    /// Whether numbers are scaled. Results that become integers are rounded then: to nearest, ties to even.
    public var isScaling: Bool { scale != nil || offset != nil }
}

/// A conversion of one pair of axes between two real types that adjusts the values in between: a tile at a time, in memory
/// that the first-level cache holds.
struct AdjustedConversion {
    let from: Scalar
    let fromSwapped: Bool
    let to: Scalar
    let toSwapped: Bool
    private let operation: Operation

    /// The intermediate type of the values, and what is done to them in it.
    private enum Operation {
        case floats(scale: Double)
        case doubles(Scaling?, Overflow)
        /// To the lower 32 bits of the nearest integer in range.
        case integers(Scaling, NumberRange)
        case clamped(Scalar, NumberRange)
        case checked(Scalar, NumberRange)
    }

    /// What is done to doubles out of the result's range.
    private enum Overflow {
        /// Nothing: the conversion to the result's type saturates.
        case saturate
        case wrap
        case check(NumberRange)
    }

    /// `nil` where the plain conversion does the same.
    init?(from: Scalar, fromSwapped: Bool, to: Scalar, toSwapped: Bool, _ adjustment: Adjustment) {
        let operation =
            adjustment.isScaling || from.kind == .float || from.kind == .longDouble
            ? Self.floatOperation(from, to, adjustment) : Self.integerOperation(from, to, adjustment.overflow)
        guard let operation else { return nil }
        self.operation = operation
        self.from = from
        self.fromSwapped = fromSwapped
        self.to = to
        self.toSwapped = toSwapped
    }

    private static func floatOperation(_ from: Scalar, _ to: Scalar, _ adjustment: Adjustment) -> Operation? {
        let range = to.isInteger ? NumberRange(of: to) : nil
        var scaling: Scaling?
        if adjustment.isScaling {
            // Adding a negative zero changes nothing, not even the sign of a zero.
            scaling = Scaling(scale: adjustment.scale ?? 1, offset: adjustment.offset ?? -0.0, rounds: range != nil)
        }
        if let range, adjustment.overflow == .raise { return .doubles(scaling, .check(range)) }
        if range != nil, adjustment.overflow == .wrap { return .doubles(scaling, .wrap) }
        // The plain conversion of floats saturates.
        guard let scaling else { return nil }
        if let range, to.size <= 4 { return .integers(scaling, range) }
        // A double holds the product of two floats exactly, so that multiplying floats rounds to the same float.
        if to == .float32, from.isFloat32, Double(Float(scaling.scale)) == scaling.scale, adjustment.offset == nil {
            return .floats(scale: scaling.scale)
        }
        return .doubles(scaling, .saturate)
    }

    private static func integerOperation(
        _ from: Scalar, _ to: Scalar, _ overflow: Adjustment.Overflow?
    ) -> Operation? {
        // The plain conversion of integers wraps, and where one range is in the other nothing overflows.
        guard to.isInteger, overflow == .saturate || overflow == .raise else { return nil }
        let (theirs, mine) = (NumberRange(of: from), NumberRange(of: to))
        guard theirs.low < mine.low || theirs.high > mine.high else { return nil }
        let wide: Scalar =
            switch from {
            case .uint32, .int64, .uint64: from
            default: .int32
            }
        return overflow == .raise ? .checked(wide, mine) : .clamped(wide, mine)
    }

    /// Converts; false if a number was out of range and that is an error.
    func run(_ pair: inout AxisPair) -> Bool {
        unsafe inParallel(&pair, pair.count &* max(from.size, to.size)) { unsafe runPart(&$0) }
    }

    private func runPart(_ pair: inout AxisPair) -> Bool {
        let items = unsafe min(tileItems, pair.count)
        return unsafe withScratch(items &* (16 &+ from.size &+ to.size)) { scratch in
            let source = unsafe scratch + 16 &* items
            let results = unsafe source + from.size &* items
            return unsafe forEachTile(&pair, items: items) { (tile) throws(Never) in
                let packed = unsafe tile.packedSource(from.size, swapped: fromSwapped && from.size > 1, source)
                guard let (values, type) = unsafe adjusted(packed, tile.count, scratch, scratch + 8 &* items) else {
                    return false
                }
                if !toSwapped {
                    let (applies, all) = unsafe tile.forEachRun(to.size) { start, run, count in
                        unsafe convertReal(values + start &* type.size, from: type, run, to: to, count: count)
                        return true
                    }
                    if applies { return all }
                }
                unsafe convertReal(values, from: type, results, to: to, count: tile.count)
                unsafe tile.store(results, to.size, swapped: toSwapped && to.size > 1)
                return true
            }
        }
    }

    /// The adjusted values and their type; `nil` if one is out of range and that is an error. `place` and `other` have room
    /// for `count` values of 8 bytes.
    private func adjusted(
        _ values: UnsafeRawPointer, _ count: Int, _ place: UnsafeMutableRawPointer, _ other: UnsafeMutableRawPointer
    ) -> (UnsafeRawPointer, Scalar)? {
        let changed = UnsafeRawPointer(place)
        switch operation {
        case .floats(let scale):
            unsafe convertReal(values, from: from, place, to: .float32, count: count)
            unsafe loops.scaleFloats(place, count: count, by: Float(scale))
            return unsafe (changed, .float32)
        case .doubles(let scaling, let overflow):
            unsafe convertReal(values, from: from, place, to: .float64, count: count)
            if let scaling { unsafe loops.scaleDoubles(place, count: count, scaling) }
            switch overflow {
            case .saturate: return unsafe (changed, .float64)
            case .wrap:
                unsafe loops.wrapDoubles(place, count: count)
                return unsafe (changed, .int64)
            case .check(let range):
                return unsafe loops.areDoublesWithin(changed, count: count, range.doubles)
                    ? (changed, .float64) : nil
            }
        case .integers(let scaling, let range):
            var numbers = unsafe values
            if from != .float32 && from != .float64 {
                unsafe convertReal(values, from: from, place, to: from.isFloat32 ? .float32 : .float64, count: count)
                unsafe numbers = unsafe changed
            }
            unsafe loops.scaleToIntegers(
                numbers, areFloats: from.isFloat32, other, count: count, scaling,
                range: Double(range.low)...Double(range.high))
            return (UnsafeRawPointer(other), .int32)
        case .clamped(let type, let range):
            unsafe convertReal(values, from: from, place, to: type, count: count)
            unsafe loops.clampIntegers(place, count: count, to: range.bounds(in: type))
            return unsafe (changed, type)
        case .checked(let type, let range):
            unsafe convertReal(values, from: from, place, to: type, count: count)
            return unsafe loops.areIntegersWithin(changed, count: count, range.bounds(in: type))
                ? (changed, type) : nil
        }
    }

    /// Whether one value is in range.
    func holds(_ item: UnsafeRawPointer) -> Bool {
        unsafe withScratch(32) { scratch in
            withItemLayout(from.size) { source in
                withItemLayout(to.size) { destination in
                    unsafe withAxes(item, source, scratch, destination) { (pair) throws(Never) in
                        unsafe runPart(&pair)
                    }
                }
            }
        }
    }
}

/// The numbers that an integer type holds.
struct NumberRange {
    let low: Int64
    let high: UInt64

    init(of type: Scalar) {
        let bits = type == .bool ? 1 : 8 * type.size
        low = type.kind == .signed ? .min >> (64 - bits) : 0
        high = .max >> (type.kind == .signed ? 65 - bits : 64 - bits)
    }

    /// The part of the range that a wide type holds.
    func bounds(in type: Scalar) -> IntegerRange {
        let wide = NumberRange(of: type)
        return IntegerRange(
            of: type, low: type.kind == .signed ? max(low, wide.low) : 0,
            high: Int64(bitPattern: min(high, wide.high)))
    }

    /// The doubles that truncate to a number of the range.
    var doubles: ClosedRange<Double> {
        (low == .min ? -0x1p63 : Double(low - 1).nextUp)...(high == .max ? 0x1p64 : Double(high + 1)).nextDown
    }
}

extension Scalar {
    /// Whether a float holds every value of the type.
    fileprivate var isFloat32: Bool { size <= 3 || self == .float32 }
}
