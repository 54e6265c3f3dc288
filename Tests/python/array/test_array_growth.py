# SPDX-License-Identifier: Apache-2.0
"""Arrays that grow: what is added and taken away, at what cost, and what stands in the way."""

from __future__ import annotations

import array
import gc
import itertools
import math
import re
import sys
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

import swiftbuffer as sb
from sampling import examples
from swiftbuffer import capi

small = st.integers(-(2**15), 2**15 - 1)
GROWING = {
    "append": lambda a: a.append(1),
    "extend": lambda a: a.extend([1, 2]),
    "extend with itself": lambda a: a.extend(a),
    "extend with nothing": lambda a: a.extend([]),
    "pop": lambda a: a.pop(),
    "resize": lambda a: a.resize(1),
    "resize to the same": lambda a: a.resize(len(a)),
    "frombytes": lambda a: a.frombytes(bytes(2)),
    "freeze": lambda a: a.freeze(),
}


class Growth(RuleBasedStateMachine):
    """An Array beside an `array.array`, which the standard library grows, with buffers taken and given back."""

    exports = Bundle("exports")

    def __init__(self) -> None:
        super().__init__()
        self.ours = sb.zeros(0, "h")
        self.theirs = array.array("h")
        self.count = 0

    def change(self, operation: Any) -> None:
        """Does the same to both; while exports are outstanding, ours refuses."""
        if not self.count:
            assert operation(self.ours) == operation(self.theirs)
            return
        before = self.ours.tobytes()
        with pytest.raises(BufferError, match=rf"\b{self.count} export"):
            operation(self.ours)
        assert self.ours.tobytes() == before

    @rule(value=small)
    def append(self, value: int) -> None:
        self.change(lambda a: a.append(value))

    @rule(values=st.lists(small), kind=st.sampled_from([list, tuple, iter, lambda v: array.array("h", v)]))
    def extend(self, values: list[int], kind: Any) -> None:
        self.change(lambda a: a.extend(kind(values)))

    @rule(values=st.lists(small))
    def frombytes(self, values: list[int]) -> None:
        self.change(lambda a: a.frombytes(array.array("h", values).tobytes()))

    @precondition(lambda self: len(self.theirs) < 1000)
    @rule()
    def double(self) -> None:
        self.change(lambda a: a.extend(a))

    @precondition(lambda self: len(self.theirs) > 0)
    @rule(data=st.data())
    def pop(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(-len(self.theirs), len(self.theirs) - 1))
        self.change(lambda a: a.pop(index))

    @rule(index=st.integers(-9, 9), value=small)
    def insert(self, index: int, value: int) -> None:
        self.change(lambda a: a.insert(index, value))

    @rule(start=st.integers(-9, 9), stop=st.none() | st.integers(-9, 9), step=st.sampled_from([None, 2, -1, -3]))
    def delete(self, start: int, stop: int | None, step: int | None) -> None:
        self.change(lambda a: a.__delitem__(slice(start, stop, step)))

    @precondition(lambda self: len(self.theirs) < 1000)
    @rule(times=st.integers(-1, 3))
    def repeat(self, times: int) -> None:
        self.change(lambda a: a.__imul__(times).tolist())

    @rule()
    def reverse(self) -> None:
        self.ours.reverse()
        self.theirs.reverse()

    @precondition(lambda self: self.count == 0)
    @rule(count=st.integers(0, 300))
    def reserve(self, count: int) -> None:
        self.ours.reserve(count)

    @precondition(lambda self: self.count == 0)
    @rule(count=st.integers(0, 300))
    def resize(self, count: int) -> None:
        self.ours.resize(count)
        self.theirs = array.array("h", [*self.theirs[:count], *[0] * (count - len(self.theirs))])

    @rule(target=exports, request=st.sampled_from([0, capi.PyBUF_FULL, capi.PyBUF_ND]))
    def acquire(self, request: int) -> Any:
        self.count += 1
        return capi.PyObject_GetBuffer(self.ours, request)

    @rule(target=exports)
    def view(self) -> Any:
        self.count += 1
        return memoryview(self.ours)

    @rule(export=consumes(exports))
    def release(self, export: Any) -> None:
        export.release()
        self.count -= 1

    @invariant()
    def both_are_equal(self) -> None:
        assert self.ours.tolist() == self.theirs.tolist()
        assert self.ours.shape == (len(self.theirs),)
        assert self.ours.nbytes == 2 * len(self.theirs)
        assert self.ours.strides == (2,)


TestGrowth = Growth.TestCase
TestGrowth.settings = settings(examples(60), stateful_step_count=40)


def test_memory_grows_in_proportion_so_that_appending_is_amortised() -> None:
    made = sb.zeros(0, "q")
    sizes = [sys.getsizeof(made)]
    for value in range(100_000):
        made.append(value)
        if sys.getsizeof(made) != sizes[-1]:
            sizes.append(sys.getsizeof(made))
    assert made.tolist() == list(range(100_000))
    assert len(sizes) < 40
    large = [size for size in sizes if size > 10_000]
    assert all(1.4 < after / before < 2.1 for before, after in itertools.pairwise(large))


def test_memory_shrinks_with_its_items() -> None:
    made = sb.zeros(1_000_000, "q")
    made.resize(1000)
    assert sys.getsizeof(made) < 100_000
    assert made.tolist() == [0] * 1000
    made = sb.array(range(10_000))
    while len(made) > 10:
        made.pop()
    assert made.tolist() == list(range(10))
    assert sys.getsizeof(made) < 10_000


@pytest.mark.parametrize("name", GROWING)
@pytest.mark.parametrize("count", [1, 2, 7])
def test_an_exported_array_refuses_changes_and_counts_its_exports(name: str, count: int) -> None:
    change = GROWING[name]
    made = sb.array([1, 2, 3], "h")
    views = [memoryview(made) for _ in range(count)]
    word = "export outstanding" if count == 1 else "exports outstanding"
    done = "frozen" if name == "freeze" else "re-sized"
    expected = f"Existing exports of data: object cannot be {done} ({count} {word})"
    with pytest.raises(BufferError, match=f"^{re.escape(expected)}$"):
        change(made)
    assert made.tolist() == [1, 2, 3]
    assert not made.readonly
    for view in views:
        assert view.tolist() == [1, 2, 3]
        view.release()
    change(made)


@pytest.mark.parametrize(
    "take",
    [
        memoryview,
        np.asarray,
        sb.View,
        lambda a: a[:],
        lambda a: a[1:][::2],
        lambda a: memoryview(a)[1:],
        lambda a: iter(a[1:]),
    ],
)
def test_every_view_of_an_array_counts(take: Any) -> None:
    made = sb.array([1, 2, 3])
    view = take(made)
    with pytest.raises(BufferError, match="1 export outstanding"):
        made.append(4)
    del view
    made.append(4)
    assert made.tolist() == [1, 2, 3, 4]


def test_slices_of_slices_keep_the_array() -> None:
    made = sb.array([1, 2, 3])
    gone = weakref.ref(made)
    view = made[1:][1:]
    del made
    assert gone() is not None
    assert view.tolist() == [3]
    del view
    assert gone() is None


def test_extending() -> None:
    made = sb.array([1.0, 2.0])
    made.extend(made)
    made.extend(made)
    assert made.tolist() == [1, 2] * 4
    made.extend(x / 2 for x in range(2))
    made.extend(np.array([7.0, 8.0])[::-1])
    made.extend(made.copy()[:2][::-1])
    assert made.tolist()[8:] == [0, 0.5, 8, 7, 2, 1]
    with pytest.raises(BufferError, match="1 export outstanding"):
        # As bytearray: the view is alive in the caller.
        made.extend(made[:2])
    made.extend({9.5: None})
    assert made[-1] == 9.5


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        (5, TypeError, "not iterable"),
        (None, TypeError, "not iterable"),
        ([1, "a"], TypeError, "expected a float, not str"),
        ("ab", TypeError, "expected a float, not str"),
        ([[1]], ValueError, "2 dimensions"),
        (b"ab", TypeError, "format 'd' with items of format 'B'"),
        (sb.zeros((2, 2)), ValueError, "2 dimensions"),
        (sb.zeros(()), ValueError, "0 dimensions"),
        (array.array("f", [1]), TypeError, "format 'f'"),
        (sb.array([1], ">d"), TypeError, "format '>d'"),
    ],
)
def test_a_failed_extend_changes_nothing(values: Any, error: type[Exception], text: str) -> None:
    made = sb.array([1.0, 2.0])
    with pytest.raises(error, match=text):
        made.extend(values)
    assert made.tolist() == [1, 2]
    made.append(3)


def test_other_spellings_of_a_format_can_be_added() -> None:
    made = sb.array([1, 2], "q")
    made.extend(np.array([3], "<i8"))
    made.extend(sb.array([4], "l"))
    assert (made.tolist(), made.format) == ([1, 2, 3, 4], "q")


def test_frombytes() -> None:
    made = sb.zeros(0, ">h")
    made.frombytes(b"\1\2")
    made.frombytes(memoryview(b"\3\4xx")[::1][:2])
    made.frombytes(made)
    made.frombytes(array.array("h", [0]))
    assert made.tobytes() == b"\1\2\3\4" * 2 + b"\0\0"
    for data, error in (
        (b"abc", ValueError),
        ("ab", TypeError),
        ([1, 2], TypeError),
        (2, TypeError),
        (None, TypeError),
    ):
        with pytest.raises(error):
            made.frombytes(data)
    assert len(made) == 5


def test_pop() -> None:
    made = sb.array([1, 2, 3, 4, 5])
    assert [made.pop(), made.pop(0), made.pop(-2), made.pop(1)] == [5, 1, 3, 4]
    assert made.tolist() == [2]
    for index in (1, -2):
        with pytest.raises(IndexError):
            made.pop(index)
    assert made.pop() == 2
    with pytest.raises(IndexError, match="empty"):
        made.pop()
    records = sb.array([(1, 2.5), (3, 4.5)], "T{i:a:d:b:}")
    assert records.pop(0).b == 2.5
    assert records.tolist() == [(3, 4.5)]


def test_resizing_adds_zeros() -> None:
    made = sb.array([1, 2, 3])
    made.resize(1)
    made.resize(4)
    assert made.tolist() == [1, 0, 0, 0]
    made.resize(0)
    assert made == sb.zeros(0, "q")
    for count, error in (
        (-1, ValueError),
        (2**62, OverflowError),
        (2**46, MemoryError),
        (10**30, OverflowError),
        (1.5, TypeError),
    ):
        with pytest.raises(error):
            made.resize(count)
        assert made.shape == (0,)


@pytest.mark.parametrize("shape", [(), (2, 2), (0, 3), (1, 1, 1)])
@pytest.mark.parametrize("change", [v for k, v in GROWING.items() if k != "freeze"])
def test_only_one_dimension_grows(shape: tuple[int, ...], change: Any) -> None:
    made = sb.zeros(shape, "h")
    with pytest.raises(TypeError, match=r"0-dim|dimension"):
        change(made)
    assert made.shape == shape


def test_items_without_bytes_can_be_counted() -> None:
    made = sb.zeros(3, "0s")
    made.append(b"")
    made.extend([b"", b""])
    assert (len(made), made.nbytes, made.pop()) == (6, 0, b"")
    made.resize(10)
    assert made.tolist() == [b""] * 10


# -- Freezing and hashing ----------------------------------------------------------------------------------------------


def test_frozen_arrays_are_hashable_and_stay_so() -> None:
    made = sb.array(b"abc")
    with pytest.raises(TypeError, match="writable"):
        hash(made)
    made.freeze()
    made.freeze()
    assert made.readonly
    assert hash(made) == hash(b"abc") == hash(memoryview(b"abc"))
    assert {made: 1}[b"abc"] == 1  # type: ignore[index]
    assert memoryview(made).readonly
    assert hash(memoryview(made)) == hash(b"abc")
    with pytest.raises(TypeError, match="read-only"):
        made.append(1)
    with pytest.raises(BufferError, match="read-only"):
        capi.PyObject_GetBuffer(made, capi.PyBUF_WRITABLE)


numbers = st.sampled_from([0, 1, 2, -1, -128, 127, 255, 256, -129, 2**31, 2**53, 0.5, -0.0, 1e300, True])


@given(
    values=st.lists(numbers, max_size=4),
    forms=st.lists(
        st.sampled_from(["?", "b", "B", ">h", "i", "q", "Q", "e", "f", "d", "Zd", "g"]), min_size=2, max_size=2
    ),
    two=st.booleans(),
)
def test_equal_arrays_have_equal_hashes(values: list[Any], forms: list[str], two: bool) -> None:
    def make(form: str) -> sb.Array | None:
        try:
            return sb.array([values, values] if two else values, form, readonly=True)
        except (TypeError, ValueError, OverflowError):
            return None

    left, right = map(make, forms)
    if left is not None:
        assert hash(left) == hash(sb.array(left, order="F", readonly=True))
    if left is not None and right is not None and left == right:
        assert hash(left) == hash(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sb.array([b"a", b"b"], "1s", readonly=True), sb.array(b"ab", "c", readonly=True)),
        (sb.array([b"a"], "2p", readonly=True), sb.array(b"a", "c", readonly=True)),
        (sb.array([(1, 2)], "ii", readonly=True), sb.array([(1, 2.0)], "T{B:x:d:y:}", readonly=True)),
        (sb.array([([1, 2], 3)], "(2)ii", readonly=True), sb.array([([1, 2], 3)], "(2)dB", readonly=True)),
        (sb.array([[1, 2]], "(2)i", readonly=True), sb.array([[1, 2]], "(2)B", readonly=True)),
        (sb.array(["ab"], "2w", readonly=True), sb.array(["ab"], "4u", readonly=True)),
        (sb.zeros((0, 3), readonly=True), sb.zeros((0, 3), "2s", readonly=True)),
    ],
)
def test_equal_items_of_other_kinds_have_equal_hashes(left: Any, right: Any) -> None:
    assert left == right
    assert hash(left) == hash(right)


def test_nan_and_hash() -> None:
    assert isinstance(hash(sb.array([math.nan], readonly=True)), int)


# -- Life --------------------------------------------------------------------------------------------------------------


def test_weak_references() -> None:
    made = sb.zeros(3)
    reference = weakref.ref(made)
    assert reference() is made
    assert weakref.getweakrefcount(made) == 1
    seen: list[int] = []
    weakref.finalize(made, seen.append, 1)
    del made
    assert reference() is None
    assert seen == [1]


def test_the_garbage_collector_finds_arrays_in_cycles() -> None:
    class Holder:
        pass

    holder = Holder()
    holder.array = sb.zeros(3)  # type: ignore[attr-defined]
    holder.view = holder.array[1:]  # type: ignore[attr-defined]
    holder.plain = memoryview(holder.array)  # type: ignore[attr-defined]
    holder.self = holder  # type: ignore[attr-defined]
    gone = weakref.ref(holder.array)  # type: ignore[attr-defined]
    del holder
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(("shape", "form"), [((), "d"), ((1000,), "d"), ((10, 10), "B"), ((0,), "d"), ((1,) * 64, "B")])
def test_getsizeof_counts_the_memory(shape: tuple[int, ...], form: str) -> None:
    made = sb.zeros(shape, form)
    assert made.nbytes + 16 * len(shape) <= sys.getsizeof(made) <= made.nbytes + 16 * len(shape) + 300


def test_arrays_take_no_attributes_and_no_subclasses() -> None:
    made = sb.zeros(1)
    with pytest.raises(AttributeError):
        made.extra = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        made.shape = (1,)  # type: ignore[misc]
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Mine", (sb.Array,), {})
