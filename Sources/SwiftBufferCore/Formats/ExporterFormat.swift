internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// What an exporter means by its format.
///
/// A format is believed, but for those of NumPy and ctypes, which cannot say in it, or say wrongly, where the fields of
/// some structures are: their exporters are asked for their type. Nothing is taken from there that does not lie inside of
/// an item.
enum ExporterFormat {
    /// The format of the items of a buffer; one that cannot be read is told by ``ItemFormat/unreadable``.
    ///
    /// Python code may run: the attributes of a type may be a user's.
    ///
    /// - Parameters:
    ///   - exporter: the `obj` of the buffer, which the caller keeps alive.
    ///   - text: the format of the buffer; NULL for bytes.
    ///   - types: by which memory of our own is told; `nil` to believe its format.
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
        // A type of other items is a lie of the exporter's. Where the format says the same, it stays as it is written.
        if type.size != itemsize || read.unreadable == nil && read.format.describesSame(as: type) { return read }
        return ItemFormat(Format(type))
    }

    /// The exporter behind memoryviews.
    static func root(of exporter: ObjectReference) -> ObjectReference {
        var root = exporter
        // A memoryview that exports is not released, and refers to what has been there before it.
        while root.isMemoryView, let next = unsafe sb_memoryview_buffer(root.pointer).pointee.obj {
            root = unsafe ObjectReference(pointer: next)
        }
        return root
    }

    /// The format of the items of our own memory, if the buffer is one of these items.
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

    /// What NumPy or ctypes say of the items of an exporter, `nil` where no format describes it; `nil` for an exporter of
    /// somebody else's.
    private static func type(ofItemsOf exporter: ObjectReference) throws(PythonError) -> ItemType?? {
        let exporter = PythonObject(borrowing: exporter)
        if let numpy = try NumPyFormat.imported(), let dtype = try NumPyFormat.dtype(of: exporter, numpy) {
            return .some(try NumPyFormat.itemType(of: dtype))
        }
        guard let ctypes = try CTypesFormat.imported() else { return nil }
        let type = unsafe PythonObject(
            borrowing: ObjectReference(
                pointer: UnsafeMutableRawPointer(sb_type(exporter.pointer)).assumingMemoryBound(to: PyObject.self)))
        guard try CTypesFormat.isType(type, ctypes) else { return nil }
        let found = try CTypesFormat.itemType(of: type, ctypes)
        // The dimensions of an array are those of its buffer.
        if case .array(_, let element)? = found { return element }
        return .some(found)
    }

    /// Whether an exporter's own buffer has these items still, and none that are made of them: the type of an array of
    /// NumPy's may have been changed since.
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
    /// What the exporter means by the format of its items; see ``ExporterFormat``.
    ///
    /// - Parameter types: by which memory of our own is told; `nil` to believe its format.
    func item(_ types: @autoclosure () throws(PythonError) -> ViewTypes?) throws(PythonError) -> ItemFormat {
        try unsafe ExporterFormat.item(
            of: OptionalObjectReference(pointer: view.pointee.obj).object, UnsafePointer(view.pointee.format),
            itemsize: itemsize, types())
    }
}

extension Format {
    /// Whether a format says of an item what a type does, names included.
    fileprivate func describesSame(as type: ItemType) -> Bool {
        guard case .structure = type else { return isEquivalent(to: Format(type)) }
        return asType.packed == type.packed
    }
}
