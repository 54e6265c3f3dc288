# SPDX-License-Identifier: Apache-2.0
"""A model as lines of text, plain or with colours."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from swiftbuffer._draw.labels import fitting, fitting_index, item_label, legend, name_label
from swiftbuffer._draw.model import Model, Place, Segment, Stretch

__all__ = ["text"]

COLUMNS = 112
WIDEST = 8
"""Letters of a byte."""
EVEN = (153, 157, 223, 183, 152, 217)
ODD = (111, 114, 179, 140, 109, 175)
"""Backgrounds, of the 256 colours of terminals; letters on them are black."""
FILLS = {"value": " ", "padding": "░", "gap": "·", "pointer": " ", "left out": "⋯"}
ASCII = str.maketrans("│░·⋯…⋮→▒", "|/.~~:>#")


def text(model: Model, *, colour: bool = False, ascii_only: bool = False) -> str:
    """The picture as lines of text, without a newline at the end."""
    lines: list[str] = []
    for line in [model.title, *model.subjects] if model.title else model.subjects:
        lines += [_styled("1", part, colour) for part in textwrap.wrap(line, COLUMNS)]
    for number, notes in enumerate(model.axes):
        letter = f"{'ab'[number]}, " if len(model.axes) > 1 else ""
        lines += [f"  {letter}{note}" for note in notes]
    cell = _cell(model)
    for number, stretch in enumerate(model.stretches):
        lines += ["", *_stretch(model, number, stretch, cell, colour)]
    signs = {"padding": "░", "gap": "·", "shared": "=", "overlap": "▒"}
    entries = [f"{signs[sign]} {words}" for sign, words in legend(model) if sign in signs]
    if entries or model.notes:
        lines.append("")
    if entries:
        lines.append("   ".join(entries))
    for note in model.notes:
        lines += textwrap.wrap(note, COLUMNS)
    result = "\n".join(lines)
    return result.translate(ASCII).encode("ascii", "backslashreplace").decode("ascii") if ascii_only else result


def _styled(codes: str, text: str, colour: bool) -> str:
    return f"\x1b[{codes}m{text}\x1b[0m" if colour else text


def _label(segment: Segment) -> str:
    label, name = item_label(segment), name_label(segment)
    if segment.kind == "left out":
        return "⋯"
    if not name:
        return label if segment.kind != "padding" else ""
    return f"{label} {name}" if segment.first else name


def _cell(model: Model) -> int:
    """Letters for each byte, so that labels fit, within the bounds of a line."""
    needed = 2
    for segment in model.segments():
        if segment.kind != "left out":
            room = len(_label(segment)) + (3 if segment.shared else 1)
            needed = max(needed, -(-room // (segment.stop - segment.start)))
    columns = [sum(map(len, stretch.window.columns)) * len(stretch.sources) for stretch in model.stretches]
    return max(2, min(needed, WIDEST, (COLUMNS - 12) // max(columns, default=1)))


def _stretch(model: Model, number: int, stretch: Stretch, cell: int, colour: bool) -> Iterator[str]:
    margin = max(len(f"{line.offset:,}") for line in stretch.lines) + 1
    widths = [0] * len(stretch.sources)
    rows: list[tuple[str, list[tuple[str, int]]]] = []
    for line in stretch.lines:
        if line.left_out:
            rows.append((f"{'⋮':>{margin}} {line.left_out:,} line{'s' * (line.left_out > 1)} left out", []))
            continue
        cells = [_panel(panel, cell, colour) for panel in line.panels]
        widths = [max(width, length) for width, (_, length) in zip(widths, cells, strict=True)]
        rows.append((f"{line.offset:>{margin},} ", cells))
    heads = ["ab"[source] if len(model.subjects) > 1 else "" for source in stretch.sources]
    if len(model.stretches) > 1:
        heads[0] = f"[{number}] {heads[0]}"
    if any(heads):
        padded = [head.ljust(width) for head, width in zip(heads, widths, strict=True)]
        yield (" " * (margin + 1) + (" " * (margin + 4)).join(padded)).rstrip()
    for offset, cells in rows:
        padded = [cells + " " * (width - length) for (cells, length), width in zip(cells, widths, strict=False)]
        yield (offset + ("   " + offset).join(padded)).rstrip()
    for arrow in model.arrows:
        if arrow.axis is None and arrow.source.stretch == number:
            suboffset = f" ({arrow.text} after the pointer)" if arrow.text else ""
            yield f"{'':>{margin}} {_place(arrow.source)} → {_place(arrow.target)}{suboffset}"


def _place(place: Place) -> str:
    return f"[{place.stretch}] {place.offset:,}"


def _panel(panel: tuple[Segment, ...], cell: int, colour: bool) -> tuple[str, int]:
    """The segments of a line as text, and its length without the sequences for colours."""
    parts = []
    length = 1
    pending = ""
    for segment in panel:
        width = 3 if segment.kind == "left out" else (segment.stop - segment.start) * cell - 1
        # The index of a structure stands with the first of its fields that has room for it.
        if segment.first and segment.name:
            pending = item_label(segment)
        name = name_label(segment)
        label = "" if name else fitting_index(_label(segment), width)
        if segment.name:
            label = fitting(name, width)
            if pending and len(f"{pending} {name}") <= width:
                label, pending = f"{pending} {name}", ""
        if segment.kind == "left out":
            label = ""
        fill = "▒" if len(segment.items) > 1 else "=" if segment.shared else FILLS[segment.kind]
        if segment.kind == "padding":
            fill = FILLS["padding"]
        words = label.center(width, fill)
        if segment.items:
            colours = ODD if segment.odd else EVEN
            words = _styled(f"30;48;5;{colours[segment.hue]}", words, colour)
        parts.append("│" + words)
        length += width + 1
    return "".join(parts) + "│", length
