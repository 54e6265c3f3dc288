// SPDX-License-Identifier: Apache-2.0
public import BufferLayout

/// A complex number as Python, NumPy and C keep it: two floats, real part first. Formats `Zf`, `Zd` and, of two halves,
/// `Ze`.
@frozen
public struct Complex<Part: ComplexComponent>: Hashable, Sendable, BitwiseCopyable {
    /// The real part.
    public var real: Part
    /// The imaginary part.
    public var imaginary: Part

    /// The number `real + imaginary * i`.
    @inlinable
    public init(real: Part, imaginary: Part) {
        self.real = real
        self.imaginary = imaginary
    }
}

/// A float that complex numbers in buffers are made of.
public protocol ComplexComponent: DirectBufferElement, BinaryFloatingPoint, BitwiseCopyable, Sendable {
    /// The item that is two of them.
    static var complexScalar: Scalar { get }
}

extension Complex: BufferElement, DirectBufferElement {
    @inlinable public static var scalar: Scalar { Part.complexScalar }
}

extension Float: ComplexComponent {
    @inlinable public static var complexScalar: Scalar { .complex64 }
}
extension Double: ComplexComponent {
    @inlinable public static var complexScalar: Scalar { .complex128 }
}
#if !(os(macOS) && arch(x86_64))
    extension Float16: ComplexComponent {
        @inlinable public static var complexScalar: Scalar { .complex32 }
    }
#endif
