// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

// `memory[...]`: an item, or a view of a part.

extension MemoryObject {
    /// The item, for an index of one integer per dimension; otherwise the selected view.
    func object(at key: ObjectReference) throws(PythonError) -> PythonObject {
        if key.isExactInt {
            let index = try intValue(of: key, overflow: .index)
            if try withReadAccess({ (contents) in contents.ndim }) == 1 { return try item(at: index) }
        }
        // Taken before Python code may run, so that a view which is released meanwhile still gives the part.
        let lease = try lease()
        return try object(at: Subscript(key), lease)
    }

    private func object(
        at subscripted: Subscript, _ lease: consuming PythonObject?
    ) throws(PythonError) -> PythonObject {
        if case .part(let part, let fields) = subscripted {
            let view = try self.view(fields, ViewTypes(for: object), lease)
            return try unsafe MemoryObject(view.reference).object(at: part, nil)
        }
        if let position = subscripted.position, position.count == leasedContents.ndim {
            return try item(at: position.span)
        }
        let view = try self.view(subscripted, ViewTypes(for: object), lease)
        return view
    }

    /// Writes an item, or all items that an index selects; without a value, deletes items of an array.
    ///
    /// - Parameter buffer: that of the value, where it has been acquired.
    func setObject(
        at key: ObjectReference, to value: ObjectReference?, _ buffer: consuming PythonBuffer? = nil
    ) throws(PythonError) {
        guard let value else {
            // Only a view has an owner.
            guard try withReadAccess({ (contents) in contents.owner == nil }) else {
                throw PythonError(.type, "cannot delete memory that belongs to another object; assign to it")
            }
            return try ArrayObject.deleteItems(object, at: key)
        }
        try withReadAccess { (contents) throws(PythonError) in try contents.checkWritable() }
        if key.isString, let made = FastFields.view(object, key), let pointer = unsafe made.pointer {
            let field = unsafe PythonObject(owning: pointer)
            return try unsafe MemoryObject(field.reference).assign(value, buffer)
        }
        try setObject(at: Subscript(key), to: value, buffer)
    }

    private func setObject(
        at subscripted: Subscript, to value: ObjectReference, _ buffer: consuming PythonBuffer?
    ) throws(PythonError) {
        if case .part(let part, let fields) = subscripted {
            let view = try self.view(fields, ViewTypes(for: object))
            return try unsafe MemoryObject(view.reference).setObject(at: part, to: value, buffer)
        }
        if let position = subscripted.position, position.count == leasedContents.ndim {
            return try setItem(at: position.span, to: value)
        }
        // Parsed once here, not by each view of a part: writing must tell values from padding.
        if leasedContents.scalar == nil { _ = try? item }
        let target = try view(subscripted, ViewTypes(for: object))
        try unsafe MemoryObject(target.reference).assign(value, buffer)
    }

    /// A view of a part of the memory.
    func view(
        _ subscripted: Subscript, _ types: ViewTypes, _ lease: consuming PythonObject? = nil
    ) throws(PythonError) -> PythonObject {
        switch subscripted {
        case .axes(let axes):
            return try unsafe subview(types, lease) { (contents) throws(PythonError) in
                try contents.checkDimensions(of: axes)
                let selection = try raisingLayoutErrors { () throws(LayoutError) in
                    try contents.layout.selecting(axes.span)
                }
                let address = unsafe selection.address(from: UnsafeRawPointer(contents.address))
                return unsafe (selection.layout, UnsafeMutableRawPointer(mutating: address))
            }
        case .field(let name):
            return try fieldView(name, types, lease)
        case .fields(let names):
            return try fieldsView(names, types, lease)
        case .part(let part, let fields):
            let view = try view(fields, types, lease)
            return try unsafe MemoryObject(view.reference).view(part, types)
        }
    }

    /// A view of the same items in another layout.
    ///
    /// - Parameter body: gives the layout, and the address of its first item; runs no Python code.
    func subview(
        _ types: ViewTypes, _ lease: consuming PythonObject? = nil,
        _ body: (borrowing Contents) throws(PythonError) -> (Layout, UnsafeMutableRawPointer)
    ) throws(PythonError) -> PythonObject {
        try reinterpreted(types, lease) { (contents) throws(PythonError) in
            let (layout, address) = try unsafe body(contents)
            return unsafe Reinterpretation(layout: layout, address: address, item: nil, isReadOnly: contents.isReadOnly)
        }
    }

    /// What a view made from this memory shows.
    @safe
    struct Reinterpretation {
        var layout: Layout
        var address: UnsafeMutableRawPointer
        /// Another format for the items; `nil` to keep this one.
        var item: ItemFormat?
        var isReadOnly: Bool
        /// The bytes of the memory where these are more than the items take.
        var length: Int?

        init(
            layout: Layout, address: UnsafeMutableRawPointer, item: ItemFormat?, isReadOnly: Bool, length: Int? = nil
        ) {
            self.length = length
            self.layout = layout
            unsafe self.address = address
            self.item = item
            self.isReadOnly = isReadOnly
        }
    }

    /// A view that shares this memory: of a view through its own lease, of an array through a new one.
    ///
    /// - Parameters:
    ///   - lease: the view's own, where the caller has taken it before the view could be released.
    ///   - body: runs no Python code.
    func reinterpreted(
        _ types: ViewTypes, _ lease: consuming PythonObject? = nil,
        _ body: (borrowing Contents) throws(PythonError) -> Reinterpretation
    ) throws(PythonError) -> PythonObject {
        guard types.isView(object) else {
            let whole = try ViewObject.make(types, of: object)
            return try unsafe MemoryObject(whole.reference).reinterpreted(types, nil, body)
        }
        let given = lease
        guard let held = given == nil ? try self.lease() : given else {
            throw PythonError(.system, "a view without a lease")
        }
        let contents = leasedContents
        let shown = try body(contents)
        let facts = shown.layout.summary
        return try unsafe ViewObject.make(
            types, held,
            ViewObject.Source(
                address: shown.address, exported: shown.item?.exported ?? contents.exportedItem,
                item: shown.item ?? contents.rememberedItem, isReadOnly: shown.isReadOnly, length: shown.length),
            shown.layout.view, facts)
    }
}

extension MemoryObject.Contents {
    /// A copy of the layout.
    var ownedLayout: Layout {
        get throws(PythonError) {
            let layout = layout
            return try raisingLayoutErrors { () throws(LayoutError) in try Layout(layout) }
        }
    }

    /// The same items in the same layout.
    func whole(isReadOnly: Bool) throws(PythonError) -> MemoryObject.Reinterpretation {
        try unsafe MemoryObject.Reinterpretation(
            layout: ownedLayout, address: address, item: nil, isReadOnly: isReadOnly, length: length)
    }

    /// - Throws: `TypeError` for an integer or a slice where there are no dimensions, as memoryview does; NumPy has an
    ///   `IndexError` there.
    fileprivate func checkDimensions(of axes: [AxisIndex]) throws(PythonError) {
        guard ndim == 0 else { return }
        for axis in axes where axis != .newAxis && axis != .ellipsis {
            throw PythonError(.type, "invalid indexing of 0-dim memory: (), '...' and None work")
        }
    }
}
