# SPDX-License-Identifier: Apache-2.0
"""Bit fields (`t` of PEP 3118): read and written as C's compilers and ctypes have them, beside neighbours that stay."""

from __future__ import annotations

import copy
import ctypes
import pickle
import sys
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from swiftbuffer import View


class Bits(NamedTuple):
    """One member of a run: a field (`t`, signed `y`), or bits without a value (`r`)."""

    letter: str
    width: int

    @property
    def text(self) -> str:
        return f"{'' if self.width == 1 else self.width}{self.letter}"


runs = st.lists(st.builds(Bits, st.sampled_from("ttyyr"), st.integers(1, 64)), min_size=1, max_size=8)
orders = st.sampled_from(["", "@", "=", "<", ">", "!", "^"])


def is_big(order: str) -> bool:
    return order in (">", "!") or (order != "<" and sys.byteorder == "big")


def values_of(memory: bytes, run: list[Bits], order: str) -> tuple[int, ...]:
    """The fields, taken from one integer that is the whole run."""
    whole = int.from_bytes(memory, "big" if is_big(order) else "little")
    values, position = [], 0
    for letter, width in run:
        shift = 8 * len(memory) - position - width if is_big(order) else position
        value = whole >> shift & ((1 << width) - 1)
        position += width
        if letter == "y" and value >> (width - 1):
            value -= 1 << width
        if letter != "r":
            values.append(value)
    return tuple(values)


def size_of(run: list[Bits]) -> int:
    return (sum(width for _, width in run) + 7) // 8


def text_of(run: list[Bits], order: str) -> str:
    return order + "".join(bits.text for bits in run)


@given(runs.filter(lambda run: any(bits.letter != "r" for bits in run)), orders, st.data())
def test_fields_are_read_from_the_integer_that_the_run_is(run: list[Bits], order: str, data: st.DataObject) -> None:
    size = size_of(run)
    memory = data.draw(st.binary(min_size=2 * size, max_size=2 * size))
    view = View(memory).cast(text_of(run, order))
    assert view.itemsize == size
    for index in range(2):
        expected = values_of(memory[index * size : (index + 1) * size], run, order)
        assert view[index] == (expected if len(expected) > 1 else expected[0])


@given(runs.filter(lambda run: sum(bits.letter != "r" for bits in run) > 1), orders, st.data())
def test_fields_are_written_and_read_back(run: list[Bits], order: str, data: st.DataObject) -> None:
    values = tuple(
        data.draw(
            st.integers(-(1 << (width - 1)), (1 << (width - 1)) - 1)
            if letter == "y"
            else st.integers(0, (1 << width) - 1)
        )
        for letter, width in run
        if letter != "r"
    )
    memory = bytearray(3 * size_of(run))
    view = View(memory).cast(text_of(run, order))
    view[1] = values
    assert view[1] == values
    size = size_of(run)
    assert not any(memory[:size] + memory[2 * size :])
    assert values_of(memory[size : 2 * size], run, order) == values


@given(st.lists(st.tuples(runs, orders), min_size=1, max_size=3), st.data())
def test_formats_are_printed_and_read_back(parts: list[tuple[list[Bits], str]], data: st.DataObject) -> None:
    members = [text_of(run, order) for run, order in parts]
    members += data.draw(st.lists(st.sampled_from(["i", "<h", ">d", "3x", "0t", "2s", "T{5t3t}", ">P", "z"])))
    form = "T{" + "".join(data.draw(st.permutations(members))) + "}"
    made = sb.zeros(2, form)
    again = sb.zeros(2, printed(form))
    assert again.itemsize == made.itemsize
    assert printed(printed(form)) == printed(form)
    # Each holds the same values at the same bits.
    data_bytes = bytes(n * 37 % 256 for n in range(made.nbytes))
    if "z" not in form:
        assert View(data_bytes).cast(form).tolist() == View(data_bytes).cast(printed(form)).tolist()


def printed(form: str) -> str:
    """The canonical text of a structure, which an array of a field has."""
    return sb.zeros(1, "T{" + form + ":f:}")["f"].format


NARROW = [("a", ctypes.c_uint16, 5), ("b", ctypes.c_int16, 3), ("c", ctypes.c_uint16, 8)]
WIDE = [("d", ctypes.c_int64, 1), ("e", ctypes.c_int64, 40), ("f", ctypes.c_uint64, 20), ("g", ctypes.c_int64, 3)]


@pytest.mark.parametrize(("fields", "form"), [(NARROW, "T{%s5t:a:3y:b:8t:c:}"), (WIDE, "T{%sy:d:40y:e:20t:f:3y:g:}")])
@pytest.mark.parametrize(
    ("base", "order"), [(ctypes.LittleEndianStructure, "<"), (ctypes.BigEndianStructure, ">")], ids=["little", "big"]
)
@given(data=st.data())
def test_fields_are_where_ctypes_has_them(fields: Any, form: str, base: Any, order: str, data: st.DataObject) -> None:
    structure = type("Structure", (base,), {"_fields_": fields})
    size = ctypes.sizeof(structure)
    memory = bytearray(data.draw(st.binary(min_size=size, max_size=size)))
    item = structure.from_buffer(memory)
    view = View(memory).cast(form % order)
    assert view.itemsize == size

    def truth() -> dict[str, int]:
        return {name: getattr(item, name) for name, *_ in fields}

    assert view[0]._asdict() == truth()
    name, kind, width = data.draw(st.sampled_from(fields))
    low = -(1 << (width - 1)) if kind in (ctypes.c_int16, ctypes.c_int64) else 0
    values = {**truth(), name: data.draw(st.integers(low, low + (1 << width) - 1))}
    view[0] = values
    assert truth() == values


def test_a_run_ends_with_its_last_byte() -> None:
    assert sb.zeros(1, "1t3t4t").itemsize == 1
    assert sb.zeros(1, "5t11t").itemsize == 2
    assert sb.zeros(1, "5tB").itemsize == 2
    assert sb.zeros(1, "5t0t3t").itemsize == 2
    assert sb.zeros(1, "5t>3t").itemsize == 2
    assert sb.zeros(1, "5t@3t").itemsize == 1
    assert sb.zeros(1, "T{5t:a:11t:b:i:c:}").itemsize == 8
    assert sb.zeros(1, "T{5t}T{3t}").itemsize == 2
    assert sb.zeros(1, "3r5t").itemsize == 1


@pytest.mark.parametrize(
    ("form", "value"), [("5t", 32), ("5t", -1), ("5y", 16), ("5y", -17), ("64t", 2**64), ("64y", 2**63), ("t", 2**200)]
)
def test_a_value_that_does_not_fit_changes_nothing(form: str, value: int) -> None:
    memory = bytearray(b"\xa5" * 8)
    view = View(memory)[: sb.zeros(1, form).itemsize].cast(form)
    with pytest.raises(ValueError, match=f"format '{form}': it must be between"):
        view[0] = value
    with pytest.raises(TypeError, match="expected an int, not float"):
        view[0] = 1.0
    assert memory == b"\xa5" * 8


def test_limits_fit() -> None:
    for form, values in {"5t": (0, 31), "5y": (-16, 15), "64t": (0, 2**64 - 1), "64y": (-(2**63), 2**63 - 1)}.items():
        array = sb.zeros(2, form)
        array[:] = list(values)
        assert tuple(array.tolist()) == values


def test_bit_fields_are_compared_copied_and_pickled() -> None:
    form = "T{5t:a:3y:b:2t:c:}"
    array = sb.array([(1, -1, 3), (31, 3, 0)], form)
    assert array.tolist() == [(1, -1, 3), (31, 3, 0)]
    for again in [
        array.copy(), View(array).copy(), copy.deepcopy(array), pickle.loads(pickle.dumps(array)),
        pickle.loads(pickle.dumps(array, 2)), sb.array(array), sb.array(View(array)[::-1])[::-1],
    ]:  # fmt: skip
        assert again == array
        assert again.tolist() == array.tolist()
    other = array.copy()
    other[1] = (31, 2, 0)
    assert other != array
    assert array.index((31, 3, 0)) == 1
    assert hash(sb.array(array, readonly=True)) == hash(sb.array(array.copy(), readonly=True))
    array[0] = array[1]
    assert array[0] == (31, 3, 0)


def test_a_bit_field_is_no_view() -> None:
    array = sb.zeros(2, "T{5t:a:11t:b:i:c:T{3t:x:5t:y:}:d:}")
    for name in "ab":
        with pytest.raises(NotImplementedError, match=rf"field '{name}' is \d+ bits.*\[i\]\.{name}"):
            array[name]
        with pytest.raises(NotImplementedError, match="bits"):
            array[name] = 3
    array["c"] = 7
    array["d"] = (1, 2)
    assert array.tolist() == [(0, 0, 7, (1, 2))] * 2
    assert array["d"][0].x == 1
    # Items are read and written whole.
    array[0] = array[0]._replace(a=9)
    assert array[0].a == 9


def test_nested_bit_fields_begin_their_own_bytes() -> None:
    view = View(bytearray(range(1, 8))).cast("T{3t:a:(2)T{>4t:x:12y:y:}:n:B:z:}x")
    assert view[0] == (1, [(0, 0x203), (0, 0x405)], 6)


@given(runs.filter(lambda run: any(bits.letter != "r" for bits in run)), orders, st.booleans(), st.data())
def test_no_bit_beside_the_fields_is_written(run: list[Bits], order: str, ones: bool, data: st.DataObject) -> None:
    size = size_of(run)
    background = (b"\xff" if ones else b"\0") * (4 * size)
    values = bytes(data.draw(st.binary(min_size=4 * size, max_size=4 * size)))
    form = text_of(run, order)
    source = View(values).cast(form)
    # What the fields have, and beside them what was there before.
    parts = sum(
        ((1 << width) - 1) << (8 * size - position - width if is_big(order) else position)
        for (letter, width), position in zip(run, positions(run), strict=True)
        if letter != "r"
    )
    mask = parts.to_bytes(size, "big" if is_big(order) else "little") * 4
    whole = bytes((old & ~keep) | (new & keep) for old, new, keep in zip(background, values, mask, strict=True))
    for write in (
        lambda view: view.__setitem__(slice(None), source),
        lambda view: view.__setitem__(slice(None), source.tolist()),
        lambda view: view.copy_from(source),
        lambda view: [view.__setitem__(index, source[index]) for index in range(4)],
    ):
        memory = bytearray(background)
        write(View(memory).cast(form))
        assert memory == whole
    memory = bytearray(background)
    View(memory).cast(form)[...] = source[0]
    assert memory == b"".join(
        bytes(
            (old & ~keep) | (new & keep) for old, new, keep in zip(background[:size], values, mask[:size], strict=False)
        )
        for _ in range(4)
    )
    assert View(memory).cast(form).tolist() == [source[0]] * 4
    assert sb.array(source).tolist() == source.tolist()


def positions(run: list[Bits]) -> list[int]:
    return [sum(width for _, width in run[:index]) for index in range(len(run))]


def test_new_memory_has_zeros_beside_the_fields() -> None:
    assert sb.array([(31, 1), (0, 1)], "5t2rt").tobytes() == b"\x9f\x80"
    assert sb.array(View(b"\xff\xff").cast("5t2rt")).tobytes() == b"\x9f\x9f"
    assert sb.array(31, "5t").tobytes() == b"\x1f"


def test_a_value_that_changes_its_neighbours_meanwhile_leaves_them_changed() -> None:
    memory = bytearray(1)
    view = View(memory).cast("5t")

    class Meddler:
        def __index__(self) -> int:
            memory[0] = 0xE0
            return 3

    view[0] = Meddler()
    assert memory == b"\xe3"
