# SPDX-License-Identifier: Apache-2.0
"""Members that few exporters write: shapes of shapes, addresses of either order, void bytes, what cannot be read."""

from __future__ import annotations

import copy
import ctypes
import pickle
import re
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import View, _core

NATIVE, OTHER = ("<", ">") if sys.byteorder == "little" else (">", "<")


def copies(memory: Any) -> list[Any]:
    made = [memory.copy(), copy.copy(memory), copy.deepcopy(memory), sb.array(memory), View(memoryview(memory))]
    return made + [pickle.loads(pickle.dumps(memory, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]


# -- Shapes of shapes -------------------------------------------------------------------------------------------------


@given(
    st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=2), min_size=1, max_size=3),
    st.sampled_from(["i", "<i", ">h", "3s", "T{b:a:>h:b:}", "<w", ">Zd"]),
    st.booleans(),
)
def test_a_shape_is_an_array_of_whatever_follows(shapes: list[list[int]], element: str, has_name: bool) -> None:
    written = "".join(f"({','.join(map(str, shape))})" for shape in shapes) + element
    flat = f"({','.join(str(length) for shape in shapes for length in shape)}){element}"
    name = ":x:" if has_name else ""
    made, expected = sb.zeros(2, written + name), sb.zeros(2, flat + name)
    assert made.itemsize == expected.itemsize == _core.format_size(written)
    assert made.tolist() == expected.tolist()
    if has_name:
        assert made["x"].shape == expected["x"].shape
        assert made["x"].format == expected["x"].format


@st.composite
def arrays_of_arrays(draw: st.DrawFn) -> np.dtype[Any]:
    dtype = np.dtype(draw(st.sampled_from(["<i4", ">i4", "u1", ">f8", "S3", "<c8", "?"])))
    for _ in range(draw(st.integers(2, 3))):
        dtype = np.dtype((dtype, tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))))
        if draw(st.booleans()):
            dtype = np.dtype([("inner", dtype)])
    return np.dtype([("a", "u1"), ("b", dtype), ("c", "<u2")])


@given(arrays_of_arrays(), st.integers(0, 2**32))
def test_arrays_of_arrays_are_read_as_numpy_wrote_them(dtype: np.dtype[Any], seed: int) -> None:
    source = np.random.default_rng(seed).integers(0, 2, 2 * dtype.itemsize, "u1").view(dtype)

    def plain(value: Any) -> Any:
        if isinstance(value, np.void):
            return tuple(plain(value[name]) for name in value.dtype.names or ())
        if isinstance(value, np.ndarray):
            return [plain(each) for each in value]
        return value.item()

    view = View(source)
    if "S3" in str(dtype):
        assert view.itemsize == source.itemsize
        assert view["b"].tobytes() == source["b"].tobytes()
    else:
        assert view.tolist() == plain(source)
    assert view["a"].tolist() == source["a"].tolist()
    assert view["c"].tolist() == source["c"].tolist()


@pytest.mark.parametrize(
    ("form", "size", "item"),
    [
        ("(2)(3)i", 24, [[0, 0, 0], [0, 0, 0]]),
        ("(2)<(3)i", 24, [[0, 0, 0], [0, 0, 0]]),
        ("(2)<(3)>i", 24, [[0, 0, 0], [0, 0, 0]]),
        ("(2) ( 3 ) b", 6, [[0, 0, 0], [0, 0, 0]]),
        ("(1)(1)(2)h", 4, [[[0, 0]]]),
        ("(2)(0)i", 0, [[], []]),
        ("T{(2)(3)>h:a:}", 12, ([[0, 0, 0], [0, 0, 0]],)),
    ],
)
def test_shapes_of_shapes(form: str, size: int, item: Any) -> None:
    array = sb.zeros((), form)
    assert array.itemsize == size
    assert array[()] == item
    assert array.format == form


# -- Addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["", "@", "^", "=", "<", ">", "!"])
@given(value=st.integers(0, 2 ** (8 * ctypes.sizeof(ctypes.c_void_p)) - 1))
def test_an_address_has_the_byte_order_in_force(order: str, value: int) -> None:
    size = ctypes.sizeof(ctypes.c_void_p)
    view = View(bytearray(2 * size)).cast(order + "P")
    view[1] = value
    byte_order = "big" if order in (">", "!") or (order != "<" and sys.byteorder == "big") else "little"
    assert view.tobytes() == bytes(size) + value.to_bytes(size, byte_order)
    assert view[1] == value
    assert view == View(view.tobytes()).cast(order + "P")


def test_addresses_of_ctypes_are_read() -> None:
    address = ctypes.c_void_p(0x1234)
    view = View(address)
    assert view.format == f"{NATIVE}P"
    assert view[()] == 0x1234
    view[()] = 0x5678
    assert address.value == 0x5678
    array = (ctypes.c_void_p * 3)(1, None, 3)
    assert View(array).tolist() == [1, 0, 3]
    assert View(array).copy().tolist() == [1, 0, 3]
    # A field of it is not aligned where the order of bytes is named.
    assert sb.zeros(1, f"T{{b:a:{OTHER}P:p:}}").itemsize == 9
    assert sb.zeros(1, "T{b:a:@P:p:}").itemsize == 16


def test_an_address_out_of_range_changes_nothing() -> None:
    view = View(bytearray(b"\x11" * 8)).cast(f"{OTHER}P")
    for value in (-1, 2**64):
        with pytest.raises(ValueError, match="between 0 and"):
            view[0] = value
    with pytest.raises(TypeError):
        view[0] = b"12345678"
    assert view.tobytes() == b"\x11" * 8


# -- Void bytes -------------------------------------------------------------------------------------------------------


def voids() -> Any:
    source = np.zeros(3, [("v", "V5"), ("n", "<i4"), ("m", "V2", (2,)), ("r", [("w", "V3"), ("k", "u1")])])
    source.view("u1")[:] = np.arange(source.nbytes) % 251 + 1
    return source


def test_a_void_field_is_bytes_in_views_and_copies() -> None:
    source = voids()
    view = View(source)
    field = view["v"]
    expected = [bytes(value) for value in source["v"]]
    assert field.tolist() == expected
    assert field == field
    assert field == field.copy()
    assert field != view["v"][::-1]
    for again in copies(field):
        assert again == field
        assert again.tolist() == expected
    assert memoryview(field).format == field.format == "5s"
    assert View(memoryview(field)).tolist() == expected
    assert np.asarray(field).tobytes() == source["v"].tobytes()
    field[0] = b"hello"
    assert bytes(source["v"][0]) == b"hello"
    source["v"][1] = np.void(b"other")
    assert field[1] == b"other"


def test_void_fields_inside_of_arrays_and_structures() -> None:
    source = voids()
    view = View(source)
    assert view["m"].tolist() == [[bytes(v) for v in row] for row in source["m"]]
    assert view["m"].shape == (3, 2)
    assert view["r"]["w"].tolist() == [bytes(v) for v in source["r"]["w"]]
    assert view[1].v == bytes(source["v"][1])
    assert view[1].r.w == bytes(source["r"]["w"][1])
    for memory in (view, view["m"], view["r"], view["r"]["w"]):
        assert memory == memory
        for again in copies(memory):
            assert again == memory
            assert again.tolist() == memory.tolist()
            assert again.tobytes() == memory.tobytes()
    other = source.copy()
    other["r"]["w"][2] = np.void(b"abc")
    assert view != View(other)
    assert view["r"] != View(other)["r"]


def test_an_item_of_nothing_but_padding_is_its_bytes() -> None:
    source = np.zeros(2, "V5")
    source[0] = np.void(b"hello")
    view = View(source)
    assert view.format == "5x"
    assert view.tolist() == [b"hello", bytes(5)]
    assert view == view
    assert view != View(np.zeros(2, "V5"))
    assert view == sb.array([b"hello", b""], "5s")
    for again in copies(view):
        assert again == view
        assert again.tolist() == view.tolist()
    view[1] = b"world"
    assert bytes(source[1]) == b"world"
    target = np.zeros(2, "V5")
    View(target)[:] = view
    assert target.tobytes() == b"helloworld"
    assert np.asarray(view.copy()).tobytes() == source.tobytes()
    # Where there is a value, the rest is padding.
    assert sb.zeros(1, "5xb")[0] == 0
    assert sb.zeros(1, "T{5x}")[0] == ()
    assert sb.zeros(1, "0x")[0] == ()


# -- What cannot be read ----------------------------------------------------------------------------------------------

OPAQUE = f"T{{{NATIVE}i:a:4x{NATIVE}z:text:{NATIVE}Z:wide:{NATIVE}d:b:}}"


def test_an_opaque_member_leaves_the_others_readable() -> None:
    memory = bytearray(range(32))
    memory[4:8] = bytes(4)  # padding
    view = View(memory).cast(OPAQUE)
    assert view.itemsize == 32
    assert view["a"].tolist() == [0x03020100 if NATIVE == "<" else 0x00010203]
    view["b"] = 2.5
    assert view["b"][0] == 2.5
    assert view["text"].cast("P").tobytes() == bytes(range(8, 16))
    for operation in (
        lambda: view[0],
        lambda: view.tolist(),
        lambda: view["text"][0],
        lambda: view["wide"].tolist(),
    ):
        with pytest.raises(NotImplementedError, match=r"format '[zZ]' is a pointer to text"):
            operation()
    with pytest.raises(NotImplementedError, match="field 'text': format 'z'"):
        view[0]
    before = view.tobytes()
    with pytest.raises(NotImplementedError, match="field 'text': format 'z'"):
        view[0] = (1, 2, 3, 4.0)
    assert view.tobytes() == before
    assert view.copy().tobytes() == before
    assert view.copy().format == OPAQUE
    assert view.copy()["b"].tolist() == [2.5]
    assert pickle.loads(pickle.dumps(view)).tobytes() == before
    assert "cannot be read" in repr(view)


def test_an_object_leaves_the_other_members_readable() -> None:
    source = np.zeros(2, np.dtype([("a", "<i4"), ("o", "O"), ("b", "<f8")], align=True))
    source["b"] = 1.5
    view = View(source)
    view["a"] = 4
    assert view["a"].tolist() == [4, 4]
    assert view["b"].tolist() == [1.5, 1.5]
    with pytest.raises(NotImplementedError, match="field 'o': format 'O'"):
        view[0]
    with pytest.raises(NotImplementedError, match="field 'o': format 'O'"):
        View(np.zeros(1, [("n", source.dtype)]))[0]


class Mixed(ctypes.Structure):
    _fields_ = [
        ("a", ctypes.c_int64),
        ("text", ctypes.c_char_p),
        ("wide", ctypes.c_wchar_p),
        ("address", ctypes.c_void_p),
        ("b", ctypes.c_double),
    ]


def test_members_of_ctypes_beside_strings() -> None:
    item = Mixed(5, b"text", "wide", 0x1234, 2.5)
    view = View(item)
    assert view["a"][()] == 5
    assert view["address"][()] == 0x1234
    assert view["b"][()] == 2.5
    view["b"][()] = 7.5
    assert item.b == 7.5
    # ctypes' own types say that the strings are addresses.
    assert view[()].text == ctypes.cast(ctypes.byref(item, Mixed.text.offset), ctypes.POINTER(ctypes.c_void_p))[0]


def test_letters_without_a_size_are_no_format() -> None:
    for letter in "ajkoACEJKSUVWY":
        with pytest.raises(ValueError, match=f"unknown character '{letter}'"):
            View(bytes(8)).cast(f"T{{i:a:{letter}:b:}}")
    with pytest.raises(ValueError, match="'R' needs the letter of a small float"):
        View(bytes(8)).cast("T{i:a:R:b:}")


# -- Sizes of whatever bytes ------------------------------------------------------------------------------------------


@given(st.binary(max_size=12) | st.text(max_size=8).map(str.encode))
def test_the_size_of_any_bytes_is_a_number_or_an_error(form: bytes) -> None:
    try:
        size = _core.format_size(form)
    except ValueError as error:
        assert re.match(r"bad format '[^\0]*' *.* at position \d+(; [^\n]*)?\n", str(error))  # noqa: PT017
    else:
        assert size >= 0
        text = form.decode("utf-8", "replace")
        assert _core.format_size(text) == size


@given(st.text(st.characters(exclude_characters=":\0", exclude_categories=["Cs"]), min_size=1, max_size=5))
def test_names_of_any_script_have_no_size(name: str) -> None:
    form = f"T{{i:{name}:b:other name:}}"
    assert _core.format_size(form) == _core.format_size(form.encode()) == 8
    view = View(bytearray(8)).cast(form)
    view[name] = 5
    assert view[0][0] == 5


@pytest.mark.parametrize(
    "form",
    [
        "٣i",
        "३i",
        "\N{FULLWIDTH LEFT PARENTHESIS}2)i",
        "\N{FULLWIDTH COLON}x:",
        "\N{LATIN SMALL LIGATURE FI}",
        "\N{ZERO WIDTH SPACE}i",
        "i\N{NO-BREAK SPACE}",
    ],
)
def test_characters_of_other_scripts_are_no_format(form: str) -> None:
    with pytest.raises(ValueError, match="unknown character"):
        _core.format_size(form)


@pytest.mark.parametrize("form", [b"\xff", b"i\xff", b"T{i:\xff\xfe:}", b"\xe2\x82i", b"i:\x80:", b"i\0", b":", b"("])
def test_bytes_that_are_no_text_are_an_error(form: bytes) -> None:
    with pytest.raises(ValueError, match="bad format"):
        _core.format_size(form)


def test_a_name_has_no_nul() -> None:
    for make in (_core.format_size, lambda form: sb.zeros(1, form), View(bytes(4)).cast):
        with pytest.raises(ValueError, match=r"NUL.* at position 3"):
            make("i:a\0b:")


def test_a_format_is_text_or_bytes() -> None:
    assert _core.format_size(bytearray(b"3i")) == 12
    assert _core.format_size("") == _core.format_size(b"") == 0
    with pytest.raises(TypeError):
        _core.format_size(3)
    with pytest.raises(UnicodeEncodeError):
        _core.format_size("i\ud800")
