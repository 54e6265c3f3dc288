# SPDX-License-Identifier: Apache-2.0
"""Copies between layouts, conversions and comparisons, and those of the baselines, as multiples of memcpy."""

from __future__ import annotations

import gc
import sys
import time

import baselines
import limits
import machine
import measure
import native
import results
import tables
import workload_table
from limits import LARGE
from results import LIMIT, LIMIT_1, OURS, OURS_1, C, Row
from trial import Trial
from workload_table import Workload


def beside_the_machine(trial: Trial) -> None:
    """Adds what C takes, compiled here, and the least time in which this machine moves as many bytes."""
    if ways := trial.in_c():
        trial.calls[C] = native.fastest(ways)[1]
    if trial.traffic >= 2 * LARGE:
        # A copy reads and writes each of its bytes.
        size = trial.traffic // 2
        trial.limits[LIMIT] = limits.fastest(size, trial.threads.get(OURS, 1))[1]
        if OURS_1 in trial.calls:
            trial.limits[LIMIT_1] = limits.fastest(size, 1)[1]


def timed(workload: Workload, scale: workload_table.Scale, pace: measure.Pace) -> Row:
    """Checks the result of every contender, and times them."""
    trial = workload.trial(scale)
    try:
        beside_the_machine(trial)
        known = trial.check()
        timings = measure.interleave(trial.clocks(), trial.reference, pace, known)
    except Exception as error:
        error.add_note(f"in the row {workload.group}: {workload.name}")
        raise
    row = Row(workload.group, workload.name, timings, trial.reference, workload.goal)
    if workload.nanoseconds_an_item:
        row.unit, row.per = "ns", float(trial.size)
    if OURS_1 in timings:
        row.note = f"{row.gain(OURS_1, OURS):.2f}x as fast as with one"
        if LIMIT_1 in timings:
            row.note += f", the limit {row.gain(LIMIT_1, LIMIT):.2f}x"
    return row


def main() -> int:
    chosen = results.options(__doc__ or "")
    scale = workload_table.TINY if chosen.tiny else workload_table.Scale()
    for name, reason in baselines.MISSING.items():
        print(f"-- without {name}: {reason}", flush=True)
    rows: list[Row] = []
    started = time.monotonic()
    for workload in workload_table.every():
        if results.wanted(f"{workload.group} {workload.name}", chosen):
            # A full run takes minutes.
            if not rows or rows[-1].group != workload.group:
                print(f"-- {workload.group}", flush=True)
            rows.append(timed(workload, scale, chosen.pace))
            gc.collect()
    caption = (
        "Lower is better: multiples of the reference (memcpy, or memcmp where the group says so) of the same bytes; the"
        " least times, and in brackets the median over the rounds. One thread each unless the group says so.\n"
        f"{', '.join(f'{name} {version}' for name, version in baselines.versions().items())}; "
        f"{machine.line()}; C by {native.version()}; {time.monotonic() - started:.0f} s"
    )
    tables.show(tables.of_rows(rows, [OURS, *baselines.ALL], "Elements", caption, medians=True))
    met = [row for row in rows if not row.misses()]
    print(f"{len(met)} of {len(rows)} goals met", flush=True)
    pictured = [f"{workload.group}: {workload.name}" for workload in workload_table.every() if workload.pictured]
    versions = {**baselines.versions(), "C": native.version()}
    results.save("kernels", rows, chosen, versions=versions, pictured=pictured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
