# SPDX-License-Identifier: Apache-2.0
"""Compiles ahead, beside the tests that run meanwhile: `ahead.py KIND PYTHON` makes one build that a later step needs.

A build of the whole package leaves one of two cores idle for most of its time, and no test depends on it until its
turn comes. What a step then builds again is up to date, and takes a second.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

import envs
import fuzz
import pythons
import sanitized
import swiftpm

Line = list[str | Path]


def line(kind: str, path: str) -> Line:
    """The command of one build, run by the interpreter that it is for. Tests that run meanwhile have precedence, since
    some of them measure time."""
    return ["nice", "-n", "3", path, Path(__file__).resolve(), kind, path]


class Builds:
    """Builds in the background, one after another, in the order in which they will be needed."""

    def __init__(self, logs: Path, lines: dict[str, Line]) -> None:
        self._logs = logs
        self._worker = ThreadPoolExecutor(max_workers=1)
        self._results: dict[str, Future[int]] = {}
        for name, line in lines.items():
            self._results[name] = self._worker.submit(self._run, name, line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.shutdown(cancel_futures=True)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}-ahead.log"

    def _run(self, name: str, line: Line) -> int:
        with self._log(name).open("wb") as log:
            return subprocess.run(
                [str(part) for part in line],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
                cwd=envs.ROOT,
            ).returncode

    def wait(self, name: str) -> None:
        """Waits for a build and shows its output. One that failed fails again in the step that needs it."""
        if name in self._results:
            self._results.pop(name).result()
            print(self._log(name).read_text(errors="replace"), end="", flush=True)


def main(kind: str, path: str) -> int:
    python = pythons.probe(path)
    if python is None:
        sys.exit(f"error: {path} is not a Python")
    try:
        if kind == "fuzzing":
            fuzz.build()
            return 0
        if kind == "cluster":
            # Nothing is compiled, but half a gigabyte is fetched and unpacked.
            envs.ensure("cluster", python)
            return 0
        executable = envs.ensure("test", python)
        if kind == "sanitized":
            sanitized.install(executable, python)
        else:
            envs.run(executable, envs.ROOT / "tools" / "swiftpm.py", "build")
    except (subprocess.CalledProcessError, swiftpm.BuildError) as error:
        sys.exit(f"error: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
