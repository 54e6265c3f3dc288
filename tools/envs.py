# SPDX-License-Identifier: Apache-2.0
"""Virtual environments under `.envs/`, made once and kept until their requirements change."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import system
from pythons import Interpreter, probe

ROOT = Path(__file__).resolve().parent.parent
ENVS = ROOT / ".envs"
# The Python tests, grouped by subject; `support` holds what they import.
TESTS = ROOT / "Tests" / "python"


def run(*line: str | Path, **variables: str) -> None:
    """Runs a command with its output on the terminal; raises `CalledProcessError` if it fails."""
    subprocess.run([str(part) for part in line], check=True, cwd=ROOT, env={**os.environ, **variables})


def current() -> Interpreter:
    """The installation behind the interpreter that runs this tool."""
    python = probe(sys.executable)
    assert python is not None, "an interpreter that runs this can answer what it is"
    return python


def ensure(purpose: str, python: Interpreter) -> Path:
    """The interpreter of an environment that holds `requirements/<purpose>.txt`, made now if it does not exist. The
    packages of `<purpose>-no-deps.txt` are installed without their dependencies."""
    requirements = ROOT / "requirements" / f"{purpose}.txt"
    alone = ROOT / "requirements" / f"{purpose}-no-deps.txt"
    folder = ENVS / f"{purpose}-{python.name}"
    executable = folder / "bin" / "python"
    stamp = folder / "made-from"
    wanted = requirements.read_text() + (alone.read_text() if alone.exists() else "")
    key = hashlib.sha256((python.build + python.path + wanted).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == key and probe(executable):
        return executable
    print(f"-- making {folder.relative_to(ROOT)}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    _create(folder, python)
    # Wheels only: other packages are not compiled here.
    install = (executable, "-m", "pip", "install", "-q", "--only-binary=:all:")
    run(*install, "-r", requirements, **_quiet())
    if alone.exists():
        run(*install, "--no-deps", "-r", alone, **_quiet())
    stamp.write_text(key)
    return executable


def install_package(executable: Path) -> None:
    """Builds the package for `executable`'s interpreter and installs it there, with the output of the build."""
    # pip hides the output of a build, so build first.
    run(executable, ROOT / "tools" / "swiftpm.py", "build")
    run(executable, "-m", "pip", "install", "-q", "--no-build-isolation", "--force-reinstall", ROOT, **_quiet())


def _create(folder: Path, python: Interpreter) -> None:
    tried = subprocess.run([python.path, "-m", "venv", str(folder)], capture_output=True, text=True, check=False)
    if tried.returncode == 0:
        return
    # Debian ships venv without ensurepip unless python3-venv is there.
    shutil.rmtree(folder, ignore_errors=True)
    if python.prefix == "/usr" and system.install([f"python{python.minor}-venv"]):
        run(python.path, "-m", "venv", folder)
        return
    tool = ENVS / "virtualenv"
    pip: Sequence[str] = ("-m", "pip", "install", "-q", "--target", str(tool), "virtualenv")
    for host in (python.path, sys.executable):
        if subprocess.run([host, *pip], check=False, env={**os.environ, **_quiet()}).returncode == 0:
            run(host, "-m", "virtualenv", "-q", "-p", python.path, folder, PYTHONPATH=str(tool))
            return
    sys.exit(f"error: {python.path} cannot make virtual environments; {system.advice([f'python{python.minor}-venv'])}")


def _quiet() -> dict[str, str]:
    return {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1"}
