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
import results
import swiftbuffer
from baselines import MEMORYVIEW, NUMPY
from results import OURS, Goal, Row

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

NAMES: dict[str, object] = {
    "View": swiftbuffer.View,
    "exporter": BYTES,
    "m": memoryview(BYTES),
    "v": swiftbuffer.View(BYTES),
    "md": memoryview(DOUBLES),
    "vd": swiftbuffer.View(DOUBLES),
    "table": TABLE,
    "m2": memoryview(TABLE),
    "v2": swiftbuffer.View(TABLE),
    "strided_v": swiftbuffer.View(STRIDED),
    "strided_m": memoryview(STRIDED),
}

# What is measured, ours, the baseline's, and the ratio aimed for.
ROWS: list[tuple[str, str, str, float]] = [
    ("View(x)", "View(exporter)", "memoryview(exporter)", 0.4),
    ("v[i], bytes", "v[500]", "m[500]", 0.85),
    ("v[i], doubles", "vd[500]", "md[500]", 0.85),
    ("v[i] = x, bytes", "v[500] = 7", "m[500] = 7", 0.7),
    ("v[i] = x, doubles", "vd[500] = 7.0", "md[500] = 7.0", 0.7),
    ("v[i, j]", "v2[3, 4]", "m2[3, 4]", 0.8),
    ("v[a:b]", "v[10:20]", "m[10:20]", 0.9),
    ("v[a:b, c:d]", "v2[1:3, 2:4]", "table[1:3, 2:4]", 0.75),
    ("tobytes, strided 1 MiB", "strided_v.tobytes()", "strided_m.tobytes()", 0.1),
]


Clocks = dict[str, measure.Clock]


def workloads() -> Iterator[tuple[str, Clocks, str, float]]:
    """What is measured, by whom, beside whom, and the ratio aimed for."""
    for name, ours, theirs, aim in ROWS:
        baseline = NUMPY if "table" in theirs else MEMORYVIEW
        yield name, {baseline: measure.clock(theirs, NAMES), OURS: measure.clock(ours, NAMES)}, baseline, aim
    for items, numbers in NUMBERS.items():
        shown = {OURS: swiftbuffer.View(numbers), MEMORYVIEW: memoryview(numbers), LIST: list(numbers)}
        aim = 0.6 if items == "bytes" else 1.0
        for name, statement, by in (
            # A list has its objects already: what its loop takes is the interpreter's own part.
            ("for loop", "for _ in items: pass", (OURS, MEMORYVIEW, LIST)),
            # The iterator without the interpreter's loop.
            ("iterator", "consume(items)", (OURS, MEMORYVIEW, LIST)),
            ("tolist", "items.tolist()", (OURS, MEMORYVIEW)),
        ):
            clocks = {who: measure.clock(statement, {"items": shown[who], "consume": CONSUME}) for who in by}
            yield f"{name}, {items}", clocks, MEMORYVIEW, aim


def main() -> int:
    chosen = results.options(__doc__ or "")
    rows = []
    for name, clocks, baseline, aim in workloads():
        if results.wanted(f"View {name}", chosen):
            timings = measure.interleave(clocks, baseline, chosen.pace)
            rows.append(Row("View", name, timings, baseline, Goal(at_most=aim, beside_baselines=False)))
    note = "Multiples of memoryview's time, or NumPy's where it cannot."
    results.show("View", rows, [OURS, MEMORYVIEW, NUMPY, LIST], note)
    results.save("view", rows, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
