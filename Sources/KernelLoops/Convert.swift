// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import KernelShims

extension Loops {
    @inline(never)
    package static func convertContiguous(
        _ source: UnsafeRawPointer, from: Scalar, _ destination: UnsafeMutableRawPointer, to: Scalar, count: Int
    ) -> Bool {
        if from.isSmallFloat { return unsafe fromSmallFloat(source, from: from, destination, to: to, count: count) }
        if to.isSmallFloat { return unsafe toSmallFloat(source, from: from, destination, to: to, count: count) }
        if to == .int24 || to == .uint24 {
            return unsafe narrowed24(source, from: from, destination, to: to, count: count)
        }
        return switch from {
        case .int8: unsafe fromInteger(Int8.self, source, destination, to, count)
        case .uint8, .char: unsafe fromInteger(UInt8.self, source, destination, to, count)
        case .int16: unsafe fromInteger(Int16.self, source, destination, to, count)
        case .uint16: unsafe fromInteger(UInt16.self, source, destination, to, count)
        case .int32: unsafe fromInteger(Int32.self, source, destination, to, count)
        case .uint32: unsafe fromInteger(UInt32.self, source, destination, to, count)
        case .int64: unsafe fromInteger(Int64.self, source, destination, to, count)
        case .uint64: unsafe fromInteger(UInt64.self, source, destination, to, count)
        case .bool: unsafe fromBool(source, destination, to, count)
        case .float16: unsafe fromHalf(source, destination, to, count)
        case .float32: unsafe fromFloat(source, destination, to, count)
        case .float64: unsafe fromDouble(source, destination, to, count)
        case .int24, .uint24: unsafe widened24(source, from: from, destination, to: to, count: count)
        default: false
        }
    }
}

// Integers of three bytes and small floats are converted in files of their own, long doubles and complex numbers by the
// callers: they reach no `default` below.

/// Converts `count` values. The closure is inlined, and the loop vectorised for the CPU of this target.
@inline(__always)
func map<Source: BitwiseCopyable, Destination: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int,
    _ convert: (Source) -> Destination
) -> Bool {
    var i = 0
    while i < count {
        let value = unsafe source.loadUnaligned(fromByteOffset: i &* MemoryLayout<Source>.size, as: Source.self)
        unsafe destination.storeBytes(
            of: convert(value), toByteOffset: i &* MemoryLayout<Destination>.size, as: Destination.self)
        i &+= 1
    }
    return true
}

@inline(__always)
private func fromInteger<Source: FixedWidthInteger & BitwiseCopyable>(
    _: Source.Type, _ s: UnsafeRawPointer, _ d: UnsafeMutableRawPointer, _ to: Scalar, _ n: Int
) -> Bool {
    switch to {
    case .int8, .uint8, .char: unsafe map(s, d, n) { (x: Source) in UInt8(truncatingIfNeeded: x) }
    case .int16, .uint16: unsafe map(s, d, n) { (x: Source) in UInt16(truncatingIfNeeded: x) }
    case .int32, .uint32: unsafe map(s, d, n) { (x: Source) in UInt32(truncatingIfNeeded: x) }
    case .int64, .uint64: unsafe map(s, d, n) { (x: Source) in UInt64(truncatingIfNeeded: x) }
    case .bool: unsafe map(s, d, n) { (x: Source) in x != 0 ? 1 as UInt8 : 0 }
    case .float16: unsafe map(s, d, n) { (x: Source) in ks_half_from_float(Float(x)) }
    case .float32: unsafe map(s, d, n) { (x: Source) in Float(x) }
    case .float64: unsafe map(s, d, n) { (x: Source) in Double(x) }
    default: false
    }
}

@inline(__always)
private func fromBool(_ s: UnsafeRawPointer, _ d: UnsafeMutableRawPointer, _ to: Scalar, _ n: Int) -> Bool {
    switch to {
    case .int8, .uint8, .char, .bool: unsafe map(s, d, n) { (x: UInt8) in x != 0 ? 1 as UInt8 : 0 }
    case .int16, .uint16: unsafe map(s, d, n) { (x: UInt8) in x != 0 ? 1 as UInt16 : 0 }
    case .int32, .uint32: unsafe map(s, d, n) { (x: UInt8) in x != 0 ? 1 as UInt32 : 0 }
    case .int64, .uint64: unsafe map(s, d, n) { (x: UInt8) in x != 0 ? 1 as UInt64 : 0 }
    case .float16: unsafe map(s, d, n) { (x: UInt8) in x != 0 ? 0x3c00 as UInt16 : 0 }
    case .float32: unsafe map(s, d, n) { (x: UInt8) in x != 0 ? 1 as Float : 0 }
    case .float64: unsafe map(s, d, n) { (x: UInt8) in x != 0 ? 1 as Double : 0 }
    default: false
    }
}

@inline(__always)
private func fromHalf(_ s: UnsafeRawPointer, _ d: UnsafeMutableRawPointer, _ to: Scalar, _ n: Int) -> Bool {
    switch to {
    case .int8: unsafe map(s, d, n) { (x: UInt16) in ks_float_i8(ks_float_from_half(x)) }
    case .uint8, .char: unsafe map(s, d, n) { (x: UInt16) in ks_float_u8(ks_float_from_half(x)) }
    case .int16: unsafe map(s, d, n) { (x: UInt16) in ks_float_i16(ks_float_from_half(x)) }
    case .uint16: unsafe map(s, d, n) { (x: UInt16) in ks_float_u16(ks_float_from_half(x)) }
    case .int32: unsafe map(s, d, n) { (x: UInt16) in ks_float_i32(ks_float_from_half(x)) }
    case .uint32: unsafe map(s, d, n) { (x: UInt16) in ks_float_u32(ks_float_from_half(x)) }
    case .int64: unsafe map(s, d, n) { (x: UInt16) in ks_float_i64(ks_float_from_half(x)) }
    case .uint64: unsafe map(s, d, n) { (x: UInt16) in ks_float_u64(ks_float_from_half(x)) }
    case .bool: unsafe map(s, d, n) { (x: UInt16) in x & 0x7fff != 0 ? 1 as UInt8 : 0 }
    case .float16: unsafe map(s, d, n) { (x: UInt16) in x }
    case .float32: unsafe map(s, d, n) { (x: UInt16) in ks_float_from_half(x) }
    case .float64: unsafe map(s, d, n) { (x: UInt16) in Double(ks_float_from_half(x)) }
    default: false
    }
}

@inline(__always)
private func fromFloat(_ s: UnsafeRawPointer, _ d: UnsafeMutableRawPointer, _ to: Scalar, _ n: Int) -> Bool {
    switch to {
    case .int8: unsafe map(s, d, n) { (x: Float) in ks_float_i8(x) }
    case .uint8, .char: unsafe map(s, d, n) { (x: Float) in ks_float_u8(x) }
    case .int16: unsafe map(s, d, n) { (x: Float) in ks_float_i16(x) }
    case .uint16: unsafe map(s, d, n) { (x: Float) in ks_float_u16(x) }
    case .int32: unsafe map(s, d, n) { (x: Float) in ks_float_i32(x) }
    case .uint32: unsafe map(s, d, n) { (x: Float) in ks_float_u32(x) }
    case .int64: unsafe map(s, d, n) { (x: Float) in ks_float_i64(x) }
    case .uint64: unsafe map(s, d, n) { (x: Float) in ks_float_u64(x) }
    case .bool: unsafe map(s, d, n) { (x: Float) in x != 0 ? 1 as UInt8 : 0 }
    case .float16: unsafe map(s, d, n) { (x: Float) in ks_half_from_float(x) }
    case .float32: unsafe map(s, d, n) { (x: UInt32) in x }
    case .float64: unsafe map(s, d, n) { (x: Float) in Double(x) }
    default: false
    }
}

@inline(__always)
private func fromDouble(_ s: UnsafeRawPointer, _ d: UnsafeMutableRawPointer, _ to: Scalar, _ n: Int) -> Bool {
    switch to {
    case .int8: unsafe map(s, d, n) { (x: Double) in ks_double_i8(x) }
    case .uint8, .char: unsafe map(s, d, n) { (x: Double) in ks_double_u8(x) }
    case .int16: unsafe map(s, d, n) { (x: Double) in ks_double_i16(x) }
    case .uint16: unsafe map(s, d, n) { (x: Double) in ks_double_u16(x) }
    case .int32: unsafe map(s, d, n) { (x: Double) in ks_double_i32(x) }
    case .uint32: unsafe map(s, d, n) { (x: Double) in ks_double_u32(x) }
    case .int64: unsafe map(s, d, n) { (x: Double) in ks_double_i64(x) }
    case .uint64: unsafe map(s, d, n) { (x: Double) in ks_double_u64(x) }
    case .bool: unsafe map(s, d, n) { (x: Double) in x != 0 ? 1 as UInt8 : 0 }
    case .float16: unsafe map(s, d, n) { (x: Double) in ks_half_from_double(x) }
    case .float32: unsafe map(s, d, n) { (x: Double) in Float(x) }
    case .float64: unsafe map(s, d, n) { (x: UInt64) in x }
    default: false
    }
}
