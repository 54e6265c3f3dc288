# SPDX-License-Identifier: Apache-2.0
"""Nothing that is handed to `swiftbuffer.capi` crashes it, and nothing is left behind however often it is called."""

from __future__ import annotations

import gc
import inspect
import struct
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import c_oracle
from acting import refused
from sampling import examples
from swiftbuffer import capi

FUNCTIONS = [getattr(capi, name) for name in capi.__all__ if not name.startswith(("PyBUF_", "Py_buffer"))]
FULL_RO = capi.PyBUF_FULL_RO


def released(view: Any) -> Any:
    view.release()
    return view


def buffer(obj: Any, flags: int = FULL_RO) -> capi.Py_buffer:
    return capi.PyObject_GetBuffer(obj, flags)


class Hostile:
    """Raises wherever it is asked."""

    def __index__(self) -> int:
        raise RecursionError("index")

    def __bool__(self) -> bool:
        raise RecursionError("bool")

    def __len__(self) -> int:
        raise RecursionError("len")

    def __getitem__(self, index: object) -> int:
        raise RecursionError("item")


class OwnBytes(bytes):
    pass


values = st.sampled_from(
    [
        lambda: None,
        lambda: b"",
        lambda: b"abcdef",
        lambda: OwnBytes(b"abcdef"),
        lambda: bytearray(b"abcdef"),
        lambda: "C",
        lambda: "F",
        lambda: "A",
        lambda: "y*",
        lambda: "\ud800",
        lambda: "1000000000000000000000s",
        lambda: 1.5,
        lambda: Hostile(),
        lambda: [Hostile()],
        lambda: [0],
        lambda: (2, 3),
        lambda: (0, -1),
        lambda: (b"abc", b"abc"),
        lambda: memoryview(b"abcdef")[::-2],
        lambda: memoryview(bytearray(24)).cast("h", (3, 4)),
        lambda: released(memoryview(b"abc")),
        lambda: np.zeros((3, 4, 0)),
        lambda: np.arange(12).reshape(3, 4).T,
        lambda: np.zeros(3, "V0"),
        lambda: np.zeros((2, 2), "S0"),
        lambda: buffer(b"abcdef"),
        lambda: buffer(bytearray(b"abcdef"), capi.PyBUF_SIMPLE),
        lambda: buffer(np.zeros((3, 4)).T),
        lambda: buffer(np.zeros((3, 4)), capi.PyBUF_ND),
        lambda: buffer(np.zeros((3, 4)), capi.PyBUF_SIMPLE),
        lambda: buffer(np.zeros(3, "V0")),
        lambda: buffer(np.array(1)),
        lambda: released(buffer(b"abc")),
        lambda: capi.PyMemoryView_GET_BUFFER(memoryview(bytearray(4))),
    ]
)
# Small numbers only: an address is believed, as in C, and these are all refused or never read.
numbers = st.one_of(st.integers(-3, 0x220), st.sampled_from([2**31, -(2**31), 2**63 - 1, 2**63, -(2**63), 2**70]))


# Those of the functions, and those of the arguments themselves.
EXPECTED = (ValueError, TypeError, IndexError, OverflowError, BufferError, struct.error, RecursionError, RuntimeError)


@st.composite
def calls(draw: st.DrawFn) -> tuple[Callable[..., Any], list[Any]]:
    """A function and as many arguments as it takes, or sometimes one more or less."""
    function = draw(st.sampled_from(FUNCTIONS))
    arity = len(inspect.signature(function).parameters) + draw(st.sampled_from([0] * 18 + [-1, 1]))
    return function, draw(st.lists(values | numbers, min_size=arity, max_size=arity))


@examples(2000)
@given(calls())
def test_any_arguments_give_a_value_or_an_exception(call: tuple[Callable[..., Any], list[Any]]) -> None:
    function, arguments = call
    made = [argument() if callable(argument) else argument for argument in arguments]
    try:
        result = function(*made)
    except SystemError:
        # PyBUF_READ or PyBUF_WRITE as a request.
        assert sys.version_info >= (3, 13)
    except EXPECTED:
        pass
    else:
        if isinstance(result, capi.Py_buffer):
            repr(result)
            result.release()


data = bytearray(b"abcdef")
image = np.arange(24, dtype="i2").reshape(4, 6)[:, ::2]
image_buffer = buffer(image, capi.PyBUF_FULL)
view = memoryview(data)


FIELDS = ["buf", "obj", "len", "itemsize", "readonly", "ndim", "format", "shape", "strides", "suboffsets", "internal"]
OPERATIONS: dict[str, Callable[[], object]] = {
    "check": lambda: capi.PyObject_CheckBuffer(data),
    "get": lambda: capi.PyObject_GetBuffer(data, FULL_RO),
    "get, release": lambda: capi.PyBuffer_Release(capi.PyObject_GetBuffer(image, FULL_RO)),
    "get, refused": refused(lambda: capi.PyObject_GetBuffer(b"abc", capi.PyBUF_WRITABLE), BufferError),
    "get, no buffer": refused(lambda: capi.PyObject_GetBuffer("abc", 0), TypeError),
    "fields": lambda: [
        getattr(image_buffer, name) for name in ("buf", "obj", "format", "shape", "strides", "internal")
    ],
    "repr": lambda: repr(image_buffer),
    "contiguous": lambda: capi.PyBuffer_IsContiguous(image_buffer, "C"),
    "pointer": lambda: capi.PyBuffer_GetPointer(image_buffer, (1, 2)),
    "pointer, refused": refused(lambda: capi.PyBuffer_GetPointer(image_buffer, (1, 5)), IndexError),
    "to": lambda: capi.PyBuffer_ToContiguous(image_buffer, "F"),
    "from": lambda: capi.PyBuffer_FromContiguous(image_buffer, bytes(24), "F"),
    "copy": lambda: capi.PyObject_CopyData(image, image),
    "copy, refused": refused(lambda: capi.PyObject_CopyData(image, data), ValueError),
    "copy to object": lambda: capi.PyObject_CopyToObject(image, bytes(24), "C"),
    "strides": lambda: capi.PyBuffer_FillContiguousStrides((300, 400), 8, "F"),
    "strides, refused": refused(lambda: capi.PyBuffer_FillContiguousStrides((2**62, 2**62), 8, "F"), OverflowError),
    "fill": lambda: capi.PyBuffer_FillInfo(data, 4096, 6, True, FULL_RO),
    "fill, refused": refused(lambda: capi.PyBuffer_FillInfo(data, 4096, 6, True, 1), BufferError),
    "size": lambda: capi.PyBuffer_SizeFromFormat("id"),
    "parse": lambda: capi.PyArg_ParseTuple((data, "text", None, data), "y*s*z*w*"),
    "parse, refused": refused(lambda: capi.PyArg_ParseTuple((data, data, 3), "y*w*s*"), TypeError),
    "view": lambda: capi.PyMemoryView_FromObject(data),
    "view of memory": lambda: capi.PyMemoryView_FromMemory(4096, 6, capi.PyBUF_READ),
    "view of buffer": lambda: capi.PyMemoryView_FromBuffer(capi.PyObject_GetBuffer(data, FULL_RO))[1:],
    "contiguous view": lambda: capi.PyMemoryView_GetContiguous(image, capi.PyBUF_READ, "F"),
    "inside": lambda: capi.PyMemoryView_GET_BUFFER(view),
    "base": lambda: capi.PyMemoryView_GET_BASE(view),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_failing_calls_leave_no_references(operation: Callable[[], object]) -> None:
    gc.collect()
    c_oracle.assert_no_growth(operation, data, image, image_buffer, view, capi.Py_buffer)
    view.release()
    data.append(1)  # no export outstanding
    data.pop()
    globals()["view"] = memoryview(data)
