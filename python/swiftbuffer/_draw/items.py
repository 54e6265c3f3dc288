# SPDX-License-Identifier: Apache-2.0
"""What the bytes of one item are: fields by name, values without a name, and padding.

Nothing is parsed here. Where fields are is answered by the views of them; which bytes are padding, by an assignment,
which leaves padding as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby, islice, product

from swiftbuffer import View
from swiftbuffer._core import format_size

__all__ = ["Part", "first_item", "parts_of"]

LARGEST = 4096
"""Bytes of the largest item whose padding is looked for."""
MOST_FIELDS = 128
MOST_ELEMENTS = 16
"""Elements of an array inside of an item that are shown one by one."""


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of an item that are one field, one value without a name, or padding."""

    start: int
    stop: int
    name: str = ""
    """Such as ``"x"``, ``"corner.x"`` or ``"data[2]"``; fields that share the bytes are joined by ``|``."""
    padding: bool = False


def first_item(view: View) -> View:
    """A view without dimensions of the first item, which must exist."""
    part: View = view[(0,) * view.ndim + (...,)]
    return part


def parts_of(view: View) -> tuple[Part, ...]:
    """The parts of an item of ``view``, in the order of memory; they cover it. The view must have an item."""
    size = view.itemsize
    item = first_item(view)
    fields: list[tuple[str, int, int]] = []
    # A format that does not describe the items has no fields.
    with suppress(NotImplementedError, ValueError):
        fields += islice(_fields(item, "", item.address), MOST_FIELDS)
    if size > LARGEST:
        return (Part(0, size),) if not fields else _top_fields(fields, size)
    names: list[list[str]] = [[] for _ in range(size)]
    for name, start, stop in fields:
        for place in range(max(start, 0), min(stop, size)):
            names[place].append(name)
    padding = _padding(item)
    keys = ["" if padding[place] else "|".join(dict.fromkeys(names[place])) for place in range(size)]
    # Neighbours of one name are one part: no two fields have the same path.
    parts = []
    for (name, padded), places in groupby(range(size), lambda place: (keys[place], padding[place])):
        run = list(places)
        parts.append(Part(run[0], run[-1] + 1, name, padded))
    return tuple(parts)


def _top_fields(fields: list[tuple[str, int, int]], size: int) -> tuple[Part, ...]:
    """Fields of a large item, in order; what is between them has no name."""
    parts = []
    end = 0
    for name, start, stop in sorted(fields, key=lambda field: field[1:]):
        if start < end or stop > size:
            continue
        if start > end:
            parts.append(Part(end, start))
        parts.append(Part(start, stop, name))
        end = stop
    if end < size:
        parts.append(Part(end, size))
    return tuple(parts)


def _fields(item: View, path: str, origin: int) -> Iterator[tuple[str, int, int]]:
    """The innermost fields of an item without dimensions: path, start and stop."""
    place = item.address - origin
    for name, (text, offset) in item.fields.items():
        inner = f"{path}.{name}" if path else name
        try:
            field = item[name]
        except NotImplementedError:
            # Bits, which no view shows.
            yield inner, place + offset, place + offset + format_size(text)
            continue
        if not field.nbytes:
            continue
        few = field.ndim > 0 and field.size <= MOST_ELEMENTS
        for index in product(*map(range, field.shape)) if few else [None]:
            element = field if index is None else field[(*index, ...)]
            here = inner if not index else f"{inner}[{','.join(map(str, index))}]"
            if element.names and element.ndim == 0:
                yield from _fields(element, here, origin)
            else:
                start = element.address - origin
                yield here, start, start + element.nbytes


def _padding(item: View) -> list[bool]:
    """For each byte of an item, whether it is padding: whether an assignment leaves it as it is."""
    with suppress(NotImplementedError, ValueError, TypeError):
        target, source = item.copy(), item.copy()
        target.reshape((1,)).cast("B").fill(255)
        source.reshape((1,)).cast("B").fill(0)
        target.copy_from(source)
        return [byte == 255 for byte in target.reshape((1,)).cast("B")]
    return [False] * item.itemsize
