// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

// The fields of structures: a view of one field, a view of several, and their names.

extension MemoryObject {
    /// A view of one field of the structures that the items are.
    func fieldView(
        _ name: String, _ types: ViewTypes, _ lease: consuming PythonObject?
    ) throws(PythonError) -> PythonObject {
        // Read here, while the memory is pinned.
        _ = try item
        return try reinterpreted(types, lease) { (contents) throws(PythonError) in
            let item = try contents.item
            guard let place = unsafe item.field(name) else { throw item.format.missing(name) }
            // The item keeps it.
            defer { extendLifetime(item) }
            if case .bits(let bits) = unsafe place.pointee.type {
                throw PythonError(
                    .notImplemented,
                    "field '\(name)' is \(bits.width) bit\(bits.width == 1 ? "" : "s"), and a view shows whole bytes: items "
                        + "have it (view[i].\(name)), and take it as a part of the whole")
            }
            let (shape, size, start) = unsafe (place.pointee.shape, place.pointee.itemsize, place.pointee.offset)
            // With indirect axes, the field's offset is added after the last pointer is followed.
            let items = contents.layout
            var suboffsets = items.suboffsetsArray
            let lastPointer = suboffsets.lastIndex { $0 >= 0 }
            if let lastPointer { suboffsets[lastPointer] += start }
            let layout = try raisingLayoutErrors { () throws(LayoutError) in
                let fields = try Layout(shape: shape, itemsize: size)
                if lastPointer != nil { suboffsets += Array(repeating: -1, count: fields.ndim) }
                return try Layout(
                    shape: items.shapeArray + fields.shape, strides: items.stridesArray + fields.strides,
                    suboffsets: suboffsets, itemsize: size)
            }
            let offset = lastPointer == nil ? start : 0
            return unsafe Reinterpretation(
                layout: layout, address: contents.address + offset, item: place.pointee.item,
                isReadOnly: contents.isReadOnly)
        }
    }

    /// A view of some fields of the same items.
    ///
    /// - Throws: `KeyError` for a field that is not there, `ValueError` for names in another order than in memory.
    func fieldsView(
        _ names: [String], _ types: ViewTypes, _ lease: consuming PythonObject?
    ) throws(PythonError) -> PythonObject {
        // Read here, while the memory is pinned.
        _ = try item
        return try reinterpreted(types, lease) { (contents) throws(PythonError) in
            let whole = try contents.item
            let format = whole.format
            let known = format.namedFields.map { $0.name ?? "" }
            for name in names where !known.contains(name) { throw format.missing(name) }
            let inOrder = known.filter { names.contains($0) }
            guard inOrder == names else {
                throw PythonError(
                    .value,
                    "fields are chosen once each and in the order of memory: [\(quoted(inOrder))] works")
            }
            let kept = ItemFormat(format.keeping { $0.name.map { names.contains($0) } ?? false })
            whole.fieldTable?.remember(names, kept)
            return try unsafe Reinterpretation(
                layout: contents.ownedLayout, address: contents.address, item: kept, isReadOnly: contents.isReadOnly)
        }
    }
}

extension Format {
    fileprivate func missing(_ name: String) -> PythonError {
        let names = namedFields.compactMap { $0.name }
        return PythonError(
            .key,
            names.isEmpty
                ? "items of format '\(self)' have no fields" : "no field '\(name)'; there are \(quoted(names))")
    }
}

private func quoted(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }

/// The attributes `names` and `fields`.
enum MemoryFields {
    static let properties: [PropertyDefinition] =
        [
            PropertyDefinition(
                "names",
                """
                The names of the fields of a structure in the order of memory, a tuple of str; empty for other items.

                >>> swiftbuffer.zeros(3, 'T{i:x:d:y:}').names
                ('x', 'y')
                """
            ) { memory, _ in
                returningObject { () throws(PythonError) in
                    guard let table = try MemoryObject(memory).item.fieldTable else {
                        return try TupleBuilder(capacity: 0).finish()
                    }
                    return try table.names()
                }
            },
            PropertyDefinition(
                "fields",
                """
                The fields of a structure, a new dict: the format of each by its name, and its offset in bytes from the
                start of the item. Empty for other items.

                >>> swiftbuffer.zeros(3, 'T{i:x:d:y:}').fields
                {'x': ('i', 0), 'y': ('d', 8)}
                """
            ) { memory, _ in
                returningObject { () throws(PythonError) in
                    guard let table = try MemoryObject(memory).item.fieldTable else {
                        return try PythonObject(emptyDictionary: ())
                    }
                    let kept = try table.description()
                    return try unsafe kept.reference.copyOfDictionary()
                }
            },
        ]
}
