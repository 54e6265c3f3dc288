// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import FuzzInput

/// What libFuzzer calls with every input.
@c(LLVMFuzzerTestOneInput)
public func tryInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FormatsTarget.run(unsafe bytes(data, count))
    return 0
}

/// The bytes are a format. Read, it makes sense; printed and read again, it is the same.
enum FormatsTarget {
    static func run(_ bytes: [UInt8]) {
        let format: Format
        do throws(FormatError) {
            format = try Format(utf8: bytes.span)
        } catch {
            require((0...bytes.count).contains(error.offset), "error at \(error.offset)")
            require(error.message.utf8.starts(with: "bad format '".utf8), error.message)
            checkShortWay(bytes, nil)
            return
        }
        check(format)
        checkRoundTrip(format)
        checkShortWay(bytes, format)
        let type = ItemType.structure(format)
        require(type.packed.isEquivalent(to: type) && type.isEquivalent(to: type.packed), "packed \(format)")
        if case .structure(let packed) = type.packed {
            check(packed)
            checkRoundTrip(packed)
        }
    }

    /// Fields stand in order inside of the item, and sizes are what their parts add up to.
    private static func check(_ format: Format) {
        require(format.itemsize >= 0, "\(format)")
        require([1, 2, 4, 8, 16].contains(format.alignment), "alignment \(format.alignment)")
        var end: Int128 = 0
        /// Bits of the byte before the end that bit fields have taken.
        var lastByte: UInt8 = 0
        var names: Set<String> = []
        var values: Int128 = 0
        for field in format.fields {
            require(field.repeats >= 1 && (field.name == nil || field.repeats == 1), "\(field)")
            let size = size(of: field.type)
            if case .bits(let bits) = field.type {
                // It may begin in the byte in which another bit field ends.
                let shares = Int128(field.offset) == end - 1
                require(shares || Int128(field.offset) >= end, "\(field) overlaps what ends at \(end)")
                require(!shares || lastByte & bits.mask(ofByte: 0) == 0, "\(field) takes bits twice")
                lastByte = bits.mask(ofByte: bits.size - 1) | (shares && bits.size == 1 ? lastByte : 0)
            } else {
                require(Int128(field.offset) >= end, "\(field) overlaps what ends at \(end)")
                lastByte = 0xFF
            }
            require(size == Int128(field.type.size), "\(field) has \(size) bytes")
            end = Int128(field.offset) + size * Int128(field.repeats)
            require(
                Int128(field.offset(ofRepeat: field.repeats - 1)) + size == end || size == 0, "last of \(field)")
            if let name = field.name { require(names.insert(name).inserted, "two of \(name)") }
            values += Int128(field.repeats)
        }
        require(end <= Int128(format.itemsize), "fields end at \(end) of \(format.itemsize)")
        require(values == Int128(format.valueCount), "\(values) values")
        require(values <= Int128(format.itemsize) + 65536 * Int128(format.fields.count), "\(values) values")
    }

    /// The bytes of a value, in numbers that hold every product.
    private static func size(of type: ItemType) -> Int128 {
        switch type {
        case .scalar(let scalar, _):
            switch scalar {
            case .bool, .char, .int8, .uint8, .float8E3M4, .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN,
                .float8E4M3FNUZ, .float8E5M2, .float8E5M2FNUZ, .float8E8M0FNU:
                return 1
            case .int16, .uint16, .float16, .bfloat16: return 2
            case .int24, .uint24: return 3
            case .int32, .uint32, .float32, .complex32: return 4
            case .int64, .uint64, .float64, .complex64: return 8
            case .complex128: return 16
            case .longDouble, .complexLongDouble: return Int128(scalar.size)
            }
        case .bytes(let length), .pascal(let length), .void(let length):
            require(length >= 0, "\(type)")
            return Int128(length)
        case .bits(let field):
            let taken = (0..<field.size).map { field.mask(ofByte: $0) }
            require(taken.allSatisfy { $0 != 0 }, "\(type) takes a byte without a bit of its own")
            require(taken.reduce(0) { $0 + $1.nonzeroBitCount } == field.width, "\(type) has other bits")
            require((1...64).contains(field.width) && (0..<8).contains(field.shift), "\(type)")
            return Int128(field.size)
        case .opaque(_, let size, _):
            require([1, 2, 4, 8, 16].contains(size), "\(type)")
            return Int128(size)
        case .pointer, .object: return Int128(Int.bitWidth / 8)
        case .ucs2(let length, _):
            require(length >= 0, "\(type)")
            return 2 * Int128(length)
        case .ucs4(let length, _):
            require(length >= 0, "\(type)")
            return 4 * Int128(length)
        case .array(let shape, let element):
            if case .array = element { fatalError("an array of arrays: \(type)") }
            if case .bits = element { fatalError("an array of bit fields: \(type)") }
            if shape.contains(0) { return 0 }
            // Each factor fits in an Int, and so does each product that the library let pass.
            return shape.reduce(size(of: element)) { product, length in
                require(length > 0 && product <= Int128(Int.max), "\(type)")
                return product * Int128(length)
            }
        case .structure(let format):
            check(format)
            return Int128(format.itemsize)
        }
    }

    private static func checkRoundTrip(_ format: Format) {
        let text = format.description
        let again: Format
        do throws(FormatError) {
            again = try Format(text)
        } catch {
            fatalError("printed as '\(text)', which is refused: \(error)")
        }
        require(again == format, "printed as '\(text)', \(format.fields) came back as \(again.fields)")
        require(again.description == text, "'\(text)' is printed again as '\(again)'")
        require(again.isEquivalent(to: format), "'\(text)'")
    }

    /// The fast path to one scalar agrees with the slow one.
    private static func checkShortWay(_ bytes: [UInt8], _ format: Format?) {
        guard !bytes.contains(0) else { return }
        let text = bytes.map { CChar(bitPattern: $0) } + [0]
        // Ends with a zero, as asked.
        let short = unsafe text.withUnsafeBufferPointer { unsafe Format.scalar(ofCString: $0.baseAddress!) }
        guard let short else { return }
        require(
            format?.scalar?.0 == short.0 && format?.scalar?.swapped == short.swapped,
            "the fast path reads \(short), the slow one \(String(describing: format))")
    }
}
