// SPDX-License-Identifier: Apache-2.0
internal import CPython
public import PythonModules
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

// An interpreter inside of a program: what the tests of a package in Swift run Python with.

/// Runs code that uses Python, in an interpreter that the first call starts.
///
/// ```swift
/// @Test func textBecomesAnInteger() throws {
///     try withPython {
///         let int = try PythonObject(importing: "builtins").attribute("int")
///         let number = try int.call("ff", 16).value(as: Int.self)
///         #expect(number == 255)
///     }
/// }
/// ```
///
/// Tests run on many threads; one of them at a time is in `body`. Python objects do not leave it: an exception of Python
/// is thrown as a ``PythonFailure``, which has its text. The interpreter finds its modules as the Python that built the
/// package does, but none of a virtual environment; `PYTHONPATH` names more folders.
public func withPython<Result: ~Copyable & Sendable>(_ body: () throws -> Result) throws -> Result {
    guard Interpreter.isLinked else {
        throw PythonFailure(
            description: "the Python that built this package has no shared library to run tests with; build the "
                + "package with one that has, such as that of the Debian package python3-dev")
    }
    Interpreter.start()
    return try turn.withLock { _ in
        try Python.attach {
            do {
                return try body()
            } catch let error as PythonError {
                // Asked for here, where the thread is attached.
                throw PythonFailure(description: "\(error)")
            }
        }
    }
}

/// Runs code that uses a module, imported as Python imports it: code in Python may import it by its name.
///
/// ```swift
/// @Test func pythonSeesTheGrid() throws {
///     try withPython(module) { grids in
///         let grid = try grids.callMethod("Grid", 2, 3)
///         let sum = try grid.callMethod("sum").value(as: Double.self)
///         #expect(sum == 0)
///     }
/// }
/// ```
///
/// - Throws: as ``withPython(_:)``, and what importing the module raises.
public func withPython<Result: ~Copyable & Sendable>(
    _ module: Module, _ body: (borrowing PythonObject) throws -> Result
) throws -> Result {
    try withPython { try body(module.imported()) }
}

/// An exception that left the body of ``withPython(_:)``, or a Python that cannot be run.
public struct PythonFailure: Error, CustomStringConvertible {
    public let description: String
}

/// Held by the thread that uses Python. The calls of one test would otherwise come between those of another.
private let turn = Mutex<Void>(())

private enum Interpreter {
    static var isLinked: Bool { isPythonLinked }

    static func start() { _ = isRunning }

    private static let isRunning: Bool = {
        let isSet = unsafe getenv("PYTHONHOME") != nil
        if !isSet, let home = pythonHome { unsafe setenv("PYTHONHOME", home, 1) }
        Py_InitializeEx(0)
        // Other Pythons that a test may start find their own.
        if !isSet { unsafe unsetenv("PYTHONHOME") }
        // Each thread attaches itself.
        unsafe _ = PyEval_SaveThread()
        return true
    }()
}
