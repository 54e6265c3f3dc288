// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The fast path to views of the same memory in another layout, without pointers: the dimensions are written where they
/// stay, inside of the new view. What it does not take is left to the slow path, which raises the errors.
enum FastViews {
    /// The part that small integers, plain slices, `...` and `None` select, as a new reference; `nil` without an
    /// exception where the slow path is needed.
    @inline(__always)
    static func part(_ memory: ObjectReference, _ key: ObjectReference) -> ObjectResult? {
        let ndim = MemoryObject(memory).leasedContents.ndim
        guard let selection = PlainSubscript(key, ndim: ndim), selection.ndim > 0,
            selection.ndim <= maximumDimensions, let view = begin(of: memory, ndim: selection.ndim)
        else { return nil }
        let offset = unsafe selection.select(
            from: LayoutView(sb_record(memory.pointer)), into: dimensions(of: view, memory, selection.ndim))
        return finish(view, of: memory, ndim: selection.ndim, offset: offset)
    }

    /// A view with the axes in the opposite order.
    static func reversed(_ memory: ObjectReference) -> ObjectResult? {
        let ndim = MemoryObject(memory).leasedContents.ndim
        guard ndim > 0, let view = begin(of: memory, ndim: ndim) else { return nil }
        unsafe dimensions(of: view, memory, ndim).setReversed(LayoutView(sb_record(memory.pointer)))
        return finish(view, of: memory, ndim: ndim, offset: 0)
    }

    /// A view with two axes exchanged, whose numbers are the arguments of a call.
    static func swapped(_ memory: ObjectReference, _ arguments: SBArguments, _ count: Int) -> ObjectResult? {
        let ndim = MemoryObject(memory).leasedContents.ndim
        guard count == 2, let axes = FastArguments.shape(arguments, count) else { return nil }
        let (first, second) = (axes.span[0], axes.span[1])
        let (a, b) = (first < 0 ? first &+ ndim : first, second < 0 ? second &+ ndim : second)
        guard a >= 0 && a < ndim && b >= 0 && b < ndim, let view = begin(of: memory, ndim: ndim) else { return nil }
        let target = dimensions(of: view, memory, ndim)
        let layout = unsafe LayoutView(sb_record(memory.pointer))
        target.setAll(layout)
        target.setAxis(a, length: layout.shape[b], stride: layout.strides[b])
        target.setAxis(b, length: layout.shape[a], stride: layout.strides[a])
        return finish(view, of: memory, ndim: ndim, offset: 0)
    }

    /// A view without the axes of length 1.
    static func squeezed(_ memory: ObjectReference) -> ObjectResult? {
        guard let view = begin(of: memory, ndim: MemoryObject(memory).leasedContents.ndim) else { return nil }
        let layout = unsafe LayoutView(sb_record(memory.pointer))
        var ndim = 0
        for axis in 0..<layout.ndim where layout.shape[axis] != 1 { ndim += 1 }
        let target = dimensions(of: view, memory, ndim)
        var next = 0
        for axis in 0..<layout.ndim where layout.shape[axis] != 1 {
            target.setAxis(next, length: layout.shape[axis], stride: layout.strides[axis])
            next += 1
        }
        return finish(view, of: memory, ndim: ndim, offset: ndim > 0 ? 0 : nil)
    }

    /// A view of C-contiguous memory with one dimension.
    static func raveled(_ memory: ObjectReference) -> ObjectResult? {
        guard MemoryObject(memory).leasedContents.isCContiguous, let view = begin(of: memory, ndim: 1) else {
            return nil
        }
        let layout = unsafe LayoutView(sb_record(memory.pointer))
        let items = try? layout.itemCount
        dimensions(of: view, memory, 1).setAxis(
            0, length: items ?? 0, stride: layout.ndim == 1 ? layout.strides[0] : layout.itemsize)
        return finish(view, of: memory, ndim: 1, offset: items == nil ? nil : 0)
    }

    /// A view of the same items that cannot be written through.
    static func readOnly(_ memory: ObjectReference) -> ObjectResult? {
        let ndim = MemoryObject(memory).leasedContents.ndim
        guard ndim > 0, let view = begin(of: memory, ndim: ndim) else { return nil }
        let layout = unsafe LayoutView(sb_record(memory.pointer))
        dimensions(of: view, memory, ndim).setAll(layout)
        // Memory that has more bytes than its items take keeps them on the slow path.
        let isExact = unsafe sb_record(memory.pointer).pointee.length == (try? layout.byteCount)
        return finish(view, of: memory, ndim: ndim, offset: isExact ? 0 : nil, isReadOnly: true)
    }

    /// A view of the same items of which some fields are kept, in a format that was made before, by a list of names.
    static func fields(_ memory: ObjectReference, _ names: ObjectReference) -> ObjectResult? {
        let ndim = MemoryObject(memory).leasedContents.ndim
        // The memory keeps its format, and that the table.
        guard ndim > 0, let whole = MemoryObject(memory).leasedContents.rememberedItem, let table = whole.knownTable,
            let bits = table.bits(named: names), let item = table.choice(bits), let view = begin(of: memory, ndim: ndim)
        else { return nil }
        dimensions(of: view, memory, ndim).setAll(MemoryObject(memory).leasedContents.layout)
        return finish(view, of: memory, ndim: ndim, offset: 0, item: item)
    }

    /// A view of the bytes of contiguous scalars as those of another format, with one dimension.
    static func cast(_ memory: ObjectReference, to item: ItemFormat) -> ObjectResult? {
        let source = unsafe sb_record(memory.pointer)
        let itemsize = item.format.itemsize
        guard unsafe Scalar(known: source.pointee.scalar) != nil && source.pointee.contiguity != 0,
            let view = begin(of: memory, ndim: 1)
        else { return nil }
        let (count, rest) = unsafe source.pointee.length.quotientAndRemainder(dividingBy: itemsize)
        dimensions(of: view, memory, 1).setAxis(0, length: count, stride: itemsize)
        return finish(view, of: memory, ndim: 1, offset: rest == 0 ? 0 : nil, item: item)
    }

    /// The same in a shape, a tuple.
    static func cast(_ memory: ObjectReference, to item: ItemFormat, _ lengths: ObjectReference) -> ObjectResult? {
        let source = unsafe sb_record(memory.pointer)
        let itemsize = item.format.itemsize
        guard lengths.isTuple, let shape = FastArguments.shape(of: lengths), shape.count > 0,
            unsafe Scalar(known: source.pointee.scalar) != nil && source.pointee.isCContiguous,
            let view = begin(of: memory, ndim: shape.count)
        else { return nil }
        let (count, rest) = unsafe source.pointee.length.quotientAndRemainder(dividingBy: itemsize)
        let target = dimensions(of: view, memory, shape.count, itemsize: itemsize)
        let fits = (try? target.setLengths(shape.span, items: count)) == true && target.setContiguousStrides(.c)
        return finish(view, of: memory, ndim: shape.count, offset: fits && rest == 0 ? 0 : nil, item: item)
    }

    /// A view of C-contiguous memory in the shape that the arguments of a call give, a tuple or one by one.
    static func reshaped(_ memory: ObjectReference, _ arguments: SBArguments, _ count: Int) -> ObjectResult? {
        guard let shape = FastArguments.shape(arguments, count), shape.count > 0,
            MemoryObject(memory).leasedContents.isCContiguous, let view = begin(of: memory, ndim: shape.count)
        else { return nil }
        let target = dimensions(of: view, memory, shape.count)
        let layout = unsafe LayoutView(sb_record(memory.pointer))
        var offset: Int?
        if let items = try? layout.itemCount, (try? target.setLengths(shape.span, items: items)) == true,
            target.setContiguousStrides(.c)
        {
            // The same shape keeps the strides of axes of length 1.
            if unsafe layout.hasShape(of: LayoutView(target)) { target.setAll(layout) }
            offset = 0
        }
        return finish(view, of: memory, ndim: shape.count, offset: offset)
    }

    /// A new view that holds the lease on some memory without pointers, and is still to be described.
    ///
    /// From here on the description of the memory does not change: that of a view never does, and the lease on an array
    /// is an export.
    @inline(__always)
    private static func begin(of memory: ObjectReference, ndim: Int) -> ObjectReference? {
        let source = unsafe sb_record(memory.pointer)
        guard let state = unsafe ModuleState.objects(of: sb_type(memory.pointer)),
            let type = unsafe state[CoreState.viewType.rawValue], unsafe source.pointee.suboffsets == nil,
            let lease = lease(of: memory)
        else { return nil }
        guard let view = try? unsafe ViewObject.allocate(type.typePointer, state, room: 2 * ndim) else { return nil }
        ObjectFields(of: view).own(lease)
        return view
    }

    /// The place of the dimensions of a new view.
    @inline(__always)
    private static func dimensions(
        of view: ObjectReference, _ memory: ObjectReference, _ ndim: Int, itemsize: Int? = nil
    ) -> PlainDimensions {
        unsafe PlainDimensions(
            at: ObjectFields(of: view).dimensions, ndim: ndim,
            itemsize: itemsize ?? sb_record(memory.pointer).pointee.itemsize)
    }

    /// Describes a new view whose dimensions are in place.
    ///
    /// - Parameters:
    ///   - offset: where it begins, in bytes behind the first item of the memory; `nil` to drop the view.
    ///   - isReadOnly: whether it is read-only where the memory is not.
    ///   - item: another format for the items.
    @inline(__always)
    private static func finish(
        _ view: ObjectReference, of memory: ObjectReference, ndim: Int, offset: Int?, isReadOnly: Bool = false,
        item: ItemFormat? = nil
    ) -> ObjectResult? {
        let source = unsafe sb_record(memory.pointer)
        let target = ObjectFields(of: view)
        let layout = unsafe LayoutView(dimensions(of: view, memory, ndim, itemsize: item?.format.itemsize))
        guard let offset, let address = unsafe source.pointee.address, let facts = try? layout.summary() else {
            unsafe sb_decref(view.pointer)
            return nil
        }
        unsafe target.record = SBRecord(
            address: UnsafeMutableRawPointer(address + offset), length: facts.byteCount, layout: layout, facts: facts,
            dimensions: target.dimensions, item: item?.exported ?? ExportedItem(of: source),
            isReadOnly: isReadOnly || source.pointee.readonly != 0)
        if let item { target.setItem(item) } else { target.setItem(sharing: ObjectFields(of: memory)) }
        ViewObject.track(view)
        return unsafe ObjectResult(pointer: view.pointer)
    }

    /// What keeps the memory in place for a new view: a view's lease, or a new one on an array.
    @inline(__always)
    static func lease(of memory: ObjectReference) -> PythonObject? {
        let record = unsafe sb_record(memory.pointer)
        // The slow path has the errors for released memory.
        guard unsafe sb_begin_read(record) != 0 else { return nil }
        defer { unsafe sb_end_read(record) }
        if let lease = ObjectFields(of: memory).owner { return PythonObject(borrowing: lease) }
        return newLease(on: memory)
    }

    @inline(never)
    private static func newLease(on array: ObjectReference) -> PythonObject? {
        guard let types = try? ViewTypes(for: array) else { return nil }
        return try? Lease.acquire(types, from: array, .fullReadOnly)
    }
}
