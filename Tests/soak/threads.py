# SPDX-License-Identifier: Apache-2.0
"""Without a GIL, eight threads that share objects for half a minute a scenario keep every guarantee, without a race.

The scenarios are those of Tests/python/support/thread_stress.py, each in a process of its own: first of the package as
users have it, then for a third of the time under ThreadSanitizer, in a CPython and a package that are compiled with it.
SECONDS=300 makes each longer, SCENARIOS=Views,Held takes some of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import envs
import interpreters
import run_tests
import sanitized
import wheels

# Run in the child. Nothing forces the GIL off.
CHILD = """
import faulthandler, sys
faulthandler.enable()
import thread_stress
seconds, name = sys.argv[1:]
if name == "all":
    print(*(f"{name}{'*' * made.races}" for name, made in thread_stress.SCENARIOS.items()))
    raise SystemExit
assert not sys._is_gil_enabled()
acts = thread_stress.run(thread_stress.SCENARIOS[name](), threads=8, seconds=float(seconds))
assert not sys._is_gil_enabled()
print(f"   {name:20} {acts} rounds", flush=True)
"""
SECONDS = float(os.environ.get("SECONDS", "30"))
SUPPRESSIONS = Path(__file__).parent / "suppressions"


class Stress:
    """The scenarios, as an interpreter runs them with some variables."""

    def __init__(self, executable: Path, variables: dict[str, str]) -> None:
        path = [str(envs.TESTS / "support"), *filter(None, [variables.get("PYTHONPATH")])]
        self.environment = {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(path)}
        self.environment.pop("PYTHON_GIL", None)
        self.line = [executable, "-W", "error", "-c", CHILD]

    def names(self) -> dict[str, bool]:
        """The scenarios that are wanted, and whether what their threads write is also read by others."""
        answer = subprocess.run(
            [*self.line, "0", "all"], env=self.environment, check=True, capture_output=True, text=True
        ).stdout
        known = {word.rstrip("*"): word.endswith("*") for word in answer.split()}
        wanted = os.environ.get("SCENARIOS", "").replace(",", " ").split() or known
        return {name: known[name] for name in wanted}

    def run(self, name: str, seconds: float, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **variables}
        return subprocess.run(
            [*self.line, str(seconds), name],
            env=environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )


def as_users_have_it() -> list[str]:
    """The scenarios that fail on a release build."""
    python = interpreters.provide(run_tests.FREE_THREADED)
    stress = Stress(wheels.ready(python), {})
    return report(python.name, ((name, stress.run(name, SECONDS), 0) for name in stress.names()))


def under_thread_sanitizer() -> list[str]:
    """The scenarios that fail, or in which ThreadSanitizer finds a race other than the suppressed one."""
    python = interpreters.provide(f"{run_tests.FREE_THREADED}s")
    executable = envs.ensure("build", python)
    site = sanitized.install(executable, python, "thread")
    outside = SUPPRESSIONS / "outside.txt"
    both = site / "suppressions.txt"
    both.write_text(outside.read_text() + (SUPPRESSIONS / "same_item.txt").read_text())
    stress = Stress(executable, sanitized.watching_threads(site, outside))
    ours = {"TSAN_OPTIONS": sanitized.watching_threads(site, both)["TSAN_OPTIONS"]}
    plan: list[tuple[str, dict[str, str], int]] = []
    for name, races in stress.names().items():
        plan.append((name, ours if races else {}, 0))
        if races:
            # ThreadSanitizer must find this race without the suppression.
            plan.append((name, {}, 66))
    label = f"{python.name} with ThreadSanitizer"
    return report(label, ((name, stress.run(name, SECONDS / 3, **more), code) for name, more, code in plan))


def report(label: str, runs: Iterable[tuple[str, subprocess.CompletedProcess[str], int]]) -> list[str]:
    """Prints how runs ended, one after the other; returns those with another exit code than expected."""
    failed = []
    count = 0
    for name, done, expected in runs:
        count += 1
        if done.returncode != expected:
            print(f"{done.stdout}\n   {name:20} FAILED with exit code {done.returncode}, not {expected}", flush=True)
            failed.append(f"{name} on {label}")
        elif expected:
            print(
                f"   {name:20} {done.stdout.count('WARNING: ThreadSanitizer')} races found, as they should be",
                flush=True,
            )
        else:
            print(done.stdout.rstrip(), flush=True)
    print(f"{count - len(failed)} of {count} runs as they should be on {label}", flush=True)
    return failed


def main() -> int:
    return 1 if as_users_have_it() + under_thread_sanitizer() else 0


if __name__ == "__main__":
    sys.exit(main())
