// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// The formats of NumPy's types, as a `dtype` has them: with the offsets and the itemsize, which a buffer's format
/// may omit.
enum NumPyFormat {
    /// NumPy, if it has been imported.
    static func imported() throws(PythonError) -> PythonObject? { try PythonObject.imported("numpy") }

    /// The `dtype` of an array or a scalar; `nil` of any other object.
    static func dtype(
        of exporter: borrowing PythonObject, _ numpy: borrowing PythonObject
    ) throws(PythonError) -> PythonObject? {
        for name in ["ndarray", "generic"] {
            if try exporter.isInstance(of: name, in: numpy) { return try exporter.attributeIfAny("dtype") }
        }
        return nil
    }

    /// The item type of a `dtype`; `nil` for one that no format describes, such as dates.
    static func itemType(of dtype: borrowing PythonObject, depth: Int = 0) throws(PythonError) -> ItemType? {
        guard depth < Format.maximumDepth else { return nil }
        let itemsize = try dtype.attribute("itemsize").int()
        let subdtype = try dtype.attribute("subdtype")
        if !subdtype.isNone {
            let parts = try subdtype.asTuple()
            guard parts.tupleCount == 2, let element = try itemType(of: parts.retainedTupleItem(0), depth: depth + 1),
                let type = try element.array(ofShape: parts.retainedTupleItem(1).integers("shape")),
                type.size == itemsize
            else { return nil }
            return type
        }
        let names = try dtype.attribute("names")
        if !names.isNone { return try structure(dtype, names, itemsize: itemsize, depth: depth) }
        let kind = try dtype.attribute("kind").string().utf8.first ?? 0
        let order = try dtype.attribute("byteorder").string()
        let isSwapped = order == (1.littleEndian == 1 ? ">" : "<")
        // Types of ml_dtypes, an extension of NumPy, are known by their names alone; none of NumPy's own is a small float.
        if let scalar = try Scalar(name: dtype.attribute("name").string()), scalar.isSmallFloat {
            return scalar.size == itemsize ? .scalar(scalar, swapped: isSwapped && itemsize > 1) : nil
        }
        let type = ItemType(
            numPyKind: kind, size: kind == UInt8(ascii: "U") ? itemsize / 4 : itemsize, swapped: isSwapped)
        guard let type, type.size == itemsize else { return nil }
        return type
    }

    private static func structure(
        _ dtype: borrowing PythonObject, _ names: borrowing PythonObject, itemsize: Int, depth: Int
    ) throws(PythonError) -> ItemType? {
        let names = try names.asTuple()
        let entries = try dtype.attribute("fields")
        var fields: [Field] = []
        for index in 0..<names.tupleCount {
            let name = names.retainedTupleItem(index)
            // The type, the offset, and a title where there is one.
            guard let entry = try entries.value(at: name)?.asTuple(), entry.tupleCount >= 2,
                let type = try itemType(of: entry.retainedTupleItem(0), depth: depth + 1)
            else { return nil }
            fields.append(Field(name: try name.string(), offset: try entry.retainedTupleItem(1).int(), type: type))
        }
        return Format(placed: fields, itemsize: itemsize).map { .structure($0) }
    }
}
