internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Memory of somebody else's: what stands behind `swiftbuffer.from_memory`.
///
/// Python sees a memoryview of its bytes, or a View of its items. The object itself goes when the last buffer of it is
/// released, and then tells the memory's owner by calling `release`.
struct ForeignMemory: ~Copyable {
    /// Kept alive for as long as the memory is exported.
    var owner: PythonObject?
    /// Called once, without arguments; `nil` when it has been.
    var release: PythonObject?
    /// What the export record points at.
    let shown: ForeignItems

    nonisolated(unsafe) static let type = TypeDefinition(
        name: "swiftbuffer._core.ForeignMemory",
        documentation: "Memory handed to from_memory; its views keep it.",
        basicSize: Instance<ForeignMemory>.size,
        flags: [.collected, .notInstantiable],
        slots: TypeSlot.exporter + [
            .deallocate { object in
                // `release` runs Python code, which must not come upon an object that has no reference left.
                unsafe PyObject_GC_UnTrack(object.pointer)
                callRelease(of: object)
                Instance<ForeignMemory>.deallocate(object)
            },
            .finalize { object in
                // Python may call this as `__del__`, while buffers are out: only the collector's call counts. It comes
                // before anything in the cycle is taken apart, and so is the last moment in which `release` can run.
                guard unsafe PyObject_GC_IsFinalized(object.pointer) != 0 else { return }
                callRelease(of: object)
            },
            unsafe .traverse { object, visitor, context in
                let status = unsafe visitType(of: object, visitor, context)
                if status != 0 { return status }
                let value = unsafe Instance<ForeignMemory>.value(in: object)
                let visited = unsafe visit(value.pointee.owner?.reference, visitor, context)
                if visited != 0 { return visited }
                return unsafe visit(value.pointee.release?.reference, visitor, context)
            },
            .clear { object in
                // While buffers are out the memory may still be read, and clearing their holders breaks the cycle.
                guard ExportCount(of: object).value == 0 else { return 0 }
                _ = unsafe Instance<ForeignMemory>.value(in: object).pointee.owner.take()
                return 0
            },
            .representation { object in
                returningObject { () throws(PythonError) in
                    let record = unsafe sb_record(object.pointer)
                    let address = String(unsafe UInt(bitPattern: record.pointee.address), radix: 16)
                    return try PythonObject("<ForeignMemory: \(unsafe record.pointee.length) bytes at 0x\(address)>")
                }
            },
        ])

    /// Makes the type, which is not shown in the module.
    static func add(to builder: borrowing ModuleBuilder) throws(PythonError) {
        try builder.keep(unsafe type.make(in: builder.module), at: CoreState.foreignMemoryType.rawValue)
    }

    /// Calls `release` unless it has been called; what it raises is reported as unraisable.
    private static func callRelease(of object: ObjectReference) {
        guard let release = unsafe Instance<ForeignMemory>.value(in: object).pointee.release.take() else { return }
        // An object may go while an exception is on its way.
        let underway = unsafe sb_take_exception()
        if let result = unsafe PyObject_CallNoArgs(release.pointer) {
            unsafe sb_decref(result)
        } else {
            unsafe PyErr_WriteUnraisable(release.pointer)
        }
        if let underway = unsafe underway { unsafe sb_put_exception(underway) }
    }
}
