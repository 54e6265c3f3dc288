# SPDX-License-Identifier: Apache-2.0
"""Everyday operations beside what a user would pick instead, at sizes 0, 1, 16 and 1,000, on one CPython."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from typing import Any

import machine
import measure
import native
import results
import swiftbuffer
import tables
from everyday import shown, table
from everyday.objects import SIZES, names, numpy, plain
from everyday.work import Work
from results import OURS, Row


def trials(work: Work, of: str, size: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """The statement and the names of each competitor that can do the work at that size."""
    found = {}
    for who, statement in {OURS: work.ours, **work.peers}.items():
        known = names(work.subject, who, size, of)
        if known is not None and not (numpy is None and "np." in statement):
            found[who] = (statement, known)
    return found


def answer(statement: str, known: dict[str, Any]) -> Any:
    """What the statement gives, and what it leaves of the object it worked on."""
    try:
        code = compile(statement, "<work>", "eval")
    except SyntaxError:
        exec(statement, known)
        found = known.get("out")
    else:
        found = eval(code, known)
    return plain(found), plain(known["x"])


def check(work: Work, of: str, size: int) -> None:
    """Every answer is to be the same as ours; and no statement may fail."""
    every = {who: answer(*trial) for who, trial in trials(work, of, size).items()}
    ours = every[OURS]
    for who, (found, left) in every.items():
        # Some have no object of their own: bytes are what they work on.
        alike = type(left) is type(ours[1])
        if work.same and (found != ours[0] or (alike and left != ours[1])):
            raise AssertionError(f"{who} gives {found!r} and leaves {left!r}, ours {ours[0]!r} and {ours[1]!r}")


def timed(group: str, work: Work, of: str, size: int, pace: measure.Pace) -> Row:
    """Checks the answers, and times everybody."""
    name = f"{of} of {work.subject}: {work.name}" if group != "making" else f"{work.subject}: {work.name}"
    try:
        check(work, of, size)
        clocks = {who: measure.clock(statement, known) for who, (statement, known) in trials(work, of, size).items()}
        timings = measure.interleave(clocks, OURS, pace)
    except Exception as error:
        error.add_note(f"in the row {group}: {name}, size {size}")
        raise
    return Row(group, name, timings, OURS, work.goal, unit="ns", size=size)


def versions() -> dict[str, str]:
    """Who was measured, beside the interpreter's own types."""
    known = {} if numpy is None else {"numpy": str(numpy.__version__)}
    return {"swiftbuffer": str(swiftbuffer.__version__), **known, "C": native.version()}


def works(chosen: Any) -> Iterator[tuple[str, Work, str, int]]:
    """All that are wanted: group, work, type and size."""
    for group, work in table.every():
        for of in work.of:
            for size in work.sizes:
                if results.wanted(f"everyday {group} {of} {work.name}", chosen):
                    yield group, work, of, size


def main() -> int:
    chosen = results.options(__doc__ or "")
    started = time.monotonic()
    found: list[Row] = []
    pictured: list[str] = []
    for group, work, of, size in works(chosen):
        found.append(timed(group, work, of, size, chosen.pace))
        if work.pictured and size == SIZES[-1] and of == work.of[0]:
            pictured.append(found[-1].label)
        gc.collect()
    print(f"-- everyday, CPython {shown.python()}: {shown.EXPLAINED}", flush=True)
    for one in shown.of_one(found):
        tables.show(one)
    print(f"{machine.line()}; {time.monotonic() - started:.0f} s")
    print(f"{sum(not row.misses() for row in found)} of {len(found)} goals met", flush=True)
    results.save(f"everyday-{shown.python()}", found, chosen, versions=versions(), pictured=pictured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
