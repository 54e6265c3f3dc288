# SPDX-License-Identifier: Apache-2.0
"""A picture before it is drawn: stretches of memory, their lines, and what the bytes in them belong to.

A model is plain data: it holds no memory. Offsets count from the lowest address that is drawn in the same stretch.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from swiftbuffer._draw.layers import Index
from swiftbuffer._draw.window import Window

__all__ = ["Arrow", "Line", "Model", "Place", "Segment", "Stretch"]


@dataclass(frozen=True, slots=True)
class Segment:
    """Neighbouring bytes of one line that belong to the same items and to the same part of them."""

    start: int
    stop: int
    kind: str
    """``value``, ``padding``, ``pointer``, ``gap`` (of no item) or ``left out``."""
    items: tuple[Index, ...] = ()
    """The items that have these bytes; where there are more than two, two or more of them."""
    name: str = ""
    first: bool = False
    """Whether the item begins here."""
    whole: bool = False
    """Whether this is all of the part: it is cut by no end of a line, no gap, no overlap."""
    shared: bool = False
    """Whether the bytes belong to both of two objects."""

    @property
    def hue(self) -> int:
        """A number from 0 to 5: the same where the indices but the last are; of one dimension, the same for an item."""
        index = self.items[0] if self.items else ()
        return sum(index[:-1] if len(index) > 1 else index) % 6

    @property
    def odd(self) -> bool:
        """Whether neighbours along the last axis are told apart by being paler."""
        return bool(self.items and len(self.items[0]) > 1 and self.items[0][-1] % 2)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a stretch: its offset, and the segments of each object. Without segments, lines that are left out."""

    offset: int
    panels: tuple[tuple[Segment, ...], ...] = ()
    left_out: int = 0
    """How many lines are left out here."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an arrow begins or ends: a byte in a stretch, for one object."""

    stretch: int
    panel: int
    offset: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one item to the next along an axis, or from a pointer to where it leads."""

    source: Place
    target: Place
    axis: int | None
    """None for a pointer."""
    text: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Memory whose bytes lie close together."""

    base: int = field(repr=False)
    """Its address. Not drawn, so that pictures of equal layouts are equal."""
    size: int
    """Bytes from the lowest to the highest one."""
    depth: int
    """How many pointers lead here."""
    sources: tuple[int, ...]
    """Which objects have items here, one for each panel."""
    window: Window
    lines: tuple[Line, ...]

    def shows(self, offset: int) -> bool:
        number, column = divmod(offset, self.window.pitch)
        return (
            0 <= offset < self.size
            and number in self.window.lines
            and any(column in part for part in self.window.columns)
        )


@dataclass(frozen=True, slots=True)
class Model:
    """All that a picture shows."""

    title: str
    subjects: tuple[str, ...]
    """A line of text for each object."""
    axes: tuple[tuple[str, ...], ...]
    """For each object, a line of text for each axis."""
    stretches: tuple[Stretch, ...]
    arrows: tuple[Arrow, ...]
    notes: tuple[str, ...]
    """What is left out, shared, or special."""

    def segments(self) -> list[Segment]:
        """All segments, in the order of stretches, lines and objects."""
        lines = (line for stretch in self.stretches for line in stretch.lines)
        return [segment for line in lines for panel in line.panels for segment in panel]
