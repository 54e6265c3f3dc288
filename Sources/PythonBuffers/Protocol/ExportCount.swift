internal import CPython
internal import CPythonShims

/// The count of buffers that an object has handed out, and the lock that it makes for the object's memory.
///
/// While it is above zero the memory, shape and format must not change. It is atomic where there is no GIL.
@safe
public struct ExportCount {
    private let record: UnsafeMutablePointer<SBRecord>

    /// - Precondition: `object` begins with an export record and outlives this value.
    public init(of object: ObjectPointer) {
        unsafe record = sb_record(object)
    }

    /// Buffers handed out and not yet released; negative while the memory is closed.
    public var value: Int { unsafe sb_export_count(record) }

    /// Counts one more; `false` if the memory is closed.
    public func retain() -> Bool { unsafe sb_retain_export(record) != 0 }

    /// Counts one less.
    public func release() { unsafe sb_release_export(record) }

    /// Keeps buffers from being handed out, if none is out; `false` if some are.
    public func close() -> Bool { unsafe sb_close_exports(record) != 0 }

    /// Lets buffers be handed out again.
    public func reopen() { unsafe sb_reopen_exports(record) }
}
