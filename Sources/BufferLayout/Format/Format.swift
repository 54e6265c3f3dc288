// SPDX-License-Identifier: Apache-2.0

/// What one item of a buffer consists of: a format of PEP 3118, which includes those of the `struct` module.
///
/// All byte orders (`@ = < > ! ^`) may appear anywhere and apply to everything after them, also after a closing brace, as
/// NumPy reads and writes them. A count without a name repeats a value (`3i` is three integers), with a name it makes
/// a sub-array (`3i:xyz:`), and with `s p u w` it is a length. `0i` is no value and aligns what follows.
///
/// Sizes follow `struct.calcsize`: nothing is added at the end, so `ib` has 5 bytes. A structure `T{...}` that closes
/// in native order is a C struct: it starts at its alignment and is filled up to a multiple of it, `T{i:a:b:b:}` has
/// 8 bytes, as NumPy reads it. In every other order it has no padding. Only members that stand in native order count
/// for its alignment. (ctypes before CPython 3.12 writes `<` for structures that do have C's padding, and so describes
/// wrong offsets; ``init(placed:itemsize:)`` makes a format with the right ones.)
///
/// Two formats are equal if all fields, names, offsets and alignments are; ``isEquivalent(to:)`` compares what items are in
/// memory.
public struct Format: Sendable, Hashable {
    /// The fields, in order of offset where ``isSequential``. Padding is not a field.
    public let fields: [Field]
    /// Bytes that one item takes.
    public let itemsize: Int
    /// The alignment in bytes that members in native order require; 1 if there are none.
    public let alignment: Int
    /// Whether each field lies after the one before it, as in every text; see ``init(placed:itemsize:)``.
    public let isSequential: Bool
    /// Storage for a companion; `nil` unless there are names.
    let place: CompanionPlace?

    /// The format of these fields.
    ///
    /// - Precondition: fields stand in the order of their offsets, inside of the item and without overlapping (bit fields
    ///   may share bytes, but no bits); names differ, arrays are not of arrays, `alignment` is 1, 2, 4, 8 or 16.
    public init(fields: [Field], itemsize: Int, alignment: Int) {
        self.init(fields: fields, itemsize: itemsize, alignment: alignment, isSequential: true)
    }

    init(fields: [Field], itemsize: Int, alignment: Int, isSequential: Bool) {
        self.fields = fields
        self.itemsize = itemsize
        self.alignment = alignment
        self.isSequential = isSequential
        place = fields.contains { $0.name != nil } ? CompanionPlace() : nil
    }

    /// The format of one scalar.
    public init(_ scalar: Scalar, swapped: Bool = false) {
        let type = ItemType.scalar(scalar, swapped: swapped && scalar.isSwappable)
        self.init(
            fields: [Field(name: nil, offset: 0, type: type, repeats: 1)],
            itemsize: scalar.size, alignment: type.alignment)
    }

    /// The format of one value of any type; void bytes, which have no format without a name, become `s`.
    public init(_ type: ItemType) {
        let type = type.nameless
        self.init(
            fields: [Field(name: nil, offset: 0, type: type, repeats: 1)], itemsize: type.size,
            alignment: type.alignment)
    }

    /// Reads a format.
    ///
    /// - Throws: ``FormatError``, which points at the character, also for nesting deeper than ``maximumDepth`` and for sizes
    ///   that do not fit in an `Int`.
    /// - Complexity: linear in the length of the text, whatever counts it has.
    public init(_ text: String) throws(FormatError) {
        let bytes = Array(text.utf8)
        try self.init(utf8: bytes.span)
    }

    /// Reads a format from its UTF-8 bytes; see `init(_:)`.
    public init(utf8: Span<UInt8>) throws(FormatError) {
        var parser = FormatParser(utf8)
        self = try parser.parse()
    }

    /// Reads a format from a C string, as `Py_buffer` has it; see `init(_:)`.
    ///
    /// - Precondition: `text` points at bytes that end with a zero.
    @unsafe
    public init(cString text: UnsafePointer<CChar>) throws(FormatError) {
        var count = 0
        while unsafe text[count] != 0 { count += 1 }
        // CChar and UInt8 have the same layout, and the precondition covers the bytes counted.
        let bytes = unsafe UnsafeRawBufferPointer(start: text, count: count)
        try self.init(utf8: unsafe Span(_unsafeElements: bytes.bindMemory(to: UInt8.self)))
    }

    /// The maximum nesting of structures and pointers.
    public static let maximumDepth = 64

    /// The number of values in one item, as `struct.unpack` returns them; a sub-array or a structure is one value.
    ///
    /// At most ``itemsize`` plus 65,536 for each field, so that a short text cannot stand for a huge number of values.
    public var valueCount: Int { fields.reduce(0) { $0 &+ $1.repeats } }
}

extension Format {
    /// Whether a pointer to a Python object is among the values, at any depth.
    public var holdsObjects: Bool { fields.contains { $0.type.holdsObjects } }

    /// Whether items of the format that a text describes may hold pointers to Python objects. For a text that cannot be
    /// read: whether it has the letter `O`.
    package static func mayHoldObjects(_ text: String) -> Bool {
        (try? Format(text))?.holdsObjects ?? text.utf8.contains(UInt8(ascii: "O"))
    }
}

extension ItemType {
    /// The equivalent type of a value without a name.
    fileprivate var nameless: ItemType {
        switch self {
        case .void(let count): .bytes(count)
        case .array(let shape, let element): .array(shape: shape, element: element.nameless)
        default: self
        }
    }

    fileprivate var holdsObjects: Bool {
        switch self {
        case .object: true
        case .array(_, let element): element.holdsObjects
        case .structure(let format): format.holdsObjects
        default: false
        }
    }
}

extension Scalar {
    /// Whether the byte order matters.
    var isSwappable: Bool { size > 1 }
}
