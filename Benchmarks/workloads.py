# SPDX-License-Identifier: Apache-2.0
"""The workloads: memory, and what each library is asked to do with it.

All libraries work on the same memory, which NumPy allocated and every page of which was touched before: source and
destination are ready. What a competitor cannot do into a destination it does into memory of its own, and the comment at
that place says so. Each answer is compared with NumPy's before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy

import baselines
import in_c
import native
from baselines import MEMORYVIEW, NUMPY, OPENCV, TO_CONTIGUOUS, TORCH, cv2, torch
from memory import Array, filled, ready
from results import OURS, OURS_1, C
from swiftbuffer import View
from trial import MEMCMP, MEMCPY, Trial, memcmp_of

# How NumPy, PyTorch and OpenCV name an item of so many bytes. NumPy moves items of odd sizes as strings, three times
# as fast as a third axis; PyTorch has only the axis, OpenCV calls it channels.
NUMPY_ITEMS = {1: "u1", 2: "i2", 4: "f4", 8: "f8", 16: "c16", 3: "S3", 6: "S6", 12: "S12"}
CHANNELS = {1: ("u1", 1), 2: ("i2", 1), 4: ("f4", 1), 8: ("f8", 1), 16: ("f8", 2)}
CHANNELS |= {3: ("u1", 3), 6: ("i2", 3), 12: ("f4", 3)}

# -- Copies between layouts ----------------------------------------------------------------------------------------


def copying(view: Array, tensor: Any = None, in_opencv: Callable[[Array], object] | None = None) -> Trial:
    """Copies a view of an array into contiguous memory. `tensor` is PyTorch's name for the same view."""
    destination = ready(view.shape, view.dtype.str)
    trial = Trial(MEMCPY, view.nbytes, numpy.ascontiguousarray(view), destination, traffic=2 * view.nbytes)
    to, start = View(destination), View(view)
    trial.calls[OURS] = lambda: to.copy_from(start)
    trial.calls[NUMPY] = lambda: numpy.copyto(destination, view)
    if torch is not None:
        start_tensor = torch.from_numpy(view) if tensor is None else tensor
        to_tensor = torch.from_numpy(destination.view(_native(destination))).reshape(start_tensor.shape)
        trial.calls[TORCH] = lambda: to_tensor.copy_(start_tensor)
    if in_opencv is not None and cv2 is not None:
        trial.calls[OPENCV] = lambda: in_opencv(destination)
    memory = memoryview(view)
    if view.ndim == 1:
        to_memory = memoryview(destination)
        trial.calls[MEMORYVIEW] = lambda: to_memory.__setitem__(slice(None), memory)
    else:
        # memoryview can neither transpose nor assign in more than one dimension. It is given NumPy's view, and copies
        # it into a new bytes object.
        trial.calls[MEMORYVIEW] = memory.tobytes
        trial.fresh.add(MEMORYVIEW)
    trial.calls[TO_CONTIGUOUS] = baselines.to_contiguous(destination.ctypes.data, view)
    return trial


def _native(array: Array) -> str:
    """The type under which PyTorch takes an array: its own, or that of a part of an item."""
    return CHANNELS[array.dtype.itemsize][0] if array.dtype.kind == "S" else array.dtype.str


def transpose(rows: int, columns: int, itemsize: int) -> Trial:
    """The transpose of a matrix."""
    source = filled([rows, columns], NUMPY_ITEMS[itemsize])
    item, channels = CHANNELS[itemsize]
    parts = source.view(item).reshape(rows, columns, channels)
    tensor = torch.from_numpy(parts if channels == 3 else source).transpose(0, 1) if torch is not None else None

    def in_opencv(destination: Array) -> object:
        return cv2.transpose(parts, destination.view(item).reshape(columns, rows, channels))

    trial = copying(source.T, tensor, in_opencv)
    trial.in_c = lambda: in_c.transposes(trial.destination, source, 1, rows, columns, itemsize)
    return trial


def contiguous(count: int) -> Trial:
    """A contiguous copy of doubles."""
    return copying(filled([count], "f8"))


def every_second(count: int, itemsize: int) -> Trial:
    """`[::2]`, with a result of `count` items."""
    source = filled([2 * count], NUMPY_ITEMS[itemsize])
    trial = copying(source[::2])
    trial.in_c = lambda: in_c.strided(trial.destination, source[::2])
    # Every line of the source is read.
    trial.traffic = source.nbytes + source.nbytes // 2
    return trial


def backwards(count: int, itemsize: int) -> Trial:
    """`[::-1]`."""
    source = filled([count], NUMPY_ITEMS[itemsize])
    tensor = torch.from_numpy(source) if torch is not None else None

    def in_opencv(destination: Array) -> object:
        return cv2.flip(source.reshape(1, -1), 1, destination.reshape(1, -1))

    trial = copying(source[::-1], tensor, in_opencv if itemsize == 1 else None)
    trial.in_c = lambda: in_c.strided(trial.destination, source[::-1])
    if torch is not None:
        # PyTorch has no negative strides; it flips into a tensor of its own.
        trial.calls[TORCH] = lambda: torch.flip(tensor, (0,))
        trial.fresh.add(TORCH)
    return trial


def permute(shape: Sequence[int], item: str, axes: Sequence[int]) -> Trial:
    """The axes of an array in another order."""
    source = filled(shape, item)
    trial = copying(source.transpose(axes))
    if tuple(axes) == (0, 3, 1, 2):
        count, height, width, channels = shape
        trial.in_c = lambda: in_c.transposes(
            trial.destination, source, count, height * width, channels, source.itemsize
        )
    return trial


def to_planes(height: int, width: int, channels: int) -> Trial:
    """An image whose pixels are interleaved (HWC), to a plane a channel (CHW)."""
    source = filled([height, width, channels], "u1")

    def in_opencv(destination: Array) -> object:
        return cv2.split(source, list(destination))

    trial = copying(source.transpose(2, 0, 1), None, in_opencv)
    if channels == 3:
        trial.in_c = lambda: in_c.planes(trial.destination, source, height * width, to_planes=True)
    return trial


def from_planes(height: int, width: int, channels: int) -> Trial:
    """Planes (CHW) to an image with interleaved pixels (HWC)."""
    source = filled([channels, height, width], "u1")

    def in_opencv(destination: Array) -> object:
        return cv2.merge(list(source), destination)

    trial = copying(source.transpose(1, 2, 0), None, in_opencv)
    if channels == 3:
        trial.in_c = lambda: in_c.planes(trial.destination, source, height * width, to_planes=False)
    return trial


def fresh_copy(count: int) -> Trial:
    """A contiguous copy in new memory, which every contender allocates and frees as usual."""
    source = filled([count], "f8")
    trial = Trial(MEMCPY, source.nbytes, source)
    # C's leaves nothing that could be looked at.
    trial.limits[C] = native.fastest(in_c.fresh_copies(source))[1]
    start, memory = View(source), memoryview(source)
    trial.calls[OURS] = start.copy
    trial.calls[NUMPY] = source.copy
    if torch is not None:
        tensor = torch.from_numpy(source)
        trial.calls[TORCH] = tensor.clone
    trial.calls[MEMORYVIEW] = memory.tobytes
    return trial


def to_bytes(view: Array) -> Trial:
    """`tobytes` of a view that is not contiguous."""
    trial = Trial(MEMCPY, view.nbytes, numpy.ascontiguousarray(view))
    trial.calls[OURS] = View(view).tobytes
    trial.calls[NUMPY] = view.tobytes
    trial.calls[MEMORYVIEW] = memoryview(view).tobytes
    return trial


def pointers_to_bytes(rows: int, columns: int) -> Trial:
    """`tobytes` of rows behind pointers (suboffsets), which NumPy cannot read."""
    from swiftbuffer.testing import ND_PIL, ndarray

    items = filled([rows, columns], "f8", 1000)
    exporter = ndarray(items.reshape(-1).tolist(), [rows, columns], format="d", flags=ND_PIL)
    trial = Trial(MEMCPY, items.nbytes, items)
    trial.calls[OURS] = View(exporter).tobytes
    trial.calls[MEMORYVIEW] = memoryview(exporter).tobytes
    return trial


# -- Conversions, comparisons, searches ----------------------------------------------------------------------------


def convert(count: int, start: str, end: str) -> Trial:
    """Numbers of one format as numbers of another."""
    source, destination = filled([count], start, 100), ready([count], end)
    # As many bytes as the larger side has.
    trial = Trial(MEMCPY, max(source.nbytes, destination.nbytes), source.astype(end), destination)
    trial.in_c = lambda: in_c.conversions(destination, source)
    trial.traffic = source.nbytes + destination.nbytes
    to, view = View(destination), View(source)
    trial.calls[OURS] = lambda: to.copy_from(view, casting="unsafe")
    trial.calls[NUMPY] = lambda: numpy.copyto(destination, source, casting="unsafe")
    if torch is not None:
        to_tensor, tensor = torch.from_numpy(destination), torch.from_numpy(source)
        trial.calls[TORCH] = lambda: to_tensor.copy_(tensor)
    return trial


def from_24_bits(count: int, end: str, scale: float | None) -> Trial:
    """Audio of 24-bit integers as int32, or as floats between -1 and 1."""
    source, destination = filled([3 * count], "u1"), ready([count], end)

    def with_numpy() -> Array:
        # NumPy has no such integers: their bytes go to the upper part of wider ones, in new memory.
        wide = numpy.zeros((count, 4), "u1")
        wide[:, 1:] = source.reshape(count, 3)
        numbers = wide.view("<i4").reshape(count)
        if scale is None:
            return numpy.right_shift(numbers, 8, out=destination)
        # Exact: the float has 24 bits, and the scale is a power of two.
        return numpy.multiply(numbers, end_type(scale / 256), out=destination, casting="unsafe")

    end_type = numpy.dtype(end).type
    trial = Trial(MEMCPY, destination.nbytes, with_numpy().copy(), destination)
    trial.traffic = source.nbytes + destination.nbytes
    to, view = View(destination), View(source).cast("<m")
    trial.calls[OURS] = lambda: to.copy_from(view, casting="unsafe", scale=scale)
    trial.calls[NUMPY] = with_numpy
    return trial


def to_24_bits(count: int, scale: float) -> Trial:
    """Floats between -1 and 1 as 24-bit integers, those out of range as the nearest in it."""
    source, destination = filled([count], "f4", 250) / numpy.float32(125) - 1, ready([3 * count], "u1")

    def with_numpy() -> Array:
        numbers = numpy.rint(source * numpy.float32(scale)).clip(-(2**23), 2**23 - 1).astype("<i4")
        destination.reshape(count, 3)[:] = numbers.view("u1").reshape(count, 4)[:, :3]
        return destination

    trial = Trial(MEMCPY, source.nbytes, with_numpy().copy(), destination)
    trial.traffic = source.nbytes + destination.nbytes
    to, view = View(destination).cast("<m"), View(source)
    trial.calls[OURS] = lambda: to.copy_from(view, scale=scale, overflow="saturate")
    trial.calls[NUMPY] = with_numpy
    return trial


def equal(first: Array, second: Array) -> Trial:
    """`==` of two arrays with equal items, beside memcmp of as many bytes as the larger has."""
    trial = Trial(MEMCMP, max(first.nbytes, second.nbytes), True)
    trial.in_c = lambda: in_c.equal(first, second)
    a, b, x, y = View(first), View(second), memoryview(first), memoryview(second)
    trial.calls[OURS] = lambda: a == b
    trial.calls[NUMPY] = lambda: numpy.array_equal(first, second)
    if torch is not None:
        s, t = torch.from_numpy(first), torch.from_numpy(second)
        # `torch.equal` wants one type.
        trial.calls[TORCH] = (
            (lambda: torch.equal(s, t)) if first.dtype == second.dtype else (lambda: bool((s == t).all()))
        )
    trial.calls[MEMORYVIEW] = lambda: x == y
    if first.flags.c_contiguous and second.flags.c_contiguous and first.dtype == second.dtype:
        # The very same memory where bytes are all there is to compare.
        trial.reference_call = memcmp_of(first, second)
    return trial


def equal_items(count: int, first: str, second: str) -> Trial:
    """Two contiguous arrays."""
    numbers = filled([count], first, 200)
    return equal(numbers, numbers.astype(second))


def equal_transposed(rows: int, columns: int) -> Trial:
    """A transposed matrix beside its contiguous copy."""
    matrix = filled([rows, columns], "f8", 1000)
    return equal(matrix.T, numpy.ascontiguousarray(matrix.T))


def missing_item(count: int) -> Trial:
    """`x in view` where it is not."""
    source = filled([count], "u1")
    trial = Trial(MEMCPY, source.nbytes, False)
    trial.in_c = lambda: in_c.contains_byte(source, 255)
    view, memory = View(source), memoryview(source)
    trial.calls[OURS] = lambda: 255 in view
    trial.calls[NUMPY] = lambda: bool((source == 255).any())
    if torch is not None:
        tensor = torch.from_numpy(source)
        trial.calls[TORCH] = lambda: bool((tensor == 255).any())
    trial.calls[MEMORYVIEW] = lambda: 255 in memory
    return trial


def with_threads(trial: Trial, count: int) -> Trial:
    """The same workload by the libraries that can use threads, and by this project without them."""
    able = [name for name in (OURS, TORCH, OPENCV) if name in trial.calls]
    trial.calls = {name: trial.calls[name] for name in able} | {OURS_1: trial.calls[OURS]}
    trial.threads = dict.fromkeys(able, count)
    # C has one thread.
    trial.in_c = dict
    if OURS in trial.fresh:
        trial.fresh.add(OURS_1)
    return trial
