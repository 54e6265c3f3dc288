# SPDX-License-Identifier: Apache-2.0
"""A program that shares memory with processes of each kind, leaves segments open, and prints what it saw as JSON:
`python shared_processes.py` for all of it, `python shared_processes.py killed` to be killed as the owner of a segment.

`test_shared.py` runs it and looks at its standard error, where the resource tracker complains.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import swiftbuffer as sb

kept: sb.Array | None = None


def exists(name: str) -> bool:
    return Path("/dev/shm", name).exists()


def doubled(array: sb.Array) -> sb.Array:
    for index in range(array.size):
        array[index] *= 2
    return array


def attached_by_name(name: str) -> list[int]:
    with sb.shared(4, "i", name=name, create=False) as array:
        array[3] += 1
        result: list[int] = array.tolist()
        return result


def ends_at_once(name: str) -> None:
    sb.shared(4, "i", name=name, create=False)[0] = 77
    os.kill(os.getpid(), signal.SIGKILL)


def leaves_one_open() -> str:
    global kept
    kept = sb.shared(4, "i")
    return kept.name


def with_processes(kind: str) -> dict[str, Any]:
    context = multiprocessing.get_context(kind)
    seen: dict[str, Any] = {}
    with sb.shared(4, "i") as array:
        array[...] = [1, 2, 3, 4]
        with context.Pool(1) as pool:
            result = pool.apply(doubled, (array,))
            seen["result is the same memory"] = result.name == array.name
            seen["doubled"] = array.tolist()
            seen["by name"] = pool.apply(attached_by_name, (array.name,))
            made = pool.apply(leaves_one_open)
            pool.close()
            pool.join()
        seen["a child's segment ends with it"] = not exists(made)
        child = context.Process(target=ends_at_once, args=(array.name,))
        child.start()
        child.join()
        seen["killed"] = (child.exitcode, array.tolist(), exists(array.name))
        name = array.name
        result.close()
    seen["removed"] = not exists(name)
    return seen


def main() -> None:
    global kept
    if sys.argv[1:] == ["killed"]:
        print(leaves_one_open(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    seen: dict[str, Any] = {kind: with_processes(kind) for kind in ("fork", "spawn")}
    name = leaves_one_open()
    SharedMemory(name=name).close()
    if os.fork() == 0:
        kept = None
        os._exit(0)
    os.wait()
    seen["forks leave it"] = exists(name)
    seen["left open"] = name
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
