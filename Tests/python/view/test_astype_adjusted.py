# SPDX-License-Identifier: Apache-2.0
"""astype, copy_from and copy_to with scale, offset and overflow; dtype= and copy= as NumPy and zarr call them."""

from __future__ import annotations

import sys
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swiftbuffer import View, array, zeros
from view_layouts import arrays

Overflow = Literal["wrap", "saturate", "raise"] | None
RANGES = {
    "b": (-(2**7), 2**7 - 1),
    "B": (0, 2**8 - 1),
    "h": (-(2**15), 2**15 - 1),
    "H": (0, 2**16 - 1),
    "m": (-(2**23), 2**23 - 1),
    "M": (0, 2**24 - 1),
    "i": (-(2**31), 2**31 - 1),
    "I": (0, 2**32 - 1),
    "q": (-(2**63), 2**63 - 1),
    "Q": (0, 2**64 - 1),
}
OVERFLOWS = st.sampled_from([None, "wrap", "saturate", "raise"])
SCALES = st.sampled_from([2.0**-23, 2.0**23, 32767, 8388607, 0.1, -1, 1e10, 0, 1, 2.0**-140]) | st.floats(-1e6, 1e6)


def wrapped(value: int, code: str) -> int:
    low, high = RANGES[code[-1]]
    return (value - low) % (high - low + 1) + low


def adjusted(value: Any, code: str, scale: Any, offset: Any, overflow: Overflow) -> Any:
    """What becomes of one number, in plain Python; None for one that is refused."""
    scales = scale is not None or offset is not None
    if scales:
        value = float(value)
        value = value if scale is None else value * float(scale)
        value = value if offset is None else value + float(offset)
    if code[-1] not in RANGES:
        return value
    low, high = RANGES[code[-1]]
    is_float = isinstance(value, float)
    if is_float and not np.isfinite(value):
        if overflow == "raise":
            return None
        return 0 if value != value or overflow == "wrap" else high if value > 0 else low
    whole = round(value) if scales else int(value)
    if overflow == "raise":
        return whole if low <= whole <= high else None
    if overflow == "saturate" or (is_float and overflow is None):
        return min(max(whole, low), high)
    return wrapped(whole, code)


def numbers(code: str) -> st.SearchStrategy[Any]:
    if code[-1] in RANGES:
        low, high = RANGES[code[-1]]
        return st.integers(low, high) | st.sampled_from([low, high, max(low, -1), 0, 1])
    if code[-1] == "f":
        return st.floats(width=32) | st.floats(-2, 2, width=32)
    return st.floats() | st.floats(-2, 2) | st.integers(-600, 600).map(lambda x: x / 2)


FORMATS = st.sampled_from([*RANGES, "f", "d", ">h", ">m", ">f", ">d", ">Q"])


@given(st.data(), FORMATS, FORMATS, SCALES | st.none(), st.sampled_from([None, None, 0, 0.5, -128]), OVERFLOWS)
def test_numbers_are_scaled_then_rounded_then_brought_into_range(
    data: st.DataObject, old: str, new: str, scale: float | None, offset: float | None, overflow: Overflow
) -> None:
    if new[-1] not in RANGES:
        overflow = None
    values = data.draw(st.lists(numbers(old), max_size=40))
    source = array(values, old)[:: data.draw(st.sampled_from([1, -1, 2]))]
    expected = [adjusted(x, new, scale, offset, overflow) for x in source.tolist()]

    def convert() -> Any:
        way = data.draw(st.sampled_from(["astype", "copy_from", "copy_to"]))
        if way == "astype":
            return source.astype(new, scale=scale, offset=offset, overflow=overflow)
        target = zeros(source.shape, new)
        if way == "copy_from":
            target.copy_from(source, "unsafe", scale=scale, offset=offset, overflow=overflow)
        else:
            source.copy_to(target, "unsafe", scale=scale, offset=offset, overflow=overflow)
        return target

    if None in expected:
        with pytest.raises(ValueError, match=f"item {expected.index(None)},"):
            convert()
        return
    if new[-1] in "fd":
        with np.errstate(all="ignore"):
            rounded = np.array(expected, "d").astype(new[-1])
        assert repr(convert().tolist()) == repr(rounded.tolist())
    else:
        assert convert().tolist() == expected


@given(arrays(st.sampled_from(["h", "f", "i", ">i2"])), st.sampled_from("CFA"))
def test_every_layout_is_scaled_in_the_order_asked_for(source: np.ndarray[Any, Any], order: Any) -> None:
    result = View(source).astype("d", order=order, scale=0.5, offset=1)
    expected = np.asarray(source.astype("d", order=order) * 0.5 + 1)
    assert (result.shape, result.tolist()) == (expected.shape, expected.tolist())
    assert result.f_contiguous == source.astype("d", order=order).flags.f_contiguous


def test_audio_of_24_bits_becomes_floats_and_comes_back() -> None:
    raw = bytes([0, 0, 0, 0xFF, 0xFF, 0x7F, 0, 0, 0x80, 0, 0, 0x40, 0xFF, 0xFF, 0xFF])
    samples = View(raw).cast("<m", (5,)).astype("f", scale=2**-23)
    assert samples.tolist() == [0.0, 1 - 2**-23, -1.0, 0.5, -(2**-23)]
    assert samples.astype("<m", scale=2**23).tobytes() == raw
    clipped = array([1.0, 1.5, -1.5, float("nan")], "f").astype("<m", scale=2**23)
    assert clipped.tolist() == [2**23 - 1, 2**23 - 1, -(2**23), 0]


def test_halves_are_rounded_to_even_where_numbers_are_scaled_and_cut_off_where_not() -> None:
    halves = array([0.5, 1.5, 2.5, -0.5, -1.5, 2.75])
    assert halves.astype("b").tolist() == [0, 1, 2, 0, -1, 2]
    assert halves.astype("b", overflow="saturate").tolist() == [0, 1, 2, 0, -1, 2]
    assert halves.astype("b", scale=1).tolist() == [0, 2, 2, 0, -2, 3]
    assert halves.astype("q", offset=0).tolist() == [0, 2, 2, 0, -2, 3]


def test_the_default_is_to_wrap_integers_and_to_saturate_floats() -> None:
    assert array([300, -1]).astype("B").tolist() == [44, 255]
    assert array([300.0, -1.0]).astype("B").tolist() == [255, 0]
    assert array([300, -1]).astype("B", overflow="saturate").tolist() == [255, 0]
    assert array([300.0, -1.0]).astype("B", overflow="wrap").tolist() == [44, 255]
    assert array([2.0**64 + 2.0**12, -(2.0**70), 1e300]).astype("q", overflow="wrap").tolist() == [2**12, 0, 0]
    for values in [[3, 300], [3.0, 256.0], [3, -1], [3.0, float("nan")]]:
        with pytest.raises(ValueError, match="item 1"):
            array(values).astype("B", overflow="raise")
    assert array([255.9, -0.9]).astype("B", overflow="raise").tolist() == [255, 0]
    with pytest.raises(ValueError, match="item 0"):
        array([255.9]).astype("B", scale=1, overflow="raise")


@pytest.mark.parametrize("count", [0, 1, 1023, 1024, 1025, 300_000])
def test_large_arrays_are_scaled_as_small_ones_are(count: int) -> None:
    source = np.random.default_rng(count).normal(0, 0.7, count).astype("f")
    expected = np.clip(np.rint(source.astype("d") * 32767 + 0.25), -32768, 32767).astype("h")
    assert np.array_equal(np.asarray(View(source).astype("h", scale=32767, offset=0.25)), expected)
    assert np.array_equal(np.asarray(View(source).astype("f", scale=3)), source * np.float32(3))


def test_memory_may_be_scaled_in_place() -> None:
    memory = array([1.0, 2.0, 3.0, 4.0], "f")
    memory.copy_from(memory[::-1], scale=2)
    assert memory.tolist() == [8.0, 6.0, 4.0, 2.0]
    memory.copy_from(memory, offset=1)
    assert memory.tolist() == [9.0, 7.0, 5.0, 3.0]


def test_arguments_that_cannot_be_combined_are_refused_with_a_reason() -> None:
    memory: Any = array([1, 2])
    for options in [{"scale": 2}, {"offset": 1}, {"overflow": "raise"}]:
        with pytest.raises(ValueError, match="casting='exact' keeps every value"):
            memory.astype("d" if "overflow" not in options else "b", "exact", **options)
        with pytest.raises(ValueError, match="casting='exact' keeps every value"):
            memory.copy_to(zeros(2), "exact", **options)
    with pytest.raises(ValueError, match="overflow is about integers"):
        memory.astype("f", overflow="saturate")
    with pytest.raises(ValueError, match="'wrap', 'saturate' or 'raise', not 'clip'"):
        memory.astype("b", overflow="clip")
    with pytest.raises(TypeError, match="real numbers"):
        memory.astype("Zd", scale=2)
    with pytest.raises(TypeError, match="real numbers"):
        array([1j]).astype("d", offset=2)
    with pytest.raises(TypeError, match="scale must be a real number, not str"):
        memory.astype("d", scale="2")
    with pytest.raises(TypeError, match="offset must be a real number, not complex"):
        memory.astype("d", offset=2j)
    with pytest.raises(ValueError, match="finite"):
        memory.astype("d", scale=float("inf"))
    with pytest.raises(TypeError, match="are no numbers"):
        View(b"abcd").cast("2s").astype("2s", scale=2)
    with pytest.raises(TypeError, match="are no numbers"):
        View(b"abcd").cast("T{B:a:}").astype("d", overflow="wrap")
    assert array([1 + 2j, 300]).astype("B", overflow="saturate").tolist() == [1, 255]


# -- dtype= and copy= --------------------------------------------------------------------------------------------------


def test_dtype_is_another_name_of_format() -> None:
    memory: Any = array([[1, 2], [3, 4]])
    result = memory.astype(dtype="f", order="F")
    assert (result.format, result.f_contiguous, result.tolist()) == ("f", True, [[1, 2], [3, 4]])
    assert memory.astype(dtype="f", order="A").c_contiguous
    with pytest.raises(TypeError, match="two names of one argument"):
        memory.astype("f", dtype="f")
    with pytest.raises(TypeError, match="needs a format"):
        memory.astype()
    with pytest.raises(TypeError):
        memory.astype(None)


def test_copy_false_returns_what_needs_no_change() -> None:
    memory: Any = array([[1, 2], [3, 4]], "q")
    view = View(memory)
    for same in (memory, view):
        assert same.astype("q", copy=False) is same
        assert same.astype("<q" if sys.byteorder == "little" else ">q", order="C", copy=False) is same
        for other in [
            same.astype("q"),
            same.astype("q", copy=True),
            same.astype("i", copy=False),
            same.astype("q", order="F", copy=False),
            same.astype("q", scale=1, copy=False),
            same[:, ::-1].astype("q", copy=False),
        ]:
            assert other is not same
            assert other.contiguous or other.f_contiguous
    assert memory.T.astype("q", copy=False).tolist() == [[1, 3], [2, 4]]
