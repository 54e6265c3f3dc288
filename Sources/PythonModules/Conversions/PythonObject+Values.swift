// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
public import PythonBuffers

// Python objects in the hands of Swift: calls, items and iteration, with Swift values on this side. Each runs Python code,
// which may do anything: it may change or release what Swift is using, except for buffers that are held.

extension PythonObject {
    /// `object(*arguments)`, of Swift values.
    ///
    /// ```swift
    /// Def("apply", "function", "x") { (function: borrowing PythonObject, x: Double) in
    ///     try function.call(x, "fast").value(as: Double.self)
    /// }
    /// ```
    public func call<each Value: ToPython>(_ arguments: repeat each Value) throws -> PythonObject {
        try call(tuple: Tuple(repeat each arguments).toPython())
    }

    /// `object(*arguments, **keywords)`, of Swift values.
    public func call<each Value: ToPython>(
        _ arguments: repeat each Value, keywords: [String: any ToPython]
    ) throws -> PythonObject {
        let named = try PythonObject(emptyDictionary: ())
        for (name, value) in keywords { try named.setValue(object(of: value), at: name.toPython()) }
        let positional = try Tuple(repeat each arguments).toPython()
        return try unsafe withPointer { callee in
            try unsafe PythonObject(
                result: PyObject_Call(callee, positional.reference.pointer, named.reference.pointer))
        }
    }

    /// `object.name(*arguments)`, of Swift values.
    public func callMethod<each Value: ToPython>(
        _ name: String, _ arguments: repeat each Value
    ) throws -> PythonObject {
        try attribute(name).call(tuple: Tuple(repeat each arguments).toPython())
    }

    /// `object[key]`
    public func item<Key: ToPython>(at key: Key) throws -> PythonObject {
        let key = try key.toPython()
        return try unsafe withPointer { object in
            try unsafe PythonObject(result: PyObject_GetItem(object, key.reference.pointer))
        }
    }

    /// `object[key] = value`
    public func setItem<Key: ToPython, Value: ToPython>(at key: Key, to value: Value) throws {
        let key = try key.toPython()
        let value = try value.toPython()
        let status = unsafe withPointer {
            unsafe PyObject_SetItem($0, key.reference.pointer, value.reference.pointer)
        }
        if status < 0 { throw PythonError.pending() }
    }

    /// `len(object)`
    public func length() throws -> Int {
        let length = unsafe withPointer { unsafe PyObject_Size($0) }
        if length < 0 { throw PythonError.pending() }
        return length
    }

    /// Runs `body` with each item: `for item in object`.
    public func forEach(_ body: (borrowing PythonObject) throws -> Void) throws {
        let items = try unsafe withPointer { unsafe try PythonObject(result: PyObject_GetIter($0)) }
        while let item = unsafe items.withPointer({ unsafe PyIter_Next($0) }) {
            try body(unsafe PythonObject(owning: item))
        }
        if unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
    }

    /// The object as a Swift value.
    ///
    /// - Throws: what the conversion throws, as for an argument.
    public func value<Value: FromPython & ~Copyable>(as _: Value.Type) throws -> Value {
        let function = Function.naming("value")
        // The function and this object outlive the conversion, which cannot keep the argument.
        return try withExtendedLifetime(function) {
            try Value.fromPython(unsafe Argument(reference, index: 0, of: .passUnretained(function)))
        }
    }
}

private func object<Value: ToPython>(of value: Value) throws -> PythonObject { try value.toPython() }
