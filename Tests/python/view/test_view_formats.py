# SPDX-License-Identifier: Apache-2.0
"""Items of every format are read and written through a View as `struct` packs them."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swiftbuffer import View

BITS = {"b": 8, "h": 16, "i": 32, "q": 64}
STANDARD = {**BITS, "l": 32}
FLOATS = {"e": 16, "f": 32, "d": 64}


def codes() -> st.SearchStrategy[tuple[str, Any]]:
    """A struct format of one item, and a value that it holds."""

    def integers(order: str, code: str) -> st.SearchStrategy[tuple[str, Any]]:
        bits = 8 * struct.calcsize(order + code)
        low, high = (0, 2**bits - 1) if code.isupper() else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return st.tuples(st.just(order + code), st.integers(low, high))

    def floats(order: str, code: str) -> st.SearchStrategy[tuple[str, Any]]:
        return st.tuples(st.just(order + code), st.floats(width=FLOATS[code], allow_nan=False))  # type: ignore[arg-type]

    orders = ["", "@", "=", "<", ">", "!"]
    whole = [integers(order, code) for order in orders for code in "bBhHiIlLqQ"]
    words = [integers(order, code) for order in ["", "@"] for code in "nN"]
    real = [floats(order, code) for order in orders for code in FLOATS]
    rest = [st.tuples(st.just(order + "?"), st.booleans()) for order in orders]
    rest += [st.tuples(st.just(order + "c"), st.binary(min_size=1, max_size=1)) for order in orders]
    rest += [st.tuples(st.just("5s"), st.binary(max_size=5).map(lambda text: text.ljust(5, b"\0")))]
    rest += [st.tuples(st.just("6p"), st.binary(max_size=5))]
    return st.one_of(*whole, *words, *real, *rest)


@given(st.lists(codes(), min_size=1, max_size=1), st.integers(1, 3), st.data())
def test_items_are_packed_and_unpacked_as_by_struct(
    chosen: list[tuple[str, Any]], step: int, data: st.DataObject
) -> None:
    format_, value = chosen[0]
    size = struct.calcsize(format_)
    memory = bytearray(size * 6)
    view = View(memory).cast(format_)[::step]
    index = data.draw(st.integers(0, len(view) - 1))
    view[index] = value
    at = index * step * size
    assert memory[at : at + size] == struct.pack(format_, value)
    assert memory.count(0) >= len(memory) - size
    (expected,) = struct.unpack_from(format_, memory, at)
    assert view[index] == expected
    assert type(view[index]) is type(expected)
    assert view.tolist()[index] == expected
    assert list(view)[index] == expected


@given(st.lists(codes(), min_size=2, max_size=4))
def test_several_values_are_one_tuple(chosen: list[tuple[str, Any]]) -> None:
    order = chosen[0][0][0] if chosen[0][0][0] in "@=<>!" else ""
    chosen = [(format_.lstrip("@=<>!"), value) for format_, value in chosen]
    format_ = order + "".join(code for code, _ in chosen)
    try:
        packed = struct.pack(format_, *[value for _, value in chosen])
    except struct.error:
        return  # n and N in other than native sizes, or a value too large for those
    memory = bytearray(2 * len(packed))
    view = View(memory).cast(format_)
    view[1] = tuple(value for _, value in chosen)
    # Padding may hold anything; the values may not.
    expected = struct.unpack(format_, packed)
    assert view[1] == expected
    assert struct.unpack_from(format_, memory, len(packed)) == expected
    assert not any(memory[: len(packed)])


@pytest.mark.parametrize(("format_", "bits"), [("e", 16), ("f", 32), ("d", 64), (">f", 32), ("<e", 16)])
def test_nan_and_infinities_are_kept(format_: str, bits: int) -> None:
    memory = bytearray(bits // 8)
    view = View(memory).cast(format_)
    view[0] = math.nan
    assert math.isnan(view[0])
    for value in [math.inf, -math.inf, -0.0]:
        view[0] = value
        assert repr(view[0]) == repr(value)
        assert memory == struct.pack(format_, value)


@pytest.mark.parametrize("format_", ["Zf", "Zd", "F", "D", ">Zd", "<Zf"])
def test_complex_numbers_are_read_and_written(format_: str) -> None:
    part = "f" if format_[-1] in "fF" else "d"
    order = format_[0] if format_[0] in "<>" else "="
    memory = bytearray(4 * struct.calcsize(part))
    view = View(memory).cast(format_)
    view[1] = 1.5 - 2j
    view[0] = 3
    assert view.tolist() == [3 + 0j, 1.5 - 2j]
    assert struct.unpack(f"{order}4{part}", memory) == (3.0, 0.0, 1.5, -2.0)


@pytest.mark.parametrize("format_", ["g", "Zg"])
def test_long_doubles_are_read_and_written(format_: str) -> None:
    np = pytest.importorskip("numpy")
    array = np.zeros(2, format_[-1] if format_ == "g" else "G")
    view = View(array)
    assert view.format == format_
    view[1] = 0.1
    assert view[1] == 0.1
    assert array[1] == array.dtype.type(0.1)


@pytest.mark.parametrize(("format_", "encoding"), [("w", "utf-32"), ("u", "utf-16")])
def test_characters_are_read_and_written(format_: str, encoding: str) -> None:
    view = View(bytearray(12)).cast(format_)
    view[1] = "ß"
    assert view[1] == "ß"
    with pytest.raises((TypeError, ValueError)):
        view[0] = "ab"
    assert encoding.startswith("utf")


@pytest.mark.parametrize(
    ("format_", "value"),
    [
        ("B", 256), ("B", -1), ("b", 128), ("H", 2**16), ("i", 2**31), ("I", -1), ("q", 2**63), ("Q", 2**64), ("Q", -1),
        ("<i", 2**31), (">H", -1), ("e", 65520.0),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_raise_and_change_nothing(format_: str, value: float) -> None:
    memory = bytearray(8)
    view = View(memory).cast(format_)
    with pytest.raises((ValueError, OverflowError)):
        view[0] = value
    with pytest.raises((ValueError, OverflowError)):
        view[...] = value
    assert memory == bytes(8)


@pytest.mark.parametrize(
    ("format_", "value"),
    [
        ("B", 1.0), ("B", "1"), ("B", b"1"), ("d", "1"), ("d", 1j), ("c", 1), ("c", b"ab"), ("3s", "abc"), ("P", "x"),
        ("hh", 1), ("hh", (1,)), ("hh", (1, 2, 3)), ("(2)h", [1, 2, 3]),
        ("T{h:a:h:b:}", {"a": 1}), ("T{h:a:h:b:}", {"a": 1, "c": 2}),
    ],
)  # fmt: skip
def test_values_of_another_kind_raise_and_change_nothing(format_: str, value: object) -> None:
    memory = bytearray(24)
    view = View(memory).cast(format_)
    with pytest.raises((TypeError, ValueError, KeyError)):
        view[0] = value
    assert memory == bytes(24)


def test_sub_arrays_are_nested_lists() -> None:
    memory = bytearray(range(12))
    view = View(memory).cast("(2,3)B")
    assert view.tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]
    view[1] = [[0, 0, 0], (1, 1, 1)]
    assert memory == bytes([*range(6), 0, 0, 0, 1, 1, 1])


def test_unknown_formats_are_shown_but_not_read() -> None:
    exporters = pytest.importorskip("ctypes")
    array = (exporters.c_int * 3)()
    view = View.from_flags(array, 8 | 16)
    assert view.shape == (3,)
    # ND without FORMAT: items of 4 bytes without a format.
    bare = View.from_flags(View(array), 0x18)
    assert (bare.format, bare.itemsize) == ("B", 4)
    with pytest.raises(NotImplementedError):
        bare[0]
    with pytest.raises(NotImplementedError):
        bare.tolist()
    with pytest.raises(NotImplementedError):
        bare[0] = 1
    assert "cannot be read" in repr(bare)
    assert bare.tobytes() == bytes(12)
    assert bare[1:].nbytes == 8
