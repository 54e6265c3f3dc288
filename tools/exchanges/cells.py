# SPDX-License-Identifier: Apache-2.0
"""How the cells of `tools/exchange.py` are found out: for memory of this package that a library takes, and for memory
of a library that this package shows."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import swiftbuffer as sb

OUT, IN = "out", "in"
NUMBERS = ["?", "b", "B", "h", "H", "i", "I", "q", "Q", "e", "f", "d", "Zf", "Zd"]
# The other formats that are tried, with the words that the table has for them.
OTHERS = {">d": "`>d`", "m": "24-bit", "5s": "`5s`", "T{<h:x:<d:y:}": "records"}
COPY = "-"


@dataclass(frozen=True)
class Cells:
    """What was found out, as text."""

    zero_copy: str
    pinned: str
    readonly: str
    formats: str


Trial = Callable[[], Cells]


@dataclass(frozen=True)
class Row:
    """One way from or to a library."""

    library: str
    # The distribution whose version is shown; "" for the standard library.
    package: str
    imports: tuple[str, ...]
    direction: str
    by: str
    tried: Trial


def sample(format_: str, shape: tuple[int, ...] = (64,), readonly: bool = False) -> sb.Array:
    """An array of small values that every format has."""
    count = 1
    for length in shape:
        count *= length
    numbers = [index % 2 if format_ == "?" else 1 + index % 60 for index in range(count)]
    values: list[Any] = numbers
    if format_ == "5s":
        values = [b"%05d" % number for number in numbers]
    elif format_.startswith("T"):
        values = [(number, number / 2) for number in numbers]
    return sb.array(sb.array(values, format_).reshape(shape), readonly=readonly)


def formats(works: Callable[[str], bool]) -> str:
    """The formats for which a trial succeeds, in few words. What raises, or gives other items, does not."""

    def tried(format_: str) -> bool:
        try:
            return works(format_)
        except Exception:
            return False

    numbers = [format_ for format_ in NUMBERS if tried(format_)]
    lacking = [format_ for format_ in NUMBERS if format_ not in numbers]
    others = [word for format_, word in OTHERS.items() if tried(format_)]
    named = " ".join(f"`{format_}`" for format_ in (lacking if len(lacking) < len(numbers) else numbers))
    if not lacking:
        first = "all numbers"
    elif len(lacking) < len(numbers):
        first = f"numbers but {named}"
    else:
        first = named
    return ", ".join(filter(None, [first, *others]))


def yes(truth: bool) -> str:
    """A word of the table."""
    return "yes" if truth else "**no**"


def grows(array: sb.Array) -> bool:
    """Whether an array may move or give back its memory now; an export forbids it. Only one dimension can grow."""
    try:
        if array.ndim == 1:
            array.resize(len(array) * 64)
        else:
            array.close()
    except BufferError:
        return False
    return True


@dataclass(frozen=True)
class Given:
    """Memory of an array in the hands of a library: how it gets it, and what can be done with it there."""

    give: Callable[[Any], Any]
    values: Callable[[Any], Any]
    # Where the library says that the items are; None if it does not say.
    address: Callable[[Any], int] | None = None
    # Writes to the first item; None where the library has no way to.
    write: Callable[[Any], object] | None = None
    shape: tuple[int, ...] = (64,)
    format: str = "d"

    def __call__(self) -> Cells:
        return Cells(self.zero_copy(), self.pinned(), self.readonly(), formats(self.passes))

    def shares(self) -> bool:
        array = sample(self.format, self.shape)
        taken = self.give(array)
        if self.address is not None:
            return self.address(taken) == array.address
        before = self.values(taken)
        array.ravel()[0] = 55
        return bool(self.values(taken) != before)

    def zero_copy(self) -> str:
        return "yes" if self.shares() else "copies"

    def pinned(self) -> str:
        if not self.shares():
            return COPY
        array = sample(self.format, self.shape)
        taken = self.give(array)
        pinned = not grows(array)
        del taken
        gc.collect()
        # An array that nobody uses any more grows again.
        return yes(pinned) if grows(array) else "for good"

    def readonly(self) -> str:
        array = sample(self.format, self.shape, readonly=True)
        try:
            taken = self.give(array)
        except Exception as error:
            return f"refuses it ({type(error).__name__})"
        if not self.shares():
            return COPY
        if self.write is None:
            return "yes, never writes"
        before = array.tolist()
        try:
            self.write(taken)
        except Exception:
            return "yes"
        return yes(array.tolist() == before)

    def passes(self, format_: str) -> bool:
        array = sample(format_, self.shape)
        return same(self.values(self.give(array)), array.tolist())


@dataclass(frozen=True)
class Taken:
    """Memory of a library that this package shows. `make` takes an `Array` of the wanted items and gives an object of
    the library, which has memory of its own."""

    make: Callable[[Any], Any]
    take: Callable[[Any], Any]
    address: Callable[[Any], int]
    # The same, read-only; None where the library has no such memory.
    frozen: Callable[[Any], Any] | None = None
    # Makes the library's object move its memory; None where it has no way to.
    grow: Callable[[Any], object] | None = None
    shape: tuple[int, ...] = (64,)
    format: str = "d"
    # What is in the library's memory, where it keeps not only the items.
    formats: Sequence[str] = (*NUMBERS, *OTHERS)

    def __call__(self) -> Cells:
        return Cells(self.zero_copy(), self.pinned(), self.readonly(), formats(self.passes))

    def zero_copy(self) -> str:
        made = self.make(sample(self.format, self.shape))
        return "yes" if self.take(made).address == self.address(made) else "copies"

    def pinned(self) -> str:
        if self.zero_copy() != "yes":
            return COPY
        expected = sample(self.format, self.shape)
        made = self.make(expected)
        view = self.take(made)
        if self.grow is not None:
            try:
                self.grow(made)
            except Exception:
                return "yes"
            return "**no**"
        # The view is all that is left of it; what is made now would take the place of what has been freed.
        del made
        gc.collect()
        others = [self.make(sample(self.format, self.shape)) for _ in range(20)]
        for other in others:
            self.take(other)
        fillers = [bytearray(b"\xff" * expected.nbytes) for _ in range(1000)]
        return yes(same(view.tolist(), expected.tolist()) and len(fillers) == 1000)

    def readonly(self) -> str:
        if self.frozen is None:
            return "no such memory"
        return yes(self.take(self.frozen(sample(self.format, self.shape))).readonly)

    def passes(self, format_: str) -> bool:
        if format_ not in self.formats:
            return False
        array = sample(format_, self.shape)
        return same(self.take(self.make(array)).tolist(), array.tolist())


def same(found: Any, expected: Any) -> bool:
    """Whether items are equal, in lists or tuples."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, tuple):
        values = found.values() if isinstance(found, dict) else found
        return tuple(values) == tuple(expected)
    return bool(found == expected)
