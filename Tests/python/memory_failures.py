"""Lets each allocation of an operation fail in turn, and looks at what the operation does then.

A program of its own, since a crash must not end the tests: `python memory_failures.py NAME...` steps through the named
operations and prints one line of JSON for each, preceded by its name. `test_memory_failures.py` runs it.

`_testcapi.set_nomemory` makes CPython's allocators fail, through which all Python objects and their memory come. What
Swift allocates for itself, and the blocks of an `Array`, come from malloc and are not touched.
"""

from __future__ import annotations

import _testcapi
import copy
import gc
import io
import json
import pickle
import sys
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import swiftbuffer as sb
from swiftbuffer import capi, testing

Operation = Callable[[], object]
# Makes new objects to work on: the operation, and the exporters whose exports it must leave at none.
Setup = Callable[[], tuple[Operation, list[Any]]]

RECORD = "T{i:a:(2)h:b:T{d:x:}:c:}"
OPERATIONS: dict[str, Setup] = {}


def on_memory(name: str, use: Callable[[Any], object], kinds: str = "view array strided indirect records") -> None:
    """Registers one operation on each kind of memory that it is for."""
    for kind in kinds.split():
        OPERATIONS[f"{name} ({kind})"] = lambda kind=kind: of_kind(kind, use)


def of_kind(kind: str, use: Callable[[Any], object]) -> tuple[Operation, list[Any]]:
    if kind == "array":
        memory = sb.array([1.5, 2.5, 3.5, 4.5], "d")
        return partial(use, memory), [memory]
    if kind == "records":
        memory = sb.array([(1, [2, 3], (4.5,)), (5, [6, 7], (8.5,))], RECORD)
        return partial(use, memory), [memory]
    if kind == "view":
        base = bytearray(range(12))
        view = sb.View(base)
        return partial(use, view), [view, base]
    if kind == "strided":
        base = bytearray(range(48))
        view = sb.View(base).cast("i", (3, 4))[::-1, ::2]
        return partial(use, view), [view, base]
    if kind == "indirect":
        flags = testing.ND_PIL | testing.ND_WRITABLE
        view = sb.View(testing.ndarray(list(range(6)), (2, 3), format="i", flags=flags))
        return partial(use, view), [view]
    raise ValueError(kind)


def alone(name: str, setup: Setup) -> None:
    OPERATIONS[name] = setup


class Ints:
    """A sequence that is neither list nor tuple."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int:
        return index

    def __iter__(self) -> Iterator[int]:
        return iter([0, 1, 2])


VIEWS = "view strided indirect"
BASES = "view array strided"

on_memory("shape", lambda m: (m.shape, m.strides, m.suboffsets, m.format, m.itemsize, m.nbytes, m.ndim))
on_memory("contiguity", lambda m: (m.c_contiguous, m.f_contiguous, m.contiguous, m.readonly))
on_memory("T", lambda m: m.T, "view array strided records")
on_memory("obj", lambda m: m.obj is None, VIEWS)
on_memory("sizeof", lambda m: sys.getsizeof(m))
on_memory("len", len)
on_memory("tolist", lambda m: m.tolist())
on_memory("tobytes", lambda m: m.tobytes())
on_memory("tobytes in Fortran order", lambda m: m.tobytes("F"))
on_memory("hex", lambda m: m.hex(":", 2))
on_memory("repr", lambda m: repr(m) is not None)
on_memory("str", lambda m: str(m) is not None)
on_memory("notebook", lambda m: m._repr_html_())
on_memory("iterate", lambda m: list(m))
on_memory("reversed", lambda m: list(reversed(m)), "view array")
on_memory("copy", lambda m: m.copy())
on_memory("copy in Fortran order", lambda m: m.copy(order="F"))
on_memory("copy.copy", copy.copy)
on_memory("copy.deepcopy", copy.deepcopy)
on_memory("pickle 5", lambda m: pickle.loads(pickle.dumps(m, 5)), "array records")
on_memory("pickle 5 out of band", lambda m: pickled_apart(m), "array records")
on_memory("pickle 2", lambda m: pickle.loads(pickle.dumps(m, 2)), "array records")
on_memory("reduce", lambda m: len(m.__reduce_ex__(5)))
on_memory("toreadonly", lambda m: m.toreadonly())
on_memory("first item", lambda m: m[0], "view array records")
on_memory("last item", lambda m: m[-1], "view array records")
on_memory("item beyond small ints", lambda m: m.cast("B")[0:8].cast("q")[0], "view array")
on_memory("item by indices", lambda m: m[1, 0], "strided indirect")
on_memory("row", lambda m: m[1], "strided indirect")
on_memory("row of a row", lambda m: m[1][0], "strided indirect")
on_memory("item of no ints", lambda m: m[99])
on_memory("slice", lambda m: m[1:2])
on_memory("slice by ellipsis and None", lambda m: m[None, ..., 1:])
on_memory("field", lambda m: m["a"], "records")
on_memory("field of a field", lambda m: m["c"]["x"], "records")
on_memory("no such field", lambda m: m["zz"], "records")
on_memory("set item", lambda m: m.__setitem__(0, m[0]), "view array records")
on_memory("set item, converted", lambda m: m.__setitem__(0, True), "view array")
on_memory("set item by indices", lambda m: m.__setitem__((1, 1), 70000), "strided indirect")
on_memory("set item of the wrong type", lambda m: m.__setitem__((0,) * m.ndim, "x"))
on_memory("set all", lambda m: m.__setitem__(..., 7), "view array strided indirect")
on_memory("set all by a list", lambda m: m.__setitem__(..., m.tolist()))
on_memory("set all by a buffer", lambda m: m.__setitem__(..., m.copy()))
on_memory("set record by a dict", lambda m: m.__setitem__(0, {"a": 1, "b": (2, 3), "c": (4,)}), "records")
on_memory("set slice", lambda m: m.__setitem__(slice(0, 1), m.copy()[0:1]))
on_memory("fill", lambda m: m.fill(9), "view array strided indirect")
on_memory("contains", lambda m: 9999 in m, "view array")
on_memory("contains no number", lambda m: "text" in m, "view array")
on_memory("count", lambda m: m.count(2), "view array")
on_memory("index", lambda m: m.index(m[1]), "view array records")
on_memory("index of none", lambda m: m.index(8.25), "view array")
on_memory("equal", lambda m: m == m.copy())
on_memory("equal to another format", lambda m: m == sb.array([1, 2, 3, 4], ">h"), "view array strided")
on_memory("equal to a list", lambda m: m == [1, 2], "view array")
on_memory("hash refused", lambda m: hash(m))
on_memory("hash of an array", lambda m: isinstance(hash(sb.array(m, readonly=True)), int), "array")
on_memory("cast", lambda m: m.cast("B"), "view array records")
on_memory(
    "cast to a shape",
    lambda m: m.cast("B").cast("H", (2, 2), order="F") if m.nbytes == 8 else m.cast("B", (2, m.nbytes // 2)),
    "view array",
)
on_memory("cast to records", lambda m: m.cast("B")[:4].cast("T{h:a:h:b:}"), "view array")
on_memory("cast that is refused", lambda m: m.cast("zz:"))
on_memory("reshape", lambda m: m.reshape((2, -1)), "view array")
on_memory("transpose", lambda m: m.transpose(), "view array strided records")
on_memory("transpose axes", lambda m: m.transpose(1, 0), "strided")
on_memory("transpose refused", lambda m: m.transpose(), "indirect")
on_memory("squeeze", lambda m: m[None].squeeze(0))
on_memory("broadcast_to", lambda m: m.broadcast_to((2, *m.shape)))
on_memory("as_strided", lambda m: m.as_strided((2, 2), (0, m.itemsize)), "view array")
on_memory("byteswap", lambda m: m.byteswap(), "view array strided")
on_memory("astype", lambda m: m.astype(">f"), "view array strided indirect")
on_memory("astype of the same", lambda m: m.astype(m.format))
on_memory("copy_to", lambda m: m.copy_to(m.copy()))
on_memory("copy_from", lambda m: m.copy_from(m.copy()))
on_memory("weak reference", lambda m: weakref.ref(m)() is m)
on_memory("View", lambda m: sb.View(m))
on_memory("View.from_flags", lambda m: sb.View.from_flags(m, capi.PyBUF_FULL_RO))
on_memory("View refused", lambda m: sb.View.from_flags(m, capi.PyBUF_SIMPLE), "strided indirect")
on_memory("with", lambda m: used(sb.View(m)))
on_memory("release", lambda m: sb.View(m).release())
on_memory("memoryview", lambda m: memoryview(m).nbytes)
on_memory("bytes", lambda m: bytes(m), "view array records strided")
on_memory("array", lambda m: sb.array(m))
on_memory("array, converted", lambda m: sb.array(m, "f"), "view array strided indirect")
on_memory("Array", lambda m: sb.Array(m))
on_memory("array of arrays", lambda m: sb.array([m, m]), "view array strided")
on_memory("readinto", lambda m: io.BytesIO(b"x" * 99).readinto(m), "view array records")
on_memory("PyObject_GetBuffer", lambda m: str(capi.PyObject_GetBuffer(m, capi.PyBUF_FULL_RO)) is not None)
on_memory("fields of Py_buffer", lambda m: fields(capi.PyObject_GetBuffer(m, capi.PyBUF_FULL_RO)))
on_memory("PyBuffer_Release", lambda m: capi.PyBuffer_Release(capi.PyObject_GetBuffer(m, capi.PyBUF_FULL_RO)))
on_memory(
    "PyBuffer_IsContiguous", lambda m: capi.PyBuffer_IsContiguous(capi.PyObject_GetBuffer(m, capi.PyBUF_FULL_RO), "C")
)
on_memory(
    "PyBuffer_GetPointer",
    lambda m: capi.PyBuffer_GetPointer(capi.PyObject_GetBuffer(m, capi.PyBUF_FULL_RO), [0] * m.ndim) > 0,
)
on_memory(
    "PyBuffer_ToContiguous", lambda m: capi.PyBuffer_ToContiguous(capi.PyObject_GetBuffer(m, capi.PyBUF_FULL_RO), "F")
)
on_memory(
    "PyBuffer_FromContiguous",
    lambda m: capi.PyBuffer_FromContiguous(capi.PyObject_GetBuffer(m, capi.PyBUF_FULL), bytes(m.nbytes), "F"),
)
on_memory("PyObject_CopyData", lambda m: capi.PyObject_CopyData(m, m.copy()))
on_memory("PyObject_CopyToObject", lambda m: capi.PyObject_CopyToObject(m, bytes(m.nbytes), "F"))
on_memory("PyArg_ParseTuple", lambda m: len(capi.PyArg_ParseTuple((m, "text"), "y*s*")), "view array records")
on_memory("PyMemoryView_FromObject", lambda m: capi.PyMemoryView_FromObject(m).nbytes)
on_memory(
    "PyMemoryView_FromBuffer",
    lambda m: capi.PyMemoryView_FromBuffer(capi.PyObject_GetBuffer(m, capi.PyBUF_FULL_RO)).nbytes,
)
on_memory("PyMemoryView_GetContiguous", lambda m: capi.PyMemoryView_GetContiguous(m, capi.PyBUF_READ, "C").nbytes)
on_memory("PyMemoryView_GET_BASE", lambda m: capi.PyMemoryView_GET_BASE(memoryview(m)) is m)
on_memory("PyMemoryView_GET_BUFFER", lambda m: fields(capi.PyMemoryView_GET_BUFFER(memoryview(m))))
on_memory("testing.ndarray", lambda m: testing.ndarray(m, getbuf=capi.PyBUF_FULL_RO).tobytes())
on_memory("testing.get_contiguous", lambda m: testing.get_contiguous(m, capi.PyBUF_READ, "C").nbytes)
on_memory("testing.py_buffer_to_contiguous", lambda m: testing.py_buffer_to_contiguous(m, "C", capi.PyBUF_FULL_RO))
# What these hold is not looked at afterwards: CPython's tuple(map(...)) loses references where it runs out of memory.
for kind in ["testing.recorder", "testing.broken", "testing.failing"]:
    make = (
        testing.recorder
        if "recorder" in kind
        else testing.broken
        if "broken" in kind
        else partial(testing.failing, nth=9)
    )
    alone(kind, lambda make=make: (lambda: sb.View(make(bytearray(8))).tobytes(), []))

for make in [
    lambda: sb.array([[1, 2.5], [3, 4]]),
    lambda: sb.array([1, 2, 3]),
    lambda: sb.array([2**63, 1]),
    lambda: sb.array([1j, 2]),
    lambda: sb.array([[1, 2], [3, 4]], ">f", order="F"),
    lambda: sb.array([(1, [2, 3], (4,))], RECORD),
    lambda: sb.array(["ab", "c"], "2w"),
    lambda: sb.array([b"ab", b"c"], "3s"),
    lambda: sb.array(Ints()),
    lambda: sb.array(range(5), "q"),
    lambda: sb.array(5),
    lambda: sb.array([object()]),
    lambda: sb.array([[1], [2, 3]]),
    lambda: sb.array([300], "B"),
    lambda: sb.zeros(3, "no format"),
    lambda: sb.zeros(3, form="d"),
    lambda: sb.zeros((2, 3), "i"),
    lambda: sb.empty(3, RECORD).nbytes,
    lambda: sb.full((2, 2), 1.5),
    lambda: sb.full(2, "x", "w"),
    lambda: sb.get_threads(),
    lambda: sb.set_threads(1),
    lambda: capi.PyBuffer_FillContiguousStrides((2, 3), 4, "F"),
    lambda: capi.PyBuffer_SizeFromFormat("3i"),
    lambda: fields(capi.PyBuffer_FillInfo(None, 0, 0, True, capi.PyBUF_FULL_RO)),
    lambda: testing.ndarray([1, 2, 3], (3,), format="i").tolist(),
    lambda: testing.ndarray([(1, 2.5)], (1,), format="hd").tolist(),
    lambda: memoryview(testing.staticarray()).tolist(),
    lambda: testing.slice_indices(slice(1, 9, 2), 5),
]:
    alone(f"call {sum(name.startswith('call ') for name in OPERATIONS)}", lambda make=make: (make, []))

for change in [
    lambda a: a.append(9.5),
    lambda a: a.extend([1, 2, 3]),
    lambda a: a.extend(sb.array([1.5])),
    lambda a: a.extend(a),
    lambda a: a.extend(iter((1, 2))),
    lambda a: a.frombytes(b"x" * 16),
    lambda a: a.pop(),
    lambda a: a.pop(0),
    lambda a: a.resize(100),
    lambda a: a.freeze(),
]:
    on_memory(
        f"change {sum(name.startswith('change ') for name in OPERATIONS)}",
        lambda m, change=change: (change(m), m),
        "array",
    )


def from_memory_with_owner() -> tuple[Operation, list[Any]]:
    owner = bytearray(64)
    with capi.PyObject_GetBuffer(owner, capi.PyBUF_SIMPLE) as buffer:
        address = buffer.buf
    release = list[int]().clear
    return (lambda: sb.from_memory(address, 64, owner=owner, release=release).nbytes), [owner]


def release_of_a_view_with_exports() -> tuple[Operation, list[Any]]:
    view = sb.View(bytearray(8))
    memory = memoryview(view)
    return (lambda: memory and view.release()), []


alone("release refused", release_of_a_view_with_exports)
alone("from_memory", from_memory_with_owner)


def fields(buffer: Any) -> object:
    with buffer:
        return (
            buffer.len,
            buffer.itemsize,
            buffer.ndim,
            buffer.shape,
            buffer.strides,
            buffer.suboffsets,
            buffer.format,
            buffer.readonly,
            buffer.buf is not None,
            buffer.obj is not None,
        )


def used(view: sb.View) -> int:
    with view as same:
        return same.nbytes


def pickled_apart(memory: Any) -> object:
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(memory, 5, buffer_callback=buffers.append)
    return pickle.loads(data, buffers=buffers)


def told(result: object) -> object:
    """A result in a form that can be compared with that of another run."""
    if isinstance(result, sb.Array | sb.View | memoryview):
        return type(result).__name__, result.format, result.shape, result.tobytes()
    if isinstance(result, tuple | list):
        return type(result).__name__, [told(part) for part in result]
    return result


def check_free(exporters: list[Any]) -> None:
    """Nobody holds a buffer of these any more."""
    for exporter in exporters:
        if isinstance(exporter, bytearray):
            exporter.append(0)
        elif isinstance(exporter, sb.View):
            exporter.release()
        elif exporter.ndim == 1 and not exporter.readonly:
            exporter.resize(exporter.shape[0] + 1)


def attempt(setup: Setup, start: int, stop: int) -> tuple[object, BaseException | None]:
    """What comes of the operation, in a form that can be compared, and its exception."""
    operation, exporters = setup()
    result = error = None
    # CPython crashes where there is no room for the frame objects of a traceback; this one is made beforehand.
    sys._getframe()
    _testcapi.set_nomemory(start, stop)
    try:
        result = operation()
    except BaseException as caught:
        _testcapi.remove_mem_hooks()
        error = caught.with_traceback(None)
        error.__context__ = error.__cause__ = None
    else:
        _testcapi.remove_mem_hooks()
    outcome = told(result) if error is None else type(error).__name__
    result = operation = None
    check_free(exporters)
    return outcome, error


def is_shortage(error: BaseException) -> bool:
    """Whether the error says that memory is short: MemoryError, or what CPython's own code makes of it."""
    made_of_it = {
        "PicklingError": "import of module 'swiftbuffer._core' failed",  # pickle, of any error of an import
        "RuntimeError": "can't allocate lock",  # threading.Lock()
    }
    return isinstance(error, MemoryError) or made_of_it.get(type(error).__name__, "\0") in str(error)


def step(setup: Setup) -> list[str]:
    """Everything wrong that the operation does while memory is short."""
    expected, _ = attempt(setup, 1 << 30, 0)
    faults = []

    def judge(where: str, found: object, error: BaseException | None) -> None:
        if found != expected and (error is None or not is_shortage(error)):
            faults.append(f"without memory {where}: {error!r}" if error else f"without memory {where}: {found!r}")

    # From the nth allocation on nothing is to be had, until the operation needs no more; then each alone.
    count = 0
    while True:
        found, error = attempt(setup, count, 0)
        judge(f"from {count} on", found, error)
        if found == expected or count == 10_000:
            break
        count += 1
    for single in range(count):
        judge(f"for allocation {single}", *attempt(setup, single, single + 1))
    return [f"{expected!r:.100} takes {count} allocations", *faults] if faults else []


def main() -> None:
    unraisable: list[str] = []
    sys.unraisablehook = lambda report: is_shortage(report.exc_value) or unraisable.append(repr(report))
    gc.disable()
    for name in sys.argv[1:] or OPERATIONS:
        print(name, flush=True)
        faults = step(OPERATIONS[name])
        print(json.dumps(faults + unraisable), flush=True)
        unraisable.clear()
        gc.collect()


if __name__ == "__main__":
    import faulthandler

    faulthandler.enable()
    main()
