# SPDX-License-Identifier: Apache-2.0
"""Timing in interleaved rounds: each round times every competitor once, and what they are compared with too.

A machine's speed drifts, and with it the times of one competitor; the ratio of two times taken next to each other
drifts much less. So a result has the least and the median of the times, and of the ratios to the reference of the same
round.
The ratio that goals are held against is that of the two least times: what each costs when nothing interrupts.
"""

from __future__ import annotations

import statistics
import time
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Nanoseconds that so many repetitions take.
Clock = Callable[[int], float]

MILLISECOND = 1e6


@dataclass(frozen=True)
class Pace:
    """How much time a run spends."""

    rounds: int
    slow_rounds: int  # of what takes longer than `slow`
    slow: float = 200 * MILLISECOND
    least: float = 2 * MILLISECOND  # a single timing lasts that long at least


FULL = Pace(rounds=15, slow_rounds=5)
QUICK = Pace(rounds=3, slow_rounds=1, least=MILLISECOND)
ONCE = Pace(rounds=1, slow_rounds=1, least=0)


@dataclass(frozen=True)
class Timing:
    """What one competitor needed: nanoseconds, and multiples of the reference."""

    rounds: int
    minimum: float
    median: float
    ratio_median: float  # of the ratios within a round


def clock(call: Callable[[], object] | str, names: Mapping[str, object] | None = None, elapsed: bool = False) -> Clock:
    """Times calls of a function, or a statement without a call around it.

    What is counted is the time that the process had a CPU. On a quiet machine that is the time that passes; on one
    with other users it leaves out how long they made this process wait. It cannot be used where several threads work.
    `timeit` keeps the garbage collector out of it.
    """
    timer = timeit.Timer(call, timer=time.perf_counter if elapsed else time.process_time, globals=dict(names or {}))
    return lambda number: timer.timeit(number) * 1e9


def interleave(
    clocks: Mapping[str, Clock], reference: str, pace: Pace, known: Mapping[str, float] | None = None
) -> dict[str, Timing]:
    """Times everything in rounds. `known` has the times of what took long when it ran before, for its answer's check:
    that need not run once more to find out how often it can be repeated."""
    known = {name: time for name, time in (known or {}).items() if time > pace.slow}
    numbers = {name: (1, known[name]) if name in known else _repetitions(clocks[name], pace) for name in clocks}
    names = list(clocks)
    times: dict[str, list[float]] = {name: [] for name in names}
    ratios: dict[str, list[float]] = {name: [] for name in names}
    for i in range(pace.rounds):
        # Who comes first changes from round to round, and so does whose traces in the caches one finds.
        order = names[i % len(names) :] + names[: i % len(names)]
        for name in order:
            number, single = numbers[name]
            if i < pace.slow_rounds or single <= pace.slow:
                times[name].append(clocks[name](number) / number)
        for name in order:
            # What is slow sits out the later rounds, and on a busy machine that may be the reference.
            if len(times[name]) == len(times[reference]) == i + 1:
                ratios[name].append(times[name][i] / times[reference][i])
    return {
        name: Timing(
            rounds=len(times[name]),
            minimum=min(times[name]),
            median=statistics.median(times[name]),
            ratio_median=statistics.median(ratios[name]),
        )
        for name in names
    }


def _repetitions(clock: Clock, pace: Pace) -> tuple[int, float]:
    """How many calls one timing takes, and about how long one call is."""
    number = 1
    while (total := clock(number)) < pace.least / 4:
        number *= 4
    single = total / number
    return max(1, round(pace.least / single)), single
