# SPDX-License-Identifier: Apache-2.0
"""Arrays on a cluster of Dask: a scheduler and two worker processes on this machine, connected by TCP."""

from __future__ import annotations

import operator
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import cloudpickle
import dask
import dask.array as da
import numpy as np
import pytest
from dask.base import tokenize
from dask.sizeof import sizeof
from distributed import Client, KilledWorker, LocalCluster

import received
import swiftbuffer as sb
from received import COUNT, are_numbers, numbers, watch
from swiftbuffer import Array, View

# Workers cannot import what pytest has loaded.
for module in (received, sys.modules[__name__]):
    cloudpickle.register_pickle_by_value(module)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    settings = {"distributed.worker.daemon": True, "distributed.scheduler.allowed-failures": 0}
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, protocol="tcp", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def is_received(client: Client) -> Callable[[int, int], bool]:
    """Of this process, which receives results; each worker has its own."""
    client.run(lambda: watch() and None)
    return watch()


@pytest.fixture
def workers(client: Client) -> tuple[str, str]:
    client.wait_for_workers(2)
    first, second = client.scheduler_info()["workers"]
    return first, second


def seen(array: Any) -> dict[str, Any]:
    """What the task of a worker finds."""
    return {
        "pid": os.getpid(),
        "type": type(array).__name__,
        "shape": array.shape,
        "format": array.format,
        "readonly": array.readonly,
        "received": watch()(array.address, array.nbytes),
        "right": are_numbers(array) if array.nbytes == COUNT * 8 else array.tolist(),
    }


def marked(array: Any) -> Any:
    array[0] = -1
    return array


FOUND = {"type": "Array", "shape": (COUNT,), "format": "d", "received": True, "right": True}


@pytest.mark.parametrize("readonly", [False, True])
def test_64_mib_go_to_a_worker_to_another_and_back_without_a_copy(
    client: Client, workers: tuple[str, str], is_received: Callable[[int, int], bool], readonly: bool
) -> None:
    array = numbers(readonly)
    there = client.scatter(array, workers=workers[0], direct=True)
    found = [client.submit(seen, there, workers=worker, pure=False).result() for worker in workers]
    for one in found:
        assert one | FOUND == one
        assert one["readonly"] == readonly
    assert len({os.getpid(), *(one["pid"] for one in found)}) == 3
    # What the scheduler forwards is pickled by protocol 4, which holds memory in the pickle.
    back = client.gather(there, direct=True)
    assert (isinstance(back, Array), back.readonly, back.address != array.address) == (True, readonly, True)
    assert is_received(back.address, back.nbytes)
    assert are_numbers(back)
    assert not is_received(back.copy().address, back.nbytes)


def test_what_a_worker_writes_comes_back(
    client: Client, workers: tuple[str, str], is_received: Callable[[int, int], bool]
) -> None:
    array = numbers()
    there = client.scatter(array, workers=workers[0], direct=True)
    there = client.submit(marked, there, workers=workers[1], pure=False)
    assert are_numbers(there.result(), first=-1)
    back = client.gather(there, direct=True)
    assert (back[0], array[0], back.readonly) == (-1, 0, False)
    assert are_numbers(back, first=-1)
    assert is_received(back.address, back.nbytes)
    # Over adopted memory until it grows.
    back.append(5)
    assert (len(back), back[-1], is_received(back.address, 1)) == (COUNT + 1, 5, False)
    del there
    array.append(1)


PARTS: dict[str, Callable[[], Any]] = {
    "every second": lambda: View(np.arange(20, dtype="i"))[::2],
    "backwards": lambda: View(np.arange(20, dtype=">i2").reshape(4, 5))[::-1, ::-2],
    "in Fortran order": lambda: View(np.asfortranarray(np.arange(6.0).reshape(2, 3))),
    "records": lambda: sb.array([(1, 2.5), (3, 4.5)], "T{B:a:d:b:}"),
    "of 24 bits": lambda: sb.array([1, -(2**23)], "m"),
    "no items": lambda: sb.zeros((0, 3)),
    "no dimensions": lambda: sb.array(1.5),
}


@pytest.mark.parametrize("name", PARTS)
def test_views_arrive_as_what_they_show(client: Client, workers: tuple[str, str], name: str) -> None:
    part = PARTS[name]()
    there = client.scatter(part, workers=workers[1], direct=True)
    found = client.submit(seen, there, pure=False).result()
    assert (found["shape"], found["format"], found["right"]) == (part.shape, part.format, part.tolist())
    for back in (there.result(), client.gather(there, direct=True)):
        assert (isinstance(back, Array), back.tolist(), back.format) == (True, part.tolist(), part.format)


def test_dask_knows_size_and_identity() -> None:
    array = sb.zeros((1000, 1000))
    assert array.nbytes <= sizeof(array) < array.nbytes + 1000
    assert tokenize(array) == tokenize(array.copy())
    token = tokenize(array)
    array[5, 5] = 1
    assert tokenize(array) != token


FORMATS = ["d", "f", "<i", ">i2", "B", "?", "Zd", "T{<h:x:<d:y:}"]


@pytest.mark.parametrize("format_", FORMATS)
def test_from_array_has_the_items_shape_and_dtype(format_: str) -> None:
    made = sb.zeros((6, 8), format_)
    made[2, 3] = (1, 2) if format_.startswith("T") else 1
    plain = np.asarray(made)
    blocks = da.from_array(made, chunks=(4, 3))
    assert (blocks.shape, blocks.dtype, blocks.chunks) == ((6, 8), plain.dtype, ((4, 2), (3, 3, 2)))
    for chosen in (blocks, blocks[1:5, ::-2], blocks[2], blocks[..., 3], blocks[[0, 2, 4]], blocks[:0]):
        computed = chosen.compute(scheduler="synchronous")
        # NumPy joins blocks in this machine's byte order.
        assert computed.dtype in (plain.dtype, plain.dtype.newbyteorder("="))
    assert np.array_equal(blocks.compute(), plain)
    assert np.array_equal(blocks[1:5, ::-2].compute(), plain[1:5, ::-2])
    assert np.array_equal(blocks[[4, 0, 2]].compute(), plain[[4, 0, 2]])


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "x + 1": lambda x, _: x + 1,
    "1 / x": lambda x, _: 1 / x,
    "x > 3": lambda x, _: x > 3,
    "sum": lambda x, _: x.sum(),
    "mean of rows": lambda x, _: x.mean(axis=1),
    "standard deviation": lambda x, _: x.std(),
    "largest": lambda x, _: x.max(axis=0),
    "where": lambda x, xp: xp.where(x > 3, x, -x),
    "sine": lambda x, xp: xp.sin(x),
    "product": lambda x, _: x @ x.T,
    "transposed": lambda x, _: x.T,
    "reshaped": lambda x, _: x.reshape(48),
    "joined": lambda x, xp: xp.concatenate([x, x], axis=1),
    "stacked": lambda x, xp: xp.stack([x, x[::-1]]),
    "as float32": lambda x, _: x.astype("f4"),
    "with a mask": lambda x, _: x[x > 10],
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_from_array_computes_as_it_does_of_numpys(name: str) -> None:
    made = sb.array(np.arange(1.0, 49).reshape(6, 8))
    plain = np.asarray(made)
    result = OPERATIONS[name](da.from_array(made, chunks=(4, 3)), da)
    expected = OPERATIONS[name](plain, np)
    computed = result.compute()
    assert np.allclose(computed, expected)
    assert (result.dtype, computed.dtype) == (expected.dtype, expected.dtype)


@pytest.mark.usefixtures("client")
def test_from_array_works_on_workers() -> None:
    made = sb.array(np.arange(120_000.0).reshape(300, 400))
    blocks = da.from_array(made, chunks=(100, 150))
    assert blocks.sum().compute() == np.asarray(made).sum()
    assert np.array_equal((blocks[::3] + 1).compute(), np.asarray(made)[::3] + 1)
    assert blocks.map_blocks(operator.neg).min().compute() == -119_999.0
    del blocks


def test_from_array_reads_the_array_when_it_computes() -> None:
    made = sb.array(np.arange(100.0))
    blocks = da.from_array(made, chunks=50)
    made[0] = 7
    assert blocks.sum().compute(scheduler="synchronous") == 4957


def test_from_array_takes_views_as_numpys_arrays() -> None:
    """The hash of a view fails as a memoryview's does, which Dask does not expect."""
    view = View(np.arange(48.0).reshape(6, 8))[::-1]
    with pytest.raises(ValueError, match="cannot hash"):
        da.from_array(view, chunks=(4, 3)).compute(scheduler="synchronous")
    blocks = da.from_array(np.asarray(view), chunks=(4, 3))
    assert blocks.compute(scheduler="synchronous").tolist() == view.tolist()


def killed(_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_is_killed_leaves_the_array_as_it_was(client: Client, workers: tuple[str, str]) -> None:
    array = sb.array(np.arange(1000.0))
    there = client.scatter(array, workers=workers[0], direct=True)
    with pytest.raises(KilledWorker, match="killed"):
        client.submit(killed, there, workers=workers[0], pure=False).result()
    del there
    array.append(1)
    assert len(array) == 1001
    client.wait_for_workers(2)
    again = client.scatter(array, direct=True)
    assert client.submit(len, again, pure=False).result() == 1001
