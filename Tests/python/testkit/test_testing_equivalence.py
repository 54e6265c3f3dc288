# SPDX-License-Identifier: Apache-2.0
"""`swiftbuffer.testing` does what CPython's private `_testbuffer` does: random operations on both, side by side.

Left out is where this exporter differs on purpose: suboffsets that are all negative count for nothing, where
`_testbuffer` takes them for pointers; more slices than axes, and indices without a shape, raise IndexError where it
reads beyond its memory; a value that cannot be packed leaves the old item alone, where it may be zero afterwards.
"""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from swiftbuffer import testing

reference = pytest.importorskip("_testbuffer", reason="this CPython has no _testbuffer to compare with")

FORMATS = ["B", "b", "c", "?", "h", "<h", ">i", "@i", "q", "d", "e", "hB", "=bd", "3s", "2x", "2i", "0s", "", "Z", "P"]
FLAGS = [0, 0, 0, 2, 2, 4, 6, 16, 18, 20, 1, 3, 32, 64, 0xC0]
REQUESTS = [0, 1, 4, 5, 8, 9, 12, 0x10, 0x18, 0x1C, 0x1D, 0x20, 0x38, 0x58, 0x98, 0x118, 0x11C, 0x11D, 0x3C, 0x5C, 0x9D]
ATTRIBUTES = [
    "flags",
    "offset",
    "nbytes",
    "readonly",
    "itemsize",
    "format",
    "ndim",
    "shape",
    "strides",
    "suboffsets",
    "c_contiguous",
    "f_contiguous",
    "contiguous",
]


def outcome(call: Any) -> Any:
    """What a call returns, or the class of what it raises."""
    try:
        return call()
    except Exception as error:
        return type(error)


def description(array: Any) -> Any:
    """All that an array says of itself."""
    if not hasattr(array, "suboffsets"):
        return array
    return {
        "obj": type(array.obj).__name__,
        "hash": outcome(lambda: hash(array)),
        "list": repr(outcome(array.tolist)),
        "bytes": outcome(array.tobytes),
        **{name: getattr(array, name) for name in ATTRIBUTES},
        # Where there is nothing to point at, it does not matter where that is.
        "suboffsets": array.suboffsets if array.nbytes else len(array.suboffsets),
    }


def value(rng: random.Random, text: str) -> Any:
    """An item of a format, now and then of another."""
    try:
        size = struct.calcsize(text)
        item: Any = struct.unpack(text, bytes(rng.randrange(2) for _ in range(size)))
    except struct.error:
        return 1
    if len(item) == 1 and rng.random() < 0.9:
        (item,) = item
    return rng.choice([300, "a", None, 1.5, b"a", (1,), (1, 2), [1]]) if rng.random() < 0.03 else item


def arguments(rng: random.Random) -> tuple[Any, dict[str, Any]]:
    """The arguments for an array of its own memory, most of them right."""
    text = rng.choice(FORMATS)
    try:
        size = struct.calcsize(text) or 1
    except struct.error:
        size = 1
    ndim = rng.choice([0, 1, 1, 2, 2, 3, 4])
    shape = [rng.choice([0, 1, 2, 2, 3, 3]) for _ in range(ndim)]
    count = 1
    for length in shape:
        count *= max(length, 1)
    if rng.random() < 0.1:
        count = max(count + rng.choice([-1, 1, 5]), 0)
    named: dict[str, Any] = {"shape": rng.choice([list, tuple])(shape), "format": text, "flags": rng.choice(FLAGS)}
    if rng.random() < 0.5 and ndim:
        # Backwards along some axes, from where that starts, or anything.
        strides = [size] * ndim
        for axis in reversed(range(ndim - 1)):
            strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1)
        offset = 0
        for axis in range(ndim):
            if rng.random() < 0.4:
                offset += strides[axis] * max(shape[axis] - 1, 0)
                strides[axis] = -strides[axis]
            elif rng.random() < 0.1:
                strides[axis] = rng.choice([0, 1, size, -size, 2 * size, 10**18])
        named["strides"], named["offset"] = (
            strides,
            offset + (rng.choice([-size, 1, size]) if rng.random() < 0.1 else 0),
        )
    items = [value(rng, text) for _ in range(count)] if ndim else value(rng, text)
    return items, named


def full(array: Any, request: int) -> int:
    """The request, with INDIRECT where the array has suboffsets that mean nothing.

    CPython's exporter answers with them unasked, or refuses; to this one they are nothing, as to the protocol.
    """
    idle = bool(array.suboffsets) and max(array.suboffsets) < 0
    return (
        request | testing.PyBUF_INDIRECT
        if idle and request & testing.PyBUF_STRIDES == testing.PyBUF_STRIDES
        else request
    )


def indexable(array: Any) -> bool:
    """Whether the array knows its shape; CPython's exporter takes any index for right where it does not."""
    return array.ndim == 0 or bool(array.shape)


def index(rng: random.Random, ndim: int) -> Any:
    """An index, most often one that works."""

    def bound() -> Any:
        return rng.choice([None, None, 0, 1, 2, 3, -1, -2, -5, 7, 2**70])

    def cut() -> slice:
        return slice(bound(), bound(), rng.choice([None, None, 1, 2, -1, -2, 0 if rng.random() < 0.1 else 1]))

    return rng.choice(
        [
            lambda: rng.randrange(-4, 4),
            cut,
            lambda: tuple(cut() for _ in range(rng.randrange(ndim + 1))),
            lambda: rng.choice([..., (), None, "a", 1.0, 2**70, (0, 0), (slice(None), 0)]),
        ]
    )()


Operation = Callable[[Any, Any], Any]


def operation(rng: random.Random, ndim: int, text: str) -> tuple[str, Operation]:
    """Something to do with an array and the module it is from, and how to call it in a message."""
    key, other, request = index(rng, ndim), index(rng, ndim), rng.choice(REQUESTS)
    order, flags, item = rng.choice("CFAZ"), rng.choice([0, 0, 32, 2]), value(rng, text)
    # CPython's exporter walks off its shape where it redirects a request that it could not answer itself.
    request = testing.PyBUF_FULL_RO if flags == testing.ND_REDIRECT else request
    kind, position = (
        rng.choice([testing.PyBUF_READ, testing.PyBUF_WRITE, 1]),
        [rng.randrange(-1, 3) for _ in range(ndim)],
    )
    items, named = arguments(rng)
    operations: list[tuple[str, Operation]] = [
        (f"a[{key}]", lambda a, _: a[key] if indexable(a) else None),
        (f"a[{key}] again", lambda a, _: a[key] if indexable(a) else None),
        (
            f"ndarray(a, getbuf={request:#x}, flags={flags})",
            lambda a, m: m.ndarray(a, getbuf=full(a, request), flags=flags),
        ),
        (f"a[{key}] = {item!r}", lambda a, _: a.__setitem__(key, item) if indexable(a) else None),
        (f"a[{key}] = a[{other}]", lambda a, _: a.__setitem__(key, a[other]) if indexable(a) else None),
        (f"a.push({items}, {named})", lambda a, _: a.push(items, **named)),
        ("a.pop()", lambda a, _: a.pop()),
        ("a.add_suboffsets()", lambda a, _: a.add_suboffsets()),
        ("a.memoryview_from_buffer()", lambda a, _: a.memoryview_from_buffer().tobytes()),
        (f"get_pointer(a, {position})", lambda a, m: repr(m.get_pointer(a, position))),
        (
            f"py_buffer_to_contiguous(a, {order!r}, {request:#x})",
            lambda a, m: m.py_buffer_to_contiguous(a, order, full(a, request)),
        ),
        (f"get_contiguous(a, {kind}, {order!r})", lambda a, m: m.get_contiguous(a, kind, order).tobytes(order)),
        (f"is_contiguous(a, {order!r})", lambda a, m: m.is_contiguous(a, order)),
        (f"cmp_contig(a, a[{key}])", lambda a, m: m.cmp_contig(a, a[key]) if indexable(a) else None),
    ]
    return rng.choice(operations)


@pytest.mark.parametrize("seed", range(40))
def test_random_operations_give_what_testbuffer_gives(seed: int) -> None:
    rng = random.Random(seed)
    modules = (testing, reference)
    compared = 0
    for _ in range(150):
        items, named = arguments(rng)
        arrays = tuple(outcome(partial(m.ndarray, items, **named)) for m in modules)
        if isinstance(arrays[0], type) or isinstance(arrays[1], type):
            assert arrays[0] is arrays[1], (items, named)
            continue
        assert description(arrays[0]) == description(arrays[1]), (items, named)
        for _ in range(6):
            label, act = operation(rng, arrays[0].ndim, arrays[0].format or "B")
            before = tuple(map(description, arrays))
            results = tuple(outcome(partial(act, a, m)) for a, m in zip(arrays, modules, strict=True))
            described = tuple(map(description, results))
            assert described[0] == described[1], (label, before[0])
            assert description(arrays[0]) == description(arrays[1]), (label, before[0])
            compared += 1
            if hasattr(results[0], "suboffsets") and rng.random() < 0.5:
                arrays = results
    assert compared > 100


def test_names_and_constants_are_those_of_testbuffer() -> None:
    for name in dir(reference):
        if name.startswith(("ND_", "PyBUF_")):
            assert getattr(testing, name) == getattr(reference, name), name
        elif not name.startswith("__"):
            assert callable(getattr(testing, name)), name
            assert name in testing.__all__, name


@pytest.mark.parametrize("bounds", [(1, 5, 2), (None, None, None), (None, None, -1), (-3, 2**70, 1), (7, 1, -3)])
@pytest.mark.parametrize("length", [-1, 0, 1, 10, sys.maxsize])
def test_slice_indices_are_those_of_testbuffer(bounds: tuple[Any, Any, Any], length: int) -> None:
    key = slice(*bounds)
    assert testing.slice_indices(key, length) == reference.slice_indices(key, length)


@pytest.mark.parametrize("request_flags", REQUESTS)
@pytest.mark.parametrize("legacy", [False, True])
def test_staticarray_answers_as_that_of_testbuffer(request_flags: int, legacy: bool) -> None:
    mine, theirs = testing.staticarray(legacy_mode=legacy), reference.staticarray(legacy_mode=legacy)
    arrays = testing.ndarray(mine, getbuf=request_flags), reference.ndarray(theirs, getbuf=request_flags)
    assert description(arrays[0]) == description(arrays[1])
    assert (arrays[0].obj is None) == legacy
