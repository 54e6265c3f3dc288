// SPDX-License-Identifier: Apache-2.0

/// Some bits of an integer in memory: `5t` of PEP 3118, or a bit field of C.
///
/// A bit field takes the bytes that hold any of its bits and shares the first and the last of them with its
/// neighbours. Bits are numbered as compilers fill storage: from the least significant bit of the first byte in
/// little-endian order, from the most significant one in big-endian order.
public struct BitField: Sendable, Hashable {
    /// The bytes that hold any of the bits, 1 to 9.
    public let size: Int
    /// How far the integer of these bytes is shifted right so that the field's lowest bit is its lowest, 0 to 7.
    public let shift: Int
    /// The number of bits, 1 to ``maximumWidth``.
    public let width: Int
    /// Whether the highest bit is a sign, as in two's complement.
    public let isSigned: Bool
    /// Whether the bytes are not in native order. It decides the numbering of bits in a single byte too.
    public let swapped: Bool

    /// The most bits that a field can have.
    public static let maximumWidth = 64

    /// The field that starts at bit `bit` of its first byte, numbered as its order fills storage.
    ///
    /// - Precondition: `bit` is 0 to 7, `width` is 1 to ``maximumWidth``.
    public init(bit: Int, width: Int, isSigned: Bool, swapped: Bool) {
        precondition((0..<8).contains(bit) && (1...Self.maximumWidth).contains(width))
        self.size = (bit + width + 7) / 8
        self.shift = Self.isBigEndian(swapped: swapped) ? 8 * size - bit - width : bit
        self.width = width
        self.isSigned = isSigned
        self.swapped = swapped
    }

    /// The field that a C compiler places in a storage unit, and the offset of the field's first byte in the unit.
    ///
    /// - Parameter shift: how far the unit, read as an integer in its byte order, is shifted right so that the field's lowest
    ///   bit is its lowest, as in ctypes' descriptor of a field.
    /// - Precondition: the field lies inside of the unit, which has 1 to 8 bytes, and has at least one bit.
    package static func inUnit(
        bytes: Int, shift: Int, width: Int, isSigned: Bool, swapped: Bool
    ) -> (offset: Int, field: BitField) {
        precondition((1...8).contains(bytes) && shift >= 0 && width >= 1 && shift + width <= 8 * bytes)
        let bit = isBigEndian(swapped: swapped) ? 8 * bytes - shift - width : shift
        return (bit / 8, BitField(bit: bit % 8, width: width, isSigned: isSigned, swapped: swapped))
    }

    /// The number of the first bit in the first byte, as the field's order fills storage.
    public var bit: Int { isBigEndian ? 8 * size - shift - width : shift }

    /// Whether the first byte is the most significant one.
    public var isBigEndian: Bool { Self.isBigEndian(swapped: swapped) }

    private static func isBigEndian(swapped: Bool) -> Bool { swapped == (ByteOrder.ofThisMachine == .little) }

    /// The bits of byte `index` that belong to the field.
    ///
    /// - Precondition: `index` is at least zero and less than ``size``.
    public func mask(ofByte index: Int) -> UInt8 {
        // Shifts of Swift's are in the opposite direction for a negative distance, and give zero for a large one.
        let mask = UInt64.max >> UInt64(Self.maximumWidth - width)
        return UInt8(truncatingIfNeeded: mask >> distance(ofByte: index))
    }

    /// How far byte `index` is shifted left to its position in the field's integer; to the right if negative.
    ///
    /// - Precondition: `index` is at least zero and less than ``size``.
    package func distance(ofByte index: Int) -> Int { 8 * (isBigEndian ? size - 1 - index : index) - shift }

    /// Whether both are the same bits of the same bytes in the same order, which does not matter in a single byte.
    func isEquivalent(to other: BitField) -> Bool {
        size == other.size && shift == other.shift && width == other.width && isSigned == other.isSigned
            && (size == 1 || swapped == other.swapped)
    }
}
