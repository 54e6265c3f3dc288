# SPDX-License-Identifier: Apache-2.0
"""`b`, `B` and `c` are bytes to one another, and `bytes` are one item where items are strings of bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swiftbuffer import View, array, zeros

BYTES = st.sampled_from(["b", "B", "c", "<b", ">B", "@c"])


@given(data=st.binary(max_size=12), mine=BYTES, theirs=BYTES, step=st.sampled_from([1, -1, 2, -3]))
def test_bytes_are_assigned_whatever_they_are_called(data: bytes, mine: str, theirs: str, step: int) -> None:
    source = View(data).cast(theirs)[::step]
    expected = data[::step]
    target = zeros(len(source), mine)
    target[:] = source
    assert target.tobytes() == expected
    target[...] = bytes(len(source))
    target.copy_from(source)
    assert target.tobytes() == expected
    written = zeros(len(source), mine)
    target.copy_to(written)
    source.copy_to(target)
    assert written.tobytes() == target.tobytes() == expected
    target.extend(source)
    assert target.tobytes() == expected * 2
    assert target.format == mine
    assert array(source, mine).tobytes() == expected
    grid = zeros((2, len(source)), mine)
    grid[:] = source
    assert grid.tobytes() == expected * 2


def test_bytes_are_assigned_in_structures_and_sub_arrays() -> None:
    source = array([(-1, b"x", [200, 1])], "T{b:a:c:b:(2)B:c:}")
    target = zeros(1, "T{B:a:b:b:(2)c:c:}")
    target[:] = source
    assert target.tolist() == [(255, 120, [b"\xc8", b"\1"])]
    with pytest.raises(ValueError, match="the structures differ"):
        target[:] = zeros(1, "T{B:a:?:b:(2)c:c:}")


def test_other_formats_of_one_byte_are_refused() -> None:
    for form in ["?", "1s", "1p"]:
        with pytest.raises(ValueError, match="cannot be assigned"):
            zeros(1, "B")[:] = zeros(1, form)
    with pytest.raises(ValueError, match="would lose the value of item 1"):
        zeros(2, "b").copy_from(bytes([1, 200]), casting="exact")


@given(data=st.binary(max_size=5), kind=st.sampled_from([bytes, bytearray]), letter=st.sampled_from("sp"))
def test_bytes_are_one_item_of_a_string_of_bytes(data: bytes, kind: type[Any], letter: str) -> None:
    form = f"5{letter}"
    room = 5 if letter == "s" else 4
    value = kind(data)
    target = zeros(2, form)
    if len(data) > room:
        for write in [
            lambda: array(value, form),
            lambda: array([value], form),
            lambda: target.__setitem__(0, value),
            lambda: target.__setitem__(..., value),
            lambda: target.append(value),
        ]:
            with pytest.raises(ValueError, match=f"{len(data)} bytes do not fit in {room}"):
                write()
        return
    expected = np.array(data, "S5").tobytes().ljust(5, b"\0") if letter == "s" else None
    one = array(value, form)
    assert one.shape == ()
    assert array([value, value], form).tolist() == [one.item()] * 2
    assert array([[value], [value]], form).tolist() == [[one.item()]] * 2
    target[0] = value
    target[1:] = value
    target.append(value)
    target.extend([value])
    assert target.tolist() == [one.item()] * 4
    if expected is not None:
        assert one.tobytes() == expected
    assert one.item().rstrip(b"\0") == data.rstrip(b"\0")


def test_strings_of_bytes_in_sub_arrays() -> None:
    pairs = array([[b"abc", b"d"], [b"", b"ef"]], "(2)3s")
    assert pairs.shape == (2,)
    assert pairs.tolist() == [[b"abc", b"d\0\0"], [b"\0\0\0", b"ef\0"]]
    with pytest.raises(ValueError, match="4 bytes do not fit in 3"):
        pairs[0] = [b"abcd", b""]
    with pytest.raises(TypeError, match="cannot become"):
        array(b"abcdef", "(2)3s")


def test_bytes_that_are_items_already_are_cast() -> None:
    with pytest.raises(ValueError, match="6 bytes do not fit in 3"):
        array(b"abcdef", "3s")
    assert View(b"abcdef").cast("3s").tolist() == [b"abc", b"def"]
    with pytest.raises(TypeError, match=r"append\(value\) adds one"):
        zeros(1, "3s").extend(b"abc")
