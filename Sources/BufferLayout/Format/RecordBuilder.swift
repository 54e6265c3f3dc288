// SPDX-License-Identifier: Apache-2.0

/// One member as parsed.
struct ParsedItem {
    var type: ItemType
    /// The letter and the order of a bit field, whose type depends on its position.
    var bits: (kind: UInt8, swapped: Bool)?
    let shape: [Int]?
    /// The count, unless it is the length of the type.
    var count: Int?
    /// Whether it has native alignment.
    var isAligned: Bool

    /// Sets a type of which the count is the length.
    mutating func setLength(_ type: ItemType) {
        self.type = type
        count = nil
    }
}

/// Computes the offsets of members, one after the other.
struct RecordBuilder {
    private(set) var fields: [Field] = []
    /// Where the next member would start, unaligned.
    private(set) var offset = 0
    private(set) var alignment = 1
    private var names: Set<String> = []
    /// The bit fields that end at ``offset``: another one follows without padding.
    private var run: BitRun?

    private struct BitRun {
        let start: Int
        let swapped: Bool
        var count = 0
    }

    enum Outcome {
        case added
        /// The size does not fit in an `Int`.
        case tooLong
        case duplicate(String)
        /// A short text would stand for a huge number of values that take no bytes.
        case tooManyValues
        case wideBits
        /// A name for bits that are not a value.
        case namedGap
    }

    mutating func add(_ item: ParsedItem, name: String?) -> Outcome {
        if let bits = item.bits {
            return add(bits: item.count ?? 1, kind: bits.kind, swapped: bits.swapped, name: name)
        }
        run = nil
        let count = item.count ?? 1
        // An axis of length zero makes the array empty; the others must fit nevertheless.
        var lengths = item.shape ?? []
        if count != 1 && (item.shape != nil || name != nil) { lengths.append(count) }
        let repeats = lengths.isEmpty ? count : 1
        var size = item.type.size
        var values = 1
        for length in lengths + [repeats] where length != 0 {
            guard let product = values.checkedTimes(length), let bytes = size.checkedTimes(length) else {
                return .tooLong
            }
            values = product
            size = bytes
        }
        if item.type.size == 0 && values > 65536 { return .tooManyValues }
        if repeats == 0 || lengths.contains(0) { size = 0 }

        var start = offset
        if item.isAligned {
            let own = item.type.alignment
            guard let aligned = offset.checkedRounding(upTo: own) else { return .tooLong }
            start = aligned
            // Alignments are powers of two: the larger one is the common multiple.
            alignment = max(alignment, own)
        }
        guard let end = start.checkedPlus(size) else { return .tooLong }
        offset = end

        if let name, !names.insert(name).inserted { return .duplicate(name) }
        if case .void = item.type, name == nil { return .added }
        guard repeats > 0 else { return .added }
        let type = lengths.isEmpty ? item.type : ItemType.array(shape: lengths, element: item.type)
        append(Field(name: name, offset: start, type: type, repeats: repeats))
        return .added
    }

    /// Adds a bit field (`5t`, signed `5y`) or bits that are not a value (`3r`) after those before it; `0t` begins a new
    /// byte.
    private mutating func add(bits width: Int, kind: UInt8, swapped: Bool, name: String?) -> Outcome {
        let isGap = kind == UInt8(ascii: "r") || width == 0
        if isGap && name != nil { return .namedGap }
        guard width > 0 else {
            run = nil
            return .added
        }
        guard width <= BitField.maximumWidth || isGap else { return .wideBits }
        var run = self.run ?? BitRun(start: offset, swapped: swapped)
        if run.swapped != swapped { run = BitRun(start: offset, swapped: swapped) }
        let first = run.count
        guard let count = first.checkedPlus(width), let end = run.start.checkedPlus(count / 8 + (count % 8 + 7) / 8)
        else { return .tooLong }
        run.count = count
        self.run = run
        offset = end
        if let name, !names.insert(name).inserted { return .duplicate(name) }
        guard !isGap else { return .added }
        let field = BitField(bit: first % 8, width: width, isSigned: kind == UInt8(ascii: "y"), swapped: swapped)
        append(Field(name: name, offset: run.start + first / 8, type: .bits(field)))
        return .added
    }

    /// The size of the structure with these members.
    func filledSize(aligned: Bool) -> Int? {
        aligned ? offset.checkedRounding(upTo: alignment) : offset
    }

    /// Appends a field, or extends the last one if it is of the same type, so that `iii` and `3i` are the same format.
    private mutating func append(_ field: Field) {
        guard field.name == nil, let last = fields.last, last.name == nil, field.type.formsRuns,
            last.type == field.type, last.offset + last.repeats * last.type.size == field.offset
        else {
            fields.append(field)
            return
        }
        fields[fields.count - 1].repeats += field.repeats
    }
}

extension ItemType {
    /// Whether a count before it means repetition, and is not its length or part of a shape.
    fileprivate var formsRuns: Bool {
        switch self {
        case .scalar, .pointer, .object, .opaque: true
        case .bytes, .pascal, .void, .ucs2, .ucs4, .bits, .array, .structure: false
        }
    }
}
