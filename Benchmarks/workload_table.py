# SPDX-License-Identifier: Apache-2.0
"""The table of workloads: what is measured, and what is to be reached.

A row may take 1.1 times what C takes, compiled beside it, and 1.15 times what the machine's limit is for as many bytes,
transposes of 1 and 2 bytes 1.6 times. No row may be slower than any library by more than noise.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import baselines
import workloads
from memory import Array, filled
from results import LIMIT, C, Goal
from trial import Trial

OVER_C, OVER_LIMIT, OVER_LIMIT_NARROW, TWO_THREADS = 1.1, 1.15, 1.6, 1.8


@dataclass(frozen=True)
class Scale:
    """How large things are. The names of rows are those of the full scale."""

    mebibyte: int = 1 << 20

    def side(self, length: int) -> int:
        """A side of something of several dimensions."""
        return length if self.mebibyte == 1 << 20 else max(3, length // 16)


TINY = Scale(1 << 10)


@dataclass(frozen=True)
class Workload:
    """One row before it is timed."""

    group: str
    name: str
    trial: Callable[[Scale], Trial]
    goal: Goal
    nanoseconds_an_item: bool = False
    pictured: bool = False


def sides(size: int, itemsize: int) -> tuple[int, int]:
    """Rows and columns, powers of two, of a matrix of about so many bytes."""
    count = 1 << int(math.log2(size / itemsize))
    rows = 1 << math.ceil(math.log2(count) / 2)
    return rows, count // rows


def moving(over_limit: float | None = OVER_LIMIT) -> Goal:
    """The goal of whatever moves or converts."""
    return Goal(times={C: OVER_C} if over_limit is None else {C: OVER_C, LIMIT: over_limit})


def transposing(itemsize: int) -> Goal:
    """The goal of a transpose; items of 3 bytes have none beside the limit."""
    return moving({1: OVER_LIMIT_NARROW, 2: OVER_LIMIT_NARROW, 3: None}.get(itemsize, OVER_LIMIT))


def every() -> Iterator[Workload]:
    """All rows, in the order of the table."""
    yield from _contiguous()
    yield from _large_transposes()
    yield from _small_transposes()
    yield from _strides()
    yield from _permutations()
    yield from _equality()
    yield from _conversions()
    yield from _others()
    yield from _to_bytes()
    yield from _threads()


def _transpose(group: str, megabytes: int, itemsize: int, ragged: bool, **more: bool) -> Workload:
    rows, columns = sides(megabytes << 20, itemsize)
    less = (1, 3) if ragged else (0, 0)
    size = rows * columns * itemsize / (1 << 20)

    def trial(scale: Scale) -> Trial:
        rows, columns = sides(megabytes * scale.mebibyte, itemsize)
        return workloads.transpose(rows - less[0], columns - less[1], itemsize)

    shape = f"{rows - less[0]}x{columns - less[1]}"
    return Workload(group, f"{itemsize}-byte items, {shape}, {size:.3g} MiB", trial, transposing(itemsize), **more)


POWERS, OTHERS = (1, 2, 4, 8, 16), (3, 6, 12)


def _contiguous() -> Iterator[Workload]:
    for megabytes in (1, 64):
        yield Workload(
            "contiguous copy",
            f"8-byte items, {megabytes} MiB",
            lambda scale, megabytes=megabytes: workloads.contiguous(megabytes * scale.mebibyte // 8),  # type: ignore[misc]
            moving(),
        )


def _large_transposes() -> Iterator[Workload]:
    for itemsize in (*POWERS, *OTHERS):
        for ragged in (False, True):
            yield _transpose("transpose", 64, itemsize, ragged, pictured=itemsize in POWERS)


def _small_transposes() -> Iterator[Workload]:
    for itemsize in (*POWERS, *OTHERS):
        yield _transpose("transpose in cache", 1, itemsize, False, pictured=itemsize in (1, 4))


def _strides() -> Iterator[Workload]:
    second, back = workloads.every_second, workloads.backwards
    for name, make, itemsize in (("[::2]", second, 1), ("[::2]", second, 4), ("[::-1]", back, 1), ("[::-1]", back, 4)):
        for megabytes in (1, 64):
            yield Workload(
                "strides",
                f"{name}, {itemsize}-byte items, {megabytes} MiB",
                lambda scale, make=make, megabytes=megabytes, itemsize=itemsize: make(  # type: ignore[misc]
                    megabytes * scale.mebibyte // itemsize, itemsize
                ),
                moving(),
                pictured=megabytes == 64,
            )


def _permutations() -> Iterator[Workload]:
    group = "permutations"
    height, width = 1080, 1920
    for name, make in (("HWC to CHW", workloads.to_planes), ("CHW to HWC", workloads.from_planes)):
        yield Workload(
            group,
            f"{name}, 8-bit 1080p image",
            lambda scale, make=make: make(scale.side(height), scale.side(width), 3),  # type: ignore[misc]
            moving(),
            pictured=True,
        )
    for shape in ((8, 56, 56, 64), (8, 224, 224, 3)):
        yield Workload(
            group,
            f"NHWC to NCHW, float32, {shape[3]} channels",
            lambda scale, shape=shape: workloads.permute(  # type: ignore[misc]
                (shape[0], scale.side(shape[1]), scale.side(shape[2]), shape[3]), "f4", (0, 3, 1, 2)
            ),
            moving(),
            pictured=shape[3] == 64,
        )
    for axes in ((2, 1, 0), (2, 0, 1)):
        yield Workload(
            group,
            f"200x200x200 float64, axes {axes}",
            lambda scale, axes=axes: workloads.permute([scale.side(200)] * 3, "f8", axes),  # type: ignore[misc]
            moving(),
            pictured=axes == (2, 1, 0),
        )


def _equality() -> Iterator[Workload]:
    group = "== of equal buffers, beside memcmp"
    for name, first, second, at_most in (
        ("float64", "f8", "f8", 1.3),
        ("bytes", "u1", "u1", 1.3),
        ("float64 with float32", "f8", "f4", 2.0),
    ):
        for megabytes in (1, 64):
            yield Workload(
                group,
                f"{name}, {megabytes} MiB",
                lambda scale, megabytes=megabytes, first=first, second=second: workloads.equal_items(  # type: ignore[misc]
                    megabytes * scale.mebibyte // int(first[1]), first, second
                ),
                Goal(at_most=at_most, times={C: OVER_C}),
                pictured=megabytes == 64,
            )
    for megabytes in (1, 64):
        yield Workload(
            group,
            f"float64, transposed with contiguous, {megabytes} MiB",
            lambda scale, megabytes=megabytes: workloads.equal_transposed(  # type: ignore[misc]
                *sides(megabytes * scale.mebibyte, 8)
            ),
            Goal(at_most=2.0),
            pictured=megabytes == 64,
        )


def _conversions() -> Iterator[Workload]:
    for title, start, end in (
        ("int16 to float32", "i2", "f4"),
        ("uint8 to float32", "u1", "f4"),
        ("float64 to float32", "f8", "f4"),
        ("float16 to float32", "f2", "f4"),
        ("float32 to float16", "f4", "f2"),
    ):
        for size in (1, 64):
            yield Workload(
                "conversions",
                f"{title}, {size} MiB",
                lambda scale, size=size, start=start, end=end: workloads.convert(  # type: ignore[misc]
                    size * scale.mebibyte // max(int(start[1]), int(end[1])), start, end
                ),
                moving(),
                pictured=size == 1,
            )

    for size in (1, 64):
        for title, end, factor in (("int24 to int32", "<i4", None), ("int24 to float32, scaled", "<f4", 2.0**-23)):
            yield Workload(
                "conversions",
                f"{title}, {size} MiB",
                lambda scale, size=size, end=end, factor=factor: workloads.from_24_bits(  # type: ignore[misc]
                    size * scale.mebibyte // 4, end, factor
                ),
                moving(),
            )
        yield Workload(
            "conversions",
            f"float32 to int24, scaled, {size} MiB",
            lambda scale, size=size: workloads.to_24_bits(size * scale.mebibyte // 4, 2.0**23),  # type: ignore[misc]
            moving(),
        )


def _others() -> Iterator[Workload]:
    yield Workload(
        "new memory",
        "fresh contiguous copy, 64 MiB",
        lambda scale: workloads.fresh_copy(64 * scale.mebibyte // 8),
        moving(None),
        pictured=True,
    )
    yield Workload(
        "search (ns an item)",
        "x in view, 1-byte items, a miss, 1 MiB",
        lambda scale: workloads.missing_item(scale.mebibyte),
        moving(None),
        nanoseconds_an_item=True,
    )


def _inside(matrix: Array, margin: int) -> Array:
    return matrix[margin:-margin, margin:-margin]


def _to_bytes() -> Iterator[Workload]:
    group = "tobytes of 1 MiB that is not contiguous"
    goal = Goal(times={baselines.MEMORYVIEW: 0.1})

    def transposed(itemsize: int) -> Callable[[Scale], Trial]:
        return lambda scale: workloads.to_bytes(
            filled(sides(scale.mebibyte, itemsize), workloads.NUMPY_ITEMS[itemsize]).T
        )

    def stepped(step: int, itemsize: int) -> Callable[[Scale], Trial]:
        return lambda scale: workloads.to_bytes(
            filled([abs(step) * scale.mebibyte // itemsize], workloads.NUMPY_ITEMS[itemsize])[::step]
        )

    for itemsize in (1, 2, 4, 8, 16, 3, 12):
        yield Workload(group, f"transposed, {itemsize}-byte items", transposed(itemsize), goal)
    for step, itemsize in ((2, 1), (2, 2), (2, 4), (2, 8), (2, 16), (3, 1), (-1, 1), (-1, 4), (-1, 8)):
        yield Workload(group, f"[::{step}], {itemsize}-byte items", stepped(step, itemsize), goal)
    yield Workload(
        group,
        "[:, ::2] of a matrix, 1-byte items",
        lambda scale: workloads.to_bytes(filled([scale.side(1024), scale.side(2048)], "u1")[:, ::2]),
        goal,
    )
    yield Workload(
        group,
        "a window of a matrix, 4-byte items",
        lambda scale: workloads.to_bytes(_inside(filled([scale.side(600)] * 2, "f4"), scale.side(50))),
        goal,
    )
    yield Workload(
        group,
        "HWC to CHW, 8-bit image",
        lambda scale: workloads.to_bytes(
            filled([scale.side(512), scale.side(683), 3], "u1").transpose(2, 0, 1),
        ),
        goal,
    )
    yield Workload(
        group,
        "three axes reversed, 8-byte items",
        lambda scale: workloads.to_bytes(filled([scale.side(50)] * 3, "f8").T),
        goal,
    )
    yield Workload(
        group,
        "rows behind pointers, 8-byte items",
        lambda scale: workloads.pointers_to_bytes(scale.side(256), scale.side(512)),
        goal,
    )


def _threads() -> Iterator[Workload]:
    group = "two threads"

    def threaded(workload: Workload) -> Workload:
        return Workload(
            group,
            f"{workload.group}, {workload.name}" if workload.name[0].isdigit() else workload.name,
            lambda scale: workloads.with_threads(workload.trial(scale), 2),
            dataclasses.replace(workload.goal, gain=TWO_THREADS),
        )

    for itemsize in (1, 4, 8):
        for ragged in (False, True):
            yield threaded(_transpose("transpose", 64, itemsize, ragged))
    chosen = ("8-byte items, 64 MiB", "[::2], 4-byte items, 64 MiB", "float64 to float32, 64 MiB")
    for workload in (*_contiguous(), *_strides(), *_conversions()):
        if workload.name in chosen:
            yield threaded(workload)
    # A smaller image stays on one thread.
    large = Workload(
        "permutations",
        "HWC to CHW, 8-bit 4K image",
        lambda scale: workloads.to_planes(scale.side(2160), scale.side(3840), 3),
        moving(),
    )
    yield threaded(large)
