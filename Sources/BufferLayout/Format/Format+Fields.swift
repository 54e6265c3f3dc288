// SPDX-License-Identifier: Apache-2.0

// The named fields of the structure that an item is.

extension Format {
    /// The structure of an item: the format's own fields, or those of the single structure in it.
    private var structure: (format: Format, offset: Int) {
        if fields.count == 1, fields[0].name == nil, fields[0].repeats == 1,
            case .structure(let format) = fields[0].type
        {
            return (format, fields[0].offset)
        }
        return (self, 0)
    }

    /// The fields that have names, in the order of memory, with offsets from the start of the item.
    package var namedFields: [Field] {
        let (format, offset) = structure
        return format.fields.filter { $0.name != nil }.map {
            Field(name: $0.name, offset: $0.offset + offset, type: $0.type, repeats: $0.repeats)
        }
    }

    /// The field of a name; `nil` if there is none.
    package func field(named name: String) -> Field? { namedFields.first { $0.name == name } }

    /// The format of items of the same size with some of the fields, at the same offsets; everything else is padding.
    package func keeping(_ isKept: (Field) -> Bool) -> Format {
        let (format, offset) = structure
        let kept = format.fields.filter(isKept).map {
            Field(name: $0.name, offset: $0.offset, type: $0.type.packed, repeats: $0.repeats)
        }
        let record = Format(fields: kept, itemsize: format.itemsize, alignment: 1)
        return Format(
            fields: [Field(name: nil, offset: offset, type: .structure(record), repeats: 1)], itemsize: itemsize,
            alignment: 1)
    }
}
