# SPDX-License-Identifier: Apache-2.0
"""One thing that threads do together, how it is run, and what it may be refused."""

from __future__ import annotations

import gc
import random
import sys
import threading
import time
from collections.abc import Callable

import swiftbuffer as sb

# The items of memory that is shared.
COUNT = 64


class Scenario:
    """One thing that threads do together."""

    # Whether items are written while others read or write them.
    races = False

    def act(self, number: int, rng: random.Random) -> None:
        raise NotImplementedError

    def check(self) -> None:
        """What must be true when all threads are done."""


def run(scenario: Scenario, *, threads: int, seconds: float) -> int:
    """Lets threads act for some time, and returns how often they did; raises what one of them raised, or `check`."""
    start = threading.Barrier(threads)
    stop = threading.Event()
    counts = [0] * threads
    errors: list[BaseException] = []

    def work(number: int) -> None:
        rng = random.Random(number)
        start.wait()
        try:
            while not stop.is_set():
                scenario.act(number, rng)
                counts[number] += 1
        except BaseException as error:
            errors.append(error)
            stop.set()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    # Under a GIL threads change places only so often.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for worker in workers:
            worker.start()
        stop.wait(seconds)
        stop.set()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(interval)
    if errors:
        raise errors[0]
    scenario.check()
    return sum(counts)


def refused(action: Callable[[], object], kind: type[Exception] | tuple[type[Exception], ...], *messages: str) -> bool:
    """Does something that a busy object may refuse, in these words only; whether it did."""
    try:
        action()
    except kind as error:
        if any(message in str(error) for message in messages):
            return True
        raise
    return False


def assert_free(array: sb.Array, deadline: float = 10) -> None:
    """No export is left: the array can be resized."""
    gc.collect()
    end = time.monotonic() + deadline
    while True:
        try:
            array.resize(len(array))
            return
        except BufferError:
            # Objects shared by threads that are gone are freed in their own time.
            if time.monotonic() > end:
                raise
            gc.collect()
