"""Writes the tables of Benchmarks/README.md and the picture anew, from the results in a folder.

usage: report.py [FOLDER]
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import baselines
import bench_linear
import picture
import results
from results import OURS, Row, number

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"


def markdown(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table, figures to the right."""
    cells = [[cell.replace("|", r"\|") for cell in line] for line in (header, *lines)]
    rule = ["---", *["---:"] * (len(header) - 2), "---"]
    return "\n".join(f"| {' | '.join(line)} |" for line in (cells[0], rule, *cells[1:]))


def elements(rows: Sequence[Row]) -> str:
    """The table of the workloads."""
    header = ["", "C", "goal", OURS, *baselines.ALL, "goal met?"]
    lines: list[list[str]] = []
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            lines.append([f"**{group}**", *[""] * (len(header) - 1)])
        goal = row.goal
        figures = [number(row.figure(name)) if name in row.timings else results.NONE for name in (OURS, *baselines.ALL)]
        figures[0] = f"**{figures[0]}**"
        lines.append(
            [
                f"`{row.name}`" if row.name.startswith("[") else row.name,
                *(number(value) if value is not None else "" for value in (goal.limit, goal.at_most)),
                *figures,
                "; ".join(filter(None, [row.verdict, row.note])),
            ]
        )
    return markdown(header, lines)


def small(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """A table of what has no limit in C."""
    lines = [
        [
            f"`{row.name}`",
            f"{number(row.goal.at_most)}{row.unit}" if row.goal.at_most is not None else "",
            *(f"{number(row.figure(name))}{row.unit}" if name in row.timings else results.NONE for name in columns),
            row.verdict,
        ]
        for row in rows
    ]
    return markdown(["", "goal", *columns, "goal met?"], lines)


def groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each group, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.group, []).append(row)
    return found


def linear(rows: Sequence[Row]) -> str:
    """Time per byte over the sizes."""
    found = groups(rows)
    sizes = [row.name for row in max(found.values(), key=len)]
    lines = []
    for group, members in found.items():
        reference, ours, greatest = bench_linear.cells(members)
        padding = [""] * (len(sizes) - len(members))
        over_all = f"{bench_linear.spread(members):.2f}"
        lines.append([f"`{group}`", *ours, *padding, f"{greatest:.2f}", over_all])
        lines.append([members[0].reference, *reference, *padding, "", ""])
    return markdown(["", *sizes, "greatest growth at a size", "over the range"], lines)


def misses(rows: Sequence[Row], over_sizes: Sequence[Row] = ()) -> str:
    """Each goal that is missed, by how much, and why where that is known (reasons.toml); cost over sizes last."""
    missed = [(f"{row.group}: {row.name}", row.verdict) for row in rows if row.misses()]
    for group, members in groups(over_sizes).items():
        grown = bench_linear.spread(members)
        if grown > results.NOISE:
            missed.append((f"linear cost: {group}", f"grows {grown:.2f} times as much as {members[0].reference}"))
    reasons = tomllib.loads((HERE / "reasons.toml").read_text())["reason"]
    lines = []
    for name, verdict in missed:
        known = [reason["why"] for reason in reasons if re.search(reason["rows"], name)]
        lines.append([name.replace("[", r"\["), verdict, " ".join(known) or "not known"])
    return markdown(["row", "missed by", "why"], lines) if lines else "None."


def described(stored: dict[str, Any]) -> str:
    """Where and with what it was measured."""
    machine = stored["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in stored.get("versions", {}).items())
    return (
        f"A {stored['run']} run on {machine['cpus']} CPUs ({machine['cpu']}), {machine['libc']}, CPython "
        f"{machine['python']}{', ' if versions else ''}{versions}."
    )


def replace(text: str, name: str, block: str) -> str:
    """The text with what stands between the markers of a block exchanged."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        sys.exit(f"error: {README} has no block {name}")
    return f"{before}{begin}\n\n{block}\n\n{end}{after}"


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "build" / "benchmarks"
    files = {file.stem: json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))}
    if "kernels" not in files:
        sys.exit(f"error: no kernels.json in {folder}; run `make bench` first")
    rows = {name: [results.from_json(row) for row in stored["rows"]] for name, stored in files.items()}
    blocks: dict[str, Callable[[list[Row]], str]] = {
        "kernels": lambda rows: f"{described(files['kernels'])}\n\n{elements(rows)}",
        "linear": linear,
        "protocol": lambda rows: small(rows, [OURS, "bytes", "bytearray", "array.array", baselines.NUMPY]),
        "view": lambda rows: small(rows, [OURS, baselines.MEMORYVIEW, baselines.NUMPY]),
    }
    text = README.read_text()
    for name, write in blocks.items():
        # A quick run has no linear part, and leaves that of the last full one.
        if name in rows:
            text = replace(text, name, write(rows[name]))
    every = [row for name in ("kernels", "protocol", "view") for row in rows.get(name, [])]
    text = replace(text, "misses", misses(every, rows.get("linear", [])))
    README.write_text(text)
    pictured = files["kernels"]["pictured"]
    picture.draw([row for row in rows["kernels"] if f"{row.group}: {row.name}" in pictured], HERE)
    print(f"-- written: {README} and the pictures beside it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
