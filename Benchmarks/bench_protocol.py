"""What the protocol costs: acquiring a buffer, making a memoryview, importing. Ratios of one run, best of many.

The promises: acquire and release of a 2-d `Array` cost at most what `bytearray` costs, `memoryview` of it at most 1.2
times that of `bytes`, and the import at most 15 ms of its own time.
"""

from __future__ import annotations

import array
import ctypes
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path

import numpy

import swiftbuffer

QUICK = "--quick" in sys.argv
ROUNDS = 20_000 if QUICK else 200_000
REPEATS = 5 if QUICK else 25
FULL_RO = 0x11C
# Two equal things differ this much on a shared machine.
NOISE = 1.15


def compiled_loop() -> Callable[[object, int, int], float]:
    """The loop in acquire.c. A compiler is there: Swift's own clang if nothing else."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        sys.exit("error: no C compiler; `apt-get install gcc`, or put Swift's clang on PATH")
    library = Path(tempfile.mkdtemp()) / "acquire.so"
    source = Path(__file__).with_name("acquire.c")
    include = sysconfig.get_path("include")
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", f"-I{include}", source, "-o", library], check=True)
    function = ctypes.PyDLL(str(library)).acquire_release_ns
    function.argtypes = [ctypes.py_object, ctypes.c_int, ctypes.c_ssize_t]
    function.restype = ctypes.c_double
    return function


def best(measure: Callable[[], float]) -> float:
    """The least of several measurements: what it costs when nothing interrupts."""
    return min(measure() for _ in range(REPEATS))


def report(title: str, unit: str, costs: dict[str, float], reference: str, limit: float) -> bool:
    """Prints costs and their ratio to a reference; whether the first, ours, keeps within the limit."""
    print(f"\n{title}")
    for name, cost in costs.items():
        print(f"   {name:28} {cost:8.1f} {unit}  {cost / costs[reference]:6.2f}x")
    ours = next(iter(costs.values())) / costs[reference]
    kept = ours <= limit * NOISE
    print(f"   promised: at most {limit:.2f}x {reference}: {'kept' if kept else 'NOT KEPT'} ({ours:.2f}x)")
    return kept


def import_ms() -> float:
    """The import's own time, by `-X importtime`: all modules of the package together."""
    shown = subprocess.run(
        [sys.executable, "-I", "-X", "importtime", "-c", "import swiftbuffer"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.removeprefix("import time:").split("|") for line in shown.stderr.splitlines()]
    return sum(float(row[0]) for row in rows if row[2].strip().startswith("swiftbuffer")) / 1000


def main() -> int:
    ours = swiftbuffer.zeros((64, 48), "d")
    peers: dict[str, object] = {
        "swiftbuffer.Array 2-d": ours,
        "bytearray": bytearray(24576),
        "bytes": bytes(24576),
        "array.array": array.array("d", bytes(24576)),
        "numpy 2-d": numpy.zeros((64, 48)),
    }
    loop = compiled_loop()
    acquire = {name: best(lambda x=x: loop(x, FULL_RO, ROUNDS)) for name, x in peers.items()}  # type: ignore[misc]
    views = {
        name: best(lambda x=x: timeit.timeit("memoryview(x)", globals={"x": x}, number=ROUNDS) / ROUNDS * 1e9)  # type: ignore[misc]
        for name, x in peers.items()
    }
    milliseconds = best(import_ms)
    results = [
        report("PyObject_GetBuffer(PyBUF_FULL_RO) and PyBuffer_Release", "ns", acquire, "bytearray", 1.0),
        report("memoryview(x)", "ns", views, "bytes", 1.2),
        report("import swiftbuffer", "ms", {"swiftbuffer": milliseconds, "the promise": 15.0}, "the promise", 1.0),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
