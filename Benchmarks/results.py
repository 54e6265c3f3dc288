# SPDX-License-Identifier: Apache-2.0
"""What a benchmark found: rows with goals, kept as JSON.

No goal decides a run's exit code. Times depend on the machine and on who else uses it; they are to be read.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import machine
import measure
from measure import Timing

OURS = "swiftbuffer"
OURS_1 = f"{OURS}, 1 thread"
# C compiled beside it, and the fastest way to move as many contiguous bytes: not libraries that anybody would use.
C, LIMIT, LIMIT_1 = "C", "limit", "limit, 1 thread"
NO_LIBRARY = (OURS, OURS_1, C, LIMIT, LIMIT_1)
# Two equal things differ this much.
NOISE = 1.10


@dataclass(frozen=True)
class Goal:
    """What a row is to reach."""

    # In the row's own unit.
    at_most: float | None = None
    # As a multiple of what the fastest of the libraries needs; None if it does not matter.
    fastest: float | None = NOISE
    # As a multiple of what certain others need: 1.1 times C, 0.1 times memoryview.
    times: Mapping[str, float] = field(default_factory=dict)
    # Who does less, or something else, and is shown only.
    aside: tuple[str, ...] = ()
    # How much two threads are to gain, wherever a contiguous copy gains as much by them.
    gain: float | None = None


@dataclass
class Row:
    """One workload, timed."""

    group: str
    name: str
    timings: dict[str, Timing]
    reference: str
    goal: Goal = field(default_factory=Goal)
    # Without a unit of time the figures are multiples of the reference; with one they are times for each item.
    unit: str = ""
    per: float = 1.0
    note: str = ""
    # Of what is measured at several: how many items there are.
    size: int | None = None

    @property
    def label(self) -> str:
        """The row's name among all."""
        return f"{self.group}: {self.name}" + ("" if self.size is None else f", {self.size:,}")

    @property
    def aim(self) -> str:
        """The goal in a table's cell. What holds for every row is not repeated."""
        goal = self.goal
        parts = [] if goal.at_most is None else [f"{number(goal.at_most)}{self.unit}"]
        parts += [f"{factor:g} {name}" for name, factor in goal.times.items() if name in self.timings]
        return ", ".join(parts)

    def figure(self, name: str) -> float:
        """The figure that counts: from the least times."""
        least = self.timings[name].minimum
        return least / self.per if self.unit else least / self.timings[self.reference].minimum

    def usual(self, name: str) -> float:
        """The median over the rounds."""
        timing = self.timings[name]
        return timing.median / self.per if self.unit else timing.ratio_median

    def beside(self, name: str) -> float:
        """How many times as long as another this project needs."""
        return self.timings[OURS].minimum / self.timings[name].minimum

    @property
    def libraries(self) -> list[str]:
        """The others that do the same work, and to which no other goal applies."""
        without = {*NO_LIBRARY, self.reference, *self.goal.times, *self.goal.aside}
        return [name for name in self.timings if name not in without]

    def misses(self) -> list[str]:
        """What of the goal is not reached, each with by how much."""
        goal, ours = self.goal, self.figure(OURS)
        found = []
        if goal.at_most is not None and ours > goal.at_most:
            found.append(f"{ours / goal.at_most:.2f}x the goal of {goal.at_most:.3g}{self.unit or 'x'}")
        for name, factor in goal.times.items():
            if name not in self.timings or self.beside(name) <= factor:
                continue
            if factor < 1:
                found.append(f"{1 / self.beside(name):.1f}x as fast as {name}, not {1 / factor:g}x")
            else:
                found.append(f"{self.beside(name):.2f}x {name}, not {factor:g}x")
        if goal.fastest is not None and self.libraries:
            best = max(self.libraries, key=self.beside)
            if self.beside(best) > goal.fastest:
                found.append(f"{self.beside(best):.2f}x {best}")
        if goal.gain is not None and {OURS_1, LIMIT, LIMIT_1} <= set(self.timings):
            possible, gained = self.gain(LIMIT_1, LIMIT), self.gain(OURS_1, OURS)
            if possible >= goal.gain > gained:
                found.append(f"{gained:.2f}x as fast as with one thread, not {goal.gain:g}x")
        return found

    @property
    def excess(self) -> float:
        """How many times what the goal allows beside others is needed; below 1 it is met."""
        allowed = {name: self.goal.times[name] for name in self.goal.times if name in self.timings}
        if self.goal.fastest is not None:
            allowed |= dict.fromkeys(self.libraries, self.goal.fastest)
        return max((self.beside(name) / factor for name, factor in allowed.items()), default=0)

    def gain(self, one: str, two: str) -> float:
        """How many times as fast the second is."""
        return self.timings[one].minimum / self.timings[two].minimum

    @property
    def verdict(self) -> str:
        """Whether the goal is met, in a few words."""
        return "; ".join(self.misses()) or "met"

    def as_json(self) -> dict[str, Any]:
        """Everything that differs from the defaults; a timing as its numbers in the order of `Timing`'s fields."""
        return _given(self) | {
            "goal": _given(self.goal),
            "timings": {
                name: [_rounded(value) for value in dataclasses.astuple(t)] for name, t in self.timings.items()
            },
        }


def from_json(stored: Mapping[str, Any]) -> Row:
    """The row again."""
    goal = dict(stored["goal"])
    if "aside" in goal:
        goal["aside"] = tuple(goal["aside"])
    timings = {name: Timing(*values) for name, values in stored["timings"].items()}
    return Row(**{**stored, "goal": Goal(**goal), "timings": timings})


def _given(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not as they are by default."""
    found = {}
    for item in dataclasses.fields(value):
        content = getattr(value, item.name)
        default = item.default_factory() if item.default_factory is not dataclasses.MISSING else item.default
        if content != default:
            found[item.name] = content
    return found


def _rounded(value: float) -> float:
    """Five figures, which is more than a timing has."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


def groups(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each group, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.group, []).append(row)
    return found


def number(value: float) -> str:
    """Three figures, never in exponents."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def duration(nanoseconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{number(nanoseconds / size)} {unit}"
    return f"{number(nanoseconds)} ns"


def options(description: str, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options that all benchmarks have in common."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    parser.add_argument("--tiny", action="store_true", help="a thousandth of the memory, once: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="where results go (build/benchmarks)")
    parser.add_argument("--only", default="", metavar="WORDS", help="rows whose names contain one of them, by commas")
    chosen = parser.parse_args(arguments)
    chosen.pace = measure.ONCE if chosen.tiny else measure.QUICK if chosen.quick else measure.FULL
    chosen.json = chosen.json or Path(__file__).resolve().parent.parent / "build" / "benchmarks"
    chosen.words = [word.strip() for word in chosen.only.split(",") if word.strip()]
    return chosen


def wanted(name: str, chosen: argparse.Namespace) -> bool:
    """Whether `--only` lets a row run."""
    return not chosen.words or any(word in name for word in chosen.words)


def save(name: str, rows: Sequence[Row], chosen: argparse.Namespace, **more: object) -> None:
    """Writes `<name>.json`; what `--only` left goes to `<name>-some.json`, and so never in the place of everything."""
    if not rows:
        return
    chosen.json.mkdir(parents=True, exist_ok=True)
    file = chosen.json / f"{name}{'-some' if chosen.words else ''}.json"
    kind = "tiny" if chosen.tiny else "quick" if chosen.quick else "full"
    head = {"run": kind, "machine": machine.described(), **more}
    # A line for each row, so that two runs can be compared.
    lines = ",\n".join(json.dumps(row.as_json(), ensure_ascii=False) for row in rows)
    file.write_text(f'{json.dumps(head, indent=1)[:-2]},\n "rows": [\n{lines}\n]}}\n')
    print(f"-- results: {file}", flush=True)
