# SPDX-License-Identifier: Apache-2.0
"""The names of the shared segments that this process has made: who removes them, and when.

A segment's name is removed when the array that made it ends, when the process ends, and otherwise, after it was killed,
by the resource tracker of `multiprocessing`: a process that ends after all processes that share it. The tracker also
knows the segments that `SharedMemory` has made or attached, so that telling it of a name twice is telling it once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import resource_tracker, util


def made(name: str) -> util.Finalize:
    """Have the name of a new segment removed at the latest when this process ends.

    Returns what removes it at once: a function of no arguments that does nothing the second time, nor in a process that
    was forked from this one. Processes that `multiprocessing` joins at the end of this one still find the name.
    """
    _tell(resource_tracker.register, name)
    return util.Finalize(None, _remove, (name,), exitpriority=-1)


def _remove(name: str) -> None:
    try:
        os.unlink(f"/dev/shm/{name}")  # noqa: PTH108  (pathlib takes longer to import than this)
    except FileNotFoundError:
        # SharedMemory.unlink() has told the tracker, which would complain about a name that it does not know.
        _tell(resource_tracker.register, name)
    _tell(resource_tracker.unregister, name)


def _tell(change: Callable[[str, str], None], name: str) -> None:
    # A sub-interpreter with a GIL of its own may start no processes: its segments are not removed after a crash.
    with suppress(RuntimeError):
        change(f"/{name}", "shared_memory")
