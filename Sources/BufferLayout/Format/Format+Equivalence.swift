// SPDX-License-Identifier: Apache-2.0

// Whether two formats describe the same bytes.

extension Format {
    /// Whether an item of one format holds the same values at the same offsets as an item of the other.
    ///
    /// Types, offsets and itemsize are compared, not spelling (`l` and `q` on a 64-bit machine, `<i` and `i` on a
    /// little-endian one, `3i` and `iii`, padding written or implied), alignment or names of fields.
    public func isEquivalent(to other: Format) -> Bool {
        itemsize == other.itemsize && hasSameValues(as: other, bytesAlike: false)
    }

    /// Whether items of the other format may be copied over items of this one: equivalent, except that `b`, `B` and
    /// `c`, the scalars of one byte, count as one type.
    package func isAssignable(from other: Format) -> Bool {
        itemsize == other.itemsize && hasSameValues(as: other, bytesAlike: true)
    }

    /// Whether the values are of the same types at the same offsets, with any padding after the last.
    fileprivate func hasSameValues(as other: Format, bytesAlike: Bool) -> Bool {
        // Runs of repeated values may begin and end at different places: both sides advance by what they have in common.
        var mine = RunCursor(fields)
        var theirs = RunCursor(other.fields)
        while let a = mine.current, let b = theirs.current {
            guard mine.offset == theirs.offset, a.type.hasSameValues(as: b.type, bytesAlike: bytesAlike) else {
                return false
            }
            // Structures that differ in the padding at their end have different offsets from the second one on.
            let count = a.type.size == b.type.size ? min(mine.remaining, theirs.remaining) : 1
            mine.advance(count)
            theirs.advance(count)
        }
        return mine.current == nil && theirs.current == nil
    }
}

extension ItemType {
    /// Whether two values have the same parts at the same offsets; see ``Format/isEquivalent(to:)``. Their sizes may
    /// differ by padding at the end of a structure.
    public func isEquivalent(to other: ItemType) -> Bool { hasSameValues(as: other, bytesAlike: false) }

    fileprivate func hasSameValues(as other: ItemType, bytesAlike: Bool) -> Bool {
        switch (self, other) {
        case (.structure(let a), .structure(let b)): a.hasSameValues(as: b, bytesAlike: bytesAlike)
        case (.array(let shape, let a), .array(let shape2, let b)):
            shape == shape2 && a.hasSameValues(as: b, bytesAlike: bytesAlike)
                && (a.size == b.size || shape.reduce(1, &*) < 2)
        case (.scalar(let a, _), .scalar(let b, _)) where bytesAlike && a.isByte && b.isByte: true
        case (.bits(let a), .bits(let b)): a.isEquivalent(to: b)
        // Bytes of text and bytes without meaning are the same values.
        case (.bytes(let a), .void(let b)), (.void(let a), .bytes(let b)): a == b
        case (.opaque(let a, let size, _), .opaque(let b, let size2, _)): a == b && size == size2
        default: self == other
        }
    }
}

private struct RunCursor {
    private let fields: [Field]
    private var index = 0
    private var done = 0

    init(_ fields: [Field]) { self.fields = fields }

    var current: Field? { index < fields.count ? fields[index] : nil }
    var remaining: Int { fields[index].repeats - done }
    var offset: Int { fields[index].offset(ofRepeat: done) }

    mutating func advance(_ count: Int) {
        done += count
        if done == fields[index].repeats { (index, done) = (index + 1, 0) }
    }
}

extension ItemType {
    /// The same value at the same offsets with structures of alignment 1: its text spells out every order and all padding,
    /// which NumPy reads correctly.
    public var packed: ItemType {
        switch self {
        case .array(let shape, let element): .array(shape: shape, element: element.packed)
        case .structure(let format):
            .structure(
                Format(
                    fields: format.fields.map {
                        Field(name: $0.name, offset: $0.offset, type: $0.type.packed, repeats: $0.repeats)
                    }, itemsize: format.itemsize, alignment: 1, isSequential: format.isSequential))
        default: self
        }
    }
}
