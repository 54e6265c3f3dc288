# SPDX-License-Identifier: Apache-2.0
"""View beside memoryview and NumPy: what it costs to make one, to index it, and to read it out."""

from __future__ import annotations

import array
import collections
import functools
import sys
from collections.abc import Iterator
from typing import Any

import numpy

import measure
import native
import results
import swiftbuffer
import tables
from baselines import MEMORYVIEW, NUMPY
from results import OURS, C, Goal, Row

BYTES = bytearray(range(250)) * 4
# Every native format that array.array has too, under the name of its items.
NUMBERS: dict[str, bytearray | array.array[Any]] = {
    "bytes": BYTES,
    "signed bytes": array.array("b", [value - 125 for value in BYTES]),
    "int16": array.array("h", range(1000)),
    "int32": array.array("i", range(1000)),
    "int64": array.array("q", range(1000)),
    "uint16": array.array("H", range(1000)),
    "uint32": array.array("I", range(1000)),
    "uint64": array.array("Q", range(1000)),
    "floats": array.array("f", range(1000)),
    "doubles": array.array("d", range(1000)),
}
DOUBLES = NUMBERS["doubles"]
LIST = "list"
CONSUME: Any = functools.partial(collections.deque, maxlen=0)
# NumPy's own type says that it has a buffer only from Python 3.12 on.
TABLE: Any = numpy.zeros((30, 40), "B")
STRIDED: Any = numpy.zeros((1024, 2048), "B")[:, ::2]

# How each makes a view of an object. C's is native/view.c.
MAKERS: dict[str, Any] = {
    OURS: swiftbuffer.View,
    C: native.module("view").View,
    MEMORYVIEW: memoryview,
    NUMPY: numpy.asarray,
}

# What is measured, of what, beside whom and with which ratio aimed for. `x` is the view of `source`.
ROWS: list[tuple[str, str, Any, str, float]] = [
    ("View(x)", "View(source)", BYTES, MEMORYVIEW, 0.4),
    ("v[i], bytes", "x[500]", BYTES, MEMORYVIEW, 0.85),
    ("v[i], doubles", "x[500]", DOUBLES, MEMORYVIEW, 0.85),
    ("v[i] = x, bytes", "x[500] = 7", BYTES, MEMORYVIEW, 0.7),
    ("v[i] = x, doubles", "x[500] = 7.0", DOUBLES, MEMORYVIEW, 0.7),
    ("v[i, j]", "x[3, 4]", TABLE, MEMORYVIEW, 0.8),
    ("v[a:b]", "x[10:20]", BYTES, MEMORYVIEW, 0.9),
    ("v[a:b, c:d]", "x[1:3, 2:4]", TABLE, NUMPY, 0.75),
    ("tobytes, strided 1 MiB", "x.tobytes()", STRIDED, MEMORYVIEW, 0.1),
]
# `tobytes` of view.c would be another copy loop; C's are in the table of the kernels.
NOT_IN_C = {"tobytes, strided 1 MiB"}


Clocks = dict[str, measure.Clock]


def workloads() -> Iterator[tuple[str, Clocks, str, float]]:
    """What is measured, by whom, beside whom, and the ratio aimed for."""
    for name, statement, source, baseline, aim in ROWS:
        clocks = {}
        for who in (baseline, OURS, *(() if name in NOT_IN_C else (C,))):
            make = MAKERS[who]
            clocks[who] = measure.clock(statement, {"x": make(source), "View": make, "source": source})
        yield name, clocks, baseline, aim
    for items, numbers in NUMBERS.items():
        shown = {who: make(numbers) for who, make in MAKERS.items()} | {LIST: list(numbers)}
        aim = 0.6 if items == "bytes" else 1.0
        for name, statement, by in (
            # A list has its objects already: what its loop takes is the interpreter's own part.
            ("for loop", "for _ in items: pass", (OURS, C, MEMORYVIEW, LIST)),
            # The iterator without the interpreter's loop.
            ("iterator", "consume(items)", (OURS, C, MEMORYVIEW, LIST)),
            ("tolist", "items.tolist()", (OURS, C, MEMORYVIEW)),
        ):
            clocks = {who: measure.clock(statement, {"items": shown[who], "consume": CONSUME}) for who in by}
            yield f"{name}, {items}", clocks, MEMORYVIEW, aim


def main() -> int:
    chosen = results.options(__doc__ or "")
    rows = []
    for name, clocks, baseline, aim in workloads():
        if results.wanted(f"View {name}", chosen):
            timings = measure.interleave(clocks, baseline, chosen.pace)
            rows.append(Row("View", name, timings, baseline, Goal(at_most=aim, fastest=None, times={C: 1.1})))
    note = "Lower is better: multiples of memoryview's time, or NumPy's where it cannot."
    tables.show(tables.of_rows(rows, [OURS, MEMORYVIEW, NUMPY, LIST], "View", note))
    results.save("view", rows, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
