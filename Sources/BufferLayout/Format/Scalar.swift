// SPDX-License-Identifier: Apache-2.0

/// The item types of PEP 3118 that hold one value, by meaning and width rather than by spelling: `l` on a 64-bit machine,
/// `q` and `<q` are all ``int64``.
public enum Scalar: UInt8, Sendable, Hashable, CaseIterable {
    /// One byte; zero is false, everything else true (`?`).
    case bool
    /// One byte of text as `bytes` of length one (`c`).
    case char
    /// Integers of 1, 2, 4 and 8 bytes, signed and unsigned (`b B h H i I q Q`, and `l L n N` by their width).
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64
    /// IEEE 754 binary16, binary32 and binary64 (`e f d`).
    case float16, float32, float64
    /// C's `long double` on this machine (`g`).
    case longDouble
    /// Two floats, real part first (`Zf Zd Zg`, `F D`).
    case complex64, complex128, complexLongDouble
    /// Integers of three bytes, as in audio files (`m M`). C has no such type: their alignment is 1.
    case int24, uint24
    /// Two halves, real part first (`Ze`).
    case complex32
    /// The upper half of a `float32` (`Rb`).
    case bfloat16
    /// Floats of one byte, named by the bits of their exponent and mantissa (`Rc Rd RK Rn RD Re RE Rh`). `fn` have no
    /// infinities, `uz` no negative zero; ``float8E8M0FNU`` is a power of two.
    case float8E3M4, float8E4M3, float8E4M3B11FNUZ, float8E4M3FN, float8E4M3FNUZ, float8E5M2, float8E5M2FNUZ
    /// A power of two in one byte, without a mantissa, as scales of blocks are (`Rh`).
    case float8E8M0FNU

    /// The scalar of a raw value, or `nil`: the synthesised initialiser, inlinable into other modules.
    @inlinable @inline(__always)
    package init?(known rawValue: UInt8) {
        guard rawValue <= Scalar.float8E8M0FNU.rawValue else { return nil }
        // The raw values are those of the cases, from zero without gaps, and a case is its raw value in memory.
        self = unsafe unsafeBitCast(rawValue, to: Scalar.self)
    }

    /// The size of one value in bytes, including the padding of `long double`.
    @inlinable public var size: Int {
        switch self {
        case .bool, .char, .int8, .uint8: 1
        case .int16, .uint16, .float16, .bfloat16: 2
        case .int24, .uint24: 3
        case .int32, .uint32, .float32, .complex32: 4
        case .int64, .uint64, .float64, .complex64: 8
        case .longDouble: Self.longDoubleSize
        case .complex128: 16
        case .complexLongDouble: 2 * Self.longDoubleSize
        case .float8E3M4, .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2,
            .float8E5M2FNUZ, .float8E8M0FNU:
            1
        }
    }

    /// Whether a value is a float that neither C nor IEEE 754 has: ``bfloat16`` and those of one byte. They are shown to
    /// no consumer but this library, which might take them for integers.
    @inlinable public var isSmallFloat: Bool { Self.isSmallFloat(rawValue) }

    /// As ``isSmallFloat``, of a raw value; `false` for one without a case.
    @_noLocks @inlinable @inline(__always)
    package static func isSmallFloat(_ rawValue: UInt8) -> Bool {
        // They are the last cases.
        rawValue >= bfloat16.rawValue && rawValue <= float8E8M0FNU.rawValue
    }

    /// Whether a value is two floats, each with its own byte order.
    public var isComplex: Bool {
        switch self {
        case .complex32, .complex64, .complex128, .complexLongDouble: true
        default: false
        }
    }

    /// Whether a value is an integer; ``bool`` and ``char`` are not.
    public var isInteger: Bool {
        switch self {
        case .int8, .uint8, .int16, .uint16, .int24, .uint24, .int32, .uint32, .int64, .uint64: true
        default: false
        }
    }

    /// Whether a value is a byte of any meaning: `b`, `B` or `c`.
    package var isByte: Bool { self == .uint8 || self == .int8 || self == .char }

    /// The alignment that C gives one value on this machine.
    @inlinable public var alignment: Int {
        switch self {
        case .bool, .char, .int8, .uint8, .int24, .uint24: 1
        case .float8E3M4, .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2,
            .float8E5M2FNUZ, .float8E8M0FNU:
            1
        case .int16, .uint16, .float16, .complex32, .bfloat16: MemoryLayout<Int16>.alignment
        case .int32, .uint32: MemoryLayout<Int32>.alignment
        case .int64, .uint64: MemoryLayout<Int64>.alignment
        case .float32, .complex64: MemoryLayout<Float>.alignment
        case .float64, .complex128: MemoryLayout<Double>.alignment
        case .longDouble, .complexLongDouble: Self.longDoubleSize
        }
    }

    #if arch(x86_64) || (arch(arm64) && !canImport(Darwin) && !os(Windows))
        @usableFromInline static let longDoubleSize = 16
    #else
        @usableFromInline static let longDoubleSize = 8
    #endif

    /// The shortest spelling in native order: `q` for ``int64``, `Zd` for ``complex128``.
    public var code: StaticString {
        switch self {
        case .bool: "?"
        case .char: "c"
        case .int8: "b"
        case .uint8: "B"
        case .int16: "h"
        case .uint16: "H"
        case .int24: "m"
        case .uint24: "M"
        case .int32: "i"
        case .uint32: "I"
        case .int64: "q"
        case .uint64: "Q"
        case .float16: "e"
        case .float32: "f"
        case .float64: "d"
        case .longDouble: "g"
        case .complex32: "Ze"
        case .complex64: "Zf"
        case .complex128: "Zd"
        case .complexLongDouble: "Zg"
        case .bfloat16: "Rb"
        case .float8E3M4: "Rc"
        case .float8E4M3: "Rd"
        case .float8E4M3B11FNUZ: "RK"
        case .float8E4M3FN: "Rn"
        case .float8E4M3FNUZ: "RD"
        case .float8E5M2: "Re"
        case .float8E5M2FNUZ: "RE"
        case .float8E8M0FNU: "Rh"
        }
    }

    /// The type of a one-character code; `nil` if it is not that of a scalar with these sizes.
    ///
    /// - Parameters:
    ///   - code: the ASCII letter.
    ///   - nativeSizes: whether sizes are C's on this machine (`@`, `^`) or the standard ones (`= < > !`), which differ
    ///     for `l` and `L` and exclude `n` and `N`.
    @inlinable
    public init?(code: UInt8, nativeSizes: Bool) {
        switch code {
        case UInt8(ascii: "B"): self = .uint8
        case UInt8(ascii: "d"): self = .float64
        case UInt8(ascii: "f"): self = .float32
        case UInt8(ascii: "i"): self = .int32
        case UInt8(ascii: "q"): self = .int64
        case UInt8(ascii: "l"): self = nativeSizes && MemoryLayout<CLong>.size == 8 ? .int64 : .int32
        case UInt8(ascii: "b"): self = .int8
        case UInt8(ascii: "?"): self = .bool
        case UInt8(ascii: "c"): self = .char
        case UInt8(ascii: "h"): self = .int16
        case UInt8(ascii: "H"): self = .uint16
        case UInt8(ascii: "I"): self = .uint32
        case UInt8(ascii: "L"): self = nativeSizes && MemoryLayout<CLong>.size == 8 ? .uint64 : .uint32
        case UInt8(ascii: "Q"): self = .uint64
        case UInt8(ascii: "n") where nativeSizes: self = MemoryLayout<Int>.size == 8 ? .int64 : .int32
        case UInt8(ascii: "N") where nativeSizes: self = MemoryLayout<Int>.size == 8 ? .uint64 : .uint32
        case UInt8(ascii: "e"): self = .float16
        case UInt8(ascii: "g"): self = .longDouble
        case UInt8(ascii: "m"): self = .int24
        case UInt8(ascii: "M"): self = .uint24
        case UInt8(ascii: "F"): self = .complex64
        case UInt8(ascii: "D"): self = .complex128
        case UInt8(ascii: "G"): self = .complexLongDouble
        default: return nil
        }
    }

    /// The complex type of `Z` and this code.
    @inlinable
    public init?(complexCode code: UInt8) {
        switch code {
        case UInt8(ascii: "e"): self = .complex32
        case UInt8(ascii: "f"): self = .complex64
        case UInt8(ascii: "d"): self = .complex128
        case UInt8(ascii: "g"): self = .complexLongDouble
        default: return nil
        }
    }

    /// The type of `R` ("reduced precision", a letter of this library) and this code.
    ///
    /// The letter counts the bits of the exponent, from `c` for 3 on; `n` stands for the variant `fn`, capitals for `fnuz`,
    /// among them `K`, the eleventh letter, for the bias 11.
    @inlinable
    public init?(reducedCode code: UInt8) {
        switch code {
        case UInt8(ascii: "b"): self = .bfloat16
        case UInt8(ascii: "c"): self = .float8E3M4
        case UInt8(ascii: "d"): self = .float8E4M3
        case UInt8(ascii: "K"): self = .float8E4M3B11FNUZ
        case UInt8(ascii: "n"): self = .float8E4M3FN
        case UInt8(ascii: "D"): self = .float8E4M3FNUZ
        case UInt8(ascii: "e"): self = .float8E5M2
        case UInt8(ascii: "E"): self = .float8E5M2FNUZ
        case UInt8(ascii: "h"): self = .float8E8M0FNU
        default: return nil
        }
    }
}
