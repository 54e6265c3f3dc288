# SPDX-License-Identifier: Apache-2.0
"""Makes the model of a picture: puts layers whose memory overlaps together, and asks whose each byte is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from swiftbuffer._draw.layers import Budget, Index, Layer, Pointer, layers_of
from swiftbuffer._draw.model import Arrow, Line, Model, Place, Segment, Stretch
from swiftbuffer._draw.views import Subject, axis_notes
from swiftbuffer._draw.window import Window, window_of

__all__ = ["build"]

MOST_STRETCHES = 14
MOST_ARROWS = 5
"""Axes that have an arrow."""


def build(subjects: Sequence[Subject], title: str, width: int | None, size: tuple[int, int]) -> Model:
    """The model of one object, or of two."""
    layers: list[Layer] = []
    pointers: list[Pointer] = []
    hidden = 0
    try:
        for number, subject in enumerate(subjects):
            if subject.view.nbytes and 0 not in subject.view.shape:
                found, leading, left_out = layers_of(subject.view, number)
                layers += found
                pointers += leading
                hidden += left_out
        return _assembled(subjects, title, width, size, layers, pointers, hidden)
    finally:
        for layer in layers:
            layer.release()


def _assembled(
    subjects: Sequence[Subject],
    title: str,
    width: int | None,
    size: tuple[int, int],
    layers: list[Layer],
    pointers: list[Pointer],
    hidden: int,
) -> Model:
    groups = _groups(layers)
    notes = []
    if len(groups) > MOST_STRETCHES:
        notes.append(f"{len(groups) - MOST_STRETCHES} stretches of memory are left out")
        groups = groups[:MOST_STRETCHES]
    budget = Budget()
    lines = max(1, size[0] // len(groups)) if len(groups) > 2 else size[0]
    columns = max(1, size[1] // len(subjects))
    stretches = [_stretch(group, window_of(group, width, lines, columns), budget) for group in groups]
    notes += _left_out(stretches)
    if hidden:
        notes.append(f"{hidden} pointer{'s are' if hidden > 1 else ' is'} not followed")
    if not all(layer.complete for layer in layers):
        notes.append("more items may have the bytes that are shown: not all were looked for")
    notes += [f"{subject.name} has no bytes" for subject in subjects if not subject.view.nbytes]
    if len(subjects) > 1:
        notes.append(_sharing(stretches))
    return Model(
        title,
        tuple(subject.head for subject in subjects),
        tuple(tuple(axis_notes(subject.view)) for subject in subjects),
        tuple(stretches),
        tuple(_arrows(stretches, groups, pointers)),
        tuple(notes),
    )


def _groups(layers: list[Layer]) -> list[list[Layer]]:
    """Layers whose memory overlaps, together; in the order of pointers, then of the layers."""
    groups: list[list[Layer]] = []
    end = 0
    for layer in sorted(layers, key=lambda layer: layer.low):
        if groups and layer.low < end:
            groups[-1].append(layer)
        else:
            groups.append([layer])
        end = max(end, layer.high)
    return sorted(groups, key=lambda group: (min(x.depth for x in group), min(map(layers.index, group))))


def _stretch(layers: list[Layer], window: Window, budget: Budget) -> Stretch:
    base = min(layer.low for layer in layers)
    high = max(layer.high for layer in layers)
    sources = tuple(sorted({layer.source for layer in layers}))
    lines = []
    for before, number in zip([-1, *window.lines], window.lines, strict=False):
        if number > before + 1:
            lines.append(Line((before + 1) * window.pitch, left_out=number - before - 1))
        start = base + number * window.pitch
        spans = [(start + part.start, min(start + part.stop, high)) for part in window.columns]
        spans = [span for span in spans if span[0] < span[1]]
        owned = [_owned(layers, source, spans, budget) for source in sources]
        panels = tuple(_panel(mine, owned, spans, base, start + window.pitch, high) for mine in owned)
        lines.append(Line(number * window.pitch, panels))
    return Stretch(base, high - base, min(layer.depth for layer in layers), sources, window, tuple(lines))


Owner = tuple[Layer, Index, int]


def _owned(layers: list[Layer], source: int, spans: list[tuple[int, int]], budget: Budget) -> dict[int, list[Owner]]:
    """For each byte in the spans, the items of one object that have it."""
    owned: dict[int, list[Owner]] = {}
    for layer in layers:
        if layer.source == source:
            for start, stop in spans:
                for place, items in layer.owners(start, stop, budget).items():
                    owned.setdefault(place, []).extend((layer, index, byte) for index, byte in items)
    return owned


def _panel(
    mine: dict[int, list[Owner]],
    everyone: list[dict[int, list[Owner]]],
    spans: list[tuple[int, int]],
    base: int,
    end: int,
    high: int,
) -> tuple[Segment, ...]:
    """The segments of one line for one object."""
    segments: list[Segment] = []

    def key(place: int) -> tuple[object, ...]:
        owners = mine.get(place, [])
        shared = len(everyone) > 1 and all(place in owned for owned in everyone)
        # The same item, and the same part of it.
        return tuple((layer, index, _part(layer, byte)) for layer, index, byte in owners), shared

    before = None
    for start, stop in spans:
        if before is not None and start > before:
            segments.append(Segment(before - base, start - base, "left out"))
        for (_, shared), run in groupby(range(start, stop), key):
            places = list(run)
            segments.append(_segment(mine.get(places[0], []), places[0], places[-1] + 1, base, bool(shared)))
        before = stop
    if before is not None and before < min(end, high):
        segments.append(Segment(before - base, min(end, high) - base, "left out"))
    return tuple(segments)


def _part(layer: Layer, byte: int) -> int:
    """The number of the part of an item that has its byte ``byte``."""
    return next(number for number, part in enumerate(layer.parts) if byte < part.stop)


def _segment(owners: list[Owner], start: int, stop: int, base: int, shared: bool) -> Segment:
    if not owners:
        return Segment(start - base, stop - base, "gap")
    layer, _, byte = owners[0]
    part = layer.parts[_part(layer, byte)]
    items = tuple(sorted({owner.prefix + index for owner, index, _ in owners}))
    kind = "pointer" if layer.is_table else "padding" if part.padding and len(owners) == 1 else "value"
    whole = len(owners) == 1 and (byte, stop - start) == (part.start, part.stop - part.start)
    first = any(byte == 0 for _, _, byte in owners)
    name = part.name if len(owners) == 1 else ""
    return Segment(start - base, stop - base, kind, items, name, first, whole, shared)


def _left_out(stretches: list[Stretch]) -> list[str]:
    notes = []
    lines = sum(line.left_out for stretch in stretches for line in stretch.lines)
    if lines:
        notes.append(f"{lines:,} line{'s are' if lines > 1 else ' is'} left out")
    widths = [stretch.window.left_out for stretch in stretches if stretch.window.left_out]
    if widths:
        notes.append(f"{max(widths):,} bytes of each line are left out")
    return notes


def _sharing(stretches: list[Stretch]) -> str:
    """What two objects share, of what is shown."""
    counts = [0, 0]
    shared = 0
    for stretch in stretches:
        for line in stretch.lines:
            for source, panel in zip(stretch.sources, line.panels, strict=False):
                for segment in panel:
                    if segment.items:
                        counts[source] += segment.stop - segment.start
                        shared += (segment.stop - segment.start) * (segment.shared and source == 0)
    shown = " of those shown" if _left_out(stretches) else ""
    if not shared:
        return f"a and b have no byte in common{shown}"
    return f"a and b share {shared} byte{'s' * (shared > 1)}{shown} (a has {counts[0]}, b has {counts[1]})"


def _arrows(stretches: list[Stretch], groups: list[list[Layer]], pointers: list[Pointer]) -> list[Arrow]:
    arrows = []
    described: set[tuple[int, bool]] = set()

    def place(source: int, address: int) -> Place | None:
        for number, stretch in enumerate(stretches):
            offset = address - stretch.base
            if source in stretch.sources and stretch.shows(offset):
                return Place(number, stretch.sources.index(source), offset)
        return None

    for layer in (layer for group in groups for layer in group):
        # Rows behind pointers are alike: the steps are drawn in the first one.
        if (layer.source, layer.is_table) in described:
            continue
        described.add((layer.source, layer.is_table))
        start = (0,) * layer.view.ndim
        for axis, (length, stride) in enumerate(zip(layer.view.shape, layer.view.strides, strict=True)):
            if length < 2 or len(layer.prefix) + axis >= MOST_ARROWS:
                continue
            there = (*start[:axis], 1, *start[axis + 1 :])
            source = place(layer.source, layer.address(start))
            target = place(layer.source, layer.address(there))
            if source and target:
                arrows.append(Arrow(source, target, len(layer.prefix) + axis, f"{stride:+d}"))
    for pointer in pointers:
        source = place(pointer.source, pointer.place)
        target = place(pointer.source, pointer.target)
        if source and target:
            arrows.append(Arrow(source, target, None, f"+{pointer.suboffset}" if pointer.suboffset else ""))
    return arrows
