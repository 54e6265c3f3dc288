# SPDX-License-Identifier: Apache-2.0
"""Nothing is left behind: over 100,000 rounds of an operation neither references, nor exports, nor memory add up."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
import sysconfig
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import c_oracle
import swiftbuffer as sb
from acting import refused
from operations import OPERATIONS
from swiftbuffer import capi

LARGE = 12_345_678_901_234_567_890
RECORDS = "T{i:a:(2)h:b:T{d:x:}:c:}"


class Bad:
    """Refuses to be a number."""

    def __index__(self) -> int:
        raise ZeroDivisionError

    def __float__(self) -> float:
        raise ZeroDivisionError


def operations() -> dict[str, tuple[Callable[[], object], list[object]]]:
    """Each operation and the objects whose references it must leave alone."""
    floats = sb.array([1.5, 2.5, 3.5])
    wide = sb.array([LARGE, LARGE], "Q")
    grid = sb.zeros((3, 4), order="F")
    swapped = sb.array([1.5, 2.5], ">d")
    records = sb.array([(1, [2, 3], (4.5,))] * 2, RECORDS)
    texts = sb.array(["ab", "cd"], "2w")
    words = sb.array([b"ab"], "3s")
    frozen = sb.array(floats, readonly=True)
    growing = sb.zeros(0, "d")
    nested = [[1, 2.5], [3, 4]]
    source = np.arange(6.0).reshape(2, 3)
    value, row, bad = 2.75, [(5, [6, 7], (8.5,))], Bad()
    item = records[0]
    data = b"x" * 16
    equal = floats.copy()

    def grow() -> None:
        growing.append(value)
        growing.extend(floats)
        growing.extend(nested[0])
        growing.frombytes(data)
        growing.pop()
        growing.pop(0)
        growing.resize(0)

    plain: dict[str, Callable[[], object]] = {
        "array of a list": lambda: sb.array(nested),
        "array of a list, other format": lambda: sb.array(nested, ">f", order="F"),
        "array of records": lambda: sb.array(row, RECORDS),
        "array of a buffer": lambda: sb.array(source),
        "array of a buffer, converted": lambda: sb.array(source, "q"),
        "array of arrays": lambda: sb.array([floats, floats]),
        "array of NumPy scalars": lambda: sb.array([source[0, 0], source[0, 1]]),
        "Array": lambda: sb.Array(floats),
        "zeros": lambda: sb.zeros((2, 3), "i"),
        "empty": lambda: sb.empty(3, RECORDS),
        "full": lambda: sb.full(3, value),
        "large blocks": lambda: sb.empty(5 << 20, "B"),
        "grow": grow,
        "freeze": lambda: hash(sb.array([value], readonly=True)),
        "item": lambda: floats[1],
        "item of a grid": lambda: grid[1, 2],
        "item in other order": lambda: swapped[0],
        "large item": lambda: wide[1],
        "record": lambda: records[1],
        "text": lambda: texts[0],
        "bytes item": lambda: words[0],
        "set item": lambda: floats.__setitem__(1, value),
        "set large item": lambda: wide.__setitem__(1, LARGE),
        "set item of a grid": lambda: grid.__setitem__((1, 2), value),
        "set record": lambda: records.__setitem__(0, item),
        "set record by names": lambda: records.__setitem__(0, item._asdict()),
        "set text": lambda: texts.__setitem__(0, "xy"),
        "slice": lambda: floats[::-1],
        "slice of a slice": lambda: grid[1:][:, ::2][0],
        "field": lambda: records["a"],
        "assign to a slice": lambda: floats.__setitem__(slice(None), value),
        "assign a list to a slice": lambda: floats.__setitem__(slice(None), [1, 2, 3]),
        "assign a buffer to a slice": lambda: floats.__setitem__(slice(None), equal),
        "iterate": lambda: list(grid),
        "tolist": lambda: records.tolist(),
        "tobytes": lambda: grid.tobytes(),
        "copy": lambda: grid.copy(),
        "copy.copy": lambda: copy.copy(grid),
        "copy.deepcopy": lambda: copy.deepcopy(grid),
        "equal": lambda: floats == equal,
        "equal records": lambda: records == records,
        "equal to a list": lambda: floats == nested,
        "repr": lambda: repr(grid),
        "hash": lambda: hash(frozen),
        "attributes": lambda: (grid.shape, grid.strides, grid.suboffsets, grid.format, grid.nbytes, grid.contiguous),
        "len": lambda: len(floats),
        "contains": lambda: 2.5 in floats,
        "sizeof": lambda: sys.getsizeof(grid),
        "weak reference": lambda: weakref.ref(floats),
        "weak reference that dies": lambda: weakref.ref(sb.zeros(1)),
        "memoryview": lambda: memoryview(grid),
        "NumPy": lambda: np.asarray(grid),
        "bytes": lambda: bytes(floats),
        "Py_buffer": lambda: capi.PyObject_GetBuffer(grid, capi.PyBUF_FULL).release(),
        "pickle": lambda: pickle.loads(pickle.dumps(grid, 5)),
    }
    failing: dict[str, Callable[[], object]] = {
        "refused request": lambda: capi.PyObject_GetBuffer(grid, capi.PyBUF_SIMPLE),
        "bad format": lambda: sb.zeros(3, "no format"),
        "bad shape": lambda: sb.zeros(-1),
        "too much memory": lambda: sb.zeros(2**50),
        "ragged": lambda: sb.array([[1, 2], [3]]),
        "bad values": lambda: sb.array([value, bad]),
        "bad values with a format": lambda: sb.array([value, bad], "d"),
        "bad full": lambda: sb.full(3, bad),
        "bad conversion": lambda: sb.array(floats, "3s"),
        "bad index": lambda: floats[99],
        "bad key": lambda: floats["x"],
        "bad item": lambda: floats.__setitem__(0, bad),
        "bad record": lambda: records.__setitem__(0, (1, [2, "3"], (4,))),
        "bad append": lambda: floats.append("x"),
        "bad extend": lambda: floats.extend([1, bad]),
        "extend in another format": lambda: floats.extend(wide),
        "bad bytes": lambda: floats.frombytes(b"123"),
        "bad order": lambda: floats.copy("X"),
        "bad argument": lambda: sb.zeros(3, nonsense=1),
        "write to frozen": lambda: frozen.__setitem__(0, 1),
        "hash of writable": lambda: hash(floats),
    }
    watched: list[object] = [
        floats,
        wide,
        grid,
        swapped,
        records,
        texts,
        words,
        frozen,
        growing,
        nested,
        source,
        value,
        row,
        bad,
        item,
        data,
        equal,
        sb.Array,
        sb.View,
        LARGE,
    ]
    table = {name: (operation, watched) for name, operation in plain.items()}
    table |= {name: (refused(operation), watched) for name, operation in failing.items()}
    return table


@pytest.mark.parametrize("name", operations())
def test_operations_leave_no_memory_and_no_references(name: str) -> None:
    operation, watched = operations()[name]
    # What takes microseconds goes the whole way; a round of Python code costs more.
    c_oracle.assert_no_growth(operation, *watched, rounds=100_000, limit=1_000_000)
    for each in watched:
        if isinstance(each, sb.Array) and each.ndim == 1 and not each.readonly:
            each.resize(len(each))


@pytest.fixture(scope="module")
def quick_collector() -> Iterator[None]:
    """What is there by now need not be looked through thousands of times."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("quick_collector")
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_operation_of_the_surface_leaves_blocks_behind(name: str) -> None:
    """Blocks of Python's allocators, and bytes of malloc's: what leaks does so each time."""
    # Without a GIL what another thread has freed, or this one lately, is counted a while longer.
    rounds = 400 if sysconfig.get_config_var("Py_GIL_DISABLED") else 100

    def run() -> None:
        for _ in range(rounds):
            operation, _ = OPERATIONS[name]()
            try:
                operation()
            except Exception:
                continue

    def used() -> tuple[int, int]:
        gc.collect()
        return sys.getallocatedblocks(), c_oracle.bytes_of_malloc()

    run()
    grown: list[tuple[int, int]] = []
    for _ in range(3):
        blocks, memory = used()
        run()
        now = used()
        grown.append((now[0] - blocks, now[1] - memory))
        if grown[-1][0] < rounds // 2 and grown[-1][1] < 16 * rounds:
            return
    raise AssertionError(f"blocks and bytes more after {rounds} rounds each: {grown}")


def test_the_checker_leaves_nothing_behind() -> None:
    made = sb.zeros(3)

    def blocks() -> int:
        assert sb.check(made, isolate=False).ok
        gc.collect()
        return sys.getallocatedblocks()

    blocks()
    before = blocks()
    # Each check makes hundreds of requests.
    assert blocks() - before < 100


def test_growing_and_shrinking_gives_memory_back() -> None:
    def cycle() -> None:
        made = sb.zeros(0, "q")
        for _ in range(10):
            made.resize(len(made) * 2 + 1000)
        made.resize(3)

    c_oracle.assert_no_growth(cycle, rounds=2_000, limit=1_000_000)


def test_views_left_to_the_collector_release_their_array() -> None:
    made = sb.zeros(10)

    def cycle() -> None:
        holder: list[Any] = [made[1:], memoryview(made), np.asarray(made)]
        holder.append(holder)

    before = sys.getrefcount(made)
    for _ in range(2_000):
        cycle()
    gc.collect()
    assert sys.getrefcount(made) == before
    made.append(1)
