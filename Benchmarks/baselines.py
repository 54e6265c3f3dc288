# SPDX-License-Identifier: Apache-2.0
"""The baselines: what they are, and how many threads they may use.

A baseline that is not installed has no column, and the table says so.
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy

import swiftbuffer

NUMPY, TORCH, OPENCV, MEMORYVIEW, TO_CONTIGUOUS = "NumPy", "PyTorch", "OpenCV", "memoryview", "PyBuffer_ToContiguous"
ALL = [NUMPY, TORCH, OPENCV, MEMORYVIEW, TO_CONTIGUOUS]


def _optional(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        MISSING[name] = str(error)
        return None


MISSING: dict[str, str] = {}
torch: Any = _optional("torch")
cv2: Any = _optional("cv2")


def versions() -> dict[str, str]:
    """Who was measured."""
    modules: list[ModuleType | None] = [swiftbuffer, numpy, torch, cv2]
    return {module.__name__: str(module.__version__) for module in modules if module is not None}


def set_threads(count: int) -> None:
    """Lets all who can use so many threads do so."""
    swiftbuffer.set_threads(count)
    if torch is not None:
        torch.set_num_threads(count)
    if cv2 is not None:
        cv2.setNumThreads(count)


class _PyBuffer(ctypes.Structure):
    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    )


FULL_RO = 0x11C


def to_contiguous(destination: int, source: object) -> Callable[[], object]:
    """CPython's `PyBuffer_ToContiguous` into memory at an address, in C order; the buffer is acquired beforehand."""
    view = _PyBuffer()
    api = ctypes.pythonapi
    if api.PyObject_GetBuffer(ctypes.py_object(source), ctypes.byref(view), FULL_RO) != 0:
        raise AssertionError("a Python exception would have come first")
    copy, length = api.PyBuffer_ToContiguous, ctypes.c_ssize_t(view.len)
    address, pointer, order = ctypes.c_void_p(destination), ctypes.byref(view), ctypes.c_char(b"C")
    release = api.PyBuffer_Release

    class Acquired:
        """Releases the buffer with the work."""

        def __call__(self) -> object:
            return copy(address, pointer, length, order)

        def __del__(self) -> None:
            release(pointer)

    return Acquired()
