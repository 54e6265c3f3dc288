// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The items that an exporter means by its format.
///
/// A format is taken as it is, except from NumPy and ctypes, whose formats omit, or get wrong, where the fields of some
/// structures are: there the type of the exporter decides, with fields that are inside of an item alone.
enum ExporterFormat {
    /// The format of the items of a buffer; see ``ItemFormat/unreadable`` for one that cannot be read.
    ///
    /// Python code may run: the attributes of a type may be a user's.
    ///
    /// - Parameters:
    ///   - exporter: the `obj` of the buffer, which the caller keeps alive.
    ///   - text: the format of the buffer; NULL for bytes.
    ///   - types: to recognise arrays and views of this module; `nil` to take their format as it is.
    static func item(
        of exporter: ObjectReference?, _ text: UnsafePointer<CChar>?, itemsize: Int,
        _ types: @autoclosure () throws(PythonError) -> ViewTypes?
    ) throws(PythonError) -> ItemFormat {
        guard let cText = unsafe text else {
            return itemsize == 1 ? .of(.uint8) : ItemFormat(reading: "B", itemsize: itemsize)
        }
        let text = unsafe String(cString: cText)
        if let scalar = unsafe Format.scalar(ofCString: cText), scalar.0.size == itemsize {
            return try .parse(text)
        }
        guard let exporter else { return ItemFormat(reading: text, itemsize: itemsize) }
        let root = root(of: exporter)
        if let types = try types(), types.areOf(root) {
            return try ourItem(root, text, itemsize: itemsize)
        }
        let read = ItemFormat(reading: text, itemsize: itemsize)
        guard let found = try type(ofItemsOf: root), try says(root, text, itemsize: itemsize) else {
            return read
        }
        guard let type = found else {
            let reason = "the type of the items has fields that no format describes: '\(text)' may be wrong about them"
            return ItemFormat(Format(.bytes(itemsize)), text: text, unreadable: reason)
        }
        // A type of another size contradicts the buffer. A format that describes the same items stays as it is written.
        if type.size != itemsize || read.unreadable == nil && read.format.describesSame(as: type) { return read }
        return ItemFormat(Format(type))
    }

    /// The exporter behind memoryviews.
    static func root(of exporter: ObjectReference) -> ObjectReference {
        var root = exporter
        // A memoryview with exports cannot be released, and refers to an exporter that is older.
        while root.isMemoryView, let next = unsafe sb_memoryview_buffer(root.pointer).pointee.obj {
            root = unsafe ObjectReference(pointer: next)
        }
        return root
    }

    /// The format of an array or a view of this module, if the buffer is one of its items.
    private static func ourItem(
        _ object: ObjectReference, _ text: String, itemsize: Int
    ) throws(PythonError) -> ItemFormat {
        try MemoryObject(object).withExportPinned { (contents) throws(PythonError) in
            guard contents.itemsize == itemsize, contents.formatText == text else {
                return ItemFormat(reading: text, itemsize: itemsize)
            }
            return try contents.storedItem
        }
    }

    /// The item type by NumPy or ctypes: a `nil` inside where no format describes it, `nil` for any other exporter.
    private static func type(ofItemsOf exporter: ObjectReference) throws(PythonError) -> ItemType?? {
        let exporter = PythonObject(borrowing: exporter)
        if let numpy = try NumPyFormat.imported(), let dtype = try NumPyFormat.dtype(of: exporter, numpy) {
            return .some(try NumPyFormat.itemType(of: dtype))
        }
        guard let ctypes = try CTypesFormat.imported() else { return nil }
        let type = exporter.type
        guard try CTypesFormat.isType(type, ctypes) else { return nil }
        let found = try CTypesFormat.itemType(of: type, ctypes)
        // The dimensions of an array are those of its buffer.
        if case .array(_, let element)? = found { return element }
        return .some(found)
    }

    /// Whether an exporter's buffer still has these items: the type of a NumPy array may have been changed since.
    private static func says(
        _ exporter: ObjectReference, _ text: String, itemsize: Int
    ) throws(PythonError) -> Bool {
        do throws(PythonError) {
            let buffer = try PythonBuffer(exporter)
            return buffer.itemsize == itemsize && buffer.format == text
        } catch {
            guard error.matches(.buffer) || error.matches(.value) || error.matches(.type) else { throw error }
            return false
        }
    }
}

extension PythonBuffer {
    /// The items that the exporter means by its format; see ``ExporterFormat``.
    ///
    /// - Parameter types: to recognise arrays and views of this module; `nil` to take their format as it is.
    func item(_ types: @autoclosure () throws(PythonError) -> ViewTypes?) throws(PythonError) -> ItemFormat {
        try unsafe ExporterFormat.item(
            of: OptionalObjectReference(pointer: view.pointee.obj).object, UnsafePointer(view.pointee.format),
            itemsize: itemsize, types())
    }
}

extension Format {
    /// Whether a format describes the same item as a type, names included.
    fileprivate func describesSame(as type: ItemType) -> Bool {
        guard case .structure = type else { return isEquivalent(to: Format(type)) }
        return asType.packed == type.packed
    }
}
