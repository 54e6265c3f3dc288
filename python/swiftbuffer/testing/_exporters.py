"""One live exporter of each awkward layout, with the values that a right consumer reads."""

from __future__ import annotations

import array
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from swiftbuffer import _core, _testing, capi
from swiftbuffer.testing._broken import broken

__all__ = ["Exporter", "exporters", "names"]


@dataclass(frozen=True)
class Exporter:
    """A live exporter, and what is right about it."""

    name: str
    """Tells it from the others; made of letters, digits and ``_``, but for the format of those named ``format_...``."""
    exporter: object
    """The object to acquire a buffer of."""
    expected: Any
    """The items as nested lists; the item itself for shape ``()``."""
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In bytes."""
    suboffsets: tuple[int, ...]
    """Empty where no pointer is followed."""
    format: str
    itemsize: int
    readonly: bool
    flags: int = capi.PyBUF_FULL_RO
    """The request that is answered with all this."""
    conforms: bool = True
    """Whether the exporter keeps to the protocol in all its answers."""

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """The length in bytes, were the memory contiguous."""
        return prod(self.shape) * self.itemsize

    def __str__(self) -> str:
        return self.name


Maker = Callable[[str], Exporter]
MAKERS: dict[str, Maker] = {}


def exporters() -> Iterator[Exporter]:
    """Yield one new, live exporter of each awkward layout, named, with the values that a right consumer reads.

    Without dimensions, without items, with axes of length one and odd strides, C and Fortran order, negative and zero
    strides, items that overlap, with gaps between them or without alignment, one and two axes that go through pointers,
    suboffsets that mean nothing, 64 dimensions, every format, read-only and writable, re-exports that lack shape and
    format, and exporters that look at no flag.

    >>> from swiftbuffer import testing
    >>> for case in testing.exporters():
    ...     if case.flags == testing.PyBUF_FULL_RO:
    ...         with memoryview(case.exporter) as view:
    ...             assert view.shape == case.shape and view.nbytes == case.nbytes
    """
    for name, make in MAKERS.items():
        yield make(name)


def names() -> list[str]:
    """The names of all of :func:`exporters`, in their order."""
    return list(MAKERS)


def by_name(name: str) -> Exporter:
    """One new exporter."""
    return MAKERS[name](name)


def case(make: Callable[[], Exporter]) -> None:
    """Register a function under its name."""

    def named(name: str) -> Exporter:
        made = make()
        return made if made.name == name else _renamed(made, name)

    MAKERS[make.__name__] = named


def _renamed(made: Exporter, name: str) -> Exporter:
    from dataclasses import replace

    return replace(made, name=name)


def ints(
    expected: Any,
    count: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...] = (),
    offset: int = 0,
    flags: int = 0,
    *,
    told: tuple[int, ...],
    suboffsets: tuple[int, ...] = (),
) -> Exporter:
    """Native ints ``0, 1, ...`` in memory, seen through a shape; ``strides`` and ``offset`` count ints."""
    size = struct.calcsize("i")
    made = _testing.ndarray(
        list(range(count)) if shape else 7,
        shape,
        strides=tuple(size * stride for stride in strides),
        offset=size * offset,
        format="i",
        flags=flags,
    )
    return Exporter("", made, expected, shape, told, suboffsets, "i", size, not flags & _testing.ND_WRITABLE)


I = struct.calcsize("i")  # noqa: E741
P = struct.calcsize("P")


@case
def zero_dimensional() -> Exporter:
    return ints(7, 1, (), told=())


@case
def zero_dimensional_writable() -> Exporter:
    return ints(7, 1, (), flags=_testing.ND_WRITABLE, told=())


@case
def empty() -> Exporter:
    return ints([], 1, (0,), told=(I,))


@case
def empty_inside() -> Exporter:
    return ints([[], [], []], 1, (3, 0, 2), told=(0, 2 * I, I))


@case
def empty_outside() -> Exporter:
    return ints([], 1, (0, 2), told=(2 * I, I))


@case
def one_item() -> Exporter:
    return ints([[[0]]], 1, (1, 1, 1), told=(I, I, I))


@case
def length_one_axes() -> Exporter:
    # The stride of an axis of length one is never used, and may be anything.
    return ints([[[0], [1], [2]]], 3, (1, 3, 1), (-100, 1, 1000), told=(-100 * I, I, 1000 * I))


@case
def contiguous() -> Exporter:
    return ints([0, 1, 2, 3], 4, (4,), told=(I,))


@case
def contiguous_writable() -> Exporter:
    return ints([0, 1, 2, 3], 4, (4,), flags=_testing.ND_WRITABLE, told=(I,))


@case
def c_order() -> Exporter:
    return ints([[0, 1, 2], [3, 4, 5]], 6, (2, 3), told=(3 * I, I))


@case
def c_order_writable() -> Exporter:
    return ints([[0, 1, 2], [3, 4, 5]], 6, (2, 3), flags=_testing.ND_WRITABLE, told=(3 * I, I))


@case
def fortran_order() -> Exporter:
    return ints([[0, 2, 4], [1, 3, 5]], 6, (2, 3), flags=_testing.ND_FORTRAN, told=(I, 2 * I))


@case
def fortran_order_writable() -> Exporter:
    flags = _testing.ND_FORTRAN | _testing.ND_WRITABLE
    return ints([[0, 2, 4], [1, 3, 5]], 6, (2, 3), flags=flags, told=(I, 2 * I))


@case
def permuted_axes() -> Exporter:
    expected = [[[0, 6], [2, 8], [4, 10]], [[1, 7], [3, 9], [5, 11]]]
    return ints(expected, 12, (2, 3, 2), (1, 2, 6), told=(I, 2 * I, 6 * I))


@case
def gaps() -> Exporter:
    return ints([0, 2, 4], 6, (3,), (2,), told=(2 * I,))


@case
def gaps_inside() -> Exporter:
    return ints([[1, 3], [6, 8]], 10, (2, 2), (5, 2), 1, told=(5 * I, 2 * I))


@case
def gaps_between_rows() -> Exporter:
    return ints([[0, 1], [4, 5]], 8, (2, 2), (4, 1), told=(4 * I, I))


@case
def negative_stride() -> Exporter:
    return ints([3, 2, 1, 0], 4, (4,), (-1,), 3, told=(-I,))


@case
def negative_strides() -> Exporter:
    return ints([[5, 4, 3], [2, 1, 0]], 6, (2, 3), (-3, -1), 5, told=(-3 * I, -I))


@case
def negative_inner_stride() -> Exporter:
    flags = _testing.ND_WRITABLE
    return ints([[2, 1, 0], [5, 4, 3]], 6, (2, 3), (3, -1), 2, flags, told=(3 * I, -I))


@case
def zero_stride() -> Exporter:
    return ints([0, 0, 0], 1, (3,), (0,), told=(0,))


@case
def zero_outer_stride() -> Exporter:
    return ints([[0, 1], [0, 1], [0, 1]], 2, (3, 2), (0, 1), told=(0, I))


@case
def overlapping() -> Exporter:
    # A window of three that slides by one.
    return ints([[0, 1, 2], [1, 2, 3], [2, 3, 4]], 5, (3, 3), (1, 1), told=(I, I))


@case
def suboffsets() -> Exporter:
    return ints([[0, 1, 2], [3, 4, 5]], 6, (2, 3), flags=_testing.ND_PIL, told=(P, I), suboffsets=(0, -1))


@case
def suboffsets_writable() -> Exporter:
    flags = _testing.ND_PIL | _testing.ND_WRITABLE
    return ints([[0, 1, 2], [3, 4, 5]], 6, (2, 3), flags=flags, told=(P, I), suboffsets=(0, -1))


@case
def suboffsets_only_axis() -> Exporter:
    return ints([0, 1, 2], 3, (3,), flags=_testing.ND_PIL, told=(P,), suboffsets=(0,))


@case
def suboffsets_positive() -> Exporter:
    # Backwards inside of each row: the pointers lead to the rows' ends.
    expected = [[2, 1, 0], [5, 4, 3]]
    return ints(expected, 6, (2, 3), (3, -1), 2, _testing.ND_PIL, told=(P, -I), suboffsets=(2 * I, -1))


@case
def suboffsets_backwards() -> Exporter:
    expected = [[3, 4, 5], [0, 1, 2]]
    return ints(expected, 6, (2, 3), (-3, 1), 3, _testing.ND_PIL, told=(-P, I), suboffsets=(0, -1))


@case
def suboffsets_idle() -> Exporter:
    made = _testing.ndarray([1, 2, 3], (3,), format="i", flags=_testing.ND_WRITABLE)
    made.add_suboffsets()
    # They should be NULL.
    return Exporter("", made, [1, 2, 3], (3,), (I,), (-1,), "i", I, False, conforms=False)


@case
def suboffsets_twice() -> Exporter:
    # Rows of pointers to items that each have a pointer of their own.
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
    """Two by three ints, through a table of pointers whose rules no ready-made exporter knows."""
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
        # The pointers lead into these.
        keep=lambda view, request: (view, keep),  # noqa: ARG005
    )
    needed = capi.PyBUF_INDIRECT
    made.also(lambda request: not request.asks(needed), error=BufferError("the memory is reached through pointers"))
    made.also(
        lambda request: request.flags & 0xE0 != 0 and request.asks(capi.PyBUF_STRIDES),
        error=BufferError("the memory is not contiguous"),
    )
    made.also(capi.PyBUF_WRITABLE, error=BufferError("the memory is read-only"))
    made.also(lambda request: not request.asks(capi.PyBUF_FORMAT), format=None)
    return Exporter("", made, expected, (2, 3), strides, suboffsets, "i", I, True)


@case
def dimensions_64() -> Exporter:
    expected: Any = [0, 1]
    for _ in range(63):
        expected = [expected]
    shape = (*(1 for _ in range(63)), 2)
    return ints(expected, 2, shape, told=(*(2 * I for _ in range(63)), I))


@case
def unaligned() -> Exporter:
    memory = bytearray(1) + bytearray(struct.pack("3i", 1, 2, 3))
    return Exporter("", memoryview(memory)[1:].cast("i"), [1, 2, 3], (3,), (I,), (), "i", I, False)


@case
def unaligned_stride() -> Exporter:
    # Records of a byte and an int, without padding, of which the ints are shown.
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
    strided = capi.PyBUF_STRIDES
    made.also(lambda request: not request.asks(strided), error=BufferError("the memory has strides"))
    made.also(
        lambda request: request.flags & 0xE0 != 0 and request.asks(strided),
        error=BufferError("the memory is not contiguous"),
    )
    made.also(lambda request: not request.asks(capi.PyBUF_FORMAT), format=None)
    return Exporter("", made, [1, 2], (2,), (5,), (), "=i", 4, False)


@case
def read_only() -> Exporter:
    return Exporter("", b"abc", [97, 98, 99], (3,), (1,), (), "B", 1, True)


@case
def writable() -> Exporter:
    return Exporter("", bytearray(b"abc"), [97, 98, 99], (3,), (1,), (), "B", 1, False)


@case
def null_shape() -> Exporter:
    # Refuses requests for a shape: it knows none.
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
    # The buffer belongs to another object than the one that was asked.
    base = bytearray(b"abc")
    made = _testing.ndarray(base, flags=_testing.ND_REDIRECT)
    return Exporter("", made, [97, 98, 99], (3,), (1,), (), "B", 1, False)


@case
def ignores_flags() -> Exporter:
    return Exporter("", _testing.staticarray(), list(range(12)), (12,), (1,), (), "B", 1, True, conforms=False)


@case
def null_obj() -> Exporter:
    # As exporters were written before the protocol's present form: nobody is told of a release.
    made = _testing.staticarray(legacy_mode=True)
    return Exporter("", made, list(range(12)), (12,), (1,), (), "B", 1, True, conforms=False)


def samples() -> Iterator[tuple[str, list[Any]]]:
    """Each format that consumers may meet, with items that tell it from its neighbours."""
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
    """Formats of PEP 3118 that struct does not know."""
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
