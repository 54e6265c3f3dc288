# SPDX-License-Identifier: Apache-2.0
"""Fields of structures: several of them at once, with an index, and what there are. As in NumPy where it has it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from sampling import examples
from swiftbuffer import testing

TYPES = ["i1", ">i2", "<f4", "f8", "S3", ("i2", (2,)), [("p", "u1"), ("q", ">u2")]]
POINTS = "T{B:a:d:b:3s:c:(2)h:d:}"


@st.composite
def structures(draw: st.DrawFn) -> Any:
    types = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=5))
    align = draw(st.booleans()) and not any(isinstance(each, list) for each in types)
    if align:
        # Nothing is left to fill up at the end, which NumPy's formats leave out.
        types.append("f8")
    fields = [(f"f{index}", *(each if isinstance(each, tuple) else (each,))) for index, each in enumerate(types)]
    return np.dtype(fields, align=align)


def random_records(dtype: Any, count: int = 3) -> Any:
    made = np.zeros(count, dtype)
    made.view("u1")[:] = np.arange(made.nbytes, dtype="u1") % 101
    return made


@given(dtype=structures(), data=st.data())
@examples(80)
def test_several_fields_are_those_of_numpy(dtype: Any, data: st.DataObject) -> None:
    theirs = random_records(dtype)
    chosen = data.draw(st.lists(st.sampled_from(dtype.names), min_size=1, unique=True).map(sorted))
    ours = sb.View(theirs)
    view = ours[chosen]
    expected = theirs[chosen]
    assert view.names == tuple(chosen)
    assert (view.shape, view.strides, view.itemsize) == (ours.shape, ours.strides, ours.itemsize)
    assert view.address == ours.address
    assert [tuple(record) for record in view.tolist()] == [tuple(map(plain, record)) for record in expected.tolist()]
    again = np.asarray(view)
    assert again.dtype.names == tuple(chosen)
    assert [again.dtype.fields[name][1] for name in chosen] == [dtype.fields[name][1] for name in chosen]
    assert {name: offset for name, (_, offset) in view.fields.items()} == {
        name: dtype.fields[name][1] for name in chosen
    }


def plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    # NumPy leaves the zeros at the end of a string out.
    return value.ljust(3, b"\0") if isinstance(value, bytes) else value


@given(dtype=structures())
@examples(40)
def test_names_and_fields_are_those_of_numpys_dtype(dtype: Any) -> None:
    made = sb.View(np.zeros(2, dtype))
    assert made.names == dtype.names
    assert list(made.fields) == list(dtype.names)
    for name, (form, offset) in made.fields.items():
        assert offset == dtype.fields[name][1]
        assert sb.zeros((), form).itemsize == dtype.fields[name][0].itemsize


def test_names_and_fields_of_other_items() -> None:
    assert (sb.zeros(3).names, sb.zeros(3).fields) == ((), {})
    assert (sb.zeros(3, "ii").names, sb.zeros(3, "iT{h:x:}").fields) == ((), {})
    made = sb.zeros(3, POINTS)
    assert made.names == ("a", "b", "c", "d")
    assert made.fields == {"a": ("B", 0), "b": ("d", 8), "c": ("3s", 16), "d": ("(2)h", 20)}
    made.fields.clear()
    assert len(made.fields) == 4
    nested = sb.zeros(2, "i:x:T{h:y:}:z:")
    assert nested.fields["x"] == ("i", 0)
    assert nested.fields["z"][1] == 4
    assert sb.zeros(2, nested.fields["z"][0]).fields == {"y": ("h", 0)}


def test_some_fields_again() -> None:
    made = sb.array([(1, 2.5, b"abc", (3, 4)), (5, 6.5, b"def", (7, 8))], POINTS)
    some = made[["a", "d"]]
    assert some.tolist() == [(1, [3, 4]), (5, [7, 8])]
    assert some[1].d == [7, 8]
    made["d"] = 0
    assert some.tolist() == [(1, [0, 0]), (5, [0, 0])]
    assert some.copy().tolist() == some.tolist()
    assert some == made[["a", "d"]] == some.copy()
    assert made[["a", "b"]][["b"]].tolist() == [(2.5,), (6.5,)]
    assert made[["a", "b"]]["b"].tolist() == [2.5, 6.5]


def test_writing_some_fields_leaves_the_others() -> None:
    made = sb.array([(1, 2.5, b"abc", (3, 4)), (5, 6.5, b"def", (7, 8))], POINTS)
    some = made[["a", "d"]]
    some[0] = (9, [10, 11])
    assert made[0] == (9, 2.5, b"abc", [10, 11])
    made[["b"]][1] = (0.5,)
    assert made[1] == (5, 0.5, b"def", [7, 8])
    assert some[1] == (5, [7, 8])
    assert some[1].d == [7, 8]
    assert some.copy().tolist() == some.tolist()
    assert some == made[["a", "d"]]
    assert made[["a", "b"]][["b"]].tolist() == [(2.5,), (0.5,)]
    assert made[["a", "b"]]["b"].tolist() == [2.5, 0.5]
    made[["a", "d"]] = [(1, (2, 3)), (4, (5, 6))]
    assert made.tolist() == [(1, 2.5, b"abc", [2, 3]), (4, 0.5, b"def", [5, 6])]


def test_fields_that_cannot_be_chosen() -> None:
    made = sb.zeros(3, POINTS)
    for names, error, text in (
        (["a", "x"], KeyError, "no field 'x'; there are 'a', 'b', 'c', 'd'"),
        (["b", "a"], ValueError, r"order of memory: \['a', 'b'\] works"),
        (["a", "a"], ValueError, r"once each.*\['a'\] works"),
        ([], TypeError, "invalid index of type list"),
        (["a", 1], TypeError, "invalid index of type list"),
        ([0], TypeError, "invalid index of type list"),
        (("a", "b"), TypeError, "invalid index of type str"),
        (("a",), TypeError, "invalid index of type str"),
        ((0, "a", 0), TypeError, "invalid index of type str"),
        ((0, ["a"], 0), TypeError, "invalid index of type list"),
    ):
        with pytest.raises(error, match=text):
            made[names]
        with pytest.raises(error, match=text):
            made[names] = 1
    with pytest.raises(KeyError, match="have no fields"):
        sb.zeros(3)[["a"]]
    with pytest.raises(TypeError):
        del made["a"]


# -- An index and a field ----------------------------------------------------------------------------------------------

KEYS: list[Any] = [0, -1, slice(1, 3), slice(None, None, -1), ..., None]


@pytest.mark.parametrize("name", ["a", "b", "c", "d", ["a", "c"]])
@pytest.mark.parametrize("key", KEYS)
def test_an_index_and_a_field_are_the_field_and_the_index(name: Any, key: Any) -> None:
    theirs = random_records(np.dtype([("a", "u1"), ("b", "f8"), ("c", "S3"), ("d", "i2", (2,))]), 4)
    for ours in (sb.View(theirs), sb.array(theirs)):
        found, expected = ours[key, name], ours[name][key]
        assert found == expected
        if isinstance(found, sb.View):
            assert found.address == expected.address


def test_writing_by_index_and_field() -> None:
    made = sb.array([(1, 2.5, b"abc", (3, 4)), (5, 6.5, b"def", (7, 8)), (9, 10.5, b"ghi", (11, 12))], POINTS)
    made[0, "a"] = 20
    made[-1, "b"] = 0.5
    made[1, "d"] = [70, 80]
    made[2, 1, "d"] = 13
    made[1:, "c"] = [b"x", b"yz"]
    assert made.tolist() == [
        (20, 2.5, b"abc", [3, 4]),
        (5, 6.5, b"x\0\0", [70, 80]),
        (9, 0.5, b"yz\0", [11, 13]),
    ]
    made[..., "a"] = 0
    assert made["a"].tolist() == [0, 0, 0]
    made[1, ["a", "b"]] = (1, 1.5)
    assert made[1] == (1, 1.5, b"x\0\0", [70, 80])
    assert made[1, ["a", "b"]] == (1, 1.5)
    assert made[1, ["a", "b"]].b == 1.5
    grid = sb.zeros((2, 2), "T{i:x:d:y:}")
    grid[1, 0, "x"] = 7
    grid[:, 1, "y"] = [1, 2]
    assert grid.tolist() == [[(0, 0), (0, 1)], [(7, 0), (0, 2)]]
    assert (grid[1, 0, "x"], grid[0, "y"].tolist()) == (7, [0, 1])


def test_index_and_field_errors() -> None:
    made = sb.zeros(3, POINTS)
    with pytest.raises(IndexError, match="index 3"):
        made[3, "a"]
    with pytest.raises(IndexError, match="index 3"):
        made[3, "a"] = 1
    with pytest.raises(KeyError, match="no field 'x'"):
        made[0, "x"] = 1
    with pytest.raises(IndexError, match="too many"):
        made[0, 0, "a"]
    with pytest.raises(TypeError, match="read-only"):
        sb.zeros(3, POINTS, readonly=True)[0, "a"] = 1
    view = sb.View(made)
    view.release()
    with pytest.raises(ValueError, match="released"):
        view[0, "a"]
    assert made.tobytes() == bytes(made.nbytes)


def test_an_index_that_releases_the_view() -> None:
    class Releasing:
        def __index__(self) -> int:
            view.release()
            return 1

    made = sb.array([(1, 2.5), (3, 4.5)], "T{i:a:d:b:}")
    view = sb.View(made)
    with pytest.raises(ValueError, match="released"):
        view[Releasing(), "a"]
    view = sb.View(made)
    with pytest.raises(ValueError, match="released"):
        view[Releasing(), "a"] = 9
    made.append((5, 6.5))
    assert made["a"].tolist() == [1, 3, 5]


def test_fields_behind_pointers() -> None:
    items = [(1, 2.5), (3, 4.5), (5, 6.5), (7, 8.5)]
    made = sb.View(testing.ndarray(items, (2, 2), format="id", flags=testing.ND_PIL))
    assert made.names == ()
    with pytest.raises(KeyError, match="have no fields"):
        made[["a"]]
