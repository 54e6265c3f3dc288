internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The fast path for a part of a view that small integers and plain slices select, without indirect axes.
enum FastViews {
    /// The part, as a new reference; NULL without an exception where the slow path is needed.
    @inline(__always)
    static func part(_ view: ObjectReference, _ key: ObjectReference) -> ObjectResult? {
        let record = unsafe sb_record(view.pointer)
        let fields = unsafe ArrayObject.fields(of: view)
        // A part of an array needs a lease first; the slow path has the errors for released memory.
        guard unsafe sb_begin_read(record) != 0 else { return nil }
        defer { unsafe sb_end_read(record) }
        guard let owner = unsafe fields.pointee.owner,
            unsafe record.pointee.suboffsets == nil && record.pointee.address != nil
        else { return nil }
        // Up to CPython 3.11 an allocation may run the collector, and any finalizer may release the view.
        let lease = unsafe PythonObject(borrowing: ObjectReference(pointer: owner))
        let layout = unsafe LayoutView(record)

        let isTuple = key.isTuple
        let count = isTuple ? key.tupleCount : 1
        guard count <= layout.ndim else { return nil }
        var kept = layout.ndim
        for axis in 0..<count {
            let entry = isTuple ? key.tupleItem(axis) : key
            if sb_small_int(entry) != sb_not_small() {
                kept -= 1
            } else if !entry.isSlice {
                return nil
            }
        }
        guard kept > 0 else { return nil }

        let type = unsafe sb_type(view.pointer)
        guard let part = try? unsafe ViewObject.allocate(type, ModuleState.objects(of: type), room: 2 * kept) else {
            return nil
        }
        let target = unsafe ArrayObject.fields(of: part)
        let dimensions = unsafe sb_dimensions(target)
        var offset = 0
        var next = 0
        for axis in 0..<layout.ndim {
            let length = layout.shape[axis]
            let stride = layout.strides[axis]
            var shown = SliceRange(whole: length)
            if axis < count {
                let entry = isTuple ? key.tupleItem(axis) : key
                let index = sb_small_int(entry)
                if index != sb_not_small() {
                    let position = index < 0 ? index &+ length : index
                    guard position >= 0 && position < length else {
                        unsafe sb_decref(part.pointer)
                        return nil
                    }
                    offset &+= layout.distance(axis: axis, to: position)
                    continue
                }
                guard let range = range(entry, length) else {
                    unsafe sb_decref(part.pointer)
                    return nil
                }
                shown = range
                // Without items too, as in memoryview.
                offset &+= layout.distance(axis: axis, to: shown.start)
            }
            unsafe dimensions[next] = shown.count
            unsafe dimensions[kept + next] = stride &* shown.step
            next += 1
        }
        if let item = unsafe sb_remembered_item(fields) {
            unsafe target.pointee.item = Unmanaged<ItemFormat>.fromOpaque(item).retain().toOpaque()
        }
        guard unsafe describe(target, as: record, offset: offset, ndim: kept) else {
            unsafe sb_decref(part.pointer)
            return nil
        }
        ViewObject.own(lease, in: part)
        return unsafe ObjectResult(pointer: part.pointer)
    }

    @inline(__always)
    private static func range(_ entry: ObjectReference, _ length: Int) -> SliceRange? {
        let slice = sb_small_slice(entry)
        guard slice.step != 0 else { return nil }
        return try? SliceRange(start: slice.start, stop: slice.stop, step: slice.step, length: length)
    }

    /// Fills in the record of a part whose dimensions are in place.
    @inline(__always)
    private static func describe(
        _ target: UnsafeMutablePointer<SBMemory>, as source: UnsafeMutablePointer<SBRecord>, offset: Int, ndim: Int
    ) -> Bool {
        let dimensions = unsafe sb_dimensions(target)
        let layout = unsafe LayoutView(
            itemsize: source.pointee.itemsize, ndim: ndim, shape: dimensions, strides: dimensions + ndim,
            suboffsets: nil)
        guard let facts = try? layout.summary() else { return false }
        unsafe target.pointee.record = SBRecord(
            address: UnsafeMutableRawPointer(source.pointee.address! + offset), length: facts.byteCount, layout: layout,
            facts: facts, dimensions: dimensions, item: ExportedItem(of: source),
            isReadOnly: source.pointee.readonly != 0)
        return true
    }
}
