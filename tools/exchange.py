# SPDX-License-Identifier: Apache-2.0
"""`python tools/exchange.py`: what happens to memory between this package and other libraries, each cell tried here.

Whether a library copies is seen by addresses, or by what one side writes and the other reads; whether memory is pinned
by growing it meanwhile; whether read-only memory stays so by writing to it; which formats pass by comparing the items.
Prints a table in Markdown of the libraries that the interpreter has. `--env` makes an environment with all of
`requirements/exchange.txt`, builds the package into it, and runs there; with `--write` too it puts the table into
`docs/exchange.md`. The rows stand in `tools/exchanges`.
"""

from __future__ import annotations

import atexit
import datetime
import os
import platform
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator
from importlib import metadata, util

import envs
import pythons
from exchanges.cells import Cells, Row

PAGE = envs.ROOT / "docs" / "exchange.md"
BEGIN, END = "<!-- begin exchange -->", "<!-- end exchange -->"
HEADER = ["Library", "Version", "", "By", "Zero copy", "Pinned", "Read-only kept", "Formats"]
# What it needs beside libraries: shareable objects that are buffers.
INTERPRETERS = "concurrent.interpreters"


def version(row: Row) -> str | None:
    """Which version is installed; None where it cannot be imported."""
    if any(util.find_spec(name) is None for name in row.imports):
        return None
    return metadata.version(row.package) if row.package else platform.python_version()


def line(row: Row) -> list[str]:
    """A line of the table, tried now."""
    found = version(row)
    if found is None:
        return [row.library, "not installed", row.direction, row.by, *[""] * 4]
    try:
        cells = row.tried()
    except Exception as error:
        traceback.print_exc()
        cells = Cells(f"failed: {type(error).__name__}", "", "", "")
    return [row.library, found, row.direction, row.by, cells.zero_copy, cells.pinned, cells.readonly, cells.formats]


def lines(rows: Iterable[Row]) -> Iterator[list[str]]:
    """All lines, one after the other; a library's name stands in its first."""
    before = None
    for row in rows:
        cells = line(row)
        print(" | ".join(cells), file=sys.stderr, flush=True)
        yield ["", "", *cells[2:]] if cells[:2] == before else cells
        before = cells[:2]


def table(rows: Iterable[Row]) -> str:
    """The table in Markdown, with what it was made by."""
    import swiftbuffer

    made = [HEADER, ["---"] * len(HEADER), *lines(rows)]
    words = [f"CPython {platform.python_version()}", platform.machine(), f"swiftbuffer {swiftbuffer.__version__}"]
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    text = "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |" for cells in made)
    return f"{text}\n\nPrinted by `python tools/exchange.py` on {date}: {', '.join(words)}.\n"


def all_rows() -> list[Row]:
    """Every row, in the order of the table."""
    from exchanges import arrays, clusters, columns, files, images, processes

    atexit.register(processes.close)
    atexit.register(clusters.close)
    return [row for module in (arrays, columns, images, files, processes, clusters) for row in module.ROWS]


def write(text: str) -> None:
    """Puts the table into the page, between its two marks."""
    before, rest = PAGE.read_text().split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


def prepared() -> list[str]:
    """The command that runs this in an environment with everything. Interpreters as objects need CPython 3.14, and
    their row is tried on one where there is one."""
    executable = envs.ensure("exchange", envs.current())
    envs.run(executable, envs.ROOT / "tools" / "cpu_torch.py")
    envs.install_package(executable)
    return [str(executable), str(envs.ROOT / "tools" / "exchange.py")]


def interpreters_line() -> list[str] | None:
    """The line of `concurrent.interpreters`, tried on the newest CPython here that has it."""
    able = [python for python in pythons.find() if int(python.minor.partition(".")[2]) >= 14 and not python.suffix]
    for python in able[-1:]:
        executable = envs.ensure("build", python)
        envs.install_package(executable)
        shown = subprocess.run(
            [str(executable), str(envs.ROOT / "tools" / "exchange.py"), INTERPRETERS],
            capture_output=True,
            text=True,
            check=True,
        )
        (cells,) = [line for line in shown.stdout.splitlines() if line.startswith(f"| {INTERPRETERS}")]
        return [cell.strip() for cell in cells.strip("|").split("|")]
    return None


def main() -> int:
    words = sys.argv[1:]
    if "--env" in words:
        try:
            command = prepared()
            other = interpreters_line()
        except subprocess.CalledProcessError as error:
            sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
        rest = [word for word in words if word != "--env"]
        variables = {"SWIFTBUFFER_INTERPRETERS": "|".join(other)} if other else {}
        return subprocess.run([*command, *rest], check=False, env={**os.environ, **variables}).returncode
    names = [word for word in words if not word.startswith("--")]
    rows = [row for row in all_rows() if not names or row.library in names]
    text = table(rows)
    if known := os.environ.get("SWIFTBUFFER_INTERPRETERS"):
        for one in [line for line in text.splitlines() if line.startswith(f"| {INTERPRETERS}")]:
            text = text.replace(one, f"| {' | '.join(known.split('|'))} |")
    print(text)
    if "--write" in words:
        write(text)
    return 1 if "| failed: " in text else 0


if __name__ == "__main__":
    sys.exit(main())
