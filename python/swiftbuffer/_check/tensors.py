# SPDX-License-Identifier: Apache-2.0
"""A tensor that a producer of DLPack handed out, read without the assumption that it is valid."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from itertools import product as combinations
from math import prod

from swiftbuffer._check.answers import Layout, read_memory
from swiftbuffer._check.tensor_requests import TensorRequest

__all__ = ["COPIED", "NAMES", "READABLE_DEVICES", "READ_ONLY", "SUBBYTE_PADDED", "Tensor", "item_bytes", "read_tensor"]

LEGACY, VERSIONED = "dltensor", "dltensor_versioned"
NAMES = (LEGACY, VERSIONED)

READ_ONLY, COPIED, SUBBYTE_PADDED = 1, 2, 4
"""The flags of a versioned tensor."""

READABLE_DEVICES = frozenset({1, 3, 11, 13})
"""Kinds of devices whose memory the CPU reads: its own, pinned memory of CUDA and ROCm, managed memory of CUDA."""

MAJOR = 1
"""The only major version whose fields are known."""

_TENSOR = struct.Struct("=Q2iiBBHQQQ")
_LEGACY = struct.Struct("=48sQQ")
_VERSIONED = struct.Struct("=IIQQQ48s")
_MAXIMUM = 1 << 12
_SIZE = 1 << 63


@dataclass(frozen=True)
class Tensor:
    """The answer to one call of ``__dlpack__``: a tensor, or what came in its place."""

    request: TensorRequest
    failure: str | None = None
    """The exception, or what was returned in the place of a new capsule of DLPack."""
    error: type[BaseException] | None = None
    """The kind of the exception."""
    address: int = 0
    """Of the managed structure."""
    version: tuple[int, int] | None = None
    """Of a versioned tensor."""
    flags: int = 0
    deleter: int = 0
    data: int = 0
    device: tuple[int, int] = (0, 0)
    ndim: int = 0
    type: tuple[int, int, int] = (0, 0, 0)
    """Code, bits and lanes of one item."""
    shape: tuple[int, ...] | None = None
    strides: tuple[int, ...] | None = None
    """In items, as in the structure."""
    byte_offset: int = 0
    unreadable: tuple[str, ...] = ()
    """The fields that point at unreadable memory."""

    @property
    def granted(self) -> bool:
        """Whether a tensor was handed out whose fields are known."""
        return self.failure is None and (self.version is None or self.version[0] == MAJOR)

    @property
    def is_copy(self) -> bool:
        """Whether the tensor is a copy, as it was asked for or says itself."""
        return self.request.copy is True or bool(self.flags & COPIED)

    @property
    def itemsize(self) -> int | None:
        """The bytes of one item; ``None`` for items that are no whole bytes."""
        _, bits, lanes = self.type
        return bits * lanes // 8 if bits * lanes and bits * lanes % 8 == 0 else None

    @property
    def first(self) -> int:
        """The address of item ``(0, ..., 0)``."""
        return self.data + self.byte_offset

    @property
    def count(self) -> int:
        """The number of items."""
        return prod(self.shape or ())

    @cached_property
    def layout(self) -> Layout | None:
        """Where the items are; ``None`` if that is unknown, or beyond the addresses there are."""
        if not self.granted or self.itemsize is None or self.unreadable or not 0 <= self.ndim <= _MAXIMUM:
            return None
        shape = self.shape if self.ndim else ()
        if shape is None or any(length < 0 for length in shape) or self.count * self.itemsize >= _SIZE:
            return None
        strides = self.strides if self.ndim else ()
        if strides is None:
            strides = tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))
        return Layout(self.first, self.itemsize, shape, tuple(stride * self.itemsize for stride in strides), None)

    @property
    def is_readable(self) -> bool:
        """Whether there are items, which this process can read if the tensor is what it says."""
        return self.layout is not None and self.count > 0 and self.device[0] in READABLE_DEVICES and self.data != 0

    @property
    def range(self) -> range:
        """The addresses from the first byte of an item to the last."""
        layout = self.layout
        if layout is None or not self.is_readable:
            return range(0)
        corners = [corner for corner in layout.corners() if corner is not None]
        return range(min(corners), max(corners) + layout.itemsize)

    def __str__(self) -> str:
        if self.failure is not None:
            return self.failure
        parts = ["DLManagedTensor" if self.version is None else f"version={self.version} flags={self.flags:#x}"]
        if not self.granted:
            return parts[0]
        parts.append(f"data={self.data:#x} byte_offset={self.byte_offset} device={self.device} type={self.type}")
        for name in ("shape", "strides"):
            value = getattr(self, name)
            parts.append(f"{name}={'unreadable' if name in self.unreadable else 'NULL' if value is None else value}")
        return " ".join([*parts, f"ndim={self.ndim}"])


def read_tensor(request: TensorRequest, name: str, address: int) -> Tensor | None:
    """The tensor at an address; ``None`` if the structure cannot be read."""
    structure = _LEGACY if name == LEGACY else _VERSIONED
    content = read_memory(address, structure.size)
    if content is None:
        return None
    version, flags = None, 0
    if name == LEGACY:
        fields, _, deleter = _LEGACY.unpack(content)
    else:
        major, minor, _, deleter, flags, fields = _VERSIONED.unpack(content)
        version = (major, minor)
        if major != MAJOR:
            return Tensor(request, address=address, version=version, deleter=deleter)
    data, kind, number, ndim, code, bits, lanes, *pointers, byte_offset = _TENSOR.unpack(fields)
    numbers: list[tuple[int, ...] | None] = []
    unreadable = []
    for field, pointer in zip(("shape", "strides"), pointers, strict=True):
        read = read_memory(pointer, ndim * 8) if pointer and 0 <= ndim <= _MAXIMUM else None
        numbers.append(None if read is None else struct.unpack(f"={ndim}q", read))
        if pointer and read is None and 0 <= ndim <= _MAXIMUM:
            unreadable.append(field)
    return Tensor(
        request,
        address=address,
        version=version,
        flags=flags,
        deleter=deleter,
        data=data,
        device=(kind, number),
        ndim=ndim,
        type=(code, bits, lanes),
        shape=numbers[0],
        strides=numbers[1],
        byte_offset=byte_offset,
        unreadable=tuple(unreadable),
    )


def item_bytes(tensor: Tensor, limit: int = 512) -> list[bytes | None]:
    """The bytes of the first items in C order."""
    layout = tensor.layout
    if layout is None or not tensor.is_readable:
        return []

    def addresses() -> Iterator[int | None]:
        for indices in combinations(*map(range, layout.shape)):
            yield layout.address(indices)

    return [
        None if address is None else read_memory(address, layout.itemsize) for address in islice(addresses(), limit)
    ]
