// SPDX-License-Identifier: Apache-2.0
import PythonModules
import Testing

/// The stubs that modules write of themselves, read by Python as the oracle.
@Suite struct StubTests {
    @Test(arguments: [("declared", declared), ("operated", operated)])
    func stubsAreSignaturesOfTheModule(_ name: String, _ module: Module) throws {
        try withPython { () throws in
            let python = try Python3.ready(load(module, name))
            try python.run(
                """
                import types
                # Only its names are used.
                sys.modules.setdefault('typing_extensions', types.ModuleType('typing_extensions'))
                sys.modules['\(name)'] = m
                text = m._stub_()
                stub = {'__name__': '\(name)'}
                exec(compile('from __future__ import annotations\\n' + text, 'stub', 'exec'), stub)
                def bare(function):
                    parameters = inspect.signature(function).parameters.values()
                    # What calls the function adds the receiver; an operator's is written `self, other, /`.
                    return [str(p.replace(annotation=p.empty)) for p in parameters if p.name not in ('self', 'cls')]
                wrong, seen = [], 0
                for key, value in vars(m).items():
                    if isinstance(value, types.BuiltinFunctionType) and key != '_stub_':
                        seen += 1
                        if bare(value) != bare(stub[key]): wrong.append(key)
                    elif isinstance(value, type):
                        seen += 1
                        written = stub[key]
                        if (value.__doc__ or None) != (written.__doc__ or None) and not issubclass(value, (Exception,)):
                            if 'Enum' not in str(type(value)): wrong.append(key)
                        for part, member in vars(value).items():
                            if part in written.__dict__.get('__annotations__', {}): continue
                            if part in ('__new__', '__doc__', '__module__') or not hasattr(written, part):
                                if not part.startswith('_'): wrong.append(f'{key}.{part}')
                                continue
                            if isinstance(member, types.MethodDescriptorType) and bare(member) != bare(vars(written)[part]):
                                wrong.append(f'{key}.{part}')
                    elif not key.startswith('_') and key not in stub and key not in stub.get('__annotations__', {}):
                        wrong.append(key)
                """)
            let found = try python.text("wrong, seen > 5")
            #expect(found == "([], True)", "\(found)")
        }
    }

    @Test func typesDefaultsAndDocstringsAreWritten() throws {
        try withPython { () throws in
            let python = try Python3.ready(load(declared, "declared"))
            try python.run("text = m._stub_(); lines = text.splitlines()")
            for line in [
                #""""One of everything.""""#, "import collections.abc", "import enum", "import typing",
                "import typing_extensions", "VERSION: str", "PRIMES: builtins.list[int]",
                "class ClipError(OverflowError):",
                "class Wave(enum.Enum):", "    sine = 'sine'", "    high = 10", "@typing.final", "class Signal:",
                #"    """Samples of sound.""""#, "    DEFAULT_RATE: typing.ClassVar[int]",
                "    def __new__(cls, rate: typing.SupportsFloat | typing.SupportsIndex = 44100.0, *, "
                    + "count: typing.SupportsIndex = 0) -> typing.Self: ...",
                "    def append(self, samples: typing_extensions.Buffer) -> None:", #"        """Append samples.""""#,
                "    def half(self) -> Signal: ...", "    def peak(self) -> builtins.float | None: ...",
                "    @classmethod",
                "    def silence(cls, count: typing.SupportsIndex) -> typing.Self: ...", "    @rate.setter",
                "    def __buffer__(self, flags: int, /) -> memoryview: ...",
                "    def __getitem__(self, index: typing.SupportsIndex, /) -> builtins.float: ...",
                "def wave(x: Wave | str) -> Wave: ...",
                "def bytes(x: typing_extensions.Buffer | "
                    + "collections.abc.Iterable[typing.SupportsIndex]) -> builtins.bytes: ...",
                "def pair(x: tuple[typing.SupportsIndex, str]) -> tuple[str, int]: ...",
                "def dict(x: collections.abc.Mapping[str, typing.SupportsIndex]) -> builtins.dict[str, int]: ...",
                "def rate_of(signal: Signal) -> builtins.float: ...",
            ] {
                #expect(try python.evaluate("lines").contains(line), "\(line)")
            }
        }
        try withPython { () throws in
            let python = try Python3.ready(load(operated, "operated"))
            try python.run("lines = m._stub_().splitlines()")
            for line in [
                "class Vector:", "    @typing.overload", "    def __mul__(self, other: Vector, /) -> float: ...",
                "    def __rmul__(self, other: typing.SupportsFloat | typing.SupportsIndex, /) -> Vector: ...",
                "    def __iadd__(self, other: Vector, /) -> typing.Self: ...", "    def __neg__(self) -> Vector: ...",
                "    def __eq__(self, other: object, /) -> bool: ...", "    __dict__: dict[str, typing.Any]",
                "    __hash__: typing.ClassVar[None]  # type: ignore[assignment]",
                "    def __enter__(self) -> typing.Self: ...",
                "    def __getitem__(self, key: slice, /) -> Row: ...", "from operated import inner as inner",
                "def total(first: typing.SupportsFloat | typing.SupportsIndex, *values: typing.SupportsFloat | "
                    + "typing.SupportsIndex, scale: typing.SupportsFloat | typing.SupportsIndex = 1.0, "
                    + "**options: typing.SupportsIndex) -> tuple[float, dict[str, int]]: ...",
            ] {
                #expect(try python.evaluate("lines").contains(line), "\(line)")
            }
        }
    }
}

extension PythonObject {
    /// Whether a list of strings has one.
    fileprivate func contains(_ line: String) throws(PythonError) -> Bool {
        try attribute("__contains__").call(PythonObject(line)).truth()
    }
}
