// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout

// What is wrong with records, where items of one number were requested.

extension Format {
    /// Where records are no items of a scalar: "expected float32, got int16 at field 'x', offset 4". `nil` for a format
    /// without named fields, or with no other type in them.
    func recordMismatch(wanted: Scalar) -> String? {
        guard let found = Self.firstOther(namedFields, wanted, at: 0, in: "") else { return nil }
        return "expected \(ItemType.scalar(wanted, swapped: false).shownName), got \(found.type.shownName) at field "
            + "'\(found.path)', offset \(found.offset)"
    }

    /// The first value that is no such scalar, in the order of the fields.
    private static func firstOther(
        _ fields: [Field], _ wanted: Scalar, at start: Int, in record: String
    ) -> (type: ItemType, path: String, offset: Int)? {
        for field in fields {
            let path = record + (field.name ?? "")
            let offset = start + field.offset
            switch field.type {
            case .scalar(wanted, swapped: false): continue
            case .structure(let inner) where !inner.namedFields.isEmpty:
                if let found = firstOther(inner.namedFields, wanted, at: offset, in: "\(path).") { return found }
            default: return (field.type, path, offset)
            }
        }
        return nil
    }
}

extension ItemType {
    /// The type for a message: NumPy's name where there is one, or else the format.
    fileprivate var shownName: String {
        switch self {
        case .scalar(let scalar, let swapped):
            if let name = scalar.name { return swapped ? "byte-swapped \(name)" : name }
        case .array(let shape, let element):
            return "\(element.shownName) in an array of shape (\(shape.map(String.init).joined(separator: ", ")))"
        case .structure: return "a record"
        default: break
        }
        return "format '\(Format(self))'"
    }
}
