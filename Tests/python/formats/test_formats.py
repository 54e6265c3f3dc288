# SPDX-License-Identifier: Apache-2.0
"""Formats as Python sees them: sizes and fields against `struct`, NumPy and the C function; errors that point."""

from __future__ import annotations

import re
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import _core, capi

STANDARD = "xcbBh?HiIlLqQefdsp"
struct_formats = st.builds(
    lambda order, items: order + "".join(f"{space}{count}{code}" for space, count, code in items),
    st.sampled_from(["", "@", "=", "<", ">", "!"]),
    st.lists(
        st.tuples(
            st.sampled_from(["", "", " ", "\n\t"]),
            st.sampled_from(["", "", "0", "1", "2", "3", "17"]),
            st.sampled_from(STANDARD),
        ),
        max_size=8,
    ),
)


@given(struct_formats)
def test_sizes_are_those_of_struct_and_of_the_c_function(form: str) -> None:
    made = sb.zeros(3, form)
    assert made.itemsize == struct.calcsize(form) == capi.PyBuffer_SizeFromFormat(form)
    assert made.format == form
    assert made.nbytes == 3 * made.itemsize
    assert memoryview(made).format == form


@given(struct_formats.filter(lambda form: "0p" not in form))
@example("x0c")
def test_items_of_zeros_are_those_of_struct(form: str) -> None:
    values = struct.unpack(form, bytes(struct.calcsize(form)))
    # Padding alone has no value in struct; here it has its bytes, as NumPy's void items, which are written so.
    assume(values or "x" not in form)
    item = sb.zeros((), form)[()]
    assert item == (values[0] if len(values) == 1 else values)


@st.composite
def dtypes(draw: st.DrawFn, depth: int = 2) -> Any:
    # Structures without padding: where they are aligned, NumPy leaves the padding at their end out of the format.
    kind = draw(st.integers(0, 3 if depth else 0))
    if kind == 0:
        code = draw(
            st.sampled_from(
                ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16", "S3", "U2"]
            )
        )
        order = draw(st.sampled_from(["<", ">"]))
        return np.dtype(order + code)
    if kind == 1:
        shape = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)))
        return np.dtype((draw(dtypes(depth - 1)), shape))
    names = draw(
        st.lists(st.sampled_from(["a", "b", "long_name", "x y", "ä", "class"]), min_size=1, max_size=4, unique=True)
    )
    return np.dtype([(name, draw(dtypes(depth - 1))) for name in names])


def _is_readable(source: Any) -> bool:
    """Whether NumPy itself reads the format that it writes."""
    try:
        return bool(np.asarray(memoryview(source)).dtype == source.dtype)
    except RuntimeError:
        return False


@given(dtypes())
def test_the_formats_that_numpy_writes_are_read_as_numpy_means_them(kind: Any) -> None:
    source = np.zeros(3, kind)
    random = np.random.default_rng(1).integers(0, 2, source.nbytes, dtype="u1")
    if not kind.hasobject and source.flags.c_contiguous:
        np.frombuffer(source, "u1")[:] = random
    assume(_is_readable(source))
    made = sb.array(source)
    assert made.itemsize == source.itemsize
    assert made.shape == source.shape
    seen = np.asarray(made)
    assert seen.dtype == source.dtype
    assert seen.tobytes() == source.tobytes()


@given(dtypes())
def test_fields_lie_where_numpy_has_them(kind: Any) -> None:
    source = np.zeros(2, kind)
    assume(_is_readable(source))
    made = sb.array(source)
    for name, (part, offset, *_) in (kind.fields or {}).items():
        if " " in name or not part.itemsize:
            continue
        view = made[name]
        with (
            capi.PyObject_GetBuffer(made, capi.PyBUF_FULL_RO) as whole,
            capi.PyObject_GetBuffer(view, capi.PyBUF_FULL_RO) as field,
        ):
            assert field.buf == (whole.buf or 0) + offset
        seen = np.asarray(view)
        assert seen.dtype == source[name].dtype
        assert seen.shape == source[name].shape


native = st.lists(st.sampled_from("?bBhHiIlLqQefdgsx"), min_size=1, max_size=6)


@given(native)
def test_native_structures_have_the_padding_of_c(codes: list[str]) -> None:
    names = "".join(f"{code}:f{index}:" for index, code in enumerate(codes) if code != "x")
    if not names:
        return
    form = "T{" + names + "}"
    made = sb.zeros(2, form)
    expected = np.dtype(
        [(f"f{i}", "S1" if code == "s" else code) for i, code in enumerate(codes) if code != "x"], align=True
    )
    assert made.itemsize == expected.itemsize
    assert np.asarray(made).dtype == expected


@pytest.mark.parametrize(
    ("form", "size", "kind"),
    [
        ("Zf", 8, "c8"),
        ("Zd", 16, "c16"),
        (">Zd", 16, ">c16"),
        ("Zg", 32, "G"),
        ("(2,3)d", 48, ("d", (2, 3))),
        ("^ib", 5, None),
        ("@ib", 5, None),
        ("T{ib}", 8, None),
        ("T{<i:a:b:b:}", 5, [("a", "<i4"), ("b", "i1")]),
        ("T{i:a:T{b:c:d:e:}:f:}", 24, [("a", "i4"), ("f", np.dtype([("c", "i1"), ("e", "f8")], align=True))]),
        ("3w", 12, "U3"),
        ("&d", 8, None),
        ("X{}", 8, None),
        ("F", 8, None),
        ("D", 16, None),
        ("u", 2, None),
        ("i:x:", 4, [("x", "i4")]),
        ("", 0, None),
    ],
)
def test_formats_beyond_struct(form: str, size: int, kind: Any) -> None:
    made = sb.zeros(2, form)
    assert made.itemsize == size
    assert len(made.tolist()) == 2
    if kind is not None:
        if isinstance(kind, list):
            kind = np.dtype(kind, align="<" not in form)
        expected = np.zeros(2, kind)
        seen = np.asarray(made)
        assert seen.dtype == expected.dtype
        assert seen.shape == expected.shape


@pytest.mark.parametrize(
    ("form", "position", "reason"),
    [
        ("k", 0, "unknown character 'k'"),
        ("ii!k", 3, "unknown character 'k'"),
        ("3", 0, "count without a type"),
        ("i:a", 1, "never closed"),
        ("T{i", 1, "never closed"),
        ("Ti", 0, "'T' needs '{'"),
        ("i}", 1, "'}' without '{'"),
        ("(2,d", 3, "length missing"),
        ("(2d", 2, "',' or ')' expected"),
        ("(2)", 3, "shape without a type"),
        ("65t", 0, "bit field of more than 64 bits"),
        ("i100y", 1, "bit field of more than 64 bits"),
        ("(2)3t", 0, "a bit field has no shape"),
        ("3r:a:", 2, "bits without a value cannot have a name"),
        ("0t:a:", 2, "bits without a value cannot have a name"),
        ("9223372036854775807t", 0, "bit field of more than 64 bits"),
        ("9223372036854775807rr", 20, "does not fit in 64 bits"),
        ("(2)(3,", 6, "length missing"),
        ("<n", 1, "only in native order"),
        ("Zi", 0, "'Z' needs"),
        ("T{i:a:i:a:}", 7, "second field named 'a'"),
        ("9999999999999999999999i", 0, "number too large"),
        ("9223372036854775807i", 0, "does not fit in 64 bits"),
        ("(3037000500,3037000500)d", 0, "does not fit in 64 bits"),
        ("äö", 0, "unknown character 'ä'"),
        ("iä", 1, "unknown character 'ä'"),
        ("T{" * 100 + "i" + "}" * 100, 128, "nesting deeper than 64"),
        ("(" + "1," * 70 + "1)d", 0, "more than 63 dimensions"),
        (":name:", 0, "name without a type"),
        ("i\0", 1, "unknown character"),
    ],
)
def test_bad_formats_point_at_the_character(form: str, position: int, reason: str) -> None:
    for make in (lambda: sb.zeros(1, form), lambda: sb.array([1], form), lambda: sb.full(1, 1, form)):
        with pytest.raises(ValueError, match=re.escape(reason)) as caught:
            make()
        first, shown, caret = str(caught.value).split("\n")
        assert f"at position {position}" in first
        assert caret.strip() == "^"
        pointed = shown[caret.index("^") :]
        expected = form[position:].replace("\0", "\\x00")
        assert pointed[:10] == expected[:10]


@given(st.text(st.sampled_from(" @=<>!^0123456789xcbBhHiIlLqQnNefdgspPwuFDZOtyrT{}():,&Xnamez\0é"), max_size=12))
def test_any_text_is_a_format_or_an_error(form: str) -> None:
    try:
        made = sb.zeros(0, form)
    except ValueError as error:
        assert "bad format" in str(error)  # noqa: PT017
    except (NotImplementedError, OverflowError):
        assert "O" in form or re.search(r"\d{5}", form)
    else:
        # The name of a type ends with a digit, as no format does.
        assert made.format == form or form[-1].isdigit()
        assert made.tolist() == []


@pytest.mark.parametrize(
    ("form", "hint"),
    [
        ("i,d", "members follow each other without commas, as in 'id'"),
        ("i3", "a count comes before its type, as in '3i'"),
        ("[2]i", "a shape comes before its type, as in '(2,3)i'"),
        ("<n", "'q' has 8 bytes in every order"),
        ("d*2", "a count comes before its type, as in '3i'"),
    ],
)
def test_errors_of_formats_say_what_would_be_right(form: str, hint: str) -> None:
    with pytest.raises(ValueError, match="bad format") as caught:
        _core.format_size(form)
    assert hint in str(caught.value).split("\n")[0]


@pytest.mark.parametrize(
    ("name", "form"),
    [("u1", "B"), ("<f4", "<f"), ("|S5", "5s"), (">U3", ">3w"), ("float32", "f"), ("double", "d"), ("Float64", "d")],
)
def test_an_error_gives_the_format_for_a_foreign_type_name(name: str, form: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"'{name}' is '{form}' here")):
        _core.format_size(name)
    assert _core.format_size(form) > 0


@pytest.mark.parametrize(
    ("form", "shown"),
    [("i\0", r"i\x00"), ("\x1b[1mi", r"\x1b[1mi"), ("i:\u202ex:k", r"i:\u202ex:k"), (b"i\xff", r"i\xff")],
)
def test_invisible_characters_are_escaped(form: str | bytes, shown: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"bad format '{shown}'")):
        _core.format_size(form)


@pytest.mark.parametrize("form", ["d\udc80", "\ud800"])
def test_texts_that_are_no_unicode_are_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r"surrogates|format"):
        sb.zeros(1, form)


def test_a_field_of_packed_structures_is_read_by_numpy() -> None:
    inner = np.dtype([("a", "<i2"), ("b", "?"), ("c", "<i2")])
    source = np.zeros(2, np.dtype([("x", inner), ("y", "?")]))
    assert np.asarray(sb.array(source)["x"]).dtype == inner
