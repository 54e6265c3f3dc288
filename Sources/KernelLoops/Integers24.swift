// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import KernelShims

// Integers of three bytes. They are widened to integers of four bytes, which the other loops take, a block at a time in
// memory that the first-level cache holds; the commonest conversions write the result directly.

/// The number of integers in a block.
private let blockCount = 1024

/// Widens `count` contiguous integers of 24 bits to integers of 32 bits, by their sign if `signed`.
@inline(__always)
private func widen(
    _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int, signed: Bool
) {
    var i = 0
    if ks_has_integers24() {
        let step = ks_vector_width() / 4
        while 3 &* (count &- i) >= ks_reach24() {
            unsafe ks_widen24(source + 3 &* i, destination + 4 &* i, signed)
            i &+= step
        }
    }
    while i < count {
        let bits = unsafe ks_load24(source + 3 &* i, isBigEndian)
        let value = signed ? UInt32(bitPattern: Int32(bitPattern: bits &<< 8) &>> 8) : bits
        unsafe destination.storeBytes(of: value, toByteOffset: 4 &* i, as: UInt32.self)
        i &+= 1
    }
}

/// Writes the lower 24 bits of `count` native integers of 32 bits.
@inline(__always)
private func narrow(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int) {
    var i = 0
    if ks_has_integers24() {
        let step = ks_vector_width() / 4
        while i &+ step <= count {
            unsafe ks_narrow24(source + 4 &* i, destination + 3 &* i)
            i &+= step
        }
    }
    while i < count {
        unsafe ks_store24(
            destination + 3 &* i, source.loadUnaligned(fromByteOffset: 4 &* i, as: UInt32.self), isBigEndian)
        i &+= 1
    }
}

@inline(never)
private func widenSigned(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int) {
    unsafe widen(source, destination, count, signed: true)
}

@inline(never)
private func widenUnsigned(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int) {
    unsafe widen(source, destination, count, signed: false)
}

/// As ``InnerLoops/convertContiguous(_:from:_:to:count:)``, from a type of 24 bits to one of another size.
func widened24(
    _ source: UnsafeRawPointer, from: Scalar, _ destination: UnsafeMutableRawPointer, to: Scalar, count: Int
) -> Bool {
    let widen = unsafe from == .int24 ? widenSigned : widenUnsigned
    switch to {
    case .int32, .uint32:
        unsafe widen(source, destination, count)
        return true
    case .float32 where ks_has_integers24():
        let done =
            unsafe from == .int24
            ? floats(source, destination, count, signed: true) : floats(source, destination, count, signed: false)
        return unsafe inBlocks(
            source + 3 &* done, from: from, destination + 4 &* done, to: to, count: count &- done, widen)
    default:
        return unsafe inBlocks(source, from: from, destination, to: to, count: count, widen)
    }
}

/// Converts all integers but the last few to float32; returns how many were converted.
@inline(__always)
private func floats(
    _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int, signed: Bool
) -> Int {
    var i = 0
    while 3 &* (count &- i) >= ks_reach24() {
        unsafe ks_float24(source + 3 &* i, destination + 4 &* i, signed)
        i &+= ks_vector_width() / 4
    }
    return i
}

private func inBlocks(
    _ source: UnsafeRawPointer, from: Scalar, _ destination: UnsafeMutableRawPointer, to: Scalar, count: Int,
    _ widen: (UnsafeRawPointer, UnsafeMutableRawPointer, Int) -> Void
) -> Bool {
    let wide: Scalar = from == .int24 ? .int32 : .uint32
    return unsafe withBlock { block in
        var i = 0
        while i < count {
            let part = min(blockCount, count &- i)
            unsafe widen(source + 3 &* i, block, part)
            guard
                unsafe Loops.convertContiguous(block, from: wide, destination + i &* to.size, to: to, count: part)
            else { return false }
            i &+= part
        }
        return true
    }
}

/// As ``InnerLoops/convertContiguous(_:from:_:to:count:)``, to a type of 24 bits.
func narrowed24(
    _ source: UnsafeRawPointer, from: Scalar, _ destination: UnsafeMutableRawPointer, to: Scalar, count: Int
) -> Bool {
    switch from {
    case .int24, .uint24:
        unsafe destination.copyMemory(from: source, byteCount: 3 &* count)
        return true
    case .int32, .uint32:
        unsafe narrow(source, destination, count)
        return true
    default: break
    }
    let isFloat = from == .float16 || from == .float32 || from == .float64
    return unsafe withBlock { block in
        var i = 0
        while i < count {
            let part = min(blockCount, count &- i)
            // Floats give the nearest integer of 32 bits, and then of 24; integers lose their upper bits.
            guard
                unsafe Loops.convertContiguous(
                    source + i &* from.size, from: from, block, to: to == .int24 ? .int32 : .uint32, count: part)
            else { return false }
            if isFloat {
                if to == .int24 {
                    unsafe clampAll(block, count: part, low: Int32(-0x80_0000), high: 0x7f_ffff)
                } else {
                    unsafe clampAll(block, count: part, low: UInt32(0), high: 0xff_ffff)
                }
            }
            unsafe narrow(block, destination + 3 &* i, part)
            i &+= part
        }
        return true
    }
}

/// Reverses the bytes of `count` integers; the two sides are equal or do not overlap.
func swap24(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int) {
    var i = 0
    if ks_has_integers24() {
        while 3 &* (count &- i) >= ks_reach24() {
            unsafe ks_swap24(source + 3 &* i, destination + 3 &* i)
            i &+= ks_vector_width() / 4
        }
    }
    while i < count {
        unsafe ks_store24(destination + 3 &* i, ks_load24(source + 3 &* i, true), false)
        i &+= 1
    }
}

/// Calls `body` with one block of integers after the other, widened to 32 bits, until it returns false.
func forEachBlock24(_ source: UnsafeRawPointer, _ count: Int, _ body: (UnsafeRawPointer, Int, Int) -> Bool) {
    unsafe withBlock { block in
        var i = 0
        while i < count {
            let part = min(blockCount, count &- i)
            unsafe widenUnsigned(source + 3 &* i, block, part)
            guard unsafe body(UnsafeRawPointer(block), i, part) else { return }
            i &+= part
        }
    }
}

@inline(__always)
private func withBlock<Result>(_ body: (UnsafeMutableRawPointer) -> Result) -> Result {
    unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { unsafe body($0.baseAddress!) }
}

private var isBigEndian: Bool { 1.bigEndian == 1 }
