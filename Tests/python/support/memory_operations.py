# SPDX-License-Identifier: Apache-2.0
"""What is done with an Array or a View."""

from __future__ import annotations

import copy
import io
import pickle
import sys
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

import swiftbuffer as sb
from operation import IN_PYTHON, OPERATIONS, Operation, Setup, alone, on_memory
from swiftbuffer import capi


def used(view: sb.View) -> int:
    with view as same:
        return same.nbytes


def pickled_apart(memory: Any) -> object:
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(memory, 5, buffer_callback=buffers.append)
    return pickle.loads(data, buffers=buffers)


VIEWS = "view strided indirect"
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
on_memory("notebook", lambda m: m._repr_html_(), "view records")
on_memory("rich", lambda m: m.__rich_repr__(), "array indirect")
on_memory("draw", lambda m: sb.draw(m).text(), "strided indirect")
IN_PYTHON.update(name for name in OPERATIONS if name.startswith(("notebook", "rich", "draw")))
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
on_memory("pinned", lambda m: used(m.pinned()))
on_memory("__dlpack__", lambda m: repr(m.__dlpack__(max_version=(1, 0))) is not None, "view array strided")
on_memory("__dlpack__ without a version", lambda m: repr(m.__dlpack__()) is not None, "array strided")
on_memory("__dlpack__ of a copy", lambda m: repr(m.__dlpack__(copy=True)) is not None, "view array strided indirect")
on_memory("__dlpack__ refused", lambda m: m.__dlpack__(), "indirect records")
on_memory("__dlpack_device__", lambda m: m.__dlpack_device__())
on_memory("from_dlpack", lambda m: sb.from_dlpack(m), "view array strided")
on_memory("from_dlpack of a copy", lambda m: sb.from_dlpack(m, device="cpu", copy=True), "view array strided indirect")
on_memory("from_dlpack of a capsule", lambda m: sb.from_dlpack(m.__dlpack__()), "view array strided")
on_memory("from_dlpack refused", lambda m: sb.from_dlpack(m), "indirect records")
on_memory("__array_interface__", lambda m: m.__array_interface__["shape"], "view array strided records")
on_memory("__array_interface__ refused", lambda m: m.__array_interface__, "indirect")
on_memory("from_array_interface", lambda m: sb.from_array_interface(m), "view array strided records")
on_memory("from_array_interface refused", lambda m: sb.from_array_interface(m), "indirect")
on_memory("__arrow_c_array__", lambda m: len(m.__arrow_c_array__()), "view array")
on_memory("__arrow_c_array__ refused", lambda m: m.__arrow_c_array__(), "strided indirect records")
on_memory("__arrow_c_schema__", lambda m: repr(m.__arrow_c_schema__()) is not None, "view array strided indirect")
on_memory("__arrow_c_schema__ refused", lambda m: m.__arrow_c_schema__(), "records")
on_memory("from_arrow", lambda m: sb.from_arrow(m, (2, -1)), "view array")
on_memory("from_arrow, nested", lambda m: sb.from_arrow(m.reshape((2, -1)), writable=True), "view array")
on_memory("from_arrow refused", lambda m: sb.from_arrow(m), "strided indirect records")
on_memory("pickle of a record", lambda m: pickle.loads(pickle.dumps(m[0])), "records")
# Not a deep copy: CPython 3.13 crashes where it has no memory for the generator in copy.deepcopy.
on_memory("copy of a record", lambda m: copy.copy(m[0]), "records")
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
on_memory("contains", lambda m: 9999 in m, "view array strided indirect")
on_memory("contains bytes", lambda m: b"\3\4" in m, "view strided")
on_memory("find", lambda m: (m.find(b"\3\4"), m.rfind(b"\3\4"), m.count(b"\3\4")), "view")
on_memory("find apart", lambda m: m[::-2].find(b"\4\2"), "view")
on_memory("find refused", lambda m: m.find(b"\3"), "array strided records")
on_memory("item", lambda m: (m.item(0), m[..., :1].item(0), m.item((0,) * m.ndim)))
on_memory("item refused", lambda m: m.item())
on_memory(
    "item as a number",
    lambda m: [convert(m[(0,) * m.ndim + (...,)]) for convert in (int, float, complex, bool)],
    "view array strided indirect",
)
on_memory("item as an index", lambda m: range(99999999)[m[1, 1, ...]], "strided indirect")
on_memory("item refused as a number", lambda m: int(m[0, ...]), "records")
on_memory("bytes of an item", lambda m: bytes(m[(0,) * m.ndim + (...,)]))
on_memory("set item by one without dimensions", lambda m: m.__setitem__((0,) * m.ndim, m[(0,) * m.ndim + (...,)]))
on_memory("fill by one without dimensions", lambda m: m.fill(m[(0,) * m.ndim + (...,)]))
on_memory("contains one without dimensions", lambda m: m[(0,) * m.ndim + (...,)] in m)
on_memory("contains a row", lambda m: m[1] in m, "strided indirect")
on_memory("contains neither", lambda m: "text" in m, "strided indirect")
on_memory("index of a tuple", lambda m: m.index(m[1, 0]), "strided indirect")
on_memory("mismatch", lambda m: sb.mismatch(m, m.copy()))
on_memory("mismatch refused", lambda m: sb.mismatch(m, b""))
on_memory("set bytes of another format", lambda m: m.__setitem__(..., m.copy().cast("c")), "view")
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
on_memory("byteswap", lambda m: m.byteswap(), "view array strided records")
on_memory("astype", lambda m: m.astype(">f"), "view array strided indirect")
on_memory("astype of the same", lambda m: m.astype(m.format))
on_memory("astype, scaled", lambda m: m.astype("m", scale=0.5, offset=1), "view array strided indirect")
on_memory("astype, saturated", lambda m: m.astype("b", overflow="saturate"), "view array strided indirect")
on_memory("astype, raising", lambda m: m.astype("b", scale=1000, overflow="raise"), "view array strided indirect")
on_memory("astype, bad arguments", lambda m: m.astype("b", scale="x"))
on_memory("astype by NumPy's names", lambda m: m.astype(dtype=m.format, copy=False))
on_memory("copy_from, scaled", lambda m: m.copy_from(m.copy(), scale=2), "view array strided indirect")
on_memory("24-bit integers", lambda m: m.astype("m").tolist(), "view array strided indirect")
on_memory("complex halves", lambda m: m.astype("Ze").tolist(), "view array strided indirect")
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
on_memory("unequal", lambda m: m != m.copy())
on_memory("unequal to bytes", lambda m: m != b"12")
on_memory("less than", lambda m: m < m)
on_memory("delete", lambda m: m.__delitem__(0))
on_memory("dtype", lambda m: getattr(m, "dtype", None))
on_memory("size and address", lambda m: (m.size, m.address > 0))
on_memory("names and fields", lambda m: (m.names, m.fields))
on_memory("several fields", lambda m: m[["a", "c"]], "records")
on_memory("several fields of an item", lambda m: m[1, ["a", "c"]], "records")
on_memory("several fields refused", lambda m: m[["a", "zz"]])
on_memory("several fields out of order", lambda m: m[["c", "a"]], "records")
on_memory("set several fields", lambda m: m[["a", "b"]].__setitem__(..., (5, (6, 7))), "records")
on_memory("field of an item", lambda m: (m[0, "a"], m[0, "b"], m[1:, "c"]), "records")
on_memory("set field of an item", lambda m: m.__setitem__((0, "a"), 5), "records")
on_memory("set field of a slice", lambda m: m.__setitem__((slice(None), "b"), (5, 6)), "records")
on_memory("ravel", lambda m: m.ravel())
on_memory("flatten", lambda m: m.flatten("F"))
on_memory("swapaxes", lambda m: m.swapaxes(0, -1), "view array records strided")
on_memory("swapaxes refused", lambda m: m.swapaxes(0, 7))
on_memory("concatenate", lambda m: sb.concatenate([m, m.copy()], axis=-1))
on_memory("concatenate refused", lambda m: sb.concatenate([m, b"12"]))
on_memory("stack", lambda m: sb.stack([m, m.copy()], axis=1))
on_memory("stack refused", lambda m: sb.stack([m, m[:1]]))
on_memory("dir", lambda m: len(dir(m)))
on_memory("a name of NumPy's", lambda m: m.mean)
on_memory("an operator of NumPy's", lambda m: m + 1)
on_memory("an operator between two", lambda m: m @ m)
on_memory("no such attribute", lambda m: m.nonsense)
on_memory("set attribute", lambda m: setattr(m, "format", "B"))
on_memory("first of an iterator", lambda m: next(iter(m)) is not None)
on_memory("iterator's length", lambda m: iter(m).__length_hint__())
on_memory("contains a part", lambda m: [1] in m)
on_memory("count a record", lambda m: m.count((1, (2, 3), (4.5,))), "records")
on_memory("index from", lambda m: m.index(m[1], 1))
on_memory("hex with a bad separator", lambda m: m.hex("\u00e9"))
on_memory("copy_from, exact", lambda m: m.copy_from(m.copy(), casting="exact"))
on_memory("copy_from another format", lambda m: m.copy_from(sb.zeros(m.shape, "h"), casting="unsafe"))
on_memory("copy_from refused", lambda m: m.copy_from(b"12"))
on_memory("copy_to another format", lambda m: m.copy_to(sb.zeros(m.shape, "h"), casting="unsafe"))
on_memory("copy_to refused", lambda m: m.copy_to(bytearray(1)))
on_memory("overlap", lambda m: m.__setitem__(slice(1, None), m[:-1]))
on_memory("overlap reversed", lambda m: m.__setitem__(..., m[::-1]))
on_memory("set all by one value of another format", lambda m: m.__setitem__(..., sb.array(7, "h")), "array strided")
on_memory("set all by tuples", lambda m: m.__setitem__(..., [(1, (2, 3), (4.5,))] * 2), "records")
on_memory("set record by too few", lambda m: m.__setitem__(0, (1, (2,), (4.5,))), "records")
on_memory("set record by another dict", lambda m: m.__setitem__(0, {"a": 1, "b": (2, 3), "x": 1}), "records")
on_memory("set field", lambda m: m["b"].__setitem__(..., 5), "records")
on_memory("byteswap refused", lambda m: m.toreadonly().byteswap(), "view array records")
on_memory("astype refused", lambda m: m.astype("T{i:a:}"))
on_memory("astype, exact", lambda m: m.astype("?", "exact"))
on_memory("cast with an offset", lambda m: m.cast("B", (2, -1), offset=m.nbytes // 2), "view array records")
on_memory("cast with an offset refused", lambda m: m.cast("B", offset=m.nbytes + 1), "view array records")
on_memory("cast with strides", lambda m: m.cast("B", (2,), strides=(1,)), "view array records")
on_memory("reshape in Fortran order", lambda m: m.reshape((-1,), order="F"), "view array records strided")
on_memory("broadcast_to refused", lambda m: m.broadcast_to((3, 7)))
on_memory("as_strided with an offset", lambda m: m.as_strided((2,), (-1,), 1), "view")
on_memory("as_strided refused", lambda m: m.as_strided((200,), (1000,)))
on_memory("use after release", lambda m: ((view := sb.View(m)).release(), view.tolist()))
on_memory("__buffer__", lambda m: m.__buffer__(capi.PyBUF_FULL_RO).nbytes if sys.version_info >= (3, 12) else 0)
alone("subscript of the type", lambda: (lambda: str(sb.View[int]), []))

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
    lambda a: a.insert(1, 9.5),
    lambda a: a.remove(2.5),
    lambda a: a.clear(),
    lambda a: a.reverse(),
    lambda a: a.reserve(1000),
    lambda a: a.__delitem__(1),
    lambda a: a.__delitem__(slice(0, 3, 2)),
    lambda a: a.__iadd__([1, 2]),
    lambda a: a.__imul__(30),
    lambda a: a.__imul__(0),
    lambda a: a * 30,
]:
    on_memory(
        f"change {sum(name.startswith('change ') for name in OPERATIONS)}",
        lambda m, change=change: (change(m), m),
        "array",
    )

on_memory("insert refused", lambda m: m.insert(-9, "no number"), "array")
on_memory("remove refused", lambda m: m.remove(9.5), "array")
on_memory("delete refused", lambda m: m.__delitem__(9), "array")
on_memory("add in place refused", lambda m: m.__iadd__(5), "array")
on_memory("repeat refused", lambda m: m * 1.5, "array")


def release_of_a_view_with_exports() -> tuple[Operation, list[Any]]:
    view = sb.View(bytearray(8))
    memory = memoryview(view)
    return (lambda: memory and view.release()), []


alone("release refused", release_of_a_view_with_exports)


def growth_by_an_item(grow: Callable[[Any, Any], object]) -> Setup:
    """Adds memory without dimensions, which is made beforehand: it is one item."""

    def setup() -> tuple[Operation, list[Any]]:
        array, item = sb.array([1.5, 2.5], "d"), sb.array([9.5], "d")[0, ...]
        return (lambda: (grow(array, item), array)), [array]

    return setup


alone("append of memory without dimensions", growth_by_an_item(lambda a, item: a.append(item)))
alone("extension by memory without dimensions", growth_by_an_item(lambda a, item: a.extend([item])))


ADOPT: Any = sb._core._adopt  # type: ignore[attr-defined]


def change_of_adopted_memory(change: Callable[[Any], object]) -> Setup:
    """Changes an array over another exporter's memory, which growth lets go of."""

    def setup() -> tuple[Operation, list[Any]]:
        exporter = bytearray(range(8))

        def use() -> object:
            array = ADOPT(exporter)
            change(array)
            return array.tolist()

        return use, [exporter]

    return setup


alone("adopted: append", change_of_adopted_memory(lambda a: a.append(1)))
alone("adopted: extend", change_of_adopted_memory(lambda a: a.extend(a)))
alone("adopted: insert", change_of_adopted_memory(lambda a: a.insert(2, 1)))
alone("adopted: repeat", change_of_adopted_memory(lambda a: a.__imul__(3)))
alone("adopted: reserve", change_of_adopted_memory(lambda a: a.reserve(99)))
alone("adopted: pop", change_of_adopted_memory(lambda a: a.pop()))
alone("adopted: freeze", change_of_adopted_memory(lambda a: a.freeze()))
alone("adopted: view", change_of_adopted_memory(lambda a: a[1:3].tolist()))
alone("adopted: pickle", change_of_adopted_memory(lambda a: pickle.loads(pickle.dumps(a, 5))))


def loaded_from(bring: Callable[[bytearray], object]) -> Setup:
    """Loads of a pickle whose buffer is what `bring` makes of one of eight bytes."""

    def setup() -> tuple[Operation, list[Any]]:
        data = pickle.dumps(sb.zeros(8, "B"), 5, buffer_callback=[].append)
        exporter = bytearray(range(8))
        return lambda: pickle.loads(data, buffers=[bring(exporter)]).tolist(), [exporter]

    return setup


alone("pickle over a bytearray", loaded_from(lambda b: b))
alone("pickle over a memoryview", loaded_from(lambda b: memoryview(b)))
alone("pickle over read-only memory", loaded_from(lambda b: memoryview(b).toreadonly()))
alone("pickle over bytes", loaded_from(bytes))
alone("pickle over too few bytes", loaded_from(lambda b: memoryview(b)[1:]))
alone("pickle over memory with gaps", loaded_from(lambda b: memoryview(b)[::-1]))
alone("adopted: not contiguous", lambda: (partial(ADOPT, sb.View(bytearray(8))[::2]), []))
