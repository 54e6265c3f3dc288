# SPDX-License-Identifier: Apache-2.0
"""Find every CPython that the package supports: those of this machine, and those that tools/interpreters.py made."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
# Every supported version, oldest first, as pyproject.toml says in the package's classifiers.
SUPPORTED = tuple(re.findall(r'"Programming Language :: Python :: (\d+\.\d+)"', PROJECT.read_text(encoding="utf-8")))

# A file in the folder of an interpreter in the cache that is complete.
COMPLETE = "complete"

# Printed by the candidate itself. Inside a virtual environment `base_prefix` still names the real installation.
_QUESTION = """
import json, os, platform, sys, sysconfig
options = sysconfig.get_config_var("CONFIG_ARGS") or ""
library = os.path.join(*(sysconfig.get_config_var(name) or "" for name in ("LIBDIR", "LDLIBRARY")))
suffixes = {
    "t": sysconfig.get_config_var("Py_GIL_DISABLED"),
    "d": hasattr(sys, "gettotalrefcount"),
    "r": hasattr(sys, "getobjects"),
    "s": "--with-thread-sanitizer" in options or "--with-address-sanitizer" in options,
    "m": "--with-mended-lists" in options,
}
print(json.dumps({
    "implementation": sys.implementation.name,
    "version": platform.python_version(),
    "minor": "%d.%d" % sys.version_info[:2],
    "build": sys.version,
    "prefix": sys.base_prefix,
    "path": getattr(sys, "_base_executable", sys.executable),
    "soabi": sysconfig.get_config_var("SOABI") or "",
    "has_headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
    "shared": bool(sysconfig.get_config_var("Py_ENABLE_SHARED")) and os.path.exists(library),
    "suffix": "".join(letter for letter, present in suffixes.items() if present),
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """One installed build of a Python."""

    implementation: str
    version: str
    minor: str
    build: str
    prefix: str
    path: str
    soabi: str
    has_headers: bool
    shared: bool
    """Whether there is a library of it that a program can be linked to."""
    suffix: str
    """`t` without a GIL, `d` a debug build, `r` one that knows all its objects, `s` one with a sanitizer,
    `m` one of changed sources."""

    @property
    def name(self) -> str:
        """A short name for folders and tables, different for two builds of one version."""
        origin = "system" if self.prefix == "/usr" else Path(self.prefix).parent.parent.name.lstrip(".") or "local"
        if Path(self.prefix).is_relative_to(cache()):
            origin = "debian"
        return f"{self.version}{self.suffix}-{origin}"

    @property
    def is_for_users(self) -> bool:
        """Whether people run their programs with such a build, and do not only debug."""
        return self.suffix in ("", "t")

    def matches(self, wanted: str) -> bool:
        """Whether a filter such as `3.12`, `3.13t`, `3.13.0`, `3.11.2-system` or a path means this interpreter."""
        return wanted in (self.minor + self.suffix, self.version + self.suffix, self.name, self.path)


def cache() -> Path:
    """Where tools/interpreters.py keeps what it makes."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "swiftbuffer" / "interpreters"


def probe(path: str | Path) -> Interpreter | None:
    """Asks an executable what it is; None if it does not answer like a Python."""
    try:
        # -I: ignores the caller's variables and the current folder.
        answer = subprocess.run(
            [str(path), "-I", "-c", _QUESTION], capture_output=True, text=True, check=True, timeout=60
        )
        return Interpreter(**json.loads(answer.stdout))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return None


def _candidates() -> Iterator[Path]:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local/share/uv/python")
    folders = [Path("/usr/bin"), Path("/usr/local/bin"), *map(Path, os.get_exec_path())]
    folders += [*sorted(pyenv.glob("versions/*/bin")), *sorted(uv.glob("*/bin"))]
    yield from _executables(folders)


def _kept_candidates() -> Iterator[Path]:
    whole = sorted(stamp.parent for stamp in cache().glob(f"*/{COMPLETE}"))
    yield from _executables([folder / place for folder in whole for place in ("bin", "usr/bin")])


def _executables(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in dict.fromkeys(folders):
        for file in sorted(folder.glob("python3*")):
            if re.fullmatch(r"python3(\.\d+t?d?)?", file.name) and os.access(file, os.X_OK):
                yield file


def find() -> list[Interpreter]:
    """Every supported CPython that people use, oldest first, each real build once however many names lead to it."""
    return [python for python in find_all() if python.is_for_users]


def find_all() -> list[Interpreter]:
    """As `find`, with builds for debugging."""
    return _find([*_candidates(), *_kept_candidates()])


def kept() -> list[Interpreter]:
    """All in the cache of tools/interpreters.py."""
    return _find(_kept_candidates())


def _find(candidates: Iterable[Path]) -> list[Interpreter]:
    found: dict[tuple[str, str, str], Interpreter] = {}
    tried: set[Path] = set()
    for candidate in candidates:
        real = candidate.resolve()
        if real in tried:
            continue
        # A shim resolves to the shim program, whose answer depends on the name it is called by.
        if "shims" not in candidate.parts:
            tried.add(real)
        python = probe(candidate)
        if python and python.implementation == "cpython" and python.minor in SUPPORTED:
            found.setdefault((python.build, python.prefix, python.suffix), python)
    return sorted(found.values(), key=lambda python: ([int(part) for part in python.minor.split(".")], python.name))
