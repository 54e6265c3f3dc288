# SPDX-License-Identifier: Apache-2.0
"""The package built for a sanitizer, and what running it takes: AddressSanitizer with UndefinedBehaviorSanitizer, or
ThreadSanitizer.

`make test` runs a part of the suite with the first two, `make soak PARTS=sanitizers` all of it, and `make soak
PARTS=threads` the scenarios of threads with the third.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import envs
import swiftpm
from pythons import Interpreter

# The part that runs in every `make test`: tests of memory that changes owners, and of hostile input.
SHORT = [
    f"Tests/python/{name}.py"
    for name in (
        "array/test_array_growth",
        "capi/test_capi_robust",
        "array/test_from_memory",
        "guarantees/test_hostile_values",
        "guarantees/test_leaks",
        "testkit/test_testing",
        "view/test_view_assignment",
        "view/test_view_hostile",
        "view/test_view_life",
    )
]


def able(found: list[Interpreter]) -> list[Interpreter]:
    """Those whose objects AddressSanitizer can watch: without a GIL, CPython needs its own allocator."""
    return [python for python in found if "t-" not in python.soabi]


def tool(name: str) -> Path:
    """A program that comes with Swift, which brings clang and its runtimes."""
    return Path(swiftpm.swift_command()).resolve().parent / name


def runtime() -> Path:
    """AddressSanitizer's runtime as a library: the extension is not linked to it, the process has to begin with it."""
    name = f"libclang_rt.asan-{platform.machine()}.so"
    line = [str(tool("clang")), f"-print-file-name={name}"]
    path = Path(subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip())
    if not path.is_file():
        raise swiftpm.BuildError(
            f"{name} is not among Swift's own files, and nothing else can load the sanitized module"
        )
    return path


def install(executable: Path, python: Interpreter, sanitizer: str = "address") -> Path:
    """Builds the package with a sanitizer and installs it into a folder of its own, which is returned."""
    site = envs.ROOT / "build" / "sanitized" / python.name
    shutil.rmtree(site, ignore_errors=True)
    # pip hides the output of a build, so build first.
    envs.run(executable, envs.ROOT / "tools" / "swiftpm.py", "build", SWIFTBUFFER_SANITIZE=sanitizer)
    options: list[str | Path] = [
        "-q",
        "--no-build-isolation",
        "--no-deps",
        "--disable-pip-version-check",
        "--target",
        site,
    ]
    variables = {"SWIFTBUFFER_SANITIZE": sanitizer, "PIP_ROOT_USER_ACTION": "ignore"}
    envs.run(executable, "-m", "pip", "install", *options, envs.ROOT, **variables)
    return site


def options() -> dict[str, str]:
    """Options of the runtimes, in a Python and in a Swift program."""
    return {
        # Leaks have a check of their own; CPython keeps much until the end. A request for too much memory fails, as
        # malloc's does. A crash must remain a signal: tests of the checker look for it.
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:handle_segv=0:handle_abort=0:handle_sigill=0"
        ":malloc_context_size=12",
        "ASAN_SYMBOLIZER_PATH": str(tool("llvm-symbolizer")),
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


def environment(site: Path) -> dict[str, str]:
    """The variables with which a Python loads and watches the package in `site`."""
    # Python's own allocator would hide its objects in blocks that stay allocated.
    return {"LD_PRELOAD": str(runtime()), "PYTHONMALLOC": "malloc", "PYTHONPATH": str(site), **options()}


def watching_threads(site: Path, suppressions: Path) -> dict[str, str]:
    """The variables with which a Python that has ThreadSanitizer in it watches the package in `site`.

    The file lists what is not reported. A process with a report exits with code 66.
    """
    symbolizer = f"external_symbolizer_path={tool('llvm-symbolizer')}"
    # History: how far back an access is remembered with the functions that led to it.
    return {"TSAN_OPTIONS": f"{symbolizer}:history_size=4:suppressions={suppressions}", "PYTHONPATH": str(site)}
