internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The one acquisition of an exporter's buffer that a view and all that is sliced from it share: a Python object that
/// nobody sees, so that the collector can follow it, and the exporter lives as long as any of them.
enum Lease {
    nonisolated(unsafe) static let type = unsafe TypeDefinition(
        name: "swiftbuffer._core._Lease",
        documentation: "The acquisition of a buffer that views share.",
        basicSize: MemoryLayout<SBLease>.size,
        flags: [.collected, .notInstantiable],
        slots: [
            .deallocate { lease in
                guard let lease = unsafe lease else { return }
                let type = unsafe sb_type(lease)
                unsafe PyObject_GC_UnTrack(lease)
                unsafe PyBuffer_Release(sb_lease_buffer(lease))
                unsafe sb_free(type, lease)
                unsafe sb_decref(UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyObject.self))
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
        let typeObject = unsafe UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyTypeObject.self)
        let lease = try unsafe PythonObject(result: sb_allocate(typeObject, 0))
        let buffer = unsafe sb_lease_buffer(lease.pointer)
        if unsafe PyObject_GetBuffer(exporter, buffer, request.rawValue) < 0 {
            // Exporters leave anything in it when they refuse; the lease must not release it.
            unsafe buffer.pointee.obj = nil
            throw PythonError.pending()
        }
        return lease
    }
}
