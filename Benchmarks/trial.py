# SPDX-License-Identifier: Apache-2.0
"""One workload, ready to be timed: what each library is asked to do, and the answer that all are to give."""

from __future__ import annotations

import ctypes
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy

import baselines
from baselines import torch
from measure import Clock, clock
from memory import Array, filled, ready
from native import Call

MEMCPY, MEMCMP = "memcpy", "memcmp"


@dataclass
class Trial:
    """One workload, ready to be timed."""

    reference: str
    size: int
    answer: object  # what a competitor returns or leaves in the destination: an array, a truth
    destination: Array | None = None
    calls: dict[str, Call] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)  # who returns new memory and leaves the destination alone
    threads: dict[str, int] = field(default_factory=dict)
    reference_call: Call | None = None
    # The ways in which C does it, and how many bytes it reads and writes if that is what it costs.
    in_c: Callable[[], dict[str, Call]] = dict
    traffic: int = 0
    # What has no answer: the machine's limit, by the name of its column.
    limits: dict[str, Call] = field(default_factory=dict)

    def check(self) -> dict[str, float]:
        """Makes every call once and returns how long that took; raises if an answer is not NumPy's."""
        took: dict[str, float] = {}
        for name, call in self.calls.items():
            if self.destination is not None:
                self.destination.reshape(-1).view("u1")[:] = 0xA5
            baselines.set_threads(self.threads.get(name, 1))
            started = time.perf_counter()
            returned = call()
            took[name] = (time.perf_counter() - started) * 1e9
            found = returned if self.destination is None or name in self.fresh else self.destination
            if not _same(found, self.answer):
                raise AssertionError(f"{name} does not give NumPy's answer")
        return took

    def clocks(self) -> dict[str, Clock]:
        """What there is to time, the reference first."""
        reference = self.reference_call or _reference(self.reference, self.size)
        if not self.threads:
            baselines.set_threads(1)
            every = {self.reference: reference, **self.calls, **self.limits}
            return {name: clock(call) for name, call in every.items()}
        return {self.reference: clock(reference, elapsed=True)} | {
            name: _threaded(clock(call, elapsed=True), self.threads.get(name, 1))
            for name, call in {**self.calls, **self.limits}.items()
        }


def _threaded(timed: Clock, count: int) -> Clock:
    def clock_with_threads(number: int) -> float:
        baselines.set_threads(count)
        # The threads of who came before wait for more to do for a while, and take a CPU for that.
        time.sleep(0.01)
        return timed(number)

    return clock_with_threads


def _same(found: object, answer: object) -> bool:
    if isinstance(answer, bool):
        return found is answer
    assert isinstance(answer, numpy.ndarray)
    if torch is not None and isinstance(found, torch.Tensor):
        found = found.numpy()
    given = _bytes_of(numpy.frombuffer(found, "u1") if isinstance(found, bytes) else numpy.asarray(found))
    right = _bytes_of(answer)
    # In parts, since the truth of every byte is as large as the bytes.
    part = 1 << 24
    return given.size == right.size and all(
        numpy.array_equal(given[start : start + part], right[start : start + part])
        for start in range(0, right.size, part)
    )


def _bytes_of(array: Array) -> Array:
    return numpy.ascontiguousarray(array).reshape(-1).view("u1")


def _reference(name: str, size: int) -> Callable[[], object]:
    if name == MEMCPY:
        # Assignment to a contiguous memoryview, `numpy.copyto` and `ctypes.memmove` all end in the C library's memmove,
        # which is its memcpy. memoryview has the least around it: 4 % less time at 1 MiB than ctypes, 1 % at 64 MiB.
        source, destination = memoryview(filled([size], "u1")), memoryview(ready([size], "u1"))
        return functools.partial(destination.__setitem__, slice(None), source)
    first = filled([size], "u1")
    return memcmp_of(first, first.copy())


def memcmp_of(first: Array, second: Array) -> Callable[[], object]:
    """The C library's memcmp of two arrays."""
    memcmp = ctypes.CDLL(None).memcmp
    a, b, size = ctypes.c_void_p(first.ctypes.data), ctypes.c_void_p(second.ctypes.data), ctypes.c_size_t(first.nbytes)
    if memcmp(a, b, size) != 0:
        raise AssertionError("memcmp is timed on equal memory")
    call = functools.partial(memcmp, a, b, size)
    # What is known only by its address is to stay.
    call.__dict__["memory"] = first, second
    return call
