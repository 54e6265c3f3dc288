# SPDX-License-Identifier: Apache-2.0
"""`__array_interface__` and `from_array_interface`: NumPy, Pillow and made-up objects on the other side."""

from __future__ import annotations

import ctypes
import gc
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import swiftbuffer as sb
from swiftbuffer import testing
from view_layouts import arrays


class Interface:
    """An object that has the interface and nothing else."""

    def __init__(self, interface: Any) -> None:
        self.__array_interface__ = interface


def through_interface(memory: Any) -> np.ndarray[Any, Any]:
    return np.asarray(Interface(memory.__array_interface__))


@given(arrays(st.sampled_from([*"?bBhHiIlLqQefdgFD", ">i2", ">f8", ">c8", "S3", "U2", ">U2", "V3"])))
def test_numpy_reads_any_layout_as_its_own_array(source: np.ndarray[Any, Any]) -> None:
    shown = through_interface(sb.View(source))
    assert (shown.dtype, shown.shape) == (source.dtype, source.shape)
    assert (shown == source).all()
    assert shown.flags.writeable == source.flags.writeable
    if source.size:
        assert shown.ctypes.data == source.ctypes.data
        strides = zip(shown.strides, source.strides, shown.shape, strict=True)
        assert all(mine == theirs for mine, theirs, length in strides if length > 1)


RECORDS = {
    "T{i:a:d:b:}": [("a", "<i4"), ("", "|V4"), ("b", "<f8")],
    "T{=i:a:d:b:}": [("a", "<i4"), ("b", "<f8")],
    "T{>h:a:3s:b:c:c:}": [("a", ">i2"), ("b", "|S3"), ("c", "|S1")],
    "T{(2,3)f:m:B:n:}": [("m", "<f4", (2, 3)), ("n", "|u1"), ("", "|V3")],
    "T{=T{h:x:b:y:}:p:2w:q:}": [("p", [("x", "<i2"), ("y", "|i1")]), ("q", "<U2")],
    "T{=(2)T{b:x:h:y:}:p:}": [("p", [("x", "|i1"), ("y", "<i2")], (2,))],
    "=ihd": [("f0", "<i4"), ("f1", "<i2"), ("f2", "<f8")],
    "=3i5x": [("f0", "<i4", (3,)), ("", "|V5")],
    "T{=i:f0:h}": [("f0", "<i4"), ("f1", "<i2")],
    "T{=5x:gap:Zd:z:}": [("gap", "|V5"), ("z", "<c16")],
}


@pytest.mark.parametrize("code", RECORDS)
def test_records_have_a_descr(code: str) -> None:
    array = sb.zeros((2, 3), code)
    interface = array.__array_interface__
    assert interface["descr"] == RECORDS[code]
    assert interface["typestr"] == f"|V{array.itemsize}"
    assert np.dtype(interface["descr"]).itemsize == array.itemsize
    shown = through_interface(array)
    shown.view("B")[:] = np.arange(shown.nbytes).reshape(shown.view("B").shape)
    assert bytes(shown.tobytes()) == array.tobytes()
    back = sb.from_array_interface(array)
    assert back.itemsize == array.itemsize
    assert back.tobytes() == array.tobytes()
    if array.names and len(array.names) > 1 and "w" not in code:
        assert back.names[: len(array.names)] == array.names
        assert back.tolist() == array.tolist()


@pytest.mark.parametrize(
    ("code", "shape"), [("(2,3)i", (4, 2, 3)), ("3i", (4, 3)), ("(0)i", (4, 0)), ("(2)T{=i:a:}", (4, 2))]
)
def test_items_that_are_arrays_give_their_axes_to_the_shape(code: str, shape: tuple[int, ...]) -> None:
    array = sb.zeros(4, code)
    interface = array.__array_interface__
    assert interface["shape"] == shape
    assert through_interface(array).shape == shape
    every_other = sb.View(array)[::2].__array_interface__
    assert every_other["shape"] == (2, *shape[1:])
    assert through_interface(sb.View(array)[::2]).nbytes == array.nbytes // 2


@pytest.mark.parametrize(
    "memory",
    [
        sb.zeros(2, "m"),
        sb.zeros(2, "Ze"),
        sb.zeros(2, "P"),
        sb.zeros(2, "3u"),
        sb.zeros(2, "4p"),
        sb.zeros(2, "T{3t:a:5t:b:}"),
        sb.View(np.array([None, 1])),
        sb.View(testing.ndarray(list(range(6)), (2, 3), format="i", flags=testing.ND_PIL)),
    ],
    ids=lambda memory: memory.format,
)
def test_what_cannot_be_described_has_no_interface(memory: Any) -> None:
    assert not hasattr(memory, "__array_interface__")
    with pytest.raises(AttributeError, match="__array_interface__"):
        memory.__array_interface__  # noqa: B018
    with pytest.raises(TypeError):
        sb.from_array_interface(memory)


def test_unions_have_no_interface() -> None:
    class Union(ctypes.Union):
        _fields_ = (("i", ctypes.c_int), ("f", ctypes.c_float))

    assert not hasattr(sb.View((Union * 2)()), "__array_interface__")


def test_the_array_does_not_move_under_numpy() -> None:
    array = sb.array([1.5, 2.5])
    shown = through_interface(array)
    with pytest.raises(BufferError):
        array.append(3)
    gc.collect()
    assert shown.tolist() == [1.5, 2.5]
    shown[0] = 7
    assert array[0] == 7
    del shown
    array.append(3)


def test_read_only_memory_stays_so() -> None:
    frozen = sb.array([1, 2], readonly=True)
    assert not through_interface(frozen).flags.writeable
    assert sb.from_array_interface(frozen).readonly
    assert not sb.from_array_interface(frozen.copy()).readonly
    source = np.zeros(2)
    assert not sb.from_array_interface(source).readonly
    source.flags.writeable = False
    assert sb.from_array_interface(source).readonly


def test_a_released_view_has_nothing() -> None:
    view = sb.View(b"abc")
    view.release()
    with pytest.raises(ValueError, match="released"):
        view.__array_interface__  # noqa: B018


# -- Inward ------------------------------------------------------------------------------------------------------------


@given(arrays(st.sampled_from([*"?bBhHiIlLqQefdgFD", ">i2", ">f8", ">c8", "S3", "U2", ">U2", "V3"])))
def test_arrays_of_numpy_come_in_any_layout(source: np.ndarray[Any, Any]) -> None:
    view = sb.from_array_interface(source)
    assert view == sb.View(source)
    assert (view.shape, view.readonly) == (source.shape, not source.flags.writeable)
    if source.size:
        assert view.address == source.ctypes.data


def test_the_object_is_kept() -> None:
    class Block(ctypes.Array):  # type: ignore[type-arg]
        _type_ = ctypes.c_int32
        _length_ = 4

    block = Block(1, 2, 3, 4)
    source = Interface(
        {"version": 3, "shape": (2,), "typestr": "<i4", "strides": (-8,), "data": (ctypes.addressof(block) + 12, False)}
    )
    source.block = block  # type: ignore[attr-defined]
    ended: list[bool] = []
    weakref.finalize(source, ended.append, True)
    view = sb.from_array_interface(source)
    del source, block
    gc.collect()
    assert view.tolist() == [4, 2]
    assert not ended
    del view
    gc.collect()
    assert ended


@pytest.mark.parametrize("data", [bytearray(range(12)), bytes(range(12)), memoryview(bytes(range(12)))])
def test_the_interface_may_name_a_buffer(data: Any) -> None:
    view = sb.from_array_interface(
        Interface({"shape": (2, 2), "typestr": "|u1", "data": data, "offset": 3, "strides": (4, 2)})
    )
    assert view.tolist() == [[3, 5], [7, 9]]
    assert view.readonly == memoryview(data).readonly
    if isinstance(data, bytearray):
        with pytest.raises(BufferError):
            data.append(1)
        del view
        data.append(1)


def test_the_object_itself_may_be_the_buffer() -> None:
    class Bytes(bytearray):
        @property
        def __array_interface__(self) -> dict[str, Any]:
            return {"shape": (2,), "typestr": ">u2", "offset": 1}

    assert sb.from_array_interface(Bytes(b"\0\1\2\3\4")).tolist() == [0x0102, 0x0304]


BASE: dict[str, Any] = {"version": 3, "shape": (3,), "typestr": "<i4", "data": bytearray(12)}
BAD = [
    ({"shape": (4,)}, BufferError),
    ({"offset": 1}, BufferError),
    ({"offset": -1}, BufferError),
    ({"offset": 2**70}, OverflowError),
    ({"strides": (8,)}, BufferError),
    ({"strides": (-4,)}, BufferError),
    ({"strides": (4, 4)}, ValueError),
    ({"strides": (2**62,)}, OverflowError),
    ({"shape": (-1,)}, ValueError),
    ({"shape": (2**62, 2**62)}, OverflowError),
    ({"shape": None}, ValueError),
    ({"shape": "3"}, TypeError),
    ({"typestr": None}, ValueError),
    ({"typestr": 5}, TypeError),
    ({"typestr": "<M8[s]"}, ValueError),
    ({"typestr": "|O8"}, ValueError),
    ({"typestr": "<f3"}, ValueError),
    ({"typestr": "i"}, ValueError),
    ({"typestr": "|V4", "descr": [("a", "<i2")]}, ValueError),
    ({"typestr": "|V4", "descr": [("a", "<i2"), ("a", "<i2")]}, ValueError),
    ({"typestr": "|V4", "descr": [("a:", "<i4"), ("b", "|V0")]}, ValueError),
    ({"typestr": "|V4", "descr": [5]}, TypeError),
    ({"typestr": "|V8", "descr": [("a", "|O8")]}, ValueError),
    ({"mask": b"123"}, ValueError),
    ({"data": (0, False)}, ValueError),
    ({"data": (2**64, False)}, OverflowError),
    ({"data": (2**64 - 4, False)}, ValueError),
    ({"data": (1, 2, 3)}, ValueError),
    ({"data": ("a", False)}, TypeError),
    ({"data": 5}, TypeError),
]


@pytest.mark.parametrize(("changes", "error"), BAD)
def test_bad_interfaces_are_refused(changes: dict[str, Any], error: type[Exception]) -> None:
    data = bytearray(12)
    with pytest.raises(error):
        sb.from_array_interface(Interface({**BASE, "data": data, **changes}))
    data.append(0)


def test_other_objects_are_refused() -> None:
    for thing in (5, b"abc", Interface(5)):
        with pytest.raises(TypeError):
            sb.from_array_interface(thing)  # type: ignore[arg-type]


def test_nested_fields_and_titles_are_read() -> None:
    interface = {
        "shape": (1,),
        "typestr": "|V12",
        "descr": [(("a title", "a"), [("x", "<i2"), ("y", "<i2", (2,))]), ("", "|V2"), ("b", "<f4")],
        "data": bytes(range(12)),
    }
    view = sb.from_array_interface(Interface(interface))
    assert view.names == ("a", "b")
    assert view[0].a.y == [0x0302, 0x0504]


# -- Pillow ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "channels", "mode"),
    [("B", 1, "L"), ("B", 2, "LA"), ("B", 3, "RGB"), ("B", 4, "RGBA"), ("f", 1, "F"), ("i", 1, "I"), ("?", 1, "1")],
)
@pytest.mark.parametrize("layout", ["whole", "padded rows", "upside down", "every other column", "transposed"])
def test_pillow_makes_images_of_arrays_and_views(code: str, channels: int, mode: str, layout: str) -> None:
    numbers = np.arange(6 * 8 * channels).reshape((6, 8, channels) if channels > 1 else (6, 8)) % (
        2 if mode == "1" else 251
    )
    array = sb.array(numbers, code)
    view = {
        "whole": lambda: array,
        "padded rows": lambda: sb.View(array)[:, :5],
        "upside down": lambda: sb.View(array)[::-1],
        "every other column": lambda: sb.View(array)[:, ::2],
        "transposed": lambda: sb.View(array).swapaxes(0, 1),
    }[layout]()
    image = Image.fromarray(view)
    expected = Image.fromarray(np.ascontiguousarray(np.asarray(view)))
    assert (image.mode, image.size) == (mode, (view.shape[1], view.shape[0]))
    assert image.tobytes() == expected.tobytes()


def test_pillow_sees_later_changes_of_grey_pixels_where_it_shares_memory() -> None:
    array = sb.zeros((4, 4), "B")
    image = Image.fromarray(array)
    array[0, 0] = 200
    shares = Image.fromarray(np.asarray(array)).getpixel((0, 0)) == 200
    assert (image.getpixel((0, 0)) == 200) == shares


def test_images_of_pillow_come_in_by_the_interface() -> None:
    image = Image.new("RGB", (5, 3), (1, 2, 3))
    view = sb.from_array_interface(image)
    assert (view.shape, view[2, 4].tolist()) == ((3, 5, 3), [1, 2, 3])
