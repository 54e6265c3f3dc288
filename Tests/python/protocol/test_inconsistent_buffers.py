# SPDX-License-Identifier: Apache-2.0
"""An inconsistent `Py_buffer` is refused with one exception, whichever function of the package reads it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from swiftbuffer import View, array, capi, testing, zeros


class Defect(NamedTuple):
    """Fields that replace those of a writable C-contiguous buffer of 3 by 4 ints, and the error that they are."""

    fields: dict[str, Any]
    error: type[Exception]
    message: str


INCONSISTENT = "exporter returned an inconsistent Py_buffer: "
DEFECTS = {
    "negative ndim": Defect({"ndim": -1}, BufferError, INCONSISTENT + "ndim is -1"),
    "65 dimensions": Defect(
        {"ndim": 65, "shape": (1,) * 65, "strides": (4,) * 65, "len": 4},
        ValueError,
        "number of dimensions must not exceed 64, but the exporter's Py_buffer has 65",
    ),
    "negative len": Defect({"len": -1}, BufferError, INCONSISTENT + "len is -1"),
    "negative len without shape": Defect(
        {"len": -1, "ndim": 1, "shape": None, "strides": None}, BufferError, INCONSISTENT + "len is -1"
    ),
    "short len": Defect(
        {"len": 47}, BufferError, INCONSISTENT + r"len is 47, but shape \(3, 4\) with itemsize 4 takes 48 bytes"
    ),
    "short len without strides": Defect(
        {"len": 47, "strides": None},
        BufferError,
        INCONSISTENT + r"len is 47, but shape \(3, 4\) with itemsize 4 takes 48 bytes",
    ),
    "len without items": Defect(
        {"shape": (0, 4)}, BufferError, INCONSISTENT + r"len is 48, but shape \(0, 4\) with itemsize 4 takes 0 bytes"
    ),
    "negative itemsize": Defect({"itemsize": -4}, BufferError, INCONSISTENT + "itemsize is -4"),
    "negative length": Defect({"shape": (3, -4)}, BufferError, INCONSISTENT + "axis 1 has length -4"),
    "negative length without strides": Defect(
        {"shape": (-3, 4), "strides": None}, BufferError, INCONSISTENT + "axis 0 has length -3"
    ),
    "too many bytes": Defect({"shape": (2**62, 2**62)}, BufferError, INCONSISTENT + ".*does not fit"),
    "too large an extent": Defect({"strides": (sys.maxsize, 4)}, BufferError, INCONSISTENT + ".*does not fit"),
    "no address": Defect({"buf": None}, BufferError, INCONSISTENT + "buf is NULL, but len is 48"),
}


def ints() -> View:
    return View(zeros((3, 4), "i"))


ENTRIES: dict[str, Callable[[Any], object]] = {
    "View": View,
    "View.from_flags": lambda x: View.from_flags(x, capi.PyBUF_STRIDES | capi.PyBUF_WRITABLE),
    "array": array,
    "array of a format": lambda x: array(x, format="d"),
    "assignment": lambda x: ints().__setitem__(..., x),
    "copy_from": lambda x: ints().copy_from(x),
    "==": lambda x: ints() == x,
    "PyBuffer_GetPointer": lambda x: capi.PyBuffer_GetPointer(capi.PyObject_GetBuffer(x, capi.PyBUF_FULL_RO), (0, 0)),
    "PyBuffer_ToContiguous": lambda x: capi.PyBuffer_ToContiguous(capi.PyObject_GetBuffer(x, capi.PyBUF_FULL_RO), "C"),
    "PyBuffer_FromContiguous": lambda x: capi.PyBuffer_FromContiguous(
        capi.PyObject_GetBuffer(x, capi.PyBUF_FULL), bytes(48), "C"
    ),
    "PyMemoryView_FromBuffer": lambda x: capi.PyMemoryView_FromBuffer(capi.PyObject_GetBuffer(x, capi.PyBUF_FULL_RO)),
}


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_the_same_error_everywhere(defect: str, entry: str) -> None:
    fields, error, message = DEFECTS[defect]
    memory = zeros((3, 4), "i")
    exporter = testing.broken(memory, **fields)
    with pytest.raises(error, match=f"^{message}"):
        ENTRIES[entry](exporter)
    assert exporter.exports == 0
    assert memory.tolist() == [[0] * 4] * 3


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_same_buffer_without_a_defect_is_read(entry: str) -> None:
    ENTRIES[entry](testing.broken(zeros((3, 4), "i")))
