// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import CPython
import CPythonShims
// `withPython` runs a test's body, one at a time: tests count references to classes that they share, and CPython 3.13.0
// ends or hangs in the child if a thread forks while another makes a sub-interpreter.
@_exported import PythonEmbedding
import Testing

@testable import PythonBuffers

/// Something that no test expected.
struct UnexpectedException: Error, CustomStringConvertible {
    let description: String
}

/// Type and message of an exception, as `TypeError: ...`.
func text(of error: PythonError) -> String {
    error.raise()
    guard let exception = unsafe sb_take_exception() else { return "no exception" }
    let object = unsafe PythonObject(owning: exception)
    let message = unsafe (try? PythonObject(result: PyObject_Str(object.pointer)).string()) ?? "?"
    return "\(object.typeName): \(message)"
}

/// Expects `body` to throw an exception whose text begins with `start` and contains all of `parts`.
func expectError(
    _ start: String, _ parts: String..., location: SourceLocation = #_sourceLocation,
    _ body: () throws(PythonError) -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown", sourceLocation: location)
    } catch {
        let message = text(of: error)
        #expect(message.hasPrefix(start), sourceLocation: location)
        for part in parts { #expect(message.contains(part), "\(message)", sourceLocation: location) }
    }
}

/// A namespace of Python that tests run code in.
struct Namespace: ~Copyable {
    let globals: PythonObject

    init() throws(PythonError) {
        // CPython adds the built-in names when it first runs code in it.
        globals = try unsafe PythonObject(result: PyDict_New())
    }

    func set(_ name: String, _ value: borrowing PythonObject) throws(PythonError) {
        if unsafe PyDict_SetItemString(globals.pointer, name, value.pointer) < 0 { throw PythonError.pending() }
    }

    func run(_ code: String) throws(PythonError) {
        _ = try unsafe PythonObject(
            result: PyRun_StringFlags(code, Py_file_input, globals.pointer, globals.pointer, nil))
    }

    func evaluate(_ expression: String) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(
            result: PyRun_StringFlags(expression, Py_eval_input, globals.pointer, globals.pointer, nil))
    }

    func string(_ expression: String) throws(PythonError) -> String {
        try evaluate("str(\(expression))").string()
    }

    func truth(_ expression: String) throws(PythonError) -> Bool { try evaluate(expression).truth() }
}

/// The value of an expression that needs no names but the built-in ones.
func evaluate(_ expression: String) throws(PythonError) -> PythonObject { try Namespace().evaluate(expression) }

func referenceCount(_ object: borrowing PythonObject) -> Int { unsafe sb_reference_count(object.reference) }

/// A new module object to make types in.
func makeModule() throws(PythonError) -> PythonObject { try evaluate("type(__import__('sys'))('tests')") }

/// The shape that an object exports just now.
func shape(of object: borrowing PythonObject) throws(PythonError) -> [Int] {
    let buffer = try PythonBuffer(object)
    return try buffer.layout.shape
}
