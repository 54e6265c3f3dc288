# SPDX-License-Identifier: Apache-2.0
"""The answer of an exporter to one request, read without the assumption that it is valid."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product as combinations
from math import prod

from swiftbuffer import _testing, capi
from swiftbuffer._check.subject import qualified_name

__all__ = ["Answer", "Layout", "acquire", "described", "read_memory", "reread"]

_FIELDS = ("len", "itemsize", "readonly", "ndim", "buf", "format", "shape", "strides", "suboffsets")
_WORD = 8


def read_memory(address: int, size: int) -> bytes | None:
    """A copy of memory; ``None`` where any of it is not mapped."""
    if address <= 0 or address + size > 1 << 64:
        return None
    parts: list[bytes] = []
    for start in range(0, size, 4096):
        part = _testing._probe_read(address + start, min(4096, size - start))
        if part is None:
            return None
        parts.append(part)
    return b"".join(parts)


def _read_sizes(address: int, count: int) -> tuple[int, ...] | None:
    data = read_memory(address, count * _WORD)
    return None if data is None else struct.unpack(f"{count}n", data)


def _read_text(address: int) -> str | None:
    """A C string of at most 1 MB, read in pieces that never cross into a page beyond the string.

    Bytes that are not UTF-8 become lone surrogates, so that strings that differ stay different.
    """
    text = bytearray()
    while len(text) < 1 << 20:
        # Most formats end within a few bytes; a long one is read page by page.
        alignment = 16 if not text else 4096
        piece = read_memory(address, alignment - address % alignment)
        if piece is None:
            return None
        end = piece.find(0)
        if end >= 0:
            return (bytes(text) + piece[:end]).decode("utf-8", "surrogateescape")
        text += piece
        address += len(piece)
    return None


@dataclass(frozen=True)
class Layout:
    """Where the items of a buffer are."""

    buf: int
    itemsize: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    suboffsets: tuple[int, ...] | None

    @property
    def nbytes(self) -> int:
        return prod(self.shape) * self.itemsize

    def is_contiguous(self, order: str) -> bool:
        """As ``PyBuffer_IsContiguous``: strides of axes of length 1 and of empty memory are ignored."""
        if self.suboffsets is not None:
            return False
        if order == "A":
            return self.is_contiguous("C") or self.is_contiguous("F")
        if self.nbytes == 0:
            return True
        expected = self.itemsize
        axes = list(zip(self.shape, self.strides, strict=True))
        for length, stride in axes if order == "F" else reversed(axes):
            if length > 1 and stride != expected:
                return False
            expected *= length
        return True

    def corners(self) -> Iterator[int | None]:
        """The addresses of the outermost items, between which all others are; ``None`` behind an unreadable pointer.

        At most 256: from the ninth axis on, only the first item.
        """
        if self.nbytes == 0:
            return
        ends = [{0, length - 1} if axis < 8 else {0} for axis, length in enumerate(self.shape)]
        for indices in combinations(*ends):
            yield self.address(indices)

    def address(self, indices: tuple[int, ...]) -> int | None:
        address = self.buf
        for axis, index in enumerate(indices):
            address += self.strides[axis] * index
            if self.suboffsets is not None and self.suboffsets[axis] >= 0:
                pointer = _read_sizes(address, 1)
                if pointer is None:
                    return None
                address = (pointer[0] & (1 << 64) - 1) + self.suboffsets[axis]
        return address


@dataclass(frozen=True)
class Answer:
    """One answer, as it was directly after the request. Holds no reference to the exporter."""

    request: int
    status: int
    error: str | None
    """The kind of the exception, with its module where that is not ``builtins``."""
    message: str
    is_buffer_error: bool
    owner: str
    """The state of ``view->obj``: ``set``, ``null`` or ``untouched``."""
    fields: tuple[int | None, ...]
    format: str | None
    shape: tuple[int, ...] | None
    strides: tuple[int, ...] | None
    suboffsets: tuple[int, ...] | None
    unreadable: tuple[str, ...]
    """The fields that point at unreadable memory."""

    def __getitem__(self, field: str) -> int:
        """A field as an integer; 0 for one that was not filled in."""
        return self.fields[_FIELDS.index(field)] or 0

    @property
    def granted(self) -> bool:
        return self.status == 0

    @property
    def refused(self) -> bool:
        return self.status == -1

    @property
    def unfilled(self) -> tuple[str, ...]:
        """The fields that the exporter did not fill in."""
        owner = () if self.owner != "untouched" else ("obj",)
        return owner + tuple(name for name, value in zip(_FIELDS, self.fields, strict=True) if value is None)

    @cached_property
    def sound(self) -> bool:
        """Whether the request was granted and all fields can be read."""
        return self.granted and not self.unfilled and not self.unreadable and 0 <= self["ndim"] <= capi.PyBUF_MAX_NDIM

    @cached_property
    def layout(self) -> Layout | None:
        """The layout as consumers see it: C-contiguous if strides is NULL, one axis if shape is NULL."""
        if not self.sound:
            return None
        itemsize, ndim = self["itemsize"], self["ndim"]
        shape = self.shape
        if shape is None:
            shape = () if ndim == 0 and itemsize == self["len"] else (self["len"] // max(itemsize, 1),)
        strides = self.strides
        if strides is None:
            strides = tuple(prod(shape[axis + 1 :]) * itemsize for axis in range(len(shape)))
        if len(strides) != len(shape) or any(length < 0 for length in shape):
            return None
        suboffsets = self.suboffsets
        if suboffsets is not None and (len(suboffsets) != len(shape) or all(offset < 0 for offset in suboffsets)):
            suboffsets = None
        return Layout(self["buf"], itemsize, shape, strides, suboffsets)

    def __str__(self) -> str:
        """The fields of the C struct, or the exception."""
        if not self.granted:
            return f"{self.error or 'no exception'}{f': {self.message}' if self.message else ''}"
        parts = [f"{name}={self[name]}" for name in ("len", "itemsize", "readonly", "ndim")]
        for name in ("format", "shape", "strides", "suboffsets"):
            value = getattr(self, name)
            if name in self.unreadable:
                value = f"{self[name]:#x} (unreadable)"
            elif value is not None:
                value = repr(value)
            parts.append(f"{name}={value or 'NULL'}")
        return " ".join(parts)


def acquire(obj: object, request: int) -> tuple[Answer, object]:
    """Makes one request; returns the answer, and a handle that holds the buffer until it is released or deleted."""
    status, exception, owner, fields, handle = _testing._probe(obj, request)
    kind, message = None, ""
    if exception is not None:
        kind, message = qualified_name(type(exception)), _message_of(exception)
    answer = _read(request, status, fields, owner, kind, message, isinstance(exception, BufferError))
    return answer, handle


def _message_of(exception: BaseException | None) -> str:
    """The text of an exception, whose class may be the exporter's and have a ``__str__`` that raises."""
    try:
        return str(exception)
    except Exception as error:
        return f"<{type(error).__name__} from its __str__>"


def described(exception: BaseException | None) -> str:
    """An exception, as in the last line of a traceback."""
    return f"{type(exception).__name__}: {_message_of(exception)}"


def reread(answer: Answer, handle: object) -> Answer:
    """The answer with the fields that the buffer has now."""
    fields = _testing._probe_fields(handle)
    return _read(
        answer.request, answer.status, fields, answer.owner, answer.error, answer.message, answer.is_buffer_error
    )


def _read(
    request: int,
    status: int,
    fields: tuple[int | None, ...],
    owner: str,
    error: str | None,
    message: str,
    is_buffer_error: bool,
) -> Answer:
    format_ = None
    arrays: dict[str, tuple[int, ...] | None] = dict.fromkeys(("shape", "strides", "suboffsets"))
    unreadable: list[str] = []
    if status == 0:
        values = dict(zip(_FIELDS, fields, strict=True))
        ndim = values["ndim"]
        if values["format"]:
            format_ = _read_text(values["format"])
            if format_ is None:
                unreadable.append("format")
        for name in arrays:
            address = values[name]
            if address and ndim is not None and 0 <= ndim <= capi.PyBUF_MAX_NDIM:
                arrays[name] = _read_sizes(address, ndim)
                if arrays[name] is None:
                    unreadable.append(name)
    return Answer(
        request, status, error, message, is_buffer_error, owner, fields, format_, **arrays, unreadable=tuple(unreadable)
    )
