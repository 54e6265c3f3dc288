// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims

// An item of any format as a Python object, and back.

extension Format {
    /// The item at `address`: the one value of a format that has one, otherwise a tuple; see ``ItemType/object(at:)``.
    ///
    /// - Precondition: `address` is that of ``itemsize`` bytes, which stay while Python code may run.
    package func object(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        if let only { return try unsafe only.type.object(at: address + only.offset) }
        return try unsafe record(at: address)
    }

    /// Writes an item; see ``ItemType/encode(_:to:)``.
    ///
    /// - Precondition: `address` is that of ``itemsize`` writable bytes, all zero, that no other code can access yet.
    package func encode(_ object: ObjectReference, to address: UnsafeMutableRawPointer) throws(PythonError) {
        try unsafe encode(object, to: address, place: Destination(self))
    }

    /// As ``encode(_:to:)``.
    ///
    /// - Parameter place: what the item is written to, as errors name it: the format as its user has spelled it.
    package func encode(
        _ object: ObjectReference, to address: UnsafeMutableRawPointer, place: Destination
    ) throws(PythonError) {
        if let only { return try unsafe only.type.encode(object, to: address + only.offset, place: place) }
        if try unsafe encodeSingleItem(object, to: address) { return }
        try unsafe encodeRecord(object, to: address, place: place)
    }

    /// The names of the values, if any has one; empty for those that have none.
    package var names: [String]? {
        guard hasNames else { return nil }
        return fields.flatMap { field in (0..<field.repeats).map { _ in field.name ?? "" } }
    }

    /// The values of a structure as a tuple, with names where the format has any.
    func record(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        let count = valueCount
        let tuple: PythonObject
        if hasNames {
            let type = try RecordClass.of(self)
            tuple = try unsafe PythonObject(
                result: sb_new_record(
                    type.typePointer, count))
        } else {
            tuple = try unsafe PythonObject(result: PyTuple_New(count))
        }
        var position = 0
        for field in fields {
            for index in 0..<field.repeats {
                let value: PythonObject
                do throws(PythonError) {
                    value = try unsafe field.type.object(at: address + field.offset(ofRepeat: index))
                } catch {
                    throw error.unreadable(field, position)
                }
                unsafe sb_tuple_set(tuple.pointer, position, value.intoPointer())
                position += 1
            }
        }
        return tuple
    }

    /// Writes the values of a structure, from a sequence, or from a mapping of their names.
    func encodeRecord(
        _ object: ObjectReference, to address: UnsafeMutableRawPointer, place: Destination
    ) throws(PythonError) {
        guard !hasOverlaps else {
            throw PythonError(
                .notImplemented,
                "the fields of a union share their bytes, so that they cannot be written together: assign to one of them, "
                    + "as view['name'][...] = value")
        }
        let values: PythonObject
        if object.isDictionary && hasNames {
            values = try self.values(of: object)
        } else {
            values = try ItemType.sequence(object, count: valueCount, place: place)
        }
        var position = 0
        for field in fields {
            for index in 0..<field.repeats {
                do throws(PythonError) {
                    let (value, start) = unsafe (values.tupleItem(position), address + field.offset(ofRepeat: index))
                    try place.withValue(field.name, at: position) { (part) throws(PythonError) in
                        try unsafe field.type.encode(value, to: start, place: part)
                    }
                } catch {
                    throw error.unreadable(field, position)
                }
                position += 1
            }
        }
    }

    private func values(of mapping: ObjectReference) throws(PythonError) -> PythonObject {
        // A format may have more names than memory can hold.
        guard unsafe PyDict_Size(mapping.pointer) == valueCount, let names else { throw otherFields }
        let tuple = try unsafe PythonObject(result: PyTuple_New(names.count))
        for (index, name) in names.enumerated() {
            let key = try PythonObject(name)
            do throws(PythonError) {
                let value = try unsafe PythonObject(result: PyObject_GetItem(mapping.pointer, key.pointer))
                unsafe sb_tuple_set(tuple.pointer, index, value.intoPointer())
            } catch {
                throw error.matches(.key) ? otherFields : error
            }
        }
        return tuple
    }

    private var otherFields: PythonError {
        // A format may have more names than a message, or memory, can hold.
        let known = valueCount > 32 ? nil : names
        return PythonError(
            .value,
            "a mapping for a structure must have its \(valueCount) fields and no others"
                + (known.map { ": \($0.joined(separator: ", "))" } ?? ""))
    }
}

extension PythonError {
    /// The error for a value of a structure that cannot be converted: names the value.
    func unreadable(_ field: Field, _ position: Int) -> PythonError {
        guard let kind, kind == .notImplemented, let message else { return self }
        guard let name = field.name else { return PythonError(kind, "value \(position): \(message)") }
        return PythonError(kind, "field '\(name)': \(message)")
    }
}
