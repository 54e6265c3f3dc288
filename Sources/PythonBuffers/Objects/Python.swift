// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// Detaches threads from the interpreter, and attaches them.
public enum Python {
    /// Runs long work of Swift while other threads run Python: releases the GIL, or on a free-threaded build tells the
    /// interpreter not to wait for this thread.
    ///
    /// ```swift
    /// let pixels = try buffer.span(of: Float.self)
    /// let histogram = Python.detach { Histogram(of: pixels) }
    /// ```
    ///
    /// Memory of a buffer that is held stays in place meanwhile; other threads may write it.
    ///
    /// A `fork` on another thread waits until `body` ends, so that the child does not inherit a lock that `body` had
    /// taken, such as the allocator's. Pass `.waiting` for work that may block for long, on a socket or a device, and
    /// takes no lock meanwhile: forks do not wait for it.
    ///
    /// The compiler keeps Python objects out: `body` can neither capture nor return a ``PythonObject``, a
    /// ``PythonBuffer`` or a ``BufferMemory``, which are not `Sendable`; spans of them are. What remains up to you is
    /// not to make an object inside of `body`, and not to reach one through a global variable.
    ///
    /// - Parameters:
    ///   - purpose: what `body` does.
    ///   - body: the work.
    /// - Precondition: the thread is attached. `body` touches no Python object: it neither makes nor drops a reference,
    ///   nor acquires or ends a buffer, except inside of ``attach(_:)``.
    /// - Source: `PyEval_SaveThread`, `PyEval_RestoreThread`, `pthread_atfork`.
    public static func detach<Result: ~Copyable & Sendable, Failure: Error>(
        for purpose: DetachPurpose = .computing, _ body: @Sendable () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try detachUnchecked(for: purpose, body)
    }

    /// As ``detach(for:_:)``, with a value that `body` changes, such as a mutable span:
    ///
    /// ```swift
    /// var pixels = try buffer.mutableSpan(of: Float.self)
    /// Python.detach(with: &pixels) { pixels in blur(&pixels) }
    /// ```
    public static func detach<Value: ~Copyable & ~Escapable & Sendable, Result: ~Copyable & Sendable, Failure: Error>(
        for purpose: DetachPurpose = .computing, with value: inout Value,
        _ body: @Sendable (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let threadState = unsafe beginDetaching(purpose)
        defer { unsafe endDetaching(threadState, purpose) }
        return try body(&value)
    }

    /// As ``detach(for:_:)``, for code that captures pointers.
    package static func detachUnchecked<Result: ~Copyable, Failure: Error>(
        for purpose: DetachPurpose = .computing, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let threadState = unsafe beginDetaching(purpose)
        defer { unsafe endDetaching(threadState, purpose) }
        return try body()
    }

    private static func beginDetaching(_ purpose: DetachPurpose) -> UnsafeMutablePointer<PyThreadState>? {
        let state = unsafe PyEval_SaveThread()
        if purpose == .computing { sb_begin_detached_work() }
        return unsafe state
    }

    private static func endDetaching(_ state: UnsafeMutablePointer<PyThreadState>?, _ purpose: DetachPurpose) {
        // In this order: a thread that waits for the GIL must not keep a fork waiting.
        if purpose == .computing { sb_end_detached_work() }
        unsafe PyEval_RestoreThread(state)
    }

    /// What a thread does while it is detached.
    public enum DetachPurpose: Sendable {
        /// Computes, and ends by itself: forks wait for it.
        case computing
        /// Waits for something outside of the process: forks do not wait for it.
        case waiting
    }

    /// Runs code that uses Python on a thread that may not be attached: takes the GIL, where there is one. Does nothing
    /// more on a thread that is attached already.
    ///
    /// - Precondition: the interpreter is running and is the main one. Sub-interpreters have no way to be attached to
    ///   by a thread that does not know them.
    /// - Source: `PyGILState_Ensure`, `PyGILState_Release`.
    public static func attach<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // A fork may hold the GIL while it waits for detached work.
        let isPaused = sb_pause_detached_work() != 0
        defer { if isPaused { sb_begin_detached_work() } }
        let state = PyGILState_Ensure()
        defer { PyGILState_Release(state) }
        return try body()
    }
}
