# SPDX-License-Identifier: Apache-2.0
"""Other processes. The functions that run there can be imported there."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import swiftbuffer as sb
from exchanges.cells import COPY, IN, OUT, Cells, Row, Taken, formats, same, sample, yes
from exchanges.common import Late, np, row, where

joblib = Late("joblib")


def mapping(address: int) -> str:
    """The file that this process has mapped at an address."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        start, stop = (int(word, 16) for word in line.split()[0].split("-"))
        if start <= address < stop:
            return " ".join(line.split()[5:])
    return ""


@dataclass(frozen=True)
class Seen:
    """What a function in another process finds."""

    file: str
    received: bool
    readonly: bool
    items: Any
    process: int


def seen(array: Any) -> Seen:
    watch = globals().get("is_received", lambda _: False)
    return Seen(mapping(array.address), watch(array.address), array.readonly, array.tolist(), os.getpid())


@dataclass(frozen=True)
class Moved:
    """An array in another process. `send` gives what is seen there; `shares` tells whether the memory there is what has
    arrived, and not a copy of it."""

    send: Callable[[Any], Seen]
    shares: Callable[[Seen], bool]
    make: Callable[[str, bool], Any] = lambda format_, readonly: sample(format_, readonly=readonly)
    words: str = "yes"
    # Whoever has it there keeps what has arrived.
    pinned: str = "yes"

    def __call__(self) -> Cells:
        shares = self.shares(self.send(self.make("d", False)))
        readonly = self.send(self.make("d", True)).readonly
        pinned = self.pinned if shares else COPY
        return Cells(self.words if shares else "copies", pinned, yes(readonly), formats(self.passes))

    def passes(self, format_: str) -> bool:
        array = self.make(format_, False)
        found = self.send(array)
        return same(found.items, array.tolist()) and found.process != os.getpid()


# -- joblib and multiprocessing ---------------------------------------------------------------------------------------


def as_numpy(array: Any) -> tuple[Any, ...]:
    """How joblib takes an array apart: NumPy's of the same memory, which it maps, and a View of that."""
    return sb.View, (np.asarray(array),)


# One dictionary, so that joblib keeps its workers from one call to the next.
REDUCERS: dict[type, Any] = {sb.Array: as_numpy}


def with_joblib(array: Any) -> Seen:
    calls = [joblib.delayed(seen)(array)]
    (found,) = joblib.Parallel(2, max_nbytes=0, forward_reducers=REDUCERS)(calls)
    return found  # type: ignore[no-any-return]


def dumped(array: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        joblib.dump(np.asarray(array), Path(folder, "file"))
        # The map outlives the file.
        return joblib.load(Path(folder, "file"), mmap_mode="r")


@functools.cache
def pool() -> Any:
    return multiprocessing.get_context("spawn").Pool(1)


def with_pool(array: Any) -> Seen:
    return pool().apply(seen, (array,))  # type: ignore[no-any-return]


def segment(format_: str, readonly: bool) -> Any:
    source = sample(format_)
    array = sb.shared(source.shape, format_)
    array[...] = source
    if not readonly:
        return array
    kept.append(array)
    return sb.shared(source.shape, format_, name=array.name, create=False, readonly=True)


# The arrays that made segments, which end with them.
kept: list[Any] = []


@contextlib.contextmanager
def memory(source: Any) -> Iterator[tuple[SharedMemory, Any]]:
    """A segment that holds the items of an array, and a view of them."""
    shared = SharedMemory(create=True, size=source.nbytes)
    assert shared.buf is not None
    view = sb.View(shared.buf)[: source.nbytes].cast(source.format)
    view[...] = source
    try:
        yield shared, view
    finally:
        view.release()
        del view
        shared.unlink()
        shared.close()


def from_segment() -> Cells:
    """A view of what `SharedMemory` offers as a buffer."""

    def shown(format_: str) -> bool:
        source = sample(format_)
        with memory(source) as (_, view):
            return same(view.tolist(), source.tolist())

    with memory(sample("d")) as (shared, view):
        shares = view.address == np.frombuffer(shared.buf, "B").ctypes.data
        try:
            shared.close()
            pinned = False
        except BufferError:
            pinned = True
    with memory(sample("d")) as (shared, _):
        assert shared.buf is not None
        readonly = sb.View(shared.buf.toreadonly()).readonly
    return Cells(yes(shares), yes(pinned), yes(readonly), formats(shown))


def close() -> None:
    """Ends what the rows have started."""
    if pool.cache_info().currsize:
        pool().close()
        pool().join()
    for array in kept:
        array.close()
    kept.clear()


ROWS: list[Row] = [
    row(
        "joblib",
        OUT,
        "`Parallel(…, forward_reducers=…)`",
        Moved(with_joblib, lambda found: "joblib" in found.file, words="a mapped file", pinned="yes"),
        imports="joblib numpy",
    ),
    row(
        "joblib",
        IN,
        "`View(joblib.load(file, mmap_mode='r'))`",
        Taken(dumped, sb.View, where, dumped),
        imports="joblib numpy",
    ),
    row(
        "multiprocessing",
        OUT,
        "an argument",
        Moved(with_pool, lambda found: found.received),
        "",
    ),
    row(
        "multiprocessing",
        OUT,
        "an argument, of `shared`",
        Moved(with_pool, lambda found: found.file.startswith("/dev/shm/"), segment),
        "",
    ),
    row("multiprocessing", IN, "`View(SharedMemory(…).buf)`", from_segment, "", "multiprocessing numpy"),
]
