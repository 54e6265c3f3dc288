// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
public import PythonBuffers

/// A Swift error that is an exception class of its own in Python, once a module has declared it by ``Exception``.
///
/// ```swift
/// struct SignalError: PythonException {
///     let message: String
/// }
/// let module = Module("signals") {
///     Exception(SignalError.self)
///     Def("check", "level") { (level: Double) in
///         guard level <= 1 else { throw SignalError(message: "a level of \(level) clips") }
///     }
/// }
/// ```
public protocol PythonException: Error {
    /// The name of the class; that of the Swift type if it is not given.
    static var pythonName: String { get }
    /// The built-in class that the class is derived from; `ValueError` if it is not given.
    static var base: PythonError.Kind { get }
    /// What `str(exception)` gives.
    var message: String { get }
}

extension PythonException {
    public static var pythonName: String { String(describing: Self.self) }
    public static var base: PythonError.Kind { .value }
}

/// Declares the class of a ``PythonException`` in a module. Each interpreter has one of its own.
public struct Exception: Sendable {
    let member: ModuleMember

    /// Declares the class of `Failure`; `doc` is its docstring.
    public init<Failure: PythonException>(_: Failure.Type, doc: String = "") {
        member = ModuleMember(
            Failure.pythonName, stub: { $0.write(Failure.self, doc) },
            add: { module in
                let name = Failure.pythonName
                guard isIdentifier(name) else { throw PythonError(.system, "'\(name)' is no name in Python") }
                let moduleName = module.name
                let made = try InterpreterTable.find(Failure.self) {
                    guard let base = unsafe Failure.base.exception else { throw PythonError.pending() }
                    return try unsafe PythonObject(
                        result: PyErr_NewExceptionWithDoc("\(moduleName).\(name)", doc, base, nil))
                }
                try module.builder.add(name, made)
            })
    }
}

/// Sets the Python exception for any error of Swift's.
///
/// An error without a class of its own becomes `RuntimeError`, with the text that Swift prints for it.
@inline(never)
func raiseInPython(_ error: any Error) {
    switch error {
    case let error as PythonError: error.raise()
    case let error as any PythonException: raise(error)
    default: PythonError(.runtime, String(describing: error)).raise()
    }
}

private func raise<Failure: PythonException>(_ error: Failure) {
    do throws(PythonError) {
        guard let type = try InterpreterTable.find(Failure.self) else {
            return PythonError(Failure.base, error.message).raise()
        }
        let text = try PythonObject(error.message)
        unsafe PyErr_SetObject(type.pointer, text.pointer)
    } catch {
        error.raise()
    }
}

extension PythonError.Kind {
    /// The name of the class in Python.
    var className: String {
        switch self {
        case .attribute: "AttributeError"
        case .buffer: "BufferError"
        case .fileExists: "FileExistsError"
        case .import: "ImportError"
        case .index: "IndexError"
        case .key: "KeyError"
        case .memory: "MemoryError"
        case .notImplemented: "NotImplementedError"
        case .overflow: "OverflowError"
        case .runtime: "RuntimeError"
        case .system: "SystemError"
        case .type: "TypeError"
        case .value: "ValueError"
        case .outOfRange: "swiftbuffer.OutOfRangeError"
        }
    }
}
