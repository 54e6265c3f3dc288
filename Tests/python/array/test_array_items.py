# SPDX-License-Identifier: Apache-2.0
"""Items of every format: read and written one by one, as `struct` and NumPy read and write the same bytes."""

from __future__ import annotations

import array
import copy
import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import swiftbuffer as sb

ORDERS = ["", "@", "=", "<", ">", "!"]
INTEGERS = "bBhHiIlLqQ"


def values_of(code: str, order: str) -> st.SearchStrategy[Any]:
    size = struct.calcsize(order + code)
    if code in INTEGERS + "nN":
        low = -(2 ** (8 * size - 1)) if code.islower() else 0
        return st.integers(low, low + 2 ** (8 * size) - 1)
    if code == "?":
        return st.booleans()
    if code == "c":
        return st.binary(min_size=1, max_size=1)
    return st.floats(width={"e": 16, "f": 32, "d": 64}[code], allow_nan=False)


scalars = st.one_of(
    st.tuples(st.sampled_from(ORDERS), st.sampled_from(INTEGERS + "?cefd")),
    st.tuples(st.sampled_from(["", "@"]), st.sampled_from("nN")),
)


@given(scalar=scalars, data=st.data())
def test_items_are_what_struct_packs_and_unpacks(scalar: tuple[str, str], data: st.DataObject) -> None:
    order, code = scalar
    form = order + code
    values = data.draw(st.lists(values_of(code, order), min_size=1, max_size=5))
    made = sb.array(values, form)
    packed = b"".join(struct.pack(form, value) for value in values)
    assert made.tobytes() == packed
    assert made.tolist() == [struct.unpack_from(form, packed, i * made.itemsize)[0] for i in range(len(values))]
    assert [made[i] for i in range(len(values))] == made.tolist() == list(made)

    written = sb.zeros(len(values), form)
    for index, value in enumerate(values):
        written[index] = value
        written[index - len(values)] = value
    assert written.tobytes() == packed


@given(data=st.data(), codes=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("bBhHiIqQfd?c")), max_size=4))
def test_items_of_several_values_are_tuples(data: st.DataObject, codes: list[tuple[int, str]]) -> None:
    order = data.draw(st.sampled_from(ORDERS))
    form = order + "".join(f"{count}{code}" for count, code in codes)
    value = tuple(data.draw(values_of(code, order)) for count, code in codes for _ in range(count))
    packed = struct.pack(form, *value)
    made = sb.full((2,), value[0] if len(value) == 1 else value, form)
    assert made.itemsize == len(packed) == struct.calcsize(form)
    assert made.tobytes() == packed * 2
    assert made[1] == (value[0] if len(value) == 1 else value)


@pytest.mark.parametrize("order", ["", "<", ">"])
@given(data=st.data())
def test_the_numbers_of_numpy(order: str, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(["?", "b", "B", "h", "H", "i", "I", "q", "Q", "e", "f", "d", "F", "D"]))
    source = data.draw(
        npst.arrays(
            np.dtype(order + code),
            npst.array_shapes(max_dims=3),
            elements={"allow_nan": False} if code in "efdFD" else None,
        )
    )
    made = sb.array(source)
    assert made.tolist() == source.tolist()
    for index in np.ndindex(source.shape):
        assert made[index] == source[index].item()
    written = sb.zeros(source.shape, made.format)
    for index in np.ndindex(source.shape):
        written[index] = source[index]
    assert written.tobytes() == source.tobytes()


@given(st.floats(allow_nan=False))
def test_long_double_holds_every_float(value: float) -> None:
    made = sb.array([value], "g")
    assert made.itemsize == np.dtype("g").itemsize
    assert np.asarray(made)[0] == np.longdouble(value)
    assert made[0] == value
    pair = sb.array([complex(value, -1.5)], "Zg")
    assert np.asarray(pair)[0] == np.clongdouble(complex(value, -1.5))
    assert pair[0] == complex(value, -1.5)
    # NumPy reads no foreign long double; the bytes of the number are the same the other way round.
    swapped = sb.array([value], ">g")
    assert swapped[0] == value
    assert swapped.tobytes() == made.tobytes()[::-1]


def test_nan_and_infinity_keep_their_kind() -> None:
    for form in ("e", "<e", ">e", "f", ">f", "d", ">d", "g"):
        made = sb.array([math.nan, math.inf, -math.inf, -0.0], form)
        assert math.isnan(made[0])
        assert made.tolist()[1:3] == [math.inf, -math.inf]
        assert math.copysign(1, made[3]) == -1


@given(value=st.binary(max_size=6), count=st.integers(0, 6), letter=st.sampled_from("sp"))
def test_byte_strings(value: bytes, count: int, letter: str) -> None:
    form = f"{count}{letter}"
    room = count if letter == "s" else max(count - 1, 0)
    if len(value) <= room:
        made = sb.array([value], form)
        assert made.tobytes() == struct.pack(form, value)
        # struct itself fails on '0p'.
        assert made[0] == (struct.unpack(form, made.tobytes())[0] if count else b"")
        assert sb.array([bytearray(value)], form) == made
    elif count:
        with pytest.raises(ValueError, match="do not fit"):
            sb.array([value], form)


@given(value=st.text(max_size=5), order=st.sampled_from(["", "<", ">"]))
def test_texts_of_four_bytes_a_character_are_those_of_numpy(value: str, order: str) -> None:
    # NumPy cannot keep NULs at the end either.
    assume(not value.endswith("\0"))
    source = np.array([value], f"{order}U5")
    made = sb.array(source)
    assert made.tolist() == source.tolist()
    assert made.itemsize == 20
    assert sb.array([value], made.format).tobytes() == source.tobytes()


@given(value=st.text(st.characters(max_codepoint=0xFFFF), max_size=5), order=st.sampled_from("<>"))
def test_texts_of_two_bytes_a_character(value: str, order: str) -> None:
    assume(not value.endswith("\0"))
    made = sb.array([value], f"{order}5u")
    codec = "utf-16-le" if order == "<" else "utf-16-be"
    assert made.tobytes() == value.encode(codec, "surrogatepass").ljust(10, b"\0")
    # Surrogates that stand in pairs are one character.
    assert made[0] == value.encode(codec, "surrogatepass").decode(codec, "surrogatepass")


def test_pointers_are_addresses() -> None:
    made = sb.array([0, 2**64 - 1], "P")
    assert made.tolist() == [0, 2**64 - 1]
    assert made.tobytes() == struct.pack("PP", 0, 2**64 - 1)
    with pytest.raises(ValueError, match="between 0 and"):
        made[0] = -1


def test_sub_arrays_are_nested_lists() -> None:
    source = np.arange(12, dtype="i4").reshape(2, 2, 3)
    made = sb.array(source.tolist(), "(2,3)i")
    assert made.shape == (2,)
    assert made[1] == source[1].tolist()
    assert made.tobytes() == source.tobytes()
    made[0] = ((9, 8, 7), [6, 5, 4])
    assert made[0] == [[9, 8, 7], [6, 5, 4]]
    for wrong in ([1, 2], [[1, 2, 3]], [[1, 2], [3, 4]], 5):
        with pytest.raises((TypeError, ValueError)):
            made[0] = wrong
    assert made[0] == [[9, 8, 7], [6, 5, 4]]
    assert sb.array([], "(2,3)i").shape == (0,)


def test_structures_are_named_tuples() -> None:
    kind = np.dtype([("id", "<i4"), ("place", [("x", "<f8"), ("y", ">f4")]), ("tag", "S3"), ("grid", "<u2", (2, 2))])
    source = np.zeros(2, kind)
    source[1] = (7, (1.5, -2.5), b"abc", [[1, 2], [3, 4]])
    made = sb.array(source)
    item = made[1]
    assert item == (7, (1.5, -2.5), b"abc", [[1, 2], [3, 4]])
    assert item.id == 7
    assert (item.place.x, item.place.y) == (1.5, -2.5)
    assert item._fields == ("id", "place", "tag", "grid")
    assert np.asarray(made).dtype == kind

    made[0] = {"id": 1, "place": {"x": 2, "y": 3}, "tag": b"z", "grid": [[0, 0], [0, 1]]}
    assert np.asarray(made)[0].tolist()[:3] == (1, (2.0, 3.0), b"z")
    made[0] = item
    assert made[0] == made[1] == item
    with pytest.raises(ValueError, match="fields and no others"):
        made[0] = {"id": 1, "place": item.place, "tag": b"", "grid": item.grid, "more": 1}
    with pytest.raises(ValueError, match="4 fields and no others"):
        made[0] = {"id": 1}
    with pytest.raises(ValueError, match="fields and no others: id, place, tag, grid"):
        made[0] = {"id": 1, "tag": b"", "grid": item.grid, "more": 1}
    assert made[0] == item


def test_names_that_are_no_identifiers_are_renamed() -> None:
    made = sb.array([(1, 2, 3)], "T{i:class:i:two words:i:fine:}")
    assert made[0]._fields == ("_0", "_1", "fine")
    assert made[0].fine == 3


@pytest.mark.parametrize(
    ("form", "value", "error", "text"),
    [
        ("B", 256, sb.OutOfRangeError, "invalid value for format 'B': it must be between 0 and 255"),
        ("b", -129, ValueError, "between -128 and 127"),
        (">h", 2**15, ValueError, "between -32768 and 32767"),
        ("q", 2**63, ValueError, "between"),
        ("Q", -1, ValueError, "between 0 and 18446744073709551615"),
        ("i", 1.5, TypeError, "invalid type for format 'i': expected an int, not float"),
        ("i", "1", TypeError, "expected an int, not str"),
        ("d", "1", TypeError, "expected a float, not str"),
        ("d", 1j, TypeError, "expected a float, not complex"),
        ("d", 10**400, sb.OutOfRangeError, "too large"),
        ("e", 70000.0, sb.OutOfRangeError, "too large"),
        ("Zd", "1", TypeError, "expected a complex number, not str"),
        ("c", b"ab", ValueError, "length 1"),
        ("c", 5, TypeError, "expected a bytes object of length 1, not int"),
        ("3s", "abc", TypeError, "expected bytes, not str"),
        ("3s", b"abcd", ValueError, "4 bytes do not fit in 3"),
        ("3w", b"abc", TypeError, "expected str, not bytes"),
        ("2w", "abc", ValueError, "do not fit"),
        ("ii", (1,), ValueError, "takes 2 values, not 1"),
        ("ii", 1, TypeError, "takes a sequence of 2 values, not int"),
    ],
)
def test_values_that_do_not_fit_are_refused_and_change_nothing(
    form: str, value: Any, error: type[Exception], text: str
) -> None:
    made = sb.zeros(2, form)
    before = made.tobytes()
    with pytest.raises(error, match=text):
        made[1] = value
    with pytest.raises(error, match=text):
        made.append(value)
    assert made.tobytes() == before


@pytest.mark.parametrize(
    ("shape", "index", "error", "text"),
    [
        ((3,), 3, IndexError, "index 3 is out of range for axis 0 with length 3"),
        ((3,), -4, IndexError, "index -4"),
        ((3,), 2**70, IndexError, "cannot fit"),
        ((3,), (0, 0), IndexError, "too many indices"),
        ((3,), 1.0, TypeError, "invalid index of type float"),
        ((3,), [0], TypeError, "invalid index of type list"),
        ((3,), "x", KeyError, "no fields"),
        ((2, 3), (1, 3), IndexError, "axis 1 with length 3"),
        ((0,), 0, IndexError, "axis 0 has no items"),
        ((), 0, TypeError, "invalid indexing of 0-dim memory"),
    ],
)
def test_bad_indices(shape: tuple[int, ...], index: Any, error: type[Exception], text: str) -> None:
    made = sb.zeros(shape)
    with pytest.raises(error, match=text):
        made[index]
    with pytest.raises(error, match=text):
        made[index] = 1.0


def test_items_of_views_cannot_be_deleted() -> None:
    made = sb.zeros(3)
    with pytest.raises(TypeError, match="cannot delete"):
        del made[:][0]
    with pytest.raises(TypeError, match="cannot delete"):
        del made[1:][:]


def test_memory_without_dimensions() -> None:
    made = sb.array(2.5)
    assert made[()] == 2.5
    made[()] = 3.5
    assert made.tolist() == 3.5
    made[...] = 4.5
    assert (made[()], made.tobytes()) == (4.5, struct.pack("d", 4.5))
    for call in (len, iter, list):
        with pytest.raises(TypeError, match="0-d"):
            call(made)


def test_arrays_are_sequences() -> None:
    made = sb.array([3, 1, 2])
    assert (len(made), list(made), list(reversed(made)), 1 in made, 9 in made) == (3, [3, 1, 2], [2, 1, 3], True, False)
    assert sorted(made) == [1, 2, 3]
    match made:
        case [first, *rest]:
            assert (first, rest) == (3, [1, 2])
        case _:
            pytest.fail("no sequence")
    rows = list(sb.array([[1, 2], [3, 4]]))
    assert [row.tolist() for row in rows] == [[1, 2], [3, 4]]
    assert bool(sb.zeros(0)) is False


def test_read_only_memory_is_not_written() -> None:
    made = sb.array([1, 2], readonly=True)
    for write in (
        lambda: made.__setitem__(0, 5),
        lambda: made.__setitem__(slice(None), 5),
        lambda: made.append(1),
        lambda: made.extend([1]),
        lambda: made.pop(),
        lambda: made.resize(5),
        lambda: made.frombytes(bytes(8)),
        lambda: made.insert(0, 1),
        lambda: made.remove(1),
        lambda: made.clear(),
        lambda: made.reserve(9),
    ):
        with pytest.raises(TypeError, match="read-only"):
            write()
    assert made.tolist() == [1, 2]
    assert not np.asarray(made).flags.writeable


# -- Equality ----------------------------------------------------------------------------------------------------------


@given(data=st.data())
def test_equality_is_that_of_memoryview(data: st.DataObject) -> None:
    shape = data.draw(npst.array_shapes(max_dims=2, max_side=3))
    count = math.prod(shape)
    numbers = st.sampled_from([0, 1, 2, -1, 255, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 0.5, math.nan, -0.0, True])

    def draw() -> sb.Array:
        form = data.draw(st.sampled_from(["?", "b", "B", "h", "i", "q", "Q", "f", "d"]))
        values = data.draw(st.lists(numbers, min_size=count, max_size=count))
        made = sb.zeros(shape, form, order=data.draw(st.sampled_from("CF")))
        for index, value in zip(np.ndindex(shape), values, strict=True):
            try:
                made[index] = value
            except (ValueError, TypeError):
                made[index] = 1
        return made

    left, right = draw(), draw()
    expected = memoryview(left) == memoryview(right)
    assert (left == right, left != right) == (expected, not expected)
    assert (left == memoryview(right)) == (memoryview(left) == right) == expected
    assert (left == left) == (memoryview(left) == memoryview(left))


def test_equality_across_shapes_formats_and_types() -> None:
    assert sb.array([1, 2]) == sb.array([1.0, 2.0]) == sb.array([1, 2], ">h")
    assert sb.array([1, 2]) == array.array("B", [1, 2])
    assert sb.array(b"abc") == b"abc"
    assert sb.array(b"abc") == b"abc"
    assert sb.array(b"abc", "c") == sb.array([b"a", b"b", b"c"], "1s")
    # Characters are bytes objects, and those equal no number.
    assert sb.array(b"abc", "c") != b"abc"
    assert memoryview(sb.array(b"abc", "c")) != b"abc"
    assert bytearray(b"abc") == sb.array(b"abc")
    assert sb.array([1, 2]) != sb.array([[1, 2]])
    assert sb.array([[1, 2]]) != sb.array([[1], [2]])
    assert sb.array([1, 2]) != sb.array([1, 2, 3])
    assert sb.array([1, 2]) != [1, 2]
    assert sb.array([1]) != 1
    assert sb.array([math.nan]) != sb.array([math.nan])
    assert sb.array([]) == sb.zeros(0, "B") == b""
    assert sb.array(5) == sb.array(5.0)
    assert sb.array([(1, 2)], "ii") == sb.array([(1, 2)], "T{h:a:d:b:}")
    assert sb.array([2**53 + 1]) != sb.array([float(2**53)])
    assert sb.array([[1, 2]], order="F") == sb.array([[1, 2]])
    for compare in ("__lt__", "__le__", "__gt__", "__ge__"):
        assert getattr(sb.array([1]), compare)(b"2") is NotImplemented
    with pytest.raises(TypeError, match="unsupported operand types for <"):
        sb.array([1]) < sb.array([2])  # type: ignore[operator]  # noqa: B015


def test_items_that_cannot_be_read_equal_nothing() -> None:
    made = sb.zeros(0, "w")
    made.frombytes(b"\xff" * 4)
    other = made.copy()
    assert (made == other, made != other) == (False, True)


# -- Copies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda a: a.copy("A"), lambda a: a.copy(order="A")])
def test_copies_are_writable_arrays_of_their_own(make: Any, order: Any) -> None:
    made = sb.array([[1, 2, 3], [4, 5, 6]], ">i", order=order, readonly=True)
    other = make(made)
    assert type(other) is sb.Array
    assert (other.format, other.strides, other.readonly) == (made.format, made.strides, False)
    other[0, 0] = 9
    assert (made[0, 0], other[0, 0]) == (1, 9)


@given(
    source=npst.arrays("i4", npst.array_shapes(max_dims=3)),
    made_in=st.sampled_from("CF"),
    order=st.sampled_from(["C", "F", "A", None]),
)
def test_tobytes_and_copy_follow_the_order(source: Any, made_in: Any, order: Any) -> None:
    made = sb.array(source, order=made_in)
    assert made.tobytes(order) == memoryview(made).tobytes(order)
    assert made.copy(order or "C") == source
    assert made.copy("F").f_contiguous
    assert made.copy().c_contiguous


# -- What a person sees ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda: sb.array([1, 2]), "<Array shape=(2,) format='q' [1, 2]>"),
        (lambda: sb.zeros((2, 2), order="F"), "<Array shape=(2, 2) format='d' order='F' [[0.0, 0.0], [0.0, 0.0]]>"),
        (lambda: sb.array(5, "B", readonly=True), "<Array shape=() format='B' readonly 5>"),
        (lambda: sb.zeros((2, 0)), "<Array shape=(2, 0) format='d' [[], []]>"),
        (lambda: sb.array(range(100)), "<Array shape=(100,) format='q' [0, 1, 2, ..., 97, 98, 99]>"),
        (lambda: sb.array([(1, b"a")], "T{i:n:c:c:}"), "<Array shape=(1,) format='T{i:n:c:c:}' [Record(n=1, c=b'a')]>"),
    ],
)
def test_repr_shows_shape_format_and_the_first_items(make: Any, shown: str) -> None:
    assert repr(make()) == shown


def test_repr_of_items_that_cannot_be_read() -> None:
    made = sb.zeros(0, "w")
    made.frombytes(b"\xff" * 8)
    assert repr(made) == "<Array shape=(2,) format='w' items that cannot be read>"


@pytest.mark.parametrize("shape", [(2**50, 0), (0, 2**30), (2,) * 20, (2**26,), (1,) * 64, (2**40, 0, 2**10)])
def test_repr_is_short_whatever_the_shape(shape: tuple[int, ...]) -> None:
    assert len(repr(sb.zeros(shape, "B"))) < 3000
