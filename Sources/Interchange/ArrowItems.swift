// SPDX-License-Identifier: Apache-2.0
package import BufferLayout

// Items as Arrow describes them: one character, or a number of bytes.

extension Format {
    /// Arrow's format of the items; `nil` for items that it has not, or not as whole bytes.
    package var arrowFormat: String? {
        guard let type = onlyType else { return nil }
        switch type {
        case .bytes(let count): return "w:\(count)"
        case .scalar(let scalar, swapped: false): return scalar.arrowFormat
        default: return nil
        }
    }

    /// The numbers, each by the letter that Arrow has for it.
    private static let numbers: [Format?] = {
        var known = [Format?](repeating: nil, count: 128)
        for scalar in Scalar.allCases {
            if let letter = scalar.arrowFormat?.utf8.first { known[Int(letter)] = Format(scalar) }
        }
        return known
    }()

    /// The items of one of Arrow's formats that is one letter; `nil` for all others.
    static func known(arrowFormat text: String) -> Format? {
        guard let letter = text.utf8.first, text.utf8.count == 1, letter < 128 else { return nil }
        return numbers[Int(letter)]
    }

    /// The items of one of Arrow's formats; `nil` where there are none of whole bytes.
    init?(arrowFormat text: String) {
        if text.hasPrefix("w:") {
            guard let count = Int(text.dropFirst(2)), count >= 0 else { return nil }
            self.init(.bytes(count))
            return
        }
        guard let scalar = Scalar.allCases.first(where: { $0.arrowFormat == text }) else { return nil }
        self.init(scalar)
    }

    /// The type of the only value of an item.
    private var onlyType: ItemType? {
        guard fields.count == 1, let field = fields.first, field.repeats == 1, field.name == nil, field.offset == 0,
            field.type.size == itemsize
        else { return nil }
        return field.type
    }
}

extension Scalar {
    fileprivate var arrowFormat: String? {
        switch self {
        case .int8: "c"
        case .uint8: "C"
        case .int16: "s"
        case .uint16: "S"
        case .int32: "i"
        case .uint32: "I"
        case .int64: "l"
        case .uint64: "L"
        case .float16: "e"
        case .float32: "f"
        case .float64: "g"
        // Arrow's truth values are bits, and it has neither complex numbers nor smaller floats than halves.
        case .bool, .char, .int24, .uint24, .longDouble, .complex32, .complex64, .complex128, .complexLongDouble,
            .bfloat16, .float8E3M4, .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2,
            .float8E5M2FNUZ, .float8E8M0FNU:
            nil
        }
    }
}
