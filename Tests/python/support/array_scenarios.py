# SPDX-License-Identifier: Apache-2.0
"""What threads do to arrays that they share: taken from, held, copied, frozen and written."""

from __future__ import annotations

import contextlib
import itertools
import pickle
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import swiftbuffer as sb
from scenario import COUNT, Scenario, assert_free, refused
from swiftbuffer import capi


class Queue(Scenario):
    """An array that all append to and take from loses nothing and doubles nothing. No buffer is ever out, so that no
    change may be refused."""

    format = "q"

    def __init__(self) -> None:
        self.array = sb.zeros(0, self.format)
        self.added: dict[int, int] = {}
        self.taken: dict[int, list[Any]] = {}

    def item(self, number: int, index: int) -> Any:
        return number << 40 | index

    def act(self, number: int, rng: random.Random) -> None:
        added = self.added.get(number, 0)
        items = [self.item(number, added + index) for index in range(rng.randrange(1, 20))]
        choice = rng.randrange(3)
        if choice == 0 and self.format == "q":
            self.array.frombytes(b"".join(item.to_bytes(8, sys.byteorder) for item in items))
        elif choice == 1:
            self.array.extend(items)
        else:
            for item in items:
                self.array.append(item)
        self.added[number] = added + len(items)
        taken = self.taken.setdefault(number, [])
        for _ in range(rng.randrange(1, 22)):
            with contextlib.suppress(IndexError):
                taken.append(self.array.pop(rng.choice((-1, -1, 0, 2, -3))))
        assert len(self.array) >= 0
        assert self.array.ndim == len(self.array.shape) == 1

    def check(self) -> None:
        left = self.array.tolist()
        found = Counter(itertools.chain(left, *self.taken.values()))
        wanted = {self.item(number, index) for number, count in self.added.items() for index in range(count)}
        assert sum(found.values()) == len(wanted)
        assert set(found) == wanted
        assert_free(self.array)


class QueueOfRecords(Queue):
    """The same with structures, whose values Python code makes."""

    format = "T{q:a:q:b:}"

    def item(self, number: int, index: int) -> Any:
        return (number, index)


class Edited(Scenario):
    """An array that all insert into, delete from and reverse: each removes its own items by their values, and no other
    thread's go with them."""

    format = "q"
    # What a search raises for an item that another thread's change has moved past it.
    missed: tuple[type[Exception], ...] = ()

    def __init__(self) -> None:
        self.array = sb.Array(format=self.format)
        self.left: dict[int, set[Any]] = {}
        self.added: dict[int, int] = {}

    def item(self, number: int, index: int) -> Any:
        return number << 40 | index

    def act(self, number: int, rng: random.Random) -> None:
        mine = self.left.setdefault(number, set())
        added = self.added.get(number, 0)
        for index in range(added, added + rng.randrange(1, 8)):
            item = self.item(number, index)
            # Searching runs beside the changes, and holds an export while it does.
            retried(lambda item=item: self.array.insert(rng.randrange(-3, 20), item))
            mine.add(item)
            added = index + 1
        self.added[number] = added
        if rng.randrange(4) == 0:
            retried(lambda: self.array.extend([]))
            retried(lambda: self.array.reserve(rng.randrange(200)))
            retried(lambda: self.array.__delitem__(slice(0, 0)))
        for item in sorted(mine)[: rng.randrange(0, 9)]:
            retried(lambda item=item: self.array.remove(item), *self.missed)
            mine.discard(item)

    def check(self) -> None:
        assert Counter(self.array.tolist()) == Counter(itertools.chain(*self.left.values()))
        assert_free(self.array)


class EditedRecords(Edited):
    """The same with items that Python code makes: they are looked for one by one, beside the changes of others."""

    format = "T{q:a:d:b:}"
    missed = (ValueError,)

    def item(self, number: int, index: int) -> Any:
        return (number << 40 | index, 0.5)


def retried(change: Callable[[], object], *also: type[Exception]) -> None:
    """Changes an array as soon as no other thread holds it."""
    while True:
        try:
            change()
        except (BufferError, *also):
            time.sleep(0)
        else:
            return


class Held(Scenario):
    """Memory neither moves nor changes while an export is outstanding, however often others try to resize it."""

    def __init__(self) -> None:
        self.array = sb.array(list(range(COUNT)), "q")

    def act(self, number: int, rng: random.Random) -> None:
        if number % 2:
            for _ in range(10):
                size = rng.choice((COUNT, COUNT + 1, 300, 5_000, 40_000))
                refused(lambda size=size: self.array.resize(size), BufferError, "Existing exports")
            return
        acquire = rng.choice((self.through_buffer, self.through_memoryview, self.through_view, self.through_slice))
        acquire(rng)

    def through_buffer(self, rng: random.Random) -> None:
        with capi.PyObject_GetBuffer(self.array, capi.PyBUF_FULL) as buffer:
            before = buffer.buf, buffer.len, buffer.shape
            for _ in range(rng.randrange(50)):
                again = capi.PyObject_GetBuffer(self.array, capi.PyBUF_FULL)
                assert (again.buf, again.len, again.shape) == before
                again.release()

    def through_memoryview(self, rng: random.Random) -> None:
        with memoryview(self.array) as view:
            length = len(view)
            assert view.nbytes == 8 * length
            for _ in range(rng.randrange(20)):
                assert view[:COUNT].tolist() == list(range(COUNT))
            assert len(self.array) == len(view) == length

    def through_view(self, rng: random.Random) -> None:
        view = sb.View(self.array)
        length = len(view)
        for _ in range(rng.randrange(20)):
            index = rng.randrange(COUNT)
            assert view[index] == index == self.array[index]
            assert view[index:COUNT:2].tolist() == list(range(index, COUNT, 2))
        assert len(self.array) == length
        if rng.random() < 0.5:
            view.release()

    def through_slice(self, rng: random.Random) -> None:
        first, last = sorted((rng.randrange(COUNT), rng.randrange(COUNT)))
        assert self.array[first:last].tolist() == list(range(first, last))
        # A refusal, too, describes memory that stays.
        assert refused(
            lambda: capi.PyObject_GetBuffer(self.array, capi.PyBUF_FORMAT), BufferError, "format requested without"
        )

    def check(self) -> None:
        assert self.array[:COUNT].tolist() == list(range(COUNT))
        assert_free(self.array)


class Whole(Scenario):
    """Calls that read or write a whole array see one size throughout, while others add and take items away."""

    def __init__(self) -> None:
        self.array = sb.array([7] * COUNT, "q")
        self.records = sb.array([(7, 7)] * 10, "T{q:a:q:b:}")

    def act(self, number: int, rng: random.Random) -> None:
        if number % 2:
            for array, items in ((self.array, [7] * 9), (self.records, [(7, 7)] * 3)):
                changes: list[Callable[[], object]] = [
                    lambda array=array, items=items: array.extend(items),
                    lambda array=array, items=items: array.append(items[0]),
                    lambda array=array: array.resize(0),
                    array.pop,
                ]
                refused(rng.choice(changes), (BufferError, IndexError), "Existing exports", "pop from an empty")
            return
        for array, item in ((self.array, 7), (self.records, (7, 7))):
            restored = pickle.loads(pickle.dumps(array, rng.choice((2, 5))))
            for items in (array.tolist(), array.copy().tolist(), list(array), restored.tolist()):
                assert items == [item] * len(items)
            data = array.tobytes()
            assert data == (7).to_bytes(8, sys.byteorder) * (len(data) // 8)
            assert array == array
            for show in (repr, type(array)._repr_html_):
                shown = show(array)
                assert "7" in shown or "[]" in shown or "(0,)" in shown
        assert set(self.array.astype("d")) <= {7.0}
        assert self.array.count(8) == 0
        assert 8 not in self.array
        assert (8, 8) not in self.records
        assert self.records.count((7, 8)) == 0

    def check(self) -> None:
        assert set(self.array) <= {7}
        assert set(self.records) <= {(7, 7)}
        assert_free(self.array)
        assert_free(self.records)


class Copied(Scenario):
    """A copy between arrays of one shape writes into no other while threads resize them."""

    def __init__(self) -> None:
        self.sizes = 16, 600
        self.sources = {size: sb.full(size, 7, "i") for size in self.sizes}
        self.targets = [sb.zeros(16, "q") for _ in range(2)]

    def act(self, number: int, rng: random.Random) -> None:
        if number >= len(self.targets):
            target = self.targets[number % len(self.targets)]
            for size in self.sizes:
                refused(lambda size=size: target.resize(size), BufferError, "Existing exports")
            return
        # One thread alone writes the items of a target.
        source, casting = self.sources[rng.choice(self.sizes)], rng.choice(("unsafe", "exact"))
        refused(lambda: self.targets[number].copy_from(source, casting=casting), ValueError, "cannot copy shape")

    def check(self) -> None:
        for target in self.targets:
            assert set(target) <= {0, 7}
            assert_free(target)


class Frozen(Scenario):
    """A frozen array never changes, though threads were writing when it froze."""

    def __init__(self) -> None:
        self.array = sb.zeros(16, "q")
        self.snapshots: list[tuple[sb.Array, bytes]] = []

    def act(self, number: int, rng: random.Random) -> None:
        array = self.array
        if number:
            for _ in range(50):
                position, value = rng.randrange(16), rng.randrange(1 << 40)
                writes = [
                    lambda array=array, p=position, v=value: array.__setitem__(p, v),
                    lambda array=array, p=position, v=value: array.__setitem__((p,), v),
                ]
                if refused(rng.choice(writes), TypeError, "read-only"):
                    break
            return
        if not refused(array.freeze, BufferError, "Existing exports"):
            self.snapshots.append((array, array.tobytes()))
            self.array = sb.zeros(16, "q")
            del self.snapshots[:-50]

    def check(self) -> None:
        assert self.snapshots
        for array, snapshot in self.snapshots:
            assert array.tobytes() == snapshot


class Large(Scenario):
    """Long copies run side by side, and threads of their own help them."""

    def __init__(self) -> None:
        self.source = sb.full((1500, 1500), 1.5, "d")
        self.threads = sb.get_threads()

    def act(self, number: int, rng: random.Random) -> None:
        sb.set_threads(rng.randrange(1, 5))
        choice = rng.randrange(4)
        if choice == 0:
            made = self.source.T.copy()
            assert made[rng.randrange(1500), rng.randrange(1500)] == 1.5
        elif choice == 1:
            assert self.source.astype("f")[7, rng.randrange(1500)] == 1.5
        elif choice == 2:
            assert self.source == self.source.T
        else:
            # Held or not: of two dimensions, it keeps its memory.
            errors = (BufferError, TypeError)
            assert refused(
                lambda: self.source.resize(3), errors, "Existing exports", "only an array with one dimension"
            )

    def check(self) -> None:
        sb.set_threads(self.threads)


class Overwritten(Scenario):
    """Threads that write one item at once race with each other: each byte is one that was written, and the array is
    whole."""

    races = True

    def __init__(self) -> None:
        self.array = sb.zeros(2_000, "B")

    def act(self, number: int, rng: random.Random) -> None:
        if number % 2:
            self.array.fill(number)
            self.array[:] = sb.full(2_000, number, "B")
            self.array[rng.randrange(2_000)] = number
            self.array[::3] = sb.full(667, number, "B")
        else:
            written = {0, *range(1, 64, 2)}
            assert set(self.array.tolist()) <= written
            assert set(self.array[::-7].tobytes()) <= written
            assert self.array[rng.randrange(2_000)] in written

    def check(self) -> None:
        assert_free(self.array)
