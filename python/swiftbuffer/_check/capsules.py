# SPDX-License-Identifier: Apache-2.0
"""Capsules of DLPack in the hands of a consumer, whose deleters are counted. Imported only where ctypes can call back.

The deleter in each structure is replaced by a function that counts, and calls the producer's: so it is known whether
the destructor of a capsule has called it. ctypes calls the producer's deleter without the GIL, as the specification
allows every consumer to do.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass, field
from typing import Any

from swiftbuffer._check.answers import described
from swiftbuffer._check.subject import qualified_name
from swiftbuffer._check.tensor_requests import TensorRequest
from swiftbuffer._check.tensors import LEGACY, NAMES, Tensor, read_tensor

__all__ = ["Held", "can_call_back", "is_allocated_anew", "take"]

_Deleter = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


def _function(name: str, result: Any, *arguments: Any) -> Any:
    return ctypes.PYFUNCTYPE(result, *arguments)((name, ctypes.pythonapi))


_is_valid = _function("PyCapsule_IsValid", ctypes.c_int, ctypes.py_object, ctypes.c_char_p)
_get_name = _function("PyCapsule_GetName", ctypes.c_char_p, ctypes.py_object)
_get_pointer = _function("PyCapsule_GetPointer", ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
_set_name = _function("PyCapsule_SetName", ctypes.c_int, ctypes.py_object, ctypes.c_char_p)

_CAPSULE_TYPE = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "PyCapsule_Type"))

# Capsules keep pointers to their names.
_NAMES = {name: ctypes.create_string_buffer(name.encode()) for name in NAMES}
_USED = {name: ctypes.create_string_buffer(f"used_{name}".encode()) for name in NAMES}
_DELETER_OFFSETS = {name: 56 if name == LEGACY else 16 for name in NAMES}


def can_call_back() -> bool:
    """Whether C may call Python functions of this interpreter from any thread, which only the main one allows."""
    current = _function("PyInterpreterState_Get", ctypes.c_void_p)
    main = _function("PyInterpreterState_Main", ctypes.c_void_p)
    return bool(current() == main())


@dataclass
class _Count:
    """The producer's deleter of one structure, and its calls."""

    original: int
    place: int
    """The address of the field that has it."""
    calls: int = 0
    failures: list[str] = field(default_factory=list)


_counts: dict[int, _Count] = {}
"""By the address of the structure, the latest that had it."""


def _count_call(address: int | None) -> None:
    count = _counts.get(address or 0)
    if count is None:
        return
    count.calls += 1
    if count.calls > 1:
        # The structure is gone.
        return
    # The structure may outlive this call: a producer may hand it out again, and count those that have it.
    ctypes.c_void_p.from_address(count.place).value = count.original
    before = sys.unraisablehook
    # ctypes and CPython report exceptions of functions that cannot raise there.
    sys.unraisablehook = lambda unraisable: count.failures.append(described(unraisable.exc_value))
    try:
        _Deleter(count.original)(address)
    except SystemError as error:
        # A call without a result to check finds that an exception is set.
        count.failures.append(described(error.__cause__ or error))
    finally:
        sys.unraisablehook = before


_counting = _Deleter(_count_call)
_COUNTING = ctypes.cast(_counting, ctypes.c_void_p).value


class Held:
    """A tensor in a capsule, until it is consumed, and until its deleter is called."""

    def __init__(self, capsule: object, name: str, tensor: Tensor) -> None:
        self._capsule: object | None = capsule
        self._name = name
        self.tensor = tensor
        # NULL is allowed, for memory that lives as long as the process.
        self._count: _Count | None = None
        if tensor.deleter:
            place = tensor.address + _DELETER_OFFSETS[name]
            self._count = _counts[tensor.address] = _Count(tensor.deleter, place)
            ctypes.c_void_p.from_address(place).value = _COUNTING

    @property
    def has_deleter(self) -> bool:
        return self._count is not None

    @property
    def is_kept_elsewhere(self) -> bool:
        """Whether the capsule has references besides the one here."""
        return sys.getrefcount(self._capsule) > 2

    @property
    def calls(self) -> int:
        """How often the deleter was called."""
        return self._count.calls if self._count else 0

    @property
    def failures(self) -> list[str]:
        """Exceptions that the deleter left behind, or that were reported through ``sys.unraisablehook``."""
        return self._count.failures if self._count else []

    def consume(self) -> None:
        """Renames the capsule, as a consumer that takes the tensor does, and deletes it."""
        _set_name(self._capsule, ctypes.cast(_USED[self._name], ctypes.c_char_p))
        self._capsule = None

    def drop(self) -> None:
        """Deletes the capsule as it is."""
        self._capsule = None

    def end(self) -> None:
        """Calls the deleter of a consumed tensor, unless that has happened."""
        if self._count is not None and not self._count.calls:
            _counting(self.tensor.address)

    def reread(self) -> Tensor | None:
        """The tensor with the fields that it has now."""
        return read_tensor(self.tensor.request, self._name, self.tensor.address)


def is_allocated_anew(memory: range) -> bool:
    """Whether ``malloc`` hands out some memory, which must be somebody's, to a caller that needs as much."""
    if not 0 < len(memory) < 1 << 20:
        return False
    library = ctypes.CDLL(None)
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
    library.free.argtypes = (ctypes.c_void_p,)
    blocks = [library.malloc(len(memory)) for _ in range(64)]
    for block in blocks:
        library.free(block)
    return any(block and memory.start < block + len(memory) and block < memory.stop for block in blocks)


def take(request: TensorRequest, returned: object) -> tuple[Tensor, Held | None]:
    """What ``__dlpack__`` returned: the tensor, and the capsule if it is a new one of DLPack."""
    if id(type(returned)) != _CAPSULE_TYPE:
        return Tensor(request, failure=f"returned an object of type {qualified_name(type(returned))}, no capsule"), None
    name = next((name for name in NAMES if _is_valid(returned, _NAMES[name].value)), None)
    if name is None:
        actual = _get_name(returned)
        shown = "no name" if actual is None else f"the name {actual.decode(errors='backslashreplace')!r}"
        return Tensor(request, failure=f"returned a capsule with {shown}"), None
    address = _get_pointer(returned, _NAMES[name].value)
    tensor = read_tensor(request, name, address)
    if tensor is None:
        return Tensor(request, failure=f"returned a capsule of unreadable memory at {address:#x}"), None
    if tensor.deleter == _COUNTING:
        return Tensor(request, address=address, failure=REUSED), None
    return tensor, Held(returned, name, tensor)


REUSED = "returned the structure of a tensor that has not ended"
"""The failure of a tensor that was handed out before."""
