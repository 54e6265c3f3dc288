# SPDX-License-Identifier: Apache-2.0
"""Lists of Python's own numbers: whatever path reads them, the items and the errors are those of any other sequence."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb

FORMATS = [None, *"?cbBhHmMiIlLqQnNefdg", "Zf", "Zd", "Ze", ">h", "<q", ">d", "=f", "@f", "3s", "T{h:a:}", "(2)h"]
EDGES = [0, 1, -1, True, False, 127, 128, 255, 256, 2**24 + 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64 - 1, 2**64]


class Listed(list[Any]):
    """A list that could have other items than it seems to: it is read by its methods."""


class Whole:
    """A number by `__index__` and `__float__` alone."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value

    def __float__(self) -> float:
        return float(self.value)


numbers = st.one_of(
    st.integers(-300, 300),
    st.sampled_from([*EDGES, 1e39, -1e39, math.inf, math.nan, 5e-324, 65504.0, 1e5]),
    st.floats(),
    st.booleans(),
)
values = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1)),
    st.lists(st.integers(0, 2**64 + 1)),
    st.lists(st.floats()),
    st.lists(st.booleans()),
    st.lists(numbers),
    st.lists(st.one_of(numbers, st.complex_numbers(), st.sampled_from([None, "a", b"a", Whole(3), (1,), []]))),
)


def outcome(act: Callable[[], sb.Array]) -> object:
    """The array that a call makes, or its error."""
    try:
        made = act()
    except Exception as error:
        # Which kind of sequence stands in the wrong place is all that may differ.
        return type(error), re.sub(r"\b(Listed|tuple)\b", "list", str(error))
    return made.format, made.shape, made.tobytes()


def nested(data: Any, make: type[list[Any]] | type[tuple[Any, ...]]) -> Any:
    return make(nested(item, make) for item in data) if isinstance(data, list) else data


@given(data=values, form=st.sampled_from(FORMATS), make=st.sampled_from([list, tuple]))
def test_numbers_of_a_list_are_those_of_any_sequence(data: list[Any], form: str | None, make: Any) -> None:
    if make is tuple and form is not None and form.startswith("T"):
        return  # one value
    assert outcome(lambda: sb.array(make(data), form)) == outcome(lambda: sb.array(Listed(data), form))


@given(data=st.data(), form=st.sampled_from([None, "?", "B", "q", "f", "d", "Zd", ">i"]))
def test_nested_lists_are_read_as_other_nested_sequences(data: st.DataObject, form: str | None) -> None:
    number = data.draw(st.sampled_from([st.integers(-5, 5), st.floats(), st.booleans(), numbers]))
    count = data.draw(st.integers(0, 3))
    inner = st.lists(number, min_size=count, max_size=count)
    usual = st.lists(
        st.one_of(inner, inner, number, st.lists(number, max_size=3)) if data.draw(st.booleans()) else inner
    )
    grid = data.draw(st.one_of(usual, st.lists(usual, max_size=3)))
    orders: list[Literal["C", "F", "A"]] = ["C", "F", "A"]
    order = data.draw(st.sampled_from(orders))
    expected = outcome(lambda: sb.array(nested(grid, Listed), form, order=order))
    assert outcome(lambda: sb.array(grid, form, order=order)) == expected
    assert outcome(lambda: sb.array(nested(grid, tuple), form, order=order)) == expected


@given(
    st.one_of(
        st.builds(range, st.integers(-300, 300), st.integers(-300, 300), st.integers(1, 9)),
        st.builds(range, st.integers(-300, 300), st.integers(-300, 300), st.integers(-9, -1)),
        st.sampled_from(
            [
                range(0),
                range(2**63 - 2, 2**63),
                range(2**63 - 1, 2**63 + 1),
                range(-(2**63), -(2**63) - 1, -1),
                range(-(2**63), 2**63, 2**62),
                range(2**64 - 2, 2**64),
                range(2**70, 2**70 + 2),
                range(2**53, 2**53 + 9),
            ]
        ),
    ),
    st.sampled_from(FORMATS),
)
def test_a_range_is_read_as_the_list_of_its_numbers(numbers: range, form: str | None) -> None:
    assert outcome(lambda: sb.array(numbers, form)) == outcome(lambda: sb.array(Listed(numbers), form))


def test_a_range_of_more_numbers_than_memory_holds_is_refused() -> None:
    for form in "qb":
        with pytest.raises((MemoryError, OverflowError)):
            sb.array(range(2**62), form)
    with pytest.raises(OverflowError):
        sb.array(range(2**64), "q")


def grown(made: sb.Array, add: Callable[[sb.Array], object]) -> sb.Array:
    """The array with something added; unchanged where that raises an error."""
    before = made.tobytes()
    try:
        add(made)
    except Exception:
        assert made.tobytes() == before
        raise
    return made


@given(before=st.lists(st.integers(0, 1), max_size=20), data=values, form=st.sampled_from("?bBHiqQfd"))
def test_numbers_are_added_as_an_array_of_them_is(before: list[int], data: list[Any], form: str) -> None:
    def result(add: Callable[[sb.Array], object]) -> object:
        return outcome(lambda: grown(sb.array(before, form), add))

    expected = result(lambda made: made.extend(sb.array(Listed(data), form)))
    assert result(lambda made: made.extend(data)) == expected
    assert result(lambda made: made.extend(tuple(data))) == expected
    assert result(lambda made: made.extend(iter(data))) == expected
    assert result(lambda made: made.__iadd__(data)) == expected


@given(
    before=st.lists(st.integers(0, 1), max_size=5),
    value=numbers,
    form=st.sampled_from("?bBhHmiIqQefdg"),
    index=st.integers(-7, 7),
)
def test_one_number_is_added_as_in_a_list_of_one(before: list[int], value: Any, form: str, index: int) -> None:
    def result(add: Callable[[sb.Array], object]) -> object:
        return outcome(lambda: grown(sb.array(before, form), add))

    one = outcome(lambda: grown(sb.array(before, form), lambda made: made.extend(sb.array(Listed([value]), form))))
    assert result(lambda made: made.append(value)) == one
    at = slice(index, None).indices(len(before))[0]
    around = sb.array(before, form)
    expected = outcome(lambda: sb.concatenate([around[:at], sb.array(Listed([value]), form), around[at:]]))
    assert result(lambda made: made.insert(index, value)) == expected


@given(count=st.integers(0, 3), value=numbers, form=st.sampled_from([None, *"?bBhHiIqQefdg", "Zd", ">i"]))
def test_full_has_the_items_of_a_list_of_the_value(count: int, value: Any, form: str | None) -> None:
    made = outcome(lambda: sb.full(count, value, form))
    one = outcome(lambda: sb.array(Listed([value]), form))
    if not isinstance(one[0], str):  # type: ignore[index]
        assert made == one
    else:
        assert made == (one[0], (count,), one[2] * count)  # type: ignore[index]


@pytest.mark.parametrize("form", "?bBhHiIqQfd")
def test_the_first_equal_number_is_removed(form: str) -> None:
    for value in (1, 1.0, True, 1 + 0j):
        made, plain = sb.array([0, 1, 0, 1], form), [0, 1, 0, 1]
        made.remove(value)
        plain.remove(value)  # type: ignore[arg-type]
        assert made.tolist() == plain
    for missing in (2.5, 300, 2**70, math.nan, "1", None):
        if form == "?" and missing in (2.5, 300, 2**70):
            continue
        made = sb.array([0, 1], form)
        with pytest.raises(ValueError, match="x not found"):
            made.remove(missing)
        assert made.tolist() == [0, 1]


def test_what_cannot_grow_is_refused_whatever_is_added() -> None:
    changes: tuple[Callable[[sb.Array], object], ...] = (
        lambda made: made.append(1),
        lambda made: made.insert(0, 1),
        lambda made: made.extend([1]),
        lambda made: made.extend(range(2)),
        lambda made: made.extend(sb.zeros(1, "q")),
        lambda made: made.pop(),
    )
    for made in (sb.zeros((2, 2), "q"), sb.array([1], "q", readonly=True)):
        for change in changes:
            with pytest.raises(TypeError, match=r"resize|modify read-only"):
                change(made)
