// SPDX-License-Identifier: Apache-2.0

/// The type of a value in a format.
public indirect enum ItemType: Sendable, Hashable {
    /// One number, truth value or byte; `swapped` if its bytes are not in native order.
    case scalar(Scalar, swapped: Bool)
    /// A byte string of fixed length (`5s`).
    case bytes(Int)
    /// A byte string that begins with its length, in this many bytes together (`5p`).
    case pascal(Int)
    /// Bytes without meaning as a value: a field (`5x:gap:`, as NumPy writes a void field), or a whole item (`5x`).
    case void(Int)
    /// An address: `P`, `&` with the type that it points at, or `X{}` for a function. The type pointed at is not kept.
    case pointer(swapped: Bool)
    /// A bit field, which shares bytes with its neighbours (`5t`).
    case bits(BitField)
    /// A value of this many bytes whose meaning is not supported, as ctypes' strings (`z`).
    case opaque(letter: UInt8, size: Int, swapped: Bool)
    /// A pointer to a Python object (`O`).
    case object
    /// This many UCS-2 characters (`5u`).
    case ucs2(Int, swapped: Bool)
    /// This many UCS-4 characters (`5w`).
    case ucs4(Int, swapped: Bool)
    /// A sub-array in C order (`(2,3)d`).
    case array(shape: [Int], element: ItemType)
    /// A record (`T{...}`).
    case structure(Format)

    /// Bytes that one value takes.
    public var size: Int {
        switch self {
        case .scalar(let scalar, _): scalar.size
        case .bytes(let count), .pascal(let count), .void(let count): count
        case .pointer, .object: MemoryLayout<UInt>.size
        case .bits(let field): field.size
        case .opaque(_, let size, _): size
        // The parser has checked that the products fit.
        case .ucs2(let count, _): 2 &* count
        case .ucs4(let count, _): 4 &* count
        case .array(let shape, let element): shape.reduce(element.size, &*)
        case .structure(let format): format.itemsize
        }
    }

    /// The alignment in bytes that native order (`@`) gives such a value; 1 if its bytes are swapped, which is never in
    /// native order.
    public var alignment: Int {
        switch self {
        case .scalar(let scalar, let swapped): swapped ? 1 : scalar.alignment
        case .bytes, .pascal, .void: 1
        case .pointer(let swapped): swapped ? 1 : MemoryLayout<UInt>.alignment
        case .object: MemoryLayout<UInt>.alignment
        case .bits: 1
        // A power of two, as of everything that C aligns.
        case .opaque(_, let size, let swapped): swapped ? 1 : size
        case .ucs2(_, let swapped): swapped ? 1 : MemoryLayout<UInt16>.alignment
        case .ucs4(_, let swapped): swapped ? 1 : MemoryLayout<UInt32>.alignment
        case .array(_, let element): element.alignment
        case .structure(let format): format.alignment
        }
    }
}

/// One field of a format, or a run of equal ones: `1000i` is one field that repeats.
public struct Field: Sendable, Hashable {
    /// The name between colons, if there is one.
    public let name: String?
    /// Bytes from the start of the item to the first value.
    public let offset: Int
    /// What each of the values is.
    public let type: ItemType
    /// The number of values, contiguous; more than one only without a name.
    public internal(set) var repeats: Int

    /// - Precondition: `repeats` is at least one, and one if there is a name.
    public init(name: String?, offset: Int, type: ItemType, repeats: Int = 1) {
        self.name = name
        self.offset = offset
        self.type = type
        self.repeats = repeats
    }

    /// Bytes from the start of the item to value `index` of the run.
    ///
    /// - Precondition: `index` is at least zero and less than ``repeats``.
    public func offset(ofRepeat index: Int) -> Int { offset &+ index &* type.size }
}
