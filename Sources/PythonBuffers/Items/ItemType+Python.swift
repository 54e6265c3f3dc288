// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims

// A value of any item type as a Python object, and back.

extension ItemType {
    /// The Python object for the value at `address`: what `struct.unpack` gives where it knows the type, a tuple or
    /// named tuple for a structure, nested lists for a sub-array, `str` for characters.
    ///
    /// - Throws: `NotImplementedError` for object pointers, `ValueError` for an invalid character.
    /// - Precondition: `address` is that of a value of this type, which stays while Python code may run.
    package func object(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        switch self {
        case .scalar(let scalar, let swapped):
            return try unsafe PythonObject(result: scalar.object(at: address, swapped: swapped))
        case .bytes(let count), .void(let count):
            return try unsafe Self.bytes(address, count)
        case .pascal(let count):
            guard count > 0 else { return try unsafe Self.bytes(address, 0) }
            let length = unsafe min(Int(address.load(as: UInt8.self)), count - 1)
            return try unsafe Self.bytes(address + 1, length)
        case .pointer(let swapped):
            return try unsafe PythonObject(result: Scalar.address.object(at: address, swapped: swapped))
        case .bits(let field):
            return try unsafe field.object(at: address)
        case .object:
            throw Self.objectPointers
        case .opaque(let letter, _, _):
            throw Self.opaqueValue(letter)
        case .ucs2(let count, let swapped):
            return try unsafe Self.text(address, count, width: 2, swapped)
        case .ucs4(let count, let swapped):
            return try unsafe Self.text(address, count, width: 4, swapped)
        case .array(let shape, let element):
            return try unsafe Self.list(address, shape[...], element)
        case .structure(let format):
            return try unsafe format.record(at: address)
        }
    }

    /// Writes the value of a Python object, or the item of a buffer without dimensions, to memory.
    ///
    /// - Throws: `TypeError`, `OutOfRangeError` where the object does not fit, `ValueError` for another number of values,
    ///   and what its own conversion raises. What has been written by then is undefined.
    /// - Precondition: `address` is that of ``size`` writable bytes, all zero, that no other code can access yet.
    package func encode(_ object: ObjectReference, to address: UnsafeMutableRawPointer) throws(PythonError) {
        try unsafe encode(object, to: address, place: Destination(self))
    }

    /// As ``encode(_:to:)``.
    ///
    /// - Parameter place: what the value is written to, as errors name it.
    func encode(
        _ object: ObjectReference, to address: UnsafeMutableRawPointer, place: Destination
    ) throws(PythonError) {
        if SingleItem.mayBe(object), try unsafe Format(self).encodeSingleItem(object, to: address) { return }
        switch self {
        case .scalar(let scalar, let swapped):
            try unsafe scalar.encode(object, to: address, swapped: swapped, place: place)
        case .bytes(let count), .void(let count):
            try unsafe Self.copyBytes(of: object, to: address, limit: count, place)
        case .pascal(let count):
            guard count > 0 else { return }
            let limit = min(count - 1, 255)
            let length = try unsafe Self.copyBytes(of: object, to: address + 1, limit: limit, place)
            unsafe address.storeBytes(of: UInt8(length), as: UInt8.self)
        case .pointer(let swapped):
            try unsafe Scalar.address.encode(object, to: address, swapped: swapped, place: place)
        case .bits(let field):
            try unsafe field.encode(object, to: address, place: place)
        case .object:
            throw Self.objectPointers
        case .opaque(let letter, _, _):
            throw Self.opaqueValue(letter)
        case .ucs2(let count, let swapped):
            try unsafe Self.copyText(of: object, to: address, count, width: 2, swapped, place)
        case .ucs4(let count, let swapped):
            try unsafe Self.copyText(of: object, to: address, count, width: 4, swapped, place)
        case .array(let shape, let element):
            try unsafe Self.encodeList(object, to: address, shape[...], element, place)
        case .structure(let format):
            try unsafe format.encodeRecord(object, to: address, place: place)
        }
    }

    // MARK: Bytes and text

    private static func bytes(_ address: UnsafeRawPointer, _ count: Int) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyBytes_FromStringAndSize(address.assumingMemoryBound(to: CChar.self), count))
    }

    @discardableResult
    private static func copyBytes(
        of object: ObjectReference, to address: UnsafeMutableRawPointer, limit: Int, _ place: Destination,
        unit: (name: String, size: Int) = ("bytes", 1)
    ) throws(PythonError) -> Int {
        guard object.isBytes || object.isByteArray else {
            throw PythonError(
                .type, "invalid type for \(place.text): expected bytes, not \(typeNameOf(object))")
        }
        let buffer = try PythonBuffer(object, .simple)
        guard buffer.byteCount <= limit else {
            throw PythonError(
                .outOfRange,
                "invalid value for \(place.text): \(buffer.byteCount / unit.size) \(unit.name) do not fit in "
                    + "\(limit / unit.size)")
        }
        if let source = unsafe buffer.view.pointee.buf {
            unsafe address.copyMemory(from: source, byteCount: buffer.byteCount)
        }
        return buffer.byteCount
    }

    /// Characters of `width` bytes. NULs at the end fill the place of a shorter text, as NumPy has it, unless there is
    /// but one character.
    private static func text(
        _ address: UnsafeRawPointer, _ count: Int, width: Int, _ swapped: Bool
    ) throws(PythonError) -> PythonObject {
        var length = count
        while length > 1 || length == 1 && count > 1 {
            let last = unsafe UnsafeRawBufferPointer(start: address + (length - 1) * width, count: width)
            guard unsafe last.allSatisfy({ $0 == 0 }) else { break }
            length -= 1
        }
        var order: CInt = byteOrder(swapped)
        let bytes = unsafe address.assumingMemoryBound(to: CChar.self)
        return try unsafe PythonObject(
            result: width == 2
                ? PyUnicode_DecodeUTF16(bytes, length * width, "surrogatepass", &order)
                : PyUnicode_DecodeUTF32(bytes, length * width, "surrogatepass", &order))
    }

    private static func copyText(
        of object: ObjectReference, to address: UnsafeMutableRawPointer, _ count: Int, width: Int, _ swapped: Bool,
        _ place: Destination
    ) throws(PythonError) {
        guard object.isString else {
            throw PythonError(
                .type, "invalid type for \(place.text): expected str, not \(typeNameOf(object))")
        }
        let encoding = (width == 2 ? "utf-16-" : "utf-32-") + (byteOrder(swapped) < 0 ? "le" : "be")
        let encoded = try unsafe PythonObject(
            result: encoding.withCString { unsafe PyUnicode_AsEncodedString(object.pointer, $0, "surrogatepass") })
        try unsafe copyBytes(
            of: encoded.reference, to: address, limit: count * width, place, unit: ("characters", width))
    }

    /// The order as CPython's codecs take it: -1 for little endian, 1 for big.
    private static func byteOrder(_ swapped: Bool) -> CInt {
        #if _endian(little)
            swapped ? 1 : -1
        #else
            swapped ? -1 : 1
        #endif
    }

    // MARK: Sub-arrays

    private static func list(
        _ address: UnsafeRawPointer, _ shape: ArraySlice<Int>, _ element: ItemType
    ) throws(PythonError) -> PythonObject {
        guard let count = shape.first else { return try unsafe element.object(at: address) }
        let rest = shape.dropFirst()
        let step = rest.reduce(element.size, &*)
        let list = try unsafe PythonObject(result: sb_new_list(count))
        for index in 0..<count {
            let item = try unsafe self.list(address + index * step, rest, element)
            unsafe sb_list_set(list.pointer, index, item.intoPointer())
        }
        return list
    }

    private static func encodeList(
        _ object: ObjectReference, to address: UnsafeMutableRawPointer, _ shape: ArraySlice<Int>, _ element: ItemType,
        _ place: Destination
    ) throws(PythonError) {
        guard let count = shape.first else { return try unsafe element.encode(object, to: address, place: place) }
        let rest = shape.dropFirst()
        let step = rest.reduce(element.size, &*)
        let values = try place.withSubArray { (part) throws(PythonError) in
            try sequence(object, count: count, place: part)
        }
        for index in 0..<count {
            try unsafe encodeList(
                values.tupleItem(index), to: address + index * step, rest, element, place)
        }
    }

    /// The items of a sequence of exactly `count`, in a tuple of their own that no conversion can change.
    static func sequence(
        _ object: ObjectReference, count: Int, place: Destination
    ) throws(PythonError) -> PythonObject {
        guard object.isSequence && !object.isString && !object.isBytes else {
            throw PythonError(
                .type, "\(place.text) takes a sequence of \(count) values, not \(typeNameOf(object))")
        }
        let tuple = try object.asTuple()
        let found = tuple.tupleCount
        guard found == count else {
            throw PythonError(.value, "\(place.text) takes \(count) value\(count == 1 ? "" : "s"), not \(found)")
        }
        return tuple
    }

    private static var objectPointers: PythonError {
        PythonError(
            .notImplemented, "format 'O' holds pointers to Python objects, which cannot be told from any other bytes")
    }

    private static func opaqueValue(_ letter: UInt8) -> PythonError {
        PythonError(
            .notImplemented,
            "format '\(UnicodeScalar(letter))' is a pointer to text (as ctypes writes it), which is not followed; "
                + "cast('P') reads the address")
    }
}

extension Scalar {
    /// The integer that an address is.
    static let address: Scalar = MemoryLayout<UInt>.size == 8 ? .uint64 : .uint32
}
