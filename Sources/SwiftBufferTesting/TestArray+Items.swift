// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Items and parts of test arrays.

extension TestBuffer {
    /// The address of the item at `index` of the only axis.
    private func address(of index: Int) throws(PythonError) -> UnsafeRawPointer {
        try unsafe raisingLayoutErrors { () throws(LayoutError) in
            try unsafe layout.view.address(of: [index].span, from: start)
        }
    }

    func item(_ index: Int) throws(PythonError) -> PythonObject {
        try unsafe itemCodec().value(at: address(of: index))
    }

    /// The only item of an array without dimensions.
    func scalarItem() throws(PythonError) -> PythonObject {
        guard let address = unsafe address else {
            throw PythonError(.buffer, "the exporter returned a buffer without an address")
        }
        return try unsafe itemCodec().value(at: address)
    }

    func setItem(_ index: Int, to value: borrowing PythonObject) throws(PythonError) {
        try unsafe store(value, at: UnsafeMutableRawPointer(mutating: address(of: index)))
    }

    func setScalarItem(to value: borrowing PythonObject) throws(PythonError) {
        guard let address = unsafe address else { return }
        try unsafe store(value, at: address)
    }

    private func store(
        _ value: borrowing PythonObject, at address: UnsafeMutableRawPointer
    ) throws(PythonError) {
        // As many bytes as an item has.
        let bytes = try itemCodec().bytes(of: value)
        unsafe bytes.contents.withUnsafeBytes {
            unsafe address.copyMemory(from: $0.baseAddress!, byteCount: $0.count)
        }
    }

    /// The items as nested lists.
    func list() throws(PythonError) -> PythonObject {
        guard format != nil else {
            throw PythonError(.value, "items cannot be read: the format is NULL; tobytes() works")
        }
        guard hasShape else { throw PythonError(.value, "items cannot be read: the shape is NULL; tobytes() works") }
        return try unsafe list(axis: 0, from: start)
    }

    private func list(axis: Int, from address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        guard axis < layout.ndim else { return try unsafe itemCodec().value(at: address) }
        return try PythonObject(listOf: layout.view.shape[axis]) { (index) throws(PythonError) in
            let next = unsafe layout.view.hasNoBytes ? address : layout.view.step(from: address, axis: axis, to: index)
            return try unsafe list(axis: axis + 1, from: next)
        }
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

    /// Copies row after row, each through a copy of it, in the order of the indices: what a list of lists does in a
    /// slice assignment to a part of itself, and what CPython's exporter does.
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
extension TestArrayObject {
    func part(_ key: borrowing PythonObject) throws(PythonError) -> PythonObject {
        let shown = shown
        if shown.ndim == 0 {
            if Self.isEmptyTuple(key) { return try shown.scalarItem() }
            if key.isEllipsis { return object }
            throw PythonError(.type, "an array without dimensions takes () and ... as an index")
        }
        if key.isIndex { return try item(key.int()) }
        return try Self.make(object.type, selection(key))
    }

    /// The item, or the array of one dimension less, at `index` of the first axis.
    func item(_ index: Int) throws(PythonError) -> PythonObject {
        let shown = shown
        if shown.ndim == 0 { throw PythonError(.type, "an array without dimensions cannot be indexed by position") }
        if shown.ndim == 1 { return try shown.item(index) }
        return try Self.make(object.type, selection(at: index))
    }

    func assign(_ value: borrowing PythonObject, at key: borrowing PythonObject) throws(PythonError) {
        let shown = shown
        if shown.ndim == 0 {
            guard Self.isEmptyTuple(key) || key.isEllipsis else {
                throw PythonError(.type, "an array without dimensions takes () and ... as an index")
            }
            return try shown.setScalarItem(to: value)
        }
        if shown.ndim == 1 && key.isIndex { return try shown.setItem(key.int(), to: value) }
        guard value.isExporter else {
            throw PythonError(.type, "a part of an array takes the items of an exporter, not \(value.typeName)")
        }
        let source = try TestBuffer.acquired(from: value, .fullReadOnly)
        let target = try key.isIndex ? selection(at: key.int()) : selection(key)
        try target.copyItems(of: source)
    }

    /// - Throws: `TypeError` for an array that is not writable.
    func checkWritable() throws(PythonError) {
        guard !shown.isReadOnly else { throw PythonError(.type, "the array is not writable") }
    }

    private func selection(at index: Int) throws(PythonError) -> TestBuffer {
        // Before the buffer is acquired, which may be refused.
        _ = try raisingLayoutErrors { [layout = shown.layout] () throws(LayoutError) in
            try layout.view.normalized(index, axis: 0)
        }
        return try TestBuffer.part(of: object) { (layout) throws(PythonError) in
            try raisingLayoutErrors { () throws(LayoutError) in try layout.view.selecting(.integer(index)) }
        }
    }

    /// What a slice or a tuple of slices selects. More slices than axes raise IndexError here; CPython's own exporter
    /// reads beyond the end of its shape.
    private func selection(_ key: borrowing PythonObject) throws(PythonError) -> TestBuffer {
        try TestBuffer.part(of: object) { (layout) throws(PythonError) in
            var axes: [AxisIndex] = []
            if key.isTuple {
                for axis in 0..<key.tupleCount {
                    unsafe axes.append(try Self.slice(PythonObject(borrowing: key.tupleItem(axis))))
                }
            } else {
                axes.append(try Self.slice(key))
            }
            return try raisingLayoutErrors { () throws(LayoutError) in try layout.view.selecting(axes.span) }
        }
    }

    /// - Throws: `TypeError` for another object, `ValueError` for a step of zero.
    private static func slice(_ slice: borrowing PythonObject) throws(PythonError) -> AxisIndex {
        guard slice.isSlice else {
            throw PythonError(.type, "the array takes slices as an index, not \(slice.typeName)")
        }
        let (start, stop, step) = try slice.sliceBounds()
        return .slice(start: start, stop: stop, step: step)
    }

    private static func isEmptyTuple(_ key: borrowing PythonObject) -> Bool { key.isTuple && key.tupleCount == 0 }
}
