/// One member as the text has it.
struct ParsedItem {
    var type: ItemType
    let shape: [Int]?
    /// The count written, if it is not the length of the type.
    var count: Int?
    /// Whether native alignment is in force for it.
    var isAligned: Bool

    /// Takes the count as part of the type.
    mutating func setLength(_ type: ItemType) {
        self.type = type
        count = nil
    }
}

/// Places members one after the other.
struct RecordBuilder {
    private(set) var fields: [Field] = []
    /// Where the next member would start, unaligned.
    private(set) var offset = 0
    private(set) var alignment = 1
    private var names: Set<String> = []

    enum Outcome {
        case added
        /// The size does not fit in an `Int`.
        case tooLong
        case duplicate(String)
        /// A short text would stand for a huge number of values that take no bytes.
        case endless
    }

    mutating func add(_ item: ParsedItem, name: String?) -> Outcome {
        let count = item.count ?? 1
        // Axes of length zero make the whole empty; the others must fit all the same.
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
        if item.type.size == 0 && values > 65536 { return .endless }
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

    /// The size of a structure that ends here.
    func filledSize(aligned: Bool) -> Int? {
        aligned ? offset.checkedRounding(upTo: alignment) : offset
    }

    /// Appends a field, or lengthens the last one if it is of the same kind, so that `iii` and `3i` are one.
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
    /// Whether a count before it means repetition: not a length, and not a part of a shape.
    fileprivate var formsRuns: Bool {
        switch self {
        case .scalar, .pointer, .object: true
        case .bytes, .pascal, .void, .ucs2, .ucs4, .array, .structure: false
        }
    }
}
