"""Copies between layouts, conversions and comparisons beside the peers', as multiples of memcpy of the same bytes."""

from __future__ import annotations

import gc
import sys
import time

import measure
import peers
import results
import table_of_works
from results import OURS, Row
from table_of_works import Work


def timed(work: Work, scale: table_of_works.Scale, pace: measure.Pace) -> Row:
    """Checks what everybody answers, and times them."""
    trial = work.trial(scale)
    try:
        known = trial.check()
        timings = measure.interleave(trial.clocks(), trial.reference, pace, known)
    except Exception as error:
        error.add_note(f"in the row {work.group}: {work.name}")
        raise
    row = Row(work.group, work.name, timings, trial.reference, work.goal)
    if work.nanoseconds_an_item:
        row.unit, row.per = "ns", float(trial.size)
    single = f"{OURS}, 1 thread"
    if single in timings:
        row.note = f"{timings[single].minimum / timings[OURS].minimum:.2f}x as fast as with one"
    return row


def main() -> int:
    chosen = results.options(__doc__ or "")
    scale = table_of_works.TINY if chosen.tiny else table_of_works.Scale()
    for name, reason in peers.MISSING.items():
        print(f"-- without {name}: {reason}", flush=True)
    rows: list[Row] = []
    started = time.monotonic()
    for work in table_of_works.every():
        if results.wanted(f"{work.group} {work.name}", chosen):
            # A full run takes minutes.
            if not rows or rows[-1].group != work.group:
                print(f"-- {work.group}", flush=True)
            rows.append(timed(work, scale, chosen.pace))
            gc.collect()
    caption = (
        "Multiples of the reference (memcpy, or memcmp where the group says so) of the same bytes: the least times, and"
        " in brackets the median over the rounds. One thread each unless the group says so.\n"
        f"{', '.join(f'{name} {version}' for name, version in peers.versions().items())}; {results.machine()['cpu']}; "
        f"{time.monotonic() - started:.0f} s"
    )
    results.show("Elements", rows, [OURS, *peers.ALL], caption)
    met = [row for row in rows if not row.misses()]
    print(f"{len(met)} of {len(rows)} goals met", flush=True)
    pictured = [f"{work.group}: {work.name}" for work in table_of_works.every() if work.pictured]
    results.save("kernels", rows, chosen, versions=peers.versions(), pictured=pictured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
