"""``draw``, and what it returns."""

from __future__ import annotations

import operator
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex

from swiftbuffer._console import is_coloured
from swiftbuffer._draw import model as models
from swiftbuffer._draw.model import Model
from swiftbuffer._draw.svg import svg
from swiftbuffer._draw.terminal import text
from swiftbuffer._draw.views import Subject, shortened, subject

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Picture", "draw"]

LARGEST = 30_000
"""Bytes of the largest picture as SVG."""


class Picture:
    """A picture of memory: in a notebook by itself, as SVG with ``save``, in a terminal with ``print``.

    It keeps no memory, and shows what was there when it was made.
    """

    __slots__ = ("_model", "_svg")

    def __init__(self, model: Model, drawn: str) -> None:
        self._model = model
        self._svg = drawn

    def svg(self) -> str:
        """The picture as SVG, at most 30 KB, for light and dark surroundings."""
        return self._svg

    def text(self, *, colour: bool = False, ascii: bool = False) -> str:  # noqa: A002
        """The picture as lines of text.

        Args:
            colour: with ANSI sequences for a terminal.
            ascii: with the letters of ASCII alone.
        """
        return text(self._model, colour=colour, ascii_only=ascii)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture to a file: text if its name ends with ``.txt``, else SVG. Raises OSError."""
        target = Path(path)
        target.write_text(f"{self.text()}\n" if target.suffix == ".txt" else self._svg, encoding="utf-8")

    def show(self) -> None:
        """Prints the picture, in colour on a terminal that has it (https://no-color.org)."""
        import sys

        print(self.text(colour=is_coloured(sys.stdout)))

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
        a: any object that exports a buffer.
        b: another one.
        width: the bytes of a line; by default a stride, so that equal indices stand below each other.
        title: a line above the picture.

    Raises TypeError for objects without a buffer, ValueError for a width below 1, and what an exporter raises. Reads
    the pointers along indirect axes, and one item. O(items shown * log(items)).

    >>> print(swiftbuffer.draw(swiftbuffer.array([[1, 2], [3, 4]], "h").T))
    """
    line = None if width is None else operator.index(width)
    if line is not None and line < 1:
        raise ValueError(f"width must be 1 or more bytes, not {line}")
    with ExitStack() as views:
        subjects = [subject(a)] if b is None else [subject(a, "a"), subject(b, "b")]
        for each in subjects:
            views.callback(each.view.release)
        return picture_of(subjects, shortened(title, 80) if title else "", line)


def picture_of(subjects: Sequence[Subject], title: str = "", width: int | None = None) -> Picture:
    """The largest picture that is within the bounds."""
    # One item has so many bytes to itself at least.
    views = [subject.view for subject in subjects]
    units = (abs(unit) for view in views for unit in (view.itemsize, *view.strides) if unit)
    cells = float(models.MOST_SEGMENTS) * min(units, default=1)
    for number, size in enumerate(models.SIZES):
        last = number + 1 == len(models.SIZES)
        if size[0] * size[1] > cells and not last:
            continue
        model = models.build(subjects, title, width, size)
        count = len(model.segments())
        # Segments are about as many as cells.
        cells = size[0] * size[1] * models.MOST_SEGMENTS / max(count, 1)
        if count <= models.MOST_SEGMENTS or last:
            drawn = svg(model)
            if len(drawn.encode()) <= LARGEST or last:
                break
            cells = size[0] * size[1] - 1
    return Picture(model, drawn)
