# SPDX-License-Identifier: Apache-2.0
"""What threads do to mapped memory that they share: growing a file, closing arrays in use, and a ring."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import swiftbuffer as sb
from array_scenarios import Queue
from scenario import COUNT, Scenario, refused


class QueueInFile(Queue):
    """The same over a mapped file, which ends where the array does."""

    def __init__(self) -> None:
        super().__init__()
        number, path = tempfile.mkstemp()
        os.close(number)
        self.path = Path(path)
        self.array = sb.map_file(path, "q", mode="r+")

    def check(self) -> None:
        super().check()
        assert self.path.read_bytes() == self.array.tobytes()
        self.array.close()
        self.path.unlink()


class Closed(Scenario):
    """Threads close arrays that others read and export: each use sees all items, or that the array is closed."""

    def __init__(self) -> None:
        self.number, self.path = tempfile.mkstemp()
        os.truncate(self.number, COUNT * 4)
        self.arrays = [self.opened(index) for index in range(3)]

    def opened(self, index: int) -> sb.Array:
        if index == 0:
            return sb.map_file(self.path, "i", mode="r+")
        return sb.shared(COUNT, "i") if index == 1 else sb.zeros(COUNT, "i")

    def act(self, number: int, rng: random.Random) -> None:
        refused(lambda: self.use(number, rng), (BufferError, ValueError), "cannot be closed", "released Array")

    def use(self, number: int, rng: random.Random) -> None:
        index = rng.randrange(3)
        array = self.arrays[index]
        if number % 4 == 0:
            array.close()
            self.arrays[index] = self.opened(index)
        elif number % 4 == 1:
            with memoryview(array) as view:
                assert view.tolist() == [0] * COUNT
        elif number % 4 == 2:
            assert array[::2].tolist() == [0] * (COUNT // 2)
            assert array[rng.randrange(COUNT)] == 0
        else:
            assert array.tolist() == [0] * COUNT
            assert array.copy().nbytes == len(array) * 4

    def check(self) -> None:
        for array in self.arrays:
            array.close()
        os.close(self.number)
        Path(self.path).unlink()


class Ringed(Scenario):
    """One thread writes to a ring, one reads, and the others look on: numbers arrive whole and in order."""

    def __init__(self) -> None:
        self.ring = sb.ring(COUNT, "q")
        self.written = 0
        self.read = 0

    def act(self, number: int, rng: random.Random) -> None:
        if number == 0:
            window = self.ring.writable(rng.randrange(2 * COUNT))
            window[...] = range(self.written, self.written + len(window))
            self.written += len(window)
            self.ring.commit(len(window))
        elif number == 1:
            items = self.ring.readable(rng.randrange(2 * COUNT)).tolist()
            assert items == list(range(self.read, self.read + len(items)))
            self.read += len(items)
            self.ring.consume(len(items))
        else:
            assert 0 <= len(self.ring) <= self.ring.capacity
            assert 0 <= self.ring.free <= self.ring.capacity

    def check(self) -> None:
        assert len(self.ring) == self.written - self.read
