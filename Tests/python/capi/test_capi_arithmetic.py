# SPDX-License-Identifier: Apache-2.0
"""Strides, itemsizes, constants and signatures of `swiftbuffer.capi`."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import c_oracle
from swiftbuffer import capi

ORDERS = "CFA"


def outcome(body: Callable[[], Any]) -> Any:
    try:
        return body()
    except Exception as error:
        return type(error), str(error)


# -- Arithmetic --------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(0, 2**31 - 1), st.sampled_from(ORDERS))
def test_strides_are_those_of_c(shape: list[int], itemsize: int, order: str) -> None:
    strides = c_oracle.sizes([0] * len(shape))
    c_oracle.fill_strides(len(shape), c_oracle.sizes(shape), strides, itemsize, order.encode())
    assert capi.PyBuffer_FillContiguousStrides(shape, itemsize, order) == tuple(strides)


def test_strides_of_one_axis_and_of_the_most() -> None:
    assert capi.PyBuffer_FillContiguousStrides(5, 8, "C") == (8,)
    assert capi.PyBuffer_FillContiguousStrides((1,) * capi.PyBUF_MAX_NDIM, 3, "F") == (3,) * 64


@pytest.mark.parametrize(
    ("shape", "itemsize", "error"),
    [
        ((-1,), 1, ValueError),
        ((2, -3), 1, ValueError),
        ((2,), -1, ValueError),
        ((1,) * 65, 1, ValueError),
        ((2**40, 2**40), 1, OverflowError),
        ((2**62,), 8, OverflowError),
        ((2**63,), 1, OverflowError),
        ((1,), 2**31, OverflowError),
        ("34", 1, TypeError),
        ((1.0,), 1, TypeError),
        ((1,), 1.0, TypeError),
    ],
)
def test_shapes_that_are_none(shape: Any, itemsize: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        capi.PyBuffer_FillContiguousStrides(shape, itemsize, "C")


@given(st.text("@=<>!xcbB?hHiIlLqQnNefdspP0123456789 ", max_size=8))
def test_sizes_of_formats_are_those_of_struct(text: str) -> None:
    expected = outcome(lambda: struct.calcsize(text))
    actual = outcome(lambda: capi.PyBuffer_SizeFromFormat(text))
    assert actual == expected == outcome(lambda: c_oracle.size_from_format(text.encode()))


def test_formats_of_another_kind() -> None:
    with pytest.raises(ValueError, match="NUL"):
        capi.PyBuffer_SizeFromFormat("i\0d")
    with pytest.raises(TypeError, match="format must be a str"):
        capi.PyBuffer_SizeFromFormat(b"i")


# -- Constants and signatures ------------------------------------------------------------------------------------------


def test_constants_are_those_of_the_headers() -> None:
    try:
        import _testbuffer
    except ImportError:
        import inspect as _testbuffer  # has none of them: the values below remain
    for name in (name for name in dir(_testbuffer) if name.startswith("PyBUF_")):
        assert getattr(capi, name) == getattr(_testbuffer, name), name
    assert capi.PyBUF_WRITEABLE == capi.PyBUF_WRITABLE == 1
    assert capi.PyBUF_MAX_NDIM == 64
    assert (capi.PyBUF_READ, capi.PyBUF_WRITE) == (0x100, 0x200)
    assert (capi.PyBUF_FULL, capi.PyBUF_FULL_RO, capi.PyBUF_RECORDS) == (0x11D, 0x11C, 0x1D)


@pytest.mark.parametrize("name", [name for name in capi.__all__ if not name.startswith("PyBUF_")])
def test_every_name_is_documented_with_its_source(name: str) -> None:
    thing = getattr(capi, name)
    assert "Source:" in " ".join(thing.__doc__.split())
    assert name == "Py_buffer" or thing.__text_signature__.startswith("($module, ")


def test_keywords_and_their_misuse() -> None:
    assert capi.PyBuffer_FillContiguousStrides(shape=(2, 3), itemsize=4, order="F") == (4, 8)
    for call in (
        lambda: capi.PyObject_GetBuffer(b""),
        lambda: capi.PyObject_GetBuffer(b"", 0, 0),
        lambda: capi.PyObject_GetBuffer(b"", 0, flags=0),
        lambda: capi.PyObject_GetBuffer(b"", flag=0),
    ):
        with pytest.raises(TypeError, match=r"PyObject_GetBuffer\(\)"):
            call()
