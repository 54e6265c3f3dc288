# SPDX-License-Identifier: Apache-2.0
"""Which part of memory a picture shows: how long its lines are, and which lines and columns of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from swiftbuffer._draw.layers import Layer

__all__ = ["Window", "window_of"]

SHORT = 12
"""Bytes of the shortest stride that makes a line by itself, unless there are few lines."""
UNIT = 8
"""Bytes of the shortest structure that makes a line by itself."""
LINE = 32
"""Bytes of a line where no stride suggests a length."""


@dataclass(frozen=True, slots=True)
class Window:
    """The lines that are shown, by their number, and the columns of each."""

    pitch: int
    """Bytes from one line to the next."""
    lines: tuple[int, ...]
    columns: tuple[range, ...]

    @property
    def left_out(self) -> int:
        """How many bytes of each line are not shown."""
        return self.pitch - sum(map(len, self.columns))


def window_of(layers: Sequence[Layer], width: int | None, most_lines: int, most_columns: int) -> Window:
    """The window on the memory of some layers, at most so many lines and columns."""
    base = min(layer.low for layer in layers)
    size = max(layer.high for layer in layers) - base
    pitch = min(width or _pitch(layers, size, most_lines, most_columns), size)
    count = -(-size // pitch)
    ends = list(dict.fromkeys((layer.low - base, layer.high - 1 - base) for layer in layers))
    lines = _chosen([(low // pitch, high // pitch) for low, high in ends], count, most_lines, 1)
    itemsize = max(layer.view.itemsize for layer in layers)
    unit = itemsize if itemsize <= most_columns // 4 else 1
    # Several layers may each begin within a line.
    several = len(ends) > 1 and count > 1
    places = [(low % pitch, high % pitch) for low, high in ends] if several else [(0, pitch - 1)]
    columns = _chosen(places, pitch, most_columns, unit)
    return Window(pitch, lines, tuple(_runs(columns)))


def _pitch(layers: Sequence[Layer], size: int, most_lines: int, most: int) -> int:
    """The length of a line: a stride, so that equal indices stand below each other."""
    layer = layers[0]
    itemsize = layer.view.itemsize
    if layer.is_table:
        # One pointer a line, with arrows to the right.
        return min((abs(stride) for stride in layer.view.strides if stride), default=itemsize)
    if len(layer.parts) > 1 and itemsize >= UNIT:
        # One structure a line, unless a stride is longer.
        return min((abs(stride) for stride in layer.view.strides if abs(stride) >= itemsize), default=itemsize)
    steps = sorted(
        abs(stride)
        for length, stride in zip(layer.view.shape, layer.view.strides, strict=True)
        if length > 1 and abs(stride) > itemsize
    )
    fitting = [step for step in steps if step <= most and (step >= SHORT or size <= step * most_lines)]
    longer = [step for step in steps if step > most]
    if fitting:
        return fitting[-1]
    if longer:
        return longer[0]
    unit = steps[-1] if steps else itemsize
    line = min(LINE, most // 8 * 8 or most)
    return line // unit * unit if unit <= line else unit


def _chosen(ends: list[tuple[int, int]], count: int, most: int, unit: int) -> tuple[int, ...]:
    """Numbers below ``count``, at most ``most``: all, or those near the first and the last of each pair."""
    if count <= most:
        return tuple(range(count))
    share = max(1, most // len(ends))
    after = max(1, share // 4 // unit * unit)
    before = max(1, (share - after) // unit * unit)
    numbers: set[int] = set()
    for first, last in ends:
        for near in (range(first, first + before), range(last - after + 1, last + 1)):
            numbers.update(number for number in near if 0 <= number < count)
        if len(numbers) >= most:
            break
    # Nothing is gained by leaving out a single one.
    numbers.update(number + 1 for number in list(numbers) if number + 2 in numbers)
    return tuple(sorted(numbers))


def _runs(numbers: Sequence[int]) -> list[range]:
    """Numbers in order as ranges."""
    runs: list[range] = []
    for number in numbers:
        if runs and runs[-1].stop == number:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
    return runs
