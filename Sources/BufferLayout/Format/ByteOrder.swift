// SPDX-License-Identifier: Apache-2.0

/// The meaning of a format's order character: byte order, sizes, and alignment.
@usableFromInline
enum ByteOrder: UInt8, Sendable {
    /// `@`: this machine's order, C's sizes, C's alignment.
    case native
    /// `^`: this machine's order, C's sizes, no alignment (PEP 3118).
    case nativeUnaligned
    /// `<`: little-endian, standard sizes, no alignment.
    case little
    /// `>` and `!`: big-endian, standard sizes, no alignment.
    case big

    @inlinable
    init?(character: UInt8) {
        switch character {
        case UInt8(ascii: "@"): self = .native
        case UInt8(ascii: "^"): self = .nativeUnaligned
        case UInt8(ascii: "<"): self = .little
        case UInt8(ascii: ">"), UInt8(ascii: "!"): self = .big
        case UInt8(ascii: "="): self = Self.ofThisMachine
        default: return nil
        }
    }

    /// The standard order of this machine, which `=` means.
    @inlinable static var ofThisMachine: Self { 1.littleEndian == 1 ? .little : .big }
    /// The order that is not this machine's.
    @inlinable static var swapped: Self { 1.littleEndian == 1 ? .big : .little }

    @inlinable var isAligned: Bool { self == .native }
    @inlinable var hasNativeSizes: Bool { self == .native || self == .nativeUnaligned }
    @inlinable var isSwapped: Bool { self == Self.swapped }

    /// The order character.
    var character: String {
        switch self {
        case .native: "@"
        case .nativeUnaligned: "^"
        case .little: "<"
        case .big: ">"
        }
    }
}
