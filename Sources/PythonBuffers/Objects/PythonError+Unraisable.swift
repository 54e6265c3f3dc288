// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

// Exceptions where no caller can take them.

extension PythonError {
    /// The exception that a C function left set, taken out of the thread state; `nil` where there is none.
    package static func takePending() -> PythonObject? {
        unsafe sb_take_exception().map { unsafe PythonObject(owning: $0) }
    }

    /// Runs `body` with no exception set, and sets the earlier one again afterwards: for code that a release or the end
    /// of an object runs, which may happen while an exception is on its way.
    package static func settingPendingAside(_ body: () -> Void) {
        // Mostly there is none, which costs less to ask than to take and to put back.
        guard unsafe PyErr_Occurred() != nil else { return body() }
        let pending = unsafe sb_take_exception()
        body()
        if let pending = unsafe pending { unsafe sb_put_exception(pending) }
    }

    /// Hands the exception to `sys.unraisablehook`, with the object that it concerns.
    package func reportUnraisable(in object: borrowing PythonObject) {
        raise()
        unsafe PyErr_WriteUnraisable(object.pointer)
    }
}
