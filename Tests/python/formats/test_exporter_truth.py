# SPDX-License-Identifier: Apache-2.0
"""Structures that ctypes and NumPy describe wrongly are read as their types say: against getattr() and item()."""

from __future__ import annotations

import copy
import ctypes
import pickle
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import swiftbuffer as sb
from inconsistent import memoryview_of
from swiftbuffer import View, array, zeros

# -- What the types say -----------------------------------------------------------------------------------------------


def value_of(value: Any, type_: Any) -> Any:
    """What a View shows for a value of ctypes."""
    if isinstance(value, (ctypes.Structure, ctypes.Union)):
        return tuple(value_of(getattr(value, name), kind) for name, kind, _ in members(type(value)))
    if isinstance(value, ctypes.Array):
        return [value_of(each, None) for each in list(value)]
    if isinstance(value, ctypes._SimpleCData):
        return value.value
    if isinstance(value, str) and len(value) == 1:
        return value
    if type_ is not None and issubclass(type_, ctypes.Array):  # char arrays come as bytes
        return [bytes([each]) for each in value.ljust(type_._length_, b"\0")]
    return value


def members(type_: Any) -> list[tuple[str, Any, int | None]]:
    """The name, type and width in bits of each field, those of base classes first."""
    found: list[tuple[str, Any, int | None]] = []
    for base in reversed(type_.__mro__):
        found += [(entry[0], entry[1], (*entry, None)[2]) for entry in base.__dict__.get("_fields_", ())]
    return found


def is_read_by_ctypes(type_: Any) -> bool:
    """Whether ctypes itself finds the bits of all bit fields.

    Older ones look for some outside of their unit, and for some of a union in front of the union.
    """
    while issubclass(type_, ctypes.Array):
        type_ = type_._type_
    if not issubclass(type_, (ctypes.Structure, ctypes.Union)):
        return True
    for name, kind, width in members(type_):
        field = getattr(type_, name)
        if width is not None and (field.offset < 0 or (field.size & 0xFFFF) + width > 8 * ctypes.sizeof(kind)):
            return False
        if not is_read_by_ctypes(kind):
            return False
    return True


def has_unions(type_: Any) -> bool:
    while issubclass(type_, ctypes.Array):
        type_ = type_._type_
    if issubclass(type_, ctypes.Union):
        return True
    return issubclass(type_, ctypes.Structure) and any(has_unions(kind) for _, kind, _ in members(type_))


def numpy_value(items: np.ndarray[Any, Any]) -> Any:
    """What a View shows for the items of an array of NumPy's, each read by `item()` where it is no structure."""
    if items.ndim > 0:
        return [numpy_value(items[index, ...]) for index in range(len(items))]
    if items.dtype.names is not None:
        return tuple(numpy_value(items[name]) for name in items.dtype.names)
    if items.dtype.kind in "SV":
        return items.tobytes()  # with the zero bytes at the end
    if items.dtype.str[1:] == "U1":
        return items.item() or "\0"  # a single character, NUL too
    # A long double of NumPy's stays one.
    return float(items) if items.dtype.char == "g" else items.item()


def assert_same(found: Any, expected: Any) -> None:
    if isinstance(expected, (list, tuple)):
        assert type(expected) is list or isinstance(found, tuple)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, float) and expected != expected:
        assert found != found
    elif isinstance(expected, complex):
        assert repr(found) == repr(expected)
    else:
        assert found == expected
        assert type(found) is type(expected)


SIMPLE = [
    ctypes.c_byte, ctypes.c_ubyte, ctypes.c_short, ctypes.c_ushort, ctypes.c_int, ctypes.c_uint, ctypes.c_long,
    ctypes.c_ulong, ctypes.c_longlong, ctypes.c_ulonglong, ctypes.c_float, ctypes.c_double, ctypes.c_char,
]  # fmt: skip
NATIVE_ONLY = [ctypes.c_bool, ctypes.c_longdouble]
UNITS = SIMPLE[:10]
SWAPPED: Any = ctypes.BigEndianStructure if sys.byteorder == "little" else ctypes.LittleEndianStructure


@st.composite
def structures(draw: st.DrawFn, depth: int = 2, swapped: bool = False) -> Any:
    base = SWAPPED if swapped else draw(st.sampled_from([ctypes.Structure, ctypes.Structure, ctypes.Union]))
    fields: list[Any] = []
    for index in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["simple", "simple", "array", "bits", "nested"]))
        simple = draw(st.sampled_from(SIMPLE if swapped else SIMPLE + NATIVE_ONLY))
        name = f"f{index}"
        if kind == "array" and simple is not ctypes.c_char:
            fields.append((name, simple * draw(st.integers(0, 3)) * draw(st.integers(1, 2))))
        elif kind == "bits":
            unit = draw(st.sampled_from(UNITS))
            fields.append((name, unit, draw(st.integers(1, 8 * ctypes.sizeof(unit)))))
        elif kind == "nested" and depth > 0:
            nested = draw(structures(depth - 1, swapped))
            fields.append((name, nested * draw(st.integers(1, 2)) if draw(st.booleans()) else nested))
        else:
            fields.append((name, simple))
    body: dict[str, Any] = {"_fields_": fields}
    if draw(st.booleans()) and not swapped:
        body["_pack_"] = draw(st.sampled_from([1, 2, 4]))
        body["_layout_"] = "ms"
    made = type("Drawn", (base,), body)
    if draw(st.integers(0, 4)) == 0 and not swapped and base is ctypes.Structure:
        return type("Derived", (made,), {"_fields_": [("own", draw(st.sampled_from(SIMPLE)))]})
    return made


@given(st.data())
def test_structures_of_ctypes_are_read_as_getattr_reads_them(data: st.DataObject) -> None:
    type_ = data.draw(structures(swapped=data.draw(st.booleans())))
    assume(is_read_by_ctypes(type_))
    count = data.draw(st.integers(1, 3))
    size = ctypes.sizeof(type_)
    items = (type_ * count).from_buffer_copy(data.draw(st.binary(min_size=count * size, max_size=count * size)))
    if size <= 1:
        return  # may be called "B", and is a plain byte then
    view = View(items)
    assert view.format == memoryview(items).format
    for index in range(count):
        expected = value_of(items[index], None)
        assert_same(view[index], expected)
        assert_same(View(items[index])[()], expected)
    own = view.copy()
    assert_same(own.tolist(), view.tolist())
    for name, kind, width in members(type_):
        if width is None:
            assert_same(view[name].tolist(), [value_of(getattr(each, name), kind) for each in items])
            assert_same(own[name].tolist(), view[name].tolist())
    assert_same(zeros(count, type_).tolist(), [value_of(type_(), None)] * count)


@given(st.data())
def test_structures_of_ctypes_are_written_as_setattr_writes_them(data: st.DataObject) -> None:
    type_ = data.draw(structures(swapped=data.draw(st.booleans())))
    assume(is_read_by_ctypes(type_))
    size = ctypes.sizeof(type_)
    if size <= 1:
        return
    target = type_.from_buffer_copy(data.draw(st.binary(min_size=size, max_size=size)))
    expected = type_.from_buffer_copy(bytes(target))
    source = type_.from_buffer_copy(data.draw(st.binary(min_size=size, max_size=size)))
    for name, kind, width in members(type_):
        value = getattr(source, name)
        if isinstance(value, (int, float)) and value == value and width is None and kind is not ctypes.c_longdouble:
            View(target)[name][()] = value
            setattr(expected, name, value)
            assert bytes(target) == bytes(expected)
    if not has_unions(type_):
        try:
            View(target)[()] = value_of(source, None)
        except NotImplementedError as error:
            if "share their bytes" in str(error):  # ctypes lets some bit fields of different types overlap
                return
            raise
        assert_same(value_of(target, None), value_of(source, None))


DTYPES = [
    "i1",
    "<i2",
    ">i2",
    "<u4",
    ">u4",
    "<i8",
    "<f4",
    ">f8",
    "<f2",
    "?",
    "S3",
    "<U2",
    ">U1",
    "V4",
    "<c8",
    ">c16",
    "g",
]


@st.composite
def dtypes(draw: st.DrawFn, depth: int = 3) -> Any:
    names, formats, offsets = [], [], []
    align = draw(st.booleans())
    explicit = not align and draw(st.booleans())
    end = 0
    for index in range(draw(st.integers(1, 4))):
        made: Any
        if depth > 0 and draw(st.integers(0, 2)) == 0:
            made = draw(dtypes(depth - 1))
        else:
            made = np.dtype(draw(st.sampled_from(DTYPES)))
        if draw(st.integers(0, 3)) == 0:
            made = np.dtype((made, tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))))
        names.append((f"title {index}", f"n{index}") if draw(st.integers(0, 4)) == 0 else f"n{index}")
        formats.append(made)
        end += draw(st.integers(0, 3))
        offsets.append(end)
        end += made.itemsize
    if explicit:
        plain = [name[1] if isinstance(name, tuple) else name for name in names]
        return np.dtype(
            {"names": plain, "formats": formats, "offsets": offsets, "itemsize": end + draw(st.integers(0, 5))}
        )
    return np.dtype(list(zip(names, formats, strict=True)), align=align)


@given(st.data())
def test_structures_of_numpy_are_read_as_item_reads_them(data: st.DataObject) -> None:
    dtype = data.draw(dtypes())
    count = data.draw(st.integers(1, 3))
    size = count * dtype.itemsize
    block = np.frombuffer(bytearray(data.draw(st.binary(min_size=size, max_size=size))), "u1")
    with np.errstate(all="ignore"):
        items = block.view(dtype)
        for name in dtype.names:
            clean(items[name])
        chosen = data.draw(st.lists(st.sampled_from(dtype.names), unique=True))
        chosen = [name for name in dtype.names if name in chosen]
        for shown in [items, items[chosen] if chosen else items, items[::-1]]:
            assert_reads(shown)


def clean(part: np.ndarray[Any, Any]) -> None:
    """Makes numbers and text of random bytes that every reader reads alike."""
    if part.dtype.names:
        for name in part.dtype.names:
            clean(part[name])
    elif part.dtype.kind == "U":
        part[...] = "ab"[: part.dtype.itemsize // 4]
    elif part.dtype.char in "gG":
        part[...] = 1.5
    elif part.dtype.kind == "b":
        part.view("u1")[...] &= 1


def assert_reads(items: np.ndarray[Any, Any]) -> None:
    view = View(items)
    expected = numpy_value(items)
    assert_same(view.tolist(), expected)
    assert_same(View(memoryview(items)).tolist(), expected)
    assert_same(view.copy().tolist(), expected)
    assert_same(array(items).tolist(), expected)
    assert_same(pickle.loads(pickle.dumps(view)).tolist(), expected)
    for name in items.dtype.names or ():
        assert_same(view[name].tolist(), numpy_value(items[name]))
    assert_same(View(items[0])[()], expected[0])
    assert_same(zeros(1, items.dtype).tolist()[0], numpy_value(np.zeros((), items.dtype)))
    back = np.asarray(view.copy())
    assert_same(numpy_value(back), expected)


# -- Each kind --------------------------------------------------------------------------------------------------------


class Bits(ctypes.Structure):
    _fields_ = (("a", ctypes.c_uint, 5), ("b", ctypes.c_uint, 3))


class Whole(ctypes.Structure):
    _fields_ = (("alone", ctypes.c_uint, 5), ("rest", ctypes.c_uint8))


class Number(ctypes.Union):
    _fields_ = (("whole", ctypes.c_int), ("real", ctypes.c_double))


class Tagged(ctypes.Structure):
    _fields_ = (("tag", ctypes.c_char), ("number", Number), ("rest", ctypes.c_short))


class Packed(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("a", ctypes.c_byte), ("b", ctypes.c_int))


class Texts(ctypes.Structure):
    _fields_ = (
        ("letter", ctypes.c_wchar), ("word", ctypes.c_wchar * 3), ("name", ctypes.c_char_p), ("wide", ctypes.c_wchar_p),
        ("any", ctypes.c_void_p), ("number", ctypes.POINTER(ctypes.c_int)), ("call", ctypes.CFUNCTYPE(None)),
    )  # fmt: skip


def test_a_lone_bit_field_is_its_bits() -> None:
    alone = Bits.from_buffer_copy(bytes([89, 0, 0, 0]))
    assert (alone.a, alone.b) == (25, 2)
    assert View(alone)[()] == (25, 2)

    class Lone(ctypes.Structure):
        _fields_ = (("x", ctypes.c_int, 6),)

    lone = Lone.from_buffer_copy(bytes([89, 0, 0, 0]))
    assert lone.x == 25
    assert View(lone)[()] == (25,)
    assert View(lone).tolist() == (25,)
    View(lone)[()] = (-3,)
    assert lone.x == -3


def test_unions_are_read_by_the_names_of_their_fields() -> None:
    items = (Number * 2)()
    items[0].real, items[1].whole = 1.5, 7
    view = View(items)
    assert view["real"].tolist() == [1.5, items[1].real]
    assert view["whole"].tolist() == [items[0].whole, 7]
    assert view[1] == (7, items[1].real)
    view["whole"][0] = -3
    assert items[0].whole == -3


class OutsideBits(ctypes.Union):
    _fields_ = (("byte", ctypes.c_byte, 1), ("bit", ctypes.c_int, 1))


def test_bit_fields_that_ctypes_has_in_front_of_their_union_are_refused() -> None:
    # CPython up to 3.13 gives the second field the offset -1: reading it there would leave the buffer.
    view = View((OutsideBits * 2)())
    if OutsideBits.bit.offset >= 0:
        assert view.tolist() == [(0, 0), (0, 0)]
        return
    for read in [lambda: view[0], view.tolist]:
        with pytest.raises(NotImplementedError, match="no format describes"):
            read()
    assert view.tobytes() == bytes(2 * ctypes.sizeof(OutsideBits))


def test_unions_are_not_written_as_a_whole_and_are_copied() -> None:
    items = (Number * 2)()
    items[0].real = 1.5
    view = View(items)
    for use in [lambda: view.__setitem__(0, (1, 1.5)), lambda: view.fill((1, 1.5)), lambda: view[0:1].fill((1, 1.0))]:
        with pytest.raises(NotImplementedError, match="share their bytes"):
            use()
    view[1:] = view[:1]
    assert items[1].real == 1.5
    own = view.copy()
    assert own.format == "8s"
    assert own["real"].tolist() == [1.5, 1.5]
    assert View(own)["real"].tolist() == [1.5, 1.5]
    assert View(memoryview(own))["real"].tolist() == [1.5, 1.5]
    assert own == view
    assert pickle.loads(pickle.dumps(view)).tolist() == [bytes(items[0]), bytes(items[1])]


def test_unions_inside_of_structures_leave_the_rest_where_it_is() -> None:
    item = Tagged(b"x", Number(real=2.5), 9)
    assert View(item)[()] == (b"x", (item.number.whole, 2.5), 9)
    assert View(item)["rest"][()] == 9
    assert View(item)["number"]["real"][()] == 2.5
    assert np.asarray(View(item).copy())[()]["rest"] == 9


def test_packed_structures_have_no_padding() -> None:
    items = (Packed * 2)(Packed(1, 2), Packed(3, 4))
    assert View(items).tolist() == [(1, 2), (3, 4)]
    assert View(items)["b"].strides == (5,)


def test_wide_characters_are_text_and_pointers_are_addresses() -> None:
    item = Texts("ä", "abc", b"name", "wide", 4096)
    view = View(item)
    assert view["letter"][()] == "ä"
    assert view["word"].tolist() == ["a", "b", "c"]
    assert view["any"][()] == 4096
    assert view["name"][()] == ctypes.c_void_p.from_buffer(item, Texts.name.offset).value
    assert len(view[()]) == 7
    assert View(ctypes.c_wchar("ö"))[()] == "ö"
    assert View((ctypes.c_char_p * 1)(None)).tolist() == [0]
    assert View(ctypes.c_long(-1))[()] == -1


def test_structures_of_the_other_byte_order_are_read_in_it() -> None:
    class Other(SWAPPED):  # type: ignore[misc]
        _fields_ = (("a", ctypes.c_short), ("b", ctypes.c_int, 5), ("c", ctypes.c_int, 20), ("d", ctypes.c_double * 2))

    item = Other(1, 2, -3, (1.5, 2.5))
    assert View(item)[()] == (1, 2, -3, [1.5, 2.5])
    assert View(item)["a"].format == (">h" if sys.byteorder == "little" else "<h")


def test_the_fields_of_base_classes_come_first() -> None:
    class Derived(Packed):
        _fields_ = (("c", ctypes.c_short), ("a", ctypes.c_short))

    item = Derived()
    ctypes.memmove(ctypes.addressof(item), bytes(range(1, 1 + ctypes.sizeof(item))), ctypes.sizeof(item))
    read = View(item)[()]
    assert (read[0], read[1], read[2], read[3]) == (1, item.b, item.c, item.a)
    assert View(item)["a"][()] == item.a


def test_nested_aligned_structures_of_numpy_are_right_inside() -> None:
    inner = np.dtype([("a", "u1"), ("b", "f8")], align=True)
    outer = np.dtype([("x", "u1"), ("in", inner), ("y", "u2")], align=True)
    items = np.zeros(2, outer)
    items["in"]["b"] = 7.5
    items["in"]["a"] = 3
    items["y"] = 4
    view = View(items)
    assert view.tolist() == [(0, (3, 7.5), 4)] * 2
    view["in"]["b"] = 1.25
    assert items["in"]["b"].tolist() == [1.25] * 2
    view[0] = (1, (2, 3.5), 4)
    assert items[0].item() == (1, (2, 3.5), 4)
    assert np.asarray(view.copy()).tolist() == items.tolist()


def test_padding_at_the_end_is_no_reason_not_to_read() -> None:
    items = np.zeros(3, [("a", "i4"), ("b", "f8")])
    items["a"] = [1, 2, 3]
    view = View(items[["a"]])
    assert view.tolist() == [(1,), (2,), (3,)]
    assert view.itemsize == 12
    explicit = np.zeros(2, np.dtype({"names": ["a"], "formats": ["<i2"], "offsets": [0], "itemsize": 10}))
    assert View(explicit).tolist() == [(0,), (0,)]
    assert View(items[0:1][["b"]][0])[()] == (0.0,)


def test_parts_of_a_view_know_what_the_whole_means() -> None:
    items = np.zeros((4, 3), [("a", "i4"), ("b", "f8")])
    items["b"] = np.arange(12).reshape(4, 3)
    for view in [View(items[["b"]]), View(memoryview(items[["b"]]))]:
        for part in [view[1], view[::-1], view.T, view[None], view.toreadonly(), view.reshape(12), View(view)]:
            assert part.tolist() == View(part.copy()).tolist()
        assert view[1].tolist() == [(3.0,), (4.0,), (5.0,)]
        assert view[2, 1] == (7.0,)
        assert [each[0] for row in view for each in row] == list(range(12))


def test_a_format_that_is_not_the_exporters_own_is_believed() -> None:
    items = np.zeros(2, [("a", "i4"), ("b", "f8")])
    view = View(items[["a"]])
    assert view.cast("T{i:z:8x}").tolist() == [(0,), (0,)]
    assert view.cast("B").tolist() == [0] * 24


def test_a_dtype_that_changes_later_changes_no_view_before() -> None:
    items = np.zeros(2, np.dtype([("a", "i4"), ("b", "f8")], align=True))
    items["b"] = 1.5
    view = View(items)
    with warnings.catch_warnings():
        # Deprecated since NumPy 2.5, and possible all the same.
        warnings.simplefilter("ignore", DeprecationWarning)
        items.dtype = np.dtype([("a", "f8"), ("b", "f8")])  # type: ignore[misc]
    assert view.tolist() == [(0, 1.5)] * 2


def test_exporters_that_lie_about_their_type_are_not_followed() -> None:
    class Liar(np.ndarray):  # type: ignore[type-arg]
        dtype = np.dtype([("a", "i4"), ("b", "S100")])  # type: ignore[assignment]

    items = np.zeros(2, [("a", "i4"), ("b", "f8")])
    liar = np.ndarray.__new__(Liar, (2,), buffer=items)
    assert View(liar).tolist() == [0.0, 0.0]
    lying = np.ndarray.__new__(Liar, (2,), [("a", "i4"), ("b", "f8")], items)
    assert View(lying).tolist() == [(0, 0.0)] * 2

    class Failing(np.ndarray):  # type: ignore[type-arg]
        @property
        def dtype(self) -> Any:
            raise RuntimeError("no type")

    failing = np.ndarray.__new__(Failing, (2,), [("a", "i4"), ("b", "f8")])
    with pytest.raises(RuntimeError, match="no type"):
        View(failing).tolist()


def test_equality_follows_what_is_meant() -> None:
    items = np.zeros(3, [("a", "i4"), ("b", "f8")])
    items["a"] = [1, 2, 3]
    assert View(items[["a"]]) == items[["a"]].copy()
    assert View(items[["a"]]) == array([(1,), (2,), (3,)], "T{i:a:}")
    assert View(items[["a"]]) != array([(1,), (2,), (4,)], "T{i:a:}")
    assert View(Packed(1, 2)) == Packed(1, 2)
    assert View(Number(whole=3)) == Number(whole=3)


def test_assignment_follows_what_is_meant() -> None:
    items = np.zeros(3, [("a", "i4"), ("b", "f8")])
    target = View(items[["a"]])
    target[:] = array([(1,), (2,), (3,)], "T{=i:a:8x}")
    assert items["a"].tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match="cannot be assigned"):
        target[:] = array([1.0] * 3, "d")
    values = (Packed * 2)(Packed(1, 2), Packed(3, 4))
    assert array([Packed(1, 2), Packed(3, 4)], Packed).tolist() == View(values).tolist()


# -- obj, and memory longer than its shape ----------------------------------------------------------------------------


def test_an_exporter_is_asked_once_for_all_views_of_its_buffer() -> None:
    asked = []

    class Counted(np.ndarray):
        @property
        def dtype(self) -> Any:
            asked.append(1)
            return np.ndarray.dtype.__get__(self)

    source = np.arange(12, dtype="u1").astype("S3").reshape(3, 4).view(Counted)
    asked.clear()
    view, target = View(source), zeros((4, 3), "3s")
    for _ in range(5):
        target.copy_from(view.T)  # a view that lives for this call alone
    assert len(asked) == 1
    assert target.tolist() == [[bytes(item).ljust(3, b"\0") for item in row] for row in np.asarray(source).T]
    # Another acquisition may find other items.
    target.copy_from(View(source).T)
    assert len(asked) == 2


def test_the_object_of_a_view_of_a_memoryview_is_the_exporter() -> None:
    data = bytearray(8)
    assert View(memoryview(data)).obj is data
    assert View(memoryview(memoryview(data)[2:]))[1:].obj is data
    assert View(memoryview(data).cast("I")).obj is data
    assert View(View(memoryview(data))).obj is data
    memory = ctypes.create_string_buffer(3)
    foreign = sb.from_memory(ctypes.addressof(memory), 3, owner=memory)
    assert View(foreign).obj is foreign.obj
    nobody: Any = ctypes.pythonapi.PyMemoryView_FromMemory
    nobody.restype, nobody.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int]
    assert View(nobody(ctypes.addressof(memory), 3, 0x100)).obj is None


@pytest.mark.parametrize("make", [lambda: ctypes.c_int(5), lambda: (ctypes.c_int * 2)(1, 2), lambda: Packed(1, 2)])
def test_a_resized_ctypes_object_is_as_long_as_memoryview_says(make: Callable[[], Any]) -> None:
    item = make()
    ctypes.resize(item, 64)
    view, expected = View(item), memoryview(item)
    for name in [
        "shape",
        "strides",
        "format",
        "itemsize",
        "ndim",
        "nbytes",
        "readonly",
        "c_contiguous",
        "f_contiguous",
    ]:
        assert getattr(view, name) == getattr(expected, name)
        assert getattr(View(view), name) == getattr(expected, name)
        assert getattr(memoryview(view), name) == getattr(expected, name)
    assert view.tobytes() == expected.tobytes()
    assert bytes(view) == bytes(expected)
    assert view.cast("B").tolist() == expected.cast("B").tolist()
    assert view.tolist() == View(make()).tolist()
    assert view == make()
    assert view.copy().tolist() == View(make()).tolist()
    assert array(item).tolist() == View(make()).tolist()
    assert pickle.loads(pickle.dumps(view)) == view


# -- Pickles ----------------------------------------------------------------------------------------------------------


def out_of_band(memory: Any) -> Any:
    buffers: list[Any] = []
    data = pickle.dumps(memory, 5, buffer_callback=buffers.append)
    return pickle.loads(data, buffers=buffers)


COPIES: list[Callable[[Any], Any]] = [
    *[lambda memory, version=version: pickle.loads(pickle.dumps(memory, version)) for version in range(6)],
    out_of_band, copy.copy, copy.deepcopy, lambda memory: memory.copy(), array,
]  # fmt: skip


MEMORY: list[Callable[[], Any]] = [
    lambda: np.arange(36, dtype="u1").view([("a", "i4"), ("b", "f8")])[["a"]],
    lambda: np.arange(36, dtype="u1").view([("a", "i4"), ("b", "f8")])[["a"]][::-1],
    lambda: np.arange(20, dtype="u1").view(np.dtype({"names": ["a"], "formats": ["<i2"], "itemsize": 10})),
    lambda: np.arange(12, dtype="u1").view([("a", "i4"), ("b", "f8")])[0],
    lambda: np.arange(12, dtype="u1").view([("a", "i4"), ("b", "f8")])[["a"]][0],
    lambda: np.arange(10, dtype="u1").view("V5"),
    lambda: (Number * 3)(Number(1), Number(2), Number(3)),
    lambda: Number(real=1.5),
    lambda: (Bits * 2)(Bits(1, 2), Bits(3, 4)),
    lambda: (ctypes.c_char_p * 2)(b"a", None),
    lambda: (ctypes.c_wchar * 2)("a", "b"),
    lambda: Texts("a", "abc"),
    lambda: (Packed * 2)(Packed(1, 2), Packed(3, 4)),
    lambda: Tagged(b"x", Number(1), 3),
]


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("make", MEMORY)
def test_copies_and_pickles_restore_the_same_memory(make: Callable[[], Any], copied: Callable[[Any], Any]) -> None:
    exporter = make()
    view = View(exporter)
    again = copied(view)
    assert (again.shape, again.itemsize) == (view.shape, view.itemsize)
    # The padding of a copy is zero.
    assert again.tobytes() == view.tobytes() or "x" in again.format
    unions = b"8s" in again.format.encode()
    if not unions:
        assert again.tolist() == view.tolist()


@pytest.mark.parametrize("copied", COPIES)
@pytest.mark.parametrize("format_", ["T{B:a:", "!?x", "i", "T{i:x:}", "d", "é", "T{<z:a:&"])
def test_memory_that_cannot_be_read_is_copied_and_pickled_as_it_is(format_: str, copied: Callable[[Any], Any]) -> None:
    view = View(memoryview_of(15, 5, format_.encode(), (3,)))
    for item in [lambda: view[0], view.tolist]:
        with pytest.raises(NotImplementedError):
            item()
    again = copied(view)
    assert (again.format, again.itemsize, again.shape) == (format_, 5, (3,))
    assert again.tobytes() == view.tobytes()
    for use in [lambda: again[0], again.tolist, lambda: again.__setitem__(0, 1), lambda: again.fill(1)]:
        with pytest.raises(NotImplementedError):
            use()
    assert copied(again).tobytes() == view.tobytes()
    assert again[1:].tobytes() == view.tobytes()[5:]
    # A pickle may have brought the memory of the view itself, which is not for this test to change.
    target = again.copy()
    target[0:1] = view[2:3]
    assert target.tobytes()[:5] == view.tobytes()[10:]
    assert copied(view[::-1]).tobytes() == view[::-1].tobytes()


def test_pointers_to_objects_are_neither_pickled_nor_copied() -> None:
    for exporter in [np.zeros(2, "O"), np.zeros(2, [("a", "O"), ("b", "i4")])[["a"]], (ctypes.py_object * 2)(1, 2)]:
        for copied in COPIES:
            with pytest.raises(NotImplementedError):
                copied(View(exporter))


def test_pickles_made_before_the_itemsize_was_in_them_are_read() -> None:
    restore: Any = sb._core._restore  # type: ignore[attr-defined]
    assert restore(bytes([1, 0, 2, 0]), "<h", (2,), "C", False).tolist() == [1, 2]
    assert restore(bytes([1, 0, 2, 0]), "<h", (2,), "C", True).readonly
    with pytest.raises(ValueError, match="bad format"):
        restore(b"", "T{", (0,), "C", False)


@pytest.mark.parametrize("itemsize", [-1, 1 << 62, 3])
def test_a_forged_itemsize_is_refused(itemsize: int) -> None:
    restore: Any = sb._core._restore  # type: ignore[attr-defined]
    with pytest.raises((ValueError, OverflowError, MemoryError, TypeError)):
        restore(bytes(4), "<h", (2,), "C", False, itemsize)
