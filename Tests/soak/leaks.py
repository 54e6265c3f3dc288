# SPDX-License-Identifier: Apache-2.0
"""No test of the Python suite leaks a reference, an object or a block of memory, and no block of the package is lost.

Each test is repeated on a debug build that knows all its objects; before that, the check must find leaks that are
made on purpose. Then Valgrind runs the operations of test_leaks.py and operations.py on a release build, and looks for
blocks that nothing points at and that the package allocated; it must find one that is lost on purpose.
TESTS="Tests/python/view/test_view_life.py" checks some tests only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import envs
import interpreters
import leaks
import pythons
import system
import wheels

PLANTED = """
import ctypes
import numpy
import swiftbuffer

KEPT = []

def test_object():
    KEPT.append(swiftbuffer.zeros(3))

def test_reference():
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(KEPT))

def test_reference_beside_numpy():
    numpy.asarray(swiftbuffer.zeros(100))[:5].tolist()
    numpy.frombuffer(bytearray(8)).astype("i")
    test_reference()

def test_block():
    ctypes.pythonapi.PyMem_Malloc(100)

def test_nothing():
    numpy.asarray(swiftbuffer.zeros(100))[:5].tolist()
    numpy.frombuffer(bytearray(8)).astype("i")
"""


def finds_what_was_planted(executable: Path) -> bool:
    """Whether the check finds leaks of three kinds, and nothing where NumPy makes the totals wrong."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "test_planted.py"
        file.write_text(PLANTED)
        line = leaks.command(executable, "-q", "--rootdir", folder, "-c", os.devnull, str(file))
        environment = {**os.environ, **leaks.variables()}
        found = subprocess.run(line, env=environment, capture_output=True, text=True, check=False).stdout
    kinds = ("object", "reference", "reference_beside_numpy", "block")
    wanted = [f"LEAK test_planted.py::test_{kind}:" for kind in kinds]
    if all(text in found for text in [*wanted, "checked 5 tests", "; 4 leak"]):
        return True
    print(f"{found}\nerror: the check does not find the leaks made on purpose, or finds more")
    return False


# The array that is lost on purpose, with its 8,000 bytes of memory.
OPERATIONS = """
import ctypes, gc, sys
import swiftbuffer, operations, test_leaks
for operation, _ in test_leaks.operations().values():
    for _ in range(3):
        operation()
for setup in operations.OPERATIONS.values():
    for _ in range(3):
        try:
            setup()[0]()
        except Exception:
            pass
if sys.argv[1:] == ["lose"]:
    lost = swiftbuffer.zeros(1000)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(lost))
    del lost
gc.collect()
"""


def lost_blocks(executable: Path, *arguments: str) -> list[str]:
    """Valgrind's reports of lost blocks that the module allocated, directly or indirectly."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        valgrind = ["valgrind", "-q", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=50"]
        line = [*valgrind, "--xml=yes", f"--xml-file={report}", executable, "-c", OPERATIONS, *arguments]
        # Each object a block of its own, and not one of Python's large ones.
        path = os.pathsep.join(map(str, (envs.TESTS / "support", envs.TESTS / "guarantees")))
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONMALLOC": "malloc"}
        subprocess.run(line, env=environment, check=True)
        errors = list(ET.parse(report).iter("error"))
    return [
        error.findtext("xwhat/text", "")
        for error in errors
        if error.findtext("kind") == "Leak_DefinitelyLost"
        and any("/swiftbuffer/_core." in frame.findtext("obj", "") for frame in error.iter("frame"))
    ]


def loses_nothing() -> bool:
    """Whether Valgrind finds the block that is lost on purpose, and no other."""
    if shutil.which("valgrind") is None and not system.install(["valgrind"]):
        print(f"error: there is no valgrind; {system.advice(['valgrind'])}")
        return False
    # One that has a GIL: without it, and in the debug build, Valgrind cannot track CPython's objects.
    # The oldest: 3.12 and newer lose names of types and methods at the end, which are immortal there.
    python = next(python for python in pythons.find() if python.suffix == "" and python.has_headers)
    executable = wheels.ready(python)
    planted, found = lost_blocks(executable, "lose"), lost_blocks(executable)
    print(f"valgrind, {python.name}: lost on purpose: {planted}, and else: {found}", flush=True)
    return len(planted) == 1 and "8,000 indirect" in planted[0] and not found


def main() -> int:
    executable = wheels.ready(interpreters.provide(leaks.INTERPRETER))
    if not finds_what_was_planted(executable) or not loses_nothing():
        return 1
    selection = os.environ.get("TESTS", "").split() or ["Tests/python", *leaks.ELSEWHERE]
    environment = {**os.environ, **leaks.variables(), "CI": "true"}
    line = leaks.command(executable, "-v", *selection)
    return subprocess.run(line, cwd=envs.ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
