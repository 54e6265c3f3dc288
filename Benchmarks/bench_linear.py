# SPDX-License-Identifier: Apache-2.0
"""Time per byte from 1 MiB to 1 GiB, beside memcpy's over the same range: does cost grow linearly?

Memory itself costs more per byte once it is larger than the caches, which memcpy shows. Growth beyond that is the
workload's own. Not part of a quick run.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import results
import tables
import workload_table
import workloads
from measure import interleave
from results import NOISE, OURS, Goal, Row, number
from tables import Table
from trial import Trial
from workload_table import sides

MEBIBYTES = (1, 8, 64, 512, 1024)
# Source, destination, and then NumPy's answer or the reference's own two; a view of every second item has twice the
# source.
MEMORY = 6


def transpose(itemsize: int, ragged: bool = False) -> Callable[[int], Trial]:
    def trial(size: int) -> Trial:
        rows, columns = sides(size, itemsize)
        return workloads.transpose(rows - ragged, columns - 3 * ragged, itemsize)

    return trial


WORKS: dict[str, Callable[[int], Trial]] = {
    "contiguous copy": lambda size: workloads.contiguous(size // 8),
    "transpose, 1-byte items, powers of two": transpose(1),
    "transpose, 4-byte items, powers of two": transpose(4),
    "transpose, 8-byte items, powers of two": transpose(8),
    "transpose, 1-byte items, ragged": transpose(1, ragged=True),
    "transpose, 4-byte items, ragged": transpose(4, ragged=True),
    "[::2], 4-byte items": lambda size: workloads.every_second(size // 4, 4),
    "float64 to float32": lambda size: workloads.convert(size // 8, "f8", "f4"),
    "== of float64": lambda size: workloads.equal_items(size // 8, "f8", "f8"),
    "== of float64, transposed with contiguous": lambda size: workloads.equal_transposed(*sides(size, 8)),
}


def available() -> int:
    """Bytes that can be had without swapping."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))


def nanoseconds_a_byte(row: Row, name: str) -> float:
    return row.timings[name].minimum / row.per


def growths(rows: Sequence[Row]) -> list[float]:
    """How much more a byte costs than at the smallest size, over how much more it costs the reference."""
    first = rows[0]
    return [
        nanoseconds_a_byte(row, OURS)
        / nanoseconds_a_byte(first, OURS)
        / (nanoseconds_a_byte(row, row.reference) / nanoseconds_a_byte(first, first.reference))
        for row in rows
    ]


def spread(rows: Sequence[Row]) -> float:
    """The worst cost per byte of the whole range over that of the smallest size, beside the same ratio of memcpy."""
    ours = [nanoseconds_a_byte(row, OURS) for row in rows]
    reference = [nanoseconds_a_byte(row, row.reference) for row in rows]
    return max(ours) / ours[0] / (max(reference) / reference[0])


def cells(rows: Sequence[Row]) -> tuple[list[str], list[str], float]:
    """Time per byte of the reference and of ours with its own growth in brackets, and the greatest such growth."""
    reference = [number(nanoseconds_a_byte(row, row.reference) * 1000) for row in rows]
    grown = growths(rows)
    ours = [
        f"{number(nanoseconds_a_byte(row, OURS) * 1000)} ({number(growth)})"
        for row, growth in zip(rows, grown, strict=True)
    ]
    return reference, ours, max(grown)


def table(found: Mapping[str, Sequence[Row]]) -> Table:
    """Two lines for each workload: its own cost, and the reference's."""
    sizes = max(found.values(), key=len)
    shown = Table(
        ["", *(row.name for row in sizes), "greatest growth at a size", "over the range"],
        title=f"Picoseconds a byte, and growth beyond the reference's own; over the range it is to be at most {NOISE}",
        words=(0,),
    )
    for group, rows in found.items():
        reference, ours, greatest = cells(rows)
        padding = [""] * (len(sizes) - len(rows))
        shown.lines.append([group, *ours, *padding, f"{greatest:.2f}", f"{spread(rows):.2f}"])
        shown.lines.append([rows[0].reference, *reference, *padding, "", ""])
    return shown


def main() -> int:
    chosen = results.options(__doc__ or "")
    if chosen.quick:
        print("-- linear cost: not in a quick run", flush=True)
        return 0
    scale = workload_table.TINY if chosen.tiny else workload_table.Scale()
    found: dict[str, list[Row]] = {}
    for name, make in WORKS.items():
        if not results.wanted(f"linear {name}", chosen):
            continue
        print(f"-- {name}", flush=True)
        found[name] = []
        for mebibytes in MEBIBYTES:
            # The smallest is tried in any case.
            if found[name] and MEMORY * mebibytes * scale.mebibyte > available():
                print(f"-- {name}: {mebibytes} MiB are more than the memory that is free", flush=True)
                break
            trial = make(mebibytes * scale.mebibyte)
            trial.calls = {OURS: trial.calls[OURS]}
            known = trial.check()
            trial.answer = None
            timings = interleave(trial.clocks(), trial.reference, chosen.pace, known)
            goal = Goal(fastest=None)
            found[name].append(Row(name, f"{mebibytes} MiB", timings, trial.reference, goal, per=trial.size))
            del trial
            gc.collect()
    if found:
        tables.show(table(found))
    results.save("linear", [row for rows in found.values() for row in rows], chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
