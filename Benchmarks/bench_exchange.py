# SPDX-License-Identifier: Apache-2.0
"""Memory handed over and taken back, beside NumPy, PyTorch, nanobind and pyarrow: 1 KiB and 64 MiB.

Handing over is making what another library asks for; taking back is making an object of what another library gives, the
same thing for all. Nothing is copied in any row, so that both sizes take the same time. The goal is NumPy's time.
"""

from __future__ import annotations

import array
import ctypes
import pickle
import sys
from collections.abc import Iterator
from typing import Any

import numpy
import pyarrow

import measure
import native
import results
import swiftbuffer
import tables
from baselines import NUMPY, TORCH, torch
from measure import Clock
from results import NOISE, OURS, Goal, Row

NANOBIND, PYARROW = "nanobind", "pyarrow"
COLUMNS = [OURS, NUMPY, TORCH, NANOBIND, PYARROW]
SIZES = {"1 KiB": 1 << 10, "64 MiB": 1 << 26}
# Loading a pickle out of band may take so many microseconds, whatever its size.
LOADING = 5.0
# Getting a tensor by DLPack's C functions, and ending it, may take so many nanoseconds.
ACQUIRING = 80.0
TABLE = "a tensor by the table of C functions, and its end"

Clocks = dict[str, Clock]


class Addressed:
    """An object that offers NumPy's array interface and nothing else."""

    def __init__(self, memory: Any) -> None:
        self.memory = memory
        self.__array_interface__ = {
            "version": 3,
            "shape": memory.shape,
            "typestr": "<f4",
            "data": (memory.ctypes.data, False),
        }


def outward(size: int, nanobind: Any) -> Iterator[tuple[str, Clocks]]:
    """What each library makes of its own array for others."""
    count = size // 4
    ours, plain = swiftbuffer.zeros(count, "f"), numpy.zeros(count, "f4")
    arrays: dict[str, Any] = {OURS: ours, NUMPY: plain}
    if torch is not None:
        arrays[TORCH] = torch.zeros(count)
    works = [
        ("memoryview(x)", "memoryview(x)", (OURS, NUMPY)),
        ("x.__dlpack__(max_version=(1, 3))", "x.__dlpack__(max_version=(1, 3))", (OURS, NUMPY, TORCH)),
        ("x.__array_interface__", "x.__array_interface__", (OURS, NUMPY)),
        ("numpy.from_dlpack(x)", "numpy.from_dlpack(x)", (OURS, NUMPY, TORCH)),
        ("pickle.dumps(x, 5, out of band)", "dumps(x, 5, buffer_callback=out)", (OURS, NUMPY)),
    ]
    names = {"numpy": numpy, "dumps": pickle.dumps, "out": lambda _: None}
    if nanobind is not None:
        works.append(("nanobind's function of x", "take(x)", (OURS, NUMPY, TORCH)))
        names["take"] = nanobind.take
    for name, statement, by in works:
        yield name, {who: measure.clock(statement, names | {"x": arrays[who]}) for who in by if who in arrays}
    column = pyarrow.array(plain)
    both = {OURS: ours, PYARROW: column}
    yield "x.__arrow_c_array__()", {who: measure.clock("x.__arrow_c_array__()", {"x": x}) for who, x in both.items()}


def inward(size: int, nanobind: Any) -> Iterator[tuple[str, Clocks]]:
    """What each library makes of the same object."""
    count = size // 4
    plain = numpy.zeros(count, "f4")
    sources: dict[str, Any] = {
        "buffer": array.array("f", bytes(size)),
        "DLPack": plain,
        "array interface": Addressed(plain),
        "Arrow": pyarrow.array(plain),
    }
    names = {
        "sb": swiftbuffer,
        "np": numpy,
        "torch": torch,
        "take": getattr(nanobind, "take", None),
        "give": getattr(nanobind, "give", None),
        "address": plain.ctypes.data,
        "count": count,
        "plain": plain,
    }
    statements = {
        "buffer": {OURS: "sb.View(x)", NUMPY: "np.asarray(x)", TORCH: "torch.frombuffer(x, dtype=torch.float32)"},
        "DLPack": {
            OURS: "sb.from_dlpack(x)",
            NUMPY: "np.from_dlpack(x)",
            TORCH: "torch.from_dlpack(x)",
            NANOBIND: "take(x)",
        },
        "array interface": {OURS: "sb.from_array_interface(x)", NUMPY: "np.asarray(x)"},
        "Arrow": {OURS: "sb.from_arrow(x)", NUMPY: "np.asarray(x)"},
    }
    for name, source in sources.items():
        clocks = {
            who: measure.clock(statement, names | {"x": source})
            for who, statement in statements[name].items()
            if {TORCH: torch, NANOBIND: nanobind}.get(who, numpy) is not None
        }
        yield f"taken by {name}", clocks
    memory = f"sb.from_memory(address, {size}, owner=plain)"
    given = {OURS: memory} | ({NANOBIND: "give(address, count, plain)"} if nanobind is not None else {})
    yield "an address with its owner", {who: measure.clock(line, names) for who, line in given.items()}


def loading(size: int) -> Clocks:
    """A pickle whose memory has come beside it."""
    clocks = {}
    for who, made in ((OURS, swiftbuffer.zeros(size // 4, "f")), (NUMPY, numpy.zeros(size // 4, "f4"))):
        buffers: list[pickle.PickleBuffer] = []
        data = pickle.dumps(made, 5, buffer_callback=buffers.append)
        names = {"loads": pickle.loads, "data": data, "buffers": [bytearray(buffers[0].raw())]}
        clocks[who] = measure.clock("loads(data, buffers=buffers)", names)
    return clocks


def by_table(size: int, nanobind: Any) -> Clocks:
    """A tensor by the table of C functions of each library, and its end, beside nanobind's import of NumPy's array."""
    function = native.library("exchange", with_python=True).exchange_ns
    function.argtypes, function.restype = [ctypes.py_object, ctypes.c_ssize_t], ctypes.c_double
    arrays: dict[str, Any] = {OURS: swiftbuffer.zeros(size // 4, "f")}
    if torch is not None and hasattr(torch.Tensor, "__dlpack_c_exchange_api__"):
        arrays[TORCH] = torch.zeros(size // 4)
    clocks: Clocks = {
        who: lambda number, x=x: function(x, number) * number  # type: ignore[misc]
        for who, x in arrays.items()
    }
    if nanobind is not None:
        clocks[NANOBIND] = measure.clock("take(x)", {"take": nanobind.take, "x": numpy.zeros(size // 4, "f4")})
    return clocks


def workloads(tiny: bool) -> Iterator[tuple[str, str, Clocks]]:
    """Every row: its group, its name and who is timed. nanobind's library is not compiled for a tiny run."""
    nanobind = None if tiny else native.nanobind_module("take")
    for name, size in SIZES.items():
        size = max(size // 1000, 64) if tiny else size
        for direction, some in (("handed over", outward(size, nanobind)), ("taken back", inward(size, nanobind))):
            for row, clocks in some:
                yield f"exchange, {direction}", f"{row}, {name}", clocks
        yield "exchange, taken back", f"pickle.loads, out of band, {name}", loading(size)
        yield "exchange, in C", f"{TABLE}, {name}", by_table(size, nanobind)


def rows_of(group: str, name: str, clocks: Clocks, pace: measure.Pace) -> Iterator[Row]:
    """The row beside NumPy, or who does the same; and that of the absolute time, where there is a goal for it."""
    others = [who for who in (NUMPY, NANOBIND, *clocks) if who in clocks and who != OURS]
    reference = others[0] if others else OURS
    timings = measure.interleave(clocks, reference, pace)
    yield Row(group, name, timings, reference, Goal(at_most=NOISE, fastest=None))
    if name.startswith("pickle.loads"):
        yield Row(group, f"{name}, time", timings, reference, Goal(at_most=LOADING, fastest=None), "µs", per=1e3)
    if name.startswith(TABLE):
        yield Row(group, f"{name}, time", timings, reference, Goal(at_most=ACQUIRING, fastest=None), "ns")


def main() -> int:
    chosen = results.options(__doc__ or "")
    rows: list[Row] = []
    for group, name, clocks in workloads(chosen.tiny):
        if results.wanted(f"{group}: {name}", chosen):
            rows += rows_of(group, name, clocks, chosen.pace)
    note = "Lower is better: multiples of NumPy's time, or of nanobind's and pyarrow's where NumPy does not do it."
    tables.show(tables.of_rows(rows, COLUMNS, "Exchange", note))
    results.save("exchange", rows, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
