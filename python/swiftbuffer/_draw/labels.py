# SPDX-License-Identifier: Apache-2.0
"""The words of a picture that are the same in SVG and in a terminal."""

from __future__ import annotations

from swiftbuffer._draw.layers import EVERY, Index
from swiftbuffer._draw.model import Model, Segment
from swiftbuffer._draw.views import shortened

__all__ = ["fitting", "fitting_index", "index_text", "item_label", "legend", "name_label"]


def index_text(index: Index) -> str:
    """An index as in brackets; of many axes, the first and the last one."""
    texts = [":" if number == EVERY else str(number) for number in index]
    if len(texts) > 4:
        return f"{texts[0]},…,{texts[-1]}"
    return ",".join(texts)


def item_label(segment: Segment) -> str:
    """Which items a segment belongs to, in as few letters as possible."""
    if not segment.items:
        return ""
    if len(segment.items) > 1:
        return " ".join(index_text(index) for index in segment.items[:2]) + ("…" if len(segment.items) > 2 else "")
    text = index_text(segment.items[0]) or "item"
    return text if segment.first or segment.whole else f"…{text}"


def name_label(segment: Segment) -> str:
    """The name of the field."""
    return shortened(segment.name, 24)


def fitting(text: str, length: int) -> str:
    """A path of names, cut to so many letters: its last parts, or the beginning; empty if nothing useful is left."""
    if len(text) <= length:
        return text
    ends = (text[place:] for place, letter in enumerate(text) if letter in ".[" and len(text) - place <= length)
    return next(ends, text[: length - 1] + "…" if length > 2 else "")


def fitting_index(text: str, length: int) -> str:
    """An index of at most so many letters: all of it, or what follows a comma; empty if nothing would be left."""
    while len(text) > length:
        _, comma, text = text[1:].partition(",")
        if not comma:
            return ""
        text = "," + text
    return text


def legend(model: Model) -> list[tuple[str, str]]:
    """What the signs mean that the picture has: pairs of a sign and a text."""
    segments = model.segments()
    kinds = {segment.kind for segment in segments}
    entries = []
    if "value" in kinds:
        named = any(segment.name for segment in segments)
        entries.append(("value", "item: its index" + (", and its fields" if named else "")))
    if "padding" in kinds:
        entries.append(("padding", "padding in an item"))
    if any(len(segment.items) > 1 for segment in segments):
        entries.append(("overlap", "items overlap"))
    if "gap" in kinds:
        entries.append(("gap", "of no item"))
    if "pointer" in kinds:
        entries.append(("pointer", "pointer"))
    if any(segment.shared for segment in segments):
        entries.append(("shared", "in both"))
    return entries
