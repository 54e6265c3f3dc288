# SPDX-License-Identifier: Apache-2.0
"""Arrays from nested sequences, from buffers, and from a shape, compared with what NumPy makes of the same input."""

from __future__ import annotations

import array
import ctypes
import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import swiftbuffer as sb

NUMBERS = "?bBhHiIlLqQnNefdgFD"
# NumPy makes 'F' and 'D' of complex numbers; PEP 3118 and this project write 'Zf' and 'Zd'.
SPELLINGS = {"F": "Zf", "D": "Zd"}


def bits(items: Any) -> bytes:
    """The bytes of the items, but for those that fill up an x87 long double: NumPy leaves in these what was there."""
    memory = np.frombuffer(items.tobytes(), "u1").reshape(-1, items.itemsize)
    is_x87 = items.dtype.char == "g" and np.finfo("g").nmant == 63
    return memory[:, : 10 if is_x87 else None].tobytes()


def same(ours: sb.Array, theirs: Any) -> None:
    """Equal shapes and, bit for bit, equal items of one type."""
    seen = np.asarray(ours)
    assert seen.shape == theirs.shape
    assert seen.dtype == theirs.dtype
    assert bits(seen) == bits(theirs)


# -- Nested sequences --------------------------------------------------------------------------------------------------

int64 = st.integers(-(2**63), 2**63 - 1)
leaves = {
    "bool": st.booleans(),
    "int": int64,
    "float": st.floats(allow_nan=False),
    "complex": st.complex_numbers(allow_nan=False),
    "mixed": st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False)),
}


def nest(values: list[Any], shape: tuple[int, ...], make: Any = list) -> Any:
    if not shape:
        return values[0]
    size = math.prod(shape[1:])
    return make(nest(values[i * size : (i + 1) * size], shape[1:], make) for i in range(shape[0]))


@pytest.mark.parametrize("kind", leaves)
@given(data=st.data())
def test_nested_sequences_become_what_numpy_makes_of_them(kind: str, data: st.DataObject) -> None:
    shape = data.draw(npst.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=4))
    count = math.prod(shape)
    values = data.draw(st.lists(leaves[kind], min_size=count, max_size=count))
    nested = nest(values, shape, data.draw(st.sampled_from([list, tuple])))
    same(sb.array(nested), np.array(nested))
    fortran = sb.array(nested, order="F")
    assert fortran.f_contiguous
    same(fortran, np.array(nested))


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1))
def test_integers_beyond_64_bits_with_a_sign_are_unsigned(values: list[int]) -> None:
    assert sb.array(values).format == ("Q" if max(values) >= 2**63 else "q")
    assert sb.array(values).tolist() == values


@pytest.mark.parametrize(
    ("data", "shape", "form"),
    [
        ([], (0,), "d"),
        ([[]], (1, 0), "d"),
        ([[], []], (2, 0), "d"),
        ([[[], []]], (1, 2, 0), "d"),
        (5, (), "q"),
        (2.5, (), "d"),
        (True, (), "?"),
        (2j, (), "Zd"),
        (range(4), (4,), "q"),
        ([range(2), (3, 4)], (2, 2), "q"),
        ((1, True, 2.5), (3,), "d"),
        ([array.array("d", [1]), array.array("d", [2])], (2, 1), "d"),
        ([sb.zeros(3), sb.zeros(3)], (2, 3), "d"),
        ([np.float32(1.5)], (1,), "d"),
        ([np.int8(1), np.uint64(2**64 - 1)], (2,), "Q"),
        ([np.bool_(True)], (1,), "?"),
        ([np.complex64(1j)], (1,), "Zd"),
        ([np.array(1.5), np.array(2)], (2,), "d"),
        ([sb.array(5), sb.array(6)], (2,), "q"),
        ([ctypes.c_short(5)], (1,), "q"),
        ([np.arange(2), np.arange(2)], (2, 2), "q"),
    ],
)
def test_data_determines_shape_and_format(data: Any, shape: tuple[int, ...], form: str) -> None:
    made = sb.array(data)
    assert (made.shape, made.format) == (shape, form)
    np.testing.assert_array_equal(np.asarray(made), np.array([np.asarray(x) for x in data]) if shape else data)


@pytest.mark.parametrize(
    "data",
    [[[1, 2], [3]], [[1], 2], [1, [2]], [[1], [[2]]], [[], [1]], [[1], []], [(1, 2), range(3)], [[[1]], [[1, 2]]]],
)
def test_ragged_sequences_are_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="sequences of different"):
        sb.array(data)


@pytest.mark.parametrize(
    "data", [None, "abc", ["abc"], [None], {1, 2}, {1: 2}, object(), [object()], (x for x in "ab")]
)
def test_data_that_is_not_numbers_needs_a_format(data: Any) -> None:
    with pytest.raises(TypeError, match="no format holds a"):
        sb.array(data)


def test_a_sequence_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="64 dimensions"):
        sb.array(endless)
    deep: Any = 1
    for _ in range(64):
        deep = [deep]
    assert sb.array(deep).shape == (1,) * 64
    with pytest.raises(ValueError, match="64"):
        sb.array([deep])


@pytest.mark.parametrize(
    ("data", "form", "error"),
    [
        ([256], "B", ValueError),
        ([-1], "B", ValueError),
        ([2**64], None, ValueError),
        ([2**63, -1], None, ValueError),
        ([1.0], "B", TypeError),
        (["a"], "d", TypeError),
        ([1j], "d", TypeError),
        ([1e10], "e", OverflowError),
        ([1, 2], "3s", TypeError),
        ([b"abcd"], "3s", ValueError),
        ([b"ab"], "c", ValueError),
        ([(1, 2, 3)], "ii", ValueError),
        ([1], "ii", TypeError),
    ],
)
def test_values_that_do_not_fit_the_format(data: Any, form: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        sb.array(data, form)


# -- Buffers -----------------------------------------------------------------------------------------------------------


@given(
    source=npst.arrays(
        dtype=st.sampled_from(["?", "i1", "u1", "i2", ">i2", "<u4", ">u8", "i8", "f2", ">f4", "f8", "c8", ">c16"]),
        shape=npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
    order=st.sampled_from(["C", "F", "A"]),
    data=st.data(),
)
def test_a_buffer_is_copied_whatever_its_layout(source: Any, order: str, data: st.DataObject) -> None:
    if source.ndim and source.size:
        source = source[data.draw(npst.basic_indices(source.shape))]
        if not isinstance(source, np.ndarray):
            return
    source = source.transpose(data.draw(st.permutations(range(source.ndim))))
    made = sb.array(source, order=order)
    same(made, source)
    assert made.strides == source.copy(order).strides or source.size == 0
    assert made.nbytes == source.nbytes
    assert not np.shares_memory(np.asarray(made), source)


@pytest.mark.parametrize("start", NUMBERS)
@pytest.mark.parametrize("end", NUMBERS)
def test_numbers_convert_as_numpy_converts_them(start: str, end: str) -> None:
    source = np.array([0, 1, 2, 3, 100, 7], "d").astype(start).reshape(2, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        expected = source.astype(end)
    same(sb.array(source, SPELLINGS.get(end, end)), expected)
    # NumPy exports long double in this machine's order only.
    swapped = source if start == "g" else source.astype(source.dtype.newbyteorder())
    same(sb.array(swapped[::-1], SPELLINGS.get(end, end)), expected[::-1])


def test_only_numbers_convert() -> None:
    for source, form in (
        (np.zeros(2, "S3"), "d"),
        (np.zeros(2, "i4,f8"), "d"),
        (np.zeros(2), "8s"),
        (np.zeros(2, "U1"), "I"),
        (memoryview(b"ab"), "1s"),
    ):
        with pytest.raises(TypeError, match="only numbers convert"):
            sb.array(source, form)


def test_bytes_can_become_characters() -> None:
    assert sb.array(b"abc", "c").tolist() == [b"a", b"b", b"c"]


@pytest.mark.parametrize("form", ["O", "T{O:a:i:b:}", "(2)O", "iO"])
def test_arrays_never_own_object_pointers(form: str) -> None:
    with pytest.raises(NotImplementedError, match="references"):
        sb.empty(2, form)
    with pytest.raises(NotImplementedError, match="references"):
        sb.array(np.array([object()], "O"))


# -- Shapes ------------------------------------------------------------------------------------------------------------


@given(shape=npst.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4), order=st.sampled_from("CF"))
def test_zeros_empty_and_full(shape: tuple[int, ...], order: Any) -> None:
    expected = np.zeros(shape, order=order)
    made = sb.zeros(shape, order=order)
    same(made, expected)
    if expected.size:
        assert made.strides == expected.strides
    assert sb.empty(shape, "3i", order=order).shape == shape
    filled = sb.full(shape, 7.5, order=order)
    same(filled, np.full(shape, 7.5, order=order))
    for each in (made, filled):
        assert (each.c_contiguous, each.f_contiguous) == (
            expected.flags.c_contiguous,
            expected.flags.f_contiguous,
        )


def test_shapes_are_integers_of_any_kind() -> None:
    class Three:
        def __index__(self) -> int:
            return 3

    for shape in (3, Three(), [3], (np.int8(3),), range(3, 4), True + 2):
        assert sb.zeros(shape).shape == (3,)


@pytest.mark.parametrize(
    ("shape", "error"),
    [
        (-1, ValueError),
        ((2, -1), ValueError),
        ((-(2**62), 0), ValueError),
        ((1,) * 65, ValueError),
        (2**60, OverflowError),
        ((2**40, 2**40), OverflowError),
        ((2**62, 0, 2**62), OverflowError),
        (10**30, OverflowError),
        (2**50, MemoryError),
        ((2**25, 2**25), MemoryError),
        ("3", TypeError),
        (b"3", TypeError),
        (2.0, TypeError),
        ((2, 1.5), TypeError),
        (None, TypeError),
        ({2}, TypeError),
    ],
)
def test_bad_shapes_raise(shape: Any, error: type[Exception]) -> None:
    for make in (sb.zeros, sb.empty, lambda shape: sb.full(shape, 1.0)):
        with pytest.raises(error):
            make(shape)


@pytest.mark.parametrize("value", [1, 2.5, True, 3j, np.float32(2), np.bool_(True), np.array(3)])
def test_full_finds_the_format_of_its_value(value: Any) -> None:
    assert sb.full(2, value).format == sb.array([value]).format
    assert sb.full(2, value).tolist() == [value, value]


def test_full_with_items_of_any_format() -> None:
    assert sb.full(2, b"ab", "3s").tolist() == [b"ab\0"] * 2
    assert sb.full(2, (1, 2.5), "T{i:a:d:b:}").tolist() == [(1, 2.5)] * 2
    assert sb.full((2,), [1, 2], "(2)h").tolist() == [[1, 2], [1, 2]]


# -- Arguments ---------------------------------------------------------------------------------------------------------


def test_the_class_is_a_constructor_as_well() -> None:
    made = sb.Array([[1, 2]], "h", order="F", readonly=True)
    assert (made.format, made.strides, made.readonly) == ("h", (2, 2), True)
    assert type(sb.array([1])) is sb.Array


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: sb.array(), TypeError, "missing required argument 'data'"),
        (lambda: sb.array([1], nonsense=1), TypeError, "unexpected keyword argument 'nonsense'"),
        (lambda: sb.array([1], "d", "C"), TypeError, "at most 2 positional"),
        (lambda: sb.array([1], "d", format="d"), TypeError, "multiple values for argument 'format'"),
        (lambda: sb.array([1], 5), TypeError, "format must be a str, .*, not int"),
        (lambda: sb.array([1], order="X"), ValueError, "order must be 'C', 'F' or 'A', not 'X'"),
        (lambda: sb.array([1], order=1), TypeError, "order must be a str, not int"),
        (lambda: sb.Array(None), TypeError, "no format holds a NoneType"),
    ],
)
def test_wrong_calls_say_what_is_wrong(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("form", ["d", "B", "T{i:a:(2,2)h:b:}", "5s", ">i", "Zd"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3,), (3, 5), (1000, 100), (2**16,)])
def test_memory_is_aligned_to_64_bytes(form: str, shape: tuple[int, ...]) -> None:
    from swiftbuffer import capi

    for made in (sb.zeros(shape, form), sb.empty(shape, form)):
        with capi.PyObject_GetBuffer(made, capi.PyBUF_FULL_RO) as view:
            assert view.buf is not None
            assert view.buf % 64 == 0
