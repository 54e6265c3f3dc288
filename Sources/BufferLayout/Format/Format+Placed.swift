// SPDX-License-Identifier: Apache-2.0

// Structures whose fields have explicit offsets, which a text may be unable to describe.

extension Format {
    /// The structure of fields at any offsets in an item: in any order, and overlapping, as in a union of C.
    ///
    /// Where ``isSequential`` is false, no text describes such a format; see ``description``.
    ///
    /// - Returns: `nil` unless every field lies inside of the item.
    public init?(placed fields: [Field], itemsize: Int) {
        // So that numbers of bits fit, too.
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
    package var hasOverlaps: Bool {
        if isSequential { return false }
        let places = fields.map { $0.bits($0.repeats * $0.type.size) }.sorted { $0.lowerBound < $1.lowerBound }
        var end = 0
        for place in places {
            if place.lowerBound < end { return true }
            end = max(end, place.upperBound)
        }
        return false
    }

    /// The type of an item's only value; otherwise the structure that an item is.
    package var asType: ItemType {
        guard fields.count == 1, fields[0].name == nil, fields[0].repeats == 1, fields[0].offset == 0,
            fields[0].type.size == itemsize
        else { return .structure(self) }
        return fields[0].type
    }
}

extension ItemType {
    /// An array of this shape with elements of this type, whose own dimensions come last; `nil` if it would be too large.
    package func array(ofShape shape: [Int]) -> ItemType? {
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
    /// The bits of an item that a field occupies, numbered as its order fills storage.
    fileprivate func bits(_ length: Int) -> Range<Int> {
        let first = 8 &* offset
        if case .bits(let bits) = type { return first &+ bits.bit..<first &+ bits.bit &+ bits.width }
        return first..<first &+ 8 &* length
    }
}
