# SPDX-License-Identifier: Apache-2.0
"""Drive SwiftPM for the interpreter that runs this file: its headers, its suffix, its finished module.

All interpreters share one build folder, where what knows no Python is compiled once. The targets that import `CPython`
are compiled again there for each interpreter, whose include folders are among the options of no other target; the
finished module is kept in a folder of its own, with what it was made from.

Standard library only: `setup.py` imports it before anything is installed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import parts

ROOT = Path(__file__).resolve().parent.parent

if TYPE_CHECKING:
    from swiftbuffer.build import _toolchain
else:
    _toolchain = parts.load("build/_toolchain.py")

OLDEST_SWIFT = _toolchain.OLDEST_SWIFT
BuildError = _toolchain.BuildError
include_dirs = _toolchain.include_dirs
library_dir = _toolchain.library_dir
swift_command = _toolchain.swift_command
swift_version = _toolchain.swift_version
write_pkg_config = _toolchain.write_pkg_config


def oldest_python() -> str:
    """The oldest version of Python that the package supports, such as 3.11: what pyproject.toml requires."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["requires-python"]).removeprefix(">=")


def require_cpython() -> None:
    """Raises for an interpreter that the extension cannot be built for."""
    _toolchain.require_cpython(oldest_python())


def sanitizer() -> str:
    """The value of SWIFTBUFFER_SANITIZE: `address` (and undefined behaviour), `thread`, or nothing."""
    name = os.environ.get("SWIFTBUFFER_SANITIZE", "")
    if name not in ("", "address", "thread"):
        raise BuildError(f"SWIFTBUFFER_SANITIZE is '{name}'; use 'address' or 'thread'")
    return name


def sanitizer_options(name: str, *also: str) -> list[str]:
    """Options of `swift build` for a sanitizer, and for other instrumentation of Swift's (`fuzzer`)."""
    if not name:
        return []
    # Swift's own undefined behaviour traps; in C, and in C that is inlined into Swift, the sanitizer finds it.
    clang = "address,undefined" if name == "address" else name
    swift = ",".join([name, *also])
    options = ["-Xswiftc", f"-sanitize={swift}", "-Xcc", f"-fsanitize={clang}", "-Xcc", "-fno-sanitize-recover=all"]
    # Sources/CPythonShims/thread_sanitizer.c says why.
    return [*options, "-Xlinker", "--wrap=swift_release"] if name == "thread" else options


def interpreter_dir() -> Path:
    """What is built for this interpreter alone: its description for SwiftPM, the finished module, the Swift tests. Two
    builds of one version differ in their headers' folder."""
    origin = hashlib.sha256(str(sysconfig.get_path("include")).encode()).hexdigest()[:8]
    abi = sysconfig.get_config_var("SOABI")
    parts = [platform.python_version(), abi, origin, *filter(None, [sanitizer()])]
    return ROOT / "build" / "swift" / "-".join(parts)


def shared_dir() -> Path:
    """Where SwiftPM builds the extension module, for one interpreter after another."""
    return ROOT / "build" / "swift" / "-".join(["modules", *filter(None, [sanitizer()])])


def run_swift(
    command: str,
    *arguments: str,
    environment: dict[str, str] | None = None,
    package: Path = ROOT,
    scratch: Path | None = None,
) -> None:
    """Runs `swift build` or `swift test` for this interpreter, with its output on the terminal.

    SwiftPM's caches and settings live in the build folder, so that a missing or read-only home does not matter.
    """
    require_cpython()
    scratch = scratch or interpreter_dir()
    description = interpreter_dir() / "pkgconfig"
    write_pkg_config(description)
    home = scratch.parent / "home"
    line = [swift_command(), command, "--package-path", str(package), "--scratch-path", str(scratch)]
    line += ["--pkg-config-path", str(description), "--disable-sandbox"]
    for kind in ("cache", "config", "security"):
        line += [f"--{kind}-path", str(home / kind)]
    line += [*arguments, *sanitizer_options(sanitizer())]
    print(f"-- swift {shlex.join([command, *arguments[:2]])} for CPython {platform.python_version()}", flush=True)
    variables = {**os.environ, **(environment or {})}
    with subprocess.Popen(line, env=variables, stdout=subprocess.PIPE, encoding="utf-8", errors="replace") as process:
        for text in process.stdout or ():
            # Swift Testing announces each argument of a parametrised test: thousands of lines.
            if not text.startswith("◇ Test case"):
                print(text, end="", flush=True)
    if process.returncode != 0:
        raise BuildError(f"`swift {command}` failed with exit code {process.returncode}; its own messages are above")


def release_options() -> list[str]:
    """The options of a release build: others would compile everything again."""
    exports = ROOT / "Sources" / "SwiftBufferCore" / "exports.map"
    # The objects hold hashes by which a later build compiles less, and which depend on the folder. Who sets the time
    # of a build wants the same bytes everywhere, and builds once.
    reproducible = ["-Xswiftc", "-Xfrontend", "-Xswiftc", "-disable-incremental-llvm-codegen"]
    return [
        # SwiftPM keeps its plan while no source changes, and does not notice another interpreter.
        *("-c", "release", "--disable-build-manifest-caching", "--disable-local-rpath"),
        # Clang keeps compiled headers in a cache, and would otherwise find those of another interpreter there.
        *("-Xcc", "-Xclang", "-Xcc", "-fmodules-strict-context-hash"),
        *("-Xswiftc", "-static-stdlib", "-Xlinker", f"--version-script={exports}"),
        # Functions of the same code become one, which the linker of the machine cannot do. Nothing tells functions
        # apart by their addresses but CPython, which calls one of two that are equal.
        *("-Xswiftc", "-use-ld=lld", "-Xlinker", "-O2", "-Xlinker", "--icf=all"),
        # Sources/CPythonShims/character_names.c says why.
        *("-Xlinker", "--wrap=_swift_stdlib_getScalarName"),
        *(reproducible if os.environ.get("SOURCE_DATE_EPOCH") else []),
        # A sanitizer's reports name functions and lines. Other builds would drop that at the end.
        *(() if sanitizer() else ("-debug-info-format", "none", "-Xlinker", "-s")),
        # Addresses are looked up when the module is loaded, and cannot be written afterwards.
        *("-Xlinker", "-z", "-Xlinker", "now"),
        # The file says nothing of where and when it was built: no path, no identifier of a build.
        *("-Xlinker", "-soname=_core.so", "-Xlinker", "--build-id=none", "-Xcc", f"-ffile-prefix-map={ROOT}=."),
    ]


@contextmanager
def built_release(*what: str) -> Iterator[Path]:
    """Builds a product or a target for this interpreter as the extension module is built; gives the folder of what was
    built, which no other build changes meanwhile."""
    shared = shared_dir()
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "in-use").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        run_swift("build", *what, *release_options(), scratch=shared)
        yield shared / "release"


def made_from() -> str:
    """A hash of all that the extension module depends on: sources, options, compiler, and the interpreter's headers."""
    digest = hashlib.sha256()
    sources = sorted(path for path in (ROOT / "Sources").rglob("*") if path.is_symlink() or path.is_file())
    headers = [Path(folder, name) for folder in include_dirs() for name in ("patchlevel.h", "pyconfig.h")]
    for path in [ROOT / "Package.swift", *sources, *filter(Path.is_file, headers)]:
        content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
        digest.update(b"%s %d\n%s" % (os.fsencode(path), len(content), content))
    digest.update(repr([swift_command(), swift_version(), release_options(), include_dirs(), sanitizer()]).encode())
    return digest.hexdigest()


def finished_module() -> Path:
    """The extension module for this interpreter, built now if the one that is kept was made from something else."""
    module = interpreter_dir() / "_core.so"
    stamp = module.with_name("made-from")
    key = made_from()
    if module.exists() and stamp.exists() and stamp.read_text() == key:
        print(f"-- {module.relative_to(ROOT)} is up to date", flush=True)
        return module
    stamp.unlink(missing_ok=True)
    with built_release("--product", "SwiftBufferCore") as release:
        shutil.copy(release / "libSwiftBufferCore.so", module)
    stamp.write_text(key)
    return module


def build_extension(target: Path) -> None:
    """Builds the extension module for this interpreter and puts it at `target`."""
    module = finished_module()
    target.parent.mkdir(parents=True, exist_ok=True)
    # A running interpreter may have the old file mapped: replace it, never write into it.
    fresh = target.with_name(target.name + ".new")
    shutil.copy(module, fresh)
    fresh.replace(target)


def run_swift_tests(report: Path, *options: str) -> None:
    """Runs the Swift targets' tests with this interpreter embedded; JUnit reports go beside `report`."""
    # Sanitizers test the optimised code that users run; a debug build would also take too long.
    configuration = ["-c", "release", "-Xswiftc", "-enable-testing"] if sanitizer() else []
    run_swift("build", "--build-tests", *configuration)
    # An embedded interpreter looks for its library beside the `python3` on PATH, which may be another one.
    environment = {"PYTHONHOME": f"{sys.base_prefix}:{sys.base_exec_prefix}"}
    if folder := library_dir():
        environment["LD_LIBRARY_PATH"] = folder
    run_swift("test", "--skip-build", *configuration, "--xunit-output", str(report), *options, environment=environment)


def main(command: str, *arguments: str) -> None:
    """`swiftpm.py build` builds only; `swiftpm.py test REPORT [OPTION ...]` runs the Swift tests."""
    try:
        if command == "build":
            finished_module()
        elif command == "test":
            run_swift_tests(Path(arguments[0]), *arguments[1:])
        else:
            sys.exit(f"error: no such command: {command}")
    except BuildError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
