# SPDX-License-Identifier: Apache-2.0
"""Memory for the workloads: NumPy's, every page of it touched, and each array on a cache line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

# NumPy's own type says that it has a buffer only from Python 3.12 on.
Array = Any


def ready(shape: Sequence[int], item: str) -> Array:
    """Touched memory, aligned to a cache line."""
    dtype = numpy.dtype(item)
    count = int(numpy.prod(shape, dtype=numpy.int64)) * dtype.itemsize
    block = numpy.empty(count + 64, "u1")
    block[:] = 0xA5
    start = -block.ctypes.data % 64
    return block[start : start + count].view(dtype).reshape(shape)


def filled(shape: Sequence[int], item: str, below: int = 256) -> Array:
    """Memory with a pattern that no power of two repeats: bytes, or small whole numbers for what is calculated with."""
    array = ready(shape, item)
    generator = numpy.random.default_rng(5)
    if below == 256 and array.dtype.kind != "b":
        flat = array.reshape(-1).view("u1")
        # 0xFF is left out, so that it can be looked for in vain.
        pattern = generator.integers(0, 255, min(flat.size, 1_000_003), "u1")
    else:
        flat = array.reshape(-1)
        pattern = generator.integers(0, below, min(flat.size, 250_007)).astype(item)
    for start in range(0, flat.size, pattern.size):
        end = min(start + pattern.size, flat.size)
        flat[start:end] = pattern[: end - start]
    return array
