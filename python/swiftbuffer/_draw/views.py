# SPDX-License-Identifier: Apache-2.0
"""The objects that are drawn: the views of them, and what is said of them in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from swiftbuffer import View, capi, from_dlpack
from swiftbuffer._console import printable

__all__ = ["Subject", "axis_notes", "facts", "shortened", "subject"]

MOST_AXES = 6


@dataclass(frozen=True, slots=True)
class Subject:
    """An object with a view of its memory."""

    name: str
    """``a`` and ``b`` where there are two objects, else the name of the type."""
    view: View
    head: str
    """The facts about it in one line."""


def subject(obj: object, letter: str = "") -> Subject:
    """Acquires the buffer of an object, or its memory by DLPack if it exports none.

    Raises TypeError if it has neither, and what the other library raises.
    """
    has_tensor = not capi.PyObject_CheckBuffer(obj) and hasattr(type(obj), "__dlpack__")
    view = from_dlpack(obj) if has_tensor else View(obj)  # type: ignore[arg-type]
    kind = shortened(type(obj).__name__)
    text = ", ".join(f"{name} {value}" if name else value for name, value in facts(view))
    return Subject(letter or kind, view, f"{letter}: {kind}, {text}" if letter else f"{kind}: {text}")


def facts(view: View) -> Iterator[tuple[str, str]]:
    """What a line about memory says: pairs of a name, which may be empty, and a value."""
    yield "shape", tuple_text(view.shape)
    yield "format", shortened(repr(view.format), 60)
    yield "strides", tuple_text(view.strides)
    if any(suboffset >= 0 for suboffset in view.suboffsets):
        yield "suboffsets", tuple_text(view.suboffsets)
    yield "", f"{view.nbytes:,} byte{'s' * (view.nbytes != 1)}"
    if view.readonly:
        yield "", "read-only"


def axis_notes(view: View) -> Iterator[str]:
    """A line of text for each axis: its length, and how to get from one to the next."""
    pointers = view.suboffsets or (-1,) * view.ndim
    for axis, (length, stride) in enumerate(zip(view.shape, view.strides, strict=True)):
        if axis == MOST_AXES:
            yield f"and {view.ndim - axis} more axes"
            return
        text = f"axis {axis}: length {length:,}"
        if length > 1:
            text += f", stride {stride:+,}" if stride else ", stride 0"
            if stride < 0:
                text += " (backwards)"
            if stride == 0:
                text += " (the same memory each time)"
        if pointers[axis] >= 0:
            text += ", then a pointer" + (f", then {pointers[axis]:+,}" if pointers[axis] else "")
        yield text


def tuple_text(numbers: tuple[int, ...]) -> str:
    """A shape as text; of many axes, the first and last ones."""
    if len(numbers) <= 8:
        return str(numbers)
    return f"({', '.join(map(str, numbers[:4]))}, … {len(numbers) - 6} more …, {', '.join(map(str, numbers[-2:]))})"


def shortened(text: str, length: int = 40) -> str:
    """Text of others for one line, at most so long."""
    text = printable(text[: length + 1])
    return text if len(text) <= length else text[: length - 1] + "…"
