// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

extension PythonError {
    /// The `OSError`, or its subclass, for an error number of the system.
    ///
    /// - Parameter path: the file that it concerns.
    package static func system(_ number: CInt, _ path: ObjectReference? = nil) -> PythonError {
        unsafe sb_raise_os_error(number, path?.pointer)
        return .pending()
    }
}
