// SPDX-License-Identifier: Apache-2.0
import CPython
import PythonModules
import Testing

/// Operators, collections and the other protocols of Python's syntax, as types declare them.
@Suite struct OperatorTests {
    private func expect(
        _ setup: String, _ cases: [(String, String)], location: SourceLocation = #_sourceLocation
    ) throws {
        try withPython { () throws in
            let module = try load(operated, "operated")
            let python = try Python3.ready(module)
            try python.run("import copy, operator, pickle; sys.modules['operated'] = m; V = m.Vector")
            try python.run(setup)
            for (expression, expected) in cases {
                let found = try python.text(expression)
                #expect(found == expected, "\(expression)", sourceLocation: location)
            }
        }
    }

    @Test func argumentsAreCollected() throws {
        try expect(
            "",
            [
                ("m.total(1), m.total(1, 2, 3, scale=2, a=4)", "((1.0, {}), (12.0, {'a': 4}))"),
                ("m.total(first=2), m.all_of(), m.all_of(*range(9))", "((2.0, {}), [], [0, 1, 2, 3, 4, 5, 6, 7, 8])"),
                ("m.named('x', name='y')", "('x', {'name': 'y'})"),
                ("error(m.total)", "\"TypeError: total() missing required argument 'first' (pos 1)\""),
                ("error(m.total, 1, first=2)", "\"TypeError: total() got multiple values for argument 'first'\""),
                ("error(m.total, 1, 'x')", "'TypeError: values: must be real number, not str'"),
                (
                    "error(m.total, 1, a='x')",
                    "\"TypeError: options: 'str' object cannot be interpreted as an integer\""
                ),
                (
                    "error(m.all_of, 1, a=2)",
                    "\"TypeError: all_of() got an unexpected keyword argument 'a'\""
                ),
                (
                    "str(inspect.signature(m.total)), str(inspect.signature(m.named))",
                    "('(first, *values, scale=1.0, **options)', '(name, /, **others)')"
                ),
            ])
    }

    @Test func operatorsComputeWithOperandsOfTheirTypes() throws {
        try expect(
            "a, b = V(1, 2), V(3, 4)",
            [
                (
                    "a + b, a * b, a * 2, 2 * a, 10 - a",
                    "(Vector(4.0, 6.0), 11.0, Vector(2.0, 4.0), Vector(2.0, 4.0), Vector(9.0, 8.0))"
                ),
                (
                    "-a, abs(b), int(b), float(b), b ** 2, b / 2",
                    "(Vector(-1.0, -2.0), 5.0, 3, 3.0, 10.0, Vector(1.5, 2.0))"
                ),
                (
                    "error(operator.add, a, 1)",
                    "\"TypeError: unsupported operand type(s) for +: 'operated.Vector' and 'int'\""
                ),
                (
                    "kind(operator.add, 1, a), kind(operator.sub, a, 1), kind(operator.mul, a, 'x')",
                    "('TypeError', 'TypeError', 'TypeError')"
                ),
                ("kind(pow, a, 2, 3), kind(operator.matmul, a, b)", "('TypeError', 'TypeError')"),
                ("error(operator.truediv, a, 0)", "'ValueError: a vector divided by zero'"),
                (
                    "[c := V(1, 1), c.__iadd__(c), c][2], operator.iadd(c, a) is c, c",
                    "(Vector(3.0, 4.0), True, Vector(3.0, 4.0))"
                ),
                ("operator.ipow(V(2, 2), 3), operator.imul(V(2, 2), 3)", "(Vector(6.0, 2.0), Vector(6.0, 6.0))"),
                ("a.__add__(1), a.__rsub__('x'), a.__eq__(1)", "(NotImplemented, NotImplemented, NotImplemented)"),
                (
                    "str(a), repr(a), bool(a), bool(V(0)), a(3), a(3, offset=1)",
                    "('(1.0, 2.0)', 'Vector(1.0, 2.0)', True, False, 3.0, 4.0)"
                ),
                (
                    "error(a), error(a, 1, 2, 3)",
                    "(\"TypeError: Vector() missing required argument 'factor' (pos 1)\", 'TypeError: Vector() takes at most 2 positional arguments (3 given)')"
                ),
            ])
    }

    @Test func objectsAreComparedAndHashed() throws {
        try expect(
            "a, b, c = V(1, 2), V(3, 4), V(1, 2); T, R = m.Ticket, m.Row",
            [
                ("a == c, a != c, a == b, a != b, a == 1, a != 1", "(True, False, False, True, False, True)"),
                (
                    "a < b, a <= c, a > b, a >= c, sorted([b, a])",
                    "(True, True, False, True, [Vector(1.0, 2.0), Vector(3.0, 4.0)])"
                ),
                (
                    "error(operator.lt, a, 1)",
                    "\"TypeError: '<' not supported between instances of 'operated.Vector' and 'int'\""
                ),
                ("hash(a) == hash(c), len({a, b, c})", "(True, 2)"),
                ("T(1) < T(2), T(1) > T(2), T(1) == T(1), hash(T(0)), hash(T(5))", "(True, False, True, -2, -6)"),
                ("R(1, 2) == [1, 2], R(1) == (2,), R() != [], kind(hash, R())", "(True, False, False, 'TypeError')"),
            ])
    }

    @Test func collectionsHaveItemsByKeysAndSlices() throws {
        try expect(
            "i, r = m.Inventory(), m.Row(1, 2, 3, 4); i['a'] = 1; i['b'] = 2",
            [
                (
                    "i['a'], len(i), list(i), 'a' in i, 'x' in i, 1 in i, bool(m.Inventory())",
                    "(1, 2, ['a', 'b'], True, False, False, False)"
                ),
                (
                    "error(lambda: i['x']), error(lambda: i[1])",
                    "(\"KeyError: 'x'\", \"TypeError: 'Inventory' object takes no int as a key\")"
                ),
                (
                    "error(i.__setitem__, 'a', 'x'), error(i.__setitem__, 1, 1)",
                    "(\"TypeError: value: 'str' object cannot be interpreted as an integer\", \"TypeError: 'Inventory' object takes no int as a key\")"
                ),
                (
                    "i.__delitem__('b'), list(i), error(i.__delitem__, 1)",
                    "(None, ['a'], \"TypeError: 'Inventory' object takes no int as a key\")"
                ),
                (
                    "r[0], r[-1], r[1:], r[::-2], r[5:], r[1, 7], list(r), 3 in r",
                    "(1, 4, Row([2, 3, 4]), Row([4, 2]), Row([]), 207, [1, 2, 3, 4], True)"
                ),
                (
                    "error(lambda: r[4]), error(lambda: r[-5]), error(lambda: r['x'])",
                    "('IndexError: index 4 is out of range for a length of 4', 'IndexError: index -1 is out of range for a length of 4', \"TypeError: 'Row' object takes no str as an index\")"
                ),
                ("kind(lambda: r[::0]), kind(lambda: r[2**80])", "('ValueError', 'OverflowError')"),
                (
                    "r.__setitem__(-1, 9), r, kind(r.__setitem__, 4, 1), kind(r.__setitem__, slice(1), 1)",
                    "(None, Row([1, 2, 3, 9]), 'IndexError', 'TypeError')"
                ),
                ("error(r.__delitem__, 0)", "\"TypeError: 'Row' object does not support item deletion\""),
                (
                    "list(m.Countdown(3)), next(m.Countdown(1)), list(zip(m.Countdown(2), m.Countdown(3)))",
                    "([2, 1, 0], 0, [(1, 2), (0, 1)])"
                ),
                ("[n := iter(i), iter(n) is n, next(n), list(n), list(n)][1:]", "[True, 'a', [], []]"),
                ("type(iter(i)).__name__, kind(type(iter(i)))", "('iterator', 'TypeError')"),
            ])
    }

    @Test func withBlocksEndTheObject() throws {
        try expect(
            """
            i = m.Inventory()
            with i as inside:
                before = i.closed
            j = m.Inventory()
            def fail():
                with j:
                    raise LookupError('from inside')
            """,
            [
                ("inside is i, before, i.closed", "(True, False, True)"),
                ("error(fail), j.closed", "('LookupError: from inside', True)"),
                ("error(i.__exit__, 1)", "\"TypeError: __exit__() missing required argument 'value' (pos 2)\""),
                (
                    "error(j.call, lambda: j.__exit__(None, None, None))",
                    "'RuntimeError: the object is in use by another call; call again when that has ended'"
                ),
            ])
    }

    @Test func pythonCodeDerivesClasses() throws {
        try expect(
            """
            class Named(V):
                def __new__(cls, name, x):
                    self = super().__new__(cls, x)
                    self.name = name
                    return self
                def __reduce__(self): return (Named, (self.name, self.x))
            class Plain(V): pass
            class Slotted(m.Track): __slots__ = ('extra',)
            class Wide(m.Track):
                def __del__(self): ended.append('wide')
            ended = []
            place = sys.modules['operated_classes'] = type(sys)('operated_classes')
            place.Named, place.Plain = Named, Plain
            Named.__module__ = Plain.__module__ = 'operated_classes'
            n, p, s = Named('first', 2), Plain(3, 4), Slotted(5)
            """,
            [
                (
                    "n, n.name, isinstance(n, V), n + p, p == V(3, 4), p < n, n(2)",
                    "(Vector(2.0, 0.0), 'first', True, Vector(5.0, 4.0), True, False, 4.0)"
                ),
                ("type(Plain(1) + p) is V, memoryview(s).shape, m.length_of(s), s.length()", "(True, (5,), 5, 5)"),
                ("type(Slotted.silence(2)) is Slotted, setattr(s, 'extra', 1), s.extra", "(True, None, 1)"),
                (
                    "kind(lambda: V.__new__(int)), kind(lambda: object.__new__(Plain)), kind(type, 'X', (m.Row,), {})",
                    "('TypeError', 'TypeError', 'TypeError')"
                ),
                ("error(m.length_of, p)", "'TypeError: track: expected a Track, not Plain'"),
                (
                    "pickle.loads(pickle.dumps(V(1, 2))), copy.copy(p), type(copy.copy(p)) is Plain",
                    "(Vector(1.0, 2.0), Vector(3.0, 4.0), True)"
                ),
                (
                    "[setattr(p, 'label', 'x'), copy.deepcopy(p).label, pickle.loads(pickle.dumps(p)).__dict__][1:]",
                    "['x', {'label': 'x'}]"
                ),
                (
                    "pickle.loads(pickle.dumps(n)).name, kind(pickle.dumps, m.Row(1)), kind(copy.copy, s)",
                    "('first', 'TypeError', 'TypeError')"
                ),
                ("[Wide(1) and None, gc.collect() and None, ended][2]", "['wide']"),
            ])
    }

    @Test func objectsHaveAttributesAndWeakReferences() throws {
        try expect(
            """
            a = V(1)
            a.label = 'first'
            ended = []
            alive = weakref.ref(a, lambda _: ended.append(1))
            t = m.Track(3)
            watched = weakref.ref(t)
            class Loop(m.Track): pass
            l = Loop(1); l.hold(l); l.self = l; loop = weakref.ref(l)
            c = V(1); c.self = c; cycle = weakref.ref(c)
            """,
            [
                ("a.label, vars(a), alive() is a, watched() is t", "('first', {'label': 'first'}, True, True)"),
                (
                    "kind(setattr, t, 'label', 1), kind(weakref.ref, m.Row()), kind(delattr, a, 'none')",
                    "('AttributeError', 'TypeError', 'AttributeError')"
                ),
                ("[setattr(a, '__dict__', {'b': 2}), a.b, vars(a)][1:]", "[2, {'b': 2}]"),
            ])
        try withPython { () throws in
            let python = try Python3.ready(load(operated, "operated"))
            try python.run(
                """
                ended = []
                a, t = m.Vector(1), m.Track(1)
                references = [weakref.ref(a, lambda _: ended.append(1)), weakref.ref(t)]
                class Loop(m.Track): pass
                l = Loop(1); l.hold(l); l.self = l; references.append(weakref.ref(l))
                c = m.Vector(1); c.self = c; references.append(weakref.ref(c))
                h = m.Track(1); h.hold(h); references.append(weakref.ref(h))
                del a, t, l, c, h
                gc.collect()
                """)
            #expect(
                try python.text("[each() for each in references], ended") == "([None, None, None, None, None], [1])")
        }
    }

    @Test func operatorsReleaseWhatTheyUse() throws {
        try expect(
            """
            class Sub(V): pass
            a, r, i = Sub(1, 2), m.Row(1, 2), m.Inventory()
            kept = [object(), 'text' * 3, 1.5]
            a.kept = kept
            def use():
                for _ in range(100):
                    a + a, a * 2.5, 2.5 * a, error(operator.add, a, kept), a == kept, a != kept, a == a, hash(a), bool(a)
                    a(2.5), str(a), copy.copy(a), r[0], r[:1], list(r), error(lambda: r[kept[1]]), error(lambda: r[9])
                    i[kept[1]] = 1; i[kept[1]], list(i), kept[1] in i; del i[kept[1]]
                    m.total(1, kept[2], scale=kept[2], other=1), m.named(kept[1], other=kept[1]), m.all_of(1)
                    weakref.ref(a), list(m.Countdown(2)), Sub(1), error(m.total, 1, *kept), error(m.named, 'x', a=kept)
                    with i: pass
            def counts(): return [sys.getrefcount(x) for x in [a, r, i, *kept, V, Sub, m.Countdown, type(iter(i))]]
            use(); gc.collect(); before = counts()
            use(); gc.collect(); after = counts()
            """,
            [("before == after or (before, after)", "True")])
    }

    @Test func submodulesArePartOfTheirModule() throws {
        try expect(
            "",
            [
                (
                    "m.inner.answer(), m.inner.DEPTH, m.inner.core.DEPTH, m.inner.__name__",
                    "(42, 2, 3, 'operated.inner')"
                ),
                (
                    "m.inner.__doc__, sys.modules['operated.inner.core'].DEPTH",
                    "('A module inside of another.', 3)"
                ),
                ("__import__('operated.inner').inner.answer()", "42"),
            ])
    }

    @Test func wrongDeclarationsAreErrorsOfTheImport() throws {
        let wrong = [
            (
                Module("wrong") {
                    Def("f", .variadic("a"), .variadic("b")) { (a: [Int], b: [Int]) in a + b }
                }, "collect the same arguments"
            ),
            (
                Module("wrong") { Def("f", .keywords("a"), "b") { (a: [String: Int], b: Int) in b } },
                "'b' must come before 'a'"
            ),
            (
                Module("wrong") { PythonType(Countdown.self, "C", features: .subclasses) { Length { $0.left } } },
                "needs an Init"
            ),
            (
                Module("wrong") {
                    PythonType(Row.self, "R") { SetItem { (row: inout Row, index: Int, new: Int) in row.numbers = [] } }
                }, "needs a Length"
            ),
            (
                Module("wrong") {
                    PythonType(Row.self, "R") {
                        Repr { "\($0.numbers)" }
                        Repr { "\($0.numbers)" }
                    }
                }, "R has two Repr"
            ),
            (Module("wrong") { Constant("class", 1) }, "no name in Python"),
            (Module("wrong") { Submodule("a.b") { Constant("A", 1) } }, "no name in Python"),
        ]
        try withPython {
            for (module, part) in wrong {
                do throws(PythonError) {
                    _ = try load(module, "wrong")
                    Issue.record("nothing was thrown: \(part)")
                } catch {
                    let raised = text(of: error)
                    #expect(raised.hasPrefix("SystemError: ") && raised.contains(part), "\(raised)")
                }
            }
        }
    }

    @Test func modulesRefuseInterpretersThatTheyCannotUse() throws {
        try withPython {
            let module = try load(homebound, "homebound")
            #expect(try module.attribute("PLACE").string() == "home")
            let main = unsafe PyThreadState_Get()
            guard let other = unsafe Py_NewInterpreter() else {
                throw UnexpectedException(description: "no interpreter")
            }
            do throws(PythonError) {
                _ = try load(homebound, "homebound")
                Issue.record("nothing was thrown")
            } catch {
                #expect(
                    text(of: error) == "ImportError: module homebound can be imported in the main interpreter only")
            }
            unsafe Py_EndInterpreter(other)
            unsafe _ = PyThreadState_Swap(main)
        }
    }
}
