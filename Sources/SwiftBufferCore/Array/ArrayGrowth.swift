// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import PythonBuffers

// Adding items at the end of an array of one dimension, and removing single ones.

extension ArrayObject {
    /// `array.extend(values)`
    static func extendArray(_ array: ObjectReference, with values: ObjectReference) throws(PythonError) {
        if NumberLists.extend(array, with: values) { return }
        if try PlainItems.append(of: values, to: array, asBytes: false) { return }
        let item = try MemoryObject(array).withReadAccess { (contents) throws(PythonError) in
            guard contents.ndim == 1 else { throw notResizable(contents.ndim) }
            return try contents.item
        }
        let isBuffer = values.exportsBuffer
        let types = try ViewTypes(for: array)
        let added: PythonObject
        if isBuffer {
            let buffer = try PythonBuffer(values)
            if PlainItems.append(of: buffer, to: array, asBytes: false) { return }
            // A copy, which may be of the array itself.
            added = try copy(types.array, of: buffer, as: nil, order: .c, isReadOnly: true)
            try checkFormat(of: added, item)
        } else {
            let list = try values.copyAsList()
            if unsafe NumberLists.extend(array, with: list.reference) { return }
            added = try unsafe NestedSequence(list.reference, item).array(types.array, order: .c, isReadOnly: true)
        }
        try unsafe MemoryObject(added.reference).withExportPinned { (contents) throws(PythonError) in
            guard contents.ndim == 1 else {
                throw PythonError(.value, "cannot extend with \(contents.ndim) dimensions; one is needed")
            }
            let count = contents.layout.shape[0]
            let bytes = unsafe UnsafeRawBufferPointer(start: contents.address, count: contents.length)
            try unsafe resize(array, append: RawSpan(_unsafeBytes: bytes)) { (old) throws(PythonError) in
                try sum(old, count)
            }
        }
    }

    private static func checkFormat(of added: borrowing PythonObject, _ item: ItemFormat) throws(PythonError) {
        let other = try unsafe MemoryObject(added.reference).withExportPinned { (contents) throws(PythonError) in
            try contents.item
        }
        guard item.isAssignable(from: other) else {
            throw PythonError(
                .type,
                "cannot extend items of format '\(item.spelling)' with items of format '\(other.spelling)': "
                    + (item.format.isOfBytes
                        ? "append(value) adds one" : "array(values, '\(item.spelling)') converts numbers"))
        }
    }

    /// `array.frombytes(data)`
    static func appendBytes(_ array: ObjectReference, of data: ObjectReference) throws(PythonError) {
        if try PlainItems.append(of: data, to: array, asBytes: true) { return }
        let itemsize = try MemoryObject(array).withReadAccess { (contents) in contents.itemsize }
        guard data.exportsBuffer else {
            throw PythonError(.type, "a bytes-like object is required, not '\(typeNameOf(data))'")
        }
        // A copy of the bytes: the data may be a buffer of the array itself, which could not grow beside that export. Not by
        // PyBytes_FromObject, which does not check what an exporter returns.
        let view = try ViewObject.make(ViewTypes(for: array), of: data)
        let bytes = try unsafe MemoryObject(view.reference).bytes(order: .c)
        _ = consume view
        let count = bytes.contents.byteCount
        guard itemsize > 0, count.isMultiple(of: itemsize) else {
            throw PythonError(.value, "\(count) bytes are not a multiple of itemsize \(itemsize)")
        }
        try resize(array, append: bytes.contents) { (old) throws(PythonError) in try sum(old, count / itemsize) }
    }

    /// `array.pop(index)`
    static func popItem(_ array: ObjectReference, at index: Int) throws(PythonError) -> PythonObject {
        let memory = MemoryObject(array)
        // A wrong index is reported before outstanding exports. One access: another thread may remove the
        // last item between two.
        let scalar = try memory.withReadAccess { (contents) throws(PythonError) in
            guard contents.ndim == 1 else { throw notResizable(contents.ndim) }
            if contents.layout.shape[0] == 0 { throw PythonError(.index, "pop from an empty array") }
            _ = try raisingLayoutErrors { () throws(LayoutError) in try contents.layout.normalized(index, axis: 0) }
            return contents.scalar
        }
        if let (scalar, swapped) = scalar {
            var taken: ObjectPointer?
            try resize(array) { (count) throws(PythonError) in
                let position = try position(index, count)
                let place = unsafe place(of: position, in: array)
                unsafe taken = try PythonObject(result: scalar.object(at: place, swapped: swapped)).intoPointer()
                remove(position, of: count, from: array)
                return count - 1
            }
            return try unsafe PythonObject(result: taken)
        }
        return try popRecord(array, at: index)
    }

    /// Removes an item whose value is made by Python code, which must not run while the array changes. That code, and other
    /// threads, may change the array meanwhile: then the item is read again.
    private static func popRecord(_ array: ObjectReference, at index: Int) throws(PythonError) -> PythonObject {
        let memory = MemoryObject(array)
        let item = try memory.withReadAccess { (contents) throws(PythonError) in try contents.item }
        while true {
            let copy = try memory.withReadAccess { (contents) throws(PythonError) in
                let position = try position(index, contents.layout.shape[0])
                return try unsafe EncodedItem(copying: place(of: position, in: array), count: contents.itemsize)
            }
            let object = try unsafe item.format.object(at: copy.bytes.baseAddress!)
            var isTaken = false
            try resize(array) { (count) throws(PythonError) in
                let position = try position(index, count)
                isTaken = unsafe copy.isEqual(to: place(of: position, in: array))
                guard isTaken else { return count }
                remove(position, of: count, from: array)
                return count - 1
            }
            if isTaken { return object }
        }
    }

    private static func position(_ index: Int, _ count: Int) throws(PythonError) -> Int {
        if count == 0 { throw PythonError(.index, "pop from an empty array") }
        let position = index < 0 ? index &+ count : index
        guard position >= 0, position < count else {
            throw PythonError(.index, "the array changed while an item was read")
        }
        return position
    }

    /// The address of an item of an array of one dimension.
    static func place(of position: Int, in array: ObjectReference) -> UnsafeMutableRawPointer {
        let fields = ObjectFields(of: array)
        // Items without bytes need no memory: the address is not read.
        let start = unsafe fields.block ?? UnsafeMutableRawPointer(fields.pointer)
        return unsafe start + position * fields.itemsize
    }

    /// Closes the gap that an item leaves.
    ///
    /// - Precondition: no export is outstanding.
    static func remove(_ position: Int, of count: Int, from array: ObjectReference) {
        let itemsize = ObjectFields(of: array).itemsize
        let place = unsafe place(of: position, in: array)
        unsafe place.copyMemory(from: place + itemsize, byteCount: (count - position - 1) * itemsize)
    }

    /// - Throws: `OverflowError`: items without bytes can be as many as an `Int` counts.
    static func sum(_ count: Int, _ added: Int) throws(PythonError) -> Int {
        let (sum, overflow) = count.addingReportingOverflow(added)
        if overflow { throw PythonError(.overflow, "too many items") }
        return sum
    }
}
