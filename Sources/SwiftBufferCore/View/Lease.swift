internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The one acquisition of an exporter's buffer that a view and all that is sliced from it share: a Python object that
/// nobody sees, so that the collector can follow it, and the exporter lives as long as any of them.
enum Lease {
    nonisolated(unsafe) static let type = unsafe TypeDefinition(
        name: "swiftbuffer._core._Lease",
        documentation: "The acquisition of a buffer that views share.",
        basicSize: MemoryLayout<SBLease>.size, itemSize: 0,
        flags: [.collected, .notInstantiable],
        slots: [
            .deallocate { lease in
                guard let lease = unsafe lease else { return }
                unsafe PyObject_GC_UnTrack(lease)
                unsafe PyBuffer_Release(sb_lease_buffer(lease))
                unsafe SpareObjects.free(lease, place: place, spareItems: 0)
            },
            unsafe .traverse { lease, visitor, context in
                guard let lease = unsafe lease else { return 0 }
                let status = unsafe visitType(of: lease, visitor, context)
                if status != 0 { return status }
                return unsafe visit(sb_lease_buffer(lease).pointee.obj, visitor, context)
            },
        ])

    /// Acquires the buffer of `exporter`. The `Py_buffer` lies inside of the lease and never moves.
    ///
    /// - Parameter type: the type of leases, of this interpreter.
    @inline(__always)
    static func acquire(
        _ type: ObjectPointer, from exporter: ObjectPointer, _ request: BufferRequest
    ) throws(PythonError) -> PythonObject {
        let type = unsafe UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyTypeObject.self)
        let lease = try unsafe PythonObject(owning: SpareObjects.make(type, items: 0, place: place, spareItems: 0))
        let buffer = unsafe sb_lease_buffer(lease.pointer)
        unsafe buffer.pointee.obj = nil
        if unsafe PyObject_GetBuffer(exporter, buffer, request.rawValue) < 0 {
            // Exporters leave anything in it when they refuse; the lease must not release it.
            unsafe buffer.pointee.obj = nil
            throw PythonError.pending()
        }
        // Through an exporter that the collector does not know, no cycle leads back here.
        if let owner = unsafe buffer.pointee.obj, unsafe sb_is_gc(owner) != 0 {
            unsafe PyObject_GC_Track(lease.pointer)
        }
        return lease
    }

    /// The place of the module's spare lease.
    private static let place = 0
}
