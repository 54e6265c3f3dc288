# SPDX-License-Identifier: Apache-2.0
"""Extension modules of other projects' making, compiled where they are needed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType

SOURCES = Path(__file__).resolve().parent / "exporters"


class CannotBuildError(Exception):
    """No compiler, or not the package to build with."""


def cython(folder: Path) -> ModuleType:
    """Exporters made by Cython."""
    _require("Cython")
    generated = folder / "cython_exporters.c"
    _run(sys.executable, "-m", "cython", "-3", SOURCES / "cython_exporters.pyx", "-o", generated)
    return _load("cython_exporters", _compile(folder, "cython_exporters", "cc", "-w", generated))


def nanobind(folder: Path) -> ModuleType:
    """Exporters made by nanobind, whose library is compiled with them."""
    _require("nanobind")
    import nanobind

    root = Path(nanobind.__file__).parent
    flags = ["-std=c++17", "-fvisibility=hidden", f"-I{root / 'include'}", f"-I{root / 'ext/robin_map/include'}"]
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        flags.append("-DNB_FREE_THREADED")
    sources = (root / "src/nb_combined.cpp", SOURCES / "nanobind_exporters.cpp")
    return _load("nanobind_exporters", _compile(folder, "nanobind_exporters", "c++", *flags, *sources))


def pybind11(folder: Path) -> ModuleType:
    """Exporters made by pybind11."""
    _require("pybind11")
    import pybind11

    flags = ("-std=c++17", "-fvisibility=hidden", f"-I{pybind11.get_include()}")
    made = _compile(folder, "pybind11_exporters", "c++", *flags, SOURCES / "pybind11_exporters.cpp")
    return _load("pybind11_exporters", made)


def _require(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise CannotBuildError(f"{package} is not installed")


def _compile(folder: Path, name: str, compiler: str, *arguments: str | Path) -> Path:
    found = shutil.which(compiler)
    include = sysconfig.get_path("include")
    if found is None:
        raise CannotBuildError(f"there is no {compiler}")
    if not (Path(include) / "Python.h").exists():
        raise CannotBuildError(f"there is no Python.h in {include}")
    made = folder / f"{name}{EXTENSION_SUFFIXES[0]}"
    _run(found, "-O0", "-shared", "-fPIC", f"-I{include}", *arguments, "-o", made)
    return made


def _run(*line: str | Path) -> None:
    subprocess.run([str(part) for part in line], check=True)


def _load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
