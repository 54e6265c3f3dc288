// SPDX-License-Identifier: Apache-2.0
import CPython
import PythonModules
import Testing

/// Types that are declared: their objects, errors and life.
@Suite struct TypeTests {
    private func withModule(_ body: (borrowing Python3) throws -> Void) throws {
        try withPython { try body(Python3.ready(load(declared, "declared"))) }
    }

    @Test func objectsHaveWhatTheirTypeDeclares() throws {
        try withModule { (python) throws in
            try python.run("s = m.Signal(8000, count=3); s.fill(0.5); view = memoryview(s)")
            #expect(
                try python.text("s, len(s), s[1], s[-1], list(s), view.format")
                    == "(<Signal of 3>, 3, 0.5, 0.5, [0.5, 0.5, 0.5], 'f')")
            #expect(try python.text("s.rate, s.count, s.peak(), m.Signal.DEFAULT_RATE") == "(8001.0, 3, 0.5, 44100)")
            #expect(try python.text("m.Signal.silence(2), m.Signal.seconds(8000, 8000)") == "(<Signal of 2>, 1.0)")
            #expect(
                try python.text("m.signal(), s.half(), type(s.half()) is m.Signal")
                    == "(<Signal of 3>, <Signal of 1>, True)")
            #expect(try python.text("s.same_rate(s), s.same_rate(m.signal()), m.rate_of(s)") == "(True, False, 8001.0)")
            try python.run("s.rate = 5")
            #expect(
                try python.text("s.rate, error(setattr, s, 'rate', 'x')")
                    == "(5.0, 'TypeError: rate: must be real number, not str')")
            #expect(
                try python.text("kind(setattr, s, 'count', 1), error(delattr, s, 'rate')")
                    == "('AttributeError', \"AttributeError: 'rate' cannot be deleted\")")
            #expect(
                try python.text("error(s.__getitem__, 3), error(lambda: s[-4])")
                    == "('IndexError: index 3 is out of range for a length of 3', 'IndexError: index -1 is out of range for a length of 3')"
            )
            #expect(try python.text("kind(m.Token), kind(type, 'X', (m.Signal,), {})") == "('TypeError', 'TypeError')")
            #expect(
                try python.text("kind(m.Signal.peak, 1), kind(object.__new__, m.Signal)")
                    == "('TypeError', 'TypeError')")
        }
    }

    @Test func exportedMemoryKeepsItsDescription() throws {
        try withModule { (python) throws in
            try python.run("import array; s = m.Signal(1, count=2); more = array.array('f', [1]); view = memoryview(s)")
            #expect(try python.text("start(s.append, more)") == "'BufferError: Existing exports of'")
            #expect(try python.text("start(s.redescribe, 1), s.count") == "('BufferError: Existing exports of', 2)")
            try python.run("s.fill(2); del view; s.append(more); s.redescribe(2)")
            #expect(try python.text("memoryview(s).tolist(), s.rate") == "([2.0, 2.0], 2.0)")
            #expect(
                try python.text("kind(s.redescribe, 9), error(s.grow_and_fail, 5), len(s)")
                    == "('BufferError', \"RuntimeError: something of Swift's\", 2)")
            #expect(try python.text("start(s.append, s)") == "'BufferError: Existing exports of'")
            #expect(
                try python.text("error(s.call, s.peak)")
                    == "'RuntimeError: the object is in use by another call; call again when that has ended'")
        }
    }

    @Test func errorsHaveTheirOwnClasses() throws {
        try withModule { (python) throws in
            #expect(try python.text("error(m.clip, 2)") == "'ClipError: a level of 2.0 clips'")
            #expect(
                try python.text("m.ClipError.__mro__[1], m.ClipError.__module__, m.ClipError.__doc__")
                    == "(<class 'OverflowError'>, 'declared', 'Too loud.')")
            #expect(try python.text("error(m.fail_undeclared)") == "'ValueError: no class'")
            #expect(
                try python.text("error(m.fail_plain), error(m.fail_with_key)")
                    == "(\"RuntimeError: something of Swift's\", \"KeyError: 'x'\")")
        }
    }

    @Test func cyclesThroughValuesAreCollected() throws {
        try withModule { (python) throws in
            try python.run(
                """
                class Callback: pass
                callback = Callback()
                alive = weakref.ref(callback)
                callback.counter = m.Counter(callback)
                callback.counter.next()
                """)
            #expect(try python.text("callback.counter.callback is callback, callback.counter.next()") == "(True, 2)")
            try python.run("del callback; gc.collect()")
            #expect(try python.text("alive()") == "None")
            try python.run(
                """
                one, two = m.Counter(), m.Counter()
                one.watch(two); two.watch(one)
                before = len([x for x in gc.get_objects() if type(x) is m.Counter])
                del one, two; gc.collect()
                after = len([x for x in gc.get_objects() if type(x) is m.Counter])
                """)
            #expect(try python.text("before - after") == "2")
        }
    }

    @Test func referencesAreReleased() throws {
        try withModule { (python) throws in
            try python.run(
                """
                import array
                class Kept: pass
                samples, objects = array.array('f', [1]), [m.Signal(count=1), m.Counter(), Kept()]
                def use():
                    for _ in range(100):
                        m.peak(samples), m.object(objects[2]), m.wave(m.Wave.sine), m.rate_of(objects[0]), m.signal()
                        m.area(1, height=2), m.defaults(), m.pair((1, 'x')), error(m.clip, 2), error(m.int8, 'x')
                        objects[0].rate = 2; objects[0].peak(), len(objects[0]), repr(objects[0]), objects[0][0]
                        error(objects[0].grow_and_fail, 1), objects[1].watch(objects[2]), m.dict({'a': 1})
                use()
                before = [sys.getrefcount(x) for x in [samples, *objects]]
                use()
                after = [sys.getrefcount(x) for x in [samples, *objects]]
                """)
            #expect(try python.text("before == after or (before, after)") == "True")
        }
    }

    @Test func eachInterpreterHasClassesOfItsOwn() throws {
        try withPython {
            let here = try load(declared, "declared")
            let main = unsafe PyThreadState_Get()
            guard let other = unsafe Py_NewInterpreter() else {
                throw UnexpectedException(description: "no interpreter")
            }
            do throws(PythonError) {
                let python = try Python3.ready(load(declared, "declared"))
                #expect(
                    try python.text("error(m.clip, 2), type(m.signal()) is m.Signal, m.wave('sine') is m.Wave.sine")
                        == "('ClipError: a level of 2.0 clips', True, True)")
            } catch {
                Issue.record("\(error)")
            }
            unsafe Py_EndInterpreter(other)
            unsafe _ = PyThreadState_Swap(main)
            let python = try Python3.ready(here)
            #expect(
                try python.text("error(m.clip, 2), type(m.signal()) is m.Signal")
                    == "('ClipError: a level of 2.0 clips', True)")
        }
    }

    @Test func wrongDeclarationsAreErrorsOfTheImport() throws {
        let one = Module("wrong") { Def("f", "a", "a") { (a: Int, b: Int) in a + b } }
        let two = Module("wrong") { Def("f", .optional("a", 1), "b") { (a: Int, b: Int) in a + b } }
        let three = Module("wrong") { Def("f", .optional("a", Double.nan)) { (a: Double) in a } }
        let four = Module("wrong") { Def("f", .keyword("a"), "b") { (a: Int, b: Int) in a + b } }
        let five = Module("wrong") { Def("lambda") {} }
        let six = Module("wrong") { PythonType(Token.self, "Token") { Item { token, index in index } } }
        try withPython {
            for (module, part) in [
                (one, "two parameters 'a'"), (two, "must come before 'a'"), (three, "has no text in Python"),
                (four, "given differently"), (five, "no name in Python"), (six, "needs a Length"),
            ] {
                do throws(PythonError) {
                    _ = try load(module, "wrong")
                    Issue.record("nothing was thrown")
                } catch {
                    let raised = text(of: error)
                    #expect(raised.hasPrefix("SystemError: ") && raised.contains(part), "\(raised)")
                }
            }
        }
    }
}
