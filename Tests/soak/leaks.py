"""No test of the Python suite leaves a reference, an object or a block of memory behind, and no block of ours is lost.

Each test is repeated on a debug build that knows all its objects; before that, the hunt is held against leaks that were
planted. Then Valgrind runs the scenario of tools of every kind once more with a release build and looks for blocks that
nothing points at. TESTS="Tests/python/test_view_life.py" hunts in some tests only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import envs
import interpreters
import leaks

PLANTED = """
import ctypes
import numpy
import swiftbuffer

KEPT = []

def test_object():
    KEPT.append(swiftbuffer.zeros(3))

def test_reference():
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(KEPT))

def test_block():
    ctypes.pythonapi.PyMem_Malloc(100)

def test_nothing():
    numpy.asarray(swiftbuffer.zeros(100))[:5].tolist()
    numpy.frombuffer(bytearray(8)).astype("i")
"""


def finds_what_was_planted(executable: Path) -> bool:
    """Whether the hunt finds three leaks of three kinds, and nothing where NumPy makes the totals wrong."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "test_planted.py"
        file.write_text(PLANTED)
        line = leaks.command(executable, "-q", "--rootdir", folder, "-c", os.devnull, str(file))
        environment = {**os.environ, **leaks.variables()}
        found = subprocess.run(line, env=environment, capture_output=True, text=True, check=False).stdout
    wanted = [f"LEAK test_planted.py::test_{kind}:" for kind in ("object", "reference", "block")]
    if all(text in found for text in [*wanted, "hunted 4 tests", "; 3 leak"]):
        return True
    print(f"{found}\nerror: the hunt does not find what was planted, or finds more")
    return False


def main() -> int:
    executable = leaks.install(interpreters.provide(leaks.INTERPRETER))
    if not finds_what_was_planted(executable):
        return 1
    selection = os.environ.get("TESTS", "").split() or ["Tests/python", *leaks.ELSEWHERE]
    environment = {**os.environ, **leaks.variables(), "CI": "true"}
    line = leaks.command(executable, "-v", *selection)
    return subprocess.run(line, cwd=envs.ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
