# SPDX-License-Identifier: Apache-2.0
"""Bytes that a format calls padding may hold data of the exporter: writing items leaves them as they are, as in
NumPy. In new memory they are zero. And byteswap, which takes each value of a structure by its own width."""

from __future__ import annotations

import copy
import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from padded_formats import Padded, padded_formats
from swiftbuffer import View, testing

Bytes = np.ndarray[Any, Any]

# Two of four, in every direction.
PAIRS = [slice(2), slice(2, 4), slice(None, None, 2), slice(None, None, -2), slice(1, None, -1), slice(3, 1, -1)]


def write_items(target: View, source: View) -> None:
    values = source.tolist()
    for row, column in np.ndindex(2, 2):
        target[row, column] = values[row][column]


def write_list(target: View, source: View) -> None:
    target[...] = source.tolist()


def write_buffer(target: View, source: View) -> None:
    target[...] = source


def write_array(target: View, source: View) -> None:
    target[:] = source.copy()


def write_fields(target: View, source: View) -> None:
    source = View(source.copy())
    for name in source[0, 0]._fields:
        if not name.startswith("_"):
            target[name] = source[name]
    write_items(target, source)


def write_rows(target: View, source: View) -> None:
    for row, values in zip([0, 1], source.copy().tolist(), strict=True):
        target[row] = values


WAYS: dict[str, Callable[[View, View], None]] = {
    "items": write_items,
    "lists": write_list,
    "lists of rows": write_rows,
    "buffers": write_buffer,
    "arrays": write_array,
    "fields": write_fields,
    "copy_from": lambda target, source: target.copy_from(source),
    "copy_to": lambda target, source: source.copy_to(target),
    "copy_from, converting": lambda target, source: target.copy_from(source, casting="exact"),
}


@st.composite
def quads(draw: st.DrawFn, size: int, shift: int) -> Bytes:
    """Where the bytes of 2 by 2 items lie in memory, of which no two share one: indices in shape (2, 2, size)."""
    rows, columns = draw(st.sampled_from(PAIRS)), draw(st.sampled_from(PAIRS))
    places = (np.arange(16 * size) + shift).reshape(4, 4, size)[rows, columns]
    return places.transpose(1, 0, 2) if draw(st.booleans()) else places


def view_of(memory: Bytes, places: Bytes, format_: Padded) -> View:
    strides = (int(places[1, 0, 0] - places[0, 0, 0]), int(places[0, 1, 0] - places[0, 0, 0]))
    voids = np.ndarray((2, 2), f"V{format_.size}", memory, int(places[0, 0, 0]), strides)
    return View(voids).cast(format_.text)


def random_bytes(data: st.DataObject, count: int) -> Bytes:
    seed = data.draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).integers(0, 256, count, "u1")


@given(st.data(), padded_formats(), st.sampled_from(sorted(WAYS)), st.booleans())
def test_whatever_writes_items_leaves_padding_as_it_is(
    data: st.DataObject, format_: Padded, way: str, overlaps: bool
) -> None:
    size = format_.size
    memory = random_bytes(data, 18 * size)
    other = memory if overlaps else random_bytes(data, 18 * size)
    target_places = data.draw(quads(size, data.draw(st.integers(0, size))))
    source_places = data.draw(quads(size, data.draw(st.integers(0, size))))
    target, source = view_of(memory, target_places, format_), view_of(other, source_places, format_)
    assert (target.itemsize, target.format) == (size, format_.text)

    values = np.array(format_.is_value)
    expected = memory.copy()
    expected[target_places[..., values]] = other[source_places[..., values]]
    WAYS[way](target, source)
    assert memory.tobytes() == expected.tobytes()


@given(st.data(), padded_formats(), st.sampled_from(["fill", "buffer", "list", "row"]))
def test_one_value_for_many_items_leaves_padding_as_it_is(data: st.DataObject, format_: Padded, way: str) -> None:
    memory, other = random_bytes(data, 17 * format_.size), random_bytes(data, 17 * format_.size)
    places = data.draw(quads(format_.size, data.draw(st.integers(0, format_.size))))
    target, source = view_of(memory, places, format_), view_of(other, places, format_)
    values = np.array(format_.is_value)
    expected = memory.copy()
    if way in {"fill", "row"}:
        expected[places[..., values]] = other[places[0, 1, values]]
        if way == "fill":
            target.fill(source[0, 1])
        else:
            target[...] = source[0, 1]
    else:
        expected[places[..., values]] = other[places[:1, :, values]]
        target[...] = source[0] if way == "buffer" else source[:1].tolist()
    assert memory.tobytes() == expected.tobytes()


@given(st.data(), padded_formats())
def test_padding_behind_pointers_stays(data: st.DataObject, format_: Padded) -> None:
    def pointers(memory: Bytes) -> Any:
        items = [memory[n * format_.size :][: format_.size].tobytes() for n in range(6)]
        flags = testing.ND_PIL | testing.ND_WRITABLE
        return testing.ndarray(items, (2, 3), format=f"{format_.size}s", flags=flags)

    before, other = random_bytes(data, 6 * format_.size), random_bytes(data, 6 * format_.size)
    target, source = pointers(before), pointers(other)
    rows, columns = data.draw(st.sampled_from([1, -1])), data.draw(st.sampled_from([1, -1]))
    way = data.draw(st.sampled_from([write_list, write_buffer, write_array, WAYS["copy_to"], View.fill]))
    view, values = View(target).cast(format_.text)[::rows, ::columns], View(source).cast(format_.text)
    assert view.suboffsets
    expected, new = before.reshape(2, 3, -1).copy(), other.reshape(2, 3, -1)
    seen = expected[::rows, ::columns]
    mask = np.array(format_.is_value)
    if way is View.fill:
        view.fill(values[1, 2])
        seen[..., mask] = new[1, 2, mask]
    else:
        way(view, values)
        seen[..., mask] = new[..., mask]
    assert View(target).tobytes() == expected.tobytes()


NEW: dict[str, Callable[[View], Any]] = {
    "copy": lambda view: view.copy(),
    "copy in Fortran order": lambda view: view.copy("F").copy("C"),
    "array": sb.array,
    "array of lists": lambda view: sb.array(view.tolist(), view.format),
    "astype": lambda view: view.astype(view.format),
    "copy.copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "full": lambda view: sb.array([sb.full((), value, view.format)[()] for value in view.tolist()], view.format),
}


@given(st.data(), padded_formats(), st.sampled_from(sorted(NEW)))
def test_padding_is_zero_in_new_memory(data: st.DataObject, format_: Padded, way: str) -> None:
    memory = random_bytes(data, 3 * format_.size)
    step = data.draw(st.sampled_from([1, -1]))
    array = NEW[way](View(memory).cast(format_.text)[::step])
    assert array.tobytes() == (memory.reshape(3, -1) * np.array(format_.is_value))[::step].tobytes()


@given(st.data(), padded_formats())
def test_padding_is_zero_in_what_arrays_grow_by(data: st.DataObject, format_: Padded) -> None:
    memory = random_bytes(data, 3 * format_.size)
    view = View(memory).cast(format_.text)
    array = sb.zeros(0, format_.text)
    array.extend(view)
    array.extend(view.tolist())
    array.append(view[2])
    array.resize(9)
    assert array.pop(0) == view[0]
    items = memory.reshape(3, -1) * np.array(format_.is_value)
    expected = np.concatenate([items[1:], items, items[2:], np.zeros((2, format_.size), "u1")])
    assert array.tobytes() == expected.tobytes()


@pytest.mark.parametrize("threads", [1, 2])
def test_large_copies_leave_padding_as_it_is(threads: int) -> None:
    random = np.random.default_rng(0)
    target, source = (random.integers(0, 256, (400_000, 29), "u1") for _ in range(2))
    expected = target.copy()
    for start, stop in [(2, 3), (8, 12), (17, 23)]:
        expected[:, start:stop] = source[:, start:stop]
    before = sb.get_threads()
    sb.set_threads(threads)
    try:
        format_ = "=2xB:a:5xi:b:5x(3)H:c:6x"
        View(target).cast("B").cast(format_)[:] = View(source).cast("B").cast(format_)
        assert target.tobytes() == expected.tobytes()
        View(target).cast("B").cast(format_)[1:] = View(target).cast("B").cast(format_)[:-1]
        for start, stop in [(2, 3), (8, 12), (17, 23)]:
            expected[1:, start:stop] = expected[:-1, start:stop].copy()
        assert target.tobytes() == expected.tobytes()
    finally:
        sb.set_threads(before)


# -- Bits --------------------------------------------------------------------------------------------------------------


@given(
    st.data(),
    st.lists(st.tuples(st.integers(1, 20), st.sampled_from("tyr")), max_size=5),
    st.sampled_from("<>"),
    st.sampled_from(["items", "list", "buffer", "copy_from", "fill", "copy"]),
)
def test_bits_without_a_value_stay(data: st.DataObject, fields: list[tuple[int, str]], order: str, way: str) -> None:
    fields = [*fields, (data.draw(st.integers(1, 9)), "t")]
    names = iter("abcdef")
    text = order + "".join(f"{width}{kind}" + (f":{next(names)}:" if kind != "r" else "") for width, kind in fields)
    kinds = "".join(kind * width for width, kind in fields)
    size = -(-len(kinds) // 8)
    mask = np.zeros(size, "u1")
    for bit, kind in enumerate(kinds):
        if kind != "r":
            mask[bit // 8] |= 1 << bit % 8 if order == "<" else 0x80 >> bit % 8
    memory, other = random_bytes(data, 4 * size), random_bytes(data, 4 * size)
    target, source = View(memory).cast(text), View(other).cast(text)
    assert (target.itemsize, len(target)) == (size, 4)
    new = np.tile(other[:size], 4) if way == "fill" else other
    if way == "copy":
        assert source.copy().tobytes() == (other & np.tile(mask, 4)).tobytes()
        return
    expected = (memory & ~np.tile(mask, 4)) | (new & np.tile(mask, 4))
    if way == "items":
        for index in range(4):
            target[index] = source[index]
    elif way == "fill":
        target.fill(source[0])
    elif way == "copy_from":
        target.copy_from(source)
    else:
        target[...] = source if way == "buffer" else source.tolist()
    assert memory.tobytes() == expected.tobytes()


def test_bit_fields_are_not_swapped() -> None:
    with pytest.raises(TypeError, match="bit fields and unions share their bytes"):
        View(bytearray(4)).cast("<5t:a:3t:b:h:c:x").byteswap()


# -- What others call padding ------------------------------------------------------------------------------------------


def test_numpy_views_of_some_fields_write_no_others() -> None:
    data = np.zeros(3, [("a", "i4"), ("b", "f8")])
    data["a"] = 7
    View(data[["b"]])[0] = (9.5,)
    assert data.tolist() == [(7, 9.5), (7, 0.0), (7, 0.0)]
    View(data[["b"]]).fill((1.5,))
    View(data[["b"]])[1:] = [(2.5,), (3.5,)]
    assert data.tolist() == [(7, 1.5), (7, 2.5), (7, 3.5)]
    other = np.full(3, 4, data.dtype)
    View(data[["b"]])[:] = other[["b"]]
    View(data[["b"]])[::-1].copy_from(other[["b"]])
    sb.View(other[["b"]]).copy_to(data[["b"]])
    assert data.tolist() == [(7, 4.0)] * 3


class Inner(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int8), ("y", ctypes.c_int32)]


class Outer(ctypes.Structure):
    _fields_ = [("n", ctypes.c_int16), ("pairs", Inner * 2), ("z", ctypes.c_double), ("last", ctypes.c_int8)]


def fields_of(kind: Any, start: int = 0) -> list[range]:
    """The bytes of each value that a ctypes type has."""
    if issubclass(kind, ctypes.Structure):
        return [
            bytes_
            for name, inner in kind._fields_  # type: ignore[misc]
            for bytes_ in fields_of(inner, start + getattr(kind, name).offset)
        ]
    if issubclass(kind, ctypes.Array):
        size = ctypes.sizeof(kind._type_)
        return [bytes_ for n in range(kind._length_) for bytes_ in fields_of(kind._type_, start + n * size)]
    return [range(start, start + ctypes.sizeof(kind))]


def test_padding_that_follows_from_alignment_stays() -> None:
    format_ = "T{h:n:(2)T{b:x:i:y:}:pairs:d:z:b:last:}"
    size = ctypes.sizeof(Outer)
    memory = bytearray(b"\xee" * 2 * size)
    view = View(memory).cast(format_)
    view.fill((0, [(0, 0), (0, 0)], 0.0, 0))
    values = {n for bytes_ in fields_of(Outer) for n in bytes_}
    assert bytes(memory) == bytes(0 if n in values else 0xEE for n in range(size)) * 2
    view[1] = view[0] = (1, [(2, 3), (4, 5)], 6.0, 7)
    for item in (Outer * 2).from_buffer(memory):
        assert (item.n, item.pairs[1].y, item.z, item.last) == (1, 5, 6.0, 7)
    assert {n for n in range(2 * size) if n % size not in values} == {
        n for n, byte in enumerate(memory) if byte == 0xEE
    }


def test_a_format_of_padding_alone_moves_all_of_its_bytes() -> None:
    source, target = np.frombuffer(b"abcdef", "V3"), np.zeros(2, "V3")
    View(target)[:] = source
    assert target.tobytes() == b"abcdef"
    assert View(source).copy().tobytes() == b"abcdef"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("T{i:a:b:b:}", "=T{i:a:b:b:3x}"),
        ("=T{T{i:a:b:b:3x}:s:i:t:}", "=T{T{i:a:b:b:}:s:3xi:t:}"),
        ("=(1)T{ib3x}", "=(1)T{ib}3x"),
        ("=ib3x", "=ibxxx"),
    ],
)
def test_formats_that_cut_padding_differently_describe_the_same_items(mine: str, theirs: str) -> None:
    size = View(bytes(0)).cast(mine, (0,)).itemsize
    memory = bytearray(b"\xee" * size * 2)
    view, other = View(memory).cast(mine), View(bytes(range(2 * size))).cast(theirs)
    view[:] = other
    view.copy_from(other)
    assert view.tolist() == other.tolist()
    assert memory.count(0xEE) == 6


@pytest.mark.parametrize(("mine", "theirs"), [("=(2)T{ib3x}", "=(2)T{ib}6x"), ("=2T{ib3x}", "=T{ib}T{ib}6x")])
def test_padding_between_elements_makes_other_items(mine: str, theirs: str) -> None:
    with pytest.raises(ValueError, match="structures differ"):
        View(bytearray(16)).cast(mine)[:] = View(bytes(16)).cast(theirs)


# -- The order of bytes ------------------------------------------------------------------------------------------------


@given(st.data(), padded_formats(wide=True))
def test_the_bytes_of_each_value_are_swapped(data: st.DataObject, format_: Padded) -> None:
    memory = random_bytes(data, 17 * format_.size)
    places = data.draw(quads(format_.size, data.draw(st.integers(0, format_.size))))
    expected = memory.copy()
    expected[places] = memory[places[..., list(format_.swapped)]]
    view_of(memory, places, format_).byteswap()
    assert memory.tobytes() == expected.tobytes()


def test_structures_are_swapped_as_by_numpy() -> None:
    dtype = np.dtype([("at", [("x", "<i2"), ("y", ">i2")]), ("rgb", "u1", (3,)), ("m", "c8", (2, 2)), ("t", "U2")])
    array = np.frombuffer(bytes(n % 251 for n in range(5 * dtype.itemsize)), dtype).copy()
    expected = array.byteswap()
    View(array).byteswap()
    assert array.tobytes() == expected.tobytes()


def test_text_is_swapped_by_the_character() -> None:
    text = sb.array(["ab", "cd"], "2w")
    text.byteswap()
    assert text.tobytes() == "abcd".encode("utf-32-be" if text.format == "2w" and np.little_endian else "utf-32-le")
    assert text.cast(">2w" if np.little_endian else "<2w").tolist() == ["ab", "cd"]
    half = sb.array(["ab"], "2u")
    half.byteswap()
    assert half.tobytes() == "ab".encode("utf-16-be" if np.little_endian else "utf-16-le")


def test_bytes_have_no_order() -> None:
    for format_ in ["3s", "4p", "5x:v:", "c", "?", "B"]:
        view = View(bytearray(range(60))).cast(format_)
        before = view.tobytes()
        view.byteswap()
        assert view.tobytes() == before
