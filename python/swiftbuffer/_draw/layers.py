# SPDX-License-Identifier: Apache-2.0
"""Which item owns which byte: the items of a view within a window of memory, found by their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, product

from swiftbuffer import View, capi, from_memory
from swiftbuffer._draw.items import Part, parts_of

__all__ = ["EVERY", "Index", "Layer", "Pointer", "layers_of"]

Index = tuple[int, ...]
"""Of an item; ``EVERY`` along an axis whose stride is 0."""

EVERY = -1

ENOUGH = 3
"""Items looked for at one byte: where more overlap, the picture says so."""
POINTERS = 6
"""Pointers that are followed along the indirect axes; the last one is among them."""


@dataclass(slots=True)
class Budget:
    """How many more parts of views may be looked at, which bounds the time of a drawing."""

    left: int = 4000


@dataclass(eq=False, slots=True)
class Layer:
    """The items of a view whose addresses need no pointer: a view, a part of one, or a table of pointers."""

    view: View
    source: int
    """Which object: 0, or 1 for the second one of two."""
    prefix: Index
    """The indices before the pointer that led here; they come first in the index of an item."""
    depth: int
    """How many pointers were followed."""
    parts: tuple[Part, ...]
    is_table: bool = False
    low: int = 0
    """The address of the lowest byte."""
    high: int = 0
    """The address after the highest byte."""
    complete: bool = True
    """Whether all items in the windows were found."""
    _buffer: capi.Py_buffer = field(init=False)
    _box: tuple[range, ...] = field(init=False)
    _repeated: tuple[bool, ...] = field(init=False)
    _axes: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._buffer = capi.PyObject_GetBuffer(self.view, capi.PyBUF_INDIRECT)
        strides = self.view.strides
        # An item that is repeated is looked for once.
        self._box = tuple(range(n if stride else 1) for n, stride in zip(self.view.shape, strides, strict=True))
        self._repeated = tuple(n > 1 and not stride for n, stride in zip(self.view.shape, strides, strict=True))
        self._axes = sorted(range(len(strides)), key=lambda axis: -abs(strides[axis]))
        self.low = self.address(self._corner(self._box, lowest=True))
        self.high = self.address(self._corner(self._box, lowest=False)) + self.view.itemsize

    def release(self) -> None:
        self._buffer.release()

    def address(self, index: Index) -> int:
        """The address of an item."""
        return capi.PyBuffer_GetPointer(self._buffer, index)

    def _corner(self, box: tuple[range, ...], *, lowest: bool) -> Index:
        """The index of the item with the lowest or the highest address in a box of indices."""
        return tuple(
            indices[0] if (stride >= 0) == lowest else indices[-1]
            for indices, stride in zip(box, self.view.strides, strict=True)
        )

    def owners(self, start: int, stop: int, budget: Budget) -> dict[int, list[tuple[Index, int]]]:
        """For each owned byte from ``start`` to ``stop``: the items there, at most ``ENOUGH``, with the number of the
        byte in the item.

        Divides the indices in halves, and leaves out what lies outside by the addresses of its corners.
        """
        found: dict[int, list[tuple[Index, int]]] = {}
        size = self.view.itemsize
        boxes = [(self._box, self.low, self.high - size)]
        while boxes:
            box, first, last = boxes.pop()
            within = range(max(first, start), min(last + size, stop))
            if not within:
                continue
            if len(found.get(within[0], ())) >= ENOUGH and all(len(found.get(at, ())) >= ENOUGH for at in within):
                continue
            if budget.left <= 0:
                self.complete = False
                break
            budget.left -= 1
            axis = next((axis for axis in self._axes if len(box[axis]) > 1), None)
            if axis is None:
                index = tuple(EVERY if same else n[0] for n, same in zip(box, self._repeated, strict=True))
                for place in within:
                    if len(here := found.setdefault(place, [])) < ENOUGH:
                        here.append((index, place - first))
                continue
            middle = len(box[axis]) // 2
            lower = (*box[:axis], box[axis][:middle], *box[axis + 1 :])
            upper = (*box[:axis], box[axis][middle:], *box[axis + 1 :])
            if self.view.strides[axis] < 0:
                boxes.append((upper, first, self.address(self._corner(upper, lowest=False))))
                boxes.append((lower, self.address(self._corner(lower, lowest=True)), last))
            else:
                boxes.append((upper, self.address(self._corner(upper, lowest=True)), last))
                boxes.append((lower, first, self.address(self._corner(lower, lowest=False))))
        return found


@dataclass(frozen=True, slots=True)
class Pointer:
    """A pointer in a table, and where the memory that it leads to begins."""

    source: int
    place: int
    target: int
    suboffset: int


def layers_of(view: View, source: int) -> tuple[list[Layer], list[Pointer], int]:
    """The layers of a view that has items; the pointers between them; and how many pointers were left out."""
    layers: list[Layer] = []
    pointers: list[Pointer] = []
    parts: list[tuple[Part, ...]] = []
    left_out = _collect(view, source, (), 0, layers, pointers, parts)
    return layers, pointers, left_out


def _collect(
    view: View,
    source: int,
    prefix: Index,
    depth: int,
    layers: list[Layer],
    pointers: list[Pointer],
    parts: list[tuple[Part, ...]],
) -> int:
    axis = next((axis for axis, suboffset in enumerate(view.suboffsets) if suboffset >= 0), None)
    if axis is None:
        # All items have the same parts.
        parts[:] = parts or [parts_of(view)]
        layers.append(Layer(view, source, prefix, depth, parts[0]))
        return 0
    # Pointers along an axis are memory too: a view of addresses, with the strides of the axes up to this one.
    end = axis + 1
    table = from_memory(view.address, shape=view.shape[:end], strides=view.strides[:end], format="P", owner=view)
    layer = Layer(table, source, prefix, depth, (Part(0, table.itemsize, ""),), is_table=True)
    layers.append(layer)
    count = table.size
    followed = count if count <= POINTERS else POINTERS
    left_out = count - followed
    last = tuple(n - 1 for n in table.shape)
    indices: Iterator[Index] = product(*map(range, table.shape))
    if left_out:
        indices = chain(islice(indices, followed - 1), [last])
    for index in indices:
        # A null pointer leads nowhere.
        if len(layers) < 3 * POINTERS and table[index]:
            part = view[(*index, ...)]
            pointers.append(Pointer(source, layer.address(index), part.address, view.suboffsets[axis]))
            left_out += _collect(part, source, prefix + index, depth + 1, layers, pointers, parts)
    return left_out
