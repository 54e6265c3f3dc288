# SPDX-License-Identifier: Apache-2.0
"""The machine's limit: the fastest way found to move as many contiguous bytes as a workload reads and writes."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Iterator

import native
from memory import filled, ready
from native import Call

# What is larger than this is measured against the limit. Caches of the third level have 32 MiB and more, and both sides
# of a copy want a place there.
LARGE = 32 << 20


def ways(size: int, threads: int) -> dict[str, Call]:
    """Every way to copy `size` bytes, by its name."""
    source, destination = filled([size], "u1"), ready([size], "u1")
    return {
        f"C: {name}": native.call("copies", "move", ctypes.c_int(way), destination, source, size, ctypes.c_int(threads))
        for way, name in enumerate(_names())
    }


def _names() -> Iterator[str]:
    name = native.library("copies").way_name
    name.restype = ctypes.c_char_p
    way = 0
    while found := name(way):
        yield found.decode()
        way += 1


@functools.lru_cache(maxsize=4)
def fastest(size: int, threads: int) -> tuple[str, Call]:
    """The fastest way for so many bytes, and its name."""
    return native.fastest(ways(size, threads))
