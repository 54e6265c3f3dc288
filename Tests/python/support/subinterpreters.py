# SPDX-License-Identifier: Apache-2.0
"""Uses swiftbuffer in sub-interpreters, each with its own GIL where CPython has that (3.12).

A program of its own, since a crash must not end the tests, and since what interpreters leave behind is measured:
`python subinterpreters.py turn|once|growth|endings COUNT`. Run it with PYTHONMALLOC=malloc, so that all memory can be
counted. `test_subinterpreters.py` runs it for some interpreters, `make soak` for a hundred.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

try:
    import _interpreters
except ImportError:
    import _xxsubinterpreters as _interpreters  # before 3.13

import c_oracle
import swiftbuffer as sb

# Everything that makes objects: memory in use, memory in cycles, errors, other threads, the checker in this process.
USE = """
import pickle, tempfile, threading
import swiftbuffer as sb
from swiftbuffer import _testing, capi, testing

def use():
    grid = sb.array([[1, 2, 3], [4, 5, 6]], "i")
    view = sb.View(grid)[:, ::-1]
    assert view.tolist() == memoryview(view).tolist() == [[3, 2, 1], [6, 5, 4]]
    assert sb.View(view).copy() == view and sb.array(view, "d")[1, 0] == 6.0
    records = sb.array([(1, (2.5,))], "T{i:a:T{d:x:}:b:}")
    assert records["b"]["x"][0] == 2.5
    assert pickle.loads(pickle.dumps(grid, 5)) == grid
    with capi.PyObject_GetBuffer(grid, capi.PyBUF_FULL_RO) as buffer:
        assert buffer.shape == (2, 3)
        assert sb.from_memory(buffer.buf, 24, owner=grid, release=[].clear).nbytes == 24
        adopted = sb._core._adopt(sb.from_memory(buffer.buf, 24, owner=grid, release=[].clear, readonly=False))
        with memoryview(adopted):
            adopted[0] = adopted[1]
        adopted.append(1)
    _testing._probe_release(_testing._probe(view, capi.PyBUF_FULL_RO)[4])
    assert sb.from_dlpack(view.toreadonly()) == view and sb.from_dlpack(grid.__dlpack__()) == grid
    with tempfile.NamedTemporaryFile() as file, sb.map_file(file.name, "h", 4, mode="w+") as mapped:
        mapped.append(5)
        assert mapped.tolist() == [0, 0, 0, 0, 5]
    ring = sb.ring(9)
    ring.commit(3)
    assert sb.from_planes([ring.readable(), b"abc"]).tobytes() == bytes(3) + b"abc"
    growing = sb.zeros(0, "B")
    growing.extend(range(99))
    try:
        with memoryview(growing):
            growing.pop()
    except BufferError:
        pass
    try:
        grid[7]
    except IndexError:
        pass
    large = sb.zeros((1100, 1024), "d")
    sb.set_threads(2)
    threads = [threading.Thread(target=large.T.copy) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for exporter in testing.exporters():
        if exporter.flags == capi.PyBUF_FULL_RO:
            assert sb.View(exporter.exporter).tolist() == exporter.expected, exporter
    recorder = testing.recorder(grid)
    sb.View(recorder).release()
    recorder.assert_balanced()
    cycle = [sb.View(grid), sb.View(recorder), growing]
    cycle.append(cycle)

use()
"""

CHECK = """
import swiftbuffer as sb
report = sb.check(sb.zeros(3), isolate=False)
assert report.ok and report.protocols == ("buffer",), report
try:
    sb.check(sb.zeros(3), protocol="dlpack", isolate=False)
except RuntimeError as error:
    assert "main interpreter" in str(error)
else:
    raise AssertionError
"""

# Before 3.12 nothing keeps a sub-interpreter from forking, and CPython then ends the child.
CHECK_IN_A_CHILD = """
import swiftbuffer as sb
try:
    sb.check(sb.zeros(3))
except RuntimeError as error:
    assert "isolate=False" in str(error)
else:
    raise AssertionError
"""

# What is left when an interpreter ends: exports that were not released, in the places that go last.
LEFT = """
import sys, threading, builtins, atexit
import swiftbuffer as sb
from swiftbuffer import testing

array = sb.zeros(9)
view = sb.View(array)
out = memoryview(view)
builtins.kept = sys.kept = [sb.View(view), memoryview(array), iter(view)]
sys.kept.append(sys.kept)

class AtTheEnd:
    def __init__(self, view):
        self.view = view
        self.type = type(view)
    def __del__(self):
        assert self.view[0] == 0 and self.view[1:].tolist() == [0.0] * 8
        assert self.view.copy().nbytes == 72

sys.at_the_end = AtTheEnd(sb.View(array))
atexit.register(AtTheEnd(view).__del__)
"""


def create() -> Any:
    # Isolated is to have a GIL of one's own, since 3.12; before that it only forbids, among others, threads.
    if sys.version_info >= (3, 13):
        return _interpreters.create("isolated")
    return _interpreters.create(isolated=sys.version_info >= (3, 12))


def run(interpreter: Any, code: str) -> None:
    """Runs code in an interpreter; raises what it raises."""
    failure = _interpreters.run_string(interpreter, code)
    if failure is not None:
        raise RuntimeError(failure.errdisplay)


def spend(code: str) -> None:
    """The whole life of one interpreter."""
    interpreter = create()
    try:
        run(interpreter, code)
    finally:
        _interpreters.destroy(interpreter)


def growth(code: str, count: int) -> float:
    """The bytes that each of `count` interpreters leaves behind, when others have gone before them."""
    for _ in range(5):
        spend(code)
    before = c_oracle.bytes_of_malloc()
    for _ in range(count):
        spend(code)
    return (c_oracle.bytes_of_malloc() - before) / count


def in_turn(count: int) -> None:
    """One after another; the types of no two are the same objects."""
    types = f"import swiftbuffer as sb; assert not {{id(sb.View), id(sb.Array), id(sb.zeros)}} & {main_objects()!r}\n"
    for _ in range(count):
        spend(types + USE)
    spend(CHECK)
    if sys.version_info >= (3, 12):
        spend(CHECK_IN_A_CHILD)


def main_objects() -> set[int]:
    return {id(sb.View), id(sb.Array), id(sb.zeros)}


def at_once(count: int) -> None:
    """All alive at the same time, each on a thread of its own."""
    ready = threading.Barrier(count, timeout=300)
    failures: list[BaseException] = []

    def live() -> None:
        try:
            interpreter = create()
            try:
                run(interpreter, "import swiftbuffer as sb\nkept = sb.View(sb.zeros(9))[1:]\n" + USE)
                ready.wait()
                run(interpreter, "use(); assert kept.tolist() == [0.0] * 8")
            finally:
                _interpreters.destroy(interpreter)
        except BaseException as error:
            failures.append(error)
            ready.abort()

    threads = [threading.Thread(target=live) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def measure(count: int) -> None:
    """What interpreters leave behind does not depend on how much was done with swiftbuffer in them.

    From 3.12 on each interpreter leaves memory behind, whatever it did, and more for each module that it imported:
    CPython's own `array` is the yardstick.
    """
    uses = 30
    once = growth(USE, count)
    often = growth(f"{USE}for _ in range({uses}): use()\n", count)
    print(f"left by an interpreter that uses everything once: {once:.0f} bytes; {uses} times more: {often:.0f}")
    if often - once > 256 * uses:
        raise AssertionError("use leaves memory behind")
    nothing, yardstick, imported = (growth(code, count) for code in ["pass", "import array", "import swiftbuffer"])
    print(f"by one that does nothing: {nothing:.0f}; imports array: {yardstick:.0f}; imports us: {imported:.0f}")
    # The last bytes are of what the process itself takes and gives back meanwhile.
    if imported > max(yardstick + 64, nothing + 2048):
        raise AssertionError("the import leaves memory behind")


def ends(count: int) -> None:
    """Interpreters that end with exports and views in all places."""
    for _ in range(count):
        spend(LEFT)


def main() -> None:
    what, count = sys.argv[1], int(sys.argv[2])
    {"turn": in_turn, "once": at_once, "growth": measure, "endings": ends}[what](count)
    # The main interpreter has not been touched.
    assert main_objects() == {id(sb.View), id(sb.Array), id(sb.zeros)}
    assert sb.View(sb.array([1, 2, 3]))[::-1].tolist() == [3, 2, 1]
    print("survived", os.getpid())


if __name__ == "__main__":
    import faulthandler

    faulthandler.enable()
    main()
