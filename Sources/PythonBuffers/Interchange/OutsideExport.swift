// SPDX-License-Identifier: Apache-2.0
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
        unsafe keep(interpreter, in: export)
    }

    /// Takes over an export of `exporter` that has been counted. Nothing describes it here.
    ///
    /// - Precondition: as for ``acquire(_:of:interpreter:)``; `exporter` is one of this library's.
    @unsafe
    static func adopt(
        _ export: UnsafeMutablePointer<SBOutsideExport>, of exporter: ObjectReference, interpreter: ObjectReference
    ) {
        // All that PyBuffer_Release reads.
        unsafe sb_incref(exporter.pointer)
        unsafe sb_outside_buffer(export).pointee.obj = exporter.pointer
        unsafe keep(interpreter, in: export)
    }

    private static func keep(_ interpreter: ObjectReference, in export: UnsafeMutablePointer<SBOutsideExport>) {
        // A reference of Python's, which costs less than one of Swift's.
        unsafe sb_incref(interpreter.pointer)
        unsafe export.pointee.keeper = interpreter.pointer
        unsafe export.pointee.interpreter = InterpreterEntry.address(in: interpreter.pointer)
    }

    /// Releases the buffer, unless its interpreter has ended. Any thread may call it, at any time.
    ///
    /// - Precondition: ``acquire(_:of:interpreter:)`` has succeeded, and `export` has not been released.
    @unsafe
    static func release(_ export: UnsafeMutablePointer<SBOutsideExport>) {
        guard let entry = unsafe export.pointee.interpreter else { return }
        // The interpreter keeps the entry until it ends. Where it has ended, its objects stay as they are, with the one
        // that keeps the entry among them.
        unsafe Unmanaged<InterpreterEntry>.fromOpaque(entry)._withUnsafeGuaranteedRef { entry in
            _ = entry.run {
                unsafe PyBuffer_Release(sb_outside_buffer(export))
                if let keeper = unsafe export.pointee.keeper { unsafe sb_decref(keeper) }
            }
        }
    }
}
