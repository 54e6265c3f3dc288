# SPDX-License-Identifier: Apache-2.0
"""Pictures of memory: how long `draw` takes, which is to be at most 50 ms whatever the shape."""

from __future__ import annotations

import sys
from typing import Any

import numpy

import measure
import results
import swiftbuffer
import tables
from results import OURS, Goal, Row

STRIDED = numpy.lib.stride_tricks.as_strided
FIELDS = "".join(f"b:field{number}:" for number in range(24))

SUBJECTS: dict[str, Any] = {
    "3 rows of 4": swiftbuffer.zeros((3, 4), "h"),
    "records": swiftbuffer.zeros(1000, "T{b:tag:d:x:h:y:}"),
    "records of 24 fields": swiftbuffer.zeros(1000, f"T{{{FIELDS}}}"),
    "an image of a megabyte": numpy.zeros((480, 640, 3), "B"),
    "a gigabyte": swiftbuffer.View(b"a").broadcast_to((1 << 10, 1 << 20)),
    "ten axes": numpy.zeros((3,) * 10, "B"),
    "items that overlap a thousand times": STRIDED(numpy.zeros(4000, "B"), (999, 999), (1, 1)),
    "strides without a common divisor": STRIDED(numpy.zeros(1 << 20, "B"), (500, 500), (997, 1001)),
    "30 rows behind pointers": swiftbuffer.testing.ndarray(
        list(range(900)), shape=[30, 30], format="h", flags=swiftbuffer.testing.ND_PIL
    ),
}


def main() -> int:
    chosen = results.options(__doc__ or "")
    rows = []
    for name, subject in SUBJECTS.items():
        for statement, said in (("draw(x)", name), ("draw(x, x)", f"{name}, twice")):
            if results.wanted(f"draw {said}", chosen):
                clocks = {OURS: measure.clock(statement, {"x": subject, "draw": swiftbuffer.draw})}
                timings = measure.interleave(clocks, OURS, chosen.pace)
                rows.append(Row("draw", said, timings, OURS, Goal(at_most=50.0), unit=" ms", per=1e6))
    tables.show(tables.of_rows(rows, [OURS], "draw", "Lower is better: milliseconds of a picture."))
    results.save("draw", rows, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
