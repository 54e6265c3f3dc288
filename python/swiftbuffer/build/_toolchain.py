# SPDX-License-Identifier: Apache-2.0
"""The interpreter that runs this and the Swift on PATH, as a build needs to know them.

Standard library only, and without imports from this package: `tools/swiftpm.py` loads this file before the package is
built.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

OLDEST_SWIFT = (6, 3)


class BuildError(Exception):
    """Something cannot be built; the message is one line and says what would help."""


def require_cpython(oldest: str, name: str = "swiftbuffer") -> None:
    """Raises for an interpreter that extensions cannot be built for; `oldest` is a version such as 3.11."""
    if sys.implementation.name != "cpython":
        raise BuildError(f"{name} extends CPython itself; {platform.python_implementation()} cannot load it")
    if sys.version_info < tuple(map(int, oldest.split("."))):
        raise BuildError(f"{name} needs CPython {oldest} or newer; this is {platform.python_version()}")
    if sys.platform != "linux":
        raise BuildError(f"{name} builds on Linux only so far; this is {sys.platform}")
    if sys.byteorder != "little" or sys.maxsize < 1 << 32:
        found = f"{sys.maxsize.bit_length() + 1}-bit {sys.byteorder}-endian ({platform.machine()})"
        raise BuildError(f"{name} builds for 64-bit little-endian machines only; this CPython is {found}")


def include_dirs() -> list[str]:
    """The folders of this interpreter's own C headers."""
    found = dict.fromkeys(sysconfig.get_path(name) for name in ("include", "platinclude"))
    if not any(Path(folder, "Python.h").is_file() for folder in found):
        minor = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise BuildError(
            f"Python.h of CPython {minor} is not in {next(iter(found))}; install its headers, "
            f"for example with `apt-get install python3-dev` (or python{minor}-dev)"
        )
    return list(found)


def swift_command(name: str = "swiftbuffer") -> str:
    """The path of a Swift that is new enough."""
    swift_version(name)
    return str(shutil.which("swift"))


@cache
def swift_banner(name: str = "swiftbuffer") -> str:
    """What the Swift on PATH says of itself; another text means that its compiled modules cannot be shared."""
    swift = shutil.which("swift")
    if swift is None:
        wanted = ".".join(map(str, OLDEST_SWIFT))
        raise BuildError(
            f"no `swift` on PATH; building {name} needs Swift {wanted} or newer (https://www.swift.org/install)"
        )
    return subprocess.run([swift, "--version"], capture_output=True, text=True, check=False).stdout


@cache
def swift_version(name: str = "swiftbuffer") -> str:
    """The version of the Swift on PATH, such as 6.3.1; raises if it is too old."""
    wanted = ".".join(map(str, OLDEST_SWIFT))
    version = re.search(r"Swift version ((\d+)\.(\d+)[.\d]*)", swift_banner(name))
    swift = shutil.which("swift")
    if version is None:
        raise BuildError(f"`{swift} --version` names no version; building {name} needs Swift {wanted} or newer")
    if (int(version[2]), int(version[3])) < OLDEST_SWIFT:
        found = f"{version[2]}.{version[3]}"
        raise BuildError(f"building {name} needs Swift {wanted} or newer; {swift} is {found}")
    return version[1]


def library_dir() -> str | None:
    """The folder of this interpreter's shared library, or None if it cannot be embedded."""
    name = sysconfig.get_config_var("LDLIBRARY") or ""
    folders = [sysconfig.get_config_var("LIBDIR") or "", f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}"]
    return next((folder for folder in folders if name.endswith(".so") and Path(folder, name).exists()), None)


def write_pkg_config(folder: Path) -> None:
    """Describes this interpreter to SwiftPM, which would otherwise take whichever Python pkg-config finds first."""
    folder.mkdir(parents=True, exist_ok=True)
    flags = " ".join("-I" + path.replace(" ", r"\ ") for path in include_dirs())
    version = sysconfig.get_config_var("LDVERSION")
    embed = f"-L{library_dir()} -lpython{version}" if library_dir() else ""
    for name, libs in (("python3", ""), ("python3-embed", embed)):
        text = f"Name: {name}\nDescription: {sys.base_prefix}\nVersion: {version}\nCflags: {flags}\nLibs: {libs}\n"
        file = folder / f"{name}.pc"
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
