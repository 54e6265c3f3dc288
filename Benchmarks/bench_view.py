"""View beside memoryview and NumPy: what it costs to make one, to index it, and to read it out."""

from __future__ import annotations

import array
import sys
from typing import Any

import numpy

import measure
import results
import swiftbuffer
from peers import MEMORYVIEW, NUMPY
from results import OURS, Goal, Row

BYTES = bytearray(1000)
DOUBLES = array.array("d", range(1000))
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

# What is measured, ours, the peer's, and the ratio aimed for.
ROWS: list[tuple[str, str, str, float]] = [
    ("View(x)", "View(exporter)", "memoryview(exporter)", 0.4),
    ("v[i], bytes", "v[500]", "m[500]", 0.85),
    ("v[i], doubles", "vd[500]", "md[500]", 0.85),
    ("v[i] = x, bytes", "v[500] = 7", "m[500] = 7", 0.7),
    ("v[i] = x, doubles", "vd[500] = 7.0", "md[500] = 7.0", 0.7),
    ("v[i, j]", "v2[3, 4]", "m2[3, 4]", 0.8),
    ("v[a:b]", "v[10:20]", "m[10:20]", 0.9),
    ("v[a:b, c:d]", "v2[1:3, 2:4]", "table[1:3, 2:4]", 0.75),
    ("iteration, bytes", "for _ in v: pass", "for _ in m: pass", 0.6),
    ("iteration, doubles", "for _ in vd: pass", "for _ in md: pass", 1.0),
    ("tolist, bytes", "v.tolist()", "m.tolist()", 0.6),
    ("tolist, doubles", "vd.tolist()", "md.tolist()", 1.0),
    ("tobytes, strided 1 MiB", "strided_v.tobytes()", "strided_m.tobytes()", 0.1),
]


def main() -> int:
    chosen = results.options(__doc__ or "")
    rows = []
    for name, ours, peers, aim in ROWS:
        if not results.wanted(f"View {name}", chosen):
            continue
        peer = NUMPY if "table" in peers else MEMORYVIEW
        clocks = {peer: measure.clock(peers, NAMES), OURS: measure.clock(ours, NAMES)}
        timings = measure.interleave(clocks, peer, chosen.pace)
        rows.append(Row("View", name, timings, peer, Goal(at_most=aim, beside_peers=False)))
    results.show("View", rows, [OURS, MEMORYVIEW, NUMPY], "Multiples of memoryview's time, or NumPy's where it cannot.")
    results.save("view", rows, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
