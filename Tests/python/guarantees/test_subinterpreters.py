# SPDX-License-Identifier: Apache-2.0
"""Interpreters beside each other: swiftbuffer works in all, nothing of one is seen in another, nothing stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "support" / "subinterpreters.py"

MODULES = {(3, 11): "_xxsubinterpreters", (3, 12): "_xxsubinterpreters"}
pytest.importorskip(MODULES.get(sys.version_info[:2], "_interpreters"), reason="this CPython was built without it")

PRELUDE = """
import _interpreters
import swiftbuffer as sb
other = _interpreters.create("isolated")
def run(code):
    failure = _interpreters.run_string(other, code)
    if failure is not None:
        raise AssertionError(failure.errdisplay)
# CPython needs it in the interpreter that is handed something.
run("import _interpreters, gc\\nimport swiftbuffer as sb")
array = sb.array([[1, 2, 3], [4, 5, 6]], "i")
view = sb.View(array)[:, ::-1]
"""

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
needs_sharing = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="no interpreter can hand a buffer to another before 3.13 (PEP 734)"
)


def run(*arguments: str) -> str:
    """Runs Python in a process of its own, and returns what it wrote."""
    environment = dict(os.environ)
    if not FREE_THREADED:
        environment["PYTHONMALLOC"] = "malloc"
    child = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=300, env=environment
    )
    assert child.returncode == 0, child.stdout + child.stderr
    assert child.stderr == ""
    return child.stdout


def test_interpreters_one_after_another() -> None:
    assert "survived" in run(str(PROGRAM), "turn", "4")


def test_interpreters_at_once() -> None:
    assert "survived" in run(str(PROGRAM), "once", "4")


def test_interpreters_that_end_with_live_exports() -> None:
    assert "survived" in run(str(PROGRAM), "endings", "5")


@pytest.mark.skipif(FREE_THREADED, reason="a build without a GIL has but one allocator, whose memory cannot be counted")
def test_interpreters_leave_nothing_of_ours_behind() -> None:
    assert "survived" in run(str(PROGRAM), "growth", "4")


@needs_sharing
@pytest.mark.parametrize("thing", ["array", "view", "view.T", "iter(view)", "type(view)"])
def test_objects_of_one_interpreter_are_not_handed_to_another(thing: str) -> None:
    script = f"""{PRELUDE}
try:
    _interpreters.set___main___attrs(other, {{"thing": {thing}}})
except _interpreters.NotShareableError:
    run("assert 'thing' not in globals()")
else:
    raise AssertionError
_interpreters.destroy(other)
"""
    run("-c", script)


@needs_sharing
def test_a_memoryview_hands_the_memory_itself_to_another_interpreter() -> None:
    script = f"""{PRELUDE}
memory = memoryview(view)
_interpreters.set___main___attrs(other, {{"memory": memory}})
run('''
view = sb.View(memory)
assert view.tolist() == [[3, 2, 1], [6, 5, 4]] and view.format == "i" and not view.readonly
view[0, 2] = 99
assert sb.array(view).tolist() == [[3, 2, 99], [6, 5, 4]]
''')
assert array.tolist() == [[99, 2, 3], [4, 5, 6]], "written by the other interpreter"
for held in [memory.release, view.release]:
    try:
        held()
    except BufferError:
        pass
    else:
        raise AssertionError("released although the other interpreter reads it")
run("view.release(); del memory, view; gc.collect()")
memory.release()
view.release()
_interpreters.destroy(other)
"""
    run("-c", script)


@needs_sharing
def test_memory_outlives_the_interpreter_that_was_handed_it() -> None:
    script = f"""{PRELUDE}
memory = memoryview(view)
_interpreters.set___main___attrs(other, {{"memory": memory}})
run("view = sb.View(memory)[1:]; kept = memoryview(view)")
_interpreters.destroy(other)
assert memory.tolist() == [[3, 2, 1], [6, 5, 4]]
memory.release()
view.release()
"""
    run("-c", script)
