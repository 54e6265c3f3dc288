// SPDX-License-Identifier: Apache-2.0

// Written by tools/overloads.py.

public import PythonBuffers

extension Resizing where Value: ~Copyable {
    @inlinable
    public init<Result: ToPython & ~Copyable>(
        _ name: String,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value) throws -> Result
    ) {
        function = Function(name, [], doc, returns: .result(Result.self)) { call in
            try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                try body(&value).toPython()
            }
        }
    }

    @inlinable
    public init(
        _ name: String,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value) throws -> Void
    ) {
        function = Function(name, [], doc, returns: .none) { call in
            try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                try body(&value)
                return .none
            }
        }
    }

    @inlinable
    public init<A: PythonParameter & ~Copyable & ~Escapable, Result: ToPython & ~Copyable>(
        _ name: String,
        _ a: Parameter<A>,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value, borrowing A) throws -> Result
    ) {
        function = Function(name, [a.parameter], doc, returns: .result(Result.self)) { call in
            try call.with(0, A.self) { a in
                try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                    try body(&value, a).toPython()
                }
            }
        }
    }

    @inlinable
    public init<A: PythonParameter & ~Copyable & ~Escapable>(
        _ name: String,
        _ a: Parameter<A>,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value, borrowing A) throws -> Void
    ) {
        function = Function(name, [a.parameter], doc, returns: .none) { call in
            try call.with(0, A.self) { a in
                try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                    try body(&value, a)
                    return .none
                }
            }
        }
    }

    @inlinable
    public init<
        A: PythonParameter & ~Copyable & ~Escapable, B: PythonParameter & ~Copyable & ~Escapable,
        Result: ToPython & ~Copyable
    >(
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value, borrowing A, borrowing B) throws -> Result
    ) {
        function = Function(name, [a.parameter, b.parameter], doc, returns: .result(Result.self)) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                        try body(&value, a, b).toPython()
                    }
                }
            }
        }
    }

    @inlinable
    public init<A: PythonParameter & ~Copyable & ~Escapable, B: PythonParameter & ~Copyable & ~Escapable>(
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value, borrowing A, borrowing B) throws -> Void
    ) {
        function = Function(name, [a.parameter, b.parameter], doc, returns: .none) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                        try body(&value, a, b)
                        return .none
                    }
                }
            }
        }
    }

    @inlinable
    public init<
        A: PythonParameter & ~Copyable & ~Escapable, B: PythonParameter & ~Copyable & ~Escapable,
        C: PythonParameter & ~Copyable & ~Escapable, Result: ToPython & ~Copyable
    >(
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value, borrowing A, borrowing B, borrowing C) throws -> Result
    ) {
        function = Function(name, [a.parameter, b.parameter, c.parameter], doc, returns: .result(Result.self)) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                            try body(&value, a, b, c).toPython()
                        }
                    }
                }
            }
        }
    }

    @inlinable
    public init<
        A: PythonParameter & ~Copyable & ~Escapable, B: PythonParameter & ~Copyable & ~Escapable,
        C: PythonParameter & ~Copyable & ~Escapable
    >(
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value, borrowing A, borrowing B, borrowing C) throws -> Void
    ) {
        function = Function(name, [a.parameter, b.parameter, c.parameter], doc, returns: .none) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                            try body(&value, a, b, c)
                            return .none
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
        Result: ToPython & ~Copyable
    >(
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        _ d: Parameter<D>,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value, borrowing A, borrowing B, borrowing C, borrowing D) throws -> Result
    ) {
        function = Function(
            name, [a.parameter, b.parameter, c.parameter, d.parameter], doc, returns: .result(Result.self)
        ) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try call.with(3, D.self) { d in
                            try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                                try body(&value, a, b, c, d).toPython()
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
        C: PythonParameter & ~Copyable & ~Escapable, D: PythonParameter & ~Copyable & ~Escapable
    >(
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        _ d: Parameter<D>,
        doc: String = "",
        _ body: @escaping @Sendable (inout Value, borrowing A, borrowing B, borrowing C, borrowing D) throws -> Void
    ) {
        function = Function(name, [a.parameter, b.parameter, c.parameter, d.parameter], doc, returns: .none) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try call.with(3, D.self) { d in
                            try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                                try body(&value, a, b, c, d)
                                return .none
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
        E: PythonParameter & ~Copyable & ~Escapable, Result: ToPython & ~Copyable
    >(
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        _ d: Parameter<D>,
        _ e: Parameter<E>,
        doc: String = "",
        _ body:
            @escaping @Sendable (inout Value, borrowing A, borrowing B, borrowing C, borrowing D, borrowing E) throws ->
            Result
    ) {
        function = Function(
            name, [a.parameter, b.parameter, c.parameter, d.parameter, e.parameter], doc, returns: .result(Result.self)
        ) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try call.with(3, D.self) { d in
                            try call.with(4, E.self) { e in
                                try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                                    try body(&value, a, b, c, d, e).toPython()
                                }
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
        E: PythonParameter & ~Copyable & ~Escapable
    >(
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        _ d: Parameter<D>,
        _ e: Parameter<E>,
        doc: String = "",
        _ body:
            @escaping @Sendable (inout Value, borrowing A, borrowing B, borrowing C, borrowing D, borrowing E) throws ->
            Void
    ) {
        function = Function(
            name, [a.parameter, b.parameter, c.parameter, d.parameter, e.parameter], doc, returns: .none
        ) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try call.with(3, D.self) { d in
                            try call.with(4, E.self) { e in
                                try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                                    try body(&value, a, b, c, d, e)
                                    return .none
                                }
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
        E: PythonParameter & ~Copyable & ~Escapable, F: PythonParameter & ~Copyable & ~Escapable,
        Result: ToPython & ~Copyable
    >(
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        _ d: Parameter<D>,
        _ e: Parameter<E>,
        _ f: Parameter<F>,
        doc: String = "",
        _ body:
            @escaping @Sendable (
                inout Value, borrowing A, borrowing B, borrowing C, borrowing D, borrowing E, borrowing F
            ) throws -> Result
    ) {
        function = Function(
            name, [a.parameter, b.parameter, c.parameter, d.parameter, e.parameter, f.parameter], doc,
            returns: .result(Result.self)
        ) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try call.with(3, D.self) { d in
                            try call.with(4, E.self) { e in
                                try call.with(5, F.self) { f in
                                    try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                                        try body(&value, a, b, c, d, e, f).toPython()
                                    }
                                }
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
        _ name: String,
        _ a: Parameter<A>,
        _ b: Parameter<B>,
        _ c: Parameter<C>,
        _ d: Parameter<D>,
        _ e: Parameter<E>,
        _ f: Parameter<F>,
        doc: String = "",
        _ body:
            @escaping @Sendable (
                inout Value, borrowing A, borrowing B, borrowing C, borrowing D, borrowing E, borrowing F
            ) throws -> Void
    ) {
        function = Function(
            name, [a.parameter, b.parameter, c.parameter, d.parameter, e.parameter, f.parameter], doc, returns: .none
        ) { call in
            try call.with(0, A.self) { a in
                try call.with(1, B.self) { b in
                    try call.with(2, C.self) { c in
                        try call.with(3, D.self) { d in
                            try call.with(4, E.self) { e in
                                try call.with(5, F.self) { f in
                                    try ValueAccess<Value>.change(call.receiver, whileExported: false) { value in
                                        try body(&value, a, b, c, d, e, f)
                                        return .none
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
