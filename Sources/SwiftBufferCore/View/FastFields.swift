// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The fast path to a view of one field of structures, without indirect axes, by a name that has been looked up before.
enum FastFields {
    /// The view, as a new reference; `nil` where the slow path is needed.
    @inline(__always)
    static func view(_ memory: ObjectReference, _ key: ObjectReference) -> ObjectResult? {
        let record = unsafe sb_record(memory.pointer)
        // From the lease on the description of the memory does not change.
        guard unsafe record.pointee.scalar == UInt8(SB_NO_SCALAR), key.isString,
            let lease = FastViews.lease(of: memory),
            unsafe record.pointee.suboffsets == nil && record.pointee.address != nil && record.pointee.ndim > 0
        else { return nil }
        // The memory keeps its format, and that the field and the format of that.
        let found = unsafe ObjectFields(of: memory).withItem { unsafe $0.knownField(key) }
        guard let field = unsafe found ?? nil, let shown = unsafe field.pointee.knownItem else { return nil }
        let exported = unsafe shown._withUnsafeGuaranteedRef { $0.exported }
        guard let made = unsafe make(of: memory, record, field, exported) else { return nil }
        unsafe shown._withUnsafeGuaranteedRef { ObjectFields(of: made).setItem($0) }
        ViewObject.own(lease, in: made)
        return unsafe ObjectResult(pointer: made.pointer)
    }

    @inline(__always)
    private static func make(
        of memory: ObjectReference, _ source: UnsafeMutablePointer<SBRecord>,
        _ field: UnsafeMutablePointer<FieldPlace>, _ exported: ExportedItem
    ) -> ObjectReference? {
        let outer = unsafe Int(source.pointee.ndim)
        let inner = unsafe field.pointee.ndim
        let ndim = outer + inner
        guard let state = unsafe ModuleState.objects(of: sb_type(memory.pointer)),
            let type = unsafe state[CoreState.viewType.rawValue]
        else { return nil }
        guard ndim <= maximumDimensions, let shape = unsafe source.pointee.shape,
            let strides = unsafe source.pointee.strides, let address = unsafe source.pointee.address
        else { return nil }
        let made: ObjectReference
        do throws(PythonError) {
            made = try unsafe ViewObject.allocate(type.typePointer, state, room: 2 * ndim)
        } catch {
            return nil
        }
        let target = ObjectFields(of: made)
        let dimensions = unsafe target.dimensions
        for axis in 0..<outer {
            unsafe dimensions[axis] = shape[axis]
            unsafe dimensions[ndim + axis] = strides[axis]
        }
        for axis in 0..<inner {
            unsafe dimensions[outer + axis] = field.pointee.dimensions[axis]
            unsafe dimensions[ndim + outer + axis] = field.pointee.dimensions[inner + axis]
        }
        let layout = unsafe LayoutView(
            itemsize: field.pointee.itemsize, ndim: ndim, shape: dimensions, strides: dimensions + ndim,
            suboffsets: nil)
        guard let facts = try? layout.summary() else {
            unsafe sb_decref(made.pointer)
            return nil
        }
        unsafe target.record = SBRecord(
            address: UnsafeMutableRawPointer(address + field.pointee.offset), length: facts.byteCount, layout: layout,
            facts: facts, dimensions: dimensions, item: exported, isReadOnly: source.pointee.readonly != 0)
        return made
    }
}
