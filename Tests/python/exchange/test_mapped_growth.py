# SPDX-License-Identifier: Apache-2.0
"""`map_file`: arrays that grow and shrink with their file, beside lists and the bytes in the file."""

from __future__ import annotations

import errno
import os
import resource
import signal
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from sampling import examples

few = examples(25)
ITEMS = [3, 1, 4, 1, 5, 9, 2, 6]
FORMAT = "<i"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of `ITEMS`."""
    file = tmp_path / "items"
    file.write_bytes(packed(ITEMS))
    return file


def packed(items: list[int]) -> bytes:
    return struct.pack(f"<{len(items)}i", *items)


CHANGES: dict[str, tuple[Callable[[Any], object], Callable[[list[int]], object]]] = {
    "append": (lambda a: a.append(7), lambda x: x.append(7)),
    "extend": (lambda a: a.extend([7, 8]), lambda x: x.extend([7, 8])),
    "extend by itself": (lambda a: a.extend(a), lambda x: x.extend(x)),
    "+=": (lambda a: a.__iadd__([7]), lambda x: x.__iadd__([7])),
    "*=": (lambda a: a.__imul__(3), lambda x: x.__imul__(3)),
    "insert": (lambda a: a.insert(1, 7), lambda x: x.insert(1, 7)),
    "frombytes": (lambda a: a.frombytes(bytes(8)), lambda x: x.extend([0, 0])),
    "resize up": (lambda a: a.resize(len(a) + 2000), lambda x: x.extend([0] * 2000)),
    "resize down": (lambda a: a.resize(len(a) // 3), lambda x: x.__delitem__(slice(len(x) // 3, None))),
    "pop": (lambda a: a.pop() if len(a) else 0, lambda x: x.pop() if x else 0),
    "pop first": (lambda a: a.pop(0) if len(a) else 0, lambda x: x.pop(0) if x else 0),
    "del slice": (lambda a: a.__delitem__(slice(None, None, 2)), lambda x: x.__delitem__(slice(None, None, 2))),
    "clear": (lambda a: a.clear(), lambda x: x.clear()),
    "reserve": (lambda a: a.reserve(5000), len),
    "reverse": (lambda a: a.reverse(), lambda x: x.reverse()),
}


@few
@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=6), st.sampled_from([0, 5, 4100]))
def test_the_file_grows_and_shrinks_as_a_list_does(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], offset: int
) -> None:
    file = tmp_path_factory.getbasetemp() / "grown"
    file.write_bytes(b"!" * offset + packed(ITEMS))
    expected = list(ITEMS)
    with sb.map_file(file, FORMAT, mode="r+", offset=offset) as array:
        for name in names:
            ours, theirs = CHANGES[name]
            ours(array)
            theirs(expected)
            assert array.tolist() == expected
            assert file.read_bytes() == b"!" * offset + packed(expected)


@pytest.mark.parametrize("name", CHANGES)
def test_copy_on_write_grows_in_memory_of_its_own(path: Path, name: str) -> None:
    expected = list(ITEMS)
    with sb.map_file(path, FORMAT, mode="c") as array:
        for ours, theirs in [CHANGES[name], CHANGES["pop"], CHANGES["append"]]:
            ours(array)
            theirs(expected)
            assert array.tolist() == expected
    assert path.read_bytes() == packed(ITEMS)


def test_a_failed_growth_changes_nothing(path: Path) -> None:
    with sb.map_file(path, FORMAT, mode="r+") as array:
        old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        changes: list[Callable[[], object]] = [
            lambda: array.resize(1 << 20),
            lambda: array.extend(range(1 << 16)),
            lambda: array.insert(0, 7),
        ]
        for change, limit in zip(changes, (1 << 14, 1 << 14, 34), strict=True):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            try:
                with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
                    change()
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert (array.tolist(), path.read_bytes()) == (ITEMS, packed(ITEMS))
        signal.signal(signal.SIGXFSZ, old)
        array.append(7)
    assert path.read_bytes() == packed([*ITEMS, 7])


def test_growth_waits_for_exports(path: Path) -> None:
    with sb.map_file(path, FORMAT, mode="r+") as array:
        with memoryview(array), pytest.raises(BufferError, match=r"re-sized \(1 export outstanding\)"):
            array.append(7)
        array.append(7)


def test_items_in_front_of_others_neither_grow_nor_shrink(path: Path) -> None:
    with sb.map_file(path, FORMAT, 4, mode="r+") as array:
        for name in ("append", "pop", "pop first", "insert", "clear", "*="):
            with pytest.raises(ValueError, match="the items end at byte 16 of the file, which goes on up to 32"):
                CHANGES[name][0](array)
            assert array.tolist() == ITEMS[:4]
    assert path.read_bytes() == packed(ITEMS)


def test_read_only_and_other_dimensions_do_not_grow(path: Path) -> None:
    with sb.map_file(path, FORMAT) as array, pytest.raises(TypeError, match="read-only"):
        array.append(7)
    with sb.map_file(path, FORMAT, (2, 4), mode="r+") as array, pytest.raises(TypeError, match="one dimension"):
        array.append(7)


def test_freeze_copies_the_items(path: Path) -> None:
    with sb.map_file(path, FORMAT, mode="r+") as array:
        array.freeze()
        path.write_bytes(packed([0] * 8))
        assert array.tolist() == ITEMS
        assert isinstance(hash(array), int)


def test_threads_that_append_write_and_flush_lose_nothing(path: Path) -> None:
    path.write_bytes(b"")
    array = sb.map_file(path, FORMAT, mode="r+")

    def append(thread: int) -> None:
        for number in range(500):
            while True:
                try:
                    array.append(thread * 500 + number)
                    break
                except BufferError:  # flush holds an export
                    time.sleep(0)

    threads = [threading.Thread(target=append, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        array.flush()
        # Otherwise the others have the GIL only while this thread flushes, and are refused each time.
        time.sleep(0.001)
    assert sorted(array.tolist()) == list(range(1000))
    assert path.stat().st_size == 4000
    array.close()
