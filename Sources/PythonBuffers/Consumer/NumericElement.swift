// SPDX-License-Identifier: Apache-2.0

/// A type of numbers that an ``AnyNumericSpan`` may have.
public protocol NumericElement: DirectBufferElement, Numeric, Comparable, Sendable {
    /// The nearest double.
    var double: Double { get }
}

extension NumericElement where Self: BinaryInteger {
    @inlinable public var double: Double { Double(self) }
}
extension NumericElement where Self: BinaryFloatingPoint {
    @inlinable public var double: Double { Double(self) }
}

extension Int8: NumericElement {}
extension UInt8: NumericElement {}
extension Int16: NumericElement {}
extension UInt16: NumericElement {}
extension Int32: NumericElement {}
extension UInt32: NumericElement {}
extension Int64: NumericElement {}
extension UInt64: NumericElement {}
extension Float: NumericElement {}
extension Double: NumericElement {}
#if !(os(macOS) && arch(x86_64))
    extension Float16: NumericElement {}
#endif
