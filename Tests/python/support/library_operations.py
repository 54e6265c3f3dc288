# SPDX-License-Identifier: Apache-2.0
"""The functions of the package, of capi and of the test kit, and what the checker is built on."""

from __future__ import annotations

import ctypes
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import swiftbuffer as sb
from operation import OPERATIONS, RECORD, Operation, alone, fields, on_memory
from swiftbuffer import _core, _testing, capi, testing


class Ints:
    """A sequence that is neither list nor tuple."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> int:
        return index

    def __iter__(self) -> Iterator[int]:
        return iter([0, 1, 2])


def full(memory: Any) -> capi.Py_buffer:
    return capi.PyObject_GetBuffer(memory, capi.PyBUF_FULL_RO)


def asked(memory: Any) -> tuple[Any, ...]:
    return _testing._probe(memory, capi.PyBUF_FULL_RO)


on_memory("PyObject_GetBuffer", lambda m: str(full(m)) is not None)
on_memory("fields of Py_buffer", lambda m: fields(full(m)))
on_memory("PyBuffer_Release", lambda m: capi.PyBuffer_Release(full(m)))
on_memory("PyBuffer_IsContiguous", lambda m: capi.PyBuffer_IsContiguous(full(m), "C"))
on_memory(
    "PyBuffer_GetPointer",
    lambda m: capi.PyBuffer_GetPointer(full(m), [0] * m.ndim) > 0,
)
on_memory("PyBuffer_ToContiguous", lambda m: capi.PyBuffer_ToContiguous(full(m), "F"))
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
    lambda m: capi.PyMemoryView_FromBuffer(full(m)).nbytes,
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

on_memory("PyBuffer_IsContiguous refused", lambda m: capi.PyBuffer_IsContiguous(full(m), "X"))
on_memory("PyBuffer_GetPointer refused", lambda m: capi.PyBuffer_GetPointer(full(m), [99] * m.ndim))
on_memory("PyBuffer_ToContiguous refused", lambda m: capi.PyBuffer_ToContiguous(full(m), "X"))
on_memory("PyObject_CopyData refused", lambda m: capi.PyObject_CopyData(m, b"1"))
on_memory("PyObject_CopyToObject refused", lambda m: capi.PyObject_CopyToObject(m, b"1", "C"))
on_memory("PyArg_ParseTuple to write", lambda m: len(capi.PyArg_ParseTuple((m, m), "w*w*")), "view array records")
on_memory("PyArg_ParseTuple refused", lambda m: capi.PyArg_ParseTuple((m, 5), "y*y*"), "view array records")
on_memory("PyArg_ParseTuple of None", lambda m: len(capi.PyArg_ParseTuple((m, None), "y*z*")), "view array records")
on_memory("PyObject_CheckBuffer", capi.PyObject_CheckBuffer)
on_memory("PyMemoryView_Check", capi.PyMemoryView_Check)
on_memory("PyMemoryView_FromMemory", lambda m: capi.PyMemoryView_FromMemory(full(m).buf, 8, capi.PyBUF_WRITE).nbytes)
on_memory("PyBuffer_FillInfo", lambda m: fields(capi.PyBuffer_FillInfo(m, full(m).buf, 8, False, capi.PyBUF_FULL)))
on_memory(
    "PyMemoryView_GetContiguous to write", lambda m: capi.PyMemoryView_GetContiguous(m, capi.PyBUF_WRITE, "F").nbytes
)
on_memory("testing.get_pointer", lambda m: testing.get_pointer(m, [0] * m.ndim) is not None)
on_memory("testing.get_pointer refused", lambda m: testing.get_pointer(m, [99] * m.ndim))
on_memory("testing.is_contiguous", lambda m: testing.is_contiguous(m, "F"))
on_memory("testing.cmp_contig", lambda m: testing.cmp_contig(m, m))
on_memory("a probe", lambda m: asked(m)[:1])
on_memory("a probe, refused", lambda m: _testing._probe(m, capi.PyBUF_SIMPLE)[0], "strided indirect")
on_memory("a probe's fields", lambda m: len(_testing._probe_fields(asked(m)[4])))
on_memory("a probe released", lambda m: _testing._probe_release(asked(m)[4]))
on_memory("a probe released through a copy", lambda m: _testing._probe_release(asked(m)[4], True))
on_memory("a probe's memory", lambda m: len(_testing._probe_read(full(m).buf, 4)))


def on_ndarray(name: str, use: Callable[[Any], object]) -> None:
    def setup() -> tuple[Operation, list[Any]]:
        flags = testing.ND_WRITABLE | testing.ND_VAREXPORT
        return partial(use, testing.ndarray(list(range(12)), (3, 4), format="i", flags=flags)), []

    alone(f"ndarray: {name}", setup)


on_ndarray("push", lambda n: n.push([1, 2], (2,), format="h"))
on_ndarray("push and pop", lambda n: (n.push([1, 2], (2,), format="h"), n.pop()))
on_ndarray("memoryview_from_buffer", lambda n: n.memoryview_from_buffer().nbytes)
on_ndarray("row", lambda n: n[1].tolist())
on_ndarray("slice", lambda n: n[::2].tolist())
on_ndarray("set row", lambda n: n.__setitem__(0, n[1]))
on_ndarray("set row refused", lambda n: n.__setitem__(0, b"1"))
on_ndarray("add_suboffsets", lambda n: n.add_suboffsets())
on_ndarray("attributes", lambda n: (n.shape, n.strides, n.suboffsets, n.format, n.offset, n.nbytes))
on_ndarray("memoryview", lambda n: memoryview(n).tolist())

for make in [
    lambda: sb.array([[1, 2.5], [3, 4]]),
    lambda: sb.array([1, 2, 3]),
    lambda: sb.array([2**63, 1]),
    lambda: sb.array([1j, 2]),
    lambda: sb.array([[1, 2], [3, 4]], ">f", order="F"),
    lambda: sb.array([(1, [2, 3], (4,))], RECORD),
    lambda: sb.array(["ab", "c"], "2w"),
    lambda: sb.array([b"ab", b"c"], "3s"),
    lambda: sb.array(b"abc", "3s"),
    lambda: sb.array(b"abcd", "3s"),
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
    lambda: sb.Array(),
    lambda: sb.Array(format=RECORD),
    lambda: sb.concatenate(iter([b"ab", bytearray(b"c")])),
    lambda: sb.concatenate([]),
    lambda: sb.stack([b"ab", b"cd"], 1),
    lambda: sb.get_threads(),
    lambda: _core.format_size("T{i:ä:5t:b:}"),
    lambda: _core.format_size(b"(2)(3)i"),
    lambda: sb.set_threads(1),
    lambda: capi.PyBuffer_FillContiguousStrides((2, 3), 4, "F"),
    lambda: capi.PyBuffer_SizeFromFormat("3i"),
    lambda: fields(capi.PyBuffer_FillInfo(None, 0, 0, True, capi.PyBUF_FULL_RO)),
    lambda: testing.ndarray([1, 2, 3], (3,), format="i").tolist(),
    lambda: testing.ndarray([(1, 2.5)], (1,), format="hd").tolist(),
    lambda: memoryview(testing.staticarray()).tolist(),
    lambda: testing.slice_indices(slice(1, 9, 2), 5),
    lambda: memoryview(testing.staticarray(True)).tolist(),
    lambda: testing.ndarray(list(range(24)), (2, 3, 4), format="L", flags=testing.ND_PIL).tobytes(),
    lambda: testing.ndarray([1, 2], (2,), format="no format"),
    lambda: sb.BufferFlags.FULL | 1,
    lambda: str(sb.BufferFlags.FULL),
    lambda: sb.array("text"),
    lambda: sb.array([b"a", "b"]),
    lambda: sb.array([True, 2, 3.5, 4j]),
    lambda: sb.array([10**30]),
    lambda: sb.array(["\u00e9"], "3u"),
    lambda: sb.array([1, 2], "O"),
    lambda: _core.format_size("no format"),
    lambda: sb.zeros((1,) * 70),
    lambda: sb.full(3, 2**70),
    lambda: sb.full(2, (1, (2, 3), (4,)), RECORD),
    lambda: sb.set_threads(-1),
    lambda: sb.from_memory(0, 8),
    lambda: sb.from_memory(4096, -1),
    lambda: sb.from_array_interface(5),
    lambda: sb.from_arrow(5),
    lambda: sb.from_dlpack(5),
    lambda: sb.from_dlpack(sb.zeros(3), device="cuda"),
    lambda: sb.View(5),
    lambda: capi.PyBuffer_SizeFromFormat("no format"),
    lambda: capi.PyBuffer_FillContiguousStrides((2, 3), 4, "X"),
]:
    alone(f"call {sum(name.startswith('call ') for name in OPERATIONS)}", lambda make=make: (make, []))


def from_memory_with_owner() -> tuple[Operation, list[Any]]:
    owner = bytearray(64)
    with capi.PyObject_GetBuffer(owner, capi.PyBUF_SIMPLE) as buffer:
        address = buffer.buf
    release = list[int]().clear
    return (lambda: sb.from_memory(address, 64, owner=owner, release=release).nbytes), [owner]


alone("from_memory", from_memory_with_owner)


# Cast once: CPython 3.13 without a GIL leaks a block in most calls of ctypes.cast.
FLOATS = ctypes.cast((ctypes.c_float * 6)(*range(6)), ctypes.POINTER(ctypes.c_float))


def from_memory_of_ctypes() -> tuple[Operation, list[Any]]:
    numbers = (ctypes.c_float * 6)(*range(6))
    sb.from_memory(numbers)  # imports what it needs

    def use() -> object:
        with sb.from_memory(FLOATS, shape=(2, 3)) as view, sb.from_memory(numbers, format="T{<f:x:f:y:}") as records:
            return view.tolist(), records.tolist()

    return use, []


alone("from_memory of ctypes", from_memory_of_ctypes)


class FileOfInts:
    """A file that exists as long as this object. CPython 3.15 warns of a NamedTemporaryFile that is not closed."""

    def __init__(self) -> None:
        number, self.name = tempfile.mkstemp()
        os.write(number, bytes(range(64)))
        os.close(number)

    def __del__(self) -> None:
        os.unlink(self.name)  # noqa: PTH108  (memory may have run out, and a Path takes some)


def on_file(name: str, use: Callable[[Any], object], mode: Any = "r+") -> None:
    """Registers an operation on an array over a file."""

    def setup() -> tuple[Operation, list[Any]]:
        file = FileOfInts()
        operation = partial(use, sb.map_file(file.name, "i", mode=mode))
        operation.file = file  # type: ignore[attr-defined]  # which exists as long as this object
        return operation, []

    alone(f"mapped file, {name}", setup)


def on_path(name: str, *arguments: Any, **options: Any) -> None:
    """Registers a call of map_file."""

    def setup() -> tuple[Operation, list[Any]]:
        operation = partial(sb.map_file, (file := FileOfInts()).name, *arguments, **options)
        operation.file = file  # type: ignore[attr-defined]
        return operation, []

    alone(f"map_file, {name}", setup)


on_path("to read", "i")
on_path("to write", "i", (2, 2), mode="r+", offset=3)
on_path("to copy", "i", mode="c")
on_path("a new file", "f", (2, 3), mode="w+", offset=5, order="F")
on_path("too short", "i", (99, 9))
on_path("no such mode", "i", mode="x")
on_file("items", lambda a: a.tolist(), "r")
on_file("name", lambda a: len(a.name) > 3)
on_file("growth", lambda a: (a.append(1), a.extend(a), a.reserve(9000), a.pop(0), a.resize(2), a.tolist()))
on_file("growth in own memory", lambda a: (a.append(1), a.extend(a), a.tolist()), "c")
on_file("growth refused", lambda a: sb.map_file(a.name, "i", 3, mode="r+").append(1))
on_file("flush", lambda a: (a.flush(), a.advise("random", 0, 9)))
on_file("frozen", lambda a: (a.freeze(), a))
on_file("closed", lambda a: (a.close(), a.close(), a.tolist()))
on_file("close refused", lambda a: (memoryview(a), a.close()))
on_file("with", lambda a: [each.__exit__() for each in [a.__enter__()]])
alone("map_file, no file", lambda: (lambda: sb.map_file("/nowhere/at/all", "B"), []))
alone("map_file, not regular", lambda: (lambda: sb.map_file("/dev/null", "B"), []))
alone("close", lambda: (lambda: sb.zeros(3).close(), []))
alone("flush refused", lambda: (lambda: sb.zeros(3).flush(), []))
alone("name refused", lambda: (lambda: sb.zeros(3).name, []))


def on_shared(name: str, use: Callable[[Any], object]) -> None:
    """Registers an operation on an array in a shared segment."""
    alone(f"shared, {name}", lambda: (partial(use, sb.shared(4, "i")), []))


on_shared("another", lambda _: sb.shared((2, 3), "f", order="F"))
on_shared("attached", lambda a: sb.shared(4, "i", name=a.name, create=False, readonly=True))
on_shared("absent", lambda _: sb.shared(name="sb_no_such", create=False))
on_shared("too small", lambda a: sb.shared(99, name=a.name, create=False))
on_shared("bad name", lambda _: sb.shared(99, name="a/b"))
on_shared("items", lambda a: (a.fill(5), a.tolist(), len(a.name) > 3))
on_shared("pickle", lambda a: pickle.loads(pickle.dumps(a, 5)))
on_shared("advice", lambda a: a.advise("willneed"))
on_shared("growth", lambda a: a.append(1))
on_shared("copy", lambda a: a.copy())
on_shared("closed", lambda a: (a.close(), a.close(), repr(a)))
on_shared("with", lambda a: [each.__exit__() for each in [a.__enter__()]])


def on_ring(name: str, use: Callable[[Any], object]) -> None:
    """Registers an operation on a ring with 10 items."""

    def setup() -> tuple[Operation, list[Any]]:
        ring = sb.ring(1000, "h")
        ring.commit(10)
        return partial(use, ring), []

    alone(f"ring, {name}", setup)


on_ring("a new one", lambda _: repr(sb.ring(9, "d")))
on_ring("too large", lambda _: sb.ring(1 << 60))
on_ring("windows", lambda r: (r.writable(3), r.readable()))
on_ring("writing", lambda r: (r.writable(3).fill(7), r.commit(3), r.readable().tolist()))
on_ring("reading", lambda r: (r.readable(4).tolist(), r.consume(4), len(r), r.free, r.capacity, r.format, repr(r)))
on_ring("commit refused", lambda r: r.commit(1 << 40))
on_ring("consume refused", lambda r: r.consume(11))
on_ring("window refused", lambda r: r.writable(-1))


def on_planes(name: str, use: Callable[[Any], object]) -> None:
    """Registers an operation on three planes."""

    def setup() -> tuple[Operation, list[Any]]:
        planes = [bytearray(range(n, n + 8)) for n in range(3)]
        return partial(use, planes), list(planes)

    alone(f"from_planes, {name}", setup)


on_planes("a view", lambda p: sb.from_planes(p))
on_planes("items", lambda p: sb.from_planes(iter(p)).tolist())
on_planes("parts", lambda p: (sb.from_planes(p)[1], sb.from_planes(p)[::2, 1:3].tobytes()))
on_planes("set all", lambda p: sb.from_planes(p).fill(9))
on_planes("different", lambda p: sb.from_planes([*p, b"1"]))
on_planes("no buffer", lambda p: sb.from_planes([*p, 5]))
on_planes("none", lambda _: sb.from_planes([]))


def frame() -> tuple[Operation, list[Any]]:
    memory = bytearray(24)
    sb.frame_planes(memory, "NV12", 4, 4).release()  # imports what it needs

    def use() -> object:
        with sb.frame_planes(memory, "NV12", 4, 4) as frame:
            return [view.tolist() for view in frame.values()]

    return use, [memory]


alone("frame_planes", frame)
