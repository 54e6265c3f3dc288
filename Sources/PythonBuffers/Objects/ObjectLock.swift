// SPDX-License-Identifier: Apache-2.0
public import CPythonShims

/// The lock of one object, on free-threaded builds: calls on it take turns. Under the GIL they do so anyway.
@usableFromInline package enum ObjectLock {
    /// - Precondition: `object` lives.
    @inlinable @inline(__always)
    package static func holding<Result: ~Copyable, Failure: Error>(
        _ object: ObjectReference, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var section = unsafe SBSection()
        // The interpreter keeps the address of the section until it ends.
        return try unsafe withUnsafeMutablePointer(to: &section) { (section) throws(Failure) in
            unsafe sb_begin_section(section, object.pointer)
            defer { unsafe sb_end_section(section) }
            return try body()
        }
    }
}
