// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import KernelInterface

// Single small floats; see ``Scalar/isSmallFloat``.

extension Kernels {
    /// The value at an address, of any alignment, in native byte order.
    ///
    /// - Precondition: `type` is a small float, and `address` is that of a value of it.
    package static func double(ofSmallFloat type: Scalar, at address: UnsafeRawPointer) -> Double {
        var value = 0.0
        unsafe withUnsafeMutableBytes(of: &value) { result in
            // As large as a double.
            _ = unsafe loops.convertContiguous(address, from: type, result.baseAddress!, to: .float64, count: 1)
        }
        return value
    }

    /// The bits of the value nearest to a number, ties to even; `nil` for a number that is beyond the largest, an
    /// infinity that the type has not, and what is not positive for ``Scalar/float8E8M0FNU``.
    ///
    /// - Precondition: `type` is a small float.
    package static func bits(ofSmallFloat type: Scalar, nearestTo number: Double) -> UInt16? {
        var number = number
        var bits: UInt16 = 0
        let value = unsafe withUnsafeMutableBytes(of: &bits) { bits in
            // There is room for two bytes, and at least one is written.
            unsafe withUnsafeBytes(of: &number) { number in
                _ = unsafe loops.convertContiguous(
                    number.baseAddress!, from: .float64, bits.baseAddress!, to: type, count: 1)
            }
            return unsafe double(ofSmallFloat: type, at: UnsafeRawPointer(bits.baseAddress!))
        }
        guard value.isNaN == number.isNaN, value.isInfinite == number.isInfinite else { return nil }
        return type.size == 1 ? UInt16(littleEndian: bits) : bits
    }
}
