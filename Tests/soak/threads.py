"""Without a GIL, eight threads that share objects for half a minute a scenario break no promise.

The scenarios are those of Tests/python/thread_stress.py, each in a process of its own. SECONDS=300 makes each longer,
SCENARIOS=Views,Held takes some of them.
"""

from __future__ import annotations

import os
import subprocess
import sys

import envs
import interpreters
import run_tests
import wheels

# Run in the child. The GIL stays off by itself: nothing is forced.
CHILD = """
import faulthandler, sys
faulthandler.enable()
import thread_stress
seconds, name = sys.argv[1:]
if name == "all":
    print(*thread_stress.SCENARIOS)
    raise SystemExit
assert not sys._is_gil_enabled()
acts = thread_stress.run(thread_stress.SCENARIOS[name](), threads=8, seconds=float(seconds))
assert not sys._is_gil_enabled()
print(f"   {name:20} {acts} rounds")
"""


def main() -> int:
    python = interpreters.provide(run_tests.FREE_THREADED)
    executable = envs.ensure("test", python)
    wheels.install(executable, wheels.build(executable, envs.ROOT / "build" / "wheels" / python.name))
    environment = {**os.environ, "PYTHONPATH": str(envs.ROOT / "Tests" / "python")}
    environment.pop("PYTHON_GIL", None)
    line = [executable, "-W", "error", "-c", CHILD, os.environ.get("SECONDS", "30")]
    answer = subprocess.run([*line, "all"], env=environment, check=True, capture_output=True, text=True).stdout
    wanted = os.environ.get("SCENARIOS", "").replace(",", " ").split() or answer.split()
    failed = []
    for name in wanted:
        status = subprocess.run([*line, name], env=environment, check=False).returncode
        if status != 0:
            print(f"   {name:20} FAILED with exit code {status}", flush=True)
            failed.append(name)
    print(f"{len(wanted) - len(failed)} of {len(wanted)} scenarios hold on {python.name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
