# SPDX-License-Identifier: Apache-2.0
"""The workloads of workloads.py in hand-written C (`native/`): for each, the ways to do it, from which the fastest is
taken. None where C has no way."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import native
from native import Array, Call

# As in transpose.c.
STREAM, COLUMNS, SCRATCH, STAGED, ACROSS, CARRY, SIZE = 1, 2, 4, 8, 16, 32, 8


def _ways_to_transpose(large: bool) -> Iterator[int]:
    yield from (0, COLUMNS, SCRATCH, COLUMNS | 4 << SIZE, COLUMNS | 8 << SIZE, 4 << SIZE)
    yield from (STAGED, STAGED | ACROSS)
    if large:
        yield from (STREAM, STREAM | COLUMNS, STREAM | SCRATCH, STREAM | COLUMNS | 8 << SIZE, STREAM | 8 << SIZE)
        yield from (STAGED | 8 << SIZE, STAGED | ACROSS | 2 << SIZE, STAGED | ACROSS | 8 << SIZE)
        yield from (CARRY, CARRY | SCRATCH, CARRY | 4 << SIZE, CARRY | SCRATCH | 4 << SIZE)


def transposes(
    destination: Array, source: Array, count: int, rows: int, columns: int, itemsize: int, large: bool | None = None
) -> dict[str, Call]:
    """`count` matrices that follow each other, each to its transpose. Ways for `large` ones are left out for others."""
    if itemsize not in (1, 2, 4, 8, 16):
        return {}
    shape = (destination, source, count, rows, columns, ctypes.c_int(itemsize))
    return {
        str(way): native.call("transpose", "transpose", *shape, ctypes.c_int(way))
        for way in _ways_to_transpose(source.nbytes >= 4 << 20 if large is None else large)
    }


def _both(name: str, function: str, *arguments: object) -> dict[str, Call]:
    return {
        title: native.call(name, function, *arguments, ctypes.c_int(way))
        for way, title in enumerate(("ordinary stores", "non-temporal stores"))
    }


def strided(destination: Array, view: Array) -> dict[str, Call]:
    """A view of one dimension."""
    itemsize = view.dtype.itemsize
    if itemsize not in (1, 2, 4, 8):
        return {}
    step = view.strides[0] // itemsize
    return _both("elements", "strided", destination, view, view.size, ctypes.c_int(itemsize), step)


def planes(destination: Array, source: Array, count: int, to_planes: bool) -> dict[str, Call]:
    """An image of three 8-bit channels."""
    return _both("elements", "to_planes" if to_planes else "from_planes", destination, source, count)


def conversions(destination: Array, source: Array) -> dict[str, Call]:
    """Numbers of one format as another, where C has it."""
    name = f"{source.dtype.str[1:]} {destination.dtype.str[1:]}".encode()
    which = native.library("elements").conversion(name)
    return {} if which < 0 else _both("elements", "convert", ctypes.c_int(which), destination, source, source.size)


def equal(first: Array, second: Array) -> dict[str, Call]:
    """Doubles beside doubles or floats."""
    names = first.dtype.str[1:], second.dtype.str[1:]
    if names not in (("f8", "f8"), ("f8", "f4")) or not (first.flags.c_contiguous and second.flags.c_contiguous):
        return {}
    function = f"equal_{names[0]}_{names[1]}"
    return {"": native.call("elements", function, first, second, first.size, result=ctypes.c_bool)}


def contains_byte(source: Array, byte: int) -> dict[str, Call]:
    """The C library's memchr."""
    function = "contains_byte"
    return {"": native.call("elements", function, source, ctypes.c_int(byte), source.size, result=ctypes.c_bool)}


def fresh_copies(source: Array) -> dict[str, Call]:
    """A copy in new memory, which is given back."""
    return _both("elements", "fresh_copy", source, source.nbytes)
