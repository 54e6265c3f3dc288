internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Items and parts of test arrays.

extension TestBuffer {
    /// The item at the indices, which are in range.
    private func item(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        try unsafe itemCodec().value(at: address)
    }

    /// The address of the item at `index` of the only axis.
    private func address(of index: Int) throws(PythonError) -> UnsafeRawPointer {
        let base = unsafe UnsafeRawPointer(address) ?? UnsafeRawPointer(dimensions)
        return try unsafe raisingLayoutErrors { () throws(LayoutError) in
            try unsafe layout.view.address(of: [index].span, from: base)
        }
    }

    func item(_ index: Int) throws(PythonError) -> PythonObject {
        try unsafe item(at: address(of: index))
    }

    /// The only item of an array without dimensions.
    func scalarItem() throws(PythonError) -> PythonObject {
        guard let address = unsafe address else {
            throw PythonError(.buffer, "the exporter answered without an address")
        }
        return try unsafe item(at: address)
    }

    func setItem(_ index: Int, to value: ObjectReference) throws(PythonError) {
        try unsafe store(value, at: UnsafeMutableRawPointer(mutating: address(of: index)))
    }

    func setScalarItem(to value: ObjectReference) throws(PythonError) {
        guard let address = unsafe address else { return }
        try unsafe store(value, at: address)
    }

    private func store(_ value: ObjectReference, at address: UnsafeMutableRawPointer) throws(PythonError) {
        let codec = try itemCodec()
        let bytes = try codec.bytes(of: value)
        unsafe address.copyMemory(from: sb_bytes_address(bytes.pointer), byteCount: codec.itemsize)
    }

    /// The items as nested lists.
    func list() throws(PythonError) -> PythonObject {
        guard format != nil else {
            throw PythonError(.value, "the format is NULL, so that items cannot be told apart; tobytes() would work")
        }
        guard hasShape else { throw PythonError(.value, "the shape is NULL; tobytes() would work") }
        // Never followed where there are no items.
        let start = unsafe UnsafeRawPointer(address) ?? UnsafeRawPointer(dimensions)
        return try unsafe list(axis: 0, from: start)
    }

    private func list(axis: Int, from address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        guard axis < layout.ndim else { return try unsafe item(at: address) }
        let count = layout.view.shape[axis]
        let list = try unsafe PythonObject(result: sb_new_list(count))
        for index in 0..<count {
            let next = unsafe layout.view.hasNoBytes ? address : layout.view.step(from: address, axis: axis, to: index)
            let item = try unsafe self.list(axis: axis + 1, from: next)
            unsafe sb_list_set(list.pointer, index, item.intoPointer())
        }
        return list
    }

    /// The items as bytes in C order.
    func bytes() throws(PythonError) -> PythonObject {
        let count = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.byteCount }
        let bytes = try unsafe PythonObject(result: PyBytes_FromStringAndSize(nil, count))
        guard count > 0, let address = unsafe address else { return bytes }
        let packed = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.contiguous(.c) }
        try unsafe Self.copy(address, layout, to: UnsafeMutableRawPointer(sb_bytes_address(bytes.pointer)), packed)
        return bytes
    }

    /// Copies the items of another structure, of the same format and shape.
    func copyItems(of other: TestBuffer) throws(PythonError) {
        guard Self.hasSameStructure(self, other) else {
            throw PythonError(
                .value,
                "cannot assign shape \(other.layout.shapeText) of format '\(other.format ?? "")' to shape "
                    + "\(layout.shapeText) of format '\(format ?? "")': both must be the same")
        }
        guard !layout.view.hasNoBytes, let from = unsafe other.address, let to = unsafe address else { return }
        let row = max(layout.view.shape.isEmpty ? 1 : layout.view.shape[layout.ndim - 1], 1)
        // At least one item long, and no longer than an array of it.
        unsafe withUnsafeTemporaryAllocation(byteCount: row * layout.itemsize, alignment: 16) { row in
            unsafe copyRows(from: from, of: other.layout, axis: 0, to: to, through: row.baseAddress!)
        }
    }

    /// Copies row after row, each through a copy of it, in the order of the indices: what a list of lists does in a slice
    /// assignment to a part of itself, and what CPython's exporter does.
    ///
    /// - Precondition: equal shapes and itemsizes, with items.
    private func copyRows(
        from source: UnsafeRawPointer, of sourceLayout: Layout, axis: Int, to destination: UnsafeMutableRawPointer,
        through row: UnsafeMutableRawPointer
    ) {
        let size = layout.itemsize
        guard axis < layout.ndim else {
            unsafe destination.copyMemory(from: source, byteCount: size)
            return
        }
        let count = layout.view.shape[axis]
        guard axis == layout.ndim - 1 else {
            for index in 0..<count {
                let next = unsafe layout.view.step(from: UnsafeRawPointer(destination), axis: axis, to: index)
                unsafe copyRows(
                    from: sourceLayout.view.step(from: source, axis: axis, to: index), of: sourceLayout,
                    axis: axis + 1, to: UnsafeMutableRawPointer(mutating: next), through: row)
            }
            return
        }
        for index in 0..<count {
            let item = unsafe sourceLayout.view.step(from: source, axis: axis, to: index)
            unsafe (row + index * size).copyMemory(from: item, byteCount: size)
        }
        for index in 0..<count {
            let item = unsafe layout.view.step(from: UnsafeRawPointer(destination), axis: axis, to: index)
            unsafe UnsafeMutableRawPointer(mutating: item).copyMemory(from: row + index * size, byteCount: size)
        }
    }

    /// Whether formats and shapes are the same, shapes up to an axis without items.
    private static func hasSameStructure(_ first: TestBuffer, _ second: TestBuffer) -> Bool {
        guard let a = first.format, let b = second.format, native(a) == native(b),
            first.layout.itemsize == second.layout.itemsize, first.layout.ndim == second.layout.ndim
        else { return false }
        for (length, other) in zip(first.layout.shape, second.layout.shape) {
            if length != other { return false }
            if length == 0 { break }
        }
        return true
    }

    /// A format without the `@` that says what it means anyway.
    private static func native(_ format: String) -> Substring { format.first == "@" ? format.dropFirst() : format[...] }

    private static func copy(
        _ from: UnsafeRawPointer, _ fromLayout: Layout, to: UnsafeMutableRawPointer, _ toLayout: Layout
    ) throws(PythonError) {
        do {
            try unsafe Kernels.copy(from: from, layout: fromLayout.view, to: to, layout: toLayout.view)
        } catch {
            throw PythonError.outOfMemory()
        }
    }
}

/// `array[key]` and `array[key] = value`.
extension TestArray {
    static func subscripting(_ object: ObjectReference, _ key: ObjectReference) throws(PythonError) -> PythonObject {
        let shown = shown(by: object)
        if shown.ndim == 0 {
            if isEmptyTuple(key) { return try shown.scalarItem() }
            if key.isEllipsis { return PythonObject(borrowing: object) }
            throw PythonError(.type, "an array without dimensions takes () and ... as an index")
        }
        if key.isIndex { return try item(of: object, intValue(of: key)) }
        return try make(type(of: object), part(of: object, key))
    }

    /// The item, or the array of one dimension less, at `index` of the first axis.
    static func item(of object: ObjectReference, _ index: Int) throws(PythonError) -> PythonObject {
        let shown = shown(by: object)
        if shown.ndim == 0 { throw PythonError(.type, "an array without dimensions has no items to count") }
        if shown.ndim == 1 { return try shown.item(index) }
        return try make(type(of: object), part(of: object, at: index))
    }

    static func assign(
        _ object: ObjectReference, _ key: ObjectReference, _ value: ObjectReference?
    ) throws(PythonError) {
        let shown = shown(by: object)
        guard !shown.isReadOnly else { throw PythonError(.type, "the array is not writable") }
        guard let value else { throw PythonError(.type, "items cannot be deleted") }
        if shown.ndim == 0 {
            guard isEmptyTuple(key) || key.isEllipsis else {
                throw PythonError(.type, "an array without dimensions takes () and ... as an index")
            }
            return try shown.setScalarItem(to: value)
        }
        let isInteger = key.isIndex
        if shown.ndim == 1 && isInteger { return try shown.setItem(intValue(of: key), to: value) }
        guard value.exportsBuffer else {
            throw PythonError(
                .type, "a part of an array takes the items of an exporter, not \(typeNameOf(value))")
        }
        let source = try TestBuffer.acquired(from: value, .fullReadOnly)
        let target = try isInteger ? part(of: object, at: intValue(of: key)) : part(of: object, key)
        try target.copyItems(of: source)
    }

    private static func part(of object: ObjectReference, at index: Int) throws(PythonError) -> TestBuffer {
        // Before the buffer is asked for, which may be refused.
        _ = try raisingLayoutErrors { [layout = shown(by: object).layout] () throws(LayoutError) in
            try layout.view.normalized(index, axis: 0)
        }
        return try TestBuffer.part(of: object) { (layout) throws(PythonError) in
            try raisingLayoutErrors { () throws(LayoutError) in try layout.view.selecting(.integer(index)) }
        }
    }

    /// What a slice or a tuple of slices selects. More slices than axes are an IndexError here; CPython's own exporter
    /// walks off the end of its shape.
    private static func part(of object: ObjectReference, _ key: ObjectReference) throws(PythonError) -> TestBuffer {
        try TestBuffer.part(of: object) { (layout) throws(PythonError) in
            let isTuple = key.isTuple
            let count = isTuple ? key.tupleCount : 1
            var axes: [AxisIndex] = []
            for axis in 0..<count { axes.append(try slice(isTuple ? key.tupleItem(axis) : key)) }
            return try raisingLayoutErrors { () throws(LayoutError) in try layout.view.selecting(axes.span) }
        }
    }

    /// - Throws: `TypeError` for another object, `ValueError` for a step of zero.
    private static func slice(_ slice: ObjectReference) throws(PythonError) -> AxisIndex {
        guard slice.isSlice else {
            throw PythonError(.type, "the array takes slices as an index, not \(typeNameOf(slice))")
        }
        var start = 0
        var stop = 0
        var step = 0
        if unsafe PySlice_Unpack(slice.pointer, &start, &stop, &step) < 0 { throw PythonError.pending() }
        return .slice(start: start, stop: stop, step: step)
    }

    private static func isEmptyTuple(_ key: ObjectReference) -> Bool {
        key.isTuple && key.tupleCount == 0
    }

    private static func type(of object: ObjectReference) -> ObjectReference {
        unsafe ObjectReference(
            pointer: UnsafeMutableRawPointer(sb_type(object.pointer)).assumingMemoryBound(to: PyObject.self))
    }
}
