# SPDX-License-Identifier: Apache-2.0
"""Values that do not fit: one exception for every format, entry and interpreter, which names the user's format."""

from __future__ import annotations

import copy
import math
import pickle
import struct
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb

HUGE = 10**400
BEYOND_SINGLE = 1e39

# A code, a value that does not fit in it, and one that does.
UNFIT: list[tuple[str, Any, Any]] = [
    *[(code, 1 << 64, 1) for code in "bBhHiIlLqQnNP"],
    *[(code, -(1 << 63) - 1, 1) for code in "bhilqn"],
    *[(code, HUGE, 1) for code in "bBhHiIlLqQnNPefdg"],
    *[(order + code, HUGE, 1) for order in "<>=" for code in "bBhHiIlLqQefd"],
    *[(code, HUGE, 1) for code in ["Zf", "Zd", "Zg", "F", "D", "<Zd", ">Zf"]],
    ("e", 65520.0, 65519.0),
    (">e", -1e5, -6e4),
    *[(order + "f", BEYOND_SINGLE, 1e38) for order in "<>=!"],
    *[(order + "f", -BEYOND_SINGLE, -1e38) for order in "<>=!"],
    *[(code, complex(1, BEYOND_SINGLE), complex(1, 2)) for code in ["Zf", "F", "<Zf", ">Zf", "@Zf"]],
    ("Zf", BEYOND_SINGLE, 1.0),
    ("3s", b"abcd", b"abc"),
    ("3p", b"abc", b"ab"),
    ("2w", "abc", "ab"),
    ("<2u", "abc", "ab"),
    ("(2)<f", [1.0, BEYOND_SINGLE], [1.0, 2.0]),
    ("(2,1)f", [[1.0], [BEYOND_SINGLE]], [[1.0], [2.0]]),
    ("T{<f:x:}", (BEYOND_SINGLE,), (1.0,)),
    ("T{f:x:d:y:}", (BEYOND_SINGLE, 1.0), (1.0, 1.0)),
    ("T{i:n:T{(2)>f:x:}:s:}", (1, ([0.0, BEYOND_SINGLE],)), (1, ([0.0, 1.0],))),
    ("T{B:x:}", {"x": 256}, {"x": 255}),
    ("2B", (1, 256), (1, 255)),
    ("T{5t:a:3t:b:}", (32, 7), (31, 7)),
    ("<P", HUGE, 1),
]


def fitting(code: str, good: Any) -> sb.Array:
    return sb.full(2, good, code)


def assign_all(array: Any, key: Any, value: Any) -> None:
    # A list is one item where items are sub-arrays.
    array[key] = value if array.format.startswith("(") else [value, value]


def assign_view(array: Any, value: Any) -> None:
    sb.View(array)[1] = value


ENTRIES: dict[str, Callable[[Any, Any], object]] = {
    "item": lambda array, value: array.__setitem__(0, value),
    "item of a view": assign_view,
    "slice": lambda array, value: assign_all(array, slice(None), value),
    "everything": lambda array, value: assign_all(array, ..., value),
    "fill": lambda array, value: array.fill(value),
    "append": lambda array, value: array.append(value),
    "extend": lambda array, value: array.extend([value]),
    "array": lambda array, value: sb.array([value], array.format),
    "Array": lambda array, value: sb.Array([value], array.format),
    "full": lambda array, value: sb.full(3, value, array.format),
}


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize(("code", "value", "good"), UNFIT)
def test_a_value_that_does_not_fit_is_one_error_at_every_entry(code: str, value: Any, good: Any, entry: str) -> None:
    array = fitting(code, good)
    before = array.tobytes()
    with pytest.raises(sb.OutOfRangeError, match=r"^invalid value for ") as caught:
        ENTRIES[entry](array, value)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, OverflowError)
    assert type(caught.value) is sb.OutOfRangeError
    assert array.tobytes() == before
    assert array.shape == (2,)
    ENTRIES[entry](array, good)


def test_the_error_is_caught_as_memoryview_and_struct_have_it() -> None:
    for builtin in [ValueError, OverflowError, ArithmeticError]:
        with pytest.raises(builtin):
            sb.zeros(1, "e")[0] = 1e5
    assert sb.OutOfRangeError.__mro__[1:3] == (ValueError, OverflowError)
    assert sb.OutOfRangeError.__module__ == "swiftbuffer"
    assert sb.OutOfRangeError.__doc__


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_the_error_is_pickled_and_copied(protocol: int) -> None:
    error = sb.OutOfRangeError("too large")
    for other in [pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)]:
        assert type(other) is sb.OutOfRangeError
        assert other.args == ("too large",)


def test_numbers_that_are_no_items_keep_their_own_errors() -> None:
    for call in [lambda: sb.zeros(HUGE), lambda: sb.zeros(3).cast("B", [HUGE])]:
        with pytest.raises(OverflowError) as caught:
            call()
        assert type(caught.value) is OverflowError
    with pytest.raises(IndexError):
        sb.zeros(3)[HUGE]


# -- Floats -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["f", "@f"])
def test_native_single_precision_is_as_in_a_memoryview(code: str) -> None:
    oracle = memoryview(bytearray(4)).cast("@f")
    for value in [1e300, -1e300, 3.5e38, math.inf]:
        oracle[0] = value
        for array in [sb.array([value], code), sb.full(1, value, code)]:
            assert array.tobytes() == oracle.tobytes()
        array = sb.zeros(1, code)
        array[0] = value
        assert array.tobytes() == oracle.tobytes()
        array.fill(value)
        array.append(value)
        array.extend([value])
        array[1:2] = [value]
        assert array.tobytes() == 3 * oracle.tobytes()
    with pytest.raises(sb.OutOfRangeError, match=rf"for format '{code}'"):
        sb.zeros(1, code)[0] = HUGE


@pytest.mark.parametrize("code", ["<f", ">f", "=f", "f", "e", ">e", "Zf", "<Zf", "d", "g"])
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_infinities_and_nan_fit_in_every_float(code: str, value: float) -> None:
    array = sb.zeros(2, code)
    array[0] = value
    array[1:] = [value]
    array.append(value)
    array.extend([value])
    assert all(repr(complex(item).real) == repr(value) for item in array)
    assert repr(complex(sb.full((), value, code)[()]).real) == repr(value)


def test_the_field_view_of_a_float_refuses_what_the_item_refuses() -> None:
    array = sb.zeros(2, "T{<f:x:d:y:}")
    for part in [array["x"], array["x"][::-1], sb.View(array["x"])]:
        with pytest.raises(sb.OutOfRangeError):
            part[0] = 1e300
    assert array.tolist() == [(0.0, 0.0)] * 2


@given(st.floats(width=64), st.sampled_from(["<f", ">f", "<e", ">e", "<d", ">d"]))
def test_floats_fit_exactly_where_struct_packs_them(value: float, code: str) -> None:
    array = sb.zeros(1, code)
    try:
        expected = struct.pack(code, value)
    except OverflowError:
        with pytest.raises(sb.OutOfRangeError):
            array[0] = value
        return
    array[0] = value
    if not math.isnan(value):
        assert array.tobytes() == expected


@given(st.integers(-(1 << 65), 1 << 65), st.sampled_from([o + c for o in "<>" for c in "bBhHiIqQ"]))
def test_integers_fit_exactly_where_struct_packs_them(value: int, code: str) -> None:
    array = sb.zeros(1, code)
    try:
        expected = struct.pack(code, value)
    except struct.error:
        with pytest.raises(sb.OutOfRangeError):
            array.fill(value)
        return
    array.fill(value)
    assert array.tobytes() == expected


def test_conversions_of_buffers_keep_the_rules_of_c() -> None:
    assert sb.array([1e300, -1e300]).astype("<f").tolist() == [math.inf, -math.inf]
    assert sb.array(sb.array([1e300]), "<f").tolist() == [math.inf]


# -- Texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["l", "@l", "<i", ">Q", "n", "^h", "=q", "1i", "  d", "D", "P"])
def test_errors_name_the_format_as_it_was_spelled(code: str) -> None:
    array = sb.zeros(1, code)
    for call in [lambda: array.__setitem__(0, HUGE), lambda: array.fill(HUGE), lambda: sb.array([HUGE], code)]:
        with pytest.raises(sb.OutOfRangeError) as caught:
            call()
        assert f"for format '{code}': " in str(caught.value)
    with pytest.raises(TypeError) as wrong:
        array[0] = "x"
    assert str(wrong.value).startswith(f"invalid type for format '{code}': expected ")


def test_errors_of_a_structure_name_the_field() -> None:
    code = "T{l:a:T{(2)h:b:3s:c:}:s:}"
    array = sb.zeros(1, code)
    cases: list[tuple[Any, type[Exception], str]] = [
        ((HUGE, ([0, 0], b"")), sb.OutOfRangeError, f"invalid value for field 'a' of format '{code}': it must be"),
        (
            (0, ([0, 70000], b"")),
            sb.OutOfRangeError,
            f"invalid value for field 'b' of field 's' of format '{code}': it must be",
        ),
        (
            (0, ([0, 0], b"abcd")),
            sb.OutOfRangeError,
            f"invalid value for field 'c' of field 's' of format '{code}': 4 bytes do not fit in 3",
        ),
        ((0, ([0], b"")), ValueError, f"a sub-array of field 'b' of field 's' of format '{code}' takes 2 values"),
        ((0, 1), TypeError, f"field 's' of format '{code}' takes a sequence of 2 values, not int"),
        ((0,), ValueError, f"format '{code}' takes 2 values, not 1"),
    ]
    for value, kind, text in cases:
        with pytest.raises(kind) as caught:
            array[0] = value
        assert str(caught.value).startswith(text)
    with pytest.raises(TypeError, match="the value at index 1 of format 'id'"):
        sb.zeros(1, "id")[0] = (1, "x")


def test_memory_that_cannot_be_had_is_one_text() -> None:
    for call in [lambda: sb.empty(1 << 60, "B"), lambda: sb.zeros(1, "B").resize(1 << 60)]:
        with pytest.raises(MemoryError, match=r"^out of memory: \d+ bytes$"):
            call()


# -- Interpreters -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.version_info < (3, 13), reason="no public way to make an interpreter")
def test_each_interpreter_has_an_exception_of_its_own() -> None:
    script = """
        import _interpreters
        import swiftbuffer as sb
        code = '''
        import pickle
        import swiftbuffer as sb
        assert id(sb.OutOfRangeError) != %d
        try:
            sb.zeros(1, "B")[0] = 256
        except sb.OutOfRangeError as error:
            assert type(pickle.loads(pickle.dumps(error))) is sb.OutOfRangeError
        '''
        import textwrap
        for _ in range(3):
            interpreter = _interpreters.create()
            failed = _interpreters.run_string(interpreter, textwrap.dedent(code) % id(sb.OutOfRangeError))
            assert failed is None, failed
            _interpreters.destroy(interpreter)
        """
    child = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
