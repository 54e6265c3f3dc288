// SPDX-License-Identifier: Apache-2.0
import BufferLayout

#if arch(x86_64)
    /// A float type that holds every value of every scalar type exactly.
    typealias Wide = Float80
    let testedScalars = Scalar.allCases
#else
    typealias Wide = Double
    let testedScalars = Scalar.allCases.filter { $0 != .longDouble && $0 != .complexLongDouble }
#endif

/// A number as the tests understand it: the standard library's own arithmetic, a value at a time.
enum Number {
    case integer(Int128)
    case float(Wide)

    /// Reads one native real value.
    init(_ bytes: [UInt8], _ scalar: Scalar) {
        func load<Value: BitwiseCopyable>(_: Value.Type) -> Value {
            unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Value.self) }
        }
        switch scalar {
        case .bool: self = .integer(bytes[0] != 0 ? 1 : 0)
        case .char, .uint8: self = .integer(Int128(bytes[0]))
        case .int8: self = .integer(Int128(load(Int8.self)))
        case .int16: self = .integer(Int128(load(Int16.self)))
        case .uint16: self = .integer(Int128(load(UInt16.self)))
        case .int24, .uint24:
            let bits = (0..<3).reduce(0) { $0 | Int128(bytes[1.bigEndian == 1 ? 2 - $1 : $1]) << (8 * $1) }
            self = .integer(scalar == .int24 && bits >= 1 << 23 ? bits - (1 << 24) : bits)
        case .int32: self = .integer(Int128(load(Int32.self)))
        case .uint32: self = .integer(Int128(load(UInt32.self)))
        case .int64: self = .integer(Int128(load(Int64.self)))
        case .uint64: self = .integer(Int128(load(UInt64.self)))
        case .float16, .complex32: self = .float(Wide(load(Float16.self)))
        case .float32, .complex64: self = .float(Wide(load(Float.self)))
        case .float64, .complex128: self = .float(Wide(load(Double.self)))
        case .longDouble, .complexLongDouble: self = .float(load(Wide.self))
        case .bfloat16, .float8E3M4, .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2,
            .float8E5M2FNUZ, .float8E8M0FNU:
            let code = scalar.size == 1 ? Int(bytes[0]) : Int(load(UInt16.self))
            self = .float(SmallFloatModel(scalar)?.number(code) ?? .nan)
        }
    }

    /// The value by C's rules, saturating from floats to integers; native bytes.
    func bytes(as scalar: Scalar) -> [UInt8] {
        func bytes<Value: BitwiseCopyable>(_ value: Value, _ count: Int = MemoryLayout<Value>.size) -> [UInt8] {
            var result = unsafe withUnsafeBytes(of: value) { unsafe Array($0.prefix(count)) }
            result += Array(repeating: 0, count: scalar.partSize - result.count)
            return result
        }
        func integer<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> [UInt8] {
            switch self {
            case .integer(let x): return bytes(Value(truncatingIfNeeded: x))
            case .float(let x):
                if x.isNaN { return bytes(0 as Value) }
                let whole = x.rounded(.towardZero)
                return bytes(Value(exactly: whole) ?? (x < 0 ? .min : .max))
            }
        }
        func integer24(_ range: ClosedRange<Int128>) -> [UInt8] {
            let value: Int128 =
                switch self {
                case .integer(let x): x
                case .float(let x): x.isNaN ? 0 : Int128(min(max(x.rounded(.towardZero), -0x1p24), 0x1p24))
                }
            var bits = value
            if case .float = self { bits = min(max(value, range.lowerBound), range.upperBound) }
            let little = (0..<3).map { UInt8(truncatingIfNeeded: bits >> Int128(8 * $0)) }
            return 1.bigEndian == 1 ? little.reversed() : little
        }
        func float<Value: BinaryFloatingPoint & BitwiseCopyable>(_: Value.Type, _ count: Int) -> [UInt8] {
            switch self {
            case .integer(let x): x < 0 ? bytes(Value(Int64(x)), count) : bytes(Value(UInt64(x)), count)
            case .float(let x): bytes(Value(x), count)
            }
        }
        switch scalar {
        case .bool:
            switch self {
            case .integer(let x): return [x == 0 ? 0 : 1]
            case .float(let x): return [x == 0 ? 0 : 1]
            }
        case .int8: return integer(Int8.self)
        case .char, .uint8: return integer(UInt8.self)
        case .int16: return integer(Int16.self)
        case .uint16: return integer(UInt16.self)
        case .int24: return integer24(-0x80_0000...0x7f_ffff)
        case .uint24: return integer24(0...0xff_ffff)
        case .int32: return integer(Int32.self)
        case .uint32: return integer(UInt32.self)
        case .int64: return integer(Int64.self)
        case .uint64: return integer(UInt64.self)
        case .float16, .complex32: return float(Float16.self, 2)
        case .float32, .complex64: return float(Float.self, 4)
        case .float64, .complex128: return float(Double.self, 8)
        case .longDouble, .complexLongDouble: return float(Wide.self, 10)
        case .bfloat16, .float8E3M4, .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2,
            .float8E5M2FNUZ, .float8E8M0FNU:
            let code = SmallFloatModel(scalar)?.code(wide) ?? 0
            return scalar.size == 1 ? bytes(UInt8(code)) : bytes(UInt16(code))
        }
    }

    /// A number that is on the same side of, or equal to, whatever few digits can write as this one.
    private var wide: Wide {
        switch self {
        case .float(let x): return x
        case .integer(let x):
            if x.magnitude < 1 << 50 { return Wide(Int64(x)) }
            // What a double cannot hold is joined into its last digit.
            let joined = x >> 16 | (x & 0xffff == 0 ? 0 : 1)
            return Wide(Int64(joined)) * 65536
        }
    }

    var isNaN: Bool {
        if case .float(let x) = self { x.isNaN } else { false }
    }

    /// Python's `==` between numbers.
    static func == (a: Number, b: Number) -> Bool {
        switch (a, b) {
        case (.integer(let x), .integer(let y)): x == y
        case (.float(let x), .float(let y)): x == y
        case (.integer(let x), .float(let y)), (.float(let y), .integer(let x)):
            y.isFinite && y == y.rounded() && y.magnitude < 0x1p100 && Int128(y) == x
        }
    }
}

extension Scalar {
    var isComplexType: Bool {
        self == .complex32 || self == .complex64 || self == .complex128 || self == .complexLongDouble
    }
    var partSize: Int { isComplexType ? size / 2 : size }

    /// The parts of an item, read in either byte order.
    func numbers(_ item: [UInt8], swapped: Bool) -> [Number] {
        stride(from: 0, to: size, by: partSize).map { start in
            let part = Array(item[start..<start + partSize])
            return Number(swapped ? part.reversed() : part, self)
        }
    }

    /// The item that has these parts, written in either byte order.
    func item(_ numbers: [Number], swapped: Bool) -> [UInt8] {
        numbers.flatMap { swapped ? $0.bytes(as: self).reversed() : $0.bytes(as: self) }
    }

    /// An item of interesting bits: small numbers, powers of two and their neighbours, limits, special values, noise.
    func randomItem(swapped: Bool, using random: inout some RandomNumberGenerator) -> [UInt8] {
        item((0..<(isComplexType ? 2 : 1)).map { _ in randomNumber(using: &random) }, swapped: swapped)
    }

    private func randomNumber(using random: inout some RandomNumberGenerator) -> Number {
        switch random.int(0...9) {
        case 0...3: return .integer(Int128(random.int(-3...3)))
        case 4: return .float(Wide(random.int(-70...70)) / 8)
        case 5:
            let power = Int128(1) << Int128(random.int(0...63))
            return .integer((random.chance(0.5) ? power : min(power, 1 << 62) * -1) + Int128(random.int(-1...0)))
        case 6:
            return .float(
                [Wide.nan, .infinity, -.infinity, -0.0, 65504, 65520, 1e-7, -6e-8, 3e38, 1e300][random.int(0...9)])
        case 7:
            return .float(
                Wide(sign: .plus, exponent: random.int(-30...66), significand: 1 + Wide(random.int(0...4)) / 2048 / 2))
        default:
            if size > 8 { return .float(Wide(Double(bitPattern: random.next()))) }
            var noise = random.next()
            return unsafe withUnsafeBytes(of: &noise) { unsafe Number(Array($0), self) }
        }
    }
}

/// What one item becomes as another type: the new item, whether it equals the old one, and which parts are NaN.
func convertedItem(
    _ item: [UInt8], _ from: Scalar, _ fromSwapped: Bool, _ to: Scalar, _ toSwapped: Bool
) -> (item: [UInt8], isExact: Bool, isNaN: [Bool]) {
    let source = from.numbers(item, swapped: fromSwapped)
    var result = source
    if to.isComplexType && !from.isComplexType { result.append(.integer(0)) }
    if !to.isComplexType && from.isComplexType {
        if to == .bool {
            let isTrue = source.contains { !($0 == .integer(0)) }
            return (
                [isTrue ? 1 : 0],
                source[1] == .integer(0) && (source[0] == .integer(0) || source[0] == .integer(1)), [false]
            )
        }
        result.removeLast()
    }
    let bytes = to.item(result, swapped: toSwapped)
    let back = to.numbers(bytes, swapped: toSwapped)
    var isExact = true
    for i in 0..<max(source.count, back.count) {
        let x = i < source.count ? source[i] : .integer(0)
        let y = i < back.count ? back[i] : .integer(0)
        if !(x == y || (x.isNaN && y.isNaN)) { isExact = false }
    }
    return (bytes, isExact, back.map { $0.isNaN })
}
