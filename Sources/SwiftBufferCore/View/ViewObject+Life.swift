// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// How a view object is created and destroyed.

extension ViewObject {
    /// A new view object without any contents.
    ///
    /// - Parameter state: the module's.
    @inline(__always)
    static func allocate(
        _ type: UnsafeMutablePointer<PyTypeObject>, _ state: UnsafeMutablePointer<ObjectReference?>?, room: Int
    ) throws(PythonError) -> ObjectReference {
        if room <= idleRoom, let idle = unsafe IdleObjects(in: state)?.remove(at: .view) {
            ObjectFields(of: idle).hash = -1
            return idle
        }
        guard let view = unsafe sb_new_collected(type, max(room, idleRoom)) else { throw PythonError.pending() }
        let made = unsafe ObjectReference(pointer: view)
        ObjectFields(of: made).clear()
        return made
    }

    /// A new view object without dimensions, which is never an idle one: those have the other type.
    static func allocateSingleItem(_ type: UnsafeMutablePointer<PyTypeObject>) throws(PythonError) -> ObjectReference {
        guard let view = unsafe sb_new_collected(type, 0) else { throw PythonError.pending() }
        let made = unsafe ObjectReference(pointer: view)
        ObjectFields(of: made).clear()
        return made
    }

    /// Makes a view hold its lease: the last step, after which the collector may see it.
    @inline(__always)
    static func own(_ lease: consuming PythonObject, in view: ObjectReference) {
        ObjectFields(of: view).own(lease)
        track(view)
    }

    /// Shows a view that holds its lease to the collector.
    @inline(__always)
    static func track(_ view: ObjectReference) {
        guard let lease = ObjectFields(of: view).owner else { return }
        // A lease that the collector does not track keeps an exporter that it does not track either.
        if Lease.isTracked(lease) { unsafe PyObject_GC_Track(view.pointer) }
    }

    /// An idle view has room for shape and strides of two dimensions.
    private static let idleRoom = 4

    /// Releases the memory; does nothing the second time.
    ///
    /// - Throws: `BufferError` with the number of outstanding exports.
    static func release(_ view: ObjectReference) throws(PythonError) {
        let count = ExportCount(of: view)
        while !count.close() {
            let left = count.value
            if left < 0 { return }
            // None left: another thread has released the last one in between.
            if left == 0 { continue }
            let (buffers, them) = left == 1 ? ("1 exported buffer", "it") : ("\(left) exported buffers", "them")
            throw PythonError(
                .buffer, "view has \(buffers); release \(them) first" + (ExportTracing.standing(of: view)))
        }
        unsafe drop(view, ModuleState.objects(of: sb_type(view.pointer)))
    }

    /// Drops the lease of a closed view. The parsed format stays as long as the view: another thread that has taken the
    /// lease before may still read it.
    @inline(__always)
    private static func drop(_ view: ObjectReference, _ state: UnsafeMutablePointer<ObjectReference?>?) {
        let fields = ObjectFields(of: view)
        if let lease = fields.owner {
            fields.owner = nil
            unsafe Lease.drop(lease, state)
        }
    }

    /// The slot `tp_dealloc`.
    static func deallocate(_ view: ObjectReference) {
        let fields = ObjectFields(of: view)
        if fields.owner.map(Lease.isTracked) ?? true { unsafe PyObject_GC_UnTrack(view.pointer) }
        if fields.hasWeakReferences { unsafe PyObject_ClearWeakRefs(view.pointer) }
        let state = unsafe ModuleState.objects(of: sb_type(view.pointer))
        unsafe drop(view, state)
        fields.dropItem()
        if unsafe sb_item_count(view.pointer) == idleRoom, let idle = unsafe IdleObjects(in: state),
            idle.hasRoom(at: .view)
        {
            unsafe sb_revive(view.pointer)
            idle.store(view, at: .view)
            return
        }
        freeCollected(view)
    }

    /// The slot `tp_clear`: breaks a cycle through the exporter, unless the view is being read.
    static func clear(_ view: ObjectReference) -> CInt {
        if ExportCount(of: view).close() {
            unsafe drop(view, ModuleState.objects(of: sb_type(view.pointer)))
        }
        return 0
    }
}
