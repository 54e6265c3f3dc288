# SPDX-License-Identifier: Apache-2.0
"""Arrays in joblib and multiprocessing: mapped or shared as NumPy's arrays are, or copied as those are.

What docs/exchange.md says about them.
"""

from __future__ import annotations

import multiprocessing
import pickle
from multiprocessing import sharedctypes
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

import swiftbuffer as sb
from received import COUNT, are_numbers, mapping, numbers
from swiftbuffer import Array, View


def seen(array: Any) -> tuple[str, str, bool, bool]:
    """What the process of a worker finds."""
    return type(array).__name__, mapping(array.address), array.readonly, are_numbers(array)


def marked(array: Any) -> None:
    array[0] = -1


def as_numpy(array: Array) -> tuple[Any, ...]:
    """How joblib takes an array apart: NumPy's array of the same memory, which it maps, and a View of that."""
    return View, (np.asarray(array),)


# -- joblib -----------------------------------------------------------------------------------------------------------


def test_joblib_maps_arrays_where_it_is_told_that_they_are_numpys() -> None:
    array = numbers()
    call = joblib.delayed(seen)
    (kind, file, readonly, right), theirs = joblib.Parallel(2, forward_reducers={Array: as_numpy})(
        [call(array), joblib.delayed(mapped_by_numpy)(np.asarray(array))]
    )
    assert (kind, readonly, right) == ("View", True, True)
    # The file is one that joblib has written, as for an array of NumPy's own.
    assert "joblib_memmapping_folder" in file
    assert "joblib_memmapping_folder" in theirs


def mapped_by_numpy(array: Any) -> str:
    return mapping(array.ctypes.data)


def test_joblib_copies_arrays_where_it_is_not_told() -> None:
    ((kind, file, readonly, right),) = joblib.Parallel(2)([joblib.delayed(seen)(numbers())])
    assert (kind, readonly, right) == ("Array", False, True)
    assert not file.startswith("/")


def test_joblibs_workers_share_a_segment() -> None:
    with sb.shared(COUNT, "d") as array:
        array[...] = numbers()
        (found,) = joblib.Parallel(2)([joblib.delayed(seen)(array)])
        assert found == ("Array", f"/dev/shm/{array.name}", False, True)
        joblib.Parallel(2)([joblib.delayed(marked)(array)])
        assert array[0] == -1


def test_joblib_maps_what_it_has_dumped_as_numpys(tmp_path: Path) -> None:
    array = numbers()
    file = tmp_path / "numbers.joblib"
    joblib.dump(np.asarray(array), file)
    loaded = View(joblib.load(file, mmap_mode="r"))
    assert (mapping(loaded.address), loaded.readonly, are_numbers(loaded)) == (str(file), True, True)
    # An array of ours goes into the file as a pickle: it comes back, and not as a map.
    small = sb.array([1, 2, 3])
    joblib.dump(small, file)
    again = joblib.load(file)
    assert (type(again), again.tolist()) == (Array, [1, 2, 3])


def test_joblibs_hash_is_that_of_the_items() -> None:
    array = sb.array([1.5, 2.5])
    assert joblib.hash(array) == joblib.hash(sb.array([1.5, 2.5]))
    assert joblib.hash(array) != joblib.hash(sb.array([1.5, 3.5]))


# -- multiprocessing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fork", "spawn"])
def test_processes_share_a_segment(kind: str) -> None:
    context = multiprocessing.get_context(kind)
    with sb.shared(COUNT, "d") as array:
        array[...] = numbers()
        child = context.Process(target=marked, args=(array,))
        child.start()
        child.join()
        assert (child.exitcode, array[0], are_numbers(array, first=-1)) == (0, -1, True)


def test_what_a_process_gets_otherwise_is_a_copy_as_of_numpys() -> None:
    array, plain = sb.array([1.0, 2.0]), np.array([1.0, 2.0])
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.apply(marked, (array,))
        pool.apply(marked, (plain,))
        assert (array[0], plain[0]) == (1.0, 1.0)
        again = pool.apply(pickle.loads, (pickle.dumps(array, 5),))
        assert (type(again), again.tolist()) == (Array, [1.0, 2.0])
        pool.close()
        pool.join()


def test_views_show_the_memory_that_multiprocessing_shares() -> None:
    ctypes_array = sharedctypes.RawArray("d", 4)
    view = View(ctypes_array)
    view[1] = 5
    assert ctypes_array[1] == 5
    memory = SharedMemory(create=True, size=64)
    try:
        shown = View(memory.buf).cast("d")
        shown[2] = 1.5
        assert np.frombuffer(memory.buf, "d")[2] == 1.5
        with pytest.raises(BufferError):
            memory.close()
        shown.release()
        del shown
    finally:
        memory.close()
        memory.unlink()
