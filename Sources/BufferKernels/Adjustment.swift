internal import BufferLayout
internal import KernelInterface

/// What a conversion does beyond the rules of ``Kernels/convert(from:layout:scalar:swapped:to:layout:scalar:swapped:exact:adjustment:)``.
public struct Adjustment: Sendable, Hashable {
    /// What becomes of numbers that an integer type cannot hold.
    public enum Overflow: String, Sendable {
        /// What is left modulo two to the type's width, after a float has lost what is behind its point; what is not
        /// finite gives 0.
        case wrap
        /// The nearest integer that the type holds; NaN gives 0.
        case saturate
        /// An error: ``KernelError/outOfRange(index:)``.
        case raise
    }

    /// Every number is multiplied by this, in double precision.
    public var scale: Double?
    /// This is added to the product.
    public var offset: Double?
    /// `nil` is C's rule: from an integer to wrap, from a float to saturate.
    public var overflow: Overflow?

    public init(scale: Double? = nil, offset: Double? = nil, overflow: Overflow? = nil) {
        self.scale = scale
        self.offset = offset
        self.overflow = overflow
    }

    /// Whether numbers are scaled. Those that become integers are rounded then: to nearest, ties to even.
    public var isScaling: Bool { scale != nil || offset != nil }
}

/// Converting the values of one pair of axes between two real types, with something done to them on the way: a tile at a
/// time, in memory that the first-level cache holds.
struct AdjustedConversion {
    let from: Scalar
    let fromSwapped: Bool
    let to: Scalar
    let toSwapped: Bool
    private let way: Way

    /// The type that values have on the way, and what is done to them there.
    private enum Way {
        case floats(scale: Double)
        case doubles(Scaling?, Ending)
        /// To the lower 32 bits of the nearest integer in range.
        case integers(Scaling, NumberRange)
        case clamped(Scalar, NumberRange)
        case checked(Scalar, NumberRange)
    }

    private struct Scaling {
        var scale: Double
        var offset: Double
        var rounds: Bool
    }

    private enum Ending {
        case asTheyAre, wrap
        case check(NumberRange)
    }

    /// Nil where the plain conversion does what is asked.
    init?(from: Scalar, fromSwapped: Bool, to: Scalar, toSwapped: Bool, _ adjustment: Adjustment) {
        let way =
            adjustment.isScaling || from.kind == .float || from.kind == .longDouble
            ? Self.wayOfFloats(from, to, adjustment) : Self.wayOfIntegers(from, to, adjustment.overflow)
        guard let way else { return nil }
        self.way = way
        self.from = from
        self.fromSwapped = fromSwapped
        self.to = to
        self.toSwapped = toSwapped
    }

    private static func wayOfFloats(_ from: Scalar, _ to: Scalar, _ adjustment: Adjustment) -> Way? {
        let range = to.isInteger ? NumberRange(of: to) : nil
        var scaling: Scaling?
        if adjustment.isScaling {
            // Adding a negative zero changes nothing, not even the sign of a zero.
            scaling = Scaling(scale: adjustment.scale ?? 1, offset: adjustment.offset ?? -0.0, rounds: range != nil)
        }
        if let range, adjustment.overflow == .raise { return .doubles(scaling, .check(range)) }
        if range != nil, adjustment.overflow == .wrap { return .doubles(scaling, .wrap) }
        // Floats saturate by themselves.
        guard let scaling else { return nil }
        if let range, to.size <= 4 { return .integers(scaling, range) }
        // The product of two floats is a double, and rounded to a float it is the product that floats have.
        if to == .float32, from.isFloat32, Double(Float(scaling.scale)) == scaling.scale, adjustment.offset == nil {
            return .floats(scale: scaling.scale)
        }
        return .doubles(scaling, .asTheyAre)
    }

    private static func wayOfIntegers(_ from: Scalar, _ to: Scalar, _ overflow: Adjustment.Overflow?) -> Way? {
        // Integers wrap by themselves, and where one range is in the other there is nothing to do.
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
                        unsafe convertReal(values + start &* type.size, type, run, to, count)
                        return true
                    }
                    if applies { return all }
                }
                unsafe convertReal(values, type, results, to, tile.count)
                unsafe tile.store(results, to.size, swapped: toSwapped && to.size > 1)
                return true
            }
        }
    }

    /// The values with what is to be done to them done, and their type then; nil if one is out of range. Both places have
    /// room for `count` values of 8 bytes.
    private func adjusted(
        _ values: UnsafeRawPointer, _ count: Int, _ place: UnsafeMutableRawPointer, _ other: UnsafeMutableRawPointer
    ) -> (UnsafeRawPointer, Scalar)? {
        let changed = UnsafeRawPointer(place)
        switch way {
        case .floats(let scale):
            unsafe convertReal(values, from, place, .float32, count)
            unsafe loops.scaleFloats(place, count, Float(scale))
            return unsafe (changed, .float32)
        case .doubles(let scaling, let ending):
            unsafe convertReal(values, from, place, .float64, count)
            if let scaling {
                unsafe loops.scaleDoubles(place, count, scaling.scale, scaling.offset, scaling.rounds)
            }
            switch ending {
            case .asTheyAre: return unsafe (changed, .float64)
            case .wrap:
                unsafe loops.wrapDoubles(place, count)
                return unsafe (changed, .int64)
            case .check(let range):
                return unsafe loops.areDoublesWithin(changed, count, range.lowDouble, range.highDouble)
                    ? (changed, .float64) : nil
            }
        case .integers(let scaling, let range):
            var numbers = unsafe values
            if from != .float32 && from != .float64 {
                unsafe convertReal(values, from, place, from.isFloat32 ? .float32 : .float64, count)
                unsafe numbers = unsafe changed
            }
            unsafe loops.scaleToIntegers(
                numbers, from.isFloat32, other, count, scaling.scale, scaling.offset, Double(range.low),
                Double(range.high))
            return (UnsafeRawPointer(other), .int32)
        case .clamped(let type, let range):
            unsafe convertReal(values, from, place, type, count)
            unsafe loops.clampIntegers(place, type, count, range.low(in: type), range.high(in: type))
            return unsafe (changed, type)
        case .checked(let type, let range):
            unsafe convertReal(values, from, place, type, count)
            return unsafe loops.areIntegersWithin(changed, type, count, range.low(in: type), range.high(in: type))
                ? (changed, type) : nil
        }
    }

    /// Whether one value is in range.
    func holds(_ item: UnsafeRawPointer) -> Bool {
        unsafe withScratch(32) { scratch in
            withEmptyLayout(from.size) { source in
                withEmptyLayout(to.size) { destination in
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

    /// The bounds as a wide type holds them, by their bits: what it cannot hold bounds nothing there.
    func low(in type: Scalar) -> Int64 { type.kind == .signed ? max(low, NumberRange(of: type).low) : 0 }
    func high(in type: Scalar) -> Int64 { Int64(bitPattern: min(high, NumberRange(of: type).high)) }

    /// The least and the greatest double that truncate to a number of the range.
    var lowDouble: Double { low == .min ? -0x1p63 : Double(low - 1).nextUp }
    var highDouble: Double { (high == .max ? 0x1p64 : Double(high + 1)).nextDown }
}

extension Scalar {
    /// Whether a float holds every value.
    fileprivate var isFloat32: Bool { size <= 3 || self == .float32 }
}
