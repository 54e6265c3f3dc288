# SPDX-License-Identifier: Apache-2.0
"""`__dlpack_c_exchange_api__`: DLPack's functions for C code, called through ctypes."""

from __future__ import annotations

import ctypes
import gc
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import swiftbuffer as sb
from tensors import FLOAT, INT, READ_ONLY, Deleter, Producer, Tensor, Versioned
from view_layouts import arrays

SetError = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
Pointer = ctypes.POINTER(Versioned)


class Table(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("previous", ctypes.c_void_p),
        (
            "allocate",
            ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Tensor), ctypes.POINTER(Pointer), ctypes.c_void_p, SetError),
        ),
        ("from_object", ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.POINTER(Pointer))),
        ("to_object", ctypes.PYFUNCTYPE(ctypes.c_int, Pointer, ctypes.POINTER(ctypes.py_object))),
        ("describe", ctypes.c_void_p),
        (
            "stream",
            ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int32, ctypes.c_int32, ctypes.POINTER(ctypes.c_void_p)),
        ),
    )


def table_of(kind: Any) -> Table:
    capsule = kind.__dlpack_c_exchange_api__
    ctypes.pythonapi.PyCapsule_GetPointer.restype = ctypes.c_void_p
    address = ctypes.pythonapi.PyCapsule_GetPointer(ctypes.py_object(capsule), b"dlpack_exchange_api")
    return Table.from_address(address)


TABLE = table_of(sb.Array)


def tensor_of(memory: Any) -> Any:
    pointer = Pointer()
    assert TABLE.from_object(memory, ctypes.byref(pointer)) == 0
    return pointer


def end(tensor: Any) -> None:
    Deleter(ctypes.cast(tensor.contents.deleter, ctypes.c_void_p).value)(ctypes.addressof(tensor.contents))


def test_both_types_have_the_table_of_the_process() -> None:
    assert (TABLE.major, TABLE.minor, TABLE.previous, TABLE.describe) == (1, 3, None, None)
    for kind in (sb.View, type(sb.zeros(())), type(sb.View(b"a")[0, ...])):
        assert ctypes.addressof(table_of(kind)) == ctypes.addressof(TABLE)


@given(arrays())
def test_tensors_are_those_of_the_capsules(source: np.ndarray[Any, Any]) -> None:
    view = sb.View(source)
    try:
        expected = sb.from_dlpack(view)
    except BufferError:
        pointer = Pointer()
        with pytest.raises(BufferError):
            TABLE.from_object(view, ctypes.byref(pointer))
        assert not pointer
        return
    pointer = tensor_of(view)
    assert bool(pointer.contents.flags & READ_ONLY) == view.readonly
    result = ctypes.py_object()
    assert TABLE.to_object(pointer, ctypes.byref(result)) == 0
    back = result.value
    ctypes.pythonapi.Py_DecRef(result)
    assert isinstance(back, sb.View)
    assert back == expected
    assert (back.shape, back.readonly) == (expected.shape, expected.readonly)


def test_the_export_stands_until_the_deleter_is_called() -> None:
    array = sb.zeros(3)
    pointer = tensor_of(array)
    with pytest.raises(BufferError, match="1 export"):
        array.append(1)
    end(pointer)
    array.append(1)


def test_a_tensor_that_cannot_be_read_stays_with_its_owner() -> None:
    producer = Producer((ctypes.c_int32 * 2)(), (2,), items=(INT, 4, 1))
    result = ctypes.py_object()
    with pytest.raises(BufferError, match="int of 4 bits"):
        TABLE.to_object(ctypes.cast(ctypes.addressof(producer.managed), Pointer), ctypes.byref(result))
    gc.collect()
    assert producer.deleted == 0


def made(
    shape: tuple[int, ...], items: tuple[int, int, int] = (FLOAT, 32, 1), **more: Any
) -> tuple[int, Any, list[bytes]]:
    prototype = Producer(None, shape, items=items, **more).managed.tensor
    errors: list[bytes] = []
    pointer = Pointer()
    fail = SetError(lambda _, kind, message: errors.extend([kind, message]))
    status = TABLE.allocate(ctypes.byref(prototype), ctypes.byref(pointer), None, fail)
    return status, pointer, errors


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0, 5), (1,) * 64])
def test_tensors_are_made(shape: tuple[int, ...]) -> None:
    status, pointer, errors = made(shape)
    assert (status, errors) == (0, [])
    tensor = pointer.contents.tensor
    assert tuple(tensor.shape[: len(shape)]) == shape
    assert bool(tensor.data) == (0 not in shape)
    assert (tensor.data or 0) % 64 == 0
    result = ctypes.py_object()
    assert TABLE.to_object(pointer, ctypes.byref(result)) == 0
    view = result.value
    ctypes.pythonapi.Py_DecRef(result)
    assert (view.shape, view.format, view.readonly, view.c_contiguous) == (shape, "f", False, True)
    view[...] = 5
    assert view.ravel().tolist() == [5] * view.size


def test_tensors_of_items_that_have_no_format_are_made_too() -> None:
    status, pointer, _ = made((3, 3), (4, 16, 2))
    assert status == 0
    assert tuple(pointer.contents.tensor.strides[:2]) == (3, 1)
    end(pointer)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"shape": (2,), "device": (2, 0)}, b"BufferError"),
        ({"shape": (-1,)}, b"BufferError"),
        ({"shape": (2**62, 2**62)}, b"BufferError"),
        ({"shape": (2**58,)}, b"MemoryError"),
        ({"shape": (1,), "ndim": 65}, b"BufferError"),
        ({"shape": (1,), "ndim": -1}, b"BufferError"),
    ],
)
def test_what_cannot_be_made_is_said(arguments: dict[str, Any], kind: bytes) -> None:
    status, pointer, errors = made(**arguments)
    assert status == -1
    assert not pointer
    assert errors[0] == kind
    assert errors[1]


def test_the_cpu_has_no_streams() -> None:
    stream = ctypes.c_void_p(5)
    assert TABLE.stream(1, 0, ctypes.byref(stream)) == 0
    assert stream.value is None
