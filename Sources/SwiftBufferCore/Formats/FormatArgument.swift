// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

// The objects that are accepted as a format.

extension ItemFormat {
    /// The format that an object names, for every argument that takes one: a `str`, one of Python's numeric types, a type of
    /// NumPy's or ctypes', or a list of fields.
    ///
    /// - Throws: `ValueError` for a format that is invalid or ambiguous; `TypeError` for any other object.
    static func of(argument object: ObjectReference) throws(PythonError) -> ItemFormat {
        if let known = of(oneLetter: object) { return known }
        if object.isString { return try parse(name: stringValue(of: object)) }
        let object = PythonObject(borrowing: object)
        let type = try itemType(of: object, depth: 0)
        if case .scalar(let scalar, swapped: false) = type { return .of(scalar) }
        return ItemFormat(Format(type))
    }

    /// The format of PEP 3118, kept as it is written, or the type that a name such as "float32" means.
    private static func parse(name text: String) throws(PythonError) -> ItemFormat {
        do throws(FormatError) {
            let (format, isText) = try Format.named(text)
            if !isText {
                if case (let scalar, swapped: false)? = format.scalar { return .of(scalar) }
                return ItemFormat(format)
            }
        } catch {
            throw PythonError(.value, error.message)
        }
        return try parse(text)
    }

    private static func itemType(of object: borrowing PythonObject, depth: Int) throws(PythonError) -> ItemType {
        guard depth < Format.maximumDepth else {
            throw PythonError(.value, "fields nested deeper than \(Format.maximumDepth)")
        }
        if object.isString {
            return try parse(name: object.string()).format.asType
        }
        if object.isList { return try structure(object, depth: depth) }
        if let number = numberType(object) { return .scalar(number, swapped: false) }
        if let ctypes = try CTypesFormat.imported(), try CTypesFormat.isType(object, ctypes) {
            guard let type = try CTypesFormat.itemType(of: object, ctypes) else { throw noFormat(object) }
            return type
        }
        if let numpy = try NumPyFormat.imported(), let dtype = try dtype(of: object, numpy) {
            guard let type = try NumPyFormat.itemType(of: dtype) else { throw noFormat(dtype) }
            return type
        }
        throw PythonError(
            .type,
            "format must be a str, int, float, complex, bool, a type of NumPy's or ctypes', or a list of fields, not "
                + object.typeName)
    }

    /// The format of one of Python's own types of numbers, as `array` infers it from their instances.
    private static func numberType(_ object: borrowing PythonObject) -> Scalar? {
        switch unsafe sb_number_type(object.reference) {
        case CInt(UInt8(ascii: "?")): .bool
        case CInt(UInt8(ascii: "q")): .int64
        case CInt(UInt8(ascii: "d")): .float64
        case CInt(UInt8(ascii: "Z")): .complex128
        default: nil
        }
    }

    /// The object itself if it is a `dtype`, that of a NumPy scalar type, or `nil`.
    private static func dtype(
        of object: borrowing PythonObject, _ numpy: borrowing PythonObject
    ) throws(PythonError) -> PythonObject? {
        if try object.isInstance(of: "dtype", in: numpy) { return object.copy() }
        guard try object.isSubtype(of: "generic", in: numpy) else { return nil }
        let make = try numpy.attribute("dtype")
        return try unsafe make.call(object.reference)
    }

    private static func noFormat(_ type: borrowing PythonObject) -> PythonError {
        let shown = (try? type.representation()) ?? type.typeName
        return PythonError(.value, "no format describes items of \(shown)")
    }

    /// A list of fields, each a name, a format, and for a sub-array its shape: one after the other without padding.
    private static func structure(_ list: borrowing PythonObject, depth: Int) throws(PythonError) -> ItemType {
        let entries = try list.asTuple()
        var fields: [Field] = []
        var names: Set<String> = []
        var offset = 0
        for index in 0..<entries.tupleCount {
            let entry = entries.retainedTupleItem(index)
            guard entry.isTuple, (2...3).contains(entry.tupleCount),
                entry.retainedTupleItem(0).isString
            else {
                throw PythonError(
                    .type,
                    "a field must be a tuple of a name, a format, and for a sub-array its shape, not \(entry.typeName)")
            }
            let name = try entry.retainedTupleItem(0).string()
            guard names.insert(name).inserted else { throw PythonError(.value, "second field named '\(name)'") }
            guard !name.utf8.contains(UInt8(ascii: ":")), !name.utf8.contains(0) else {
                throw PythonError(.value, "the name of a field cannot contain ':' or NUL: '\(name)'")
            }
            var type = try itemType(of: entry.retainedTupleItem(1), depth: depth + 1)
            if entry.tupleCount == 3 {
                guard let array = try type.array(ofShape: entry.retainedTupleItem(2).integers("shape")) else {
                    throw PythonError(.value, "the shape of field '\(name)' is too large, or negative")
                }
                type = array
            }
            fields.append(Field(name: name, offset: offset, type: type))
            let (end, overflow) = offset.addingReportingOverflow(type.size)
            if overflow { throw PythonError(.value, "the fields take more bytes than an address can count") }
            offset = end
        }
        guard let format = Format(placed: fields, itemsize: offset) else {
            throw PythonError(.value, "the fields take more bytes than an address can count")
        }
        return .structure(format)
    }
}
