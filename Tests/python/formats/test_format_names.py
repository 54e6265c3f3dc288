# SPDX-License-Identifier: Apache-2.0
"""What may be said for a format: PEP 3118, names of types, Python's, NumPy's and ctypes' types, lists of fields."""

from __future__ import annotations

import ctypes
import re
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import View, array, zeros

NUMPY_NAMES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64", "complex128", "longdouble", "clongdouble", "b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2",
    "f4", "f8", "f16", "c8", "c16", "c32", "S3", "U2", "<f4", ">f4", "=f4", "|u1", "|S5", ">u2", "<i8", ">U3", ">c8",
]  # fmt: skip


@pytest.mark.parametrize("name", NUMPY_NAMES)
def test_numpys_names_mean_what_numpy_means(name: str) -> None:
    made = zeros(3, name)
    assert np.asarray(made).dtype == np.dtype(name)
    assert made.itemsize == np.dtype(name).itemsize
    assert zeros(3, np.dtype(name)).format == made.format


@pytest.mark.parametrize(
    ("name", "letters"),
    [("float32", "f"), ("<f4" if np.little_endian else ">f4", "f"), ("S3", "3s"), ("V5", "5s"), ("U2", "2w"),
     ("bool", "?"), ("int64", "q"), ("complex128", "Zd"), (int, "q"), (float, "d"), (complex, "Zd"), (bool, "?"),
     (ctypes.c_int, "i"), (ctypes.c_double, "d"), (np.float32, "f"), (np.dtype("u2"), "H"), (np.bool_, "?")],
)  # fmt: skip
def test_other_names_are_the_formats_that_everybody_reads(name: Any, letters: str) -> None:
    assert zeros(2, name).format == letters


def test_every_place_that_takes_a_format_takes_its_other_names() -> None:
    values = [1, 2, 3]
    for format_ in ["int16", "i2", np.int16, np.dtype("i2"), ctypes.c_int16]:
        made: list[Any] = [
            array(values, format_), sb.Array(values, format_), sb.full(3, 1, format_), zeros(3, format_),
            sb.empty(3, format_), array(values).astype(format_), View(bytes(6)).cast(format_),
            View(bytes(6)).cast(format_, (3, 1)), array(np.array(values, "f8"), format_),
        ]  # fmt: skip
        assert [each.format for each in made] == ["h"] * len(made)


def test_text_of_pep_3118_is_kept_as_it_is_written() -> None:
    for text in ["<f", "@i", "=q", "iii", "T{i:x:}", " h ", "2w", "l", "F", "0i", ""]:
        assert zeros(2, text).format == text


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("single", "'f'"), ("double", "'d'"), ("half", "'e'"), ("int", "'i'"), ("uint", "'I'"), ("long", "'l'"),
        ("ulong", "'L'"), ("short", "'h'"), ("float", "'f'"), ("complex", "'Zd'"), ("byte", "'B'"), ("ubyte", "'B'"),
        ("longlong", "'q'"), ("intp", "'n'"), ("size_t", "'N'"), ("csingle", "'Zf'"), ("cdouble", "'Zd'"),
        ("str", "w"), ("bytes", "s"), ("object", "'O'"), ("char", "'c'"),
        ("M8[ns]", "int64"), ("<m8[s]", "int64"), ("datetime64[us]", "int64"),
    ],
)  # fmt: skip
def test_ambiguous_names_are_refused_with_the_right_letter(name: str, right: str) -> None:
    for use in [
        lambda: zeros(1, name), lambda: array([1], name), lambda: View(bytes(8)).cast(name),
        lambda: array([1]).astype(name), lambda: zeros(1, [("x", name)]),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=right):
            use()


@pytest.mark.parametrize(
    "wrong", [3, 1.5, b"i", ("x", "i"), {"x": "i"}, str, bytes, list, object(), np.zeros(2), zeros]
)
def test_an_object_that_is_not_a_format_is_a_type_error(wrong: Any) -> None:
    for use in [lambda: zeros(1, wrong), lambda: array([1], wrong), lambda: View(bytes(8)).cast(wrong)]:
        with pytest.raises(TypeError):
            use()


@pytest.mark.parametrize("name", ["f3", "i16", "c3", "u7", "b2", "S", "i4,f4", "Q9", "i-4", "S99999999999999999999"])
def test_sizes_that_no_type_has_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="bad format"):
        zeros(1, name)


def test_types_without_a_format_are_refused() -> None:
    class Opaque(ctypes.Structure):
        pass

    for type_ in [np.dtype("M8[ns]"), np.dtype("m8"), np.datetime64]:
        with pytest.raises(ValueError, match="no format"):
            zeros(1, type_)
    assert zeros(2, Opaque).itemsize == 0


# -- Lists of fields ---------------------------------------------------------------------------------------------------


def test_fields_lie_one_behind_the_other() -> None:
    fields = [("x", "<u2"), ("y", "f4", (2,)), ("s", "S3"), ("z", [("a", ">i4"), ("b", float)]), ("t", "f8", (2, 3))]
    made = zeros(2, fields)
    expected = np.dtype(fields)
    assert made.itemsize == expected.itemsize
    assert np.asarray(made).dtype == expected
    made[0] = (1, [2, 3], b"abc", (4, 5), [[1, 2, 3], [4, 5, 6]])
    assert made[0].z == (4, 5.0)
    assert np.asarray(made)[0]["t"].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert made["z"]["a"].tolist() == [4, 0]
    assert (
        sb.array([(1, 2)], [("a", "i4"), ("b", "d")]).format
        == sb.zeros(1, "T{<i:a:d:b:}" if np.little_endian else "T{>i:a:d:b:}").format
    )


def test_types_of_ctypes_and_numpy_are_fields() -> None:
    class Point(ctypes.Structure):
        _fields_ = (("x", ctypes.c_int), ("y", ctypes.c_double))

    made = zeros(2, [("p", Point), ("n", np.int16), ("q", ctypes.c_char * 4, 2)])
    assert made.itemsize == 16 + 2 + 8
    made["p"]["y"] = 1.5
    assert made[1] == ((0, 1.5), 0, [[b"\0"] * 4] * 2)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ([("x",)], TypeError), (["x"], TypeError), ([(1, "i")], TypeError), ([("x", "i", (2,), 4)], TypeError),
        ([("x", "i"), ("x", "i")], ValueError), ([("x:y", "i")], ValueError), ([("x", "i", -1)], ValueError),
        ([("x", "i", (2**40, 2**40))], ValueError), ([("x", "i", (1,) * 70)], ValueError),
        ([("x", "S4611686018427387904"), ("y", "S4611686018427387904")], ValueError), ([("x", 3)], TypeError),
    ],
)  # fmt: skip
def test_wrong_fields_are_refused(fields: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        zeros(0, fields)


def test_fields_that_contain_themselves_are_refused() -> None:
    fields: list[Any] = []
    fields.append(("again", fields))
    with pytest.raises(ValueError, match="deeper"):
        zeros(1, fields)


def test_an_empty_list_is_a_structure_without_fields() -> None:
    assert zeros(3, []).itemsize == 0


def test_structures_of_ctypes_are_read_as_they_lie() -> None:
    class Packed(ctypes.Structure):
        _pack_ = 1
        _layout_ = "ms"
        _fields_ = (("a", ctypes.c_byte), ("b", ctypes.c_int), ("c", ctypes.c_int, 5), ("d", ctypes.c_int, 3))

    items = (Packed * 2)(Packed(1, 2, 3, -4), Packed(5, 6, 7, 1))
    made = View(bytes(items)).cast(Packed)
    assert made.tolist() == [(1, 2, 3, -4), (5, 6, 7, 1)]
    assert made.itemsize == ctypes.sizeof(Packed)


@given(st.text(alphabet="bBhHiIlLqQefdgZ?cswu0123456789<>=@^!|{}():xTVSUOfMmnt,[] ", max_size=8))
def test_names_are_read_as_numpy_reads_them_and_formats_as_struct_does(text: str) -> None:
    """No name is a format, so that no format changes its meaning."""
    try:
        size: int | None = struct.calcsize(text)
    except struct.error:
        size = None
    try:
        made = zeros(0, text)
    except ValueError:
        assert size is None or re.search("[sp]", text)
        return
    except NotImplementedError:
        assert "O" in text
        return
    if size is not None:
        assert made.itemsize == size
    elif text[-1:].isdigit():
        assert made.itemsize == np.dtype(text).itemsize or text.strip("<>=|") in ("i3", "u3", "c4")
