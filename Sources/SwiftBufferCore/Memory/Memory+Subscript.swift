internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// `memory[...]`: an item, or a view of a part.

extension Memory {
    /// The item that an index of one integer a dimension names, or the view of whatever else it selects.
    func object(at key: ObjectPointer) throws(PythonError) -> PythonObject {
        if unsafe sb_is_exact_int(key) != 0 {
            let index = try unsafe intValue(of: key, overflow: .index)
            if try look({ (contents) in contents.ndim }) == 1 { return try item(at: index) }
        }
        // Taken before Python code may run: a view that is released meanwhile still gives the part that was asked for.
        let lease = try lease()
        let subscripted = try unsafe Subscript(key)
        if let position = subscripted.position, position.count == leasedContents.ndim {
            return try item(at: position.span)
        }
        let view = try unsafe self.view(subscripted, ViewTypes(near: object), lease)
        return view
    }

    /// Writes an item, or all items that an index selects.
    func setObject(at key: ObjectPointer, to value: ObjectPointer?) throws(PythonError) {
        guard let value = unsafe value else { throw PythonError(.type, "cannot delete memory; assign to it") }
        try look { (contents) throws(PythonError) in try contents.checkWritable() }
        let subscripted = try unsafe Subscript(key)
        if let position = subscripted.position, position.count == leasedContents.ndim {
            return try unsafe setItem(at: position.span, to: value)
        }
        // Read once here, and not anew by each view of a part: what is written must tell values from padding.
        if leasedContents.scalar == nil { _ = try? item }
        let target = try unsafe view(subscripted, ViewTypes(near: object))
        try unsafe Memory(target.pointer).assign(value)
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
        guard unsafe sb_type(object) == types.view else {
            let whole = try unsafe ViewObject.make(types, of: object)
            return try unsafe Memory(whole.pointer).reinterpreted(types, nil, body)
        }
        let given = lease
        guard let held = given == nil ? try self.lease() : given else {
            throw PythonError(.system, "a view without a lease")
        }
        let contents = leasedContents
        let shown = try body(contents)
        let record = unsafe contents.record
        let facts = try raisingLayoutErrors { () throws(LayoutError) in try shown.layout.view.facts() }
        let scalar =
            if let item = shown.item { item.format.scalar.map { (type: $0.0, swapped: $0.swapped) } } else {
                contents.scalar
            }
        return try unsafe ViewObject.make(
            types, held,
            ViewObject.Source(
                address: shown.address, format: shown.item?.text ?? record.format, scalar: scalar,
                item: shown.item ?? contents.rememberedItem, isReadOnly: shown.isReadOnly, length: shown.length),
            shown.layout.view, facts)
    }

    /// A view of one field of the structures that the items are.
    private func fieldView(
        _ name: String, _ types: ViewTypes, _ lease: consuming PythonObject?
    ) throws(PythonError) -> PythonObject {
        // Asked for here, while the memory is held.
        _ = try item
        return try reinterpreted(types, lease) { (contents) throws(PythonError) in
            let format = try contents.item.format
            guard let field = format.field(named: name) else {
                let names = format.fieldNames
                throw PythonError(
                    .key,
                    names.isEmpty
                        ? "items of format '\(format)' have no fields"
                        : "no field '\(name)'; there are \(names.joined(separator: ", "))")
            }
            if case .bits(let bits) = field.type {
                throw PythonError(
                    .notImplemented,
                    "field '\(name)' is \(bits.width) bit\(bits.width == 1 ? "" : "s"), and a view shows whole bytes: items "
                        + "have it (view[i].\(name)), and take it as a part of the whole")
            }
            var shape: [Int] = []
            var element = field.type
            while case .array(let inner, let type) = element {
                shape += inner
                element = type
            }
            // Behind pointers the field lies that much further after the last of them is followed.
            let items = Layout(contents.layout)
            var suboffsets = items.suboffsets
            let lastPointer = suboffsets.lastIndex { $0 >= 0 }
            if let lastPointer { suboffsets[lastPointer] += field.offset }
            let layout = try raisingLayoutErrors { () throws(LayoutError) in
                let fields = try Layout(shape: shape, itemsize: element.size)
                if lastPointer != nil { suboffsets += Array(repeating: -1, count: fields.ndim) }
                return try Layout(
                    shape: items.shape + fields.shape, strides: items.strides + fields.strides, suboffsets: suboffsets,
                    itemsize: element.size)
            }
            let offset = lastPointer == nil ? field.offset : 0
            return unsafe Reinterpretation(
                layout: layout, address: contents.address + offset, item: ItemFormat(Format(element.packed)),
                isReadOnly: contents.isReadOnly)
        }
    }
}

extension Memory.Contents {
    /// The same items in the same layout.
    func whole(isReadOnly: Bool) -> Memory.Reinterpretation {
        unsafe Memory.Reinterpretation(
            layout: Layout(layout), address: address, item: nil, isReadOnly: isReadOnly, length: length)
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

extension Format {
    /// The structure that an item is: the format's own fields, or those of the one structure that it holds.
    private var structure: Format {
        if fields.count == 1, fields[0].name == nil, fields[0].repeats == 1,
            case .structure(let format) = fields[0].type
        {
            return format
        }
        return self
    }

    fileprivate func field(named name: String) -> (offset: Int, type: ItemType)? {
        guard let field = structure.fields.first(where: { $0.name == name }) else { return nil }
        return (field.offset + (structure == self ? 0 : fields[0].offset), field.type)
    }

    fileprivate var fieldNames: [String] { structure.fields.compactMap { $0.name }.map { "'\($0)'" } }
}
