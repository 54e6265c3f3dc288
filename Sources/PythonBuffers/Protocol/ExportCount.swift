// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// The number of outstanding exports of an object, which locks the object's memory.
///
/// While it is above zero the memory, shape and format must not change. It is atomic where there is no GIL.
@safe
package struct ExportCount {
    private let record: UnsafeMutablePointer<SBRecord>

    /// - Precondition: `object` begins with an export record and outlives this value.
    package init(of object: ObjectReference) {
        unsafe record = sb_record(object.pointer)
    }

    /// Outstanding exports; negative while the memory changes, and when it is closed.
    package var value: Int { unsafe sb_export_count(record) }

    /// Whether every use of the memory has ended for good.
    package var isClosed: Bool { unsafe sb_export_count(record) == sb_closed() }

    /// Counts one more; `false` if the memory is closed.
    package func retain() -> Bool { unsafe sb_retain_export(record) != 0 }

    /// Counts one less.
    package func release() { unsafe sb_release_export(record) }

    /// Ends a change.
    package func endChange() { unsafe sb_resume_exports(record) }

    /// Begins a change in which Python code may run: requests are refused until ``endChange()``. `false` while exports are
    /// outstanding, or if the memory is closed.
    package func suspend() -> Bool { unsafe sb_stop_exports(record, sb_suspended()) != 0 }

    /// Refuses all further requests; `false` while exports are outstanding, or if it is closed already.
    package func close() -> Bool { unsafe sb_stop_exports(record, sb_closed()) != 0 }
}
