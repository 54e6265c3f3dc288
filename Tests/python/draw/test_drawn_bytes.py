# SPDX-License-Identifier: Apache-2.0
"""Every byte of a picture belongs to the items that NumPy, or the rule of PEP 3118, puts there."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import View, capi, draw, testing
from swiftbuffer._draw.layers import EVERY
from swiftbuffer._draw.model import Model
from view_layouts import arrays

Index = tuple[int, ...]


def address(buffer: capi.Py_buffer, index: Index) -> int:
    """The address of an item, as PEP 3118 says it (`get_item_pointer`)."""
    assert buffer.buf is not None
    place = buffer.buf
    for axis, number in enumerate(index):
        place += (buffer.strides or ())[axis] * number
        if buffer.suboffsets and buffer.suboffsets[axis] >= 0:
            place = (ctypes.c_void_p.from_address(place).value or 0) + buffer.suboffsets[axis]
    return place


def owners(obj: Any) -> dict[int, set[Index]]:
    """The indices of the items at each address."""
    found: dict[int, set[Index]] = defaultdict(set)
    with capi.PyObject_GetBuffer(obj, capi.PyBUF_FULL_RO) as buffer:
        for index in product(*map(range, buffer.shape or ())):
            start = address(buffer, index)
            for byte in range(start, start + buffer.itemsize):
                found[byte].add(index)
    return found


def matches(shown: Index, index: Index) -> bool:
    return len(shown) == len(index) and all(a in (EVERY, b) for a, b in zip(shown, index, strict=True))


def assert_true(model: Model, objects: Sequence[Any]) -> int:
    """What the picture says of each byte is so; returns how many bytes of items it shows."""
    truth = [owners(obj) for obj in objects]
    shown = 0
    for stretch in model.stretches:
        for line in stretch.lines:
            for source, panel in zip(stretch.sources, line.panels, strict=bool(line.panels)):
                ends = [line.offset, *(segment.stop for segment in panel)]
                assert [segment.start for segment in panel] == ends[:-1], "segments follow each other"
                for segment in panel:
                    if segment.kind in ("left out", "pointer"):
                        continue
                    for byte in range(stretch.base + segment.start, stretch.base + segment.stop):
                        true = truth[source].get(byte, set())
                        assert bool(true) == (segment.kind != "gap")
                        for item in segment.items:
                            assert any(matches(item, index) for index in true)
                        if len(segment.items) < 3:
                            assert all(any(matches(item, index) for item in segment.items) for index in true)
                        if len(objects) > 1:
                            assert segment.shared == all(byte in each for each in truth)
                        shown += bool(true)
    return shown


def is_whole(model: Model) -> bool:
    return not any("left out" in note or "not followed" in note for note in model.notes)


@given(arrays(), st.none() | st.integers(1, 40))
@example(np.zeros((2, 0, 3)), None)
@example(np.zeros(()), 3)
def test_bytes_belong_to_the_items_that_numpy_has_there(array: np.ndarray[Any, Any], width: int | None) -> None:
    model = draw(array, width=width)._model
    shown = assert_true(model, [array])
    if is_whole(model):
        assert shown == len(owners(array))


@given(arrays(), st.data())
def test_two_pictures_mark_the_bytes_that_both_have(array: np.ndarray[Any, Any], data: st.DataObject) -> None:
    parts = []
    for _ in range(2):
        key = tuple(data.draw(st.slices(length)) for length in array.shape)
        parts.append(array[key] if key else array)
    picture = draw(*parts)
    assert_true(picture._model, parts)
    both = len(owners(parts[0]).keys() & owners(parts[1]).keys())
    if is_whole(picture._model):
        said = f"a and b share {both} byte{'s' * (both > 1)} " if both else "a and b have no byte in common"
        assert said in str(picture)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.data())
def test_bytes_behind_pointers_belong_to_their_items(shape: list[int], data: st.DataObject) -> None:
    count = int(np.prod(shape))
    base = testing.ndarray(list(range(count)), shape=shape, format="h", flags=testing.ND_PIL)
    key = tuple(data.draw(st.slices(length).filter(lambda part, n=length: range(n)[part])) for length in shape)
    view = View(base)[key]
    model = draw(view)._model
    shown = assert_true(model, [view])
    if is_whole(model):
        assert shown == len(owners(view))
        # Each pointer is an arrow, and leads to the memory of an item.
        leading = [arrow for arrow in model.arrows if arrow.axis is None]
        assert len(leading) == view.shape[0]
        assert {stretch.depth for stretch in model.stretches} == {0, 1}


def test_arrows_lead_from_the_first_item_to_the_next_of_each_axis() -> None:
    array = np.zeros((4, 6), "h")[::-1, ::2]
    arrows = draw(array)._model.arrows
    assert [(arrow.axis, arrow.text, arrow.target.offset - arrow.source.offset) for arrow in arrows] == [
        (0, "-12", -12),
        (1, "+4", 4),
    ]


def test_a_stride_of_0_is_an_arrow_back_to_the_same_item() -> None:
    (arrow,) = draw(View(b"a").broadcast_to((3,)))._model.arrows
    assert (arrow.axis, arrow.source) == (0, arrow.target)


def test_fields_and_padding_are_those_of_ctypes() -> None:
    class Inner(ctypes.Structure):
        _fields_ = (("flag", ctypes.c_bool), ("ratio", ctypes.c_float))

    class Outer(ctypes.Structure):
        _fields_ = (("id", ctypes.c_short), ("inner", Inner), ("tail", ctypes.c_char), ("last", ctypes.c_double))

    segments = draw((Outer * 2)(), width=ctypes.sizeof(Outer))._model.segments()
    drawn = [(segment.start, segment.stop, segment.name) for segment in segments if segment.items == ((0,),)]
    inner = Outer.inner.offset
    expected = [
        ("id", Outer.id.offset, Outer.id.size),
        ("inner.flag", inner + Inner.flag.offset, Inner.flag.size),
        ("inner.ratio", inner + Inner.ratio.offset, Inner.ratio.size),
        ("tail", Outer.tail.offset, Outer.tail.size),
        ("last", Outer.last.offset, Outer.last.size),
    ]
    assert [field for field in drawn if field[2]] == [(start, start + size, name) for name, start, size in expected]
    named = {byte for start, stop, name in drawn if name for byte in range(start, stop)}
    padded = {
        byte
        for segment in segments
        if segment.kind == "padding" and segment.items == ((0,),)
        for byte in range(segment.start, segment.stop)
    }
    assert named | padded == set(range(ctypes.sizeof(Outer)))
    assert not named & padded


@given(st.lists(st.sampled_from(["b", "h", "i", "d", "3s", "(2)h"]), min_size=1, max_size=5), st.booleans())
def test_fields_are_where_numpy_has_them(formats: list[str], aligned: bool) -> None:
    names = [f"f{number}" for number in range(len(formats))]
    kinds = {"3s": "S3", "(2)h": ("i2", (2,))}
    dtype = np.dtype(list(zip(names, [kinds.get(text, text) for text in formats], strict=True)), align=aligned)
    segments = draw(np.zeros(2, dtype), width=dtype.itemsize)._model.segments()
    drawn: dict[int, str] = {}
    for segment in segments:
        if segment.items == ((0,),):
            drawn.update(dict.fromkeys(range(segment.start, segment.stop), segment.name.partition("[")[0]))
    assert dtype.fields is not None
    if dtype.itemsize <= 48:
        for name in names:
            kind, offset = dtype.fields[name][:2]
            assert {drawn[byte] for byte in range(offset, offset + kind.itemsize)} == {name}


def test_tensors_without_a_buffer_are_drawn_by_dlpack() -> None:
    class Tensor:
        def __init__(self, array: np.ndarray[Any, Any]) -> None:
            self.array = array

        def __dlpack__(self, **options: Any) -> object:
            return self.array.__dlpack__(**options)

        def __dlpack_device__(self) -> tuple[int, int]:
            return self.array.__dlpack_device__()

    array = np.zeros((3, 4), "i2").T
    tensor: Any = Tensor(array)
    assert_true(draw(tensor)._model, [array])
    assert str(draw(tensor)).startswith("Tensor: shape (4, 3), format 'h', strides (2, 8)")
    assert "share 24 bytes" in str(draw(array, tensor))


def test_the_memory_is_free_after_drawing() -> None:
    array = sb.array(range(3), "h")
    picture = draw(array, array)
    array.append(4)
    assert "share 6 bytes" in str(picture)
