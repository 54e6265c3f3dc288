# SPDX-License-Identifier: Apache-2.0
"""What threads do to views, iterators, buffers and exporters that they share, and to what these remember."""

from __future__ import annotations

import contextlib
import copy
import gc
import queue
import random
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any

import swiftbuffer as sb
from scenario import COUNT, Scenario, assert_free, refused
from swiftbuffer import capi, testing

RELEASED = "released"


class Views(Scenario):
    """Views that are released under the feet of who uses them: each use gives what is there, or says that the view is
    released. When all are gone the array is free."""

    def __init__(self) -> None:
        self.array = sb.array(list(range(COUNT)), "q")
        self.expected = self.array.tobytes()
        self.shared = [sb.View(self.array) for _ in range(8)]
        # Each thread writes two items of its own.
        self.written = sb.zeros(2 * 64, "q")
        self.writers = [sb.View(self.written) for _ in range(8)]

    def act(self, number: int, rng: random.Random) -> None:
        place = rng.randrange(len(self.shared))
        view = self.shared[place]
        writer = self.writers[place]
        own = slice(2 * number, 2 * number + 2)
        uses = [
            lambda: self.same(view[place], place),
            lambda: self.same(view[-1], COUNT - 1),
            lambda: self.same(view[3:9].tolist(), [3, 4, 5, 6, 7, 8]),
            lambda: self.same(view[::-1][0], COUNT - 1),
            lambda: self.same(view[:, None].shape, (COUNT, 1)),
            lambda: self.same(view.tobytes(), self.expected),
            lambda: self.same(view.tolist()[5], 5),
            lambda: self.same(list(view)[7], 7),
            lambda: self.same(sum(view), sum(range(COUNT))),
            lambda: self.same(view.cast("B").nbytes, 8 * COUNT),
            lambda: self.same(view.cast("q", (8, 8))[1, 1], 9),
            lambda: self.same(view.reshape((8, 8)).T[0, 1], 8),
            lambda: self.same(view.astype("d")[2], 2.0),
            lambda: self.same(copy.copy(view).tobytes(), self.expected),
            lambda: self.same(sb.View(view)[4], 4),
            lambda: self.same(memoryview(view)[6], 6),
            lambda: self.same(len(view), COUNT),
            lambda: self.same(view.format, "q"),
            lambda: self.same(view.obj is self.array, True),
            lambda: self.same(9 in view, True),
            lambda: self.same(view.index(9), 9),
            lambda: self.same(view.count(9), 1),
            lambda: self.same(view == self.array or None, True),
            lambda: writer.__setitem__(own.start, place),
            lambda: writer[own].copy_from(sb.array([5, 6], "q")),
            lambda: writer[own].fill(place),
            lambda: self.same(writer[own].tolist(), self.written[own].tolist()),
            lambda: self.same(weakref.ref(view)() is view, True),
            lambda: repr(view),
        ]
        for _ in range(10):
            use = rng.choice(uses)
            refused(use, ValueError, RELEASED)
        if rng.random() < 0.3:
            refused(view.release, BufferError, "exported buffer")
        if rng.random() < 0.4:
            whole = self.shared[place - 1]
            refused(lambda: self.shared.__setitem__(place, whole[:]), ValueError, RELEASED)
        if rng.random() < 0.4:
            self.shared[place] = sb.View(self.array)
        if rng.random() < 0.2:
            refused(writer.release, BufferError, "exported buffer")
            self.writers[place] = sb.View(self.written)

    @staticmethod
    def same(found: object, wanted: object) -> None:
        # A released view equals nothing but itself.
        if found is not None:
            assert found == wanted, (found, wanted)

    def check(self) -> None:
        self.shared.clear()
        self.writers.clear()
        assert self.array.tobytes() == self.expected
        assert_free(self.array)
        assert_free(self.written)


class Iterators(Scenario):
    """One iterator that all draw from gives each item to one of them."""

    def __init__(self) -> None:
        self.array = sb.array(list(range(3_000)), "q")
        self.iterator = iter(self.array)
        self.lock = threading.Lock()
        self.round = 0
        self.given: Counter[tuple[int, int]] = Counter()
        self.ended = 0

    def act(self, number: int, rng: random.Random) -> None:
        with self.lock:
            iterator, current = self.iterator, self.round
        drawn = list(iterator)
        assert drawn == sorted(drawn)
        with self.lock:
            self.given.update((current, item) for item in drawn)
            if self.round == current and self.ended > 20:
                self.iterator, self.round, self.ended = iter(self.array), current + 1, 0
            self.ended += 1

    def check(self) -> None:
        self.given.update((self.round, item) for item in self.iterator)
        assert set(self.given.values()) == {1}
        assert len(self.given) == (self.round + 1) * len(self.array)
        del self.iterator
        assert_free(self.array)


class Remembered(Scenario):
    """The cached hash and parsed format of an object are the same whichever thread needs them first."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.renew()

    def renew(self) -> None:
        frozen = sb.array([1.5, 2.5, 3.5], readonly=True)
        records = sb.View(sb.array([(1, 2.5), (3, 4.5)], "T{i:a:d:b:}"))
        fields = sb.View(bytearray(records.tobytes())).cast("T{i:x:d:y:}")
        self.current = frozen, records, fields, {}

    def act(self, number: int, rng: random.Random) -> None:
        frozen, records, fields, answers = self.current
        assert answers.setdefault("hash", hash(frozen)) == hash(frozen)
        for view, names in ((records, ("a", "b")), (fields, ("x", "y"))):
            item = view[rng.randrange(2)]
            assert item in ((1, 2.5), (3, 4.5))
            assert item._fields == names
            assert answers.setdefault(names, type(item)) is type(item)
            assert view[names[1]].tolist() == [2.5, 4.5]
        if rng.random() < 0.05:
            self.renew()


class Passed(Scenario):
    """Objects made by one thread are freed by another."""

    def __init__(self) -> None:
        self.queue: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
        self.root = sb.array(list(range(COUNT)), "q")
        self.made = 0
        self.dead = 0
        self.lock = threading.Lock()

    def died(self, _reference: object) -> None:
        with self.lock:
            self.dead += 1

    def act(self, number: int, rng: random.Random) -> None:
        array = sb.array([number, 2, 3], "i")
        holder: list[Any] = [array, array[1:], memoryview(array), sb.View(self.root), self.root[::2], iter(array)]
        holder.append(sb.View(bytearray(b"abcd")))
        holder.append(capi.PyObject_GetBuffer(array, capi.PyBUF_FULL))
        holder.append(weakref.ref(array, self.died))
        if rng.random() < 0.1:
            holder.append(holder)
        with self.lock:
            self.made += 1
        del array
        self.queue.put(holder)
        del holder
        if self.queue.qsize() > 20:
            taken = self.queue.get()
            assert taken[1].tolist() == [2, 3]
            rng.shuffle(taken)

    def check(self) -> None:
        while not self.queue.empty():
            self.queue.get().clear()
        gc.collect()
        assert_free(self.root)
        # References in cycles die with what they refer to, and are not called.
        assert 0 < self.dead <= self.made


class Referenced(Scenario):
    """The last reference to an object and the last weak one to it are dropped at once, by two threads."""

    def __init__(self) -> None:
        self.source = sb.array(list(range(COUNT)), "q")
        self.objects: list[list[Any]] = [[] for _ in range(4)]
        self.references: list[list[Any]] = [[] for _ in range(4)]
        self.barriers = [threading.Barrier(2) for _ in range(4)]

    def act(self, number: int, rng: random.Random) -> None:
        pair = number // 2
        objects, references = self.objects[pair], self.references[pair]
        if number % 2:
            for _ in range(50):
                made = sb.View(self.source) if rng.random() < 0.5 else sb.array([1, 2])
                references.append(weakref.ref(made))
                objects.append(made)
            del made
        # Where the other thread has stopped for good, so does this one.
        with contextlib.suppress(threading.BrokenBarrierError):
            self.barriers[pair].wait(1)
        (objects if number % 2 else references).clear()
        with contextlib.suppress(threading.BrokenBarrierError):
            self.barriers[pair].wait(1)

    def check(self) -> None:
        assert_free(self.source)


class Buffers(Scenario):
    """A Py_buffer that is released under the feet of who looks at it shows a field, or says that it is released; the
    exporter is released once."""

    def __init__(self) -> None:
        self.array = sb.array(list(range(COUNT)), "q")
        self.expected = self.array.tobytes()
        self.shared = [capi.PyObject_GetBuffer(self.array, capi.PyBUF_FULL) for _ in range(8)]

    def act(self, number: int, rng: random.Random) -> None:
        place = rng.randrange(len(self.shared))
        buffer = self.shared[place]
        uses: list[Callable[[], object]] = [
            lambda: self.same(buffer.shape, (COUNT,)),
            lambda: self.same(buffer.format, "q"),
            lambda: self.same(buffer.obj is self.array, True),
            lambda: self.same(capi.PyBuffer_IsContiguous(buffer, "C"), True),
            lambda: self.same(capi.PyBuffer_ToContiguous(buffer, "F"), self.expected),
            lambda: self.same(capi.PyMemoryView_FromBuffer(buffer)[5], 5),
            lambda: repr(buffer),
        ]
        for _ in range(5):
            refused(rng.choice(uses), ValueError, RELEASED)
        if rng.random() < 0.4:
            refused(buffer.release, BufferError, "cannot release the Py_buffer")
            self.shared[place] = capi.PyObject_GetBuffer(self.array, capi.PyBUF_FULL)

    @staticmethod
    def same(found: object, wanted: object) -> None:
        assert found == wanted, (found, wanted)

    def check(self) -> None:
        self.shared.clear()
        assert_free(self.array)


class Foreign(Scenario):
    """Foreign memory is given back once, when the last of the views that several threads made and drop has gone."""

    def __init__(self) -> None:
        self.memory = sb.array(list(range(COUNT)), "B")
        self.address = capi.PyObject_GetBuffer(self.memory, capi.PyBUF_SIMPLE)
        self.lock = threading.Lock()
        self.made = self.given_back = 0
        self.shared = [self.make() for _ in range(4)]

    def make(self) -> sb.View:
        address = self.address.buf
        assert address is not None
        with self.lock:
            self.made += 1
        # Not the memoryview itself, whose exports CPython 3.13 counts without a lock.
        return sb.View(sb.from_memory(address, COUNT, owner=object(), release=self.give_back))

    def give_back(self) -> None:
        with self.lock:
            self.given_back += 1

    def act(self, number: int, rng: random.Random) -> None:
        place = rng.randrange(len(self.shared))
        view = rng.choice((sb.View, memoryview))(self.shared[place])
        part = view[2:9]
        del view
        assert part.tolist() == [2, 3, 4, 5, 6, 7, 8]
        if rng.random() < 0.3:
            self.shared[place] = self.make()

    def check(self) -> None:
        self.shared.clear()
        gc.collect()
        assert self.given_back == self.made


class Structures(Scenario):
    """testing.ndarray shows one structure or another, whole, while others are pushed and taken away."""

    def __init__(self) -> None:
        flags = testing.ND_VAREXPORT | testing.ND_WRITABLE
        self.array = testing.ndarray([0] * 4, shape=[4], format="i", flags=flags)

    def act(self, number: int, rng: random.Random) -> None:
        array = self.array
        size = rng.randrange(1, 9)
        choice = rng.randrange(8)
        if choice == 0:
            array.push([size] * size, shape=[size], format="i", flags=testing.ND_WRITABLE)
        elif choice == 1:
            refused(array.pop, BufferError, "no other structure", "exports of it are outstanding")
        elif choice == 2:
            self.whole(array.tolist())
        elif choice == 3:
            view = memoryview(array)
            self.whole(view.tolist())
            time.sleep(0)
            self.whole(view.tolist())
        elif choice == 4:
            self.whole(sb.View(array)[:].tolist())
        elif choice == 5:
            self.whole(testing.ndarray(array).tolist())
        elif choice == 6:
            assert len(array.tobytes()) in {4 * length for length in range(1, 9)}
            assert array.ndim == 1
        else:
            assert array[0] in range(9)

    @staticmethod
    def whole(items: list[int]) -> None:
        assert items == [0] * 4 or items == [len(items)] * len(items), items

    def check(self) -> None:
        gc.collect()
        while not refused(self.array.pop, BufferError, "no other structure"):
            pass
        # Not always the first: one below others goes with the last buffer of it.
        self.whole(self.array.tolist())
        with memoryview(self.array) as view:
            self.whole(view.tolist())


class Recorded(Scenario):
    """An exporter written in Python exports to any thread, and each release reaches it."""

    def __init__(self) -> None:
        self.recorder = testing.recorder(sb.array([1, 2, 3], "i"))
        self.recorders = [self.recorder]

    def act(self, number: int, rng: random.Random) -> None:
        recorder = self.recorder
        views = [memoryview(recorder), sb.View(recorder)]
        rng.shuffle(views)
        for view in views:
            assert view.tolist() == [1, 2, 3]
            view.release()
        if number == 0 and len(recorder.log) > 2_000:
            self.recorder = testing.recorder(sb.array([1, 2, 3], "i"))
            self.recorders.append(self.recorder)
            del self.recorders[:-20]

    def check(self) -> None:
        for recorder in self.recorders:
            recorder.assert_balanced()
