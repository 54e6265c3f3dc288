// SPDX-License-Identifier: Apache-2.0

// Written by tools/overloads.py.

public import PythonBuffers

extension Init where Value: ~Copyable {
    @inlinable
    public init(
        doc: String = "",
        _ body: @escaping @Sendable () throws -> Value
    ) {
        function = Function("__new__", [], doc, returns: .ownType) { call in
            try unsafe Exported<Value>.makeUnchecked(of: call.receiver, body())
        }
    }

    @inlinable
    public init<A: PythonParameter & ~Copyable & ~Escapable>(
        _ a: Parameter<A>,
        doc: String = "",
        _ body: @escaping @Sendable (borrowing A) throws -> Value
    ) {
        function = Function("__new__", [a.parameter], doc, returns: .ownType) { call in
            try call.with(0, A.self) { a in
                try unsafe Exported<Value>.makeUnchecked(of: call.receiver, body(a))
            }
        }
    }

    @inlinable
    public init<A: PythonParameter & ~Copyable & ~Escapable, B: PythonParameter & ~Copyable & ~Escapable>(
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        doc: String = "",
        _ body: @escaping @Sendable (borrowing A, borrowing B) throws -> Value
    ) {
        function = Function("__new__", [a.parameter, b.parameter], doc, returns: .ownType) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try unsafe Exported<Value>.makeUnchecked(of: call.receiver, body(a, b))
                }
            }
        }
    }

    @inlinable
    public init<
        A: PythonParameter & ~Copyable & ~Escapable, B: PythonParameter & ~Copyable & ~Escapable,
        C: PythonParameter & ~Copyable & ~Escapable
    >(
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        doc: String = "",
        _ body: @escaping @Sendable (borrowing A, borrowing B, borrowing C) throws -> Value
    ) {
        function = Function("__new__", [a.parameter, b.parameter, c.parameter], doc, returns: .ownType) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try unsafe Exported<Value>.makeUnchecked(of: call.receiver, body(a, b, c))
                    }
                }
            }
        }
    }

    @inlinable
    public init<
        A: PythonParameter & ~Copyable & ~Escapable, B: PythonParameter & ~Copyable & ~Escapable,
        C: PythonParameter & ~Copyable & ~Escapable, D: PythonParameter & ~Copyable & ~Escapable
    >(
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        _ d: Parameter<D>,
        doc: String = "",
        _ body: @escaping @Sendable (borrowing A, borrowing B, borrowing C, borrowing D) throws -> Value
    ) {
        function = Function("__new__", [a.parameter, b.parameter, c.parameter, d.parameter], doc, returns: .ownType) {
            call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try call.with(3, D.self) { d in
                            try unsafe Exported<Value>.makeUnchecked(of: call.receiver, body(a, b, c, d))
                        }
                    }
                }
            }
        }
    }

    @inlinable
    public init<
        A: PythonParameter & ~Copyable & ~Escapable, B: PythonParameter & ~Copyable & ~Escapable,
        C: PythonParameter & ~Copyable & ~Escapable, D: PythonParameter & ~Copyable & ~Escapable,
        E: PythonParameter & ~Copyable & ~Escapable
    >(
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        _ d: Parameter<D>,
        _ e: Parameter<E>,
        doc: String = "",
        _ body: @escaping @Sendable (borrowing A, borrowing B, borrowing C, borrowing D, borrowing E) throws -> Value
    ) {
        function = Function(
            "__new__", [a.parameter, b.parameter, c.parameter, d.parameter, e.parameter], doc, returns: .ownType
        ) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try call.with(3, D.self) { d in
                            try call.with(4, E.self) { e in
                                try unsafe Exported<Value>.makeUnchecked(of: call.receiver, body(a, b, c, d, e))
                            }
                        }
                    }
                }
            }
        }
    }

    @inlinable
    public init<
        A: PythonParameter & ~Copyable & ~Escapable, B: PythonParameter & ~Copyable & ~Escapable,
        C: PythonParameter & ~Copyable & ~Escapable, D: PythonParameter & ~Copyable & ~Escapable,
        E: PythonParameter & ~Copyable & ~Escapable, F: PythonParameter & ~Copyable & ~Escapable
    >(
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        _ d: Parameter<D>,
        _ e: Parameter<E>,
        _ f: Parameter<F>,
        doc: String = "",
        _ body:
            @escaping @Sendable (borrowing A, borrowing B, borrowing C, borrowing D, borrowing E, borrowing F) throws ->
            Value
    ) {
        function = Function(
            "__new__", [a.parameter, b.parameter, c.parameter, d.parameter, e.parameter, f.parameter], doc,
            returns: .ownType
        ) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try call.with(3, D.self) { d in
                            try call.with(4, E.self) { e in
                                try call.with(5, F.self) { f in
                                    try unsafe Exported<Value>.makeUnchecked(of: call.receiver, body(a, b, c, d, e, f))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
