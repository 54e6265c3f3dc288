# SPDX-License-Identifier: Apache-2.0
"""Where everything stands in a drawing: panels, lines, cells of bytes, and the room for arrows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from swiftbuffer._draw.labels import item_label, name_label
from swiftbuffer._draw.model import Arrow, Line, Model, Place, Segment, Stretch

__all__ = ["CHAR", "LEVEL", "Geometry", "Panel", "Spot"]

CHAR = 6.7
"""Pixels of a letter."""
GAP = 22
"""Pixels of columns that are left out."""
ROOM = 8
"""Pixels above a line with arrows, beside those of each arrow."""
LEVEL = 12
"""Pixels of an arrow above a line: no two are at the same height."""
NARROWEST, WIDEST = 13, 52
"""Pixels of a byte."""
LONGEST = 1100


@dataclass(frozen=True, slots=True)
class Spot:
    """The part of a line that an arrow begins or ends at."""

    left: float
    right: float
    top: float
    line_left: float
    is_first: bool

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(slots=True)
class Panel:
    """The lines of a stretch for one object."""

    stretch: Stretch
    number: int
    left: float
    top: float
    cell: float
    title: str = ""
    lines: list[tuple[float, Line]] = field(default_factory=list)
    ruler: list[tuple[float, float, str]] = field(default_factory=list)

    def x(self, column: int) -> float:
        """The left edge of a column; of one that is left out, the edge of what stands for it."""
        x = self.left
        before = 0
        for part in self.stretch.window.columns:
            if column < part.start:
                return x
            x += GAP if part.start > before else 0
            if column <= part.stop:
                return x + (column - part.start) * self.cell
            x += len(part) * self.cell
            before = part.stop
        return x + GAP

    def places(self, line: Line) -> Iterator[tuple[Segment, float, float]]:
        """The segments of a line, with their left edges and widths."""
        for segment in line.panels[self.number]:
            start, stop = segment.start - line.offset, segment.stop - line.offset
            if segment.kind == "left out":
                yield segment, self.x(start), GAP
            else:
                # A part begins after what is left out before it.
                right = self.x(stop)
                yield segment, right - (stop - start) * self.cell, (stop - start) * self.cell


class Geometry:
    """Places all parts of a model from ``top`` and ``left`` on."""

    def __init__(self, model: Model, top: float, left: float = 0) -> None:
        self.model = model
        segments = model.segments()
        self.named = any(segment.name for segment in segments)
        self.cell_height = 36 if self.named else 24
        self.panels: list[Panel] = []
        self.levels = self._levels()
        cell = self._cell(segments)
        self.width = self.height = 0.0
        x = left
        for depth in sorted({stretch.depth for stretch in model.stretches}):
            y, right = top, x
            for number, stretch in enumerate(model.stretches):
                if stretch.depth == depth:
                    bottom, edge = self._place(number, stretch, x, y, cell)
                    y, right = bottom + 14, max(right, edge)
            self.height = max(self.height, y - 14 - top)
            x = right + 46
            self.width = max(self.width, right - left)

    def _cell(self, segments: list[Segment]) -> float:
        needed = [float(NARROWEST)]
        for segment in segments:
            if segment.kind != "left out":
                length = max(len(item_label(segment)), len(name_label(segment)))
                needed.append(-(-(length * CHAR + 4) // (segment.stop - segment.start)))
        columns = max((self._columns(stretch) for stretch in self.model.stretches), default=1)
        return max(float(NARROWEST), min(float(WIDEST), max(needed), LONGEST / columns)) // 1

    @staticmethod
    def _columns(stretch: Stretch) -> int:
        return sum(map(len, stretch.window.columns)) * len(stretch.sources)

    def _place(self, number: int, stretch: Stretch, x: float, y: float, cell: float) -> tuple[float, float]:
        """Places the panels of a stretch; returns their bottom and right edges."""
        last = max((line.offset for line in stretch.lines), default=0)
        # At least as wide as the name of an axis beside an arrow at the left edge.
        margin = max(len(f"{last:,}") * 6.1 + 7, 30)
        rooms = self._rooms(number)
        bottom = y
        for index, source in enumerate(stretch.sources):
            panel = Panel(stretch, index, x + margin, y, cell)
            if len(self.model.subjects) > 1:
                panel.title = "ab"[source]
            elif any(segment.kind == "pointer" for line in stretch.lines for row in line.panels for segment in row):
                panel.title = "pointers"
            at = y + (16 if panel.title else 0)
            columns = [column for part in stretch.window.columns for column in part]
            step = next((step for step in (1, 2, 4, 8, 16, 32) if step * cell >= 30), 64)
            shown = [column for column in columns if column % step == 0]
            panel.ruler = [(panel.x(column + 1) - cell + 2, at + 9, f"{column:,}") for column in shown]
            at += 12
            for line in stretch.lines:
                at += rooms.get(line.offset, 4 if not line.left_out else 2)
                panel.lines.append((at, line))
                at += 16 if line.left_out else self.cell_height
            self.panels.append(panel)
            bottom = max(bottom, at)
            x = panel.x(stretch.window.pitch) + 24
        return bottom, x - 24

    def _rooms(self, number: int) -> dict[int, float]:
        """The room above lines that arrows need, by the offset of the line."""
        rooms: dict[int, float] = {}
        for arrow, level in self.levels.items():
            if arrow.source.stretch == number:
                line = max(self._line(arrow.source), self._line(arrow.target))
                # Arrows between lines stand beside each other.
                flat = self._line(arrow.source) == self._line(arrow.target)
                rooms[line] = max(rooms.get(line, 0), ROOM + LEVEL * (level if flat else 1))
        return rooms

    def _line(self, place: Place) -> int:
        """The offset of the line that a place is in."""
        pitch = self.model.stretches[place.stretch].window.pitch
        return place.offset // pitch * pitch

    def _levels(self) -> dict[Arrow, int]:
        """The arrows along axes, each with its number among those above the same line, or between the same lines."""
        counts: dict[tuple[object, ...], int] = {}
        levels = {}
        steps = [arrow for arrow in self.model.arrows if arrow.axis is not None]
        # Loops, of strides of 0, rise above the others.
        for arrow in sorted(steps, key=lambda arrow: abs(arrow.target.offset - arrow.source.offset) or 1 << 62):
            lines = self._line(arrow.source), self._line(arrow.target)
            key = (arrow.source.stretch, arrow.source.panel, *lines)
            levels[arrow] = counts[key] = counts.get(key, 0) + 1
        return levels

    def at(self, place: Place) -> Spot:
        """Where a byte is drawn, and the segment that begins with it."""
        panel = next(
            panel
            for panel in self.panels
            if panel.stretch is self.model.stretches[place.stretch] and panel.number == place.panel
        )
        for y, line in panel.lines:
            if line.panels:
                for segment, x, width in panel.places(line):
                    if segment.kind != "left out" and segment.start <= place.offset < segment.stop:
                        left = x + (place.offset - segment.start) * panel.cell
                        edge = panel.left - len(f"{line.offset:,}") * 6.1 - 7
                        return Spot(left, x + width, y, edge, place.offset == line.offset)
        raise LookupError("an arrow leads to a byte that is not drawn")
