// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import Synchronization

/// The way back into one interpreter, for memory that other libraries end: on any thread, attached to this interpreter,
/// to another or to none, and at any time, also when the interpreter has ended.
///
/// CPython itself has no such way before 3.15 (PEP 788): a thread that asks to be attached while the interpreter ends
/// never returns. So each interpreter has one entry, which closes when the interpreter begins to end (`atexit`): that
/// waits for the threads inside, and those that come later are turned away. What they would have released stays as it
/// is; it ends with the interpreter.
@safe
final class InterpreterEntry: Sendable {
    private let number: Int64
    // CPython frees it after the entry has closed, and no one enters then.
    private nonisolated(unsafe) let interpreter: OpaquePointer
    private let forks: CInt
    /// The threads inside; negative once the entry is closed.
    private let threads = Atomic<Int>(0)
    /// Whether nothing of the interpreter may be used any more, not even by a thread that seems attached to it: a
    /// later interpreter may have its number.
    private let hasEnded = Atomic<Bool>(false)

    private init(_ interpreter: OpaquePointer) {
        unsafe self.interpreter = interpreter
        number = unsafe PyInterpreterState_GetID(interpreter)
        forks = sb_fork_count()
    }

    /// Runs `body` attached to the interpreter, with no exception set.
    ///
    /// - Returns: whether it has run: not if the interpreter has ended, or is ending and the thread is not attached to
    ///   it.
    @discardableResult
    func run(_ body: () -> Void) -> Bool {
        guard !hasEnded.load(ordering: .acquiring) else { return false }
        if unsafe sb_is_attached_to(interpreter) != 0 {
            PythonError.settingPendingAside(body)
            return true
        }
        guard enter() else { return false }
        defer { threads.subtract(1, ordering: .releasing) }
        attached(body)
        return true
    }

    private func enter() -> Bool {
        var count = threads.load(ordering: .relaxed)
        while count >= 0 {
            let (exchanged, found) = threads.weakCompareExchange(
                expected: count, desired: count + 1, ordering: .acquiring)
            if exchanged { return true }
            count = found
        }
        return false
    }

    /// Runs `body` on a thread that is attached to another interpreter or to none.
    private func attached(_ body: () -> Void) {
        // A fork may hold the GIL while it waits for detached work.
        let isPaused = sb_pause_detached_work() != 0
        defer { if isPaused { sb_begin_detached_work() } }
        let other = unsafe sb_attached_state() == nil ? nil : PyEval_SaveThread()
        defer { if let other = unsafe other { unsafe PyEval_RestoreThread(other) } }
        // A thread that Python knows, and that runs other code just now, keeps its state.
        if let own = unsafe PyGILState_GetThisThreadState(), unsafe sb_interpreter_number(own) == number {
            unsafe PyEval_RestoreThread(own)
            body()
            _ = unsafe PyEval_SaveThread()
            return
        }
        // Without memory for a state, what `body` would have released stays.
        guard let state = unsafe PyThreadState_New(interpreter) else { return }
        unsafe PyEval_RestoreThread(state)
        body()
        unsafe PyThreadState_Clear(state)
        PyThreadState_DeleteCurrent()
    }

    /// Turns away all threads that are not attached, and waits until those inside have left.
    private func close() {
        guard threads.load(ordering: .relaxed) >= 0 else { return }
        threads.add(Int.min, ordering: .acquiring)
        // In a process made by fork, the threads that were inside before do not exist.
        guard forks == sb_fork_count(), threads.load(ordering: .acquiring) != Int.min else { return }
        let state = unsafe PyEval_SaveThread()
        while threads.load(ordering: .acquiring) != Int.min { sb_wait_briefly() }
        unsafe PyEval_RestoreThread(state)
    }
}

// Where it is kept: in capsules, of which the interpreter's dictionary has one, and whoever uses it another.
extension InterpreterEntry {
    /// A capsule with the entry of the current interpreter, which is made at the first call.
    ///
    /// - Throws: `MemoryError`, `RuntimeError` while the interpreter ends.
    static func current() throws(PythonError) -> PythonObject {
        guard let interpreter = unsafe PyInterpreterState_Get(),
            let dictionary = unsafe PyInterpreterState_GetDict(interpreter)
        else {
            throw PythonError(.runtime, "this interpreter has no room for its extensions")
        }
        // Another extension with this library in it has a class of its own.
        let key = try unsafe PythonObject("swiftbuffer.interpreter.\(UInt(bitPattern: closing))")
        if let known = unsafe PyDict_GetItemWithError(dictionary, key.pointer) {
            return try unsafe InterpreterEntry.inside(known).capsule()
        }
        if unsafe PyErr_Occurred() != nil { throw .pending() }
        let entry = unsafe InterpreterEntry(interpreter)
        // The dictionary is dropped when nothing of Python runs any more.
        let marker = try unsafe entry.capsule { capsule in
            guard let capsule = unsafe capsule else { return }
            unsafe InterpreterEntry.inside(capsule).hasEnded.store(true, ordering: .releasing)
            unsafe InterpreterEntry.drop(capsule)
        }
        try entry.closeAtExit()
        // Another thread may have been first. Then the other entry is used, and this one closes unused.
        guard let kept = unsafe PyDict_SetDefault(dictionary, key.pointer, marker.pointer) else { throw .pending() }
        return try unsafe InterpreterEntry.inside(kept).capsule()
    }

    /// The entry in a capsule made by ``capsule(_:)``.
    @unsafe
    static func inside(_ capsule: ObjectPointer) -> InterpreterEntry {
        unsafe Unmanaged<InterpreterEntry>.fromOpaque(address(in: capsule)).takeUnretainedValue()
    }

    /// The same without a reference: the capsule keeps it.
    @unsafe
    static func address(in capsule: ObjectPointer) -> UnsafeMutableRawPointer {
        // A capsule of ours always has it, and has no name, which would be compared at each use.
        unsafe PyCapsule_GetPointer(capsule, nil)!
    }

    /// A capsule that holds a reference to the entry, which `end` drops.
    private func capsule(
        _ end: @escaping @convention(c) (ObjectPointer?) -> Void = { capsule in
            if let capsule = unsafe capsule { unsafe InterpreterEntry.drop(capsule) }
        }
    ) throws(PythonError) -> PythonObject {
        let reference = unsafe Unmanaged.passRetained(self)
        guard let capsule = unsafe PyCapsule_New(reference.toOpaque(), nil, end) else {
            unsafe reference.release()
            throw .pending()
        }
        return unsafe PythonObject(owning: capsule)
    }

    private static func drop(_ capsule: ObjectPointer) {
        guard let reference = unsafe PyCapsule_GetPointer(capsule, nil) else { return }
        unsafe Unmanaged<InterpreterEntry>.fromOpaque(reference).release()
    }

    private func closeAtExit() throws(PythonError) {
        let capsule = try unsafe capsule()
        let function = try unsafe PythonObject(result: PyCFunction_NewEx(Self.closing, capsule.pointer, nil))
        _ = try PythonObject(importing: "atexit").attribute("register").call(function)
    }

    /// The Python function that closes the entry in the capsule that it is bound to; a table that lives as long as the
    /// process.
    private nonisolated(unsafe) static let closing: UnsafeMutablePointer<PyMethodDef> = {
        let definition = UnsafeMutablePointer<PyMethodDef>.allocate(capacity: 1)
        unsafe definition.initialize(
            to: PyMethodDef(
                ml_name: cString("close_entry"),
                ml_meth: { capsule, _ in
                    if let capsule = unsafe capsule { unsafe InterpreterEntry.inside(capsule).close() }
                    return unsafe PythonObject.none.intoPointer()
                },
                ml_flags: METH_NOARGS, ml_doc: nil))
        return unsafe definition
    }()
}
