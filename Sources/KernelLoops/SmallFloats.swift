// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import KernelShims

// Floats of 16 and 8 bits other than halves. To and from float32 they are converted directly, to and from everything else
// through a block of float32 in memory that the first-level cache holds: every small float is a float32 exactly.

/// The number of floats in a block.
private let blockCount = 1024

/// One of the types, for loops that are compiled for each.
private protocol SmallFloat {
    associatedtype Bits: FixedWidthInteger & BitwiseCopyable
    static func float(_ bits: Bits) -> Float
    /// The bits of the nearest value.
    static func bits(_ number: Float) -> Bits
}

private enum BFloat16: SmallFloat {
    @inline(__always) static func float(_ bits: UInt16) -> Float { ks_float_from_bfloat16(bits) }
    @inline(__always) static func bits(_ number: Float) -> UInt16 { ks_bfloat16_from_float(number) }
}

private enum E3M4: SmallFloat {
    @inline(__always) static func float(_ bits: UInt8) -> Float { ks_float_from_e3m4(bits) }
    @inline(__always) static func bits(_ number: Float) -> UInt8 { ks_e3m4_from_float(number) }
}

private enum E4M3: SmallFloat {
    @inline(__always) static func float(_ bits: UInt8) -> Float { ks_float_from_e4m3(bits) }
    @inline(__always) static func bits(_ number: Float) -> UInt8 { ks_e4m3_from_float(number) }
}

private enum E4M3B11FNUZ: SmallFloat {
    @inline(__always) static func float(_ bits: UInt8) -> Float { ks_float_from_e4m3b11fnuz(bits) }
    @inline(__always) static func bits(_ number: Float) -> UInt8 { ks_e4m3b11fnuz_from_float(number) }
}

private enum E4M3FN: SmallFloat {
    @inline(__always) static func float(_ bits: UInt8) -> Float { ks_float_from_e4m3fn(bits) }
    @inline(__always) static func bits(_ number: Float) -> UInt8 { ks_e4m3fn_from_float(number) }
}

private enum E4M3FNUZ: SmallFloat {
    @inline(__always) static func float(_ bits: UInt8) -> Float { ks_float_from_e4m3fnuz(bits) }
    @inline(__always) static func bits(_ number: Float) -> UInt8 { ks_e4m3fnuz_from_float(number) }
}

private enum E5M2: SmallFloat {
    @inline(__always) static func float(_ bits: UInt8) -> Float { ks_float_from_e5m2(bits) }
    @inline(__always) static func bits(_ number: Float) -> UInt8 { ks_e5m2_from_float(number) }
}

private enum E5M2FNUZ: SmallFloat {
    @inline(__always) static func float(_ bits: UInt8) -> Float { ks_float_from_e5m2fnuz(bits) }
    @inline(__always) static func bits(_ number: Float) -> UInt8 { ks_e5m2fnuz_from_float(number) }
}

private enum E8M0FNU: SmallFloat {
    @inline(__always) static func float(_ bits: UInt8) -> Float { ks_float_from_e8m0fnu(bits) }
    @inline(__always) static func bits(_ number: Float) -> UInt8 { ks_e8m0fnu_from_float(number) }
}

@inline(__always)
private func widen<Small: SmallFloat>(
    _: Small.Type, _ s: UnsafeRawPointer, _ d: UnsafeMutableRawPointer, _ n: Int
) -> Bool {
    unsafe map(s, d, n) { (x: Small.Bits) in Small.float(x) }
}

@inline(__always)
private func narrow<Small: SmallFloat>(
    _: Small.Type, _ s: UnsafeRawPointer, _ d: UnsafeMutableRawPointer, _ n: Int
) -> Bool {
    unsafe map(s, d, n) { (x: Float) in Small.bits(x) }
}

/// The float32 of `count` small floats; `false` for other types.
@inline(never)
private func widen(_ type: Scalar, _ s: UnsafeRawPointer, _ d: UnsafeMutableRawPointer, _ n: Int) -> Bool {
    switch type {
    case .bfloat16: unsafe widen(BFloat16.self, s, d, n)
    case .float8E3M4: unsafe widen(E3M4.self, s, d, n)
    case .float8E4M3: unsafe widen(E4M3.self, s, d, n)
    case .float8E4M3B11FNUZ: unsafe widen(E4M3B11FNUZ.self, s, d, n)
    case .float8E4M3FN: unsafe widen(E4M3FN.self, s, d, n)
    case .float8E4M3FNUZ: unsafe widen(E4M3FNUZ.self, s, d, n)
    case .float8E5M2: unsafe widen(E5M2.self, s, d, n)
    case .float8E5M2FNUZ: unsafe widen(E5M2FNUZ.self, s, d, n)
    case .float8E8M0FNU: unsafe widen(E8M0FNU.self, s, d, n)
    default: false
    }
}

/// The small floats nearest to `count` float32; `false` for other types.
@inline(never)
private func narrow(_ type: Scalar, _ s: UnsafeRawPointer, _ d: UnsafeMutableRawPointer, _ n: Int) -> Bool {
    switch type {
    case .bfloat16: unsafe narrow(BFloat16.self, s, d, n)
    case .float8E3M4: unsafe narrow(E3M4.self, s, d, n)
    case .float8E4M3: unsafe narrow(E4M3.self, s, d, n)
    case .float8E4M3B11FNUZ: unsafe narrow(E4M3B11FNUZ.self, s, d, n)
    case .float8E4M3FN: unsafe narrow(E4M3FN.self, s, d, n)
    case .float8E4M3FNUZ: unsafe narrow(E4M3FNUZ.self, s, d, n)
    case .float8E5M2: unsafe narrow(E5M2.self, s, d, n)
    case .float8E5M2FNUZ: unsafe narrow(E5M2FNUZ.self, s, d, n)
    case .float8E8M0FNU: unsafe narrow(E8M0FNU.self, s, d, n)
    default: false
    }
}

/// As ``InnerLoops/convertContiguous(_:from:_:to:count:)``, from a small float.
func fromSmallFloat(
    _ source: UnsafeRawPointer, from: Scalar, _ destination: UnsafeMutableRawPointer, to: Scalar, count: Int
) -> Bool {
    if from == to {
        unsafe destination.copyMemory(from: source, byteCount: from.size &* count)
        return true
    }
    if to == .float32 { return unsafe widen(from, source, destination, count) }
    return unsafe inBlocks(count) { block, start, part in
        unsafe widen(from, source + start &* from.size, block, part)
            && Loops.convertContiguous(block, from: .float32, destination + start &* to.size, to: to, count: part)
    }
}

/// As ``InnerLoops/convertContiguous(_:from:_:to:count:)``, to a small float.
func toSmallFloat(
    _ source: UnsafeRawPointer, from: Scalar, _ destination: UnsafeMutableRawPointer, to: Scalar, count: Int
) -> Bool {
    if from == .float32 { return unsafe narrow(to, source, destination, count) }
    return unsafe inBlocks(count) { block, start, part in
        unsafe oddFloats(source + start &* from.size, from, block, part)
            && narrow(to, block, destination + start &* to.size, part)
    }
}

/// Converts numbers to floats that round to the same small float: exactly, or rounded to odd.
@inline(never)
private func oddFloats(_ s: UnsafeRawPointer, _ from: Scalar, _ d: UnsafeMutableRawPointer, _ n: Int) -> Bool {
    switch from {
    case .float64: unsafe map(s, d, n) { (x: Double) in ks_float_odd(x) }
    case .int32: unsafe map(s, d, n) { (x: Int32) in ks_float_odd(Double(x)) }
    case .uint32: unsafe map(s, d, n) { (x: UInt32) in ks_float_odd(Double(x)) }
    case .int64: unsafe map(s, d, n) { (x: Int64) in ks_float_odd_i64(x) }
    case .uint64: unsafe map(s, d, n) { (x: UInt64) in ks_float_odd_u64(x) }
    default: unsafe Loops.convertContiguous(s, from: from, d, to: .float32, count: n)
    }
}

/// Calls `body` with room for a block of floats, its first index and its length, until it returns false.
private func inBlocks(_ count: Int, _ body: (UnsafeMutableRawPointer, Int, Int) -> Bool) -> Bool {
    unsafe withUnsafeTemporaryAllocation(byteCount: 4 &* blockCount, alignment: 16) { room in
        var i = 0
        while i < count {
            let part = min(blockCount, count &- i)
            guard unsafe body(room.baseAddress!, i, part) else { return false }
            i &+= part
        }
        return true
    }
}

// MARK: Comparing

/// How the bits of a small float are compared.
private enum SmallComparison {
    /// Bits of the magnitude, and the first magnitude that is a NaN; zeros of both signs are equal.
    case signed(magnitude: UInt16, nan: UInt16)
    /// Equal values have equal bits; one pattern is NaN.
    case plain(nan: UInt8)

    init?(_ type: Scalar) {
        switch type {
        case .bfloat16: self = .signed(magnitude: 0x7fff, nan: 0x7f81)
        case .float8E3M4: self = .signed(magnitude: 0x7f, nan: 0x71)
        case .float8E4M3: self = .signed(magnitude: 0x7f, nan: 0x79)
        case .float8E4M3FN: self = .signed(magnitude: 0x7f, nan: 0x7f)
        case .float8E5M2: self = .signed(magnitude: 0x7f, nan: 0x7d)
        case .float8E4M3B11FNUZ, .float8E4M3FNUZ, .float8E5M2FNUZ: self = .plain(nan: 0x80)
        case .float8E8M0FNU: self = .plain(nan: 0xff)
        default: return nil
        }
    }
}

/// As ``InnerLoops/equalFloats(_:_:type:count:nanEqual:)``, of small floats.
func equalSmallFloats(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, type: Scalar, count: Int, nanEqual: Bool
) -> Bool {
    switch SmallComparison(type) {
    case .signed(let magnitude, let nan) where type.size == 2:
        unsafe noneDiffers(a, b, count) { (x: UInt16, y: UInt16) in differ(x, y, magnitude, nan, nanEqual) }
    case .signed(let magnitude, let nan):
        unsafe noneDiffers(a, b, count) { (x: UInt8, y: UInt8) in
            differ(x, y, UInt8(truncatingIfNeeded: magnitude), UInt8(truncatingIfNeeded: nan), nanEqual)
        }
    case .plain(let nan):
        unsafe noneDiffers(a, b, count) { (x: UInt8, y: UInt8) in x != y || (x == nan && !nanEqual) }
    case nil: false
    }
}

@inline(__always)
private func differ<Bits: FixedWidthInteger>(
    _ x: Bits, _ y: Bits, _ magnitude: Bits, _ nan: Bits, _ nanEqual: Bool
) -> Bool {
    let bothZero = (x | y) & magnitude == 0
    let (xIsNaN, yIsNaN) = (x & magnitude >= nan, y & magnitude >= nan)
    return (x != y && !bothZero || xIsNaN) && !(nanEqual && xIsNaN && yIsNaN)
}
