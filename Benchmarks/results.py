"""What a benchmark found: rows with goals, shown as a table and kept as JSON.

No goal decides a run's exit code. Times depend on the machine and on who else uses it; they are to be read.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import measure
from measure import Timing

OURS = "swiftbuffer"
# What stands where a competitor has no figure.
NONE = "-"
# Two equal things differ this much.
NOISE = 1.10


@dataclass(frozen=True)
class Goal:
    """What a row is to reach, in the row's own unit, and whether it must not be slower than the baselines."""

    limit: float | None = None  # what C reached
    at_most: float | None = None
    beside_baselines: bool = True
    times_faster: tuple[str, float] | None = None  # than a baseline


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

    def figure(self, name: str) -> float:
        """The figure that counts: from the least times."""
        timing = self.timings[name]
        return timing.minimum / self.per if self.unit else timing.ratio

    def usual(self, name: str) -> float:
        """The median over the rounds."""
        timing = self.timings[name]
        return timing.median / self.per if self.unit else timing.ratio_median

    @property
    def baselines(self) -> list[str]:
        """The other libraries that ran the workload."""
        return [name for name in self.timings if name not in (OURS, self.reference) and not name.startswith(OURS)]

    def misses(self) -> list[str]:
        """What of the goal is not reached, each with by how much."""
        ours = self.figure(OURS)
        found = []
        if self.goal.at_most is not None and ours > self.goal.at_most:
            found.append(f"{ours / self.goal.at_most:.2f}x the goal of {self.goal.at_most:.3g}{self.unit or 'x'}")
        if self.goal.times_faster is not None:
            baseline, factor = self.goal.times_faster
            if baseline in self.timings and self.figure(baseline) < factor * ours:
                found.append(f"{self.figure(baseline) / ours:.1f}x as fast as {baseline}, not {factor:g}x")
        if self.goal.beside_baselines and self.baselines:
            best = min(self.baselines, key=self.figure)
            if ours > NOISE * self.figure(best):
                found.append(f"{ours / self.figure(best):.2f}x {best}")
        return found

    @property
    def verdict(self) -> str:
        """Whether the goal is met, in a few words."""
        return "; ".join(self.misses()) or "met"

    def as_json(self) -> dict[str, object]:
        """Everything, with the figures that the table shows."""
        return {
            **{name: value for name, value in dataclasses.asdict(self).items() if name != "timings"},
            "verdict": self.verdict,
            "results": {
                name: {"figure": self.figure(name), "usual": self.usual(name), **dataclasses.asdict(timing)}
                for name, timing in self.timings.items()
            },
        }


def from_json(stored: Mapping[str, object]) -> Row:
    """The row again."""
    values = {name: value for name, value in stored.items() if name not in ("verdict", "results")}
    goal = dict(values.pop("goal"))  # type: ignore[call-overload]
    if goal["times_faster"] is not None:
        goal["times_faster"] = tuple(goal["times_faster"])
    names = [item.name for item in dataclasses.fields(Timing)]
    timings = {
        competitor: Timing(**{name: result[name] for name in names})
        for competitor, result in stored["results"].items()  # type: ignore[attr-defined]
    }
    return Row(timings=timings, goal=Goal(**goal), **values)  # type: ignore[arg-type]


def number(value: float) -> str:
    """Three figures, never in exponents."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


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


def machine() -> dict[str, object]:
    """What the figures depend on."""
    cpu = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "cpu": cpu[0] if cpu else platform.machine(),
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "libc": " ".join(platform.libc_ver()),
        "python": platform.python_version(),
        "load": os.getloadavg(),
    }


def save(name: str, rows: Sequence[Row], chosen: argparse.Namespace, **more: object) -> None:
    """Writes `<name>.json`; what `--only` left goes to `<name>-some.json`, and so never in the place of everything."""
    if not rows:
        return
    chosen.json.mkdir(parents=True, exist_ok=True)
    file = chosen.json / f"{name}{'-some' if chosen.words else ''}.json"
    kind = "tiny" if chosen.tiny else "quick" if chosen.quick else "full"
    stored = {"run": kind, "machine": machine(), **more, "rows": [row.as_json() for row in rows]}
    file.write_text(json.dumps(stored, indent=1) + "\n")
    print(f"-- results: {file}", flush=True)


def show(title: str, rows: Sequence[Row], columns: Sequence[str], caption: str = "") -> None:
    """Prints one table: a column for each competitor, the figure and, where there is room, in brackets the median over
    the rounds."""
    if not rows:
        return
    from rich.console import Console
    from rich.table import Table

    # A pipe has no width; a truncated table is of no use.
    console = Console(width=None if sys.stdout.isatty() else 200)
    medians = console.width >= 160
    table = Table(title=title, title_justify="left", caption=caption or None, caption_justify="left")
    table.add_column("")
    table.add_column("reference", justify="right")
    limits = any(row.goal.limit is not None for row in rows)
    if limits:
        table.add_column("C", justify="right")
    table.add_column("goal", justify="right")
    for column in columns:
        table.add_column(column, justify="right", style="bold" if column == OURS else None)
    table.add_column("goal met?")
    group = ""
    for row in rows:
        if row.group != group:
            table.add_section()
            table.add_row(f"[italic]{row.group}[/]")
            group = row.group
        misses = row.misses()
        mark = "[green]met[/]" if not misses else f"[red]{'; '.join(misses)}[/]"
        table.add_row(
            row.name.replace("[", r"\["),
            duration(row.timings[row.reference].minimum),
            *([number(row.goal.limit) if row.goal.limit is not None else ""] if limits else []),
            f"{number(row.goal.at_most)}{row.unit}" if row.goal.at_most is not None else "",
            *(_cell(row, column, medians) for column in columns),
            " ".join(filter(None, [mark, row.note])),
        )
    console.print(table)


def _cell(row: Row, column: str, median: bool) -> str:
    if column not in row.timings:
        return NONE
    usual = f" [dim]({number(row.usual(column))})[/]" if median else ""
    return f"{number(row.figure(column))}{row.unit}{usual}"


def duration(nanoseconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{number(nanoseconds / size)} {unit}"
    return f"{number(nanoseconds)} ns"
