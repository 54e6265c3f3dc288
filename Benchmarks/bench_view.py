"""View beside memoryview and NumPy: what it costs to make one, to index it, and to read it out. Ratios of one run.

Each pair is timed in turns, and the least of all rounds counts. A limit is what the project aims for; "over" is no
failure of the run, only something to work on.
"""

from __future__ import annotations

import array
import sys
import timeit

import numpy

import swiftbuffer

QUICK = "--quick" in sys.argv
ROUNDS = 3 if QUICK else 15
SECONDS = 0.01 if QUICK else 0.05

BYTES = bytearray(1000)
DOUBLES = array.array("d", range(1000))
TABLE = numpy.zeros((30, 40), "B")

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
}

# What is measured, ours, the peer's, and the ratio aimed for.
ROWS: list[tuple[str, str, str, float]] = [
    ("View(x)", "View(exporter)", "memoryview(exporter)", 0.4),
    ("v[i], bytes", "v[500]", "m[500]", 0.85),
    ("v[i], doubles", "vd[500]", "md[500]", 0.85),
    ("v[i] = x, bytes", "v[500] = 7", "m[500] = 7", 0.7),
    ("v[i] = x, doubles", "vd[500] = 7.0", "md[500] = 7.0", 0.7),
    ("v[i, j]", "v2[3, 4]", "m2[3, 4]", 0.8),
    ("v[a:b]", "v[10:20]", "m[10:20]", 0.9),
    ("v[a:b, c:d] (NumPy)", "v2[1:3, 2:4]", "table[1:3, 2:4]", 0.75),
    ("iteration, bytes", "for _ in v: pass", "for _ in m: pass", 0.6),
    ("iteration, doubles", "for _ in vd: pass", "for _ in md: pass", 1.0),
    ("tolist, bytes", "v.tolist()", "m.tolist()", 0.6),
    ("tolist, doubles", "vd.tolist()", "md.tolist()", 1.0),
    ("tobytes, strided 1 MiB", "strided_v.tobytes()", "strided_m.tobytes()", 0.1),
]


def nanoseconds(timer: timeit.Timer, number: int) -> float:
    return timer.timeit(number) / number * 1e9


def main() -> int:
    strided = numpy.zeros((1024, 2048), "B")[:, ::2]
    names = NAMES | {"strided_v": swiftbuffer.View(strided), "strided_m": memoryview(strided)}
    print(f"{'':24} {'View':>10} {'peer':>10} {'ratio':>7} {'aim':>6}")
    for title, ours, peers, aim in ROWS:
        timers = [timeit.Timer(statement, globals=names) for statement in (ours, peers)]
        numbers = [max(1, int(SECONDS / max(timer.timeit(10) / 10, 1e-9))) for timer in timers]
        best = [min(costs) for costs in zip(*(map(nanoseconds, timers, numbers) for _ in range(ROUNDS)), strict=True)]
        ratio = best[0] / best[1]
        note = "" if ratio <= aim else "  over"
        print(f"{title:24} {best[0]:8.1f}ns {best[1]:8.1f}ns {ratio:6.2f}x {aim:5.2f}x{note}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
