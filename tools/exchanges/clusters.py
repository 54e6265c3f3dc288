# SPDX-License-Identifier: Apache-2.0
"""Clusters of Dask and Ray on this machine, and interpreters in this process."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

from exchanges.cells import OUT, Cells, Row, formats, grows, sample, yes
from exchanges.common import Late, np, row
from exchanges.processes import Moved, Seen, seen

ray, distributed = Late("ray"), Late("distributed")
interpreters = Late("concurrent.interpreters")


def watch() -> None:
    """Has the connections of Dask in this process note where they put what they receive."""
    from distributed.comm import tcp

    from exchanges import processes

    places: list[range] = []
    make = tcp.host_array

    def noted(count: int) -> memoryview:
        block: memoryview = make(count)
        start = np.frombuffer(block, "B").ctypes.data
        places.append(range(start, start + count))
        return block

    tcp.host_array = noted
    processes.__dict__["is_received"] = lambda address: any(address in place for place in places)


@functools.cache
def dask() -> Any:
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, protocol="tcp", dashboard_address=None
    )
    client = distributed.Client(cluster)
    client.run(watch)
    return client


def with_dask(array: Any) -> Seen:
    client = dask()
    future = client.scatter(array, direct=True, hash=False)
    return client.submit(seen, future, pure=False).result()  # type: ignore[no-any-return]


@functools.cache
def with_ray() -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    folder = str(Path(__file__).resolve().parent.parent)
    ray.init(
        num_cpus=1,
        include_dashboard=False,
        object_store_memory=128 << 20,
        log_to_driver=False,
        logging_level="ERROR",
        runtime_env={"env_vars": {"PYTHONPATH": folder}},
    )
    return ray.remote(seen)


def through_ray(array: Any) -> Seen:
    function = with_ray()
    return ray.get(function.remote(ray.put(array)))  # type: ignore[no-any-return]


def close() -> None:
    """Ends what the rows have started."""
    if dask.cache_info().currsize:
        client = dask()
        cluster = client.cluster
        client.close()
        cluster.close()
    if with_ray.cache_info().currsize:
        ray.shutdown()


# -- Interpreters -----------------------------------------------------------------------------------------------------


def with_interpreters() -> Cells:
    """The other interpreter gets a memoryview of the array, and shows it with a View of its own."""
    other = interpreters.create()
    queue = interpreters.create_queue()
    other.prepare_main(queue=queue)
    other.exec("import swiftbuffer")

    def sent(array: Any) -> None:
        # Not released here: the other interpreter takes this export over.
        queue.put(memoryview(array))
        other.exec("taken = queue.get(); shown = swiftbuffer.View(taken)")

    def passes(format_: str) -> bool:
        array = sample(format_)
        sent(array)
        other.exec("queue.put(repr(shown.tolist()))")
        return bool(queue.get() == repr(array.tolist()))

    array = sample("d")
    sent(array)
    other.exec("shown[0] = 55")
    shares = array[0] == 55
    pinned = not grows(array)
    sent(sample("d", readonly=True))
    other.exec("queue.put(shown.readonly)")
    cells = Cells(yes(shares), yes(pinned), yes(queue.get()), formats(passes))
    other.exec("shown.release(); taken.release()")
    other.close()
    return cells


ROWS: list[Row] = [
    row(
        "Dask",
        OUT,
        "`client.scatter(a)`, and a task",
        Moved(with_dask, lambda found: found.received, words="the received frame"),
        "distributed",
    ),
    row(
        "Ray",
        OUT,
        "`ray.put(a)`, and a task",
        Moved(through_ray, lambda found: "plasma" in found.file, words="the store's memory"),
    ),
    row("concurrent.interpreters", OUT, "`queue.put(memoryview(a))`", with_interpreters, ""),
]
