/// The item types of PEP 3118 that hold one value, by meaning and width rather than by spelling: `l` on a 64-bit machine,
/// `q` and `<q` are all ``int64``.
public enum Scalar: UInt8, Sendable, Hashable, CaseIterable {
    /// One byte; zero is false, everything else true (`?`).
    case bool
    /// One byte of text as `bytes` of length one (`c`).
    case char
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

    /// The scalar of a raw value, or `nil`: the synthesised initialiser, inlinable into other modules.
    @inlinable @inline(__always)
    package init?(known rawValue: UInt8) {
        guard rawValue <= Scalar.complex32.rawValue else { return nil }
        // The raw values are those of the cases, from zero without gaps, and a case is its raw value in memory.
        self = unsafe unsafeBitCast(rawValue, to: Scalar.self)
    }

    /// The size of one value in bytes, including the padding of `long double`.
    @inlinable public var size: Int {
        switch self {
        case .bool, .char, .int8, .uint8: 1
        case .int16, .uint16, .float16: 2
        case .int24, .uint24: 3
        case .int32, .uint32, .float32, .complex32: 4
        case .int64, .uint64, .float64, .complex64: 8
        case .longDouble: Self.longDoubleSize
        case .complex128: 16
        case .complexLongDouble: 2 * Self.longDoubleSize
        }
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
        case .int16, .uint16, .float16, .complex32: MemoryLayout<Int16>.alignment
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
        }
    }

    /// The type of a one-character code; `nil` if it is not that of a scalar with these sizes.
    ///
    /// - Parameter nativeSizes: whether sizes are C's on this machine (`@`, `^`) or the standard ones (`= < > !`), which
    ///   differ for `l` and `L` and exclude `n` and `N`.
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
}
