// SPDX-License-Identifier: Apache-2.0
import PythonModules
import Testing

/// What Python calls, and what it gets: values of each type in both directions, and what is refused.
@Suite struct ConversionTests {
    @Test func valuesAreConvertedBothWays() throws {
        try expect([
            ("m.int8(-128), m.int8(True)", "(-128, 1)"),
            ("m.uint64(2**64 - 1), m.int64(-2**63)", "(18446744073709551615, -9223372036854775808)"),
            ("m.double(3), m.double(1e300), m.float(0.5), m.half(0.1)", "(3.0, 1e+300, 0.5, 0.0999755859375)"),
            ("m.float(float('inf')), m.double(float('nan'))", "(inf, nan)"),
            ("m.bool([]), m.bool('x')", "(False, True)"),
            ("m.text('h\\u00e9\\U0001f600\\0x')", "'hé😀\\x00x'"),
            ("m.bytes(b'ab'), m.bytes([1, 2]), m.bytes(memoryview(b'abc')[1:])", "(b'ab', b'\\x01\\x02', b'bc')"),
            ("m.list(range(3)), m.list({1: 2}), m.lists([[1], []])", "([0, 1, 2], [1], [[1.0], []])"),
            ("m.dict({'a': 1}), m.set(['x', 'x'])", "({'a': 1}, {'x'})"),
            ("m.optional(None), m.optional(2)", "(None, 2.0)"),
            ("m.pair((1, 'x')), m.pair([2, 'y'])", "(('x', 1), ('y', 2))"),
            (
                "m.wave('square') is m.Wave.square, m.wave(m.Wave.sine).value, m.level(10)",
                "(True, 'sine', <Level.high: 10>)"
            ),
            ("m.celsius(20)", "20.0"),
            ("m.object(m) is m", "True"),
            ("m.nothing()", "None"),
            ("m.six(1, 2, 3, f=6, e=5, d=4)", "[1, 2, 3, 4, 5, 6]"),
            ("m.token(7).number", "7"),
            ("m.VERSION, m.PRIMES, m.__doc__", "('1.0', [2, 3, 5], 'One of everything.')"),
        ])
    }

    @Test func errorsNameTheParameter() throws {
        try expect([
            ("error(m.int8, 128)", "'OverflowError: x: must be between -128 and 127, not 128'"),
            ("error(m.uint64, -1)", "'OverflowError: x: must be between 0 and 18446744073709551615, not -1'"),
            ("start(m.int64, 2**80)", "'OverflowError: x: must be'"),
            ("error(m.int8, 1.5)", "\"TypeError: x: 'float' object cannot be interpreted as an integer\""),
            ("error(m.double, 'x')", "'TypeError: x: must be real number, not str'"),
            ("error(m.float, 1e300)", "'OverflowError: x: 1e+300 is too large for a Float'"),
            ("error(m.text, 1)", "'TypeError: x: expected a str, not int'"),
            ("error(m.list, 'abc')", "'TypeError: x: expected a sequence of items, not str'"),
            ("error(m.list, [1, 'a'])", "\"TypeError: x: 'str' object cannot be interpreted as an integer\""),
            ("start(m.bytes, memoryview(bytes(4))[::2])", "'BufferError: x: memoryview: underlying'"),
            ("error(m.pair, (1,))", "'ValueError: x: expected 2 items, not 1'"),
            (
                "error(m.wave, 'saw')",
                "\"ValueError: x: expected one of Wave.sine ('sine'), Wave.square ('square'), not 'saw'\""
            ),
            ("start(m.wave, m.Level.low)", "'ValueError: x: expected one'"),
            ("error(m.celsius, -300)", "'ValueError: x: -300.0 °C is below absolute zero'"),
            ("error(m.rate_of, 1)", "'TypeError: signal: expected a Signal, not int'"),
            ("start(m.peak, b'x')", "'BufferError: samples: items of'"),
            ("error(m.peak, 1)", "\"TypeError: samples: a bytes-like object is required, not 'int'\""),
            ("start(m.double_into, memoryview(bytes(8)).cast('d'), bytes(8))", "'BufferError: out: Object is'"),
        ])
    }

    @Test func argumentsAreBoundAsInPython() throws {
        try expect([
            ("m.area(3), m.area(3, 4), m.area(3, height=5), m.area(height=2, width=3)", "(3, 12, 15, 6)"),
            ("error(m.area)", "\"TypeError: area() missing required argument 'width' (pos 1)\""),
            ("error(m.area, height=1)", "\"TypeError: area() missing required argument 'width' (pos 1)\""),
            ("error(m.area, 1, 2, 3)", "'TypeError: area() takes at most 2 positional arguments (3 given)'"),
            ("error(m.area, 1, width=2)", "\"TypeError: area() got multiple values for argument 'width'\""),
            (
                "error(m.area, 1, depth=2)",
                "\"TypeError: area() got an unexpected keyword argument 'depth'; it takes 'width', 'height'\""
            ),
            ("m.kinds(1, 2, c=3), m.kinds(1, c=3, b=2, d='x')", "(\"1 2 3 it's\", '1 2 3 x')"),
            ("error(m.kinds, a=1, b=2, c=3)", "\"TypeError: kinds() takes 'a' by position only\""),
            ("error(m.kinds, 1, 2)", "\"TypeError: kinds() missing required argument 'c' (pos 3)\""),
            ("error(m.kinds, 1, 2, 3)", "'TypeError: kinds() takes at most 2 positional arguments (3 given)'"),
            ("m.defaults()", "(None, True, -1.5, \"a\\n'é\", <Wave.sine: 'sine'>, inf)"),
            ("error(m.Signal, 'x')", "'TypeError: rate: must be real number, not str'"),
            ("error(m.Signal, 1, 2)", "'TypeError: Signal() takes at most 1 positional argument (2 given)'"),
        ])
    }

    @Test func signaturesAreShown() throws {
        try expect([
            ("str(inspect.signature(m.area)), m.area.__doc__", "('(width, height=1)', 'Return the area.')"),
            ("str(inspect.signature(m.kinds))", "'(a, /, b, *, c, d=\"it\\'s\")'"),
            ("str(inspect.signature(m.defaults))", "'(a=None, b=True, c=-1.5, d=\"a\\\\n\\'é\", e=\\'sine\\', f=inf)'"),
            (
                "str(inspect.signature(m.Signal)), m.Signal.__doc__",
                "('(rate=44100.0, *, count=0)', 'Samples of sound.')"
            ),
            ("str(inspect.signature(m.Signal.append))", "'(self, /, samples)'"),
            (
                "str(inspect.signature(m.Signal.silence)), str(inspect.signature(m.Signal.seconds))",
                "('(count)', '(count, rate)')"
            ),
            ("m.Signal.__module__, m.Signal.__qualname__, m.Wave.__module__", "('declared', 'Signal', 'declared')"),
        ])
    }

    @Test func buffersAreParameters() throws {
        try withPython { () throws in
            let python = try Python3.ready(load(declared, "declared"))
            try python.run(
                """
                import array
                samples = array.array('f', [1, 3, 2])
                numbers = memoryview(array.array('d', range(6))).cast('B').cast('d', (2, 3))
                out = array.array('d', [0, 0])
                """)
            #expect(try python.text("m.peak(samples), m.peak(array.array('f'))") == "(3.0, None)")
            #expect(
                try python.text("m.total(numbers), m.total(memoryview(numbers.cast('B').cast('d'))[::-2])")
                    == "(15.0, 9.0)")
            #expect(try python.text("m.count_bytes(numbers), m.shape(numbers)") == "(48, [2, 3])")
            #expect(
                try python.text("m.double_into(array.array('d', [1, 2]), out), out.tolist()") == "(None, [2.0, 4.0])")
            // Each buffer is released when the call returns, also by an error.
            try python.run("error(m.total, samples); samples.append(4); out.append(1)")
            #expect(try python.text("len(samples), len(out)") == "(4, 3)")
        }
    }

    private func expect(_ cases: [(String, String)], location: SourceLocation = #_sourceLocation) throws {
        try withPython { () throws in
            let python = try Python3.ready(load(declared, "declared"))
            for (expression, expected) in cases {
                #expect(try python.text(expression) == expected, "\(expression)", sourceLocation: location)
            }
        }
    }
}
