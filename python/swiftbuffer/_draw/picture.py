# SPDX-License-Identifier: Apache-2.0
"""``draw``, and what it returns."""

from __future__ import annotations

import operator
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex, TextIO

from swiftbuffer._console import is_coloured
from swiftbuffer._draw.build import build
from swiftbuffer._draw.model import Model
from swiftbuffer._draw.svg import svg
from swiftbuffer._draw.terminal import text
from swiftbuffer._draw.views import Subject, shortened, subject

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Picture", "draw"]

LARGEST = 30_000
"""Bytes of the largest picture as SVG."""
MOST_SEGMENTS = 300
SIZES = [(12, 48), (12, 32), (11, 24), (8, 24), (8, 16), (5, 16), (3, 16), (2, 8), (1, 8), (1, 4)]
"""Lines, and bytes in a line, that a picture may show, from the largest."""


class Picture:
    """A picture of memory: in a notebook by itself, as SVG with ``save``, in a terminal with ``print``.

    It keeps no memory, and shows what was there when it was made.
    """

    __slots__ = ("_model", "_svg")

    def __init__(self, model: Model, drawn: str) -> None:
        self._model = model
        self._svg = drawn

    def svg(self) -> str:
        """The picture as SVG, at most 30 KB, for light and dark surroundings. O(size). Source: SVG 1.1."""
        return self._svg

    def text(self, *, colour: bool = False, ascii: bool = False) -> str:  # noqa: A002
        """The picture as lines of text.

        Args:
            colour: with ANSI sequences for a terminal.
            ascii: with the letters of ASCII alone.

        O(size). Source: this package.
        """
        return text(self._model, colour=colour, ascii_only=ascii)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture to the file at ``path``: text if its name ends with ``.txt``, else SVG.

        Raises OSError for a file that cannot be written. O(size). Source: this package.
        """
        target = Path(path)
        target.write_text(f"{self.text()}\n" if target.suffix == ".txt" else self._svg, encoding="utf-8")

    def show(self) -> None:
        """Prints the picture, in colour on a terminal unless NO_COLOR is set. O(size). Source: no-color.org."""
        print(self._text_for(sys.stdout))

    def _text_for(self, stream: TextIO | None) -> str:
        """The picture in the colours and letters that a stream has."""
        plain = self.text()
        encoding = getattr(stream, "encoding", None) or "utf-8"
        has_letters = plain.encode(encoding, "replace").decode(encoding) == plain
        return self.text(colour=is_coloured(stream), ascii=not has_letters)

    def _repr_svg_(self) -> str:
        return self._svg

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Picture of {'; '.join(self._model.subjects)}>"


def draw(
    a: Buffer,
    b: Buffer | None = None,
    /,
    *,
    width: SupportsIndex | None = None,
    title: str | None = None,
) -> Picture:
    """A picture of memory: which byte belongs to which index.

    Lines of memory have the offset of their first byte on the left. Items have their index and a colour, fields their
    names; padding is hatched. Arrows lead from the first item to the next along each axis, and from pointers to where
    they lead. With ``b``, the memory of both, side by side where they share it. What does not fit is left out, and the
    picture says so: it has at most 30 KB, whatever the shape.

    Args:
        a: any object that exports a buffer, or has a tensor in the CPU's memory (DLPack).
        b: another one.
        width: the bytes of a line; by default a stride, so that equal indices stand below each other.
        title: a line above the picture.

    Raises TypeError for objects without a buffer, ValueError for a width below 1, and what an exporter raises. Reads
    the pointers along indirect axes, and one item. O(items shown * log(items)). Source: this package.

    >>> print(swiftbuffer.draw(swiftbuffer.array([[1, 2], [3, 4]], "h").T))
    View: shape (2, 2), format 'h', strides (2, 4), 8 bytes
      axis 0: length 2, stride +2
      axis 1: length 2, stride +4
    <BLANKLINE>
     0 │0,0│1,0│
     4 │0,1│1,1│
    """
    line = None if width is None else operator.index(width)
    if line is not None and line < 1:
        raise ValueError(f"width must be 1 or more bytes, not {line}")
    with ExitStack() as views:
        subjects = [subject(a)] if b is None else [subject(a, "a"), subject(b, "b")]
        for each in subjects:
            views.callback(each.view.release)
        return picture_of(subjects, shortened(title, 80) if title else "", line)


def picture_of(
    subjects: Sequence[Subject], title: str = "", width: int | None = None, *, heads: bool = True
) -> Picture:
    """The largest picture that is within the bounds; without ``heads``, SVG has no line for each object."""
    # One item has so many bytes to itself at least.
    views = [subject.view for subject in subjects]
    units = (abs(unit) for view in views for unit in (view.itemsize, *view.strides) if unit)
    cells = float(MOST_SEGMENTS) * min(units, default=1)
    for number, size in enumerate(SIZES):
        last = number + 1 == len(SIZES)
        if size[0] * size[1] > cells and not last:
            continue
        model = build(subjects, title, width, size)
        count = len(model.segments())
        # Segments are about as many as cells.
        cells = size[0] * size[1] * MOST_SEGMENTS / max(count, 1)
        if count <= MOST_SEGMENTS or last:
            drawn = svg(model, heads=heads)
            if len(drawn.encode()) <= LARGEST or last:
                break
            cells = size[0] * size[1] - 1
    return Picture(model, drawn)
