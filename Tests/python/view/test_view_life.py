# SPDX-License-Identifier: Apache-2.0
"""How Views share an exporter and give it up: releases, references, the collector, flags and types."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Sequence
from types import GenericAlias
from typing import Any

import numpy as np
import pytest

from swiftbuffer import BufferFlags, View, array, zeros


def resizable(data: bytearray) -> bool:
    """Whether no export of it is outstanding."""
    try:
        data.append(0)
    except BufferError:
        return False
    del data[-1]
    return True


# -- Release -----------------------------------------------------------------------------------------------------------

ATTRIBUTES = [
    "obj", "nbytes", "readonly", "format", "itemsize", "ndim", "shape", "strides", "suboffsets", "c_contiguous",
    "f_contiguous", "contiguous", "T", "size", "address", "names", "fields", "dtype",
]  # fmt: skip
CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("tobytes", ()), ("tolist", ()), ("hex", ()), ("cast", ("b",)), ("toreadonly", ()), ("count", (1,)),
    ("index", (1,)), ("find", (b"a",)), ("rfind", (b"a",)), ("item", (0,)),
    ("reshape", (3,)), ("transpose", ()), ("squeeze", ()), ("broadcast_to", ((2, 3),)), ("as_strided", ((1,),)),
    ("copy", ()), ("copy_to", (bytearray(3),)), ("copy_from", (b"abc",)), ("astype", ("i",)), ("byteswap", ()),
    ("fill", (1,)), ("__len__", ()), ("__iter__", ()), ("__enter__", ()), ("__getitem__", (0,)), ("__contains__", (1,)),
    ("__getitem__", (slice(1),)), ("__getitem__", ((),)), ("__setitem__", (0, 1)),
    ("__setitem__", (slice(None), b"abc")),
    ("pinned", ()), ("ravel", ()), ("flatten", ()), ("swapaxes", (0, 0)),
    ("__copy__", ()), ("__deepcopy__", ()), ("__reduce_ex__", (5,)), ("__hash__", ()),
]  # fmt: skip


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attributes_of_a_released_view_raise(name: str) -> None:
    view = View(bytearray(b"abc"))
    assert getattr(view, name) is not NotImplemented
    view.release()
    with pytest.raises(ValueError, match="released"):
        getattr(view, name)


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_methods_of_a_released_view_raise(name: str, arguments: tuple[Any, ...]) -> None:
    view = View(bytearray(b"abc"))
    view.release()
    with pytest.raises(ValueError, match="released"):
        getattr(view, name)(*arguments)


def test_every_public_name_is_tried_after_release() -> None:
    tried = {*ATTRIBUTES, *(name for name, _ in CALLS)}
    rest = {"release", "from_flags"}
    assert {name for name in dir(View(b"")) if not name.startswith("_")} <= tried | rest


@pytest.mark.parametrize("consumer", [memoryview, bytes, View, bytearray, array])
def test_a_released_view_exports_no_buffer(consumer: Any) -> None:
    view = View(b"abc")
    view.release()
    with pytest.raises((ValueError, BufferError)):
        consumer(view)


def test_a_released_view_answers_what_memoryview_does() -> None:
    data = bytearray(b"abc")
    view, other = View(data), View(data)
    view.release()
    view.release()
    assert "released" in repr(view)
    assert "released" in view._repr_html_()
    assert view == view
    assert view != other
    assert view != data
    assert resizable(bytearray(data))
    view.__exit__()


def test_release_gives_the_exporter_back() -> None:
    data = bytearray(b"abc")
    view = View(data)
    assert not resizable(data)
    view.release()
    assert resizable(data)
    with View(data) as view:
        assert not resizable(data)
        assert view[0] == 97
    assert resizable(data)
    with pytest.raises(ValueError, match="released"), view:
        pass


def test_the_context_ends_with_an_exception_too() -> None:
    data = bytearray(b"abc")
    with pytest.raises(KeyError), View(data):
        raise KeyError
    assert resizable(data)
    with pytest.raises(BufferError, match="1 exported buffer"), View(data) as view:
        kept = memoryview(view)
    kept.release()
    view.release()
    assert resizable(data)


def test_release_says_how_many_buffers_are_out() -> None:
    view = View(bytearray(b"abc"))
    kept = [memoryview(view)]
    with pytest.raises(BufferError, match="view has 1 exported buffer; release it first"):
        view.release()
    kept.append(memoryview(view))
    kept.append(np.asarray(view))
    with pytest.raises(BufferError, match="view has 3 exported buffers; release them first"):
        view.release()
    assert view[0] == 97
    kept.clear()
    view.release()


def test_slices_keep_the_exporter_and_not_the_view() -> None:
    data = bytearray(b"abcdef")
    view = View(data)
    parts = [view[2:], view.cast("b"), view.reshape(2, 3), view.T, view.toreadonly(), view[...], View(view)]
    ghost = weakref.ref(view)
    view.release()
    assert [part.tobytes()[-1:] for part in parts] == [b"f"] * len(parts)
    assert all(part.obj is data for part in parts)
    del view
    assert ghost() is None
    for part in parts[:-1]:
        part.release()
        assert not resizable(data)
    del parts, part
    assert resizable(data)


def test_the_exporter_lives_as_long_as_any_view() -> None:
    class Exporter(bytearray):
        pass

    data = Exporter(b"abcdef")
    ghost = weakref.ref(data)
    part = View(data)[::2][1:]
    del data
    assert part.tolist() == [99, 101]
    assert ghost() is part.obj
    del part
    gc.collect()
    assert ghost() is None


def test_references_are_counted_exactly() -> None:
    data = bytearray(b"abcdef")
    before = sys.getrefcount(data)
    for _ in range(100):
        view = View(data)
        view[1:][0] = 5
        view[1:, None]
        list(view)
        view.release()
        for wrong in ["x", (0, 0), 9]:
            with pytest.raises((ValueError, KeyError, IndexError)):
                View(data)[wrong]  # type: ignore[index]
    del view
    gc.collect()
    assert sys.getrefcount(data) == before
    assert resizable(data)


# -- The collector and weak references ---------------------------------------------------------------------------------


def test_cycles_through_the_exporter_are_collected() -> None:
    class Exporter(bytearray):
        view: View

    data = Exporter(b"abc")
    data.view = View(data)[1:][::-1]
    ghost = weakref.ref(data)
    del data
    gc.collect()
    assert ghost() is None


def test_cycles_through_an_iterator_are_collected() -> None:
    class Exporter(bytearray):
        items: object

    data = Exporter(b"abc")
    data.items = iter(View(data))
    ghost = weakref.ref(data)
    del data
    gc.collect()
    assert ghost() is None


def test_views_are_referred_to_weakly() -> None:
    view = View(b"abc")
    called = []
    ghost = weakref.ref(view, called.append)
    assert ghost() is view
    del view
    assert ghost() is None
    assert called == [ghost]


def test_a_view_of_an_array_keeps_it_and_stops_its_growth() -> None:
    memory = zeros(4, "i")
    view = memory[1:]
    with pytest.raises(BufferError, match="1 export"):
        memory.append(1)
    view.release()
    memory.append(1)
    view = memory[1:]
    del memory
    assert view.tolist() == [0, 0, 0, 1]


# -- Flags -------------------------------------------------------------------------------------------------------------

FLAGS = [flag.value for flag in BufferFlags]


@pytest.mark.parametrize("flags", [*FLAGS, 0x10, 0x20, 0x80, 0x400, 0x1C | 1, 0x98 | 4, 0x58 | 5])
@pytest.mark.parametrize("shape", [(6,), (2, 3)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_from_flags_is_that_of_memoryview(flags: int, shape: tuple[int, ...], order: str) -> None:
    source = np.asarray(array(np.arange(6, dtype="h").reshape(shape, order=order), order=order))  # type: ignore[call-overload]
    exporter = memoryview(source)
    try:
        expected = exporter.obj.__class__ and memoryview(_flagged(exporter, flags))
    except (BufferError, SystemError) as error:
        with pytest.raises(type(error)):
            View.from_flags(exporter, flags)
        return
    view = View.from_flags(exporter, flags)
    assert view.nbytes == expected.nbytes
    assert view.tobytes(order="A") == exporter.tobytes(order="A")
    assert view.obj is exporter.obj or view.obj is exporter
    with pytest.raises(BufferError):
        exporter.release()
    view.release()


def _flagged(exporter: memoryview, flags: int) -> Any:
    """The bytes of a buffer acquired with these flags by C, or what the exporter raises."""
    from swiftbuffer import capi

    with capi.PyObject_GetBuffer(exporter, flags) as buffer:
        return bytes(buffer.len)


def test_flags_must_be_integers() -> None:
    with pytest.raises(OverflowError):
        View.from_flags(b"abc", 2**31)
    with pytest.raises(TypeError):
        View.from_flags(b"abc", "r")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        View.from_flags(b"abc")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        View.from_flags(5, 0)  # type: ignore[arg-type]
    assert View._from_flags(object=b"abc", flags=0).tolist() == [97, 98, 99]


def test_plain_requests_show_bytes() -> None:
    source = np.arange(3, dtype="i")
    view = View.from_flags(source, 0)
    assert (view.format, view.shape, view.itemsize) == ("B", (12,), 1)
    assert view.tobytes() == source.tobytes()


# -- The type ----------------------------------------------------------------------------------------------------------


def test_the_type_is_as_memoryview_is() -> None:
    assert isinstance(View[int], GenericAlias)
    assert View[int].__origin__ is View
    with pytest.raises(TypeError):
        type("Sub", (View,), {})
    with pytest.raises(AttributeError):
        View(b"").x = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        View(b"").shape = (1,)  # type: ignore[misc]
    with pytest.raises(TypeError):
        View.x = 1  # type: ignore[attr-defined]
    assert View.__module__ == "swiftbuffer"
    assert View.__name__ == "View"
    for wrong in [5, "abc", None, [1, 2], object()]:
        with pytest.raises(TypeError, match="bytes-like"):
            View(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        View()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        View(b"", 1)  # type: ignore[call-arg]
    assert View(object=b"abc").tolist() == list(memoryview(object=b"abc"))


def test_buffers_of_a_view_are_those_of_what_it_shows() -> None:
    data = bytearray(range(12))
    part = View(data).cast("h").reshape(2, 3)[::-1, 1:]
    shown = memoryview(part)
    for name in ["format", "itemsize", "ndim", "shape", "strides", "suboffsets", "nbytes", "readonly", "contiguous"]:
        assert getattr(shown, name) == getattr(part, name)
    assert shown.obj is part
    assert shown.tolist() == part.tolist()
    shared = np.asarray(part)
    shared[0, 0] = -1
    assert part[0, 0] == -1


def test_instances_are_sequences_for_abc() -> None:
    Sequence.register(View)
    assert isinstance(View(b""), Sequence)


def test_size_is_that_of_the_object_alone() -> None:
    small, large = View(bytes(1)), View(bytes(10**6))
    assert sys.getsizeof(small) == sys.getsizeof(large)
    assert sys.getsizeof(View(bytes(1)).reshape(1, 1, 1)) > sys.getsizeof(small)


# -- Views made of what others left ------------------------------------------------------------------------------------


def test_a_view_has_nothing_of_the_one_before_it() -> None:
    first = View(b"abc")
    died: list[bool] = []
    reference = weakref.ref(first, lambda _: died.append(True))
    assert hash(first) == hash(b"abc")
    assert first[1:].tolist() == [98, 99]
    del first
    assert died == [True]
    assert reference() is None
    second = View(np.array([1.5, 2.5]))
    assert weakref.getweakrefcount(second) == 0
    assert (second.format, second.shape, second.readonly, second.tolist()) == ("d", (2,), False, [1.5, 2.5])
    with pytest.raises(ValueError, match="writable"):
        hash(second)
    del second
    assert hash(View(b"xyz")) == hash(b"xyz")


def test_a_part_that_outlives_its_view_keeps_the_exporter_alone() -> None:
    for _ in range(3):
        data = bytearray(b"abcdef")
        view = View(data)
        reference = weakref.ref(view)
        part = view[2:5]
        del view
        assert reference() is None
        other = View(bytearray(b"zzz"))
        assert part.tolist() == [99, 100, 101]
        assert not resizable(data)
        del part
        assert resizable(data)
        assert other.tolist() == [122, 122, 122]


def test_an_exporter_that_refuses_leaves_room_for_the_next() -> None:
    for _ in range(3):
        with pytest.raises(TypeError):
            View(object())
        with pytest.raises(BufferError):
            View.from_flags(b"abc", BufferFlags.WRITABLE)
        assert View(b"abc").tolist() == [97, 98, 99]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python has __buffer__ from 3.12 on")
def test_views_made_while_a_buffer_is_released_are_views_like_any_other() -> None:
    made: list[View] = []

    class Exporter:
        def __buffer__(self, flags: int) -> memoryview:
            made.append(View(b"while acquiring"))
            return memoryview(b"abc")

        def __release_buffer__(self, buffer: memoryview) -> None:
            made.append(View(b"while releasing"))
            View(b"dropped at once")

    for _ in range(3):
        view = View(Exporter())
        assert view.tobytes() == b"abc"
        del view
    assert [view.tobytes() for view in made] == [b"while acquiring", b"while releasing"] * 3


def test_a_view_in_a_cycle_is_collected_and_leaves_no_export() -> None:
    class Holder(bytearray):
        view: View

    for _ in range(3):
        data = Holder(b"abc")
        data.view = View(data)[1:]
        reference = weakref.ref(data)
        del data
        gc.collect()
        assert reference() is None
