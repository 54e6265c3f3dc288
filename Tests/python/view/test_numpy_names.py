# SPDX-License-Identifier: Apache-2.0
"""Names that users of NumPy type: those there are give NumPy's answers, the others say where they are."""

from __future__ import annotations

import array
import math
import operator
import subprocess
import sys
from collections import deque
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import swiftbuffer as sb
from sampling import examples
from swiftbuffer import testing

KINDS = {
    "array": lambda: sb.array([1.0, 2.0]),
    "view": lambda: sb.View(np.array([1.0, 2.0])),
    "grid": lambda: sb.array([[1.0, 2.0]]),
}

layouts = npst.arrays(np.dtype("i2"), npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))


def strided(data: st.DataObject, source: Any) -> Any:
    """Some view of the array, of any strides."""
    for axis in range(source.ndim):
        cut = data.draw(st.sampled_from([slice(None), slice(None, None, -1), slice(None, None, 2), slice(1, None)]))
        source = source[(slice(None),) * axis + (cut,)]
    axes = data.draw(st.permutations(range(source.ndim)))
    return source.transpose(axes)


# -- What there is -----------------------------------------------------------------------------------------------------


@given(source=layouts, data=st.data())
@examples(60)
def test_size_address_and_shapes_are_those_of_numpy(source: Any, data: st.DataObject) -> None:
    theirs = strided(data, source)
    ours = sb.View(theirs)
    assert ours.size == theirs.size == math.prod(ours.shape)
    assert ours.address == theirs.ctypes.data
    if theirs.ndim:
        axes = data.draw(st.lists(st.integers(-theirs.ndim, theirs.ndim - 1), min_size=2, max_size=2))
        swapped = ours.swapaxes(*axes)
        expected = theirs.swapaxes(*axes)
        assert (swapped.shape, swapped.tolist()) == (expected.shape, expected.tolist())
        assert np.shares_memory(np.asarray(swapped), theirs) == bool(theirs.size)


@given(source=layouts, data=st.data(), order=st.sampled_from("CFA"))
@examples(60)
def test_flat_items_are_those_of_numpy(source: Any, data: st.DataObject, order: Any) -> None:
    theirs = strided(data, source)
    ours = sb.View(theirs)
    expected = theirs.flatten(order)
    flat = ours.flatten(order)
    assert (type(flat), flat.shape, flat.tolist()) == (sb.Array, expected.shape, expected.tolist())
    try:
        ravelled = ours.ravel(order)
    except BufferError:
        assert not theirs.flags[{"C": "C_CONTIGUOUS", "F": "F_CONTIGUOUS", "A": "FORC"}[order]]
    else:
        assert (type(ravelled), ravelled.tolist()) == (sb.View, expected.tolist())
        assert ravelled.obj is theirs
    if theirs.flags.c_contiguous:
        assert ours.ravel().address == theirs.ctypes.data


def test_records_and_pointers_are_flattened() -> None:
    records = sb.array([[(1, 2.5), (3, 4.5)]], "T{B:a:d:b:}")
    assert records.flatten().tolist() == [(1, 2.5), (3, 4.5)]
    pointers = testing.ndarray(list(range(6)), (2, 3), format="i", flags=testing.ND_PIL)
    assert sb.View(pointers).flatten("F").tolist() == [0, 3, 1, 4, 2, 5]
    with pytest.raises(BufferError, match=r"flatten\(\)"):
        sb.View(pointers).ravel()
    assert sb.array(5).flatten().tolist() == [5] == sb.array(5).ravel().tolist()


def test_addresses() -> None:
    made = sb.array([[1, 2], [3, 4]], "h")
    assert made.address == memoryview_address(made)
    assert made[1:].address == made.address + 4
    assert made[:, ::-1].address == made.address + 2
    view = sb.View(b"abc")
    view.release()
    for name in ("address", "size", "names", "fields"):
        with pytest.raises(ValueError, match="released"):
            getattr(view, name)


def memoryview_address(memory: Any) -> int:
    return int(np.frombuffer(memory, "u1").ctypes.data)


def test_axes_that_there_are_not() -> None:
    for axes in ((0, 2), (-3, 0), (2**62, 0)):
        with pytest.raises(IndexError, match=r"axis -?\d+ requested"):
            sb.zeros((2, 3)).swapaxes(*axes)
    with pytest.raises(BufferError, match=r"copy\(\)"):
        sb.View(testing.ndarray(list(range(6)), (2, 3), flags=testing.ND_PIL)).swapaxes(0, 1)


def test_numpys_functions_work_on_memory() -> None:
    for make in KINDS.values():
        memory = make()
        plain = np.asarray(memory)
        assert np.mean(memory) == plain.mean()
        assert np.sum(memory) == plain.sum()
        assert np.max(memory) == plain.max()
        assert np.sort(memory).tolist() == np.sort(plain).tolist()
        assert np.size(memory) == plain.size
        assert np.ravel(memory).tolist() == plain.ravel().tolist()
        assert np.round(memory).tolist() == plain.tolist()
        assert np.real(memory).tolist() == plain.tolist()
        assert np.moveaxis(memory, 0, -1).tolist() == np.moveaxis(plain, 0, -1).tolist()


@pytest.mark.parametrize(
    "dtype",
    [
        *["?", "i1", "u1", "<i2", ">u4", "i8", ">f2", "f4", "f8", "<c8", ">c16", "g", "S1", "S5", "<U1", ">U3", "V5"],
        [("a", "<i2"), ("b", ">f8", (2, 3)), ("c", [("x", "u1"), ("y", "S3")])],
        np.dtype([("a", "u1"), ("b", "f8")], align=True),
        np.dtype({"names": ["a", "c"], "formats": ["<i4", "u1"], "offsets": [3, 9], "itemsize": 16}),
    ],
)
@pytest.mark.parametrize("make", [sb.View, sb.array])
def test_the_dtype_is_that_of_numpys_array_of_the_memory(dtype: Any, make: Any) -> None:
    plain = np.zeros((2, 3), dtype)
    memory = make(plain)
    assert (memory.dtype, type(memory.dtype)) == (plain.dtype, type(plain.dtype))
    assert memory[:0].dtype == plain.dtype
    assert "dtype" in dir(memory)


@given(npst.arrays(npst.array_dtypes(max_size=4), 2))
def test_the_dtype_of_records_is_numpys(plain: Any) -> None:
    try:
        memory = sb.View(plain)
    except ValueError:
        # NumPy offers no buffer of dates, nor of fields with a colon in their names.
        with pytest.raises(ValueError, match=r"dtype|buffer field names"):
            memoryview(plain)
        return
    # A buffer has no titles.
    assume(not any(len(field) > 2 for field in (plain.dtype.fields or {}).values()))
    if hasattr(memory, "dtype"):
        assert memory.dtype == plain.dtype
    else:
        # What the interface cannot describe.
        assert not hasattr(memory, "__array_interface__")


@pytest.mark.parametrize("format_", ["m", "M", "Ze", "3i", "(2)d", "5t", "P", "T{<i:a:5t:b:}"])
def test_items_without_a_dtype_have_no_such_attribute(format_: str) -> None:
    memory = sb.zeros(2, format_)
    with pytest.raises(AttributeError, match=r"format|arrays of shape"):
        _ = memory.dtype
    assert not hasattr(memory, "dtype")
    assert "dtype" not in dir(memory)


def test_memory_with_pointers_and_released_memory_are_asked_too() -> None:
    pointers = sb.View(testing.ndarray(list(range(6)), (2, 3), format="h", flags=testing.ND_PIL))
    assert pointers.dtype == np.dtype("i2")
    pointers.release()
    with pytest.raises(ValueError, match="released"):
        _ = pointers.dtype


def test_asking_for_the_dtype_does_not_import_numpy() -> None:
    code = """
import sys, swiftbuffer
array = swiftbuffer.zeros(3, "<f")
assert not hasattr(array, "dtype") and "dtype" not in dir(array)
try:
    array.dtype
except AttributeError as error:
    assert "has not been imported" in str(error), error
assert "numpy" not in sys.modules
import numpy
assert array.dtype == numpy.dtype("<f4") and "dtype" in dir(array)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


# -- What there is not -------------------------------------------------------------------------------------------------

ABSENT = [
    *["all", "any", "argmax", "argmin", "argpartition", "argsort", "choose", "clip", "compress", "conj", "conjugate"],
    *["cumprod", "cumsum", "diagonal", "dot", "flat", "imag", "max", "mean", "min", "nonzero", "partition"],
    *["prod", "put", "real", "repeat", "round", "searchsorted", "sort", "std", "sum", "take", "trace", "var"],
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ABSENT)
def test_names_that_are_not_there_say_where_they_are(kind: str, name: str) -> None:
    memory = KINDS[kind]()
    word = type(memory).__name__
    text = f"'{word}' object has no attribute '{name}'; numpy.asarray(memory).{name} has it"
    with pytest.raises(AttributeError) as error:
        getattr(memory, name)
    assert str(error.value).startswith(text)
    assert hasattr(np.asarray(memory), name)
    assert not hasattr(memory, name)
    assert name not in dir(memory)
    with pytest.raises(AttributeError):
        setattr(memory, name, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_dir_names_what_there_is(kind: str) -> None:
    memory = KINDS[kind]()
    names = dir(memory)
    assert {"tolist", "shape", "size", "__class__", "__getitem__"} <= set(names)
    assert all(hasattr(memory, name) for name in names)
    with pytest.raises(AttributeError, match=r"no attribute 'nonsense'$"):
        _ = memory.nonsense


OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("symbol", OPERATORS)
def test_operators_that_are_not_there_say_where_they_are(kind: str, symbol: str) -> None:
    memory = KINDS[kind]()
    operation = OPERATORS[symbol]
    expected = f"unsupported operand types for {symbol}: '{type(memory).__name__}' and"
    hint = "numpy.asarray(memory)"
    for other in (1, 1.5, True, memory, [1.0, 2.0]):
        with pytest.raises(TypeError) as error:
            operation(memory, other)
        assert str(error.value).startswith(expected)
        assert hint in str(error.value)
    if symbol not in ("<", "<=", ">", ">="):
        with pytest.raises(TypeError, match=r"numpy\.asarray\(memory\)"):
            operation(5, memory)


@pytest.mark.parametrize("kind", KINDS)
def test_multiplying_views_says_so(kind: str) -> None:
    memory = sb.View(KINDS[kind]())
    for other in (2, 1.5, memory):
        with pytest.raises(TypeError, match=r"for \*: .*numpy\.asarray\(memory\)"):
            memory * other
    with pytest.raises(TypeError, match=r"for \*: .*numpy\.asarray\(memory\)"):
        sb.array([1.0]) * 1.5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("symbol", [*OPERATORS, "*"])
def test_with_an_operand_of_numpys_the_operator_is_numpys(kind: str, symbol: str) -> None:
    form = "i" if symbol in ("&", "|", "^", "<<", ">>") else "d"
    memory = KINDS[kind]().astype(form)
    plain = np.asarray(memory)
    operation = OPERATORS.get(symbol, operator.mul)
    scalar = np.dtype(form).type(2)
    vector = np.array([3, 4], form)
    others = [vector] if symbol == "@" else [scalar, vector, np.array(2, form)]
    for other in others:
        assert np.array_equal(operation(memory, other), operation(plain, other))
        if symbol == "@" and kind == "grid":
            continue
        assert np.array_equal(operation(other, memory), operation(other, plain))


class Answering:
    """Knows an answer to every operator, on either side."""

    def __add__(self, other: object) -> str:
        return "answer"

    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __floordiv__ = __add__
    __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __and__ = __rand__ = __add__
    __or__ = __ror__ = __xor__ = __rxor__ = __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = __add__
    __lt__ = __le__ = __gt__ = __ge__ = __add__


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("symbol", [*OPERATORS, "*"])
def test_other_operands_are_asked(kind: str, symbol: str) -> None:
    memory = KINDS[kind]()
    operation = OPERATORS.get(symbol, operator.mul)
    assert operation(memory, Answering()) == "answer"
    assert operation(Answering(), memory) == "answer"


def test_sequences_take_memory_as_before() -> None:
    view = sb.View(b"cd")
    assert b"ab" + view == b"abcd"
    assert bytearray(b"ab") + view == bytearray(b"abcd")
    data = bytearray(b"ab")
    data += view
    assert data == b"abcd"
    items = [1]
    items += view
    assert items == [1, 99, 100]
    line = deque([1])
    line += view
    assert list(line) == [1, 99, 100]
    assert b"%s" % sb.View(b"x") == b"x"
    for other in ([1], (1,), "a", array.array("b", [1])):
        with pytest.raises(TypeError):
            other + view
        with pytest.raises(TypeError):
            other * view
    for number in (Decimal(1), Fraction(1)):
        with pytest.raises(TypeError):
            number + view
        with pytest.raises(TypeError):
            operator.lt(view, number)
    assert (view == b"cd", view != b"cd") == (True, False)
