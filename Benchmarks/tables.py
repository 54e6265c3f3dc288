# SPDX-License-Identifier: Apache-2.0
"""Tables of text: on the terminal with rich, and in Markdown for the report. Both show the same cells."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from results import LIMIT, OURS, C, Row, duration, groups, number

# What stands where there is no figure.
NONE = "-"
LAST = "goal met?"


@dataclass
class Table:
    """Cells as text. A line of one cell is the heading of the group that follows."""

    header: list[str]
    lines: list[list[str]] = field(default_factory=list)
    title: str = ""
    caption: str = ""
    # The columns of words, which stand to the left.
    words: Sequence[int] = (0, -1)

    @property
    def to_the_left(self) -> set[int]:
        """`words` without negative numbers."""
        return {index % len(self.header) for index in self.words}


def show(table: Table) -> None:
    """Prints a table; one without lines is not."""
    if not table.lines:
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Grid

    # A pipe has no width; a truncated table is of no use.
    console = Console(width=None if sys.stdout.isatty() else 220)
    grid = Grid(title=table.title, title_justify="left", caption=table.caption or None, caption_justify="left")
    for index, name in enumerate(table.header):
        style = "bold" if name.startswith(OURS) else None
        grid.add_column(escape(name), justify="left" if index in table.to_the_left else "right", style=style)
    for line in table.lines:
        if len(line) == 1:
            grid.add_section()
            grid.add_row(f"[italic]{escape(line[0])}[/]")
            continue
        cells = [escape(cell) for cell in line]
        if table.header[-1] == LAST and cells[-1]:
            cells[-1] = f"[{'green' if cells[-1].startswith('met') else 'red'}]{cells[-1]}[/]"
        grid.add_row(*cells)
    console.print(grid)


def markdown(table: Table) -> str:
    """The table in Markdown."""
    strong = {index for index, name in enumerate(table.header) if name.startswith(OURS)}
    lines = [_line(table.header)]
    lines.append(_line(["---" if index in table.to_the_left else "---:" for index in range(len(table.header))]))
    for line in table.lines:
        if len(line) == 1:
            lines.append(_line([f"**{_plain(line[0])}**", *[""] * (len(table.header) - 1)]))
        else:
            cells = [f"**{cell}**" if index in strong and cell else cell for index, cell in enumerate(line)]
            lines.append(_line([_code(cells[0]), *cells[1:]]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _plain(text: str) -> str:
    return text.replace("[", r"\[").replace("*", r"\*")


def _code(name: str) -> str:
    """A name with the signs of a program as code."""
    return f"`{name}`" if any(sign in name for sign in "[]()*_=") and "`" not in name else name


def of_rows(
    rows: Sequence[Row], columns: Sequence[str], title: str = "", caption: str = "", medians: bool = False
) -> Table:
    """A line for each row, a column for each competitor: the figure and, where `medians` are wanted, in brackets the
    median over the rounds. C and the machine's limit have a second column, for how many times as long ours takes."""
    beside = [name for name in (C, LIMIT) if any(name in row.timings for row in rows)]
    header = ["", "reference", "goal", *columns]
    for name in beside:
        header += [name, f"times {name}"]
    table = Table([*header, LAST], title=title, caption=caption, words=(0, 2, -1))
    for group, members in groups(rows).items():
        table.lines.append([group])
        for row in members:
            line = [row.name, duration(row.timings[row.reference].minimum), row.aim]
            line += [_figure(row, column, medians) for column in columns]
            for name in beside:
                line += [_figure(row, name, False), number(row.beside(name)) if name in row.timings else NONE]
            table.lines.append([*line, "; ".join(filter(None, [row.verdict, row.note]))])
    return table


def _figure(row: Row, column: str, median: bool) -> str:
    if column not in row.timings:
        return NONE
    return f"{number(row.figure(column))}{row.unit}" + (f" ({number(row.usual(column))})" if median else "")
