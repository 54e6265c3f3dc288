// SPDX-License-Identifier: Apache-2.0
import CPython
import CPythonShims
import PythonModules
import Testing

/// A module, imported into the current interpreter as CPython imports an extension.
func load(_ module: Module, _ name: String) throws(PythonError) -> PythonObject {
    let result = module.initialize()
    guard let definition = unsafe result.pointer else { throw PythonError.pending() }
    let python = try Python3.ready()
    try python.run("import importlib.machinery; spec = importlib.machinery.ModuleSpec('\(name)', None)")
    let spec = try python.evaluate("spec")
    let pointer = unsafe UnsafeMutableRawPointer(definition).assumingMemoryBound(to: PyModuleDef.self)
    // What the macro PyModule_FromDefAndSpec passes.
    let made = try unsafe PythonObject(result: PyModule_FromDefAndSpec2(pointer, spec.pointer, 1013))
    if unsafe PyModule_ExecDef(made.pointer, pointer) < 0 { throw PythonError.pending() }
    return made
}

/// A namespace of Python that tests run code in.
struct Python3: ~Copyable {
    let globals: PythonObject

    private init(empty: Void) throws(PythonError) {
        globals = try unsafe PythonObject(result: PyDict_New())
    }

    /// With what tests need.
    static func ready() throws(PythonError) -> Python3 {
        let python = try Python3(empty: ())
        try python.run(
            """
            import gc, inspect, sys, weakref
            def error(function, *arguments, **keywords):
                try:
                    function(*arguments, **keywords)
                except Exception as problem:
                    return f'{type(problem).__name__}: {problem}'
                return 'no error'
            def kind(function, *arguments):
                return error(function, *arguments).split(':')[0]
            def start(function, *arguments):
                return ' '.join(error(function, *arguments).split()[:4])
            """)
        return python
    }

    /// With a module as `m`.
    static func ready(_ module: borrowing PythonObject) throws(PythonError) -> Python3 {
        let python = try ready()
        if unsafe PyDict_SetItemString(python.globals.pointer, "m", module.pointer) < 0 { throw PythonError.pending() }
        return python
    }

    func run(_ code: String) throws(PythonError) {
        _ = try unsafe PythonObject(
            result: PyRun_StringFlags(code, Py_file_input, globals.pointer, globals.pointer, nil))
    }

    func evaluate(_ expression: String) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(
            result: PyRun_StringFlags(expression, Py_eval_input, globals.pointer, globals.pointer, nil))
    }

    /// `repr` of an expression.
    func text(_ expression: String) throws(PythonError) -> String {
        try evaluate("repr((\(expression)))").string()
    }
}
