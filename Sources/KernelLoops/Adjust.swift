public import BufferLayout

// Numbers changed between two conversions, one after another and in native byte order. No result depends on the machine:
// a product is rounded before something is added to it.

extension Loops {
    /// Makes each `x` of `count` doubles `x * scale + offset`; then, with `rounds`, the nearest integer, ties to even.
    @inline(never)
    public static func scaleDoubles(
        _ p: UnsafeMutableRawPointer, _ count: Int, _ scale: Double, _ offset: Double, _ rounds: Bool
    ) {
        if rounds {
            unsafe change(p, count) { (x: Double) in
                let y = x * scale + offset
                // From 2**52 on there are only integers; below, adding 2**52 leaves no bits for anything else.
                let whole: Double = y < 0 ? -0x1p52 : 0x1p52
                return y.magnitude < 0x1p52 ? (y + whole) - whole : y
            }
        } else {
            unsafe change(p, count) { (x: Double) in x * scale + offset }
        }
    }

    /// Makes each `x` of `count` floats `x * scale`.
    @inline(never)
    public static func scaleFloats(_ p: UnsafeMutableRawPointer, _ count: Int, _ scale: Float) {
        unsafe change(p, count) { (x: Float) in x * scale }
    }

    /// Writes for each `x` of `count` doubles, or floats with `areFloats`, the nearest integer to `x * scale + offset`, ties to
    /// even, brought into a range: the lower 32 bits of it. NaN gives 0.
    ///
    /// - Precondition: the range is within that of 33 bits and holds 0; the two sides do not overlap.
    @inline(never)
    public static func scaleToIntegers(
        _ source: UnsafeRawPointer, _ areFloats: Bool, _ destination: UnsafeMutableRawPointer, _ count: Int,
        _ scale: Double, _ offset: Double, _ low: Double, _ high: Double
    ) {
        func integer(_ x: Double) -> UInt32 {
            let y = x * scale + offset
            let inside = y > low ? (y < high ? y : high) : (y <= low ? low : 0)
            // The sum has no bits behind the point, and its lower bits are those of the integer.
            return UInt32(truncatingIfNeeded: (inside + 0x1.8p52).bitPattern)
        }
        _ =
            if areFloats {
                unsafe map(source, destination, count) { (x: Float) in integer(Double(x)) }
            } else {
                unsafe map(source, destination, count) { (x: Double) in integer(x) }
            }
    }

    /// Brings `count` integers into a range, the bounds of which are of their type (int32, uint32, int64 or uint64) and
    /// given by their bits.
    @inline(never)
    public static func clampIntegers(
        _ p: UnsafeMutableRawPointer, _ type: Scalar, _ count: Int, _ low: Int64, _ high: Int64
    ) {
        switch type {
        case .int32: unsafe clamp(p, count, Int32(truncatingIfNeeded: low), Int32(truncatingIfNeeded: high))
        case .uint32: unsafe clamp(p, count, UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: high))
        case .int64: unsafe clamp(p, count, low, high)
        default: unsafe clamp(p, count, UInt64(bitPattern: low), UInt64(bitPattern: high))
        }
    }

    /// Whether all of `count` integers are in a range; as ``clampIntegers(_:_:_:_:_:)``.
    @inline(never)
    public static func areIntegersWithin(
        _ p: UnsafeRawPointer, _ type: Scalar, _ count: Int, _ low: Int64, _ high: Int64
    ) -> Bool {
        func areWithin<Integer: FixedWidthInteger & BitwiseCopyable>(_: Integer.Type) -> Bool {
            let (low, high) = (Integer(truncatingIfNeeded: low), Integer(truncatingIfNeeded: high))
            return unsafe noneDiffers(p, p, count) { (x: Integer, _: Integer) in x < low || x > high }
        }
        return switch type {
        case .int32: areWithin(Int32.self)
        case .uint32: areWithin(UInt32.self)
        case .int64: areWithin(Int64.self)
        default: areWithin(UInt64.self)
        }
    }

    /// Whether all of `count` doubles are in a range; NaN is in none.
    @inline(never)
    public static func areDoublesWithin(_ p: UnsafeRawPointer, _ count: Int, _ low: Double, _ high: Double) -> Bool {
        unsafe noneDiffers(p, p, count) { (x: Double, _: Double) in !(x >= low && x <= high) }
    }

    /// Makes `count` doubles integers of 64 bits: without what is behind the point, modulo 2**64. What is not finite is 0.
    @inline(never)
    public static func wrapDoubles(_ p: UnsafeMutableRawPointer, _ count: Int) {
        for i in 0..<count {
            let x = unsafe p.loadUnaligned(fromByteOffset: 8 &* i, as: Double.self)
            unsafe p.storeBytes(of: wrapped(x), toByteOffset: 8 &* i, as: UInt64.self)
        }
    }
}

@inline(__always)
private func wrapped(_ x: Double) -> UInt64 {
    // The exponent says how far the digits stand from the point: no arithmetic rounds here.
    let exponent = Int(x.exponentBitPattern) &- 1023
    guard exponent >= 0 && exponent < 1024 else { return 0 }
    let digits = x.significandBitPattern | 1 << 52
    let magnitude = exponent < 52 ? digits &>> UInt64(52 &- exponent) : exponent < 116 ? digits << (exponent &- 52) : 0
    return x.sign == .minus ? 0 &- magnitude : magnitude
}

@inline(__always)
func clamp<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ p: UnsafeMutableRawPointer, _ count: Int, _ low: Integer, _ high: Integer
) {
    unsafe change(p, count) { (x: Integer) in min(max(x, low), high) }
}

/// One pass over values that stay where they are.
@inline(__always)
private func change<Value: BitwiseCopyable>(
    _ p: UnsafeMutableRawPointer, _ count: Int, _ body: (Value) -> Value
) {
    var i = 0
    while i < count {
        let at = i &* MemoryLayout<Value>.size
        let value = unsafe p.loadUnaligned(fromByteOffset: at, as: Value.self)
        unsafe p.storeBytes(of: body(value), toByteOffset: at, as: Value.self)
        i &+= 1
    }
}
