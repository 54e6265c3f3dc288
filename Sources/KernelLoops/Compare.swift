// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import KernelShims

extension Loops {
    @inline(never)
    package static func equalFloats(
        _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, type: Scalar, count: Int, nanEqual: Bool
    ) -> Bool {
        switch (type, nanEqual) {
        case (.float16, false): unsafe noneDiffers(a, b, count) { (x: UInt16, y: UInt16) in differ(half: x, y) }
        case (.float16, true):
            unsafe noneDiffers(a, b, count) { (x: UInt16, y: UInt16) in differ(half: x, y) && !bothNaN(x, y) }
        case (.float32, false): unsafe noneDiffers(a, b, count) { (x: Float, y: Float) in x != y }
        case (.float32, true): unsafe noneDiffers(a, b, count) { (x: Float, y: Float) in x != y && (x == x || y == y) }
        case (.float64, false): unsafe noneDiffers(a, b, count) { (x: Double, y: Double) in x != y }
        case (.float64, true):
            unsafe noneDiffers(a, b, count) { (x: Double, y: Double) in x != y && (x == x || y == y) }
        default: unsafe equalSmallFloats(a, b, type: type, count: count, nanEqual: nanEqual)
        }
    }

    @inline(never)
    package static func equalMixed(
        _ integers: UnsafeRawPointer, signed: Bool, _ doubles: UnsafeRawPointer, count: Int
    ) -> Bool {
        if signed {
            unsafe noneDiffers(integers, doubles, count) { (x: Int64, y: Double) in
                // Rounded to double, `x` must give `y`; and `y` as an integer must give `x`, unless it is 2**63.
                Double(x) != y || y == 0x1p63 || ks_double_i64(y) != x
            }
        } else {
            unsafe noneDiffers(integers, doubles, count) { (x: UInt64, y: Double) in
                Double(x) != y || y == 0x1p64 || ks_double_u64(y) != x
            }
        }
    }

    @inline(never)
    package static func anyNegative(_ items: UnsafeRawPointer, count: Int) -> Bool {
        unsafe !noneDiffers(items, items, count) { (x: Int64, _: Int64) in x < 0 }
    }
}

@inline(__always)
private func differ(half x: UInt16, _ y: UInt16) -> Bool {
    let bothZero = (x | y) & 0x7fff == 0
    return (x != y && !bothZero) || x & 0x7fff > 0x7c00
}

@inline(__always)
private func bothNaN(_ x: UInt16, _ y: UInt16) -> Bool { x & 0x7fff > 0x7c00 && y & 0x7fff > 0x7c00 }

/// Whether no pair differs. Blocks are compared without branches, so that the loop is vectorised; the first block with a
/// difference ends it.
@inline(__always)
func noneDiffers<A: BitwiseCopyable, B: BitwiseCopyable>(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int, _ differs: (A, B) -> Bool
) -> Bool {
    var i = 0
    while i < count {
        let end = min(i &+ 256, count)
        var found: UInt8 = 0
        while i < end {
            let x = unsafe a.loadUnaligned(fromByteOffset: i &* MemoryLayout<A>.size, as: A.self)
            let y = unsafe b.loadUnaligned(fromByteOffset: i &* MemoryLayout<B>.size, as: B.self)
            found |= differs(x, y) ? 1 : 0
            i &+= 1
        }
        if found != 0 { return false }
    }
    return true
}
