// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The one acquisition of a buffer that a view and all views made from it share: a Python object that users do not see,
/// so that the collector can follow it, and the exporter lives as long as any of the views.
enum Lease {
    static let type = unsafe TypeDefinition(
        name: "swiftbuffer._core._Lease",
        documentation: "The acquisition of a buffer that views share.",
        basicSize: MemoryLayout<SBLease>.size, itemSize: 0,
        flags: [.collected, .notInstantiable],
        slots: [
            .deallocate { lease in
                unsafe PyObject_GC_UnTrack(lease.pointer)
                release(lease)
                freeCollected(lease)
            },
            unsafe .traverse { lease, visitor, context in
                let status = unsafe visitType(of: lease, visitor, context)
                if status != 0 { return status }
                return unsafe visit(exporter(of: lease), visitor, context)
            },
        ])

    /// Acquires the buffer of `exporter`. The `Py_buffer` lies inside of the lease and never moves.
    @inline(__always)
    static func acquire(
        _ types: ViewTypes, from exporter: ObjectReference, _ request: BufferRequest
    ) throws(PythonError) -> PythonObject {
        let lease = try idleOrNew(types)
        let buffer = unsafe sb_lease_buffer(lease.pointer)
        unsafe buffer.pointee.obj = nil
        if unsafe sb_acquire_buffer(exporter.pointer, buffer, request.rawValue) < 0 {
            // An exporter that refuses may leave any value there, which the lease must not release.
            unsafe buffer.pointee.obj = nil
            throw PythonError.pending(acquiring: exporter)
        }
        if unsafe isTracked(lease.reference) { unsafe PyObject_GC_Track(lease.pointer) }
        return lease
    }

    /// The exporter of the buffer; `nil` where it has no owner.
    static func exporter(of lease: ObjectReference) -> ObjectReference? {
        unsafe OptionalObjectReference(pointer: sb_lease_buffer(lease.pointer).pointee.obj).object
    }

    /// Whether the collector tracks a lease that holds a buffer, and the views of it: an exporter that it does not track is
    /// part of no cycle.
    @inline(__always)
    static func isTracked(_ lease: ObjectReference) -> Bool {
        guard let owner = unsafe sb_lease_buffer(lease.pointer).pointee.obj else { return false }
        return unsafe sb_is_gc(owner) != 0
    }

    /// The idle lease, or a new one: without a buffer, and not tracked by the collector.
    @inline(__always)
    private static func idleOrNew(_ types: ViewTypes) throws(PythonError) -> PythonObject {
        if let idle = unsafe IdleObjects(in: types.state)?.remove(at: .lease) {
            return unsafe PythonObject(owning: idle.pointer)
        }
        return try make(types)
    }

    @inline(never)
    private static func make(_ types: ViewTypes) throws(PythonError) -> PythonObject {
        let lease = try unsafe PythonObject(result: sb_new_collected(types.lease, 0))
        unsafe sb_lease_buffer(lease.pointer).pointee.obj = nil
        unsafe sb_lease_item(lease.pointer).pointee = nil
        return lease
    }

    /// The place of the format that the exporter means: all views with its format share what is found there.
    @inline(__always)
    static func item(of lease: ObjectReference) -> ItemSlot { unsafe ItemSlot(sb_lease_item(lease.pointer)) }

    /// Ends the acquisition.
    @inline(__always)
    private static func release(_ lease: ObjectReference) {
        item(of: lease).drop()
        unsafe PyBuffer_Release(sb_lease_buffer(lease.pointer))
    }

    /// Drops a view's reference to its lease, and keeps the lease for the next view if it was the last one.
    ///
    /// - Parameter state: the module's; `nil` after the module's end.
    @inline(__always)
    static func drop(_ lease: ObjectReference, _ state: UnsafeMutablePointer<ObjectReference?>?) {
        if sb_reference_count(lease) == 1, let idle = unsafe IdleObjects(in: state), idle.hasRoom(at: .lease) {
            if isTracked(lease) { unsafe PyObject_GC_UnTrack(lease.pointer) }
            release(lease)
            // Releasing may have run Python code that made and dropped views.
            if idle.hasRoom(at: .lease) {
                idle.store(lease, at: .lease)
                return
            }
        }
        unsafe sb_decref(lease.pointer)
    }
}
