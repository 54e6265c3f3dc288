# SPDX-License-Identifier: Apache-2.0
"""What the protocol costs: acquiring a buffer, making a memoryview, importing.

The goals: acquire and release of a 2-d `Array` cost at most what `bytearray` costs, `memoryview` of it at most 1.2
times that of `bytes`, and the import at most 15 ms of its own time.
"""

from __future__ import annotations

import array
import ctypes
import subprocess
import sys
from collections.abc import Callable

import numpy

import measure
import native
import results
import swiftbuffer
import tables
from baselines import FULL_RO
from measure import Clock
from results import NOISE, OURS, Goal, Row

BYTES, BYTEARRAY = "bytes", "bytearray"
COLUMNS = [OURS, BYTES, BYTEARRAY, "array.array", "NumPy"]


def compiled_loop() -> Callable[[object, int, int], float]:
    """The loop in native/acquire.c."""
    function = native.library("acquire", with_python=True).acquire_release_ns
    function.argtypes = [ctypes.py_object, ctypes.c_int, ctypes.c_ssize_t]
    function.restype = ctypes.c_double
    return function


def import_nanoseconds() -> float:
    """The import's own time, by `-X importtime`: all modules of the package together."""
    shown = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-c", "import swiftbuffer"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.removeprefix("import time:").split("|") for line in shown.stderr.splitlines() if "|" in line]
    return sum(float(row[0]) for row in rows if row[2].strip().startswith("swiftbuffer")) * 1000


def main() -> int:
    chosen = results.options(__doc__ or "")
    exporters: dict[str, object] = {
        OURS: swiftbuffer.zeros((64, 48), "d"),
        BYTES: bytes(24576),
        BYTEARRAY: bytearray(24576),
        "array.array": array.array("d", bytes(24576)),
        "NumPy": numpy.zeros((64, 48)),
    }
    loop = compiled_loop()
    acquire: dict[str, Clock] = {
        name: lambda number, exporter=exporter: loop(exporter, FULL_RO, number) * number  # type: ignore[misc]
        for name, exporter in exporters.items()
    }
    views = {name: measure.clock("memoryview(x)", {"x": exporter}) for name, exporter in exporters.items()}
    imports: dict[str, Clock] = {OURS: lambda number: sum(import_nanoseconds() for _ in range(number))}
    workloads = (
        ("PyObject_GetBuffer(PyBUF_FULL_RO) and PyBuffer_Release", acquire, BYTEARRAY, 1.0 * NOISE, ""),
        ("memoryview(x)", views, BYTES, 1.2 * NOISE, ""),
        ("import swiftbuffer", imports, OURS, 15.0, "ms"),
    )
    rows = []
    for name, clocks, reference, at_most, unit in workloads:
        if results.wanted(f"protocol {name}", chosen):
            timings = measure.interleave(clocks, reference, chosen.pace)
            goal = Goal(at_most=round(at_most, 2), fastest=None)
            rows.append(Row("protocol", name, timings, reference, goal, unit, per=1e6))
    note = "Lower is better: multiples of what bytearray and bytes cost; the import is its own time."
    tables.show(tables.of_rows(rows, COLUMNS, "Protocol", note))
    results.save("protocol", rows, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
