# SPDX-License-Identifier: Apache-2.0
"""`make bench`: run Benchmarks/ in an environment with the package and its peers.

QUICK=1 for a short run, ONLY=transpose,== for some rows, JSON=folder for another place for the results than
build/benchmarks, UPDATE=1 to keep the results of this run under Benchmarks/results/ and to write the tables and the
pictures of Benchmarks/README.md anew.

Everyday works run on each CPython that is found, one build of each version (PYTHONS=3.12,3.13t some of them), in
environments that have NumPy only; all else on the CPython that runs this. ONLY=everyday runs them alone, ONLY="everyday
growth" one of their groups. ONLY=authors runs calls of a module in Swift beside those of binding libraries, in an
environment that has these.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import envs
import pythons
from pythons import Interpreter

FOLDER = envs.ROOT / "Benchmarks"
EVERYDAY = FOLDER / "bench_everyday.py"
AUTHORS = FOLDER / "bench_authors.py"
REPORT = FOLDER / "report.py"


def wanted(variable: str) -> bool:
    """Whether a switch among the variables is on."""
    return os.environ.get(variable) not in (None, "", "0")


def listed(variable: str) -> list[str]:
    """The words of a variable, which commas part."""
    return [word.strip() for word in os.environ.get(variable, "").split(",") if word.strip()]


def each_version(found: Iterable[Interpreter], current: Interpreter, names: list[str]) -> list[Interpreter]:
    """One build of each version that can compile extensions, the current one for its own; or those that are named."""
    able = sorted((python for python in found if python.has_headers), key=lambda python: python.path != current.path)
    if names:
        able = [python for python in able if any(map(python.matches, names))]
    chosen = {python.minor + python.suffix: python for python in reversed(able)}
    return sorted(chosen.values(), key=lambda python: (int(python.minor.partition(".")[2]), python.suffix))


def prepared(purpose: str, python: Interpreter) -> Path:
    """The interpreter of an environment that has the package as it is now."""
    executable = envs.ensure(purpose, python)
    if purpose == "bench":
        envs.run(executable, envs.ROOT / "tools" / "cpu_torch.py")
        # Without the peers the table means nothing, so that a missing one is an error.
        envs.run(executable, "-c", "import cv2, matplotlib, numpy, rich, torch")
    envs.install_package(executable)
    return executable


def plan(words: list[str]) -> tuple[list[Path], list[str], bool, list[str]]:
    """The scripts for the current interpreter with their words, and whether everyday works run, with theirs."""
    everyday = [word for word in words if word.startswith("everyday")]
    others = [word for word in words if word not in everyday]
    scripts = [script for script in sorted(FOLDER.glob("bench_*.py")) if script not in (EVERYDAY, AUTHORS)]
    # The word alone stands for the whole table.
    some = [] if "everyday" in everyday else everyday
    return (scripts if others or not words else []), others, bool(everyday or not words), some


def main() -> int:
    asked = listed("ONLY")
    words = [word for word in asked if word != "authors"]
    scripts, others, everyday, some = plan(words) if words or not asked else ([], [], False, [])
    update = wanted("UPDATE")
    if update and (others or some):
        sys.exit(
            "error: UPDATE=1 writes whole tables, and ONLY leaves rows out; use one, or ONLY=everyday or ONLY=authors"
        )
    folder = Path(os.environ.get("JSON") or envs.ROOT / "build" / "benchmarks").resolve()
    options: list[str | Path] = ["--json", folder, *(["--quick"] if wanted("QUICK") else [])]
    if update:
        # What an earlier run left is not to be taken for this one's.
        for old in folder.glob("*.json"):
            old.unlink()
    current = envs.current()
    lines: list[list[str | Path]] = []
    try:
        if scripts or update:
            executable = prepared("bench", current)
            lines += [[executable, script, *options, "--only", ",".join(others)] for script in scripts]
        if not asked or "authors" in asked:
            lines.append([prepared("authors", current), AUTHORS, *options])
        if everyday:
            chosen = each_version(pythons.find(), current, listed("PYTHONS"))
            print(f"-- everyday works on CPython {', '.join(python.name for python in chosen) or 'none'}", flush=True)
            # All are built before anything is timed.
            made = [prepared("everyday", python) for python in chosen]
            lines += [[python, EVERYDAY, *options, "--only", ",".join(some)] for python in made]
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    # A missed ratio is printed and does not fail the run; a crash or a wrong answer does.
    failed = [Path(line[1]).name for line in lines if subprocess.run(line, check=False).returncode]
    if failed or not lines:
        reason = f"{', '.join(failed)} failed" if failed else "nothing to run"
        print(f"error: {reason}; the page stays as it is", file=sys.stderr)
        return 1
    return subprocess.run([executable, REPORT, folder], check=False).returncode if update else 0


if __name__ == "__main__":
    sys.exit(main())
