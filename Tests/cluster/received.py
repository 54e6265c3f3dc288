# SPDX-License-Identifier: Apache-2.0
"""Where a process has received memory: noted by the connections of Dask, or read from the list of mappings for Ray.

The tests compare the address of an array with these places. A copy would be elsewhere, since what was received is still
there while it is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy

import swiftbuffer as sb

# 64 MiB.
COUNT = 1 << 23


def numbers(readonly: bool = False) -> sb.Array:
    """64 MiB of doubles, no two of which are equal."""
    return sb.array(numpy.arange(COUNT, dtype="d"), readonly=readonly)


def are_numbers(array: Any, first: float = 0.0) -> bool:
    """Whether these are the items of `numbers`, but for the first."""
    seen = numpy.asarray(array)
    return bool(seen[0] == first and numpy.array_equal(seen[1:], numpy.arange(1, COUNT, dtype="d")))


def watch() -> Callable[[int, int], bool]:
    """Has the connections of Dask in this process note where they put what they receive. Returns a function that tells
    whether so many bytes at an address are part of that."""
    from distributed.comm import tcp

    if hasattr(tcp, "is_received"):
        return tcp.is_received  # type: ignore[no-any-return]
    places: list[range] = []
    make = tcp.host_array

    def noted(count: int) -> memoryview:
        block = make(count)
        start = numpy.frombuffer(block, "B").ctypes.data
        places.append(range(start, start + count))
        return block

    def is_received(address: int, count: int) -> bool:
        return any(address in place and address + count <= place.stop for place in places)

    tcp.host_array = noted
    tcp.is_received = is_received
    return is_received


def mapping(address: int) -> str:
    """The file that is mapped at an address, "" for none."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        start, stop = (int(word, 16) for word in line.split()[0].split("-"))
        if start <= address < stop:
            return " ".join(line.split()[5:])
    raise AssertionError("no memory there")


def in_store(address: int) -> bool:
    """Whether that is the memory that Ray's object store shares with all its processes."""
    return "plasma" in mapping(address)


def sums(parts: Iterable[Any]) -> list[float]:
    """The sum of each part, which NumPy adds up."""
    return [float(numpy.asarray(part).sum()) for part in parts]
