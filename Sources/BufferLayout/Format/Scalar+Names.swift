// SPDX-License-Identifier: Apache-2.0

// What NumPy calls the scalar types.

extension Scalar {
    /// NumPy's name: `float32`, `longdouble`; `nil` for ``char``, which NumPy has not.
    package var name: String? {
        switch self {
        case .bool: "bool"
        case .char: nil
        case .int8: "int8"
        case .uint8: "uint8"
        case .int16: "int16"
        case .uint16: "uint16"
        case .int24: "int24"
        case .uint24: "uint24"
        case .int32: "int32"
        case .uint32: "uint32"
        case .int64: "int64"
        case .uint64: "uint64"
        case .float16: "float16"
        case .float32: "float32"
        case .float64: "float64"
        case .longDouble: "longdouble"
        case .complex32: "complex32"
        case .complex64: "complex64"
        case .complex128: "complex128"
        case .complexLongDouble: "clongdouble"
        // As ml_dtypes, an extension of NumPy, names them.
        case .bfloat16: "bfloat16"
        case .float8E3M4: "float8_e3m4"
        case .float8E4M3: "float8_e4m3"
        case .float8E4M3B11FNUZ: "float8_e4m3b11fnuz"
        case .float8E4M3FN: "float8_e4m3fn"
        case .float8E4M3FNUZ: "float8_e4m3fnuz"
        case .float8E5M2: "float8_e5m2"
        case .float8E5M2FNUZ: "float8_e5m2fnuz"
        case .float8E8M0FNU: "float8_e8m0fnu"
        }
    }

    /// The type of this name.
    package init?(name: String) {
        guard let scalar = Scalar.allCases.first(where: { $0.name == name }) else { return nil }
        self = scalar
    }

    /// NumPy's letter for this kind of type, which it writes before the number of bytes: `f` of `<f4`. `nil` for types that
    /// such a text does not tell from others.
    var numPyKind: UInt8? {
        switch self {
        case .bool: UInt8(ascii: "b")
        case .char: nil
        case .int8, .int16, .int24, .int32, .int64: UInt8(ascii: "i")
        case .uint8, .uint16, .uint24, .uint32, .uint64: UInt8(ascii: "u")
        case .float16, .float32, .float64, .longDouble: UInt8(ascii: "f")
        case .complex32, .complex64, .complex128, .complexLongDouble: UInt8(ascii: "c")
        case .bfloat16, .float8E3M4, .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ,
            .float8E5M2, .float8E5M2FNUZ, .float8E8M0FNU:
            nil
        }
    }

    /// The type of a kind of NumPy's and a number of bytes.
    init?(numPyKind kind: UInt8, size: Int) {
        // Where a `long double` has 8 bytes, `float64` comes first.
        guard let scalar = Scalar.allCases.first(where: { $0.numPyKind == kind && $0.size == size }) else { return nil }
        self = scalar
    }
}
