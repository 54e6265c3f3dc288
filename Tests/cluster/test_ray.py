# SPDX-License-Identifier: Apache-2.0
"""Arrays on a node of Ray that runs on this machine: its object store is memory that all processes have mapped."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import ray

import received
import swiftbuffer as sb
from received import COUNT, are_numbers, in_store, numbers
from swiftbuffer import Array, View

# Workers cannot import what pytest has loaded.
for module in (received, sys.modules[__name__]):
    ray.cloudpickle.register_pickle_by_value(module)

MIB = 1 << 20


@pytest.fixture(scope="module", autouse=True)
def node() -> Iterator[None]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    for tries_left in (1, 0):
        try:
            ray.init(
                num_cpus=1,
                include_dashboard=False,
                object_store_memory=256 * MIB,
                log_to_driver=False,
                logging_level="ERROR",
            )
            break
        except Exception as error:
            # Ray waits 30 s for its processes, which a busy machine may need longer for.
            ray.shutdown()
            if not tries_left or "timed out during startup" not in str(error):
                raise
    yield
    ray.shutdown()


@ray.remote
def seen(array: Any) -> tuple[dict[str, Any], Any]:
    """What a worker finds, and the array itself."""
    try:
        array[0] = -1
        refused = ""
    except TypeError as error:
        refused = str(error)
    found = {
        "pid": os.getpid(),
        "type": type(array).__name__,
        "shape": array.shape,
        "format": array.format,
        "readonly": array.readonly,
        "in the store": in_store(array.address),
        "write refused": "read-only" in refused,
        "right": are_numbers(array) if array.nbytes == COUNT * 8 else array.tolist(),
    }
    return found, array


@ray.remote
def made() -> Any:
    return numbers()


@ray.remote(max_retries=0)
def killed(_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


FOUND = {"type": "Array", "shape": (COUNT,), "format": "d", "in the store": True, "right": True}


@pytest.mark.parametrize("readonly", [False, True])
def test_64_mib_go_to_a_worker_and_back_without_a_copy(readonly: bool) -> None:
    array = numbers(readonly)
    found, back = ray.get(seen.remote(ray.put(array)))
    assert found | FOUND == found
    assert found["pid"] != os.getpid()
    # What is in the store is for all to read.
    assert found["readonly"]
    assert found["write refused"]
    assert (isinstance(back, Array), back.readonly, are_numbers(back)) == (True, True, True)
    assert in_store(back.address)
    with pytest.raises(TypeError, match="read-only"):
        back[0] = 1
    with pytest.raises(TypeError, match="read-only"):
        back.append(1)
    assert not np.asarray(back).flags.writeable
    own = back.copy()
    own[0] = -1
    assert (in_store(own.address), back[0]) == (False, 0)
    assert (array.readonly, array[0]) == (readonly, 0)


def test_what_a_worker_makes_is_used_in_the_store() -> None:
    result = ray.get(made.remote())
    assert isinstance(result, Array)
    assert (result.readonly, in_store(result.address), are_numbers(result)) == (True, True, True)


def test_two_readers_have_one_memory() -> None:
    reference = ray.put(numbers())
    first, second = ray.get(reference), ray.get(reference)
    assert first.address == second.address
    assert in_store(first.address)


def test_memory_stays_in_the_store_while_anything_shows_it() -> None:
    part = View(ray.get(ray.put(numbers())))[5:]
    assert in_store(part.address)
    gc.collect()
    for value in range(6):
        # More than the store holds beside it, so that what nobody uses has to go.
        filler = ray.get(ray.put(sb.full(COUNT, value, "d")))
        assert filler[-1] == value
        del filler
    assert np.array_equal(np.asarray(part), np.arange(5, COUNT, dtype="d"))


def test_views_arrive_as_what_they_show() -> None:
    for part in (
        View(np.arange(20, dtype="i"))[::2],
        View(np.arange(20, dtype=">i2").reshape(4, 5))[::-1, ::-2],
        View(np.asfortranarray(np.arange(6.0).reshape(2, 3))),
        sb.array([(1, 2.5), (3, 4.5)], "T{B:a:d:b:}"),
        sb.array([1, -(2**23)], "m"),
        sb.zeros((0, 3)),
    ):
        found, back = ray.get(seen.remote(part))
        assert (found["shape"], found["format"], found["right"]) == (part.shape, part.format, part.tolist())
        assert (isinstance(back, Array), back.tolist(), back.format) == (True, part.tolist(), part.format)


def test_a_worker_that_is_killed_leaves_the_array_as_it_was() -> None:
    array = sb.array(np.arange(1000.0))
    with pytest.raises(ray.exceptions.WorkerCrashedError):
        ray.get(killed.remote(array))
    array.append(1)
    assert len(array) == 1001
    found, _ = ray.get(seen.remote(array))
    assert found["right"] == [*range(1000), 1]
