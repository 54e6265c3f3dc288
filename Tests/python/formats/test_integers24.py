# SPDX-License-Identifier: Apache-2.0
"""24-bit integers (`m`, `M`) and complex numbers of two halves (`Ze`): read, written, converted, compared, moved."""

from __future__ import annotations

import copy
import pickle
import struct
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import Array, View, array, zeros

LIMITS = {"m": (-(2**23), 2**23 - 1), "M": (0, 2**24 - 1)}
CODES = [order + code for code in "mM" for order in ("", "<", ">", "=", "!", "@", "^")]
# What NumPy converts int32 to as C does it, by the format of the buffer protocol.
NUMPY_TYPES = {
    **{code: code for code in "?bBhHiIqQefd"},
    **{">" + code: ">" + code for code in "hHiIqQefd"},
    "Zf": "F",
    "Zd": "D",
}


def byte_order(code: str) -> Any:
    return {">": "big", "!": "big", "<": "little"}.get(code[0], sys.byteorder)


def packed(values: list[int], code: str) -> bytes:
    signed = code.endswith("m")
    return b"".join(value.to_bytes(3, byte_order(code), signed=signed) for value in values)


def values24(code: str, **limits: Any) -> st.SearchStrategy[list[int]]:
    low, high = LIMITS[code]
    edges = st.sampled_from([low, low + 1, 0, 1, 255, 256, 65535, 65536, high - 1, high])
    return st.lists(edges | st.integers(low, high), **limits)


@given(st.data(), st.sampled_from(CODES))
def test_items_are_the_integers_of_their_three_bytes(data: st.DataObject, code: str) -> None:
    values = data.draw(values24(code[-1], max_size=60))
    made = array(values, code)
    assert (made.format, made.itemsize, made.nbytes) == (code, 3, 3 * len(values))
    assert made.tobytes() == packed(values, code)
    view = View(packed(values, code)).cast(code)
    assert view.tolist() == list(view) == [view[i] for i in range(len(values))] == values
    assert all(type(item) is int for item in view)


@given(st.data(), st.sampled_from(CODES))
def test_items_are_written_where_they_belong(data: st.DataObject, code: str) -> None:
    values = data.draw(values24(code[-1], min_size=3, max_size=9))
    memory = bytearray(b"\xa5" * (3 * len(values)))
    view = View(memory).cast(code)
    for index in range(1, len(values) - 1):
        view[index] = values[index]
    assert bytes(memory) == b"\xa5" * 3 + packed(values[1:-1], code) + b"\xa5" * 3


@pytest.mark.parametrize("code", CODES)
def test_values_out_of_range_are_refused_and_nothing_is_written(code: str) -> None:
    low, high = LIMITS[code[-1]]
    memory = array([low, high], code)
    for wrong in [low - 1, high + 1, 2**31, -(2**31) - 1, 2**64, -(10**30)]:
        for use in [
            lambda x: memory.__setitem__(0, x),
            lambda x: memory.fill(x),
            lambda x: memory.__setitem__(slice(None), [x, x]),
            lambda x: memory.append(x),
            lambda x: array([x], code),
            lambda x: sb.full(2, x, code),
        ]:
            with pytest.raises(ValueError, match=f"between {low} and {high}"):
                use(wrong)
    for wrong in [1.0, "1", None, b"abc"]:  # type: ignore[assignment]
        with pytest.raises(TypeError, match="expected an int"):
            memory[0] = wrong
    assert memory.tolist() == [low, high]


@given(st.data(), st.sampled_from(["m", "M", ">m", ">M"]), st.sampled_from(sorted(NUMPY_TYPES)))
def test_conversions_to_other_numbers_are_those_of_int32(data: st.DataObject, code: str, new: str) -> None:
    values = data.draw(values24(code[-1], max_size=200))
    source = np.array(values, "i4")
    with np.errstate(all="ignore"):
        expected = source.astype(NUMPY_TYPES[new])
    step = data.draw(st.sampled_from([1, 2, -1, -3]))
    result = array(values, code)[::step].astype(new)
    assert (result.format, result.tobytes()) == (new, expected[::step].tobytes())


@given(st.data(), st.sampled_from(["m", "M", ">m", ">M"]), st.sampled_from([*"bBhHiIqQ", ">i", ">Q"]))
def test_integers_wrap_as_in_c(data: st.DataObject, code: str, old: str) -> None:
    info = np.iinfo(old)
    values = data.draw(st.lists(st.integers(int(info.min), int(info.max)), max_size=100))
    wrapped = [((x + 2**23) % 2**24) - 2**23 if code[-1] == "m" else x % 2**24 for x in values]
    assert View(np.array(values, old)).astype(code).tolist() == wrapped


@given(st.lists(st.floats(width=32) | st.floats(-(2.0**25), 2.0**25, width=32), max_size=100), st.sampled_from("efdg"))
def test_floats_saturate_as_in_c(values: list[float], old: str) -> None:
    with np.errstate(all="ignore"):
        source = np.array(values, old)
    for code in ["m", "M", ">m", ">M"]:
        low, high = LIMITS[code[-1]]
        expected = [0 if x != x else int(min(max(float(x), low), high)) for x in source]
        assert View(source).astype(code).tolist() == expected


@given(st.data(), st.sampled_from(["m", "M", ">m", ">M"]), st.sampled_from(["m", "M", ">m", ">M"]))
def test_byte_formats_convert_to_each_other(data: st.DataObject, old: str, new: str) -> None:
    values = data.draw(values24(old[-1], max_size=100))
    expected = np.array(values, "i4")
    expected = expected << 8 >> 8 if new[-1] == "m" else expected & 0xFFFFFF
    assert array(values, old).astype(new).tolist() == expected.tolist()
    fits = [x == y for x, y in zip(values, expected.tolist(), strict=True)]
    if all(fits):
        assert array(values, old).astype(new, "exact").tolist() == values
    else:
        with pytest.raises(ValueError, match=f"item {fits.index(False)},"):
            array(values, old).astype(new, "exact")


@pytest.mark.parametrize("count", [1, 5, 15, 16, 17, 31, 64, 1000, 1023, 1024, 1025, 100_000])
@pytest.mark.parametrize("code", ["m", "M", ">m", ">M"])
def test_every_length_and_alignment_converts(count: int, code: str) -> None:
    raw = np.random.default_rng(count).integers(0, 256, 3 * count + 2, np.uint8)
    for start in (0, 1, 2):
        parts = raw[start : start + 3 * count].reshape(count, 3).astype("i4")
        high, middle, low = parts.T if code[0] == ">" else parts.T[::-1]
        expected = low | middle << 8 | high << 16
        if code[-1] == "m":
            expected = expected << 8 >> 8
        view = View(raw)[start : start + 3 * count].cast(code)
        assert np.array_equal(np.asarray(view.astype("i")), expected)
        assert np.array_equal(np.asarray(view.astype("f")), expected.astype("f"))
        target = bytearray(3 * count + 3)
        View(target)[start : start + 3 * count].cast(code).copy_from(expected, "unsafe")
        assert bytes(target) == bytes(start) + bytes(view) + bytes(3 - start)


@given(st.data(), st.sampled_from(CODES))
def test_numbers_are_found_and_compared_as_python_does(data: st.DataObject, code: str) -> None:
    values = data.draw(values24(code[-1], min_size=1, max_size=2000))
    needle: Any = data.draw(st.sampled_from([*values[:9], 0, -1, 2**24, 0.5, float("nan")]))
    for kind in [lambda x: x, float, complex]:
        wanted = kind(needle)
        memory = array(values, code)[:: data.draw(st.sampled_from([1, -1, 2]))]
        items = memory.tolist()
        assert memory.count(wanted) == items.count(wanted)
        assert (wanted in memory) == (wanted in items)
        if wanted in items:
            assert memory.index(wanted) == items.index(wanted)
        else:
            with pytest.raises(ValueError, match="not found"):
                memory.index(wanted)
    memory = array(values, code)
    for other in ["i", ">q", "d", "g", "Zd", "m" if min(values) < 0 else "M"]:
        if other[-1] not in "mM" or all(LIMITS[other][0] <= x <= LIMITS[other][1] for x in values):
            assert memory == array(values, other)
    changed = array(values, "q")
    changed[len(values) // 2] = 2**30
    assert memory != changed


@given(st.data(), st.sampled_from(["m", ">m", "M", ">M"]))
def test_byteswap_turns_three_bytes_round(data: st.DataObject, code: str) -> None:
    raw = data.draw(st.binary(max_size=600).map(lambda x: x[: len(x) // 3 * 3]))
    memory = array(View(raw).cast(code), code)
    step = data.draw(st.sampled_from([1, 2, -1]))
    items = [raw[i : i + 3] for i in range(0, len(raw), 3)]
    items[::step] = [item[::-1] for item in items[::step]]
    memory[::step].byteswap()
    assert memory.tobytes() == b"".join(items)
    assert memory.format == code


@given(st.data())
def test_24_bit_items_are_copied_and_pickled_like_others(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(["m", "M", ">m", ">M"]))
    shape = data.draw(st.lists(st.integers(0, 7), min_size=1, max_size=3).map(tuple))
    count = int(np.prod(shape))
    values = data.draw(values24(code[-1], min_size=count, max_size=count))
    expected = np.array(values, "i4").reshape(shape)
    memory = array(values, code).reshape(shape)
    assert memory.tolist() == expected.tolist()
    assert memory.T.copy().tolist() == expected.T.tolist()
    assert memory.T.tobytes() == packed(expected.T.ravel().tolist(), code)
    for protocol in (2, 5):
        again = pickle.loads(pickle.dumps(memory.T, protocol))
        assert (again.format, again.tolist()) == (code, expected.T.tolist())
    assert copy.deepcopy(memory).tolist() == expected.tolist()
    target = zeros(shape, code)
    target.T[...] = memory.T
    assert target == memory
    if count:
        memory[0] = memory[-1]
        expected[0] = expected[-1]
        assert memory.tolist() == expected.tolist()


def test_structures_and_sub_arrays_hold_them() -> None:
    memory = array([(1, -2, [[3, 2**24 - 1]], 4.5)], "T{b:flag:m:low:(1,2)>M:pair:@d:rest:}")
    assert memory.itemsize == 24
    assert memory.tobytes() == b"\x01\xfe\xff\xff\0\0\x03\xff\xff\xff" + bytes(6) + struct.pack("d", 4.5)
    assert memory.tolist() == [(1, -2, [[3, 2**24 - 1]], 4.5)]
    assert memory["low"].tolist() == [-2]
    assert memory["pair"].tolist() == [[[3, 2**24 - 1]]]
    memory["low"][0] = 2**23 - 1
    assert memory[0].low == 2**23 - 1
    with pytest.raises(ValueError, match="-8388608"):
        memory[0] = (1, 2**23, [[0, 0]], 0)


def test_lists_are_never_taken_for_24_bits() -> None:
    assert array([1, -1]).format == "q"
    assert array([array([1], "m"), array([2], "m")]).format == "q"
    assert array(array([1], "m")).format == "m"


def test_memoryview_shows_the_memory_and_no_items() -> None:
    view = memoryview(array([1, 2], "m"))
    assert (view.format, view.itemsize, view.tobytes()) == ("m", 3, b"\1\0\0\2\0\0")
    with pytest.raises(NotImplementedError):
        view[0]


# -- Complex numbers of two halves -------------------------------------------------------------------------------------

# By their bits: st.floats(width=16) drops so many of its own draws that Hypothesis gives up now and then. One NaN is
# enough: which one a conversion gives does not matter.
HALVES = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, float("inf"), float("nan")]),
    st.integers(0, 0x7BFF).map(lambda bits: float(np.uint16(bits).view(np.float16))),
    st.integers(0x8000, 0xFBFF).map(lambda bits: float(np.uint16(bits).view(np.float16))),
)


@given(st.lists(st.builds(complex, HALVES, HALVES), max_size=50), st.sampled_from(["Ze", "<Ze", ">Ze"]))
def test_complex_halves_are_two_halves(values: list[complex], code: str) -> None:
    half = (">" if code[0] == ">" else "<") + "e"
    expected = np.array([part for x in values for part in (x.real, x.imag)], half)
    made = array(values, code)
    assert (made.format, made.itemsize) == (code, 4)
    assert repr(made.tolist()) == repr(values)
    assert np.array_equal(np.frombuffer(made, half), expected, equal_nan=True)
    assert repr(View(expected.tobytes()).cast(code).tolist()) == repr(values)
    for new, numpy_type in [("Zf", "F"), ("Zd", "D"), (">Zf", ">c8")]:
        assert repr(made.astype(new).tolist()) == repr(np.array(values, numpy_type).tolist())
        assert repr(made.astype(new).astype(code).tolist()) == repr(values)
    for x in values[:5]:
        assert made.count(x) == values.count(x) if x == x else made.count(x) == 0
    assert (made == array(values, "Zd")) == all(x == x for x in values)
    swapped = made.copy()
    swapped.byteswap()
    assert np.array_equal(np.frombuffer(swapped, half), expected.byteswap(), equal_nan=True)


@given(st.lists(st.floats(-70000, 70000), max_size=50), st.sampled_from(["h", "d", ">f", "m"]))
def test_real_numbers_become_complex_halves_and_back(values: list[float], old: str) -> None:
    source = array([int(x) % 2**15 if old[-1] in "hm" else x for x in values], old)
    result = source.astype("Ze")
    halves = source.astype("e").tolist()
    assert result.tolist() == [complex(x) for x in halves]
    assert result.astype("d").tolist() == halves


def test_complex_halves_that_do_not_fit_are_refused() -> None:
    memory = zeros(2, "Ze")
    for wrong in [1e5, 1e5j, complex(0, -65520)]:
        with pytest.raises((ValueError, OverflowError)):
            memory[0] = wrong
    with pytest.raises(TypeError, match="complex"):
        memory[0] = "x"
    record = array([(1, 2 + 3j)], "T{b:a:Ze:z:}")
    assert (record.itemsize, record.tolist()) == (6, [(1, 2 + 3j)])
    assert isinstance(record, Array)
