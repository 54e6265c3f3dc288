// SPDX-License-Identifier: Apache-2.0
import PythonModules
import Testing

/// Memory of every origin as it is exported, and buffers of every type of number as functions take them.
@Suite struct DeclaredBufferTests {
    private func expect(
        _ setup: String, _ cases: [(String, String)], location: SourceLocation = #_sourceLocation
    ) throws {
        try withPython { () throws in
            let python = try Python3.ready(load(buffered, "buffered"))
            try python.run("import array, ctypes, struct")
            try python.run(setup)
            for (expression, expected) in cases {
                #expect(try python.text(expression) == expected, "\(expression)", sourceLocation: location)
            }
        }
    }

    @Test func recordingsGrowWithoutMovingEachTime() throws {
        try expect(
            """
            r, more = m.Recording(), array.array('f', range(10))
            def steps():
                before, moves = r.capacity, 0
                for i in range(1000):
                    r.push(i)
                    moves, before = moves + (r.capacity != before), r.capacity
                return moves
            """,
            [
                ("len(r), r.capacity, memoryview(r).tolist()", "(0, 0, [])"),
                ("r.append(more), memoryview(r).tolist() == more.tolist(), memoryview(r).format", "(None, True, 'f')"),
                ("r.append(memoryview(array.array('f', [7]))), memoryview(r)[10], len(r)", "(None, 7.0, 11)"),
                (
                    "error(r.append_and_fail, 5), len(r), r.push(6), memoryview(r)[11]",
                    "(\"RuntimeError: something of Swift's\", 11, None, 6.0)"
                ),
                ("r.fork(3)[-1], memoryview(r)[12], len(r)", "(3.0, 1.0, 13)"),
                (
                    "r.truncate(2), memoryview(r).tolist(), r.push(9), memoryview(r).tolist()",
                    "(None, [0.0, 1.0], None, [0.0, 1.0, 9.0])"
                ),
                (
                    "steps() < 30, len(r), memoryview(r)[1002], r.scale(2), memoryview(r)[1002]",
                    "(True, 1003, 999.0, None, 1998.0)"
                ),
                (
                    "[v := memoryview(r), start(r.push, 1), start(r.append, v), len(r), v.release()][1:4]",
                    "['BufferError: Existing exports of', 'BufferError: Existing exports of', 1003]"
                ),
                ("[v := memoryview(m.Recording()), v.obj.scale(2), v.tolist()][1:]", "[None, []]"),
                (
                    "m.Recording(100).capacity, kind(m.Recording, 2**61), kind(m.Recording, -1)",
                    "(100, 'OverflowError', 'no error')"
                ),
            ])
    }

    @Test func memoryOfOthersIsSharedAndEnds() throws {
        try expect(
            """
            ended = []
            B = m.Borrowed
            a, c, q = B.of_array([1, 2, 3]), B.of_contiguous([4, 5]), B.of_container(lambda: ended.append('container'))
            p = B.of_pointer(3, lambda: ended.append('pointer'))
            views = [memoryview(x) for x in (a, c, q, p)]
            """,
            [
                ("[v.tolist() for v in views]", "[[1.0, 2.0, 3.0], [4.0, 5.0], [1.0, 2.0, 3.0, 4.0], [0.5, 0.5, 0.5]]"),
                ("[v.readonly for v in views], memoryview(B.of_array([])).tolist()", "([True, True, True, False], [])"),
                ("[views[3].__setitem__(1, 7), views[3].tolist()][1]", "[0.5, 7.0, 0.5]"),
            ])
        try withPython { () throws in
            let python = try Python3.ready(load(buffered, "buffered"))
            try python.run(
                """
                ended = []
                p = m.Borrowed.of_pointer(3, lambda: ended.append('pointer'))
                q = m.Borrowed.of_container(lambda: ended.append('container'))
                views = [memoryview(p), memoryview(q)]
                del p, q
                before = list(ended)
                values = [v.tolist() for v in views]
                del views
                """)
            #expect(try python.text("before, sorted(ended)") == "([], ['container', 'pointer'])")
        }
    }

    @Test func planesAreOneMemory() throws {
        try expect(
            "p = m.Picture(2, 3); v = memoryview(p)",
            [
                (
                    "v.shape, v.strides, v.suboffsets, v.format, v.readonly",
                    "((3, 2, 3), (8, 3, 1), (0, -1, -1), 'B', False)"
                ),
                (
                    "v.tolist()",
                    "[[[0, 1, 2], [3, 4, 5]], [[100, 101, 102], [103, 104, 105]], [[200, 201, 202], [203, 204, 205]]]"
                ),
                ("[v.__setitem__((1, 1, 2), 9), v[1, 1, 2], m.total(v)][1:]", "[9, 1749.0]"),
                (
                    "m.total(p), start(m.native, p), memoryview(m.Picture(0, 3)).tolist(), kind(m.Picture, -1, 1)",
                    "(1749.0, 'BufferError: items: items of', [[], [], []], 'ValueError')"
                ),
            ])
    }

    @Test func numbersOfEveryTypeAreSummed() throws {
        try expect(
            """
            values = [1, 2, 3, 4]
            codes = 'bBhHiIqQfd'
            half = memoryview(struct.pack('4e', *values)).cast('B')
            big = {c: (t.__ctype_be__ * 4)(*values) for c, t in dict(
                h=ctypes.c_int16, I=ctypes.c_uint32, q=ctypes.c_int64, f=ctypes.c_float, d=ctypes.c_double).items()}
            def all_of(f): return [f(array.array(c, values)) for c in codes]
            square = memoryview(array.array('h', range(6))).cast('B').cast('h', (2, 3))
            """,
            [
                ("all_of(m.total) == [10.0] * 10", "True"),
                ("{c: m.total(b) for c, b in big.items()} == dict.fromkeys(big, 10.0)", "True"),
                (
                    "m.doubles(big['h']), m.doubles(square)",
                    "(([1.0, 2.0, 3.0, 4.0], [4], 'int16'), ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [2, 3], 'int16'))"
                ),
                (
                    "m.total(memoryview(array.array('d', values))[::-2]), m.total(b'ab'), m.total(b'')",
                    "(6.0, 195.0, 0.0)"
                ),
                ("m.doubles(array.array('Q', [2**64 - 1]))[0] == [2.0**64]", "True"),
                ("error(m.fail, big['I'])", "'ValueError: UInt32'"),
                (
                    "error(m.total, memoryview(b'x').cast('c'))",
                    "\"BufferError: numbers: integers of 8 to 64 bits or floats of 16, 32 or 64 requested, but the buffer has format 'c'; a converted copy would work\""
                ),
                (
                    "error(m.total, 'x'), kind(m.total, (ctypes.c_bool * 2)())",
                    "(\"TypeError: numbers: a bytes-like object is required, not 'str'\", 'BufferError')"
                ),
            ])
    }

    @Test func stridedSpansReadEitherByteOrder() throws {
        try expect(
            """
            native = array.array('f', [1.5, -2, 3])
            big = (ctypes.c_float.__ctype_be__ * 3)(1.5, -2, 3)
            shorts = ((ctypes.c_uint16.__ctype_be__ * 2) * 2)((1, 2), (3, 256))
            out = array.array('f', [0, 0, 0])
            """,
            [
                ("m.items(native)", "([1.5, -2.0, 3.0], [1.5, -2.0, 3.0], 3.0, 1.5, False)"),
                ("m.items(big)", "([1.5, -2.0, 3.0], [1.5, -2.0, 3.0], 3.0, 1.5, True)"),
                ("m.items(memoryview(big)[::-2])", "([3.0, 1.5], [3.0, 1.5], 1.5, 3.0, True)"),
                ("m.square(shorts), m.bits((ctypes.c_bool * 2)(1, 0))", "((3, [2, 2]), [True, False])"),
                ("[m.copy_swapped(big, out), out.tolist()]", "[None, [1.5, -2.0, 3.0]]"),
                (
                    "start(m.copy_swapped, native, big), start(m.native, big)",
                    "('BufferError: items of Float', 'BufferError: items: items of')"
                ),
                ("'strided span to read' in error(m.native, big)", "True"),
            ])
    }

    @Test func complexNumbersAreConverted() throws {
        try expect(
            "s = m.Spectrum(1, 2j, 3 - 4j)",
            [
                (
                    "m.conjugate(1 + 2j), m.conjugate(3), m.conjugate(2.5), m.narrow(0.5 - 1j)",
                    "((1-2j), (3-0j), (2.5-0j), (0.5-1j))"
                ),
                (
                    "error(m.conjugate, 'x'), kind(m.narrow, 1e300j)",
                    "('TypeError: number: must be real number, not str', 'OverflowError')"
                ),
                ("memoryview(s).format, memoryview(s).itemsize, m.bins(s)", "('Zd', 16, [(1+0j), 2j, (3-4j)])"),
                ("bytes(memoryview(s)) == struct.pack('6d', 1, 0, 0, 2, 3, -4)", "True"),
                ("kind(m.bins, array.array('d', [1, 2]))", "'BufferError'"),
            ])
    }

    @Test func pythonObjectsAreCalled() throws {
        try expect(
            """
            def scaled(x, scale, name): return (x * scale, name)
            def broken(): yield 1; raise LookupError('no more')
            items = ['a', 'b', 'c']
            """,
            [
                ("m.apply(lambda x, mode: x + len(mode), 1)", "5.0"),
                ("m.apply_named(scaled, 2), m.shout('banana')", "((5.0, 'n'), 'BBNBNB')"),
                (
                    "m.doubled([1, 2]), m.doubled({3: 4}), m.doubled(range(3))",
                    "(([2, 4], 2), ([6], 1), ([0, 2, 4], 3))"
                ),
                ("[m.swap(items, 0, -1), items]", "[None, ['c', 'b', 'a']]"),
                (
                    "error(m.apply, lambda x, mode: 1 / 0, 1), error(m.doubled, broken())",
                    "('ZeroDivisionError: division by zero', 'LookupError: no more')"
                ),
                (
                    "error(m.apply, lambda x, mode: 'x', 1), error(m.shout, 1)",
                    "('TypeError: must be real number, not str', \"AttributeError: 'int' object has no attribute 'upper'\")"
                ),
                (
                    "kind(m.swap, items, 0, 9), kind(m.swap, (1, 2), 0, 1), kind(m.doubled, 5), kind(m.apply, 1, 2)",
                    "('IndexError', 'TypeError', 'TypeError', 'TypeError')"
                ),
            ])
    }
}
