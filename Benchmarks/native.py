# SPDX-License-Identifier: Apache-2.0
"""The C in `native/`: compiled for this machine when first asked for, and called through ctypes.

What it does is done in several ways, since the fastest depends on the machine; `fastest` finds it out.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import machine

HERE = Path(__file__).resolve().parent / "native"
BUILT = HERE.parent.parent / "build" / "native"
OPTIONS = ("-O3", "-march=native", "-shared", "-fPIC", "-pthread")

Call = Callable[[], object]
# NumPy's arrays.
Array = Any


def compiler() -> str:
    """A C compiler is there: Swift's own clang if nothing else."""
    found = shutil.which("cc") or shutil.which("clang")
    if found is None:
        sys.exit("error: no C compiler; `apt-get install gcc`, or put Swift's clang on PATH")
    return found


@functools.cache
def version() -> str:
    """The compiler's own name, which belongs to the figures."""
    shown = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=True)
    return shown.stdout.splitlines()[0]


def built(name: str) -> Path:
    """The compiled form of `native/<name>.c`, kept until the source, the machine or the interpreter is another."""
    source = HERE / f"{name}.c"
    include = sysconfig.get_path("include")
    parts = (source.read_text(), (HERE / "vectors.h").read_text(), version(), *OPTIONS, machine.kind(), include)
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    # An extension module is found by this suffix; the other libraries do not mind.
    library = BUILT / f"{name}-{key}{EXTENSION_SUFFIXES[0]}"
    if not library.exists():
        BUILT.mkdir(parents=True, exist_ok=True)
        # Another process may do the same: the file appears at once, or not at all.
        new = library.with_suffix(f".{time.time_ns()}.new")
        subprocess.run([compiler(), *OPTIONS, f"-I{include}", source, "-o", new], check=True)
        new.rename(library)
    return library


@functools.cache
def library(name: str, with_python: bool = False) -> ctypes.CDLL:
    """A library; `with_python` if its functions use the interpreter, and so need its lock."""
    return (ctypes.PyDLL if with_python else ctypes.CDLL)(str(built(name)))


@functools.cache
def module(name: str) -> Any:
    """An extension module."""
    return _loaded(name, built(name))


@functools.cache
def nanobind_module(name: str) -> Any:
    """An extension module that nanobind makes of `native/<name>.cpp`, with its own library."""
    import nanobind

    root = Path(nanobind.__file__).parent
    sources = [root / "src" / "nb_combined.cpp", HERE / f"{name}.cpp"]
    include = sysconfig.get_path("include")
    parts = (sources[1].read_text(), nanobind.__version__, version(), machine.kind(), include)
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    library = BUILT / f"{name}-{key}{EXTENSION_SUFFIXES[0]}"
    if not library.exists():
        BUILT.mkdir(parents=True, exist_ok=True)
        found = shutil.which("c++") or shutil.which("clang++")
        if found is None:
            sys.exit("error: no C++ compiler; `apt-get install g++`, or put Swift's clang++ on PATH")
        options = ["-std=c++17", "-O3", "-DNDEBUG", "-fvisibility=hidden", "-shared", "-fPIC"]
        if sysconfig.get_config_var("Py_GIL_DISABLED"):
            options.append("-DNB_FREE_THREADED")
        folders = [f"-I{root / 'include'}", f"-I{root / 'ext' / 'robin_map' / 'include'}", f"-I{include}"]
        new = library.with_suffix(f".{time.time_ns()}.new")
        subprocess.run([found, *options, *folders, *sources, "-o", new], check=True)
        new.rename(library)
    return _loaded(name, library)


def _loaded(name: str, library: Path) -> Any:
    loader = ExtensionFileLoader(name, str(library))
    spec = spec_from_loader(name, loader)
    assert spec is not None
    loaded = module_from_spec(spec)
    loader.exec_module(loaded)
    return loaded


def call(name: str, function: str, *arguments: object, result: Any = ctypes.c_int) -> Call:
    """A function with its arguments: arrays as addresses, whole numbers that are Python's own as `ptrdiff_t`. What is
    `c_int` in C is to be given as `ctypes.c_int`. The arrays live as long as the call."""
    # Each has a prototype of its own.
    bound = library(name)[function]
    bound.restype = result
    ready = [_argument(value) for value in arguments]
    made = functools.partial(bound, *ready)
    made.__dict__["memory"] = arguments
    return made


def _argument(value: object) -> object:
    if hasattr(value, "ctypes"):
        return ctypes.c_void_p(value.ctypes.data)
    return ctypes.c_ssize_t(value) if isinstance(value, int) else value


def fastest(ways: Mapping[str, Call], tries: int = 5) -> tuple[str, Call]:
    """The way that takes the least time, and its name. All are called twice, those that come near the best again."""
    least = {name: min(_once(way), _once(way)) for name, way in ways.items()}
    near = [name for name in ways if least[name] <= 1.5 * min(least.values())]
    for _ in range(tries):
        for name in near:
            least[name] = min(least[name], _once(ways[name]))
    name = min(near, key=lambda name: least[name])
    return name, ways[name]


def _once(way: Call) -> float:
    started = time.perf_counter()
    way()
    return time.perf_counter() - started
