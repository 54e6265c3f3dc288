# SPDX-License-Identifier: Apache-2.0
"""How fast this machine moves contiguous bytes: every way that is known, with one thread and two."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import limits
import machine
import measure
import results
import tables
import workload_table
import workloads
from results import OURS, Goal, Row, number
from tables import NONE, Table
from trial import MEMCPY

MEBIBYTES, THREADS = (8, 64), (1, 2)


def timed(mebibytes: int, threads: int, scale: workload_table.Scale, pace: measure.Pace) -> Row:
    """All ways and this project's own copy, beside memcpy with one thread."""
    size = mebibytes * scale.mebibyte
    trial = workloads.contiguous(size // 8)
    trial.calls = {OURS: trial.calls[OURS]}
    trial.threads = {OURS: threads}
    trial.limits = limits.ways(size, threads)
    trial.check()
    timings = measure.interleave(trial.clocks(), trial.reference, pace)
    name = f"{mebibytes} MiB, {threads} thread{'s' if threads > 1 else ''}"
    return Row("contiguous copy", name, timings, MEMCPY, Goal(fastest=None), per=size)


def table(rows: Sequence[Row]) -> Table:
    """A line for each way, a column for each size and number of threads: multiples of memcpy with one thread."""
    shown = Table(["", *(row.name for row in rows)], words=(0,))
    shown.title = "Ways to move contiguous bytes, as multiples of memcpy with one thread: lower is better"
    shown.caption = machine.line()
    for way in dict.fromkeys(name for row in rows for name in row.timings):
        shown.lines.append([way, *(_cell(row, way) for row in rows)])
    return shown


def _cell(row: Row, way: str) -> str:
    if way not in row.timings:
        return NONE
    return f"{number(row.figure(way))} ({number(row.per / row.timings[way].minimum)} GB/s)"


def main() -> int:
    chosen = results.options(__doc__ or "")
    scale = workload_table.TINY if chosen.tiny else workload_table.Scale()
    rows = [
        timed(mebibytes, threads, scale, chosen.pace)
        for mebibytes in MEBIBYTES
        for threads in THREADS
        if results.wanted("limit", chosen)
    ]
    tables.show(table(rows))
    results.save("limit", rows, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
