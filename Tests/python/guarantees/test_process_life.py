# SPDX-License-Identifier: Apache-2.0
"""What a process goes through beside its own code: signals, forks, its end, and objects that come back to life."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

PRELUDE = """
import faulthandler, gc, os, signal, sys, threading, time, weakref
faulthandler.enable()
import swiftbuffer as sb
from swiftbuffer import capi, testing
"""


def run(script: str, *options: str, **environment: str) -> str:
    """Runs Python in a process of its own, which must end well and in silence; returns what it wrote."""
    child = subprocess.run(
        [sys.executable, *options, "-c", PRELUDE + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )
    assert child.returncode == 0, child.stdout + child.stderr
    assert child.stderr == ""
    return child.stdout


# -- Signals -----------------------------------------------------------------------------------------------------------

# Long enough to be met in the middle by a timer that fires every few hundred microseconds.
LONG = {
    "tolist": "sb.zeros((512, 256)).tolist()",
    "set from a list": "target[...] = values",
    "array of a list": "sb.array(values)",
    "array of records": "sb.array(records, 'T{i:a:d:b:}')",
    "compare records": "[record_array == record_copy for _ in range(20)]",
    "iterate": "sum(1 for _ in target[0:200] for _ in _)",
    "copy": "large.T.copy()",
    "convert": "large.astype('f')",
    "search": "[large.count(3.0) for _ in range(5)]",
    "extend": "sb.zeros(0).extend(range(100_000))",
    "check": "sb.check(sb.zeros(9), isolate=False)",
    "Python's own exporters": "[sb.View(testing.broken(sb.zeros(9))).tolist() for _ in range(50)]",
}
WORK = """
values = [[float(i * j) for i in range(256)] for j in range(512)]
records = [(i, i / 2) for i in range(50_000)]
target, large = sb.zeros((512, 256)), sb.zeros((1024, 1024))
record_array = sb.array(records, "T{i:a:d:b:}")
record_copy = record_array.copy()
"""


# An exception in an exporter's `__release_buffer__` has no caller to reach.
# Nor has a callback of a weak reference, of which the standard library's threads have some: these may write what they
# want, but must come to an end.
LOUD = ["check"]


@pytest.mark.parametrize("name", [name for name in LONG if "exporters" not in name])
def test_a_handler_that_raises_in_the_middle(name: str) -> None:
    """KeyboardInterrupt, or any exception of a handler, comes out; the memory is free afterwards."""
    silence = "sys.unraisablehook = lambda _: None" if name in LOUD else ""
    run(f"""
{silence}
# Once in peace, since CPython wraps what is raised in the middle of an import.
{LONG[name] if name in LOUD else ""}
{WORK}
class Interrupted(BaseException):
    pass

def handler(number, frame):
    raise Interrupted

signal.signal(signal.SIGALRM, handler)
attempts = counted = 0
end = time.monotonic() + 0.4
while time.monotonic() < end:
    attempts += 1
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.00003 + attempts % 40 * 0.0004)
        {LONG[name]}
        signal.setitimer(signal.ITIMER_REAL, 0)
        time.sleep(0.0001)
    except Interrupted:
        counted += 1
signal.setitimer(signal.ITIMER_REAL, 0)
assert counted > 0
gc.collect()
values = None
for array in [target, large, record_array, record_copy]:
    flat = sb.array(sb.View(array).cast("B"))
    flat.resize(0)
    # What has exports cannot be frozen.
    array.freeze()
    """)


@pytest.mark.parametrize("name", LONG)
def test_a_handler_that_uses_and_releases_the_same_memory(name: str) -> None:
    run(f"""
{WORK}
view = sb.View(target)

def handler(number, frame):
    global view
    assert target[0, 0] == 0 and sb.View(target)[0].tobytes() == bytes(2048)
    view.release()
    view = sb.View(target)
    try:
        target.freeze()
    except BufferError:
        pass
    else:
        raise AssertionError("frozen although the view is held")
    gc.collect(0)
    # Only now, or a slow machine would never leave the handler.
    if not ended:
        signal.setitimer(signal.ITIMER_REAL, 0.0005)

ended = False
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.0005)
end = time.monotonic() + 0.3
while time.monotonic() < end:
    {LONG[name]}
# CPython complains of a signal that comes while its handler is being taken away, so that stays.
ended = True
signal.setitimer(signal.ITIMER_REAL, 0)
view.release()
target.freeze()
    """)


# -- Forks -------------------------------------------------------------------------------------------------------------

FORK = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)

def forked(use):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            use()
            status = 0
        finally:
            os._exit(status)
    ended, status = os.waitpid(child, 0)
    assert status == 0, status
"""


def test_a_child_works_on_what_its_parent_made() -> None:
    run(f"""
{FORK}
sb.set_threads(2)
large = sb.zeros((2048, 1024))
view = sb.View(large)[::2]
out = memoryview(view)
large.T.copy()

def use():
    assert sb.get_threads() == 2
    assert large.T.copy().shape == (1024, 2048) and view.astype("f").nbytes == 1024 * 1024 * 4
    large[...] = 1.5
    assert view[0, 0] == out[0, 0] == 1.5
    try:
        view.release()
    except BufferError:
        out.release()
        view.release()
    large.freeze()

for _ in range(5):
    forked(use)
assert large[0, 0] == 0, "the child has memory of its own"
out.release()
view.release()
large.freeze()
    """)


def test_forks_while_other_threads_work() -> None:
    """A child has none of the threads, and no lock of theirs that would never be given back."""
    run(f"""
{FORK}
sb.set_threads(2)
large = sb.zeros((2048, 1024))
done = False

def work():
    while not done:
        large.T.copy()
        sb.View(large)[::3].tobytes()
        sb.array([1, 2, 3]).append(4)
        sb.array(["a", "b"], "4w")

def use():
    signal.alarm(60)
    assert large.T.copy().shape == (1024, 2048)
    assert sb.View(bytearray(8)).cast("i", (2, 1)).tolist() == [[0], [0]]
    assert sb.array([1.5], ">d").astype("f")[0] == 1.5

threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
try:
    for _ in range(30):
        forked(use)
finally:
    done = True
    for thread in threads:
        thread.join()
large.freeze()
    """)


# -- The end of the interpreter ----------------------------------------------------------------------------------------

EVERYWHERE = """
array = sb.zeros((3, 4), "i")
view = sb.View(array)[1:]
class Late:
    def __init__(self, *held):
        self.held = held
    def __del__(self):
        for one in self.held:
            assert bytes(one) == bytes(len(bytes(one)))
        print("late", flush=True)
"""

ENDS = {
    "module globals": "held = [view, memoryview(view), iter(view), capi.PyObject_GetBuffer(array, 0)]",
    "the sys module": "sys.held = Late(view, sb.View(view), memoryview(array))",
    "builtins": "import builtins; builtins.held = Late(view, memoryview(view))",
    "a cycle": "cycle = Late(view, array); cycle.itself = [cycle, sb.View(array)]",
    "a cycle through an exporter": (
        "class Own(bytearray): pass\nown = Own(8); own.view = sb.View(own); own.late = Late(own.view)"
    ),
    "a function's defaults": "def function(view=view, late=Late(view)): pass\nfunction.itself = function",
    "atexit": "import atexit; atexit.register(lambda: Late(view, sb.View(array).copy()))",
    "a thread's locals": "local = threading.local(); local.held = Late(view)",
    "the module's own": "sb._core.held = Late(view, sb.View(array)); sb.capi.held = memoryview(view)",
    "a type": "class Type: held = Late(view)\nType.itself = Type",
    "from_memory": (
        "buffer = capi.PyObject_GetBuffer(array, capi.PyBUF_FULL_RO)\n"
        "sys.held = sb.from_memory(buffer.buf, 8, owner=buffer, release=Late(view).__del__)"
    ),
    "adopted memory": (
        "buffer = capi.PyObject_GetBuffer(array, capi.PyBUF_FULL_RO)\n"
        "foreign = sb.from_memory(buffer.buf, 8, owner=buffer, release=Late(view).__del__)\n"
        "sys.held = Late(sb._core._adopt(foreign), sb.View(sb._core._adopt(view)))"
    ),
    "test exporters": (
        "sys.held = [sb.View(testing.recorder(array)), sb.View(testing.ndarray([1, 2], (2,), format='i')),"
        "*(case.exporter for case in testing.exporters())]"
    ),
    "an exception": ("try:\n    array[99]\nexcept IndexError as error:\n    sys.held = error, Late(view)"),
    "the modules taken away": (
        "sys.held = Late(view, array)\n"
        "for name in [name for name in sys.modules if name.startswith('swiftbuffer')]: del sys.modules[name]\n"
        "del sb, capi, testing, array\ngc.collect()"
    ),
}


@pytest.mark.parametrize("place", ENDS)
@pytest.mark.parametrize("collects", ["gc.enable()", "gc.disable()"])
def test_exports_that_are_left_when_the_interpreter_ends(place: str, collects: str) -> None:
    run(f"{EVERYWHERE}\n{collects}\n{ENDS[place]}")


def test_daemon_threads_that_are_in_the_middle_at_the_end() -> None:
    for _ in range(3):
        run("""
large = sb.zeros((2048, 1024))
view = sb.View(large)
sb.set_threads(2)

def work():
    while True:
        view.T.copy()
        view[::2].tolist()

for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.05)
        """)


def test_the_module_collected_and_imported_again() -> None:
    """Types, instances and the module in one heap of garbage: nothing is raised into the void, nothing crashes."""
    run("""
def names():
    return [name for name in sys.modules if name.startswith("swiftbuffer")]

class Owner(bytearray):
    pass

def live():
    import swiftbuffer
    owner = Owner(8)
    owner.views = [swiftbuffer.View(owner), swiftbuffer.View(owner)[1:], iter(swiftbuffer.View(owner))]
    owner.views += [memoryview(owner.views[0]), swiftbuffer]
    # The garbage is one: the module leads to the views, and the views to their type, which leads to the module.
    swiftbuffer._core.owner = owner
    return [weakref.ref(one) for one in (owner, owner.views[0], swiftbuffer._core, swiftbuffer._core.View)]

del sb, capi, testing
for _ in range(5):
    for name in names():
        del sys.modules[name]
    gc.collect()
    gone = live()
    for name in names():
        del sys.modules[name]
    gc.collect()
    gc.collect()
    assert [reference() for reference in gone] == [None] * 4, gone
    """)


# -- Objects that come back to life ------------------------------------------------------------------------------------


def test_a_view_taken_out_of_its_own_garbage() -> None:
    run("""
saved = []
class Owner(bytearray):
    def __del__(self):
        saved.append(self)

for round in range(3):
    owner = Owner(b"abcdef")
    owner.view = sb.View(owner)
    owner.part = owner.view[1:]
    owner.out = memoryview(owner.part)
    del owner
    gc.collect()
    # Finalizers run before anything is taken apart: all of it is as it was.
    owner, = saved
    assert owner.view.tobytes() == b"abcdef" and bytes(owner.part) == b"bcdef" and owner.out.tolist()[0] == 98
    owner.view[0] = 65
    assert owner[0] == 65
    try:
        owner.extend(b"x")
    except BufferError:
        pass
    else:
        raise AssertionError
    owner.out.release()
    owner.part.release()
    owner.view.release()
    owner.extend(b"x")
    saved.clear()
    del owner
    gc.collect()
    """)


def test_weak_references_whose_callbacks_use_the_memory() -> None:
    run("""
seen = []
base = bytearray(8)
array = sb.zeros(3)
def callback(reference):
    assert reference() is None
    seen.append((sb.View(base).tobytes(), sb.View(array)[0]))
    gc.collect(0)
references = [weakref.ref(sb.View(base), callback) for _ in range(3)]
view = sb.View(base)
cycle = [view]
cycle.append(cycle)
references.append(weakref.ref(view, callback))
del view, cycle
gc.collect()
assert len(seen) == 4, seen
base.append(1)
other = sb.zeros(4)
references.append(weakref.ref(other, callback))
del other
assert len(seen) == 5
array.resize(9)
    """)


def test_an_exporter_in_python_that_comes_back_while_its_view_is_dropped() -> None:
    if sys.version_info < (3, 12):
        pytest.skip("__buffer__ is PEP 688, since 3.12")
    run("""
kept = []
class Exporter:
    def __init__(self):
        self.memory = bytearray(4)
    def __buffer__(self, flags):
        return memoryview(self.memory)
    def __release_buffer__(self, view):
        kept.append(self)
    def __del__(self):
        kept.append(sb.View(self))

for _ in range(3):
    view = sb.View(Exporter())
    del view
    gc.collect()
    assert sum(type(one) is sb.View for one in kept) <= 1
    for one in list(kept):
        if type(one) is sb.View:
            assert one.tolist() == [0] * 4
            one.release()
    kept.clear()
    gc.collect()
    """)
