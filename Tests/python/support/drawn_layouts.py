# SPDX-License-Identifier: Apache-2.0
"""Twenty layouts whose pictures are kept in `Tests/python/draw/golden`."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import swiftbuffer as sb
from swiftbuffer import View, testing

Objects = tuple[Any, ...]


def table(rows: int = 3, columns: int = 4, format: str = "h") -> sb.Array:  # noqa: A002
    return sb.array([[row * columns + column for column in range(columns)] for row in range(rows)], format)


def padded_rows() -> View:
    """An image whose rows have 16 bytes, of which 12 are pixels."""
    return View(bytearray(64)).cast("B", (4, 16))[:, :12]


def planes(rows: int = 3) -> Any:
    """Rows that are reached by pointers."""
    return testing.ndarray(list(range(rows * 4)), shape=[rows, 4], format="h", flags=testing.ND_PIL)


def halves() -> Objects:
    """Two parts of one table that overlap."""
    both = View(table())
    return both[:2], both[1:, ::2]


LAYOUTS: dict[str, Callable[[], Objects]] = {
    "one axis": lambda: (sb.array(range(6), "i"),),
    "rows": lambda: (table(),),
    "transposed": lambda: (table().T,),
    "fortran order": lambda: (sb.array([[1, 2, 3], [4, 5, 6]], "i", order="F"),),
    "three axes": lambda: (sb.zeros((2, 3, 4), "B"),),
    "every other column": lambda: (View(table())[:, ::2],),
    "backwards": lambda: (View(table())[::-1, ::-1],),
    "repeated rows": lambda: (View(sb.array([1, 2, 3], "h")).broadcast_to((4, 3)),),
    "sliding windows": lambda: (View(sb.array(range(6), "h")).as_strided((3, 4), (2, 2)),),
    "items that overlap in part": lambda: (View(bytes(12)).cast("i").as_strided((4,), (2,)),),
    "padded rows": lambda: (padded_rows(),),
    "records": lambda: (sb.zeros(3, "T{b:tag:d:x:h:y:}"),),
    "records in records": lambda: (sb.zeros(2, "T{T{h:x:h:y:}:from:(3)B:rgb:x(2)T{b:lo:b:hi:}:ends:}"),),
    "one field": lambda: (sb.zeros(3, "T{b:tag:d:x:h:y:}")["y"],),
    "bit fields": lambda: (sb.zeros(2, "T{B:id:3t:kind:5t:level:H:size:}"),),
    "pointers to rows": lambda: (planes(),),
    "pointers to parts of rows": lambda: (View(planes())[::-1, 1:3],),
    "a large image": lambda: (sb.zeros((480, 640, 3), "B"),),
    "no items": lambda: (sb.zeros((0, 3), "d"),),
    "one item": lambda: (ctypes.c_double(1.5),),
    "two views of one memory": halves,
    "two objects apart": lambda: (table(2, 2), b"abc"),
}


def nv12() -> Objects:
    """The second plane of an NV12 frame with padded rows, and the values of v in it."""
    frame = sb.frame_planes(bytearray(48), "NV12", 6, 4, strides=8)
    return frame.uv, frame.v


def red_channel() -> Objects:
    """A part of an RGB image, and its red values."""
    image = sb.zeros((4, 6, 3), "B")
    return image[:2, :3], image[:2, :3, 0]


def message() -> Objects:
    """The length of a message in a buffer, and its five bytes."""
    buffer = View(bytes(16))
    return buffer[:4].cast(">I"), buffer[4:9]


def exchanged_strides() -> Objects:
    """Three rows of four pixels, and what an exporter shows of them that steps from row to row by their number."""
    image = View(bytearray(12)).cast("B", (3, 4))
    return image, image.as_strided((3, 4), (3, 1))


def part_of_a_file() -> Objects:
    """Eight floats of a file, and the four of them that are converted at once."""
    samples = sb.zeros(8, ">f")
    return samples, samples[:4]


def mirrored_rows() -> Objects:
    """The exporter of the test kit whose rows lie from right to left."""
    return tuple(case.exporter for case in testing.exporters() if case.name == "negative_inner_stride")


def exported_line() -> Objects:
    """An array, and a memoryview of it."""
    line = sb.array([1, 2, 3])
    return line, memoryview(line)


def shared_row() -> Objects:
    """The image in a segment, and the row that the other process writes."""
    image = sb.zeros((2, 3), "f")
    return image, image[1]


# Those of docs/cookbook.
RECIPES: dict[str, Callable[[], Objects]] = {
    "recipe nv12": nv12,
    "recipe yuyv": lambda: (sb.frame_planes(bytearray(32), "YUYV", 6, 2, strides=16).y,),
    "recipe handover": red_channel,
    "recipe audio": lambda: (View(bytes(18)).cast("<m", (3, 2)),),
    "recipe images": lambda: (View(bytearray(60)).cast("B", (3, 5, 3), strides=(20, 3, 1)),),
    "recipe records": lambda: (sb.zeros(3, "T{<I:id:<d:time:<h:value:}"),),
    "recipe messages": message,
    "recipe big-endian": part_of_a_file,
    "recipe consumer": mirrored_rows,
    "recipe exporter": exchanged_strides,
    "recipe exports": exported_line,
    "recipe processes": shared_row,
}
