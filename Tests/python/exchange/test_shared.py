# SPDX-License-Identifier: Apache-2.0
"""`shared`: arrays in named segments, beside multiprocessing.shared_memory and across processes."""

from __future__ import annotations

import copy
import errno
import itertools
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import shared_processes
import swiftbuffer as sb
from sampling import examples

PROGRAM = Path(shared_processes.__file__)
numbers = itertools.count()


@pytest.fixture
def name() -> Iterator[str]:
    """A name that no other test has, in whatever process."""
    name = f"sb_test_{os.getpid()}_{next(numbers)}"
    yield name
    assert not exists(name)


def exists(name: str) -> bool:
    return Path("/dev/shm", name).exists()


# -- One memory --------------------------------------------------------------------------------------------------------


@examples(25)
@given(
    st.sampled_from(["<i2", ">f8", "u1", "<c8", "?"]),
    st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple),
    st.sampled_from("CF"),
)
def test_the_memory_is_that_of_the_standard_library(code: str, shape: tuple[int, ...], order: Any) -> None:
    with sb.shared(shape, np.dtype(code), order=order) as array:
        theirs: Any = SharedMemory(name=array.name)
        assert (theirs.size, bytes(theirs.buf)) == (array.nbytes, bytes(array.nbytes))
        expected = np.arange(array.size).reshape(shape).astype(code)
        array[...] = expected
        assert bytes(theirs.buf) == expected.tobytes(order)
        theirs.buf[:] = bytes(array.nbytes)
        assert not array.copy().cast("B").tobytes().strip(b"\0")
        theirs.close()


def test_a_segment_of_the_standard_library_is_attached(name: str) -> None:
    theirs: Any = SharedMemory(name=name, create=True, size=24)
    theirs.buf[:] = bytes(range(24))
    with sb.shared(name=name, format="B", create=False) as array:
        assert array.tolist() == list(range(24))
        array[0] = 99
    with sb.shared((2, 5), "<H", name=name, create=False, order="F") as array:
        assert array.tobytes(order="F") == bytes([99, *range(1, 20)])
    assert exists(name)  # which the maker removes, and nobody else
    theirs.close()
    theirs.unlink()


def test_attached_arrays_are_the_same_memory(name: str) -> None:
    with sb.shared((2, 3), "f", name=name) as array:
        assert array.name == name
        with sb.shared((2, 3), "f", name=name, create=False) as other:
            assert other.name == name
            other[1, 2] = 5
            assert array.tolist() == [[0, 0, 0], [0, 0, 5]]
        with sb.shared(format="f", name=name, create=False, readonly=True) as flat:
            assert (flat.readonly, flat.tolist()) == (True, [0, 0, 0, 0, 0, 5])
            with pytest.raises(TypeError, match="read-only"):
                flat[0] = 1


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("order", ["C", "F"])
def test_pickles_are_the_same_memory(protocol: int, order: Any) -> None:
    with sb.shared((2, 3), "T{<h:x:d:y:}", order=order) as array:
        data = pickle.dumps(array, protocol, buffer_callback=None)
        with pickle.loads(data) as other:
            other[1, 0] = (1, 2.5)
            assert array.tolist() == other.tolist()
            assert (other.name, other.strides, other.format) == (array.name, array.strides, array.format)
            assert array[1, 0] == (1, 2.5)
        with (
            sb.shared((2, 3), array.format, name=array.name, create=False, readonly=True) as seen,
            pickle.loads(pickle.dumps(seen, protocol)) as again,
        ):
            assert again.readonly
    assert len(data) < 200


def test_copies_and_pickles_of_views_have_memory_of_their_own() -> None:
    with sb.shared(3, "i") as array:
        array[...] = [1, 2, 3]
        for make in (sb.Array.copy, copy.copy, copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a[:]))):
            other = make(array)
            other[0] = 99
            assert (array.tolist(), other.tolist()) == ([1, 2, 3], [99, 2, 3])
            other.append(4)
            with pytest.raises(AttributeError, match="no name"):
                other.name  # noqa: B018


@pytest.mark.parametrize("shape", [0, (3, 0), ()])
def test_shapes_with_no_items_or_one(shape: Any) -> None:
    with sb.shared(shape, "h") as array, pickle.loads(pickle.dumps(array)) as other:
        other[...] = 7
        assert array.tolist() == other.tolist()
        assert array.shape == (shape if isinstance(shape, tuple) else (shape,))


# -- Lengths and layouts -----------------------------------------------------------------------------------------------


def test_a_shared_array_keeps_its_length() -> None:
    with sb.shared(4, "i") as array:
        array[...] = [1, 2, 3, 4]
        changes: list[Callable[[], object]] = [
            lambda: array.append(5),
            lambda: array.extend([5]),
            lambda: array.insert(0, 5),
            lambda: array.pop(),
            lambda: array.pop(0),
            lambda: array.remove(1),
            lambda: array.clear(),
            lambda: array.reserve(99),
            lambda: array.resize(2),
            lambda: array.__delitem__(slice(0, 2)),
            lambda: array.__imul__(2),
            lambda: array.frombytes(bytes(4)),
        ]
        for change in changes:
            with pytest.raises(TypeError, match="keeps its length"):
                change()
            assert array.tolist() == [1, 2, 3, 4]
        array.reverse()
        assert array.tolist() == [4, 3, 2, 1]


def test_freeze_leaves_the_segment() -> None:
    with sb.shared(2, "i") as array:
        name = array.name
        with sb.shared(2, "i", name=name, create=False) as other:
            array.freeze()
            other[0] = 9
            assert array.tolist() == [0, 0]
        assert not exists(name)


# -- Names and their end -----------------------------------------------------------------------------------------------


def test_the_maker_alone_removes_the_name(name: str) -> None:
    array = sb.shared(3, name=name)
    other = sb.shared(3, name=name, create=False)
    other.close()
    assert exists(name)
    other = sb.shared(3, name=name, create=False)
    array.close()
    assert not exists(name)
    other[0] = 5  # the memory stays as long as somebody has it
    with pytest.raises(FileNotFoundError):
        sb.shared(3, name=name, create=False)
    other.close()


def test_the_end_of_the_array_removes_the_name() -> None:
    array = sb.shared(3)
    name, view = array.name, memoryview(array)
    del array
    assert exists(name)
    view.release()
    del view
    assert not exists(name)


def test_a_name_removed_by_others_is_no_error_of_close(name: str) -> None:
    with sb.shared(3, name=name) as array:
        theirs = SharedMemory(name=name)
        theirs.close()
        theirs.unlink()
        array[0] = 1
    with sb.shared(3, name=name) as array:
        Path("/dev/shm", name).unlink()
        array[0] = 1


def test_close_waits_for_exports(name: str) -> None:
    array = sb.shared(3, name=name)
    with memoryview(array), pytest.raises(BufferError, match=r"closed \(1 export outstanding\)"):
        array.close()
    assert exists(name)
    array.close()
    array.close()
    with pytest.raises(ValueError, match="released Array"):
        pickle.dumps(array)


def test_names_are_found_until_they_are_free(name: str) -> None:
    arrays = [sb.shared(1) for _ in range(20)]
    assert len({array.name for array in arrays}) == 20
    with sb.shared(3, name=name):
        with pytest.raises(FileExistsError, match=name):
            sb.shared(3, name=name)
        with pytest.raises(ValueError, match=f"800 bytes, but the segment '{name}' has 24"):
            sb.shared(100, name=name, create=False)
        with pytest.raises(ValueError, match="24 bytes, not a multiple of itemsize 5"):
            sb.shared(name=name, format="5s", create=False)
    for array in arrays:
        array.close()


@pytest.mark.parametrize(
    ("error", "text", "arguments"),
    [
        (ValueError, "without '/'", {"shape": 3, "name": "a/b"}),
        (ValueError, "without '/'", {"shape": 3, "name": ""}),
        (ValueError, "without '/'", {"shape": 3, "name": "a\0b"}),
        (ValueError, "without '/'", {"shape": 3, "name": ".."}),
        (OSError, os.strerror(errno.ENAMETOOLONG), {"shape": 3, "name": "n" * 300}),
        (TypeError, "needs a shape", {}),
        (TypeError, "needs the name", {"shape": 3, "create": False}),
        (TypeError, "must be written", {"shape": 3, "readonly": True}),
        (TypeError, "name must be a str", {"shape": 3, "name": 5}),
        (OverflowError, ".", {"shape": 1 << 62}),
        (NotImplementedError, "references", {"shape": 3, "format": "O"}),
        (FileNotFoundError, "sb_no_such", {"name": "sb_no_such", "create": False}),
    ],
)
def test_errors_say_what_is_wrong(error: type[Exception], text: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(error, match=text):
        sb.shared(**arguments)


def test_too_little_room_is_an_error_and_leaves_nothing(name: str) -> None:
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            sb.shared(10_000, "B", name=name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)


def test_methods_that_files_have() -> None:
    with sb.shared(3) as array:
        array[...] = 1
        for advice in ("willneed", "dontneed"):
            array.advise(advice)
        assert array.tolist() == [1, 1, 1]
        with pytest.raises(TypeError, match="no file"):
            array.flush()


# -- Processes ---------------------------------------------------------------------------------------------------------


def test_processes_share_the_memory_and_leave_no_segment_and_no_warning() -> None:
    program = subprocess.run([sys.executable, PROGRAM], capture_output=True, text=True, check=True)
    assert program.stderr == ""
    seen = json.loads(program.stdout)
    for kind in ("fork", "spawn"):
        assert seen[kind] == {
            "result is the same memory": True,
            "doubled": [2, 4, 6, 8],
            "by name": [2, 4, 6, 9],
            "a child's segment ends with it": True,
            "killed": [-signal.SIGKILL, [77, 4, 6, 9], True],
            "removed": True,
        }
    assert seen["forks leave it"]
    assert not exists(seen["left open"])


def test_a_killed_owner_leaves_no_segment() -> None:
    program = subprocess.run([sys.executable, PROGRAM, "killed"], capture_output=True, text=True, check=False)
    name = program.stdout.strip()
    assert (program.returncode, name[:3]) == (-signal.SIGKILL, "sb_")
    end = time.monotonic() + 60
    while exists(name) and time.monotonic() < end:
        time.sleep(0.01)
    assert not exists(name)
