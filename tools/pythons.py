"""Find every CPython on this machine that the package supports."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUPPORTED = ("3.11", "3.12", "3.13", "3.14", "3.15")

# Printed by the candidate itself. Inside a virtual environment `base_prefix` still names the real installation.
_QUESTION = """
import json, os, platform, sys, sysconfig
print(json.dumps({
    "implementation": sys.implementation.name,
    "version": platform.python_version(),
    "minor": "%d.%d" % sys.version_info[:2],
    "build": sys.version,
    "prefix": sys.base_prefix,
    "path": getattr(sys, "_base_executable", sys.executable),
    "soabi": sysconfig.get_config_var("SOABI") or "",
    "has_headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
    "shared": bool(sysconfig.get_config_var("Py_ENABLE_SHARED")),
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
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
    free_threaded: bool

    @property
    def name(self) -> str:
        """A short name for folders and tables, different for two builds of one version."""
        origin = "system" if self.prefix == "/usr" else Path(self.prefix).parent.parent.name.lstrip(".") or "local"
        return f"{self.version}{'t' if self.free_threaded else ''}-{origin}"

    def matches(self, wanted: str) -> bool:
        """Whether a filter such as `3.12`, `3.13.0`, `3.11.2-system` or a path means this interpreter."""
        return wanted in (self.minor, self.version, self.name, self.path)


def probe(path: str | Path) -> Interpreter | None:
    """Asks an executable what it is; None if it does not answer like a Python."""
    try:
        # -I: neither the caller's variables nor the current folder have a say.
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
    for folder in dict.fromkeys(folders):
        for file in sorted(folder.glob("python3*")):
            if re.fullmatch(r"python3(\.\d+t?)?", file.name) and os.access(file, os.X_OK):
                yield file


def find() -> list[Interpreter]:
    """Every supported CPython, oldest first, each real build once however many names lead to it."""
    found: dict[tuple[str, str], Interpreter] = {}
    tried: set[Path] = set()
    for candidate in _candidates():
        real = candidate.resolve()
        if real in tried:
            continue
        # A shim resolves to the shim program, whose answer depends on the name it is called by.
        if "shims" not in candidate.parts:
            tried.add(real)
        python = probe(candidate)
        if python and python.implementation == "cpython" and python.minor in SUPPORTED:
            found.setdefault((python.build, python.prefix), python)
    return sorted(found.values(), key=lambda python: ([int(part) for part in python.minor.split(".")], python.name))
