// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import KernelInterface
internal import KernelShims

/// How arithmetic treats a scalar type.
enum NumberKind {
    case signed, unsigned, float, longDouble
}

extension Scalar {
    /// The type of one part: of a complex type its float type, of any other the type itself; ``char`` counts as
    /// ``uint8``, and a `long double` no wider than a double as ``float64``.
    var part: Scalar {
        switch self {
        case .complex32: .float16
        case .complex64: .float32
        case .complex128: .float64
        case .longDouble, .complexLongDouble: Scalar.longDouble.size == 8 ? .float64 : .longDouble
        case .char: .uint8
        default: self
        }
    }

    /// The kind of a real type.
    var kind: NumberKind {
        switch self {
        case .int8, .int16, .int24, .int32, .int64: .signed
        case .bool, .char, .uint8, .uint16, .uint24, .uint32, .uint64: .unsigned
        case .float16, .float32, .float64, .complex32, .complex64, .complex128: .float
        case .bfloat16, .float8E3M4, .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2,
            .float8E5M2FNUZ, .float8E8M0FNU:
            .float
        case .longDouble, .complexLongDouble: .longDouble
        }
    }
}

extension Scalar {
    /// Whether there is a negative zero, which equals the other one.
    var hasSignedZero: Bool {
        switch self {
        case .float8E4M3B11FNUZ, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU: false
        default: kind == .float || kind == .longDouble
        }
    }
}

/// Converts `count` contiguous native values between any two real types.
func convertReal(
    _ source: UnsafeRawPointer, from: Scalar, _ destination: UnsafeMutableRawPointer, to: Scalar, count: Int
) {
    guard from == .longDouble || to == .longDouble else {
        _ = unsafe loops.convertContiguous(source, from: from, destination, to: to, count: count)
        return
    }
    let wide = Scalar.longDouble.size
    // One value at a time, through the widest type of the other side's kind that the CPU has.
    unsafe withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { value in
        let value = value.baseAddress!
        for i in 0..<count {
            let s = unsafe source + i &* from.size
            let d = unsafe destination + i &* to.size
            switch (from, from.kind, to, to.kind) {
            case (.longDouble, _, .longDouble, _):
                unsafe d.copyMemory(from: s, byteCount: wide)
            case (.longDouble, _, .bool, _):
                unsafe d.storeBytes(of: ks_long_double_is_zero(s) ? 0 : 1, as: UInt8.self)
            case (.longDouble, _, .float32, _):
                unsafe d.storeBytes(of: ks_long_double_float(s), as: Float.self)
            case (.longDouble, _, .float16, _):
                unsafe d.storeBytes(of: ks_half_from_double(ks_long_double_double_odd(s)), as: UInt16.self)
            case (.longDouble, _, .float64, _):
                unsafe d.storeBytes(of: ks_long_double_double(s), as: Double.self)
            case (.longDouble, _, _, .float):
                unsafe value.storeBytes(of: ks_long_double_double_odd(s), as: Double.self)
                _ = unsafe loops.convertContiguous(value, from: .float64, d, to: to, count: 1)
            case (.longDouble, _, .int64, _):
                unsafe d.storeBytes(of: ks_long_double_i64(s), as: Int64.self)
            case (.longDouble, _, .uint64, _):
                unsafe d.storeBytes(of: ks_long_double_u64(s), as: UInt64.self)
            case (.longDouble, _, _, _):
                // Narrow integers: the nearest double towards zero truncates and saturates to the same integer.
                unsafe value.storeBytes(of: ks_long_double_toward_zero(s), as: Double.self)
                _ = unsafe loops.convertContiguous(value, from: .float64, d, to: to, count: 1)
            case (_, .float, _, _):
                _ = unsafe loops.convertContiguous(s, from: from, value, to: .float64, count: 1)
                unsafe ks_long_double_from_double(d, value.load(as: Double.self))
            case (_, .signed, _, _):
                _ = unsafe loops.convertContiguous(s, from: from, value, to: .int64, count: 1)
                unsafe ks_long_double_from_i64(d, value.load(as: Int64.self))
            default:
                _ = unsafe loops.convertContiguous(s, from: from, value, to: .uint64, count: 1)
                unsafe ks_long_double_from_u64(d, value.load(as: UInt64.self))
            }
        }
    }
}

/// Whether `count` contiguous native values of two real types are equal as Python compares numbers: exactly, across
/// integers and floats. With `nanEqual`, NaN equals NaN.
///
/// `scratch` has room for `count` values of 16 bytes, twice.
func equalReal(
    _ a: UnsafeRawPointer, type aType: Scalar, _ b: UnsafeRawPointer, type bType: Scalar, count: Int, nanEqual: Bool,
    scratch: UnsafeMutableRawPointer
) -> Bool {
    let half = unsafe scratch + 16 &* count
    /// Both sides in one type, converted where they have another.
    func both(_ type: Scalar) -> (UnsafeRawPointer, UnsafeRawPointer) {
        var (x, y) = unsafe (a, b)
        if aType != type || type == .bool {
            unsafe convertReal(a, from: aType, scratch, to: type, count: count)
            unsafe x = UnsafeRawPointer(scratch)
        }
        if bType != type || type == .bool {
            unsafe convertReal(b, from: bType, half, to: type, count: count)
            unsafe y = UnsafeRawPointer(half)
        }
        return unsafe (x, y)
    }
    let kinds = (aType.kind, bType.kind)
    switch kinds {
    case (.longDouble, _), (_, .longDouble):
        let (x, y) = unsafe both(.longDouble)
        for i in 0..<count {
            let p = unsafe x + i &* Scalar.longDouble.size
            let q = unsafe y + i &* Scalar.longDouble.size
            if unsafe !ks_long_double_equal(p, q)
                && !(nanEqual && ks_long_double_is_nan(p) && ks_long_double_is_nan(q))
            {
                return false
            }
        }
        return true
    case (.float, .float):
        // Of two types of one size neither holds the other.
        let wider = aType.size >= bType.size ? aType : bType
        let type = aType == bType || wider.size >= 4 ? wider : .float32
        let (x, y) = unsafe both(type)
        return unsafe loops.equalFloats(x, y, type: type, count: count, nanEqual: nanEqual)
    case (.float, _), (_, .float):
        let integer = kinds.0 == .float ? bType : aType
        let float = kinds.0 == .float ? aType : bType
        if integer.size < 8 {
            // A double holds integers of up to 32 bits exactly, a float those of up to 16.
            let type: Scalar = integer.size <= 2 && float != .float64 ? .float32 : .float64
            let (x, y) = unsafe both(type)
            return unsafe loops.equalFloats(x, y, type: type, count: count, nanEqual: nanEqual)
        }
        let integers = unsafe kinds.0 == .float ? b : a
        var floats = unsafe kinds.0 == .float ? a : b
        if float != .float64 {
            unsafe convertReal(floats, from: float, scratch, to: .float64, count: count)
            unsafe floats = UnsafeRawPointer(scratch)
        }
        return unsafe loops.equalMixed(integers, signed: integer.kind == .signed, floats, count: count)
    case (let x, let y):
        if aType == bType && aType != .bool { return unsafe sameBytes(a, b, count &* aType.size) }
        // Sign-extended or zero-extended, equal numbers have equal bits; so have 2**64 - 1 and -1, which differ.
        let type: Scalar = aType == .bool && bType == .bool ? .bool : .int64
        let (p, q) = unsafe both(type)
        if unsafe x != y && (aType == .uint64 || bType == .uint64)
            && loops.anyNegative(x == .signed ? p : q, count: count)
        {
            return false
        }
        return unsafe sameBytes(p, q, count &* type.size)
    }
}
