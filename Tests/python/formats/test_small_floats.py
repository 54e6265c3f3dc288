# SPDX-License-Identifier: Apache-2.0
"""`bfloat16` and `float8`: values, rounding, conversions, comparisons, and everything that other numbers have."""

from __future__ import annotations

import copy
import hashlib
import io
import math
import pickle
import re
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from small_floats import SMALL_FLOATS, SmallFloat, traps
from swiftbuffer import Array, View, array, zeros

each = pytest.mark.parametrize("kind", SMALL_FLOATS, ids=str)
kinds = st.sampled_from(SMALL_FLOATS)
BFLOAT16 = SMALL_FLOATS[0]
# Every other type of number.
OTHERS = [*"?bBhHiIqQmMefdg", "Zf", "Ze", ">h", ">I", ">e", ">f", ">d", "<q", *(x.format for x in SMALL_FLOATS), ">Rb"]


def all_of(kind: SmallFloat) -> Any:
    """Every code once."""
    return np.arange(1 << 8 * kind.size).astype(kind.dtype)


def shown(codes: Any, kind: SmallFloat) -> View:
    return View(codes).cast(kind.format)


def bits(memory: Any, kind: SmallFloat) -> Any:
    return np.asarray(memory.cast("BH"[kind.size - 1]))


def assert_same_codes(found: Any, expected: Any, kind: SmallFloat) -> None:
    """Equal, but for the payloads of NaNs."""
    values, wanted = kind.values[found], kind.values[expected]
    wrong = np.nonzero((found != expected) & ~(np.isnan(values) & np.isnan(wanted)))[0]
    assert not len(wrong), (wrong[:5], found[wrong[:5]], expected[wrong[:5]])


def same(x: list[float], y: list[float]) -> bool:
    return repr(x) == repr(y)


# -- Values and rounding -----------------------------------------------------------------------------------------------


@each
def test_every_code_is_the_value_of_its_definition_and_of_ml_dtypes(kind: SmallFloat) -> None:
    codes = all_of(kind)
    with np.errstate(invalid="ignore"):  # signalling NaNs
        theirs = codes.view(getattr(ml_dtypes, kind.name)).astype("d")
    assert np.array_equal(kind.values, theirs, equal_nan=True)
    assert np.array_equal(np.signbit(kind.values), np.signbit(theirs)) or kind.unsigned_zero
    memory = shown(codes, kind)
    assert same(memory.tolist(), [math.nan if x != x else x for x in kind.values.tolist()])
    assert same([memory[i] for i in range(0, len(codes), 97)], memory.tolist()[::97])
    for target in "fd":
        converted = np.asarray(memory.astype(target))
        assert np.array_equal(converted, kind.values.astype(target), equal_nan=True)
        assert_same_codes(bits(View(converted).astype(kind.format), kind), codes, kind)


@each
def test_float32_rounds_as_ml_dtypes_does(kind: SmallFloat) -> None:
    random = np.random.default_rng(kind.code)
    with np.errstate(all="ignore"):
        numbers = np.concatenate(
            [
                traps(kind).astype("f"),
                random.integers(0, 2**32, 200_000, np.uint32).view("f"),
                random.normal(0, kind.magnitudes[-1] if kind is not BFLOAT16 else 1, 50_000).astype("f"),
            ]
        )
        theirs = numbers.astype(getattr(ml_dtypes, kind.name)).view(kind.dtype)
        mine = bits(View(numbers).astype(kind.format), kind)
        assert_same_codes(mine, kind.codes(numbers), kind)
        # Of the numbers between its two smallest values, ml_dtypes rounds all up.
        known = kind.has_sign | (numbers <= 2.0**-127) | (numbers >= 2.0**-126) | np.isnan(numbers)
        assert_same_codes(mine[known], theirs[known], kind)


@each
def test_float64_is_rounded_once(kind: SmallFloat) -> None:
    # ml_dtypes rounds to float32 first, and so twice: it is no oracle here.
    random = np.random.default_rng(kind.code)
    numbers = np.concatenate([traps(kind), random.integers(0, 2**64, 100_000, np.uint64).view("d")])
    assert_same_codes(bits(View(numbers).astype(kind.format), kind), kind.codes(numbers), kind)
    if np.dtype("g").itemsize > 8:
        with np.errstate(invalid="ignore"):  # signalling NaNs
            wide = numbers.astype("g")
        assert_same_codes(bits(View(wide).astype(kind.format), kind), kind.codes(numbers), kind)


def test_double_rounding_is_avoided() -> None:
    above = 1 + 2.0**-8 + 2.0**-40  # above the middle of 1 and 1 + 2**-7, where its nearest float32 is
    assert np.float32(above) == 1 + 2.0**-8
    assert array([above], "bfloat16")[0] == array([above], "d").astype("bfloat16")[0] == 1 + 2.0**-7
    whole = 2**60 + 2**52 + 1
    assert array([whole], "q").astype("bfloat16")[0] == 2.0**60 + 2.0**53
    assert array([-whole], "q").astype("bfloat16")[0] == -(2.0**60) - 2.0**53
    assert array([whole + 2**63], "Q").astype("bfloat16")[0] == 2.0**63 + 2.0**60
    assert array([2**24 + 2**16 + 1], "i").astype("bfloat16")[0] == 2.0**24 + 2.0**17


@each
@pytest.mark.parametrize("code", "bBhHiIqQmM")
def test_integers_are_rounded_once(kind: SmallFloat, code: str) -> None:
    size = {"m": 3, "M": 3}.get(code) or np.dtype(code).itemsize
    low, high = (-(1 << 8 * size - 1), (1 << 8 * size - 1) - 1) if code in "bhiqm" else (0, (1 << 8 * size) - 1)
    middles = [int(x) for x in kind.middles if 0.5 <= x <= high][:: 1 if kind.size == 1 else 7]
    wholes = [s * (x + d) for x in middles for d in (-1, 0, 1) for s in (1, -1)] + [low, high, high - 1, 0, 1]
    wholes = [x for x in wholes if low <= x <= high]
    expected = np.array([kind.code_of_whole(x) for x in wholes], kind.dtype)
    assert_same_codes(bits(array(wholes, code).astype(kind.format), kind), expected, kind)


@each
@pytest.mark.parametrize("other", OTHERS)
def test_each_code_converts_as_its_value_does(kind: SmallFloat, other: str) -> None:
    found = shown(all_of(kind), kind).astype(other)
    expected = View(kind.values).astype(other)
    if other == kind.format:
        assert_same_codes(bits(found, kind), all_of(kind), kind)
    assert np.array_equal(np.array(found.tolist()), np.array(expected.tolist()), equal_nan=True)


@given(kinds, st.sampled_from([1, 7, 8, 15, 31, 64, 255, 1023, 1024, 1025, 5000]), st.integers(0, 3), st.data())
def test_every_length_alignment_and_stride_converts(kind: SmallFloat, count: int, start: int, data: Any) -> None:
    raw = np.random.default_rng(count).integers(0, 256, kind.size * count + 4, np.uint8)
    part = raw[start : start + kind.size * count]
    codes = np.frombuffer(part.tobytes(), kind.dtype)
    step = data.draw(st.sampled_from([1, 2, -1, -3]))
    view = View(raw)[start : start + kind.size * count].cast(kind.format)[::step]
    expected = kind.values[codes[::step]]
    assert np.array_equal(np.asarray(view.astype("d")), expected, equal_nan=True)
    assert np.array_equal(np.asarray(view.astype("f")), expected.astype("f"), equal_nan=True)
    target = bytearray(kind.size * count + 4)
    room = View(target)[start : start + kind.size * count].cast(kind.format)[::step]
    room.copy_from(expected, "unsafe")
    assert_same_codes(bits(room.copy(), kind), codes[::step], kind)
    assert not any(target[:start])
    assert not any(target[start + kind.size * count :])


@given(kinds, st.floats())
def test_numbers_are_written_as_they_are_converted_or_refused(kind: SmallFloat, number: float) -> None:
    code = int(kind.codes([number])[0])
    value = kind.values[code]
    memory = array([1], kind.name)
    if math.isnan(value) == math.isnan(number) and math.isinf(value) == math.isinf(number):
        memory[0] = number
        assert repr(memory[0]) == repr(float(value)) or (math.isnan(memory[0]) and math.isnan(value))
    else:
        what = "power of two" if kind.name == "float8_e8m0fnu" else f"and {kind.magnitudes[-1]}"
        with pytest.raises(sb.OutOfRangeError, match=re.escape(what)):
            memory[0] = number
        assert memory[0] == 1


@each
def test_what_does_not_fit_is_refused_everywhere(kind: SmallFloat) -> None:
    memory = array([1, 2], kind.format)
    for use in [
        lambda x: memory.__setitem__(0, x),
        lambda x: memory.fill(x),
        lambda x: memory.__setitem__(slice(None), [x, x]),
        lambda x: memory.append(x),
        lambda x: array([x], kind.format),
        lambda x: sb.full(2, x, kind.format),
    ]:
        with pytest.raises(sb.OutOfRangeError, match=rf"format '.*{kind.format}'"):
            use(1e39)
        with pytest.raises(TypeError, match="expected a float, not str"):
            use("1")
    assert memory.tolist() == [1, 2]
    assert array(memory.astype("d"), kind.format).tolist() == [1, 2]


# -- Everything that numbers have --------------------------------------------------------------------------------------


@each
def test_names_formats_and_types_are_one(kind: SmallFloat) -> None:
    scalar = getattr(ml_dtypes, kind.name)
    for spelling in (kind.name, kind.format, "@" + kind.format, "1" + kind.format, np.dtype(scalar), scalar):
        memory = zeros(3, spelling) if kind.has_sign else array([1, 1, 1], spelling)
        assert memory.itemsize == kind.size
        assert memory.nbytes == 3 * kind.size
        assert isinstance(memory[0], float)
        assert memory == memory.astype(kind.format)
    assert array([1.5 if kind.mantissa else 2], kind.name).format == kind.format
    assert repr(array([2], kind.name)) == f"<Array shape=(1,) format='{kind.format}' [2.0]>"
    swapped = zeros(1, np.dtype(scalar).newbyteorder())
    assert swapped.format == (">" if kind.size > 1 else "") + kind.format
    other = ">" if kind.size > 1 else "<"
    assert zeros(1, other + kind.format).format == other + kind.format
    for alone in ["R", "Rx", "R:a:", "2R", "Rb2"]:
        with pytest.raises(ValueError, match=r"'R' needs the letter of a small float|count without a type"):
            zeros(1, alone)


@given(kinds, st.data())
def test_numbers_are_found_and_compared_as_python_does(kind: SmallFloat, data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.integers(0, (1 << 8 * kind.size) - 1), min_size=1, max_size=300))
    source = np.array(codes, kind.dtype)
    memory = shown(source, kind)[:: data.draw(st.sampled_from([1, -1, 2]))]
    items = memory.tolist()
    needle = data.draw(st.sampled_from([*items[:9], 0.0, -0.0, 1, 0.1, 2**70, math.nan, math.inf, True]))
    count = sum(x == needle for x in items)
    assert memory.count(needle) == count
    assert (needle in memory) == (count > 0)
    if count:
        assert memory.index(needle) == next(i for i, x in enumerate(items) if x == needle)
    has_nan = any(x != x for x in items)
    for other in [kind.format, "f", "d", "g", "Zd", ">Rb", "Rb"]:
        converted = memory.astype(other)
        if memory.astype(other).tolist() == items or other != "Rb":
            assert (memory == converted) == (converted == memory) == (not has_nan or not len(items))
    changed = memory.copy()
    changed[-1] = 2.0 if items[-1] != 2 else 4.0
    assert memory != changed


@pytest.mark.parametrize("kind", [x for x in SMALL_FLOATS if x.unsigned_zero], ids=str)
def test_the_only_nan_is_no_zero(kind: SmallFloat) -> None:
    memory = shown(np.array([0x80, 0, 1], np.uint8), kind)
    assert math.isnan(memory[0])
    assert memory[1] == 0
    assert (memory.count(0), memory.index(0), memory.index(-0.0)) == (1, 1, 1)
    assert memory.astype("?").tolist() == [True, False, True]
    assert memory[1:2] == array([-0.0], "d")
    assert memory[:1] != zeros(1, kind.format)
    memory = array([-0.0], kind.format)
    assert memory.tobytes() == b"\0"


@given(kinds, st.data())
def test_items_are_copied_moved_and_pickled_like_others(kind: SmallFloat, data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(0, 7), min_size=1, max_size=3).map(tuple))
    source = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, 1 << 8 * kind.size, shape)
    source = source.astype(kind.dtype)
    memory = array(shown(source.ravel(), kind)).reshape(shape)
    assert memory.format == kind.format
    assert np.array_equal(bits(memory, kind).reshape(shape), source)
    assert memory.T.tobytes() == source.T.tobytes()
    for protocol in (2, 4, 5):
        for chosen in (memory, memory.T, memory[::-1], View(memory)):
            again = pickle.loads(pickle.dumps(chosen, protocol))
            assert (type(again), again.format, again.shape) == (Array, kind.format, chosen.shape)
            assert again.tobytes() == chosen.tobytes()
    buffers: list[pickle.PickleBuffer] = []
    data_in_band = pickle.dumps(memory, 5, buffer_callback=buffers.append)
    again = pickle.loads(data_in_band, buffers=[bytearray(x) for x in buffers])
    assert again.tobytes() == memory.tobytes()
    assert not again.readonly
    assert copy.deepcopy(memory).tobytes() == copy.copy(memory).tobytes() == memory.tobytes()
    target = zeros(shape, kind.format)
    target.T[...] = memory.T
    assert target.tobytes() == memory.tobytes()
    swapped = memory.copy()
    swapped.byteswap()
    assert swapped.tobytes() == source.byteswap().tobytes()
    assert swapped.format == kind.format


@each
def test_arrays_of_them_grow_fill_and_take_assignments(kind: SmallFloat) -> None:
    memory = array([1, 2.0, True], kind.name)
    memory.append(4)
    memory.extend([8, 1])
    memory.extend(array([2, 2], kind.name))
    memory.insert(0, 4)
    assert memory.pop() == 2
    memory.remove(8)
    assert memory.tolist() == [4, 1, 2, 1, 4, 1, 2]
    memory[1:3] = [2, 4]
    memory[3] = np.float32(8)
    memory[::2] = 1
    assert memory.tolist() == [1, 2, 1, 8, 1, 1, 1]
    memory.fill(2)
    assert memory == sb.full(7, 2, kind.name)
    with pytest.raises(ValueError, match=r"format|convert"):
        memory[:] = array([1.0] * 7, "d")
    memory.copy_from(array([4.0] * 7, "d"), "unsafe")
    assert memory.tolist() == [4] * 7
    assert list(memory) == [4.0] * 7
    assert memory.astype("q", scale=3).tolist() == [12] * 7
    assert array([3, 5], "h").astype(kind.name, scale=4 / 3, offset=0).tolist()[0] == 4


def test_records_and_sub_arrays_hold_them() -> None:
    memory = array([(1, 1.5, [[2, -3.5]], 2.5)], "T{b:flag:>Rb:wide:(1,2)Rn:pair:@d:rest:}")
    assert (memory.itemsize, memory.tolist()) == (16, [(1, 1.5, [[2.0, -3.5]], 2.5)])
    assert memory.tobytes()[:5] == b"\x01\x3f\xc0\x40\xc6"
    assert memory["wide"].format == ">Rb"
    assert memory["wide"].tolist() == [1.5]
    assert memory["pair"].tolist() == [[[2, -3.5]]]
    memory["wide"][0] = 3.140625
    assert memory[0].wide == 3.140625
    assert pickle.loads(pickle.dumps(memory)) == memory.copy() == memory
    with pytest.raises(ValueError, match="448"):
        memory[0] = (1, 1.5, [[2, 1e3]], 2.5)
    fields = zeros(2, [("a", "bfloat16"), ("b", ml_dtypes.float8_e5m2)])
    assert fields.format.count("R") == 2
    assert fields.itemsize == 3
    numpy_type = np.dtype([("a", "u1"), ("b", ml_dtypes.bfloat16)])
    assert zeros(2, numpy_type)["b"].format.lstrip("<>=@") == "Rb"


@pytest.mark.parametrize(("name", "letters"), [("bf16", "Rb"), ("float8", "Rn.*Re"), ("fp8", "Rn.*Re")])
def test_other_names_are_refused_with_the_right_letters(name: str, letters: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' is the name of a type, not a format.*{letters}"):
        zeros(1, name)


def test_they_are_drawn() -> None:
    picture = str(sb.draw(array([[1.5, -2], [4, 8]], "bfloat16").T))
    assert "format 'Rb', strides (2, 4), 8 bytes" in picture
    assert "0,1" in picture


def test_lists_are_never_taken_for_small_floats() -> None:
    assert array([1.5, 2]).format == "d"
    assert array([array([1], "bfloat16"), array([2], "bfloat16")]).format == "d"
    assert array(array([1], "bfloat16")).format == "Rb"


# -- Buffers -----------------------------------------------------------------------------------------------------------


@each
def test_no_other_consumer_is_shown_them_as_integers(kind: SmallFloat) -> None:
    letter = "BH"[kind.size - 1]
    for memory in (array([1, 2], kind.name), View(array([1, 2], kind.name)), array([[1], [2]], kind.name).T):
        for ask in (memoryview, pickle.PickleBuffer, lambda x: sb.capi.PyObject_GetBuffer(x, sb.BufferFlags.FULL_RO)):
            with pytest.raises(BufferError, match=rf'none for items of type {kind.name}; x.cast\("{letter}"\)'):
                ask(memory)
        cast = memoryview(memory.cast(letter))
        assert (cast.format, cast.itemsize) == (letter, kind.size)
        # Whoever does not ask for a format gets bytes, and knows the items from elsewhere.
        with sb.capi.PyObject_GetBuffer(memory, sb.BufferFlags.STRIDED_RO) as buffer:
            assert (buffer.format, buffer.itemsize) == (None, kind.size)
        assert memory.copy().cast("B").tobytes() == memory.tobytes()
    memory = array([1, 2], kind.name)
    scalar = getattr(ml_dtypes, kind.name)
    assert np.frombuffer(memory.cast("B"), scalar).tolist() == [1, 2]
    assert io.BytesIO().write(memory) == memory.nbytes
    assert hashlib.sha256(memory).digest() == hashlib.sha256(memory.tobytes()).digest()
    assert not hasattr(memory, "__array_interface__")
    with pytest.raises(BufferError, match=kind.format):
        memory.__arrow_c_array__()
    assert memory.append(4) is None  # nothing was left behind by what was refused


def test_records_with_small_floats_are_shown_with_a_format_that_others_refuse() -> None:
    memory = array([(1, 2)], "T{f:a:Rb:b:}")
    assert memoryview(memory).format == memory.format
    with pytest.raises(ValueError, match="R"):
        np.asarray(memoryview(memory))


def test_a_view_of_a_subclass_that_exports_by_itself_is_refused_like_others() -> None:
    memory = array([1.5], "bfloat16")
    assert View(View(memory)[:]).tolist() == [1.5]
    assert memory == View(memory)
    target = zeros(1, "bfloat16")
    target[:] = memory
    assert target.tolist() == [1.5]
