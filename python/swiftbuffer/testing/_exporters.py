# SPDX-License-Identifier: Apache-2.0
"""An exporter of each unusual layout, with the values that a correct consumer reads."""

from __future__ import annotations

import array
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from swiftbuffer import _core, _testing, capi
from swiftbuffer.testing._broken import BrokenExporter, broken

__all__ = ["Exporter", "exporters", "names"]


@dataclass(frozen=True)
class Exporter:
    """An exporter, and the description of its memory that a correct consumer gets."""

    name: str
    """A unique name of letters, digits and ``_``; in ``format_...``, any characters of a format."""
    exporter: object
    """The object whose buffer is acquired."""
    expected: Any
    """The items as nested lists; the item itself for shape ``()``."""
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In bytes."""
    suboffsets: tuple[int, ...]
    """Empty if no axis is indirect."""
    format: str
    itemsize: int
    readonly: bool
    flags: int = capi.PyBUF_FULL_RO
    """The request that gets this answer."""
    conforms: bool = True
    """Whether all answers of the exporter conform to the protocol."""

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """The length in bytes of a contiguous copy."""
        return prod(self.shape) * self.itemsize

    def __str__(self) -> str:
        return self.name


Maker = Callable[[str], Exporter]
MAKERS: dict[str, Maker] = {}


def exporters() -> Iterator[Exporter]:
    """Yield a new exporter of each unusual layout, with its name and the values that a correct consumer reads.

    Memory without dimensions, without items, with axes of length one and unusual strides, in C and Fortran order, with
    negative and zero strides, with items that overlap, have gaps or are not aligned, with one and two indirect axes,
    with suboffsets that are all negative, with 64 dimensions, of every format, read-only and writable; re-exports
    without shape and format; and exporters that ignore the flags. O(exporters). Source: this package.

    >>> from swiftbuffer import testing
    >>> for case in testing.exporters():
    ...     if case.flags == testing.PyBUF_FULL_RO:
    ...         with memoryview(case.exporter) as view:
    ...             assert view.shape == case.shape and view.nbytes == case.nbytes
    """
    for name, make in MAKERS.items():
        yield make(name)


def names() -> list[str]:
    """The names of :func:`exporters`, in order."""
    return list(MAKERS)


def by_name(name: str) -> Exporter:
    """A new exporter."""
    return MAKERS[name](name)


def case(make: Callable[[], Exporter]) -> None:
    """Register a function under its name."""

    MAKERS[make.__name__] = lambda name: replace(make(), name=name)


def ints(
    expected: Any,
    count: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...] = (),
    offset: int = 0,
    flags: int = 0,
    *,
    seen: tuple[int, ...],
    suboffsets: tuple[int, ...] = (),
) -> Exporter:
    """Native ints ``0, 1, ...`` in a shape; ``strides`` and ``offset`` count ints, ``seen`` is the strides in bytes."""
    size = struct.calcsize("i")
    made = _testing.ndarray(
        list(range(count)) if shape else 7,
        shape,
        strides=tuple(size * stride for stride in strides),
        offset=size * offset,
        format="i",
        flags=flags,
    )
    return Exporter("", made, expected, shape, seen, suboffsets, "i", size, not flags & _testing.ND_WRITABLE)


I = struct.calcsize("i")  # noqa: E741
P = struct.calcsize("P")


@case
def zero_dimensional() -> Exporter:
    return ints(7, 1, (), seen=())


@case
def zero_dimensional_writable() -> Exporter:
    return ints(7, 1, (), flags=_testing.ND_WRITABLE, seen=())


@case
def empty() -> Exporter:
    return ints([], 1, (0,), seen=(I,))


@case
def empty_inside() -> Exporter:
    return ints([[], [], []], 1, (3, 0, 2), seen=(0, 2 * I, I))


@case
def empty_outside() -> Exporter:
    return ints([], 1, (0, 2), seen=(2 * I, I))


@case
def one_item() -> Exporter:
    return ints([[[0]]], 1, (1, 1, 1), seen=(I, I, I))


@case
def length_one_axes() -> Exporter:
    # The stride of an axis of length one is never used, and may have any value.
    return ints([[[0], [1], [2]]], 3, (1, 3, 1), (-100, 1, 1000), seen=(-100 * I, I, 1000 * I))


@case
def contiguous() -> Exporter:
    return ints([0, 1, 2, 3], 4, (4,), seen=(I,))


@case
def contiguous_writable() -> Exporter:
    return ints([0, 1, 2, 3], 4, (4,), flags=_testing.ND_WRITABLE, seen=(I,))


@case
def c_order() -> Exporter:
    return ints([[0, 1, 2], [3, 4, 5]], 6, (2, 3), seen=(3 * I, I))


@case
def c_order_writable() -> Exporter:
    return ints([[0, 1, 2], [3, 4, 5]], 6, (2, 3), flags=_testing.ND_WRITABLE, seen=(3 * I, I))


@case
def fortran_order() -> Exporter:
    return ints([[0, 2, 4], [1, 3, 5]], 6, (2, 3), flags=_testing.ND_FORTRAN, seen=(I, 2 * I))


@case
def fortran_order_writable() -> Exporter:
    flags = _testing.ND_FORTRAN | _testing.ND_WRITABLE
    return ints([[0, 2, 4], [1, 3, 5]], 6, (2, 3), flags=flags, seen=(I, 2 * I))


@case
def permuted_axes() -> Exporter:
    expected = [[[0, 6], [2, 8], [4, 10]], [[1, 7], [3, 9], [5, 11]]]
    return ints(expected, 12, (2, 3, 2), (1, 2, 6), seen=(I, 2 * I, 6 * I))


@case
def gaps() -> Exporter:
    return ints([0, 2, 4], 6, (3,), (2,), seen=(2 * I,))


@case
def gaps_inside() -> Exporter:
    return ints([[1, 3], [6, 8]], 10, (2, 2), (5, 2), 1, seen=(5 * I, 2 * I))


@case
def gaps_between_rows() -> Exporter:
    return ints([[0, 1], [4, 5]], 8, (2, 2), (4, 1), seen=(4 * I, I))


@case
def negative_stride() -> Exporter:
    return ints([3, 2, 1, 0], 4, (4,), (-1,), 3, seen=(-I,))


@case
def negative_strides() -> Exporter:
    return ints([[5, 4, 3], [2, 1, 0]], 6, (2, 3), (-3, -1), 5, seen=(-3 * I, -I))


@case
def negative_inner_stride() -> Exporter:
    flags = _testing.ND_WRITABLE
    return ints([[2, 1, 0], [5, 4, 3]], 6, (2, 3), (3, -1), 2, flags, seen=(3 * I, -I))


@case
def zero_stride() -> Exporter:
    return ints([0, 0, 0], 1, (3,), (0,), seen=(0,))


@case
def zero_outer_stride() -> Exporter:
    return ints([[0, 1], [0, 1], [0, 1]], 2, (3, 2), (0, 1), seen=(0, I))


@case
def overlapping() -> Exporter:
    # A sliding window of three items.
    return ints([[0, 1, 2], [1, 2, 3], [2, 3, 4]], 5, (3, 3), (1, 1), seen=(I, I))


@case
def suboffsets() -> Exporter:
    return ints([[0, 1, 2], [3, 4, 5]], 6, (2, 3), flags=_testing.ND_PIL, seen=(P, I), suboffsets=(0, -1))


@case
def suboffsets_writable() -> Exporter:
    flags = _testing.ND_PIL | _testing.ND_WRITABLE
    return ints([[0, 1, 2], [3, 4, 5]], 6, (2, 3), flags=flags, seen=(P, I), suboffsets=(0, -1))


@case
def suboffsets_only_axis() -> Exporter:
    return ints([0, 1, 2], 3, (3,), flags=_testing.ND_PIL, seen=(P,), suboffsets=(0,))


@case
def suboffsets_positive() -> Exporter:
    # The pointers lead to the ends of the rows, which are read backwards.
    expected = [[2, 1, 0], [5, 4, 3]]
    return ints(expected, 6, (2, 3), (3, -1), 2, _testing.ND_PIL, seen=(P, -I), suboffsets=(2 * I, -1))


@case
def suboffsets_backwards() -> Exporter:
    expected = [[3, 4, 5], [0, 1, 2]]
    return ints(expected, 6, (2, 3), (-3, 1), 3, _testing.ND_PIL, seen=(-P, I), suboffsets=(0, -1))


@case
def suboffsets_idle() -> Exporter:
    made = _testing.ndarray([1, 2, 3], (3,), format="i", flags=_testing.ND_WRITABLE)
    made.add_suboffsets()
    # Conforming exporters set suboffsets to NULL here.
    return Exporter("", made, [1, 2, 3], (3,), (I,), (-1,), "i", I, False, conforms=False)


@case
def suboffsets_twice() -> Exporter:
    # Pointers to rows of pointers to single items.
    items = array.array("i", range(6))
    inner = array.array("Q", [items.buffer_info()[0] + I * index for index in range(6)])
    outer = array.array("Q", [inner.buffer_info()[0] + P * 3 * index for index in range(2)])
    return indirect(outer, [[0, 1, 2], [3, 4, 5]], (P, P), (0, 0), (items, inner))


@case
def suboffsets_inner_axis() -> Exporter:
    items = array.array("i", range(6))
    inner = array.array("Q", [items.buffer_info()[0] + I * index for index in range(6)])
    return indirect(inner, [[0, 1, 2], [3, 4, 5]], (3 * P, P), (-1, 0), (items,))


def indirect(
    table: array.array[int], expected: Any, strides: tuple[int, ...], suboffsets: tuple[int, ...], keep: Any
) -> Exporter:
    """Two by three ints, through a table of pointers."""
    made = broken(
        table,
        len=6 * I,
        itemsize=I,
        ndim=2,
        format="i",
        shape=(2, 3),
        strides=strides,
        suboffsets=suboffsets,
        readonly=1,
        # The memory that the pointers lead to.
        keep=lambda view, request: (view, keep),  # noqa: ARG005
    )
    refuse_contiguous(made, capi.PyBUF_INDIRECT, "the memory has suboffsets")
    made.also(capi.PyBUF_WRITABLE, error=BufferError("the memory is read-only"))
    return Exporter("", made, expected, (2, 3), strides, suboffsets, "i", I, True)


def refuse_contiguous(made: BrokenExporter, needed: int, reason: str) -> None:
    """Makes an exporter refuse requests without the needed flag, or for contiguous memory, as conforming ones do."""
    made.also(lambda request: not request.asks(needed), error=BufferError(reason))
    made.also(
        lambda request: request.flags & 0xE0 != 0 and request.asks(capi.PyBUF_STRIDES),
        error=BufferError("the memory is not contiguous"),
    )
    made.also(lambda request: not request.asks(capi.PyBUF_FORMAT), format=None)


@case
def dimensions_64() -> Exporter:
    expected: Any = [0, 1]
    for _ in range(63):
        expected = [expected]
    shape = (*(1 for _ in range(63)), 2)
    return ints(expected, 2, shape, seen=(*(2 * I for _ in range(63)), I))


@case
def unaligned() -> Exporter:
    memory = bytearray(1) + bytearray(struct.pack("3i", 1, 2, 3))
    return Exporter("", memoryview(memory)[1:].cast("i"), [1, 2, 3], (3,), (I,), (), "i", I, False)


@case
def unaligned_stride() -> Exporter:
    # The ints in packed records of a byte and an int.
    memory = bytearray(struct.pack("=bibi", 0, 1, 0, 2))
    view = _core.View(memory)
    made = broken(
        view,
        buf=lambda address, request: address and address + 1,  # noqa: ARG005
        len=8,
        itemsize=4,
        shape=(2,),
        strides=(5,),
        format="=i",
    )
    refuse_contiguous(made, capi.PyBUF_STRIDES, "the memory has strides")
    return Exporter("", made, [1, 2], (2,), (5,), (), "=i", 4, False)


@case
def read_only() -> Exporter:
    return Exporter("", b"abc", [97, 98, 99], (3,), (1,), (), "B", 1, True)


@case
def writable() -> Exporter:
    return Exporter("", bytearray(b"abc"), [97, 98, 99], (3,), (1,), (), "B", 1, False)


@case
def null_shape() -> Exporter:
    # Refuses requests for a shape.
    base = _testing.ndarray([1, 2, 3], (3,), format="B")
    made = _testing.ndarray(base, getbuf=capi.PyBUF_SIMPLE)
    return Exporter("", made, [1, 2, 3], (3,), (1,), (), "B", 1, True, flags=capi.PyBUF_SIMPLE)


@case
def null_strides() -> Exporter:
    base = _testing.ndarray(list(range(6)), (2, 3), format="i")
    made = _testing.ndarray(base, getbuf=capi.PyBUF_CONTIG_RO | capi.PyBUF_FORMAT)
    flags = capi.PyBUF_CONTIG_RO | capi.PyBUF_FORMAT
    return Exporter("", made, [[0, 1, 2], [3, 4, 5]], (2, 3), (3 * I, I), (), "i", I, True, flags=flags)


@case
def redirected() -> Exporter:
    # view->obj is another object than the one that the request was made to.
    base = bytearray(b"abc")
    made = _testing.ndarray(base, flags=_testing.ND_REDIRECT)
    return Exporter("", made, [97, 98, 99], (3,), (1,), (), "B", 1, False)


@case
def ignores_flags() -> Exporter:
    return Exporter("", _testing.staticarray(), list(range(12)), (12,), (1,), (), "B", 1, True, conforms=False)


@case
def null_obj() -> Exporter:
    # As in early implementations of PEP 3118: view->obj is NULL, and releasebuffer is never called.
    made = _testing.staticarray(legacy_mode=True)
    return Exporter("", made, list(range(12)), (12,), (1,), (), "B", 1, True, conforms=False)


def samples() -> Iterator[tuple[str, list[Any]]]:
    """Each format of the struct module, with items that distinguish it from similar formats."""
    for order in ("", "@", "=", "<", ">", "!"):
        native = order in ("", "@")
        for letter in "bhilqn" if native else "bhilq":
            half = 1 << 8 * struct.calcsize(order + letter) - 1
            yield order + letter, [-half, -1, half - 1]
        for letter in "BHILQN" if native else "BHILQ":
            top = (1 << 8 * struct.calcsize(order + letter)) - 1
            yield order + letter, [0, top // 3, top]
        for letter in "efd":
            yield order + letter, [-1.5, 0.0, 0.25]
        yield order + "?", [True, False, True]
        yield order + "c", [b"\0", b"a", b"\xff"]
    yield "P", [0, 1, (1 << 8 * P) - 1]
    yield "3s", [b"abc", b"d\0\0", b"\0\0\0"]
    yield "4p", [b"abc", b"d", b""]
    yield "<hd", [(1, 0.5), (-1, -0.5), (0, 0.0)]
    yield "hd", [(1, 0.5), (-1, -0.5), (0, 0.0)]
    yield "2i", [(1, 2), (3, 4), (5, 6)]
    yield "b2xh", [(1, 2), (3, 4), (5, 6)]


def wide_samples() -> Iterator[tuple[str, list[Any], int]]:
    """Formats of PEP 3118 that the struct module does not support."""
    yield "Zf", [0.5j, -1 + 2j], 8
    yield "Zd", [0.5j, -1 + 2j], 16
    yield "<Zd", [0.5j, -1 + 2j], 16
    yield ">Zf", [0.5j, -1 + 2j], 8
    yield "w", ["a", "\U0001f40d"], 4
    yield "3w", ["abc", "d"], 12
    yield "T{<i:a:<d:b:}", [(1, 0.5), (-1, -0.5)], 12
    yield "T{i:a:d:b:}", [(1, 0.5), (-1, -0.5)], 16
    yield "(2,2)i", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], 4 * I


def _register_formats() -> None:
    def plain(text: str, items: list[Any]) -> Maker:
        def make(name: str) -> Exporter:
            size = struct.calcsize(text)
            made = _testing.ndarray(items, (len(items),), format=text)
            return Exporter(name, made, items, (len(items),), (size,), (), text, size, True)

        return make

    def wide(text: str, items: list[Any], size: int) -> Maker:
        def make(name: str) -> Exporter:
            made = _core.empty(len(items), format=text)
            for index, item in enumerate(items):
                made[index] = item
            return Exporter(name, made, items, (len(items),), (size,), (), text, size, False)

        return make

    for text, items in samples():
        MAKERS[f"format_{text}"] = plain(text, items)
    for text, items, size in wide_samples():
        MAKERS[f"format_{text}"] = wide(text, items, size)


_register_formats()
