# SPDX-License-Identifier: Apache-2.0
"""`map_file`: arrays over mapped files, beside numpy.memmap, lists, and the bytes in the file."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from sampling import examples

# Each example makes and maps files.
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


# -- Shapes, offsets and modes -----------------------------------------------------------------------------------------


@st.composite
def places(draw: st.DrawFn) -> tuple[str, tuple[int, ...], int, str]:
    """A format, a shape with items, an offset and an order."""
    code = draw(st.sampled_from(["<i2", ">f8", "u1", "<c8", "?"]))
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
    return code, shape, draw(st.sampled_from([0, 1, 7, 4095, 4096, 5000])), draw(st.sampled_from("CF"))


@few
@given(places())
def test_memory_is_that_of_numpys_memmap(tmp_path_factory: pytest.TempPathFactory, place: Any) -> None:
    code, shape, offset, order = place
    file = tmp_path_factory.getbasetemp() / "beside-memmap"
    theirs = np.memmap(file, code, "w+", offset, shape, order)
    theirs[...] = np.arange(theirs.size).reshape(shape)
    with sb.map_file(file, np.dtype(code), shape, mode="r+", offset=offset, order=order) as ours:
        assert ours.tolist() == theirs.tolist()
        assert (ours.shape, ours.strides, ours.nbytes) == (theirs.shape, theirs.strides, theirs.nbytes)
        ours[...] = 1
        assert (theirs == 1).all()  # one memory
    assert file.stat().st_size == offset + theirs.nbytes


@few
@given(places())
def test_a_new_file_is_what_numpys_memmap_makes(tmp_path_factory: pytest.TempPathFactory, place: Any) -> None:
    code, shape, offset, order = place
    base = tmp_path_factory.getbasetemp()
    (base / "ours").write_bytes(b"old" * 9999)
    with sb.map_file(base / "ours", np.dtype(code), shape, mode="w+", offset=offset, order=order) as ours:
        ours[...] = np.arange(ours.size).reshape(shape).astype(code)
    theirs = np.memmap(base / "theirs", code, "w+", offset, shape, order)
    theirs[...] = np.arange(theirs.size).reshape(shape)
    assert (base / "ours").read_bytes() == (base / "theirs").read_bytes()


@pytest.mark.parametrize(("mode", "is_written"), [("r", None), ("r+", True), ("c", False)])
def test_modes_decide_where_writing_goes(path: Path, mode: str, is_written: bool | None) -> None:
    with sb.map_file(path, FORMAT, mode=mode) as array:  # type: ignore[arg-type]
        assert array.readonly == (is_written is None)
        if is_written is None:
            with pytest.raises(TypeError, match="read-only"):
                array[0] = 7
            return
        array[0] = 7
        assert array.tolist() == [7, *ITEMS[1:]]
        assert path.read_bytes() == packed([7 if is_written else 3, *ITEMS[1:]])


@pytest.mark.parametrize("kind", [str, os.fsencode, Path])
def test_paths_are_those_of_open(path: Path, kind: Callable[[Path], Any]) -> None:
    with sb.map_file(kind(path), FORMAT) as array:
        assert array.name == str(path)


def test_names_beyond_text_are_kept(tmp_path: Path) -> None:
    file = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    with sb.map_file(file, "B", 3, mode="w+") as array:
        assert array.name == file


def test_shapes_without_items_and_empty_files(tmp_path: Path) -> None:
    with sb.map_file(tmp_path / "empty", FORMAT, (0, 3), mode="w+") as array:
        assert (array.shape, array.nbytes, memoryview(array).nbytes) == ((0, 3), 0, 0)
    with sb.map_file(tmp_path / "empty", FORMAT, mode="r+") as array:
        assert array.tolist() == []
        array.append(5)
        array.flush()
        array.advise("normal")
    assert sb.map_file(tmp_path / "empty", FORMAT, ()).item() == 5


def test_a_new_file_takes_no_space_until_it_is_written(tmp_path: Path) -> None:
    with sb.map_file(tmp_path / "sparse", "d", 1 << 24, mode="w+") as array:
        array[1 << 20] = 1
        array.resize(1 << 25)
    assert (tmp_path / "sparse").stat().st_size == 8 << 25
    assert (tmp_path / "sparse").stat().st_blocks * 512 < 1 << 20


def test_a_gigabyte_opens_in_under_a_millisecond(tmp_path: Path) -> None:
    sb.map_file(tmp_path / "large", "B", 1 << 30, mode="w+").close()

    def opening() -> float:
        start = time.perf_counter()
        with sb.map_file(tmp_path / "large", "d") as array:
            assert array.nbytes == 1 << 30
            return time.perf_counter() - start

    assert min(opening() for _ in range(10)) < 1e-3


# -- Files that are not what they should be ----------------------------------------------------------------------------


def test_a_truncated_file_is_an_error_where_it_can_be_known(path: Path) -> None:
    with sb.map_file(path, FORMAT, mode="r+") as array:
        os.truncate(path, 12)
        for use in (array.flush, lambda: array.append(7), lambda: array.pop(0), lambda: array.resize(99)):
            with pytest.raises(BufferError, match="truncated to 12 bytes, but the items end at byte 32"):
                use()
        assert path.read_bytes() == packed(ITEMS[:3])
        os.truncate(path, 32)
        assert array.tolist() == [*ITEMS[:3], 0, 0, 0, 0, 0]
        array.append(7)


def refusals(path: Path) -> Iterator[tuple[type[Exception], str, Callable[[], object]]]:
    yield FileNotFoundError, "absent", lambda: sb.map_file(path.parent / "absent", FORMAT)
    yield FileNotFoundError, "absent", lambda: sb.map_file(path.parent / "absent", FORMAT, mode="r+")
    yield IsADirectoryError, path.parent.name, lambda: sb.map_file(path.parent, FORMAT)
    yield ValueError, "only a regular file can be mapped, which /dev/null is not", lambda: sb.map_file("/dev/null", "B")
    yield ValueError, "takes? 36 bytes .* the file has 32 bytes", lambda: sb.map_file(path, FORMAT, 9)
    yield ValueError, "from offset 30 on", lambda: sb.map_file(path, FORMAT, (1, 1), offset=30)
    yield ValueError, "offset 33 is beyond the end", lambda: sb.map_file(path, FORMAT, offset=33)
    yield ValueError, "negative", lambda: sb.map_file(path, FORMAT, offset=-1)
    yield ValueError, "32 bytes .* itemsize 3", lambda: sb.map_file(path, "m")
    yield ValueError, "itemsize 0", lambda: sb.map_file(path, "0s")
    mode: Any = "w"
    yield ValueError, "mode must be one of 'r', 'r\\+', 'w\\+', 'c'", lambda: sb.map_file(path, "B", mode=mode)
    yield TypeError, "needs a shape", lambda: sb.map_file(path, "B", mode="w+")
    yield OverflowError, ".", lambda: sb.map_file(path, "d", 1 << 61, mode="w+")
    yield OverflowError, "too large", lambda: sb.map_file(path, "B", (1 << 63) - 1, mode="w+", offset=9)
    yield OSError, ".", lambda: sb.map_file(path.parent / "huge", "B", (1 << 63) - 1, mode="w+")
    yield NotImplementedError, "references", lambda: sb.map_file(path, "O", 1, mode="w+")
    yield ValueError, "null", lambda: sb.map_file("a\0b", "B")
    yield TypeError, "PathLike", lambda: sb.map_file(5, "B")  # type: ignore[arg-type]


def test_errors_say_what_is_wrong_and_leave_the_file(path: Path) -> None:
    for error, text, use in refusals(path):
        with pytest.raises(error, match=text):
            use()
    assert path.read_bytes() == packed(ITEMS)


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="regular file"):
        sb.map_file(tmp_path / "pipe", "B")


# -- Methods -----------------------------------------------------------------------------------------------------------


def test_flush_and_advise_leave_the_items(path: Path) -> None:
    for mode in ("r", "r+"):
        with sb.map_file(path, FORMAT, mode=mode, offset=4) as array:
            for advice in ("normal", "random", "sequential", "willneed", "dontneed"):
                array.advise(advice)
                array.advise(advice, 4, -8)
                array.advise(advice, 99)
            array.flush()
            assert array.tolist() == ITEMS[1:]


def test_methods_for_mapped_memory_refuse_other_memory(path: Path) -> None:
    own = sb.array(ITEMS)
    for use in (own.flush, lambda: own.advise("normal")):
        with pytest.raises(TypeError, match="map_file"):
            use()
    with pytest.raises(AttributeError, match="map_file"):
        own.name  # noqa: B018
    with sb.map_file(path, FORMAT, mode="c") as array:
        with pytest.raises(TypeError, match="mode 'r\\+'"):
            array.flush()
        array[0] = 7
        with pytest.raises(ValueError, match="undo"):
            array.advise("dontneed")
        with pytest.raises(ValueError, match="'willneed'"):
            array.advise("soon")  # type: ignore[arg-type]
        assert array[0] == 7


def mappings(path: Path) -> int:
    """How often a file is mapped by this process."""
    lines = os.fsdecode(Path("/proc/self/maps").read_bytes()).splitlines()
    return sum(line.endswith(f" {path}") for line in lines)


def descriptors(path: Path) -> int:
    """How often a file is open in this process."""
    count = 0
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            count += link.readlink() == path
    return count


def test_close_ends_the_mapping_and_all_uses(path: Path) -> None:
    array = sb.map_file(path, FORMAT, mode="r+")
    array.append(7)
    array.resize(5000)
    assert (mappings(path), descriptors(path)) == (1, 1)
    array.close()
    array.close()
    assert (mappings(path), descriptors(path)) == (0, 0)
    assert repr(array) == "<released Array>"
    assert array == array
    assert array != sb.array(ITEMS)
    for use in (
        array.tolist,
        array.flush,
        array.copy,
        array.freeze,
        lambda: array[0],
        lambda: array[1:],
        lambda: array.append(1),
        lambda: array.pop(),
        lambda: array.reserve(9),
        lambda: len(array),
        lambda: array.name,
        lambda: memoryview(array),
        lambda: sb.View(array),
        array.__enter__,
    ):
        with pytest.raises(ValueError, match="released Array"):
            use()


def test_the_end_of_an_array_ends_the_mapping(path: Path) -> None:
    view = sb.map_file(path, FORMAT)[2:]
    assert (view.tolist(), mappings(path)) == (ITEMS[2:], 1)
    del view
    assert (mappings(path), descriptors(path)) == (0, 0)


def test_close_waits_for_exports_and_names_them(path: Path) -> None:
    array = sb.map_file(path, FORMAT)
    sb.trace_exports(True)
    try:
        view = memoryview(array)
        with pytest.raises(BufferError, match=r"closed \(1 export outstanding\)[\s\S]*test_mapped.py"):
            array.close()
    finally:
        sb.trace_exports(False)
    assert view.tobytes() == packed(ITEMS)
    view.release()
    array.close()


@contextmanager
def exported(path: Path) -> Iterator[memoryview]:
    with sb.map_file(path, FORMAT) as array:
        yield memoryview(array)


def test_with_does_not_hide_an_error_behind_outstanding_exports(path: Path) -> None:
    with pytest.raises(BufferError, match="closed"), exported(path) as view:
        pass
    view.release()
    with pytest.raises(ZeroDivisionError), exported(path) as view:
        raise ZeroDivisionError
    view.release()


@pytest.mark.parametrize("shape", [(), 3, (2, 3)])
def test_close_is_for_every_array(shape: Any) -> None:
    with sb.zeros(shape) as array:
        array[...] = 1
    assert repr(array) == "<released Array>"
    with pytest.raises(ValueError, match="released Array"):
        array.fill(1)
