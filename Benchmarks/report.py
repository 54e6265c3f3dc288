# SPDX-License-Identifier: Apache-2.0
"""Keeps the results of a run under `results/<kind of CPU>/`, and writes the page's tables and pictures anew from all
that are kept there. A run replaces results of its own kind only.

usage: report.py [FOLDER]
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import baselines
import bench_authors
import bench_exchange
import bench_limit
import bench_linear
import machine
import picture
import results
import tables
from everyday import shown
from results import LIMIT, OURS, Row
from tables import Table

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
KEPT = HERE / "results"
# Everyday works have a file for each interpreter, named after it.
EVERYDAY = "everyday-"


@dataclass(frozen=True)
class Kept:
    """What is kept of one kind of CPU."""

    folder: Path

    @property
    def kind(self) -> str:
        """Its name."""
        return self.folder.name

    @cached_property
    def files(self) -> dict[str, dict[str, Any]]:
        """What each benchmark stored, by its name."""
        return {file.stem: json.loads(file.read_text()) for file in sorted(self.folder.glob("*.json"))}

    def rows(self, name: str) -> list[Row]:
        """The rows of one benchmark."""
        return [results.from_json(row) for row in self.files[name]["rows"]] if name in self.files else []

    @cached_property
    def everyday(self) -> dict[str, list[Row]]:
        """The everyday works, by interpreter, oldest first."""
        names = [name.removeprefix(EVERYDAY) for name in self.files if name.startswith(EVERYDAY)]
        names.sort(key=lambda name: [int(part) for part in name.rstrip("t").split(".")])
        return {name: self.rows(EVERYDAY + name) for name in names}


def keep(folder: Path, kept: Path = KEPT) -> None:
    """Copies a run's complete results to the place of their kind."""
    for file in sorted(folder.glob("*.json")):
        stored = json.loads(file.read_text())
        if not file.stem.endswith("-some"):
            place = kept / stored["machine"]["kind"]
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place / file.name)


def described(stored: dict[str, Any]) -> str:
    """Where, when and with what it was measured."""
    machine = stored["machine"]
    versions = "".join(f", {name} {version}" for name, version in stored.get("versions", {}).items())
    caches = ", ".join(f"{name} {size}" for name, size in machine["caches"].items())
    return (
        f"A {stored['run']} run of {machine['date']} on {machine['cpus']} CPUs ({machine['cpu']}; {caches}), "
        f"{machine['libc']}, CPython {machine['python']}{versions}."
    )


# -- The blocks of the page: what each says about one kind, or nothing ----------------------------------------------


def of_rows(name: str, columns: Sequence[str]) -> Callable[[Kept], str]:
    """The table of a benchmark whose rows are shown as they are."""
    return lambda kept: with_description(kept, name, lambda rows: tables.of_rows(rows, columns))


def with_description(kept: Kept, name: str, table: Callable[[list[Row]], Table]) -> str:
    """A table, and above it where it comes from."""
    if not kept.rows(name):
        return ""
    return f"{described(kept.files[name])}\n\n{tables.markdown(table(kept.rows(name)))}"


def linear(rows: Sequence[Row]) -> Table:
    """Time per byte over the sizes."""
    return bench_linear.table(results.groups(rows))


def everyday_works(kept: Kept) -> str:
    """All interpreters beside the fastest peer; then the oldest beside each peer."""
    if not kept.everyday:
        return ""
    oldest = next(iter(kept.everyday))
    parts = [described(kept.files[EVERYDAY + oldest]), shown.ACROSS]
    parts += [tables.markdown(shown.across(kept.everyday)), f"CPython {oldest}: {shown.EXPLAINED}."]
    for table in shown.of_one(kept.everyday[oldest]):
        parts += [f"*{table.title}*", tables.markdown(table)]
    return "\n\n".join(parts)


def misses(kept: Kept) -> str:
    """Each goal that is missed, by how much, and why where that is known (reasons.toml); of everyday works where they
    are furthest from theirs."""
    names = ("kernels", "protocol", "exchange", "view", "draw", "authors")
    every = [row for name in names for row in kept.rows(name)]
    if not every and not kept.everyday:
        return ""
    missed = [(row.label, row.verdict) for row in every if row.misses()] + list(shown.missed(kept.everyday))
    for group, members in results.groups(kept.rows("linear")).items():
        grown = bench_linear.spread(members)
        if grown > results.NOISE:
            missed.append((f"linear cost: {group}", f"grows {grown:.2f} times as much as {members[0].reference}"))
    reasons = tomllib.loads((HERE / "reasons.toml").read_text())["reason"]
    table = Table(["row", "missed by", "why"], words=(0, 1, 2))
    for name, verdict in missed:
        known = [reason["why"] for reason in reasons if re.search(reason["rows"], name)]
        table.lines.append([name, verdict, " ".join(known) or "not known"])
    return tables.markdown(table) if missed else "None."


def pictures(kept: Kept) -> str:
    """The pictures that this kind has."""
    parts = []
    for name, alternative in picture.TITLES.items():
        if (kept.folder / f"{name}-light.svg").exists():
            place = f"{KEPT.name}/{kept.kind}/{name}"
            parts.append(
                f'<picture>\n  <source media="(prefers-color-scheme: dark)" srcset="{place}-dark.svg">\n'
                f'  <img alt="{alternative}" src="{place}-light.svg">\n</picture>'
            )
    return "\n\n".join(parts)


BLOCKS: dict[str, Callable[[Kept], str]] = {
    "pictures": pictures,
    "everyday": everyday_works,
    "kernels": of_rows("kernels", [OURS, *baselines.ALL]),
    LIMIT: lambda kept: with_description(kept, LIMIT, bench_limit.table),
    "linear": lambda kept: with_description(kept, "linear", linear),
    "protocol": of_rows("protocol", [OURS, "bytes", "bytearray", "array.array", baselines.NUMPY]),
    "exchange": of_rows("exchange", bench_exchange.COLUMNS),
    "view": of_rows("view", [OURS, baselines.MEMORYVIEW, baselines.NUMPY]),
    "draw": of_rows("draw", [OURS]),
    "authors": of_rows("authors", bench_authors.COLUMNS),
    "misses": misses,
}


def replace(text: str, name: str, block: str) -> str:
    """The text with what stands between the markers of a block exchanged."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        sys.exit(f"error: {README} has no block {name}")
    return f"{before}{begin}\n\n{block}\n\n{end}{after}"


def page(text: str, kinds: Sequence[Kept]) -> str:
    """The page with every block that some kind has results for; the others stay as they are."""
    for name, write in BLOCKS.items():
        found = {kept.kind: write(kept) for kept in kinds}
        parts = [f"**{machine.title(kind)}**\n\n{part}" for kind, part in found.items() if part]
        if parts:
            text = replace(text, name, "\n\n".join(parts))
    return text


def draw(kept: Kept) -> None:
    """The pictures of one kind."""
    for name, choose in (("kernels", kept.rows("kernels")), ("everyday", next(iter(kept.everyday.values()), []))):
        stored = next((stored for file, stored in kept.files.items() if file.startswith(name)), None)
        if stored is not None:
            picture.draw(name, [row for row in choose if row.label in stored["pictured"]], kept.folder)


def main() -> int:
    keep(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "build" / "benchmarks")
    kinds = [Kept(folder) for folder in sorted(KEPT.iterdir()) if folder.is_dir()]
    for kept in kinds:
        draw(kept)
    README.write_text(page(README.read_text(), kinds))
    print(f"-- written: {README}, and results and pictures under {KEPT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
