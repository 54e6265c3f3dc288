internal import CPython
internal import CPythonShims

/// An export that is held by another library, in a structure of C's, and ends on whichever thread that library chooses.
enum OutsideExport {
    /// Acquires the buffer of `exporter`, with everything that describes it.
    ///
    /// - Parameter interpreter: a capsule made by ``InterpreterEntry/current()`` in this interpreter.
    /// - Precondition: `export` stays in place until ``release(_:)``.
    @unsafe
    static func acquire(
        _ export: UnsafeMutablePointer<SBOutsideExport>, of exporter: ObjectReference, interpreter: ObjectReference
    ) throws(PythonError) {
        let view = unsafe sb_outside_buffer(export)
        guard unsafe sb_acquire_buffer(exporter.pointer, view, BufferRequest.fullReadOnly.rawValue) == 0 else {
            throw .pending(acquiring: exporter)
        }
        unsafe export.pointee.interpreter =
            Unmanaged.passRetained(InterpreterEntry.inside(interpreter.pointer)).toOpaque()
    }

    /// Releases the buffer, unless its interpreter has ended. Any thread may call it, at any time.
    ///
    /// - Precondition: ``acquire(_:of:interpreter:)`` has succeeded, and `export` has not been released.
    @unsafe
    static func release(_ export: UnsafeMutablePointer<SBOutsideExport>) {
        guard let reference = unsafe export.pointee.interpreter else { return }
        let entry = unsafe Unmanaged<InterpreterEntry>.fromOpaque(reference).takeRetainedValue()
        entry.run { unsafe PyBuffer_Release(sb_outside_buffer(export)) }
    }
}
