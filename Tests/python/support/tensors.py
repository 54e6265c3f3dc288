# SPDX-License-Identifier: Apache-2.0
"""DLPack's structures as ctypes has them: producers that say whatever a test wants, and consumers of raw tensors."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

READ_ONLY, COPIED = 1, 2
INT, UINT, FLOAT, BFLOAT, COMPLEX, BOOL = 0, 1, 2, 4, 5, 6
NAMES = (b"dltensor", b"dltensor_versioned", b"used_dltensor", b"used_dltensor_versioned")

NUMBERS = ctypes.POINTER(ctypes.c_int64)


class Tensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device", ctypes.c_int32 * 2),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", NUMBERS),
        ("strides", NUMBERS),
        ("byte_offset", ctypes.c_uint64),
    )


Deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Legacy(ctypes.Structure):
    _fields_ = (("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", Deleter))


class Versioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", Deleter),
        ("flags", ctypes.c_uint64),
        ("tensor", Tensor),
    )


_api = ctypes.pythonapi
_api.PyCapsule_New.restype = ctypes.py_object
_api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_api.PyCapsule_GetPointer.restype = ctypes.c_void_p
_api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_api.PyCapsule_GetName.restype = ctypes.c_char_p
_api.PyCapsule_GetName.argtypes = [ctypes.py_object]
_api.PyCapsule_SetName.argtypes = [ctypes.py_object, ctypes.c_char_p]


_api.PyCapsule_IsValid.argtypes = [ctypes.py_object, ctypes.c_char_p]

Destructor = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
_kept: list[object] = []


def managed_in(capsule: object) -> Legacy | Versioned:
    """The structure in a capsule that was not consumed."""
    name = name_of(capsule)
    kind = Legacy if name == b"dltensor" else Versioned
    return kind.from_address(_api.PyCapsule_GetPointer(capsule, name))


def new_capsule(managed: Legacy | Versioned, name: bytes, deletes: Callable[[bytes], bool] | None = None) -> object:
    """A capsule of a structure; its destructor calls the deleter if `deletes` says so for the name that it has then."""
    # The capsule keeps pointers to both.
    _kept.append(name)
    if deletes is None:
        return _api.PyCapsule_New(ctypes.addressof(managed), name, None)
    get_name = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)(("PyCapsule_GetName", _api))
    address, delete = ctypes.addressof(managed), deletes

    def destroy(capsule: int | None) -> None:
        # The capsule has no references left: only its address is passed on.
        if delete(get_name(capsule)):
            current = type(managed).from_address(address)
            current.deleter(address)

    destructor = Destructor(destroy)
    _kept.append(destructor)
    return _api.PyCapsule_New(address, name, ctypes.cast(destructor, ctypes.c_void_p))


def name_of(capsule: object) -> bytes:
    name = _api.PyCapsule_GetName(capsule)
    assert isinstance(name, bytes)
    return name


class Producer:
    """An object with `__dlpack__` whose tensor says what it is told to; `deleted` counts the deleter's calls."""

    def __init__(
        self,
        memory: Any = None,
        shape: Sequence[int] | None = (),
        strides: Sequence[int] | None = None,
        *,
        items: tuple[int, int, int] = (INT, 32, 1),
        version: tuple[int, int] | None = (1, 0),
        device: tuple[int, int] = (1, 0),
        flags: int = 0,
        byte_offset: int = 0,
        ndim: int | None = None,
        name: bytes | None = None,
        fail: bool = False,
    ) -> None:
        self.deleted = 0
        self.asked: list[dict[str, Any]] = []
        self.device = device
        self.memory = memory
        self._numbers = [
            None if numbers is None else (ctypes.c_int64 * max(len(numbers), 1))(*numbers)
            for numbers in (shape, strides)
        ]

        def delete(_: int | None) -> None:
            self.deleted += 1
            if fail:
                raise RuntimeError("from the deleter")

        self._deleter = Deleter(delete)
        self.managed: Legacy | Versioned = Legacy() if version is None else Versioned(*version)
        self.managed.deleter = self._deleter
        if isinstance(self.managed, Versioned):
            self.managed.flags = flags
        tensor = self.managed.tensor
        tensor.data = memory if memory is None or isinstance(memory, int) else ctypes.addressof(memory)
        tensor.device[:] = device
        tensor.ndim = len(shape or ()) if ndim is None else ndim
        tensor.code, tensor.bits, tensor.lanes = items
        for field, numbers in zip(("shape", "strides"), self._numbers, strict=True):
            if numbers is not None:
                setattr(tensor, field, ctypes.cast(numbers, NUMBERS))
        tensor.byte_offset = byte_offset
        # The capsule keeps a pointer to it.
        self.name = name or (b"dltensor" if version is None else b"dltensor_versioned")

    def capsule(self) -> object:
        return _api.PyCapsule_New(ctypes.addressof(self.managed), self.name, None)

    def __dlpack__(self, **keywords: Any) -> object:
        self.asked.append(keywords)
        return self.capsule()

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.device


class Consumer:
    """What a consumer of a capsule reads, and its call of the deleter."""

    def __init__(self, capsule: object) -> None:
        name = name_of(capsule)
        self._kind: type[Legacy] | type[Versioned] = Legacy if name == b"dltensor" else Versioned
        self.address = _api.PyCapsule_GetPointer(capsule, name)
        self.managed = self._kind.from_address(self.address)
        _api.PyCapsule_SetName(capsule, NAMES[NAMES.index(name) + 2])
        tensor = self.managed.tensor
        self.data = tensor.data
        self.device = tuple(tensor.device)
        self.items = (tensor.code, tensor.bits, tensor.lanes)
        self.byte_offset = tensor.byte_offset
        # No NULL, whatever the number of dimensions.
        assert tensor.shape
        assert tensor.strides
        self.shape = tuple(tensor.shape[: tensor.ndim])
        self.strides = tuple(tensor.strides[: tensor.ndim])
        self.flags = self.managed.flags if isinstance(self.managed, Versioned) else None
        self.version = (self.managed.major, self.managed.minor) if isinstance(self.managed, Versioned) else None

    @property
    def deleter(self) -> int:
        """The address of the deleter."""
        address = ctypes.cast(self.managed.deleter, ctypes.c_void_p).value
        assert address
        return address

    @property
    def argument(self) -> ctypes.c_void_p:
        """What the deleter is called with."""
        return ctypes.c_void_p(self.address)

    def delete(self) -> None:
        """Calls the deleter as ctypes calls C: without the GIL."""
        Deleter(self.deleter)(self.address)
