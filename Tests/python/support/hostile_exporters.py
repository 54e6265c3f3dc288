# SPDX-License-Identifier: Apache-2.0
"""Every operation upon exporters that lie, fail, and change their minds.

A separate program, since a crash must not end the tests: `python hostile_exporters.py NAME...` tries the exporters with
these names and prints the name and one line of JSON for each, a list of faults. `test_hostile_exporters.py` runs it.

No exporter here leads to foreign memory: a wrong address, stride or pointer cannot be told from a right one.
"""

# ruff: noqa: ARG001, ARG005

from __future__ import annotations

import copy
import gc
import json
import pickle
import sys
from collections.abc import Callable
from typing import Any

import outcomes
import swiftbuffer as sb
from operation import fields
from swiftbuffer import capi, testing
from swiftbuffer.testing._exporters import by_name, names

EXPORTERS: dict[str, Callable[[], Any]] = {}
HUGE = 2**62
LAST = 2**63 - 1

# One field wrong in every answer, or wrong where it is asked for, or only the second time.
LIES: dict[str, list[Any]] = {
    "buf": [None],
    "obj": [None, b"another object", bytearray(48), memoryview(b"x"), sb.zeros(12, "i")],
    "len": [-1, 0, 1, 47, 49, HUGE, LAST, -(2**63)],
    "itemsize": [-1, 0, 1, 3, 8, HUGE, LAST, -(2**63)],
    "readonly": [1, 2, -1, 2**31],
    "ndim": [-1, 0, 1, 65, 2**31 - 1, -(2**31)],
    "format": [
        None,
        "",
        "b",
        "q",
        "no?",
        "T{",
        "T{i:a:",
        "O",
        "&i",
        "999999999999i",
        "(2,3)",
        "(0)i",
        "i" * 5000,
        "\x01",
    ],
    "shape": [None, (0, 0), (-3, 4), (3, -4), (HUGE, 4), (LAST, LAST), (LAST, 0), (1, 1)],
    "strides": [None, (0, 0), (1, 1), (3, 3)],
    "suboffsets": [(-1, -1), (-99, -(2**63))],
    "status": [-1, -7, 1],
}
ERRORS: list[Any] = [
    BufferError,
    MemoryError,
    KeyboardInterrupt,
    SystemExit,
    StopIteration,
    GeneratorExit,
    KeyError("k"),
]


def exporter(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    def decorate(make: Callable[[], Any]) -> Callable[[], Any]:
        EXPORTERS[name] = make
        return make

    return decorate


for field, values in LIES.items():
    for number, value in enumerate(values):
        rule = {field: value}
        EXPORTERS[f"{field} {number}"] = lambda rule=rule: testing.broken(**rule)
        EXPORTERS[f"{field} {number}, second time"] = lambda rule=rule: testing.broken(
            when=lambda request: request.number % 2 == 0, **rule
        )
        EXPORTERS[f"{field} {number}, if asked for all"] = lambda rule=rule: testing.broken(
            when=capi.PyBUF_INDIRECT, **rule
        )

for number, wrong in enumerate(ERRORS):
    EXPORTERS[f"error {number}"] = lambda wrong=wrong: testing.failing(error=wrong)
    for nth in (1, 2, 3):
        EXPORTERS[f"error {number}, request {nth}"] = lambda wrong=wrong, nth=nth: testing.failing(nth=nth, error=wrong)
    EXPORTERS[f"error {number}, but success"] = lambda wrong=wrong: testing.broken(error=wrong, status=0)
    EXPORTERS[f"error {number}, obj set"] = lambda wrong=wrong: testing.broken(error=wrong, obj=testing.SELF)

for name in names():
    EXPORTERS[f"kit {name}"] = lambda name=name: by_name(name).exporter

EXPORTERS["accepts all"] = lambda: testing.broken(b"abcdefgh", accept=True)
EXPORTERS["released by a copy"] = lambda: testing.broken(release="address")
EXPORTERS["never released"] = lambda: testing.broken(release="never")
EXPORTERS["other memory each time"] = lambda: testing.broken(lambda request: sb.zeros((3, 4), "i"))
EXPORTERS["65 dimensions, no items"] = lambda: testing.broken(ndim=65, shape=(0,) * 65, strides=(4,) * 65)
EXPORTERS["64 dimensions of nothing"] = lambda: testing.broken(
    ndim=64, shape=(LAST,) * 63 + (0,), strides=(LAST,) * 64, len=0
)


@exporter("release raises")
def _() -> Any:
    def release(request: object, address: int) -> None:
        raise ZeroDivisionError

    return testing.broken(release=release)


@exporter("release releases again")
def _() -> Any:
    made: Any = testing.broken(release=lambda request, address: sb.View(made).release())
    return made


@exporter("getbuffer uses itself")
def _() -> Any:
    made: Any = testing.broken(
        readonly=lambda true, request: sb.View(made).release() or true, when=lambda request: request.number % 2 == 1
    )
    return made


class Python:
    """An exporter in Python (PEP 688), where CPython has them."""

    def __init__(self, answer: Callable[[Any], Any], release: Callable[[Any], Any] = lambda memory: None) -> None:
        self.answer = answer
        self.release = release
        self.memory = bytearray(48)
        self.requests = 0

    def __buffer__(self, flags: int) -> Any:
        self.requests += 1
        return self.answer(self)

    def __release_buffer__(self, view: Any) -> None:
        self.release(view)


def fail(error: Any) -> Any:
    raise error


def released(memory: Any) -> Any:
    view = memoryview(memory)
    view.release()
    return view


def shrink(memory: bytearray) -> None:
    memory.extend(bytes(1 << 16))
    del memory[8:]


if sys.version_info >= (3, 12):
    for name, answer in {
        "None": lambda self: None,
        "bytes": lambda self: b"abc",
        "itself": lambda self: self,
        "a View": lambda self: sb.View(self.memory),
        "a released memoryview": lambda self: released(self.memory),
        "a memoryview of something else": lambda self: memoryview(b"something else"),
        "another size each time": lambda self: memoryview(bytes(self.requests)),
        "another format each time": lambda self: memoryview(self.memory).cast("bBhHiIlLqQ"[self.requests % 10]),
        "strides, whatever was asked": lambda self: memoryview(self.memory)[::-2],
        "a failure the second time": lambda self: (
            fail(KeyError()) if self.requests % 2 == 0 else memoryview(self.memory)
        ),
        "its own buffer": lambda self: memoryview(self),
        "its own View": lambda self: memoryview(sb.View(self)),
        "resized memory": lambda self: shrink(self.memory) or memoryview(self.memory),
    }.items():
        EXPORTERS[f"__buffer__ gives {name}"] = lambda answer=answer: Python(answer)
    for number, wrong in enumerate(ERRORS):
        EXPORTERS[f"__buffer__ raises {number}"] = lambda wrong=wrong: Python(lambda self: fail(wrong))
    for name, release in {
        "raises": lambda view: fail(KeyError()),
        "releases": lambda view: view.release(),
        "keeps it": [].append,
        "resizes": lambda view: view.obj.clear(),
        "takes it again": lambda view: sb.View(view.obj).release(),
    }.items():
        EXPORTERS[f"__release_buffer__ {name}"] = lambda release=release: Python(
            lambda self: memoryview(self.memory), release
        )

TAKES: dict[str, Callable[[Any], object]] = {
    "View": lambda e: sb.View(e),
    **{
        f"View.from_flags {flags}": lambda e, flags=flags: sb.View.from_flags(e, flags)
        for flags in (
            capi.PyBUF_SIMPLE,
            capi.PyBUF_WRITABLE,
            capi.PyBUF_FORMAT,
            capi.PyBUF_ND,
            capi.PyBUF_STRIDES,
            capi.PyBUF_CONTIG,
            capi.PyBUF_C_CONTIGUOUS,
            capi.PyBUF_F_CONTIGUOUS,
            capi.PyBUF_ANY_CONTIGUOUS,
            capi.PyBUF_FULL,
            0x7FFF_FFFF,
        )
    },
    "array": lambda e: sb.array(e),
    "array, converted": lambda e: sb.array(e, "d", order="F"),
    "array of two": lambda e: sb.array([e, e]),
    "array of one and a list": lambda e: sb.array([e, [1, 2]]),
    "Array": lambda e: sb.Array(e),
    "full": lambda e: sb.full(3, e),
    "set all": lambda e: sb.zeros((3, 4), "i").__setitem__(..., e),
    "set item": lambda e: sb.zeros(3, "i").__setitem__(0, e),
    "index": lambda e: sb.zeros(3, "i")[e],
    "copy_from": lambda e: sb.zeros((3, 4), "i").copy_from(e),
    "copy_to": lambda e: sb.zeros((3, 4), "i").copy_to(e),
    "equal": lambda e: sb.zeros((3, 4), "i") == e,
    "equal, reversed": lambda e: e == sb.View(bytes(48)),
    "in": lambda e: e in sb.zeros(3, "i"),
    "find": lambda e: sb.zeros(3, "i").index(e),
    "fill": lambda e: sb.zeros(3, "i").fill(e),
    "extend": lambda e: sb.zeros(3, "i").extend(e),
    "append": lambda e: sb.zeros(3, "i").append(e),
    "frombytes": lambda e: sb.zeros(3, "i").frombytes(e),
    "draw": lambda e: (str(sb.draw(e)), sb.draw(e, b"abc")),
    "PyObject_GetBuffer": lambda e: described(capi.PyObject_GetBuffer(e, capi.PyBUF_FULL_RO)),
    "PyObject_GetBuffer simple": lambda e: described(capi.PyObject_GetBuffer(e, capi.PyBUF_SIMPLE)),
    "PyBuffer_ToContiguous": lambda e: capi.PyBuffer_ToContiguous(capi.PyObject_GetBuffer(e, capi.PyBUF_FULL_RO), "F"),
    "PyBuffer_FromContiguous": lambda e: capi.PyBuffer_FromContiguous(
        capi.PyObject_GetBuffer(e, capi.PyBUF_FULL), bytes(48), "F"
    ),
    "PyBuffer_IsContiguous": lambda e: [
        capi.PyBuffer_IsContiguous(capi.PyObject_GetBuffer(e, capi.PyBUF_FULL_RO), order) for order in "CFA"
    ],
    "PyBuffer_GetPointer": lambda e: capi.PyBuffer_GetPointer(capi.PyObject_GetBuffer(e, capi.PyBUF_FULL_RO), [0, 0]),
    "PyObject_CopyData from": lambda e: capi.PyObject_CopyData(sb.zeros((3, 4), "i"), e),
    "PyObject_CopyData to": lambda e: capi.PyObject_CopyData(e, sb.zeros((3, 4), "i")),
    "PyObject_CopyToObject": lambda e: capi.PyObject_CopyToObject(e, bytes(48), "C"),
    "PyArg_ParseTuple": lambda e: capi.PyArg_ParseTuple((e, e), "y*s*"),
    "PyMemoryView_FromBuffer": lambda e: capi.PyMemoryView_FromBuffer(
        capi.PyObject_GetBuffer(e, capi.PyBUF_FULL_RO)
    ).tobytes(),
    "PyMemoryView_GetContiguous": lambda e: capi.PyMemoryView_GetContiguous(e, capi.PyBUF_READ, "F"),
    "ndarray": lambda e: testing.ndarray(e, getbuf=capi.PyBUF_FULL_RO).tolist(),
    "recorder": lambda e: sb.View(testing.recorder(e)).tolist(),
    "nested recorder": lambda e: sb.View(testing.broken(testing.recorder(e))).tolist(),
}

# What crashes CPython's own functions, which ask the exporter themselves: memoryview() follows a shape of NULL, and
# PyArg_ParseTuple, like all that is built on it, a shape of NULL beside strides.
CRASHES_CPYTHON: dict[str, list[str]] = {
    "PyObject_CopyData from": ["shape 0"],
    "PyObject_CopyData to": ["shape 0"],
    "PyMemoryView_GetContiguous": ["shape 0"],
    "PyArg_ParseTuple": ["strides"],
}
if outcomes.DROPS_LISTS_TWICE:
    # Its tolist asks for a list of 2**63 - 1 items.
    CRASHES_CPYTHON["export of the view"] = ["64 dimensions of nothing"]

# Upon a View of the exporter, where it comes to one.
USES: dict[str, Callable[[Any], object]] = {
    "attributes": lambda v: (
        v.shape,
        v.strides,
        v.suboffsets,
        v.format,
        v.nbytes,
        v.obj,
        v.T,
        v.contiguous,
        v.c_contiguous,
    ),
    "tolist": lambda v: v.tolist(),
    "tobytes": lambda v: (v.tobytes(), v.tobytes("F"), v.hex()),
    "repr": lambda v: (repr(v), v._repr_html_()),
    "hash": hash,
    "iterate": list,
    "item": lambda v: v[(0,) * v.ndim],
    "slice": lambda v: v[..., ::-2].tolist(),
    "set": lambda v: v.__setitem__(..., 3),
    "set item": lambda v: v.__setitem__((0,) * v.ndim, 3),
    "set from itself": lambda v: v.__setitem__(..., v),
    "fill": lambda v: v.fill(7),
    "cast": lambda v: v.cast("B").tolist(),
    "reshape": lambda v: v.reshape((-1,)).tolist(),
    "broadcast": lambda v: v.broadcast_to((2, *v.shape)).tolist(),
    "copy": lambda v: (v.copy(), copy.deepcopy(v), v.byteswap()),
    "astype": lambda v: v.astype("d"),
    "pickle": lambda v: pickle.loads(pickle.dumps(v, 5)),
    "equal": lambda v: (v == v.copy(), v == memoryview(v)),
    "search": lambda v: (3 in v, v.count(3), v.index(0)),
    "export": lambda v: memoryview(v).tolist(),
    "view again": lambda v: sb.View(v)[0:1].release(),
    "from_flags": lambda v: sb.View.from_flags(v, capi.PyBUF_CONTIG_RO).tolist(),
}


EVERYTHING: dict[str, Callable[[Any], object]] = TAKES | {
    f"{what} of the view": lambda exporter, use=use: use(sb.View(exporter)) for what, use in USES.items()
}


def described(buffer: Any) -> object:
    return str(buffer), fields(buffer)


def harmless(exporter: Any, use: Callable[[Any], object]) -> BaseException | None:
    try:
        use(exporter)
        # An exporter that says 0 and leaves an exception behind: CPython finds it when C code has called a function.
        next(map(len, ("",)))
    except BaseException as error:
        return error.with_traceback(None)
    return None


# Their counts are not meaningful: a failed release does not count for the exporter; and one keeps its buffers.
UNCOUNTED = {
    "release raises",
    "release releases again",
    "never released",
    "released by a copy",
    "__release_buffer__ keeps it",
}


def exports(exporter: Any) -> int | None:
    """The outstanding exports of an exporter that counts them and each release."""
    if isinstance(exporter, testing.BrokenExporter | testing.FailingExporter):
        return exporter.exports
    if isinstance(exporter, Python):
        # These have no count, but their memory can be resized only while no exports are outstanding.
        try:
            exporter.memory.append(0)
        except BufferError:
            return 1
        return 0
    return None


def judge(name: str, exporter: Any, what: str, error: BaseException | None) -> list[str]:
    faults = []
    # CPython's own memoryview takes a negative number of dimensions for a bad call of its own.
    is_ours = "PyMemoryView" not in what and "CopyData" not in what and what != "export of the view"
    if isinstance(error, SystemError) and is_ours and "error" not in name and "status" not in name:
        faults.append(f"{what}: {error!r}")
    if name in UNCOUNTED:
        return faults
    error = None
    if exports(exporter):
        gc.collect()
        if count := exports(exporter):
            faults.append(f"{what}: {count} exports are left")
    return faults


def attack(name: str) -> list[str]:
    faults: list[str] = []
    for what, use in EVERYTHING.items():
        if any(name.startswith(lie) for lie in CRASHES_CPYTHON.get(what, ())):
            continue
        exporter = EXPORTERS[name]()
        error = harmless(exporter, use)
        faults += judge(name, exporter, what, error)
    return faults


def main() -> None:
    sys.unraisablehook = lambda report: None
    for name in sys.argv[1:] or EXPORTERS:
        print(name, flush=True)
        print(json.dumps(attack(name)), flush=True)
        gc.collect()


if __name__ == "__main__":
    import faulthandler

    faulthandler.enable()
    main()
