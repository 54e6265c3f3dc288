// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// A counted reference that may end on any thread: for Swift objects that hold one, and whose last reference may be
/// dropped by a thread that is not attached, or is attached to another interpreter.
///
/// There the reference is dropped later: by the main thread of the main interpreter, which CPython asks to; a reference
/// to an object of a sub-interpreter is never dropped, which leaks the object.
@safe
struct ForeignReference: ~Copyable, @unchecked Sendable {
    // Neither field changes, and the reference count only where the thread is attached.
    private let pointer: ObjectPointer
    /// The number of the object's interpreter.
    private let interpreter: Int64

    /// - Precondition: the thread is attached to the object's interpreter.
    init(_ object: consuming PythonObject) {
        interpreter = sb_attached_interpreter()
        unsafe pointer = object.intoPointer()
    }

    /// A new reference; `nil` on a thread that is not attached to the object's interpreter.
    func copyHere() -> PythonObject? {
        guard sb_attached_interpreter() == interpreter else { return nil }
        return unsafe PythonObject(borrowing: ObjectReference(pointer: pointer))
    }

    /// The object, for the collector.
    ///
    /// - Precondition: this value outlives what is done with it.
    var reference: ObjectReference { unsafe ObjectReference(pointer: pointer) }

    deinit {
        if sb_attached_interpreter() == interpreter {
            unsafe sb_decref(pointer)
        } else {
            unsafe sb_drop_later(pointer, interpreter)
        }
    }
}
