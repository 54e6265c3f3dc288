# SPDX-License-Identifier: Apache-2.0
"""`swiftbuffer.capi` answers as the C functions do, called through ctypes, wherever those may be called at all."""

from __future__ import annotations

import array
import ctypes
import gc
import itertools
import sys
import weakref
from collections.abc import Callable
from ctypes import byref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import c_oracle
from swiftbuffer import capi

FULL_RO = capi.PyBUF_FULL_RO
ORDERS = "CFA"


class Point(ctypes.Structure):
    _fields_ = (("x", ctypes.c_int), ("y", ctypes.c_double))


def contiguous(shape: tuple[int, ...], **options: Any) -> np.ndarray[Any, Any]:
    return np.arange(np.prod(shape, dtype=int), dtype="i4").reshape(shape, **options)


EXPORTERS: dict[str, Callable[[], Any]] = {
    "bytes": lambda: b"abcdef",
    "no bytes": lambda: b"",
    "bytearray": lambda: bytearray(b"abcdef"),
    "array": lambda: array.array("d", [1, 2, 3]),
    "memoryview": lambda: memoryview(bytearray(range(12))),
    "memoryview with step": lambda: memoryview(bytearray(range(12)))[::3],
    "memoryview backwards": lambda: memoryview(bytes(range(12)))[::-1],
    "memoryview in 2-d": lambda: memoryview(bytearray(range(24))).cast("h", (3, 4)),
    "memoryview in 0-d": lambda: memoryview(bytearray(8)).cast("d", ()),
    "ctypes array": lambda: ((ctypes.c_short * 3) * 2)(),
    "ctypes scalar": lambda: ctypes.c_double(1.5),
    "ctypes struct": lambda: (Point * 3)(),
    "C array": lambda: contiguous((2, 3, 4)),
    "Fortran array": lambda: contiguous((2, 3), order="F"),
    "strided array": lambda: contiguous((6, 8))[::2, 1::3],
    "backward array": lambda: contiguous((6, 8))[::-1, ::-2],
    "broadcast array": lambda: np.broadcast_to(contiguous((4,)), (3, 4)),
    "scalar array": lambda: np.array(7.5),
    "empty array": lambda: np.zeros((0, 3)),
    "record array": lambda: np.zeros(3, dtype=[("a", "<i4"), ("b", ">f8", (2,))]),
    "read-only array": lambda: np.frombuffer(bytes(range(8)), dtype="u2"),
}
try:
    import _testbuffer as tb
except ImportError:  # Debian keeps it in a package of its own.
    pass
else:
    EXPORTERS |= {
        "PIL-style": lambda: tb.ndarray(list(range(12)), shape=[3, 4], format="h", flags=tb.ND_PIL),
        "PIL-style slice": lambda: tb.ndarray(list(range(12)), shape=[3, 4], format="h", flags=tb.ND_PIL)[::-1, ::2],
        "mixed formats": lambda: tb.ndarray([(1, 2.5)] * 4, shape=[2, 2], format="id", flags=tb.ND_FORTRAN),
        "without owner": lambda: tb.staticarray(legacy_mode=True),
    }

exporters = pytest.mark.parametrize("make", EXPORTERS.values(), ids=EXPORTERS.keys())


def outcome(body: Callable[[], Any]) -> Any:
    try:
        return body()
    except Exception as error:
        return type(error), str(error)


# -- Acquiring and releasing -------------------------------------------------------------------------------------------


@exporters
def test_every_request_is_answered_as_in_c(make: Callable[[], Any]) -> None:
    obj = make()

    def expected(flags: int) -> Any:
        with c_oracle.Acquired(obj, flags) as view:
            return c_oracle.fields(view)

    def actual(flags: int) -> Any:
        with capi.PyObject_GetBuffer(obj, flags) as view:
            return c_oracle.fields(view)

    for flags in itertools.chain(range(0x400), (0x400, 0x1118, -1, 2**31 - 1, -(2**31))):
        assert outcome(lambda f=flags: actual(f)) == outcome(lambda f=flags: expected(f)), hex(flags)


@pytest.mark.parametrize("obj", [1, "text", None, object(), [1], int])
def test_objects_without_a_buffer(obj: object) -> None:
    assert capi.PyObject_CheckBuffer(obj) is False
    with pytest.raises(TypeError, match="bytes-like object is required"):
        capi.PyObject_GetBuffer(obj, 0)


@exporters
def test_exporters_are_recognised(make: Callable[[], Any]) -> None:
    assert capi.PyObject_CheckBuffer(make()) is True


def test_a_buffer_locks_its_exporter_until_it_is_released() -> None:
    data = bytearray(b"abc")
    view = capi.PyObject_GetBuffer(data, FULL_RO)
    with pytest.raises(BufferError):
        data.append(1)
    for _ in range(3):
        capi.PyBuffer_Release(view)
        view.release()
    data.append(1)


def test_a_with_block_releases_once() -> None:
    data = bytearray(b"abc")
    with capi.PyObject_GetBuffer(data, FULL_RO) as view:
        assert view.obj is data
        capi.PyBuffer_Release(view)
    with pytest.raises(ValueError, match="released"), view:
        pass
    data.append(1)


def test_a_dropped_buffer_is_released() -> None:
    data = bytearray(b"abc")
    view = capi.PyObject_GetBuffer(data, FULL_RO)
    del view
    data.append(1)


FIELDS = ["buf", "obj", "len", "itemsize", "readonly", "ndim", "format", "shape", "strides", "suboffsets", "internal"]


def test_a_released_buffer_shows_nothing_and_does_nothing() -> None:
    view = capi.PyObject_GetBuffer(b"abc", FULL_RO)
    view.release()
    uses: list[Callable[[], object]] = [lambda name=name: getattr(view, name) for name in FIELDS]
    uses += [
        lambda: capi.PyBuffer_IsContiguous(view, "C"),
        lambda: capi.PyBuffer_GetPointer(view, (0,)),
        lambda: capi.PyBuffer_ToContiguous(view, "C"),
        lambda: capi.PyBuffer_FromContiguous(view, b"abc", "C"),
        lambda: capi.PyMemoryView_FromBuffer(view),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="released"):
            use()
    assert repr(view) == "<Py_buffer, released>"


def test_a_representation_names_the_exporters_type_alone() -> None:
    data = bytearray(b"abc")
    view = capi.PyObject_GetBuffer(data, FULL_RO)
    assert repr(view) == (
        f"<Py_buffer buf={hex(view.buf)} obj=<bytearray> len=3 itemsize=1 readonly=0 ndim=1 format='B' shape=(3,) "
        "strides=(1,) suboffsets=None internal=None>"
    )


def test_py_buffers_come_only_from_the_functions() -> None:
    with pytest.raises(TypeError):
        capi.Py_buffer()
    with pytest.raises(TypeError):
        type("Own", (capi.Py_buffer,), {})
    with pytest.raises(AttributeError):
        capi.PyObject_GetBuffer(b"", 0).len = 3
    assert capi.Py_buffer.__module__ == "swiftbuffer.capi"


@pytest.mark.parametrize("flags", [2**31, -(2**31) - 1, 2**63, -(2**70)])
def test_flags_beyond_a_c_int(flags: int) -> None:
    with pytest.raises(OverflowError):
        capi.PyObject_GetBuffer(b"", flags)


def test_cycles_through_a_py_buffer_are_collected() -> None:
    class Own(bytearray):
        pass

    data = Own(b"abc")
    data.view = capi.PyObject_GetBuffer(data, FULL_RO)
    data.memory = capi.PyMemoryView_FromBuffer(data.view)
    data.inside = capi.PyMemoryView_GET_BUFFER(data.memory)
    gone = weakref.ref(data)
    del data
    gc.collect()
    assert gone() is None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="classes export by __buffer__ from 3.12 on")
def test_exporters_written_in_python() -> None:
    data = bytearray(b"abcdef")

    class Exporter:
        asked: list[int] = []  # noqa: RUF012
        released = 0

        def __buffer__(self, flags: int) -> memoryview:
            self.asked.append(flags)
            return memoryview(data)[::2]

        def __release_buffer__(self, view: memoryview) -> None:
            Exporter.released += 1

    with capi.PyObject_GetBuffer(Exporter(), FULL_RO) as view:
        assert Exporter.asked == [FULL_RO]
        assert (view.shape, view.strides) == ((3,), (2,))
        memory = capi.PyMemoryView_FromBuffer(view)
        assert memory.tobytes() == capi.PyBuffer_ToContiguous(view, "C") == b"ace"
        memory.release()
        assert Exporter.released == 0
    assert Exporter.released == 1
    data.append(1)


def test_an_exporter_that_fails_leaves_nothing() -> None:
    if "PIL-style" not in EXPORTERS:
        pytest.skip("this Python has no _testbuffer")
    for flag in (tb.ND_GETBUF_FAIL, tb.ND_GETBUF_FAIL | tb.ND_GETBUF_UNDEFINED):
        failing = tb.ndarray([1, 2, 3], shape=[3], flags=flag)
        before = sys.getrefcount(failing)
        for use in (capi.PyMemoryView_FromObject, lambda obj: capi.PyObject_GetBuffer(obj, FULL_RO)):
            with pytest.raises(BufferError):
                use(failing)
        assert sys.getrefcount(failing) == before


# -- Contiguity, addresses, copies -------------------------------------------------------------------------------------

# Without a shape or strides; the C functions follow some of these NULL pointers.
REQUESTS = [FULL_RO, capi.PyBUF_SIMPLE, capi.PyBUF_ND, capi.PyBUF_STRIDES, capi.PyBUF_INDIRECT]


@exporters
@pytest.mark.parametrize("flags", REQUESTS, ids=hex)
def test_items_are_read_whatever_was_left_null(make: Callable[[], Any], flags: int) -> None:
    obj = make()
    try:
        view = capi.PyObject_GetBuffer(obj, flags)
    except (BufferError, ValueError):
        return  # refused, as the test of all requests has checked
    plain = memoryview(obj)
    with view:
        has_shape = view.shape is not None or view.ndim == 0 == plain.ndim
        for order in ORDERS if has_shape else "":
            assert capi.PyBuffer_ToContiguous(view, order) == plain.tobytes(order)
        if not has_shape:
            assert {capi.PyBuffer_ToContiguous(view, order) for order in ORDERS} == {plain.tobytes("A")}
            assert all(capi.PyBuffer_IsContiguous(view, order) for order in ORDERS)
        else:
            contiguity = [plain.c_contiguous, plain.f_contiguous, plain.contiguous]
            assert [capi.PyBuffer_IsContiguous(view, order) for order in ORDERS] == contiguity
        if view.len:
            assert capi.PyBuffer_GetPointer(view, [0] * (plain.ndim if has_shape else 1)) is not None


@exporters
def test_addresses_are_those_of_c(make: Callable[[], Any]) -> None:
    obj = make()
    if not memoryview(obj).ndim:
        with capi.PyObject_GetBuffer(obj, FULL_RO) as ours:
            assert capi.PyBuffer_GetPointer(ours, ()) == ours.buf
        return
    # Through a memoryview, since the C function follows NULL strides, which ctypes answers with.
    view = memoryview(obj)
    with c_oracle.Acquired(view, FULL_RO) as theirs, capi.PyObject_GetBuffer(view, FULL_RO) as ours:
        for index in itertools.product(*map(range, view.shape)):
            expected = c_oracle.get_pointer(byref(theirs), c_oracle.sizes(index))
            assert capi.PyBuffer_GetPointer(ours, index) == expected


@pytest.mark.parametrize("indices", [(3, 0), (0, 4), (-1, 0), (0,), (0, 0, 0), (), 0, (2**62, 0)])
def test_indices_out_of_range_or_of_the_wrong_number(indices: Any) -> None:
    with capi.PyObject_GetBuffer(contiguous((3, 4)), FULL_RO) as view, pytest.raises(IndexError):
        capi.PyBuffer_GetPointer(view, indices)


@pytest.mark.parametrize("indices", ["00", b"\0\0", 1.5, (1.5, 0), None, ("0", 0), {0: 0}.items()])
def test_indices_of_another_kind(indices: Any) -> None:
    with capi.PyObject_GetBuffer(contiguous((3, 4)), FULL_RO) as view, pytest.raises(TypeError):
        capi.PyBuffer_GetPointer(view, indices)


@pytest.mark.parametrize("indices", [(2**63, 0), (0, -(2**70))])
def test_indices_beyond_a_machine_word(indices: Any) -> None:
    with capi.PyObject_GetBuffer(contiguous((3, 4)), FULL_RO) as view, pytest.raises(OverflowError):
        capi.PyBuffer_GetPointer(view, indices)


def test_an_index_that_releases_the_buffer_is_refused() -> None:
    view = capi.PyObject_GetBuffer(bytearray(3), FULL_RO)

    class Index:
        def __index__(self) -> int:
            view.release()
            return 0

    with pytest.raises(ValueError, match="released"):
        capi.PyBuffer_GetPointer(view, (Index(),))


@st.composite
def strided(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Arrays of up to four axes, sliced with any step, reversed too."""
    shape = draw(st.lists(st.integers(0, 5), max_size=4))
    base = contiguous(tuple(2 * n + 1 for n in shape)).astype(draw(st.sampled_from(["u1", "i2", "f8", "c16"])))
    cuts = tuple(slice(None, n, step) for n, step in ((n, draw(st.sampled_from([-2, -1, 1, 2]))) for n in shape))
    return base[cuts].transpose(draw(st.permutations(range(len(shape)))))


@given(strided(), st.sampled_from(ORDERS))
def test_any_layout_goes_to_bytes_and_back(made: np.ndarray[Any, Any], order: Any) -> None:
    target = np.zeros_like(made, subok=False)
    with capi.PyObject_GetBuffer(made, FULL_RO) as view, c_oracle.Acquired(memoryview(made), FULL_RO) as theirs:
        assert capi.PyBuffer_IsContiguous(view, order) == c_oracle.is_contiguous(byref(theirs), order.encode())
        data = capi.PyBuffer_ToContiguous(view, order)
        room = ctypes.create_string_buffer(len(data) + 1)
        c_oracle.to_contiguous(ctypes.cast(room, ctypes.c_char_p), byref(theirs), len(data), order.encode())
        assert data == room.raw[:-1]
    if order == "A" and not made.flags.c_contiguous:
        return  # the bytes lie in the order of `made`, which `target` need not have
    with capi.PyObject_GetBuffer(target, capi.PyBUF_FULL) as view:
        capi.PyBuffer_FromContiguous(view, data, "C" if order == "A" else order)
    assert np.array_equal(target, made)
    target[...] = 0
    capi.PyObject_CopyToObject(target, data, "C" if order == "A" else order)
    assert np.array_equal(target, made)
    target[...] = 0
    capi.PyObject_CopyData(target, made)
    assert np.array_equal(target, made)


@pytest.mark.parametrize("count", [0, 1, 5, 23, 24, 30])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("cut", [slice(None), slice(None, None, -1), slice(None, None, 2)])
def test_too_few_or_too_many_bytes_are_taken_as_in_c(count: int, order: str, cut: slice) -> None:
    data = bytes(range(1, count + 1))
    ours, theirs = (np.zeros((6, 2), "u2")[cut] for _ in range(2))
    with capi.PyObject_GetBuffer(ours, capi.PyBUF_FULL) as view:
        capi.PyBuffer_FromContiguous(view, data, order)
    with c_oracle.Acquired(theirs, capi.PyBUF_FULL) as view:
        c_oracle.from_contiguous(byref(view), data, count, order.encode())
    assert np.array_equal(ours, theirs)


def test_bytes_that_lie_in_the_buffer_itself_are_copied_whole() -> None:
    data = bytearray(range(10))
    with capi.PyObject_GetBuffer(memoryview(data)[::-1], capi.PyBUF_FULL) as view:
        capi.PyBuffer_FromContiguous(view, data, "C")
    assert data == bytes(reversed(range(10)))


def test_read_only_memory_is_not_written() -> None:
    with capi.PyObject_GetBuffer(b"abc", FULL_RO) as view, pytest.raises(BufferError, match="read-only"):
        capi.PyBuffer_FromContiguous(view, b"xyz", "C")
    for copy in (capi.PyObject_CopyData, lambda to, data: capi.PyObject_CopyToObject(to, data, "C")):
        with pytest.raises(BufferError):
            copy(b"abc", b"xyz")
        with pytest.raises(TypeError):
            copy(3, b"xyz")
        with pytest.raises(TypeError):
            copy(bytearray(3), "xyz")


def test_copies_of_other_lengths_are_refused() -> None:
    for data in (b"", b"ab", b"abcd"):
        with pytest.raises(ValueError, match="bytes"):
            capi.PyObject_CopyToObject(bytearray(3), data, "C")
    with pytest.raises(ValueError, match="bytes"):
        capi.PyObject_CopyData(bytearray(3), b"abcd")


def test_copy_data_into_longer_contiguous_memory_is_that_of_c() -> None:
    ours, theirs = bytearray(8), bytearray(8)
    capi.PyObject_CopyData(ours, b"abc")
    c_oracle.copy_data(theirs, b"abc")
    assert ours == theirs == b"abc\0\0\0\0\0"


def test_copy_data_never_leaves_the_memory_of_either() -> None:
    # Of these C compares the byte lengths alone.
    with pytest.raises(ValueError, match="same"):
        capi.PyObject_CopyData(np.zeros((4, 4), "u1")[:, ::2], np.zeros((2, 4), "u1")[::-1])
    with pytest.raises(ValueError, match="same"):
        capi.PyObject_CopyData(np.zeros(8, "u1")[::2], np.zeros(2, "u2"))


@pytest.mark.parametrize("order", ["", "c", "X", "CF", "\0", "Ç"])
def test_unknown_orders(order: str) -> None:
    view = capi.PyObject_GetBuffer(bytearray(3), FULL_RO)
    for use in (
        lambda: capi.PyBuffer_IsContiguous(view, order),
        lambda: capi.PyBuffer_ToContiguous(view, order),
        lambda: capi.PyBuffer_FromContiguous(view, b"abc", order),
        lambda: capi.PyObject_CopyToObject(bytearray(3), b"abc", order),
        lambda: capi.PyBuffer_FillContiguousStrides((3,), 1, order),
        lambda: capi.PyMemoryView_GetContiguous(b"abc", capi.PyBUF_READ, order),
    ):
        with pytest.raises(ValueError, match="order must be"):
            use()
    with pytest.raises(TypeError, match="order must be a str"):
        capi.PyBuffer_IsContiguous(view, b"C")


@pytest.mark.parametrize("other", [b"abc", memoryview(b"abc"), None, 3, capi.Py_buffer])
def test_anything_but_a_py_buffer(other: Any) -> None:
    for use in (
        lambda: capi.PyBuffer_Release(other),
        lambda: capi.PyBuffer_IsContiguous(other, "C"),
        lambda: capi.PyBuffer_GetPointer(other, (0,)),
        lambda: capi.PyBuffer_ToContiguous(other, "C"),
        lambda: capi.PyBuffer_FromContiguous(other, b"abc", "C"),
        lambda: capi.PyMemoryView_FromBuffer(other),
    ):
        with pytest.raises(TypeError, match="view must be a Py_buffer"):
            use()


def test_reference_counts_are_exact() -> None:
    data = bytearray(b"abc")
    before = sys.getrefcount(data)
    view = capi.PyObject_GetBuffer(data, FULL_RO)
    assert sys.getrefcount(data) == before + 1
    memory = capi.PyMemoryView_FromBuffer(view)
    assert sys.getrefcount(data) == before + 1
    inside = capi.PyMemoryView_GET_BUFFER(memory)
    assert sys.getrefcount(data) == before + 1
    inside.release()
    memory.release()
    view.release()
    assert sys.getrefcount(data) == before
