"""Copies between layouts, conversions and comparisons, and those of the baselines, as multiples of memcpy."""

from __future__ import annotations

import gc
import sys
import time

import baselines
import measure
import results
import workload_table
from results import OURS, Row
from workload_table import Workload


def timed(workload: Workload, scale: workload_table.Scale, pace: measure.Pace) -> Row:
    """Checks the result of every contender, and times them."""
    trial = workload.trial(scale)
    try:
        known = trial.check()
        timings = measure.interleave(trial.clocks(), trial.reference, pace, known)
    except Exception as error:
        error.add_note(f"in the row {workload.group}: {workload.name}")
        raise
    row = Row(workload.group, workload.name, timings, trial.reference, workload.goal)
    if workload.nanoseconds_an_item:
        row.unit, row.per = "ns", float(trial.size)
    single = f"{OURS}, 1 thread"
    if single in timings:
        row.note = f"{timings[single].minimum / timings[OURS].minimum:.2f}x as fast as with one"
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
        "Multiples of the reference (memcpy, or memcmp where the group says so) of the same bytes: the least times, and"
        " in brackets the median over the rounds. One thread each unless the group says so.\n"
        f"{', '.join(f'{name} {version}' for name, version in baselines.versions().items())}; "
        f"{results.machine()['cpu']}; {time.monotonic() - started:.0f} s"
    )
    results.show("Elements", rows, [OURS, *baselines.ALL], caption)
    met = [row for row in rows if not row.misses()]
    print(f"{len(met)} of {len(rows)} goals met", flush=True)
    pictured = [f"{workload.group}: {workload.name}" for workload in workload_table.every() if workload.pictured]
    results.save("kernels", rows, chosen, versions=baselines.versions(), pictured=pictured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
