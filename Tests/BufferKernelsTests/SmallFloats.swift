// SPDX-License-Identifier: Apache-2.0
import BufferLayout

/// Small floats by their definitions, with the standard library's own arithmetic.
struct SmallFloatModel {
    /// Bits of the mantissa, what is added to the exponent, and the largest finite number.
    let mantissa: Int
    let bias: Int
    let largest: Wide
    /// Whether there are a sign, infinities, and a negative zero. Without a sign there is no zero at all.
    let hasSign: Bool
    let hasInfinities: Bool
    let hasNegativeZero: Bool

    init?(_ scalar: Scalar) {
        let (mantissa, bias, largest): (Int, Int, Wide)
        switch scalar {
        case .bfloat16: (mantissa, bias, largest) = (7, 127, 0x1.fep127)
        case .float8E3M4: (mantissa, bias, largest) = (4, 3, 15.5)
        case .float8E4M3: (mantissa, bias, largest) = (3, 7, 240)
        case .float8E4M3B11FNUZ: (mantissa, bias, largest) = (3, 11, 30)
        case .float8E4M3FN: (mantissa, bias, largest) = (3, 7, 448)
        case .float8E4M3FNUZ: (mantissa, bias, largest) = (3, 8, 240)
        case .float8E5M2: (mantissa, bias, largest) = (2, 15, 57344)
        case .float8E5M2FNUZ: (mantissa, bias, largest) = (2, 16, 57344)
        case .float8E8M0FNU: (mantissa, bias, largest) = (0, 127, 0x1p127)
        default: return nil
        }
        self.mantissa = mantissa
        self.bias = bias
        self.largest = largest
        hasSign = scalar != .float8E8M0FNU
        hasInfinities = [.bfloat16, .float8E3M4, .float8E4M3, .float8E5M2].contains(scalar)
        hasNegativeZero = hasInfinities || scalar == .float8E4M3FN
        signBit = scalar.size == 2 ? 0x8000 : 0x80
    }

    private let signBit: Int

    /// The number of a code.
    func number(_ code: Int) -> Wide {
        guard hasSign else {
            return code == 0xff ? .nan : Wide(sign: .plus, exponent: code - bias, significand: 1)
        }
        if !hasNegativeZero && code == signBit { return .nan }
        let magnitude = code & (signBit - 1)
        let (exponent, fraction) = (magnitude >> mantissa, Wide(magnitude & (1 << mantissa - 1)))
        let unit = Wide(sign: .plus, exponent: max(exponent, 1) - bias - mantissa, significand: 1)
        var value = (exponent > 0 ? fraction + Wide(1 << mantissa) : fraction) * unit
        if value > largest { value = hasInfinities && fraction == 0 ? .infinity : .nan }
        return code & signBit != 0 ? -value : value
    }

    /// The code of the number nearest to another one.
    func code(_ number: Wide) -> Int {
        let infinite = code(ofFinite: largest) + 1
        let sign = hasSign && number.sign == .minus ? signBit : 0
        guard hasSign else {
            if !(number > 0) { return 0xff }
            // There is no zero to round to.
            let rounded = max(rounded(number), 0x1p-127)
            return rounded > largest ? 0xff : code(ofFinite: rounded)
        }
        if number.isNaN { return hasNegativeZero ? sign | (signBit - 1) : signBit }
        let rounded = rounded(number.magnitude)
        if rounded > largest { return hasNegativeZero ? sign | infinite : signBit }
        return rounded == 0 && !hasNegativeZero ? 0 : sign | code(ofFinite: rounded)
    }

    private var smallestExponent: Int { hasSign ? 1 - bias : -bias }

    /// A number that is not negative, to as many digits as there are, ties to even.
    private func rounded(_ number: Wide) -> Wide {
        guard number.isFinite, number > 0 else { return number }
        let exponent = max(Int(number.exponent), smallestExponent) - mantissa
        // Beyond all of the types.
        if exponent > 200 { return .infinity }
        let unit = Wide(sign: .plus, exponent: exponent, significand: 1)
        return (number / unit).rounded(.toNearestOrEven) * unit
    }

    private func code(ofFinite number: Wide) -> Int {
        if number == 0 { return 0 }
        let exponent = max(Int(number.exponent), smallestExponent)
        let digits = Int(number / Wide(sign: .plus, exponent: exponent - mantissa, significand: 1))
        if !hasSign { return exponent + bias }
        // The leading digit of a normal number stands for an exponent field of 1.
        return (exponent - smallestExponent) << mantissa + digits
    }
}
