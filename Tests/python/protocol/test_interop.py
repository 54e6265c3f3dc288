# SPDX-License-Identifier: Apache-2.0
"""Arrays in the hands of the standard library, NumPy, Pillow and pyarrow: the same memory, never a copy."""

from __future__ import annotations

import array
import collections.abc
import ctypes
import hashlib
import inspect
import io
import mmap
import os
import socket
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis.extra import numpy as npst
from PIL import Image

import swiftbuffer as sb
from swiftbuffer import capi


def address(obj: Any) -> int:
    with capi.PyObject_GetBuffer(obj, capi.PyBUF_FULL_RO) as view:
        assert view.buf is not None
        return view.buf


def test_memoryview_shows_the_same_memory() -> None:
    made = sb.array([[1, 2, 3], [4, 5, 6]], "i", order="F")
    view = memoryview(made)
    assert view.obj is made
    for name in (
        "nbytes",
        "readonly",
        "format",
        "itemsize",
        "ndim",
        "shape",
        "strides",
        "suboffsets",
        "c_contiguous",
        "f_contiguous",
        "contiguous",
    ):
        assert getattr(view, name) == getattr(made, name), name
        assert type(getattr(view, name)) is type(getattr(made, name)), name
    assert view.tolist() == made.tolist()
    view[1, 2] = 60
    assert made[1, 2] == 60


@given(npst.arrays(npst.scalar_dtypes().filter(lambda kind: kind.kind not in "mM"), npst.array_shapes(max_dims=3)))
def test_numpy_shares_the_memory(source: Any) -> None:
    made = sb.array(source)
    seen = np.asarray(made)
    assert seen.dtype == source.dtype
    assert seen.ctypes.data == address(made)
    assert seen.tobytes() == source.tobytes()
    assert np.shares_memory(seen, np.asarray(made))


def test_writes_through_numpy_are_seen() -> None:
    made = sb.zeros((3, 4))
    seen = np.asarray(made)
    seen[1] = [1, 2, 3, 4]
    seen += 1
    assert made.tolist() == [[1] * 4, [2, 3, 4, 5], [1] * 4]
    made[0, 0] = 99
    assert seen[0, 0] == 99
    flat = np.frombuffer(made, "d")
    flat[-1] = -1
    assert made[2, 3] == -1


def test_bytes_and_struct() -> None:
    made = sb.zeros(4, "h")
    struct.pack_into("<hh", made, 2, 1, 2)
    assert made.tolist() == [0, 1, 2, 0]
    assert struct.unpack_from("<4h", made) == (0, 1, 2, 0)
    assert bytes(made) == b"\0\0\1\0\2\0\0\0" == bytearray(made) == made.tobytes()
    assert b"".join([made, b"x"]) == made.tobytes() + b"x"
    assert int.from_bytes(made, "little") == int.from_bytes(made.tobytes(), "little")
    # A read-only buffer of Fortran order is refused, and copied where bytes are asked for.
    fortran = sb.array([[1, 2], [3, 4]], "B", order="F")
    assert bytes(fortran) == b"\1\2\3\4"
    with pytest.raises((BufferError, ValueError, TypeError)):
        struct.unpack_from("4B", fortran)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "data"
    made = sb.array(range(1000), "i")
    with path.open("wb", buffering=0) as file:
        assert file.write(made) == 4000
    read = sb.zeros(1000, "i")
    with path.open("rb") as file:
        assert file.readinto(read) == 4000
    assert read == made
    with path.open("rb", buffering=0) as raw:
        assert raw.readinto(read) == 4000
        with pytest.raises(TypeError, match="read-write"):
            raw.readinto(sb.zeros(2, readonly=True))
    stream = io.BytesIO(made)
    assert stream.getvalue() == made.tobytes()
    assert stream.readinto(read) == 4000
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        mapped[:4] = sb.array([-1], "i")
        assert sb.array(mapped).tobytes()[:4] == b"\xff" * 4
    descriptor = os.open(path, os.O_RDONLY)
    try:
        assert os.readv(descriptor, [read]) == 4000
    finally:
        os.close(descriptor)
    assert read[0] == -1


def test_sockets() -> None:
    left, right = socket.socketpair()
    with left, right:
        sent = sb.array(range(100), ">H")
        left.sendall(sent)
        received = sb.zeros(100, ">H")
        view = memoryview(received).cast("B")
        count = 0
        while count < 200:
            count += right.recv_into(view[count:])
        assert received == sent
        left.sendmsg([sent, sent])
        assert right.recv_into(received, 200) == 200
        assert right.recvmsg_into([received])[0] == 200


def test_checksums_and_compression() -> None:
    made = sb.array(range(5000), "q")
    plain = made.tobytes()
    assert hashlib.sha256(made).digest() == hashlib.sha256(plain).digest()
    assert zlib.crc32(made) == zlib.crc32(plain)
    assert zlib.decompress(zlib.compress(made)) == plain
    assert sb.array(zlib.decompress(sb.array(zlib.compress(plain)))) == plain


def test_the_arrays_of_the_standard_library() -> None:
    made = sb.array([1.5, 2.5])
    other = array.array("d")
    # array.array takes bytes only from buffers of items of one byte, its own kind included.
    other.frombytes(memoryview(made).cast("B"))
    letters = array.array("B")
    letters.frombytes(sb.array(b"abc"))
    assert letters.tobytes() == b"abc"
    assert other == array.array("d", [1.5, 2.5])
    assert sb.array(other) == made
    made.frombytes(other)
    made.extend(other)
    assert made.tolist() == [1.5, 2.5] * 3
    shared = (ctypes.c_double * 6).from_buffer(made)
    shared[0] = -1
    assert made[0] == -1
    assert ctypes.addressof(shared) == address(made)
    with pytest.raises(BufferError):
        made.append(1)


def test_pillow_shares_the_memory() -> None:
    made = sb.zeros((4, 6, 3), "B")
    made[1, 2] = [10, 20, 30]
    picture = Image.frombuffer("RGB", (6, 4), made, "raw", "RGB", 0, 1)
    assert picture.getpixel((2, 1)) == (10, 20, 30)
    grey = sb.zeros((4, 6), "B")
    shared = Image.frombuffer("L", (6, 4), grey, "raw", "L", 0, 1)
    grey[1, 2] = 77
    assert shared.getpixel((2, 1)) == 77
    assert sb.array(picture.tobytes()) == made.tobytes()
    assert sb.array(np.asarray(picture)) == made


def test_pyarrow_shares_the_memory() -> None:
    made = sb.array(range(10), "q")
    buffer = pa.py_buffer(made)
    assert buffer.address == address(made)
    assert buffer.address % 64 == 0
    column = pa.Array.from_buffers(pa.int64(), 10, [None, buffer])
    made[3] = 333
    assert column.to_pylist() == [0, 1, 2, 333, 4, 5, 6, 7, 8, 9]
    assert sb.array(buffer).nbytes == 80
    with pytest.raises(BufferError):
        made.append(1)


@pytest.mark.skipif(not hasattr(inspect, "BufferFlags"), reason="Python has __buffer__ from 3.12 on")
def test_arrays_are_buffers_for_python_too() -> None:
    from collections.abc import Buffer  # type: ignore[attr-defined,unused-ignore]

    made = sb.zeros(3)
    assert isinstance(made, Buffer)
    view = made.__buffer__(inspect.BufferFlags.FULL)
    assert view.tolist() == [0, 0, 0]
    with pytest.raises(BufferError, match="1 export outstanding"):
        made.append(1)
    made.__release_buffer__(view)
    made.append(1)


def test_arrays_and_views_are_sequences_like_memoryview() -> None:
    for made in (memoryview(b"ab"), sb.View(b"ab"), sb.array([1, 2])):
        assert isinstance(made, collections.abc.Sequence)
    assert not isinstance(sb.View(b"ab"), collections.abc.MutableSequence)
