/// The elementary item types of PEP 3118 that hold one value, by meaning and width rather than by spelling:
/// `l` on a 64-bit machine, `q` and `<q` are all ``int64``.
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

    /// Bytes that one value takes, padding of `long double` included.
    @inlinable public var size: Int {
        switch self {
        case .bool, .char, .int8, .uint8: 1
        case .int16, .uint16, .float16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64, .complex64: 8
        case .longDouble: Self.longDoubleSize
        case .complex128: 16
        case .complexLongDouble: 2 * Self.longDoubleSize
        }
    }

    #if arch(x86_64) || arch(arm64)
        @usableFromInline static let longDoubleSize = 16
    #else
        @usableFromInline static let longDoubleSize = 8
    #endif
}
