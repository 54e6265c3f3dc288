# SPDX-License-Identifier: Apache-2.0
"""The tables of the everyday works: one interpreter beside all peers, and all interpreters beside the fastest peer."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence

from everyday.objects import PEERS, SIZES
from results import OURS, Row, groups, number
from tables import LAST, NONE, Table

EXPLAINED = (
    f"figures are for {', '.join(f'{size:,}' for size in SIZES)} items; nanoseconds, and how many times as long as each"
    " peer needs: lower is better"
)
ACROSS = (
    "How many times as long as the fastest peer, at the size at which that is most, by CPython's version; in brackets"
    " the sizes at which a goal is missed."
)


def python() -> str:
    """The interpreter's version in a few signs: `3.13t` is free-threaded."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}{'t' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''}"


def operations(rows: Sequence[Row]) -> dict[tuple[str, str], dict[int | None, Row]]:
    """The rows of each operation by their size, under its group and name."""
    found: dict[tuple[str, str], dict[int | None, Row]] = {}
    for row in rows:
        found.setdefault((row.group, row.name), {})[row.size] = row
    return found


def of_one(rows: Sequence[Row]) -> list[Table]:
    """A table for each group, with a line for each operation: nanoseconds, and how many times as long as each peer it
    takes, at every size."""
    return [_of_group(group, members) for group, members in groups(rows).items()]


def _of_group(group: str, rows: Sequence[Row]) -> Table:
    peers = [who for who in PEERS if any(who in row.timings for row in rows)]
    table = Table(["", f"{OURS}, ns", *(f"times {who}" for who in peers), "goal", LAST], title=group, words=(0, -2, -1))
    for (_, name), by_size in operations(rows).items():
        ours = _cell(by_size, lambda row: number(row.figure(OURS)))
        beside = [_cell(by_size, lambda row, who=who: _beside(row, who)) for who in peers]  # type: ignore[misc]
        missed = [f"{size:,}" for size, row in by_size.items() if row.misses()]
        aim = max((row.aim for row in by_size.values()), key=len)
        table.lines.append([name, ours, *beside, aim, f"missed at {', '.join(missed)}" if missed else "met"])
    return table


def _beside(row: Row, who: str) -> str:
    return number(row.beside(who)) if who in row.timings else NONE


def _cell(by_size: Mapping[int | None, Row], figure: Callable[[Row], str]) -> str:
    """A figure for each size; one that no size has is none."""
    # What is worth measuring at one size only says so in its name.
    sizes = SIZES if set(SIZES) & set(by_size) else by_size
    found = [figure(by_size[size]) if size in by_size else NONE for size in sizes]
    return NONE if set(found) == {NONE} else " ".join(found)


def across(by_python: Mapping[str, Sequence[Row]]) -> Table:
    """A line for each operation, a column for each interpreter: how many times as long as the fastest peer it takes at
    the size at which that is most, and at which size a goal is missed."""
    every = {python: operations(rows) for python, rows in by_python.items()}
    table = Table(["", *every], words=(0,))
    group = ""
    for of, name in dict.fromkeys(key for found in every.values() for key in found):
        if of != group:
            group = of
            table.lines.append([group])
        table.lines.append([name, *(_worst(found.get((of, name), {})) for found in every.values())])
    return table


def missed(by_python: Mapping[str, Sequence[Row]]) -> Iterator[tuple[str, str]]:
    """Each operation that misses its goal somewhere: its name, and where it is furthest from it."""
    every = [(python, row) for python, rows in by_python.items() for row in rows]
    found: dict[tuple[str, str], list[tuple[str, Row]]] = {}
    for python, row in every:
        found.setdefault((row.group, row.name), []).append((python, row))
    for (group, name), known in found.items():
        misses = [(python, row) for python, row in known if row.misses()]
        if misses:
            python, row = max(misses, key=lambda pair: pair[1].excess)
            where = f"with {row.size:,} items on {python}"
            yield f"{group}: {name}", f"{row.verdict} {where}; {len(misses)} of {len(known)} figures miss"


def _worst(by_size: Mapping[int | None, Row]) -> str:
    known = {size: max(map(row.beside, row.libraries)) for size, row in by_size.items() if row.libraries}
    if not known:
        return NONE
    missed = [f"{size:,}" for size, row in by_size.items() if row.misses()]
    return number(max(known.values())) + (f" ({', '.join(missed)})" if missed else "")
