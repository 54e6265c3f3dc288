// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
package import KernelInterface

// Numbers changed in place between two conversions, contiguous and in native byte order. No result depends on the
// machine: a product is rounded before something is added to it.

extension Loops {
    @inline(never)
    package static func scaleDoubles(_ p: UnsafeMutableRawPointer, count: Int, _ scaling: Scaling) {
        let (scale, offset) = (scaling.scale, scaling.offset)
        if scaling.rounds {
            unsafe change(p, count: count) { (x: Double) in
                let y = x * scale + offset
                // From 2**52 on there are only integers; below, adding 2**52 leaves no bits for anything else.
                let whole: Double = y < 0 ? -0x1p52 : 0x1p52
                return y.magnitude < 0x1p52 ? (y + whole) - whole : y
            }
        } else {
            unsafe change(p, count: count) { (x: Double) in x * scale + offset }
        }
    }

    @inline(never)
    package static func scaleFloats(_ p: UnsafeMutableRawPointer, count: Int, by scale: Float) {
        unsafe change(p, count: count) { (x: Float) in x * scale }
    }

    @inline(never)
    package static func scaleToIntegers(
        _ source: UnsafeRawPointer, areFloats: Bool, _ destination: UnsafeMutableRawPointer, count: Int,
        _ scaling: Scaling, range: ClosedRange<Double>
    ) {
        let (scale, offset) = (scaling.scale, scaling.offset)
        let (low, high) = (range.lowerBound, range.upperBound)
        func integer(_ x: Double) -> UInt32 {
            let y = x * scale + offset
            let inside = y > low ? (y < high ? y : high) : (y <= low ? low : 0)
            // The sum has no fraction bits, and its lower bits are those of the integer.
            return UInt32(truncatingIfNeeded: (inside + 0x1.8p52).bitPattern)
        }
        _ =
            if areFloats {
                unsafe map(source, destination, count) { (x: Float) in integer(Double(x)) }
            } else {
                unsafe map(source, destination, count) { (x: Double) in integer(x) }
            }
    }

    @inline(never)
    package static func clampIntegers(_ p: UnsafeMutableRawPointer, count: Int, to range: IntegerRange) {
        func clamp<Integer: FixedWidthInteger & BitwiseCopyable>(_: Integer.Type) {
            unsafe clampAll(
                p, count: count, low: Integer(truncatingIfNeeded: range.low),
                high: Integer(truncatingIfNeeded: range.high))
        }
        switch range.type {
        case .int32: clamp(Int32.self)
        case .uint32: clamp(UInt32.self)
        case .int64: clamp(Int64.self)
        default: clamp(UInt64.self)
        }
    }

    @inline(never)
    package static func areIntegersWithin(_ p: UnsafeRawPointer, count: Int, _ range: IntegerRange) -> Bool {
        func areWithin<Integer: FixedWidthInteger & BitwiseCopyable>(_: Integer.Type) -> Bool {
            let (low, high) = (Integer(truncatingIfNeeded: range.low), Integer(truncatingIfNeeded: range.high))
            return unsafe noneDiffers(p, p, count) { (x: Integer, _: Integer) in x < low || x > high }
        }
        return switch range.type {
        case .int32: areWithin(Int32.self)
        case .uint32: areWithin(UInt32.self)
        case .int64: areWithin(Int64.self)
        default: areWithin(UInt64.self)
        }
    }

    @inline(never)
    package static func areDoublesWithin(_ p: UnsafeRawPointer, count: Int, _ range: ClosedRange<Double>) -> Bool {
        let (low, high) = (range.lowerBound, range.upperBound)
        return unsafe noneDiffers(p, p, count) { (x: Double, _: Double) in !(x >= low && x <= high) }
    }

    @inline(never)
    package static func wrapDoubles(_ p: UnsafeMutableRawPointer, count: Int) {
        for i in 0..<count {
            let x = unsafe p.loadUnaligned(fromByteOffset: 8 &* i, as: Double.self)
            unsafe p.storeBytes(of: wrapped(x), toByteOffset: 8 &* i, as: UInt64.self)
        }
    }
}

@inline(__always)
private func wrapped(_ x: Double) -> UInt64 {
    // Integer arithmetic alone, so that nothing is rounded.
    let exponent = Int(x.exponentBitPattern) &- 1023
    guard exponent >= 0 && exponent < 1024 else { return 0 }
    let digits = x.significandBitPattern | 1 << 52
    let magnitude = exponent < 52 ? digits &>> UInt64(52 &- exponent) : exponent < 116 ? digits << (exponent &- 52) : 0
    return x.sign == .minus ? 0 &- magnitude : magnitude
}

/// Clamps each of `count` integers to a range in place.
@inline(__always)
func clampAll<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ p: UnsafeMutableRawPointer, count: Int, low: Integer, high: Integer
) {
    unsafe change(p, count: count) { (x: Integer) in min(max(x, low), high) }
}

/// Replaces each of `count` values in place.
@inline(__always)
private func change<Value: BitwiseCopyable>(_ p: UnsafeMutableRawPointer, count: Int, _ body: (Value) -> Value) {
    var i = 0
    while i < count {
        let at = i &* MemoryLayout<Value>.size
        let value = unsafe p.loadUnaligned(fromByteOffset: at, as: Value.self)
        unsafe p.storeBytes(of: body(value), toByteOffset: at, as: Value.self)
        i &+= 1
    }
}
