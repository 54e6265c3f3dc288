// Structures whose fields lie where their owner says, which no text need be able to describe.

extension Format {
    /// The structure of fields that lie anywhere in an item: in any order, and over one another, as in a union of C.
    ///
    /// Such a format has no text of its own where ``isSequential`` is false; see ``description``.
    ///
    /// - Returns: `nil` unless every field lies inside of the item.
    public init?(placed fields: [Field], itemsize: Int) {
        // Their bits are counted, too.
        guard (0...Int.max / 16).contains(itemsize) else { return nil }
        var end = 0
        var isSequential = true
        for field in fields {
            guard field.offset >= 0, let length = field.type.size.checkedTimes(field.repeats),
                let last = field.offset.checkedPlus(length), last <= itemsize
            else { return nil }
            let bits = field.bits(length)
            if bits.lowerBound < end { isSequential = false }
            end = max(end, bits.upperBound)
        }
        self.init(fields: fields, itemsize: itemsize, alignment: 1, isSequential: isSequential)
    }

    /// Whether fields share bits, as those of a union of C.
    public var hasOverlaps: Bool {
        if isSequential { return false }
        let places = fields.map { $0.bits($0.repeats * $0.type.size) }.sorted { $0.lowerBound < $1.lowerBound }
        var end = 0
        for place in places {
            if place.lowerBound < end { return true }
            end = max(end, place.upperBound)
        }
        return false
    }

    /// The value that an item is, where it is but one; otherwise the structure that it is.
    public var asType: ItemType {
        guard fields.count == 1, fields[0].name == nil, fields[0].repeats == 1, fields[0].offset == 0,
            fields[0].type.size == itemsize
        else { return .structure(self) }
        return fields[0].type
    }
}

extension ItemType {
    /// An array of this shape and of these elements, whose own dimensions come last.
    public func array(ofShape shape: [Int]) -> ItemType? {
        var (lengths, element) = (shape, self)
        if case .array(let inner, let type) = self { (lengths, element) = (shape + inner, type) }
        guard lengths.count < maximumDimensions else { return nil }
        var size = element.size
        for length in lengths where length != 0 {
            guard length > 0, let product = size.checkedTimes(length) else { return nil }
            size = product
        }
        return lengths.isEmpty ? element : .array(shape: lengths, element: element)
    }
}

extension Field {
    /// The bits of an item that a field takes, numbered as its order fills storage.
    fileprivate func bits(_ length: Int) -> Range<Int> {
        let first = 8 &* offset
        if case .bits(let bits) = type { return first &+ bits.bit..<first &+ bits.bit &+ bits.width }
        return first..<first &+ 8 &* length
    }
}
