// SPDX-License-Identifier: Apache-2.0
public import BufferLayout

/// A Swift type that items of a buffer are read and written as: the fixed-width integers, `Int` and `UInt`, the floats
/// and `Bool`.
///
/// Which formats fit is decided by meaning, not by spelling: `Int64` reads `q`, `<q` on a little-endian machine, and
/// `l` where C's `long` has 64 bits.
public protocol BufferElement: BitwiseCopyable, Sendable {
    /// The item type whose bytes this type reads.
    static var scalar: Scalar { get }

    /// The value stored at an address, of any alignment.
    @unsafe static func load(at address: UnsafeRawPointer) -> Self

    /// Stores the value at an address, of any alignment.
    @unsafe func store(at address: UnsafeMutableRawPointer)
}

extension BufferElement {
    /// As ``load(at:)``, of a value whose bytes may be in the other order.
    @unsafe @inlinable @inline(__always)
    static func load(at address: UnsafeRawPointer, swapped: Bool) -> Self {
        swapped && scalar.size > 1 ? unsafe loadSwapped(at: address) : unsafe load(at: address)
    }

    @unsafe @inlinable
    static func loadSwapped(at address: UnsafeRawPointer) -> Self {
        // Of a complex number each part has an order of its own. The sizes of parts are powers of two.
        let size = scalar.size
        let part = scalar.isComplex ? size / 2 : size
        return unsafe withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { bytes in
            for index in 0..<size {
                unsafe bytes[index] = address.load(fromByteOffset: index ^ (part - 1), as: UInt8.self)
            }
            return unsafe load(at: UnsafeRawPointer(bytes.baseAddress!))
        }
    }
}

/// A ``BufferElement`` for which all bytes are valid values, so that a `Span` of it may show memory that Python fills.
/// `Bool` does not conform: Swift allows the bytes 0 and 1 only, and a `?` item may hold others.
public protocol DirectBufferElement: BufferElement {}

extension DirectBufferElement {
    @unsafe @inlinable @inline(__always)
    public static func load(at address: UnsafeRawPointer) -> Self { unsafe address.loadUnaligned(as: Self.self) }

    @unsafe @inlinable @inline(__always)
    public func store(at address: UnsafeMutableRawPointer) { unsafe address.storeBytes(of: self, as: Self.self) }
}

extension Int8: DirectBufferElement { public static var scalar: Scalar { .int8 } }
extension UInt8: DirectBufferElement { public static var scalar: Scalar { .uint8 } }
extension Int16: DirectBufferElement { public static var scalar: Scalar { .int16 } }
extension UInt16: DirectBufferElement { public static var scalar: Scalar { .uint16 } }
extension Int32: DirectBufferElement { public static var scalar: Scalar { .int32 } }
extension UInt32: DirectBufferElement { public static var scalar: Scalar { .uint32 } }
extension Int64: DirectBufferElement { public static var scalar: Scalar { .int64 } }
extension UInt64: DirectBufferElement { public static var scalar: Scalar { .uint64 } }
#if _pointerBitWidth(_64)
    extension Int: DirectBufferElement { public static var scalar: Scalar { .int64 } }
    extension UInt: DirectBufferElement { public static var scalar: Scalar { .uint64 } }
#else
    extension Int: DirectBufferElement { public static var scalar: Scalar { .int32 } }
    extension UInt: DirectBufferElement { public static var scalar: Scalar { .uint32 } }
#endif
extension Float: DirectBufferElement { public static var scalar: Scalar { .float32 } }
extension Double: DirectBufferElement { public static var scalar: Scalar { .float64 } }
#if !(os(macOS) && arch(x86_64))
    extension Float16: DirectBufferElement { public static var scalar: Scalar { .float16 } }
#endif

extension Bool: BufferElement {
    public static var scalar: Scalar { .bool }

    /// Every byte but zero is true, as for the `struct` module.
    @unsafe @inlinable @inline(__always)
    public static func load(at address: UnsafeRawPointer) -> Bool { unsafe address.load(as: UInt8.self) != 0 }

    @unsafe @inlinable @inline(__always)
    public func store(at address: UnsafeMutableRawPointer) {
        unsafe address.storeBytes(of: self ? 1 : 0, as: UInt8.self)
    }
}
