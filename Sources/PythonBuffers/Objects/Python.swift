internal import CPython

/// The interpreter as a place to be in or out of.
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
    /// - Precondition: the thread is attached. `body` touches no Python object: it neither makes nor drops a reference,
    ///   nor acquires or ends a buffer, except inside of ``attach(_:)``.
    /// - Source: `PyEval_SaveThread`, `PyEval_RestoreThread`.
    public static func detach<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let state = unsafe PyEval_SaveThread()
        defer { unsafe PyEval_RestoreThread(state) }
        return try body()
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
        let state = PyGILState_Ensure()
        defer { PyGILState_Release(state) }
        return try body()
    }
}
