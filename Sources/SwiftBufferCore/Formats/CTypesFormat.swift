// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// The formats of ctypes' types, as their `_fields_` and descriptors have them: with unions, bit fields and padding, which
/// a buffer's format may not contain.
enum CTypesFormat {
    /// The module of ctypes' own types, if it has been imported.
    static func imported() throws(PythonError) -> PythonObject? { try PythonObject.imported("_ctypes") }

    /// Whether an object is one of ctypes' types.
    static func isType(_ object: borrowing PythonObject, _ ctypes: borrowing PythonObject) throws(PythonError) -> Bool {
        try kind(of: object, ctypes) != nil
    }

    /// The base classes of ctypes' types.
    private enum Kind: String, CaseIterable {
        case simple = "_SimpleCData"
        case structure = "Structure"
        case union = "Union"
        case array = "Array"
        case pointer = "_Pointer"
        case function = "CFuncPtr"
    }

    private static func kind(
        of type: borrowing PythonObject, _ ctypes: borrowing PythonObject
    ) throws(PythonError) -> Kind? {
        for kind in Kind.allCases {
            if try type.isSubtype(of: kind.rawValue, in: ctypes) { return kind }
        }
        return nil
    }

    /// The item type of a ctypes type; `nil` for one that no format describes.
    static func itemType(
        of type: borrowing PythonObject, _ ctypes: borrowing PythonObject, depth: Int = 0
    ) throws(PythonError) -> ItemType? {
        guard depth < Format.maximumDepth else { return nil }
        let found: ItemType?
        switch try kind(of: type, ctypes) {
        case .simple: found = try simple(type, size: size(of: type, ctypes))
        case .structure, .union: found = try structure(type, ctypes, depth: depth)
        case .array:
            let element = try itemType(of: type.attribute("_type_"), ctypes, depth: depth + 1)
            found = try element?.array(ofShape: [type.attribute("_length_").int()])
        case .pointer, .function: found = .pointer(swapped: false)
        case nil: found = nil
        }
        guard let found, try found.size == size(of: type, ctypes) else { return nil }
        return found
    }

    private static func size(
        of type: borrowing PythonObject, _ ctypes: borrowing PythonObject
    ) throws(PythonError) -> Int {
        let sizeof = try ctypes.attribute("sizeof")
        return try unsafe sizeof.call(type.reference).int()
    }

    private static func simple(_ type: borrowing PythonObject, size: Int) throws(PythonError) -> ItemType? {
        let isSwapped = size > 1 ? try isSwapped(type) : false
        let kind: Character
        switch try type.attribute("_type_").string() {
        case "c": return .scalar(.char, swapped: false)
        case "b", "h", "i", "l", "q", "v": kind = "i"
        case "B", "H", "I", "L", "Q": kind = "u"
        case "g": return .scalar(.longDouble, swapped: isSwapped)
        case "f", "d": kind = "f"
        case "C", "D", "E", "F", "G": kind = "c"
        case "?": kind = "b"
        case "P", "z", "Z", "X": return .pointer(swapped: isSwapped)
        case "u": return size == 4 ? .ucs4(1, swapped: isSwapped) : .ucs2(1, swapped: isSwapped)
        case "O": return .object
        default: return nil
        }
        return ItemType(numPyKind: kind.asciiValue ?? 0, size: size, swapped: isSwapped)
    }

    /// Whether a simple type is not in native byte order: then the type of the other order is itself.
    private static func isSwapped(_ type: borrowing PythonObject) throws(PythonError) -> Bool {
        let (own, other) = 1.littleEndian == 1 ? ("__ctype_le__", "__ctype_be__") : ("__ctype_be__", "__ctype_le__")
        guard let swapped = try type.attributeIfAny(other), let native = try type.attributeIfAny(own) else {
            return false
        }
        return unsafe type.reference == swapped.reference && !(type.reference == native.reference)
    }

    // MARK: Structures

    private static func structure(
        _ type: borrowing PythonObject, _ ctypes: borrowing PythonObject, depth: Int
    ) throws(PythonError) -> ItemType? {
        let classes = try type.attribute("__mro__").asTuple()
        let key = try PythonObject("_fields_")
        let isSwapped = try type.attributeIfAny("_swappedbytes_") != nil
        var fields: [Field] = []
        // Base classes first.
        for index in (0..<classes.tupleCount).reversed() {
            let members = try classes.retainedTupleItem(index).attribute("__dict__")
            guard let own = try members.value(at: key)?.asTuple() else { continue }
            for position in 0..<own.tupleCount {
                let entry = try own.retainedTupleItem(position).asTuple()
                guard entry.tupleCount == 2 || entry.tupleCount == 3,
                    let descriptor = try members.value(at: entry.retainedTupleItem(0)),
                    let field = try field(entry, descriptor, isSwapped: isSwapped, ctypes, depth: depth)
                else { return nil }
                fields.append(field)
            }
        }
        return try Format(placed: withoutDuplicates(fields), itemsize: size(of: type, ctypes)).map { .structure($0) }
    }

    /// A field as its entry in `_fields_` and its descriptor describe it.
    ///
    /// - Parameter isSwapped: whether the structure is one of the other byte order, in which its bit fields are numbered.
    private static func field(
        _ entry: borrowing PythonObject, _ descriptor: borrowing PythonObject, isSwapped: Bool,
        _ ctypes: borrowing PythonObject, depth: Int
    ) throws(PythonError) -> Field? {
        let name = try entry.retainedTupleItem(0).string()
        // The descriptor may have been replaced by another object.
        guard let place = try descriptor.attributeIfAny("offset") else { return nil }
        let offset = try place.int()
        guard let type = try itemType(of: entry.retainedTupleItem(1), ctypes, depth: depth + 1) else { return nil }
        guard entry.tupleCount == 3 else { return Field(name: name, offset: offset, type: type) }
        // The width in the upper half, and how far the storage unit is shifted in the lower one.
        guard let extent = try descriptor.attributeIfAny("size") else { return nil }
        let size = try extent.int()
        guard case .scalar(let scalar, _) = type, let isSigned = scalar.isSignedInteger, scalar.size <= 8
        else { return nil }
        let (width, shift) = (size >> 16, size & 0xFFFF)
        guard width >= 1, shift + width <= 8 * scalar.size else { return nil }
        let (first, bits) = BitField.inUnit(
            bytes: scalar.size, shift: shift, width: width, isSigned: isSigned, swapped: isSwapped)
        guard (0...Int.max / 2).contains(offset) else { return nil }
        return Field(name: name, offset: offset + first, type: .bits(bits))
    }

    /// Of fields with one name, that of the most derived class keeps it.
    private static func withoutDuplicates(_ fields: [Field]) -> [Field] {
        var names: Set<String> = []
        var result: [Field] = []
        for field in fields.reversed() {
            let isFirst = field.name.map { names.insert($0).inserted } ?? true
            result.append(isFirst ? field : Field(name: nil, offset: field.offset, type: field.type))
        }
        return result.reversed()
    }
}

extension Scalar {
    /// Whether an integer has a sign; `nil` for what is no integer.
    fileprivate var isSignedInteger: Bool? {
        switch self {
        case .int8, .int16, .int32, .int64: true
        case .uint8, .uint16, .uint32, .uint64, .bool: false
        default: nil
        }
    }
}
