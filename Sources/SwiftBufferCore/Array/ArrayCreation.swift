// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import PythonBuffers

// Arrays from buffers, from nested sequences, and from nothing.

extension ArrayObject {
    /// An array with the items of any object: a buffer's, a nested sequence's, or a single value.
    static func make(
        _ type: ObjectReference, from data: ObjectReference, item: ItemFormat?, order: Order, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject {
        // Bytes are a buffer of numbers, but one item where items are strings of bytes.
        let isItem = (data.isBytes || data.isByteArray) && item?.format.isOfBytes == true
        if !isItem && data.exportsBuffer {
            return try copy(type, of: data, as: item, order: order, isReadOnly: isReadOnly)
        }
        if let made = try NumberLists.array(type, of: data, item: item, order: order, isReadOnly: isReadOnly) {
            return made
        }
        if let item, let made = try RecordLists.array(type, of: data, item: item, isReadOnly: isReadOnly) {
            return made
        }
        return try NestedSequence(data, item).array(type, order: order, isReadOnly: isReadOnly)
    }

    /// A copy of a buffer's items, converted if another format is given.
    ///
    /// - Parameter order: `.any` keeps Fortran order where the buffer has it.
    static func copy(
        _ type: ObjectReference, of exporter: ObjectReference, as item: ItemFormat?, order: Order, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject {
        if let made = try PlainItems.copy(type, of: exporter, as: item, isReadOnly: isReadOnly) { return made }
        let buffer = try PythonBuffer(exporter)
        if let made = try PlainItems.copy(type, of: buffer, as: item, isReadOnly: isReadOnly) { return made }
        return try copy(type, of: buffer, as: item, order: order, isReadOnly: isReadOnly)
    }

    /// The same for a buffer of any kind.
    static func copy(
        _ type: ObjectReference, of buffer: borrowing PythonBuffer, as item: ItemFormat?, order: Order, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject {
        let layout = try buffer.layout
        let source = try buffer.item(ViewTypes(ofModuleOf: type))
        // What cannot be read is copied as it is.
        if item != nil { _ = try source.readable }
        let array = try make(
            type, shape: layout.view.shape, item: item ?? source, order: layout.view.resolved(order),
            contents: .uninitialized, isReadOnly: isReadOnly)
        guard let from = unsafe UnsafeRawPointer(buffer.view.pointee.buf) else { return array }
        try unsafe MemoryObject(array.reference).withExportPinned { (contents) throws(PythonError) in
            try unsafe contents.copyItems(from: from, layout: layout.view, item: source)
        }
        return array
    }

    /// An array over the memory of a contiguous buffer, which it holds.
    static func adopt(_ exporter: ObjectReference, for module: ObjectReference) throws(PythonError) -> PythonObject {
        let buffer = try PythonBuffer(exporter)
        let layout = try buffer.layout
        guard layout.summary.isContiguous(.any) else {
            throw PythonError(
                .buffer,
                "an array is contiguous, but the buffer has shape \(layout.shapeText) and strides \(layout.stridesText); "
                    + "array(buffer) copies it")
        }
        let item = try buffer.item(ViewTypes(for: module))
        let memory = try BufferMemory(sharing: buffer)
        return try make(
            for: module, adopting: memory, shape: layout.view.shape, item: item, order: layout.view.resolved(.any))
    }

    /// An array of one dimension with the items of any memory, counted in an order.
    static func flattened(_ memory: ObjectReference, order: Order) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(for: memory)
        return try MemoryObject(memory).withExportPinned { (contents) throws(PythonError) in
            let layout = contents.layout
            let item = try contents.item
            let order = layout.resolved(order)
            let shape = layout.shapeArray
            let count = try raisingLayoutErrors { () throws(LayoutError) in try layout.itemCount }
            let array = try make(
                types.array, shape: [count].span, item: item, order: .c, contents: .uninitialized)
            let target = try unsafe MemoryObject(array.reference).derivedView { (flat) throws(LayoutError) in
                try flat.reshaped(to: shape.span, order: order)
            }
            try unsafe MemoryObject(target.reference).withExportPinned { (target) throws(PythonError) in
                try unsafe target.copyItems(from: contents.address, layout: layout, item: item)
            }
            return array
        }
    }

    /// An array in which every item is `value`.
    static func full(
        _ type: ObjectReference, shape: [Int], value: ObjectReference, item: ItemFormat?, order: Order, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject {
        let item = if let item { item } else { try NestedSequence.inferredFormat(of: value) }
        let encoded = try EncodedItem(value, item)
        let array = try make(
            type, shape: shape.span, item: item, order: order, contents: .uninitialized, isReadOnly: isReadOnly)
        try unsafe MemoryObject(array.reference).withExportPinned { (contents) throws(PythonError) in
            try contents.fill(with: encoded)
        }
        return array
    }
}
