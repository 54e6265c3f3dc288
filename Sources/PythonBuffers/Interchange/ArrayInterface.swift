// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims

/// Items as `__array_interface__` describes them: `typestr`, and `descr` for the fields of records.
///
/// Source: "The array interface protocol" of NumPy's manual, version 3.
package struct ArrayInterfaceType: ~Copyable {
    package let typestr: String
    package let descr: PythonObject
    /// Further axes at the end, of items that are arrays.
    package let shape: [Int]
    /// Whether `descr` says more than `typestr`: the fields.
    package let isRecord: Bool

    /// - Throws: `AttributeError` for items that the interface cannot describe: nobody asks for it then.
    package init(_ format: Format) throws(PythonError) {
        let (type, shape) = format.wholeType
        guard let typestr = type.numPyName else { throw Self.indescribable(type) }
        let descr: PythonObject
        if case .structure(let fields) = type {
            descr = try Self.fields(fields)
        } else {
            descr = try PythonObject(listOf: 1) { (_) throws(PythonError) in
                try PythonObject(pair: PythonObject(""), PythonObject(typestr))
            }
        }
        self.typestr = typestr
        self.descr = descr
        self.shape = shape
        isRecord = if case .structure = type { true } else { false }
    }

    /// A list of tuples of a name, a type and, for a sub-array, its shape; padding has the empty name.
    private static func fields(_ format: Format) throws(PythonError) -> PythonObject {
        guard format.isSequential else {
            throw PythonError(
                .attribute,
                "__array_interface__ has fields in the order of memory, but those of format '\(format)' overlap, or "
                    + "stand in another order")
        }
        let list = try PythonObject(emptyList: ())
        let names = Set(format.fields.compactMap { $0.name })
        var end = 0
        var unnamed = 0
        for field in format.fields {
            try appendPadding(field.offset - end, to: list)
            var name = field.name ?? ""
            // As NumPy calls a field without a name.
            while name.isEmpty || field.name == nil && names.contains(name) {
                name = "f\(unnamed)"
                unnamed += 1
            }
            try append(field, name, to: list)
            end = field.offset + field.repeats * field.type.size
        }
        try appendPadding(format.itemsize - end, to: list)
        return list
    }

    private static func append(
        _ field: Field, _ name: String, to list: borrowing PythonObject
    ) throws(PythonError) {
        let (type, shape) = field.elementType
        var entry = try TupleBuilder(capacity: shape.isEmpty ? 2 : 3)
        entry.append(try PythonObject(name))
        if case .structure(let format) = type {
            entry.append(try fields(format))
        } else {
            guard let typestr = type.numPyName else { throw indescribable(type) }
            entry.append(try PythonObject(typestr))
        }
        if !shape.isEmpty { entry.append(try PythonObject(tuple: shape.span)) }
        let tuple = entry.finish()
        try unsafe list.append(tuple.reference)
    }

    private static func appendPadding(_ count: Int, to list: borrowing PythonObject) throws(PythonError) {
        guard count > 0 else { return }
        let padding = try PythonObject(pair: PythonObject(""), PythonObject("|V\(count)"))
        try unsafe list.append(padding.reference)
    }

    private static func indescribable(_ type: ItemType) -> PythonError {
        PythonError(.attribute, "__array_interface__ has no type for items of format '\(Format(type))'")
    }

    /// The number that a `typestr` such as `<f4` describes, in native byte order; `nil` for anything else, which
    /// ``itemType(typestr:descr:)`` reads.
    package static func plainScalar(typestr: ObjectReference) -> Scalar? {
        let letters = sb_three_letters(typestr)
        let (order, kind, digit) = (
            UInt8(truncatingIfNeeded: letters), UInt8(truncatingIfNeeded: letters >> 8), Int(letters >> 16)
        )
        let native = Int(littleEndian: 1) == 1 ? UInt8(ascii: "<") : UInt8(ascii: ">")
        let size = digit - Int(UInt8(ascii: "0"))
        guard order == native || order == UInt8(ascii: "|"), (1...9).contains(size),
            case .scalar(let scalar, swapped: false)? = ItemType(numPyKind: kind, size: size, swapped: false)
        else { return nil }
        return scalar
    }

    /// The type that `typestr` and `descr` describe.
    ///
    /// - Throws: `ValueError` for what has no format here, and for a `descr` of another size; `TypeError`.
    package static func itemType(
        typestr: String, descr: consuming PythonObject? = nil
    ) throws(PythonError) -> ItemType {
        guard let type = ItemType(numPyName: typestr) else {
            throw PythonError(.value, "no format describes items of typestr '\(typestr)'")
        }
        guard case .void = type, let descr else { return type }
        let entries = try descr.asTuple()
        // One nameless field is no record: the whole item.
        if entries.tupleCount == 1, try Self.name(of: entries.retainedTupleItem(0)).isEmpty { return type }
        let format = try structure(entries)
        guard format.itemsize == type.size else {
            throw PythonError(
                .value, "descr describes items of \(format.itemsize) bytes, but typestr is '\(typestr)'")
        }
        return .structure(format)
    }

    private static func structure(
        _ entries: borrowing PythonObject, depth: Int = 0
    ) throws(PythonError) -> Format {
        guard depth < Format.maximumDepth else {
            throw PythonError(.value, "fields nested deeper than \(Format.maximumDepth)")
        }
        var fields: [Field] = []
        var names: Set<String> = []
        var offset = 0
        for index in 0..<entries.tupleCount {
            let entry = entries.retainedTupleItem(index)
            let name = try name(of: entry)
            let description = entry.retainedTupleItem(1)
            var type: ItemType
            if description.isString {
                type = try itemType(typestr: description.string())
            } else {
                type = .structure(try structure(description.asTuple(), depth: depth + 1))
            }
            if entry.tupleCount == 3 {
                guard let array = try type.array(ofShape: entry.retainedTupleItem(2).integers("shape")) else {
                    throw PythonError(.value, "the shape of field '\(name)' is too large, or negative")
                }
                type = array
            }
            if !name.isEmpty {
                guard names.insert(name).inserted else { throw PythonError(.value, "second field named '\(name)'") }
                guard !name.utf8.contains(UInt8(ascii: ":")), !name.utf8.contains(0) else {
                    throw PythonError(.value, "the name of a field cannot contain ':' or NUL: '\(name)'")
                }
                fields.append(Field(name: name, offset: offset, type: type))
            }
            let (end, overflow) = offset.addingReportingOverflow(type.size)
            guard !overflow else {
                throw PythonError(.value, "the fields take more bytes than an address can count")
            }
            offset = end
        }
        guard let format = Format(placed: fields, itemsize: offset) else {
            throw PythonError(.value, "the fields take more bytes than an address can count")
        }
        return format
    }

    /// The name of a field; the second one of a title and a name.
    private static func name(of entry: borrowing PythonObject) throws(PythonError) -> String {
        guard entry.isTuple, (2...3).contains(entry.tupleCount) else {
            throw PythonError(
                .type,
                "a field of descr must be a tuple of a name, a type, and for a sub-array its shape, not "
                    + entry.typeName
            )
        }
        let name = entry.retainedTupleItem(0)
        guard name.isTuple else { return try name.string() }
        guard name.tupleCount == 2 else {
            throw PythonError(.type, "a name of a field in descr must be a str, or a tuple of a title and a name")
        }
        return try name.retainedTupleItem(1).string()
    }
}

extension Format {
    /// The type of an item, and the axes of an item that is an array.
    fileprivate var wholeType: (ItemType, shape: [Int]) {
        guard fields.count == 1, let field = fields.first, field.name == nil, field.offset == 0,
            field.repeats * field.type.size == itemsize
        else { return (.structure(self), []) }
        return field.elementType
    }
}

extension Field {
    /// The type of one value, and the axes of a sub-array or of values that repeat.
    fileprivate var elementType: (ItemType, shape: [Int]) {
        let outer = repeats == 1 ? [] : [repeats]
        guard case .array(let shape, let element) = type else { return (type, outer) }
        return (element, outer + shape)
    }
}
