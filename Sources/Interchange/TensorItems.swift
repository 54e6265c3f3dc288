// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
package import InterchangeShims

// Items as DLPack describes them: a kind of number, and its bits.

extension SBTensorType {
    /// The item of a scalar in native byte order; `nil` for text, and for a `long double` that is no number of a
    /// standard width.
    package init?(_ scalar: Scalar) {
        let kind =
            switch scalar {
            case .bool: SB_TENSOR_BOOL
            case .char: nil as Int?
            case .int8, .int16, .int24, .int32, .int64: SB_TENSOR_INT
            case .uint8, .uint16, .uint24, .uint32, .uint64: SB_TENSOR_UINT
            case .float16, .float32, .float64: SB_TENSOR_FLOAT
            case .longDouble: scalar.size == 8 ? SB_TENSOR_FLOAT : nil
            case .complex32, .complex64, .complex128: SB_TENSOR_COMPLEX
            case .complexLongDouble: scalar.size == 16 ? SB_TENSOR_COMPLEX : nil
            case .bfloat16: SB_TENSOR_BFLOAT
            case .float8E3M4: SB_TENSOR_FLOAT8_E3M4
            case .float8E4M3: SB_TENSOR_FLOAT8_E4M3
            case .float8E4M3B11FNUZ: SB_TENSOR_FLOAT8_E4M3B11FNUZ
            case .float8E4M3FN: SB_TENSOR_FLOAT8_E4M3FN
            case .float8E4M3FNUZ: SB_TENSOR_FLOAT8_E4M3FNUZ
            case .float8E5M2: SB_TENSOR_FLOAT8_E5M2
            case .float8E5M2FNUZ: SB_TENSOR_FLOAT8_E5M2FNUZ
            case .float8E8M0FNU: SB_TENSOR_FLOAT8_E8M0FNU
            }
        guard let kind else { return nil }
        self.init(kind: UInt8(kind), bits: UInt8(8 * scalar.size), lanes: 1)
    }

    /// The scalar of an item; `nil` where there is none.
    var scalar: Scalar? {
        guard lanes == 1, kind < Self.scalars.count, bits.isMultiple(of: 8) else { return nil }
        let (size, sizes) = (Int(bits / 8), Self.scalars[Int(kind)])
        return size < sizes.count ? sizes[size] : nil
    }

    /// The scalars by their kind and their size.
    private static let scalars: [[Scalar?]] = {
        var known: [[Scalar?]] = []
        // Of two scalars that are described alike the first one is meant: `float64`, not a `long double` of its size.
        for scalar in Scalar.allCases.reversed() {
            guard let type = SBTensorType(scalar) else { continue }
            while known.count <= type.kind { known.append([]) }
            while known[Int(type.kind)].count <= scalar.size { known[Int(type.kind)].append(nil) }
            known[Int(type.kind)][scalar.size] = scalar
        }
        return known
    }()

    /// The item for a message: `bfloat of 16 bits`.
    var description: String {
        let names = [
            "int", "uint", "float", "opaque handle", "bfloat", "complex", "bool", "float8_e3m4", "float8_e4m3",
            "float8_e4m3b11fnuz", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz",
            "float8_e8m0fnu", "float6_e2m3fn", "float6_e3m2fn", "float4_e2m1fn",
        ]
        let name = Int(kind) < names.count ? names[Int(kind)] : "kind \(kind)"
        return "\(name) of \(bits) bits" + (lanes == 1 ? "" : " in \(lanes) lanes")
    }
}

extension SBTensorDevice {
    package static var cpu: SBTensorDevice { SBTensorDevice(kind: Int32(SB_DEVICE_CPU), number: 0) }

    /// Whether the CPU reads the device's memory.
    package var isReadable: Bool {
        switch Int(kind) {
        case SB_DEVICE_CPU, SB_DEVICE_CUDA_HOST, SB_DEVICE_ROCM_HOST, SB_DEVICE_CUDA_MANAGED: true
        default: false
        }
    }
}
