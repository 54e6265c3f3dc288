# SPDX-License-Identifier: Apache-2.0
"""Every request of a buffer, answered as the table of the C API manual says, field by field.

The table is written down here once more, from the manual and from memoryview's source, without a look at the answers.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import swiftbuffer as sb
from swiftbuffer import capi

try:
    import _testbuffer as tb
except ImportError:  # Debian keeps it in a package of its own.
    tb = None

WRITABLE, FORMAT, ND, STRIDES = 0x1, 0x4, 0x8, 0x18
C, F, ANY, INDIRECT = 0x38, 0x58, 0x98, 0x118
# Bits that mean nothing, alone and together: 0x2, and everything above 0x100.
UNDEFINED = (0x2, 0x200, 0x400, 0x1000, 0x40000000, -0x80000000, 0x202)
FORMATS = ["B", "d", ">i", "3h", "T{i:a:b:b:}", "5s", "Zd", "(2,2)f", "0s"]
# PyObject_GetBuffer takes these two for a mistake, from 3.13 on.
MISTAKES = (capi.PyBUF_READ, capi.PyBUF_WRITE)


@dataclass
class Memory:
    """What is asked, and what is known of it."""

    obj: Any
    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    itemsize: int
    format: str
    readonly: bool
    suboffsets: tuple[int, ...] | None = None

    def is_contiguous(self, order: str) -> bool:
        """The rule of "Contiguity" in the manual: no gaps, where lengths of one may have any stride."""
        if self.suboffsets is not None:
            return False
        if 0 in self.shape:
            return True
        expected = self.itemsize
        axes = range(len(self.shape))
        for axis in axes if order == "F" else reversed(axes):
            if self.shape[axis] > 1 and self.strides[axis] != expected:
                return False
            expected *= self.shape[axis]
        return True


def table(memory: Memory, flags: int) -> dict[str, Any] | None:
    """What a request is answered with; None for a BufferError."""

    def has(flag: int) -> bool:
        return flags & flag == flag

    in_c, in_fortran = memory.is_contiguous("C"), memory.is_contiguous("F")
    refused = (
        (has(WRITABLE) and memory.readonly)
        or (has(C) and not in_c)
        or (has(F) and not in_fortran)
        or (has(ANY) and not (in_c or in_fortran))
        or (memory.suboffsets is not None and not has(INDIRECT))
        or (not has(STRIDES) and not in_c)
        or (not has(ND) and has(FORMAT))
    )
    if refused:
        return None
    no_axes = not memory.shape
    return {
        "buf": memory.address,
        "obj": memory.obj,
        "len": math.prod(memory.shape) * memory.itemsize,
        "itemsize": memory.itemsize,
        "readonly": int(memory.readonly),
        "ndim": len(memory.shape) if has(ND) else 1,
        "format": memory.format if has(FORMAT) else None,
        "shape": memory.shape if has(ND) and not no_axes else None,
        "strides": memory.strides if has(STRIDES) and not no_axes else None,
        "suboffsets": memory.suboffsets,
        "internal": None,
    }


FIELDS = ("buf", "obj", "len", "itemsize", "readonly", "ndim", "format", "shape", "strides", "suboffsets", "internal")


def answer(obj: Any, flags: int) -> dict[str, Any] | None:
    try:
        view = capi.PyObject_GetBuffer(obj, flags)
    except BufferError:
        return None
    with view:
        return {name: getattr(view, name) for name in FIELDS}


def start(made: sb.Array) -> int:
    """The address of the first item, by the request that nothing can refuse."""
    with capi.PyObject_GetBuffer(made, capi.PyBUF_FULL_RO) as view:
        return view.buf or 0


def packed(shape: tuple[int, ...], itemsize: int, order: str) -> tuple[int, ...]:
    strides = []
    size = itemsize
    for length in shape if order == "F" else reversed(shape):
        strides.append(size)
        size *= length
    return tuple(strides if order == "F" else reversed(strides))


def whole(form: str, shape: tuple[int, ...], order: Any, readonly: bool = False) -> Memory:
    made = sb.zeros(shape, form, order=order, readonly=readonly)
    size = made.itemsize
    strides = made.strides if 0 in shape or not size else packed(shape, size, order)
    return Memory(made, start(made), shape, strides, size, form, readonly)


def part(
    form: str, shape: tuple[int, ...], index: Any, offset: Any, steps: tuple[int, ...], new: Any, **options: Any
) -> Memory:
    """A View of a part: `offset` and `steps` count in items along each axis of the array that it is taken from."""
    base = whole(form, shape, **options)
    view = base.obj[index]
    moved = sum(o * s for o, s in zip(offset, base.strides, strict=True))
    strides = tuple(step * base.strides[axis] for axis, step in enumerate(steps) if step)
    return Memory(view, base.address + moved, new, strides, base.itemsize, form, base.readonly)


LAYOUTS: dict[str, Callable[[str], Memory]] = {
    "0-d": lambda form: whole(form, (), "C"),
    "0-d read-only": lambda form: whole(form, (), "C", True),
    "1-d": lambda form: whole(form, (5,), "C"),
    "1-d read-only": lambda form: whole(form, (5,), "C", True),
    "C": lambda form: whole(form, (2, 3, 4), "C"),
    "Fortran": lambda form: whole(form, (2, 3, 4), "F"),
    "Fortran read-only": lambda form: whole(form, (2, 3), "F", True),
    "one row": lambda form: whole(form, (1, 4), "C"),
    "one column": lambda form: whole(form, (4, 1), "F"),
    "lengths of one": lambda form: whole(form, (1, 1, 1), "C"),
    "64-d": lambda form: whole(form, (1,) * 64, "C"),
    "empty": lambda form: whole(form, (0,), "C"),
    "empty in N-d": lambda form: whole(form, (2, 0, 3), "F"),
    "every second": lambda form: part(form, (6,), slice(None, None, 2), (0,), (2,), (3,), order="C"),
    "backwards": lambda form: part(form, (5,), slice(None, None, -1), (4,), (-1,), (5,), order="C"),
    "backwards read-only": lambda form: part(
        form, (5,), slice(None, None, -1), (4,), (-1,), (5,), order="C", readonly=True
    ),
    "columns": lambda form: part(form, (4, 6), (slice(None), slice(1, 5, 2)), (0, 1), (1, 2), (4, 2), order="C"),
    "rows": lambda form: part(form, (4, 6), (slice(1, 3), slice(None)), (1, 0), (1, 1), (2, 6), order="C"),
    "one of Fortran": lambda form: part(form, (4, 6), (2, slice(None)), (2, 0), (0, 1), (6,), order="F"),
    "one row of a part": lambda form: part(
        form, (4, 6), (slice(2, 3), slice(None, None, -3)), (2, 5), (1, -3), (1, 2), order="C"
    ),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_request_is_answered_from_the_table(layout: str, form: str) -> None:
    memory = LAYOUTS[layout](form)
    plain = memoryview(memory.obj)
    for flags in range(0x200):
        if flags in MISTAKES:
            continue
        expected = table(memory, flags)
        for undefined in (0, *UNDEFINED) if form == "B" else (0,):
            if flags | undefined in MISTAKES:
                continue
            assert answer(memory.obj, flags | undefined) == expected, hex(flags | undefined)
        # memoryview answers for the same memory, in its own name.
        reference = answer(plain, flags)
        if expected is not None:
            expected = {**expected, "obj": plain}
        assert reference == expected, hex(flags)


@pytest.mark.parametrize("flags", [*MISTAKES, 0x300])
@pytest.mark.parametrize(
    "make", [lambda: sb.zeros((2, 3)), lambda: sb.zeros((2, 3), order="F"), lambda: sb.zeros(3)[::2]]
)
def test_read_and_write_are_no_requests(make: Any, flags: int) -> None:
    obj = make()

    def outcome(other: Any) -> Any:
        try:
            with capi.PyObject_GetBuffer(other, flags) as view:
                return [getattr(view, name) for name in FIELDS if name != "obj"]
        except (BufferError, SystemError) as error:
            return type(error)

    assert outcome(obj) == outcome(memoryview(obj))


@pytest.mark.skipif(tb is None, reason="this interpreter has no _testbuffer")
@pytest.mark.parametrize(
    "index", [(), (slice(None, None, -1),), (slice(None), slice(1, None, 2)), (slice(1, 2), slice(2, 3))]
)
@pytest.mark.parametrize("readonly", [False, True])
def test_memory_behind_pointers(index: Any, readonly: bool) -> None:
    flags = tb.ND_PIL | (0 if readonly else tb.ND_WRITABLE)
    exporter = tb.ndarray(list(range(12)), shape=[3, 4], format="h", flags=flags)
    shown = exporter[index] if index else exporter
    view = sb.View(exporter)[index] if index else sb.View(exporter)
    with capi.PyObject_GetBuffer(shown, capi.PyBUF_FULL_RO) as theirs:
        memory = Memory(
            view, theirs.buf or 0, theirs.shape or (), theirs.strides or (), 2, "h", readonly, theirs.suboffsets
        )
    assert memory.suboffsets is not None
    plain = memoryview(view)
    for request in range(0x200):
        if request in MISTAKES:
            continue
        expected = table(memory, request)
        assert answer(view, request) == expected, hex(request)
        for reference in (plain, memoryview(shown)):
            found = answer(reference, request)
            assert (found is None) == (expected is None)
            if found and expected:
                # memoryview hands on what the exporter keeps in `internal`.
                assert {**found, "obj": view, "internal": None} == expected, hex(request)


@pytest.mark.skipif(tb is None, reason="this interpreter has no _testbuffer")
@pytest.mark.parametrize(
    ("shape", "order"), [((6,), "C"), ((2, 3), "C"), ((2, 3), "F"), ((1, 6), "C"), ((2, 1, 3), "F")]
)
def test_answers_are_those_of_the_test_exporter_of_cpython(shape: tuple[int, ...], order: str) -> None:
    flags = tb.ND_WRITABLE | (tb.ND_FORTRAN if order == "F" else 0)
    theirs = tb.ndarray([0.0] * math.prod(shape), shape=list(shape), format="d", flags=flags)
    ours = sb.zeros(shape, "d", order=order)  # type: ignore[arg-type]
    for request in itertools.chain(range(0x200), (0x400, 0x1008)):
        if request in MISTAKES:
            continue
        expected, found = answer(theirs, request), answer(ours, request)
        assert (found is None) == (expected is None), hex(request)
        if found and expected:
            for name in FIELDS:
                if name not in ("buf", "obj", "internal"):
                    assert found[name] == expected[name], (hex(request), name)


@pytest.mark.parametrize(
    ("make", "flags", "text"),
    [
        (lambda: sb.zeros(2, readonly=True), capi.PyBUF_WRITABLE, "writable buffer requested"),
        (lambda: sb.zeros((2, 3), order="F"), capi.PyBUF_C_CONTIGUOUS, r"C-contiguous.*\(2, 3\).*\(8, 16\)"),
        (lambda: sb.zeros((2, 3)), capi.PyBUF_F_CONTIGUOUS, r"F-contiguous.*\(2, 3\).*\(24, 8\)"),
        (lambda: sb.zeros(4)[::2], capi.PyBUF_ANY_CONTIGUOUS, r"contiguous.*\(2,\).*\(16,\)"),
        (lambda: sb.zeros(4)[::2], capi.PyBUF_ND, "without strides"),
        (lambda: sb.zeros(4), capi.PyBUF_FORMAT, "format requested without a shape"),
    ],
)
def test_refusals_say_what_was_asked_and_what_is_there(make: Any, flags: int, text: str) -> None:
    obj = make()
    with pytest.raises(BufferError, match=text):
        capi.PyObject_GetBuffer(obj, flags)


def test_a_refused_request_is_not_counted() -> None:
    made = sb.zeros(3, readonly=False)
    for flags in range(0x200):
        if flags not in MISTAKES:
            answer(made, flags)
    made.append(1)
    assert len(made) == 4
