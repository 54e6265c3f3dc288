# SPDX-License-Identifier: Apache-2.0
"""Views, copies and assignments of few items, which take fast paths: the same results as NumPy's, for every layout.

Each is compared with NumPy, and with the slow path where there is a call that takes it.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import c_oracle
import swiftbuffer as sb
from swiftbuffer import Array, View
from view_layouts import NUMBERS, arrays, assert_shows, indices

Numbers = np.ndarray[Any, Any]
SCALARS = [*"?cbBhHiIlLqQnNefdgmM", "Ze", "Zf", "Zd", "Zg", "F", "D"]
SPELLINGS = [order + code for order in ("", "@", "=", "<", ">", "!", "^") for code in SCALARS]


# -- Views ------------------------------------------------------------------------------------------------------------


@given(arrays(), st.data())
def test_views_of_arrays_show_what_those_of_views_show(source: Numbers, data: st.DataObject) -> None:
    array = sb.array(source, order="A")
    shared = np.asarray(array)
    assert_shows(array.T, shared.T)
    assert_shows(array.transpose(), shared.transpose())
    index = data.draw(indices(source.shape))
    expected = shared[index]
    if isinstance(expected, np.ndarray):
        assert_shows(array[index], expected)
        assert_shows(View(shared)[index], expected)
    else:
        assert np.array_equal(np.array(array[index], source.dtype), expected, equal_nan=source.dtype.kind in "fc")


@given(arrays(), st.data())
def test_shapes_are_numpys(source: Numbers, data: st.DataObject) -> None:
    wanted = data.draw(st.permutations(source.shape))
    wanted = data.draw(st.sampled_from([tuple(wanted), (*wanted, 1), (1, *wanted), (-1,), (source.size,), (2, -1)]))
    for memory in (View(source), sb.array(source, order="A")):
        try:
            expected = np.asarray(memory).reshape(wanted)
            shared = np.shares_memory(expected, np.asarray(memory)) or source.size == 0
        except ValueError:
            with pytest.raises(ValueError, match=r"shape|-1"):
                memory.reshape(wanted)
            continue
        calls: list[Any] = [lambda m=memory: m.reshape(wanted), lambda m=memory: m.reshape(list(wanted))]
        calls += [lambda m=memory: m.reshape(wanted, order="C"), lambda m=memory: m.reshape(*wanted or ((),))]
        for call in calls:
            if shared:
                assert_shows(call(), expected)
            else:
                with pytest.raises(BufferError, match="copy"):
                    call()


@given(arrays(), st.data())
def test_axes_are_exchanged_dropped_and_joined_as_numpy_does(source: Numbers, data: st.DataObject) -> None:
    ndim = source.ndim
    for memory in (View(source), sb.array(source, order="A")):
        shared = np.asarray(memory)
        assert_shows(memory.squeeze(), shared.squeeze())
        read_only = memory.toreadonly()
        assert_shows(read_only, shared)
        assert read_only.readonly
        if shared.flags.c_contiguous:
            assert_shows(memory.ravel(), shared.reshape(-1))
        if ndim:
            a, b = data.draw(st.tuples(*[st.integers(-ndim, ndim - 1)] * 2))
            assert_shows(memory.swapaxes(a, b), shared.swapaxes(a, b))
        for a, b in [(ndim, 0), (0, -ndim - 1)]:
            with pytest.raises(IndexError, match="axis"):
                memory.swapaxes(a, b)
        flat = memory.flatten()
        assert (flat.shape, flat.tobytes(), flat.readonly) == ((source.size,), shared.tobytes(), False)
        for copied in (copy.copy(memory), copy.deepcopy(memory)):
            expected = shared.copy(order="A")
            assert (copied.shape, copied.tobytes("A"), copied.readonly) == (shared.shape, expected.tobytes("A"), False)
            assert copied.f_contiguous == expected.flags.f_contiguous


@given(arrays(), st.sampled_from([*"bBchHiIqQefd?", "<d", "Zd", "3s"]))
def test_casts_are_those_with_a_shape(source: Numbers, target: str) -> None:
    view = View(source)
    itemsize = sb.zeros(1, target).itemsize
    if not view.contiguous or view.nbytes % itemsize:
        return
    cast, slow = view.cast(target), view.cast(target, (view.nbytes // itemsize,))
    assert (cast.format, cast.shape, cast.strides) == (slow.format, slow.shape, slow.strides)
    assert cast.readonly == slow.readonly
    assert cast.tobytes() == slow.tobytes()
    if source.size and view.nbytes:
        assert cast.address == slow.address


def test_a_view_of_an_array_holds_it_in_place() -> None:
    array = sb.array(range(6), "h")
    makers: list[Any] = [
        lambda: array[1:3], lambda: array.T, lambda: array.reshape(2, 3), lambda: array[..., 1:], lambda: array[None],
    ]  # fmt: skip
    for make in makers:
        view = make()
        assert view.obj is array
        with pytest.raises(BufferError, match="1 export outstanding"):
            array.append(1)
        again = view[...]
        view.release()
        with pytest.raises(BufferError, match="1 export outstanding"):
            array.append(1)
        del again
        gc.collect()
        array.append(1)
        array.pop()


def test_views_of_released_views_are_refused() -> None:
    view = View(bytearray(12)).cast("h", (2, 3))
    other = view.T
    view.release()
    uses: list[Any] = [lambda: view.T, lambda: view[0], lambda: view.reshape(6), view.copy, view.tobytes]
    for use in [*uses, lambda: view.astype("d")]:
        with pytest.raises(ValueError, match="released"):
            use()
    with pytest.raises(ValueError, match="released"):
        view[...] = bytes(12)
    assert other.shape == (3, 2)


def test_indices_that_do_not_fit_have_the_errors_of_before() -> None:
    view = View(np.arange(6).reshape(2, 3))
    for key, error, text in [
        ((2, ...), IndexError, "index 2 is out of range for axis 0 with length 2"),
        ((..., -4), IndexError, "axis 1"),
        ((0, 0, 0), IndexError, "too many indices: 3 given"),
        ((..., ...), IndexError, "ellips|[.]{3}"),
        (slice(None, None, 0), ValueError, "step cannot be zero"),
        ("x", Exception, "field|structure|names"),
        (1.0, TypeError, "invalid index of type float"),
    ]:
        with pytest.raises(error, match=text):
            view[key]
        with pytest.raises((error, TypeError)):
            view[key] = np.zeros(3, view.format)


# -- Copies -----------------------------------------------------------------------------------------------------------


@given(arrays())
def test_copies_are_numpys(source: Numbers) -> None:
    view = View(source)
    made = view.copy()
    assert type(made) is Array or source.shape == ()
    assert (made.format, made.shape, made.readonly) == (view.format, source.shape, False)
    assert made.c_contiguous
    expected = source.copy(order="C")
    assert made.tobytes() == view.tobytes() == expected.tobytes()
    assert view.T.copy().tobytes() == source.T.copy(order="C").tobytes()
    assert not np.shares_memory(np.asarray(made), source)


@given(arrays(), st.sampled_from(NUMBERS))
def test_few_numbers_are_converted_as_many_are(source: Numbers, target: str) -> None:
    view, code = View(source), View(np.zeros(1, target)).format
    few, slow = view.astype(code), view.astype(code, "unsafe")
    assert (few.format, few.shape, few.strides) == (slow.format, slow.shape, slow.strides)
    assert few.tobytes("A") == slow.tobytes("A")
    if source.dtype.kind != "c" or np.dtype(target).kind == "c":
        with np.errstate(all="ignore"):
            expected = source.astype(target)
        assert few.tolist() == View(expected).tolist() or "e" in code or source.dtype.char == "e"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_formats_keep_their_spelling(spelling: str) -> None:
    source = View(np.array([[0, 1], [2, 100]], "h"))
    try:
        expected = source.astype(spelling, "unsafe")
    except ValueError:
        with pytest.raises(ValueError, match="format"):
            source.astype(spelling)
        return
    for result in (source.astype(spelling), source.T.astype(spelling).T, sb.zeros((2, 2), spelling)):
        assert (result.format, result.itemsize) == (expected.format, expected.itemsize)
    assert source.astype(spelling).tobytes("A") == expected.tobytes("A")
    assert expected.copy().format == expected[...].copy().format == expected.format
    with pytest.raises(ValueError, match=r"format|NUL|character"):
        source.astype(spelling + "\0")


def test_the_items_of_a_copy_outlive_their_source() -> None:
    source = bytearray(range(24))
    view = View(source).cast("h", (3, 4))
    copies = [view.copy(), view.T.copy(), view.astype("i"), view[1:].copy()]
    view.release()
    source[:] = bytes(24)
    source.append(1)
    assert copies[0].tobytes() == bytes(range(24))
    assert copies[1].T.tobytes() == bytes(range(24))
    assert copies[3].tobytes() == bytes(range(8, 24))


# -- Assignment -------------------------------------------------------------------------------------------------------


@given(arrays(repeats=False), st.data())
def test_assignments_are_numpys(source: Numbers, data: st.DataObject) -> None:
    target = source.copy(order="K") if data.draw(st.booleans()) else source
    expected = target.copy()
    index = data.draw(indices(source.shape))
    part = expected[index]
    if not isinstance(part, np.ndarray) or part.shape == ():
        return
    value = data.draw(arrays(st.just(source.dtype.str), part.shape, first=50))
    form = data.draw(st.sampled_from([np.asarray, View, memoryview, sb.array]))
    try:
        given_value = form(value)
    except (ValueError, BufferError):
        given_value = value
    expected[index] = value
    View(target)[index] = given_value
    assert View(target).tolist() == View(expected).tolist()


VALUES = st.sampled_from([0, 1, -1, 7, 300, 2.5, True, 2**40, 1j, "a", None, 1e300])


@given(arrays(repeats=False), VALUES, st.data())
def test_one_value_is_written_as_to_each_item(source: Numbers, value: Any, data: st.DataObject) -> None:
    results: list[Any] = []
    index = data.draw(indices(source.shape))
    if not isinstance(source[index], np.ndarray):
        return
    model = View(source)[index].copy()
    for write in (
        lambda view: view[index].fill(value),
        lambda view: view.__setitem__(index, value),
        lambda view: [part.__setitem__((), value) for part in items_of(view[index])],
    ):
        target = source.copy(order="K")
        try:
            write(View(target))
            results.append(target.tobytes())
        except (TypeError, ValueError, OverflowError) as error:
            results.append((type(error), str(error)))
    if model.size:
        assert results[0] == results[1] == results[2]


def items_of(view: View) -> list[View]:
    """A view without dimensions of each item."""
    if view.ndim == 0:
        return [view]
    return [item for index in range(view.shape[0]) for item in items_of(view[index, ...])]


@given(arrays(repeats=False), st.data())
def test_copies_into_ready_memory_are_assignments(source: Numbers, data: st.DataObject) -> None:
    value = data.draw(arrays(st.just(source.dtype.str), source.shape, first=50))
    for copied in (
        lambda a, b: View(a).copy_from(View(b)), lambda a, b: View(b).copy_to(View(a)),
        lambda a, b: View(a).copy_from(sb.array(b)), lambda a, b: View(b).copy_to(a), lambda a, b: View(a).copy_from(b),
    ):  # fmt: skip
        target = source.copy(order="K")
        copied(target, value)
        assert View(target).tolist() == View(value).tolist()
        with pytest.raises(ValueError, match="shape"):
            copied(np.zeros((*source.shape, 2), source.dtype), value)
    view = View(bytearray(6))
    with pytest.raises(ValueError, match="cannot copy shape"):
        view.copy_from(b"12345")
    with pytest.raises(TypeError, match="read-only"):
        view.copy_to(View(b"123456"))
    with pytest.raises(ValueError, match="cannot be assigned"):
        view.copy_from(View(bytes(24)).cast("i"))


PLACES, STEPS = st.integers(0, 12), st.sampled_from([1, -1, 2])


@given(PLACES, PLACES, PLACES, STEPS, STEPS)
def test_overlapping_parts_are_copied_as_if_elsewhere_first(a: int, b: int, count: int, up: int, down: int) -> None:
    block = bytearray(range(40))
    model = np.frombuffer(bytes(block), "B").copy()
    view = View(block)
    to = slice(a + 26, a + 26 - count, -1) if up < 0 else slice(a, a + count * up, up)
    of = slice(b + 26, b + 26 - count, -1) if down < 0 else slice(b, b + count * down, down)
    if len(model[to]) != len(model[of]):
        return
    model[to] = model[of].copy()
    view[to] = view[of]
    assert bytes(block) == model.tobytes()


BYTES: list[Any] = [bytes, bytearray, memoryview, lambda b: sb.array(b, "b"), lambda b: View(b).cast("c")]


@pytest.mark.parametrize("make", BYTES)
def test_bytes_are_assigned_to_items_of_one_byte_alone(make: Any) -> None:
    for code in "Bbc":
        target = sb.zeros(6, code)
        target[1:4] = make(b"abc")
        assert target.tobytes() == b"\0abc\0\0"
        with pytest.raises(ValueError, match="cannot assign 3 items to a slice of 2"):
            target[1:3] = make(b"abc")
        assert target.tobytes() == b"\0abc\0\0"
    target = sb.zeros(3, "?")
    with pytest.raises(ValueError, match="cannot be assigned"):
        target[:] = make(b"abc")
    target = sb.zeros((2, 3), "B")
    target[...] = make(b"abc")
    assert target.tobytes() == b"abcabc"
    with pytest.raises(TypeError, match="read-only"):
        View(b"abc")[:] = make(b"xyz")


def test_formats_that_differ_are_refused_with_nothing_written() -> None:
    target = sb.zeros(4, "i")
    for value in (np.zeros(4, "u4"), np.zeros(4, ">i4"), np.zeros(4, "f4"), bytes(4), bytearray(16)):
        with pytest.raises(ValueError, match="cannot be assigned"):
            target[:] = value
    assert target.tolist() == [0] * 4
    # The same items by another name.
    target = sb.zeros(2, "q")
    target[:] = np.array([1, 2], "l")
    assert target.tolist() == [1, 2]


class Counting:
    """An exporter that counts its requests."""

    def __init__(self, block: bytearray) -> None:
        self.block, self.requests = block, 0

    def __buffer__(self, flags: int) -> memoryview:
        self.requests += 1
        return memoryview(self.block)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python has __buffer__ from 3.12 on")
@pytest.mark.parametrize("shape", [(4,), (2, 4), (4, 1)])
def test_an_assignment_acquires_its_value_once(shape: Any) -> None:
    value = Counting(bytearray(b"abcd"))
    target = sb.zeros(shape, "B")
    if shape != (4, 1):
        target[...] = value
        assert target.tobytes() == b"abcd" * (len(target.tobytes()) // 4)
    else:
        with pytest.raises(ValueError, match="broadcast"):
            target[...] = value
    assert value.requests == 1


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python has __buffer__ from 3.12 on")
def test_what_acquiring_raises_is_raised_once() -> None:
    class Failing:
        requests = 0

        def __buffer__(self, flags: int) -> memoryview:
            self.requests += 1
            raise ZeroDivisionError

    value = Failing()
    with pytest.raises(ZeroDivisionError):
        sb.zeros(3, "B")[:] = value
    assert value.requests == 1


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python has __buffer__ from 3.12 on")
def test_the_target_stays_in_place_while_its_value_is_acquired() -> None:
    target = sb.zeros(4, "B")
    errors: list[Any] = []

    class Growing:
        def __buffer__(self, flags: int) -> memoryview:
            try:
                target.extend(bytes(1000))
            except BufferError as error:
                errors.append(error)
            return memoryview(b"abcd")

    target[:] = Growing()
    assert target.tobytes() == b"abcd"
    assert len(errors) == 1


def test_nothing_leaks() -> None:
    block = bytearray(24)
    view = View(block).cast("h", (3, 4))
    array = sb.array(np.arange(12, dtype="h").reshape(3, 4))

    def works() -> None:
        view.T.copy()
        view.reshape((4, 3))
        view[..., 0].tobytes()
        view.astype("f")
        array.T.astype("d")
        view[...] = array
        view[1:] = array[:2]
        array[...] = view
        for wrong in ((9, ...), slice(None, None, 0)):
            with contextlib.suppress(IndexError, ValueError):
                view[wrong]

    c_oracle.assert_no_growth(works, block, view, array, rounds=2_000)
