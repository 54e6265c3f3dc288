// The named fields of the structure that an item is.

extension Format {
    /// The structure that an item is: the format's own fields, or those of the one structure that it holds.
    private var structure: (format: Format, offset: Int) {
        if fields.count == 1, fields[0].name == nil, fields[0].repeats == 1,
            case .structure(let format) = fields[0].type
        {
            return (format, fields[0].offset)
        }
        return (self, 0)
    }

    /// The fields that have names, in the order of memory, with offsets from the start of the item.
    public var namedFields: [Field] {
        let (format, offset) = structure
        return format.fields.filter { $0.name != nil }.map {
            Field(name: $0.name, offset: $0.offset + offset, type: $0.type, repeats: $0.repeats)
        }
    }

    /// The field of a name; `nil` if there is none.
    public func field(named name: String) -> Field? { namedFields.first { $0.name == name } }

    /// The format of items of the same size in which only some fields are left, where they were; all else is padding.
    public func keeping(_ isKept: (Field) -> Bool) -> Format {
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
