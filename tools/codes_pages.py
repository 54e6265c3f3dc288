"""Writes docs/codes: a page for each code of the checker, from its catalogue. Run with the package importable."""

from __future__ import annotations

import sys
from pathlib import Path

from swiftbuffer._check import CATALOGUE, Code

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "codes"

GROUPS = {
    "BUF1": "What each field says",
    "BUF2": "Where the memory is",
    "BUF3": "How a request is refused",
    "BUF4": "May it be written?",
    "BUF5": "While it is held, and after",
    "BUF6": "In Python",
    "BUF7": "Contested points",
    "BUF8": "What a consumer does",
    "BUF9": "The check itself",
}
SEVERITIES = {
    "violation": "It violates the protocol: `report.ok` is false.",
    "deviation": "It deviates from the reference, memoryview, without breaking the protocol.",
    "inconsistency": "The exporter contradicts itself, without breaking the protocol.",
}


def page(code: Code) -> str:
    """The page of one code."""
    return f"""\
# {code.code} {code.name}

{code.title[0].upper()}{code.title[1:]}. {SEVERITIES[code.severity]}

## The rule

{code.rule} Source: [{code.section}]({code.url}).

## What {"others suffer" if code.concerns_consumers else "a consumer suffers"}

{code.consequence}

## What to do

{code.remedy}

{leave_out(code)}

[All codes](README.md)
"""


def leave_out(code: Code) -> str:
    """How a report is had without the code."""
    if code.concerns_consumers:
        return f'To leave it out of a report: `check_consumer(consume, ignore=["{code.code}"])`.'
    options = f'`check(obj, ignore=["{code.code}"])`, or `--ignore {code.code}` on the command line.'
    return f"To leave it out of a report: {options}"


def index() -> str:
    """The list of all pages."""
    lines = ["# The codes of the checker", "", "Made by `tools/codes_pages.py` from the checker's own catalogue.", ""]
    for prefix, title in GROUPS.items():
        lines += [f"## {title}", "", "| Code | | |", "|---|---|---|"]
        lines += [
            f"| [{code.code} {code.name}]({code.code}.md) | {code.severity} | {code.title} |"
            for code in CATALOGUE.values()
            if code.code.startswith(prefix)
        ]
        lines.append("")
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """Every file of the folder, by name."""
    return {"README.md": index()} | {f"{code.code}.md": page(code) for code in CATALOGUE.values()}


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)
    print(f"{len(wanted)} pages in {FOLDER.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
