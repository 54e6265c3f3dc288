# SPDX-License-Identifier: Apache-2.0
"""What a binding library's calls cost: one module in Swift, in C, and with pybind11, nanobind and Cython, which the run
compiles.

The goals: acquire and release of an exporter at most 1.1 times C, what takes numbers, methods and properties 1.5 times,
with keywords 2 times, and a function that takes a buffer and makes a typed span of it 1.5 times and the fastest of all;
a change of a value at most twice what a reading method takes.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import sysconfig
from array import array
from pathlib import Path
from types import ModuleType
from typing import Any

import measure
import native
import results
import tables
from baselines import FULL_RO
from bench_protocol import compiled_loop
from measure import Clock
from results import OURS, C, Goal, Row

HERE = Path(__file__).resolve().parent / "authors"
BUILT = HERE.parent.parent / "build" / "authors"
READ = "a method"
COLUMNS = [OURS, "pybind11", "nanobind", "Cython"]
OPTIONS = ("-O3", "-DNDEBUG", "-fPIC", "-shared", "-fvisibility=hidden")


def lines(folder: Path) -> dict[str, tuple[str, list[list[str | Path]]]]:
    """For each peer its module, and the commands that compile it into a folder."""
    import nanobind
    import pybind11

    include = f"-I{sysconfig.get_path('include')}"
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    cxx: list[str | Path] = [shutil.which("g++") or "clang++", *OPTIONS, "-std=c++17", include]
    cc: list[str | Path] = [native.compiler(), *OPTIONS, include]
    nb = Path(nanobind.include_dir()).parent
    parts: list[str | Path] = [
        f"-I{nb / 'include'}",
        f"-I{nb / 'ext' / 'robin_map' / 'include'}",
        nb / "src" / "nb_combined.cpp",
    ]
    return {
        C: ("inc", [[*cc, HERE / "inc.c", "-o", folder / f"inc{suffix}"]]),
        "pybind11": (
            "inpybind",
            [[*cxx, f"-I{pybind11.get_include()}", HERE / "inpybind.cpp", "-o", folder / f"inpybind{suffix}"]],
        ),
        "nanobind": (
            "innanobind",
            [[*cxx, "-fno-strict-aliasing", HERE / "innanobind.cpp", *parts, "-o", folder / f"innanobind{suffix}"]],
        ),
        "Cython": (
            "incython",
            [
                [sys.executable, "-m", "cython", "-3", HERE / "incython.pyx", "-o", folder / "incython.c"],
                [*cc, "-fno-strict-aliasing", folder / "incython.c", "-o", folder / f"incython{suffix}"],
            ],
        ),
    }


def in_swift(folder: Path) -> None:
    """Compiles the module in Swift as the build backend does."""
    from swiftbuffer.build import _compile, _settings

    project = HERE / "swift"
    _compile.compile_module(project, _settings.load(project, {"stubs": "false"}), folder)


def modules() -> dict[str, ModuleType]:
    """All modules; compiled if their sources are new for this interpreter."""
    sources = b"".join(file.read_bytes() for file in sorted(HERE.glob("*.*")))
    key = hashlib.sha256(sources + str(sysconfig.get_config_var("SOABI")).encode()).hexdigest()[:12]
    folder = BUILT / key
    folder.mkdir(parents=True, exist_ok=True)
    in_swift(folder)
    sys.path.insert(0, str(folder))
    found = {OURS: importlib.import_module("inswift")}
    for name, (module, commands) in lines(folder).items():
        if not list(folder.glob(f"{module}*.so")):
            print(f"-- compiling {module}", flush=True)
            for command in commands:
                subprocess.run(command, check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        found[name] = importlib.import_module(module)
    return found


def works(found: dict[str, ModuleType]) -> list[tuple[str, dict[str, tuple[str, dict[str, Any]]], Goal]]:
    """Each row: its name, the statement of each competitor with its names, and the goal."""
    samples = array("d", [2.5] * 1000)
    objects = {name: module.Numbers(1000) for name, module in found.items()}
    exporter = objects[C]

    def each(statement: str) -> dict[str, tuple[str, dict[str, Any]]]:
        inputs = {"x": exporter, "a": samples}
        return {
            name: (statement, {"f": module.area, "g": module.first_of, "o": objects[name], **inputs})
            for name, module in found.items()
        }

    call, keywords = Goal(times={C: 1.5}), Goal(times={C: 2.0})
    ours = each("o.update(x, 2.0)")[OURS]
    return [
        ("memoryview(o)", each("memoryview(o)"), Goal(times={C: 1.1})),
        ("area(3, 4), of two integers", each("f(3, 4)"), call),
        ("area(3), with a default", each("f(3)"), call),
        ("area(3, b=4), by name", each("f(3, b=4)"), keywords),
        ("a method that reads", each("o.first()"), call),
        ("an attribute", each("o.count"), call),
        ("a typed span of an exporter in C", each("g(x)"), Goal(times={C: 1.5}, fastest=1.0)),
        ("a typed span of array.array", each("g(a)"), Goal(times={C: 1.5}, fastest=1.0)),
        ("o.load(x, 2.0), a span and a float", each("o.load(x, 2.0)"), call),
        ("o.load(x, scale=2.0), by name", each("o.load(x, scale=2.0)"), keywords),
        ("a change: o.update(x, 2.0)", {OURS: ours, READ: each("o.load(x, 2.0)")[OURS]}, Goal(times={READ: 2.0})),
    ]


def check(found: dict[str, ModuleType]) -> None:
    """All do the same."""
    samples = array("d", [2.5, 1])
    for name, module in found.items():
        numbers = module.Numbers(3)
        numbers.load(samples, scale=2)
        answers = (module.area(3), module.area(3, b=4), module.first_of(samples), numbers.first(), numbers.count)
        view = memoryview(numbers)
        assert (*answers, view.format, view.tolist()) == (3, 12, 2.5, 5, 3, "d", [5, 0, 0]), name
        for wrong in (array("f", [1]), 3):
            try:
                module.first_of(wrong)
            except (TypeError, BufferError, ValueError):
                continue
            raise AssertionError(f"{name} took {wrong!r}")


def main() -> int:
    chosen = results.options(__doc__ or "")
    if not results.wanted("authors", chosen):
        return 0
    found = modules()
    check(found)
    loop = compiled_loop()
    acquire: dict[str, Clock] = {}
    for name, module in found.items():
        exporter = module.Numbers(1000)
        acquire[name] = lambda number, exporter=exporter: loop(exporter, FULL_RO, number) * number  # type: ignore[misc]
    timings = measure.interleave(acquire, C, chosen.pace)
    rows = [Row("authors", "acquire and release of an exporter", timings, C, Goal(times={C: 1.1}), unit="ns")]
    for name, statements, goal in works(found):
        clocks = {who: measure.clock(statement, names) for who, (statement, names) in statements.items()}
        reference = C if C in clocks else READ
        rows.append(
            Row("authors", name, measure.interleave(clocks, reference, chosen.pace), reference, goal, unit="ns")
        )
    note = "Lower is better: nanoseconds. A change stands beside a method that reads, in the column of C."
    tables.show(tables.of_rows(rows, COLUMNS, "Modules of authors", note))
    results.save("authors", rows, chosen, versions=versions())
    return 0


def versions() -> dict[str, str]:
    """Who was measured."""
    from importlib.metadata import version

    return {name.lower(): version(name) for name in (OURS, "pybind11", "nanobind", "Cython")} | {"C": native.version()}


if __name__ == "__main__":
    sys.exit(main())
