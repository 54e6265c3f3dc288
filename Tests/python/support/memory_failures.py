# SPDX-License-Identifier: Apache-2.0
"""Lets each allocation of an operation fail in turn, and looks at what the operation does then.

A program of its own, since a crash must not end the tests: `python memory_failures.py NAME...` steps through the named
operations and prints one line of JSON for each, preceded by its name. `test_memory_failures.py` runs it.

`_testcapi.set_nomemory` makes CPython's allocators fail, through which all Python objects and their memory come. What
Swift allocates for itself, and the blocks of an `Array`, come from malloc and are not touched.
"""

from __future__ import annotations

import _testcapi
import gc
import json
import sys

import swiftbuffer as sb
from operations import IN_PYTHON, Setup, check_free
from operations import OPERATIONS as ALL_OPERATIONS

OPERATIONS = {name: setup for name, setup in ALL_OPERATIONS.items() if name not in IN_PYTHON}


def told(result: object) -> object:
    """A result in a form that can be compared with that of another run."""
    if isinstance(result, sb.Array | sb.View | memoryview):
        return type(result).__name__, result.format, result.shape, result.tobytes()
    if isinstance(result, tuple | list):
        return type(result).__name__, [told(part) for part in result]
    return result


def attempt(setup: Setup, start: int, stop: int) -> tuple[object, BaseException | None]:
    """What comes of the operation, in a form that can be compared, and its exception."""
    operation, exporters = setup()
    result = error = None
    # CPython crashes where there is no room for the frame objects of a traceback; this one is made beforehand.
    sys._getframe()
    _testcapi.set_nomemory(start, stop)
    try:
        result = operation()
    except BaseException as caught:
        _testcapi.remove_mem_hooks()
        error = caught.with_traceback(None)
        error.__context__ = error.__cause__ = None
    else:
        _testcapi.remove_mem_hooks()
    outcome = told(result) if error is None else type(error).__name__
    result = operation = None
    check_free(exporters)
    return outcome, error


def is_shortage(error: BaseException) -> bool:
    """Whether the error says that memory is short: MemoryError, or what CPython's own code makes of it."""
    made_of_it = {
        "PicklingError": "import of module 'swiftbuffer._core' failed",  # pickle, of any error of an import
        "RuntimeError": "can't allocate lock",  # threading.Lock()
    }
    return isinstance(error, MemoryError) or made_of_it.get(type(error).__name__, "\0") in str(error)


def step(setup: Setup) -> list[str]:
    """Everything wrong that the operation does while memory is short."""
    expected, _ = attempt(setup, 1 << 30, 0)
    faults = []

    def judge(where: str, found: object, error: BaseException | None) -> None:
        if found != expected and (error is None or not is_shortage(error)):
            faults.append(f"without memory {where}: {error!r}" if error else f"without memory {where}: {found!r}")

    # From the nth allocation on nothing is to be had, until the operation needs no more; then each alone.
    count = 0
    while True:
        found, error = attempt(setup, count, 0)
        judge(f"from {count} on", found, error)
        if found == expected:
            break
        count += 1
        if count == 10_000:
            return [f"{expected!r:.100} does not come of {count} allocations"]
    for single in range(count):
        judge(f"for allocation {single}", *attempt(setup, single, single + 1))
    return [f"{expected!r:.100} takes {count} allocations", *faults] if faults else []


def main() -> None:
    unraisable: list[str] = []
    sys.unraisablehook = lambda report: is_shortage(report.exc_value) or unraisable.append(repr(report))
    gc.disable()
    for name in sys.argv[1:] or OPERATIONS:
        print(name, flush=True)
        faults = step(OPERATIONS[name])
        print(json.dumps(faults + unraisable), flush=True)
        unraisable.clear()
        gc.collect()


if __name__ == "__main__":
    import faulthandler

    faulthandler.enable()
    main()
