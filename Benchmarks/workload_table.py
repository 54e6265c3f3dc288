"""The table of workloads: what is measured, how far C got, and what is to be reached.

`limit` is what C reached, as multiples of memcpy of the same bytes; a row with one is to stay within 1.3 times that. No
row may be slower than any baseline by more than noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import baselines
import workloads
from results import Goal
from workloads import Trial

OVER_LIMIT = 1.3


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


def limit(value: float | None) -> Goal:
    """The goal of whatever moves or converts."""
    return Goal(limit=value, at_most=None if value is None else round(OVER_LIMIT * value, 3))


def every() -> Iterator[Workload]:
    """All rows, in the order of the table."""
    yield from _large_transposes()
    yield from _small_transposes()
    yield from _strides()
    yield from _permutations()
    yield from _equality()
    yield from _conversions()
    yield from _others()
    yield from _to_bytes()
    yield from _threads()


def _transpose(
    group: str, megabytes: int, itemsize: int, ragged: bool, reached: float | None, **more: bool
) -> Workload:
    rows, columns = sides(megabytes << 20, itemsize)
    less = (1, 3) if ragged else (0, 0)
    size = rows * columns * itemsize / (1 << 20)

    def trial(scale: Scale) -> Trial:
        rows, columns = sides(megabytes * scale.mebibyte, itemsize)
        return workloads.transpose(rows - less[0], columns - less[1], itemsize)

    shape = f"{rows - less[0]}x{columns - less[1]}"
    return Workload(group, f"{itemsize}-byte items, {shape}, {size:.3g} MiB", trial, limit(reached), **more)


LARGE = {1: (1.5, 2.7), 2: (1.4, 1.8), 4: (1.2, 1.3), 8: (0.96, 0.86), 16: (0.94, 0.86)}
SMALL = {1: 3.7, 2: 2.0, 4: 2.5, 8: 2.1, 16: 1.4}
ODD = (3, 6, 12)


def _large_transposes() -> Iterator[Workload]:
    for itemsize, reached in LARGE.items():
        for ragged in (False, True):
            yield _transpose("transpose", 64, itemsize, ragged, reached[ragged], pictured=True)
    for itemsize in ODD:
        for ragged in (False, True):
            yield _transpose("transpose", 64, itemsize, ragged, None)


def _small_transposes() -> Iterator[Workload]:
    for itemsize, reached in SMALL.items():
        yield _transpose("transpose in cache", 1, itemsize, False, reached, pictured=itemsize in (1, 4))
    for itemsize in ODD:
        yield _transpose("transpose in cache", 1, itemsize, False, None)


def _strides() -> Iterator[Workload]:
    second, back = workloads.every_second, workloads.backwards
    for name, make, itemsize, reached in (
        ("[::2]", second, 1, (1.25, 1.8)),
        ("[::2]", second, 4, (1.2, 1.6)),
        ("[::-1]", back, 1, (1.2, 1.4)),
    ):
        for megabytes, value in zip((1, 64), reached, strict=True):
            yield Workload(
                "strides",
                f"{name}, {itemsize}-byte items, {megabytes} MiB",
                lambda scale, make=make, megabytes=megabytes, itemsize=itemsize: make(  # type: ignore[misc]
                    megabytes * scale.mebibyte // itemsize, itemsize
                ),
                limit(value),
                pictured=megabytes == 64,
            )


def _permutations() -> Iterator[Workload]:
    group = "permutations"
    height, width = 1080, 1920
    for name, make, reached in (("HWC to CHW", workloads.to_planes, 1.39), ("CHW to HWC", workloads.from_planes, 1.05)):
        yield Workload(
            group,
            f"{name}, 8-bit 1080p image",
            lambda scale, make=make: make(scale.side(height), scale.side(width), 3),  # type: ignore[misc]
            limit(reached),
            pictured=True,
        )
    for shape, value in (((8, 56, 56, 64), 1.28), ((8, 224, 224, 3), None)):
        yield Workload(
            group,
            f"NHWC to NCHW, float32, {shape[3]} channels",
            lambda scale, shape=shape: workloads.permute(  # type: ignore[misc]
                (shape[0], scale.side(shape[1]), scale.side(shape[2]), shape[3]), "f4", (0, 3, 1, 2)
            ),
            limit(value),
            pictured=value is not None,
        )
    for axes in ((2, 1, 0), (2, 0, 1)):
        yield Workload(
            group,
            f"200x200x200 float64, axes {axes}",
            lambda scale, axes=axes: workloads.permute([scale.side(200)] * 3, "f8", axes),  # type: ignore[misc]
            limit(None),
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
                Goal(limit={1: 0.94, 64: 1.0}[megabytes] if name == "float64" else None, at_most=at_most),
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
    for title, start, end, value, megabytes in (
        ("int16 to float32", "i2", "f4", 1.4, (1, 64)),
        ("uint8 to float32", "u1", "f4", 1.7, (1, 64)),
        ("float64 to float32", "f8", "f4", 1.0, (1, 64)),
        ("float16 to float32", "f2", "f4", 1.75, (1,)),
        ("float32 to float16", "f4", "f2", 1.04, (1,)),
    ):
        for size in megabytes:
            yield Workload(
                "conversions",
                f"{title}, {size} MiB",
                lambda scale, size=size, start=start, end=end: workloads.convert(  # type: ignore[misc]
                    size * scale.mebibyte // max(int(start[1]), int(end[1])), start, end
                ),
                limit(value),
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
                limit(None),
            )
        yield Workload(
            "conversions",
            f"float32 to int24, scaled, {size} MiB",
            lambda scale, size=size: workloads.to_24_bits(size * scale.mebibyte // 4, 2.0**23),  # type: ignore[misc]
            limit(None),
        )


def _others() -> Iterator[Workload]:
    yield Workload(
        "new memory",
        "fresh contiguous copy, 64 MiB",
        lambda scale: workloads.fresh_copy(64 * scale.mebibyte // 8),
        limit(3.1),
        pictured=True,
    )
    yield Workload(
        "search (ns an item)",
        "x in view, 1-byte items, a miss, 1 MiB",
        lambda scale: workloads.missing_item(scale.mebibyte),
        Goal(),
        nanoseconds_an_item=True,
    )


def _inside(matrix: workloads.Array, margin: int) -> workloads.Array:
    return matrix[margin:-margin, margin:-margin]


def _to_bytes() -> Iterator[Workload]:
    group = "tobytes of 1 MiB that is not contiguous"
    goal = Goal(times_faster=(baselines.MEMORYVIEW, 10.0))

    def transposed(itemsize: int) -> Callable[[Scale], Trial]:
        return lambda scale: workloads.to_bytes(
            workloads.filled(sides(scale.mebibyte, itemsize), workloads.NUMPY_ITEMS[itemsize]).T
        )

    def stepped(step: int, itemsize: int) -> Callable[[Scale], Trial]:
        return lambda scale: workloads.to_bytes(
            workloads.filled([abs(step) * scale.mebibyte // itemsize], workloads.NUMPY_ITEMS[itemsize])[::step]
        )

    for itemsize in (1, 2, 4, 8, 16, 3, 12):
        yield Workload(group, f"transposed, {itemsize}-byte items", transposed(itemsize), goal)
    for step, itemsize in ((2, 1), (2, 2), (2, 4), (2, 8), (2, 16), (3, 1), (-1, 1), (-1, 4), (-1, 8)):
        yield Workload(group, f"[::{step}], {itemsize}-byte items", stepped(step, itemsize), goal)
    yield Workload(
        group,
        "[:, ::2] of a matrix, 1-byte items",
        lambda scale: workloads.to_bytes(workloads.filled([scale.side(1024), scale.side(2048)], "u1")[:, ::2]),
        goal,
    )
    yield Workload(
        group,
        "a window of a matrix, 4-byte items",
        lambda scale: workloads.to_bytes(_inside(workloads.filled([scale.side(600)] * 2, "f4"), scale.side(50))),
        goal,
    )
    yield Workload(
        group,
        "HWC to CHW, 8-bit image",
        lambda scale: workloads.to_bytes(
            workloads.filled([scale.side(512), scale.side(683), 3], "u1").transpose(2, 0, 1),
        ),
        goal,
    )
    yield Workload(
        group,
        "three axes reversed, 8-byte items",
        lambda scale: workloads.to_bytes(workloads.filled([scale.side(50)] * 3, "f8").T),
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
            f"{'transpose, ' if workload.group == 'transpose' else ''}{workload.name}",
            lambda scale: workloads.with_threads(workload.trial(scale), 2),
            Goal(),
        )

    for itemsize in (1, 4, 8):
        for ragged in (False, True):
            yield threaded(_transpose("transpose", 64, itemsize, ragged, None))
    chosen = ("[::2], 4-byte items, 64 MiB", "float64 to float32, 64 MiB")
    for workload in (*_strides(), *_conversions()):
        if workload.name in chosen:
            yield threaded(workload)
    # A smaller image stays on one thread.
    large = Workload(
        "permutations",
        "HWC to CHW, 8-bit 4K image",
        lambda scale: workloads.to_planes(scale.side(2160), scale.side(3840), 3),
        Goal(),
    )
    yield threaded(large)
