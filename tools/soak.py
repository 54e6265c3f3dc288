# SPDX-License-Identifier: Apache-2.0
"""`make soak`: the long tests of docs/guarantees.md; PARTS=fuzzing,leaks runs some of them.

Each file of Tests/soak/ is one part: a program of its own, whose docstring begins with what it verifies, which
makes or finds what it needs (tools/ is on its path), and whose exit code is 0 if that holds.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import envs

FOLDER = envs.ROOT / "Tests" / "soak"


def promise(part: Path) -> str:
    """What a part verifies, by its docstring."""
    return (ast.get_docstring(ast.parse(part.read_text())) or "").partition("\n")[0]


def main() -> int:
    parts = {file.stem: file for file in sorted(FOLDER.glob("*.py"))}
    wanted = os.environ.get("PARTS", "").replace(",", " ").split() or list(parts)
    if unknown := [name for name in wanted if name not in parts]:
        sys.exit(f"error: no part is called {', '.join(unknown)}; there are {', '.join(parts)}")
    outcomes: dict[str, str] = {}
    for name in wanted:
        print(f"\n== {name}: {promise(parts[name])}", flush=True)
        started = time.monotonic()
        environment = {**os.environ, "PYTHONPATH": str(envs.ROOT / "tools")}
        # -P: a part may have the name of a tool or a module.
        line: list[str | Path] = [sys.executable, "-P", parts[name]]
        status = subprocess.run(line, check=False, cwd=envs.ROOT, env=environment).returncode
        verdict = "passed" if status == 0 else f"FAILED with exit code {status}"
        outcomes[name] = f"{verdict} in {time.monotonic() - started:.0f} s"
    print()
    for name, outcome in outcomes.items():
        print(f"   {name:20} {outcome}")
    return 1 if any("FAILED" in outcome for outcome in outcomes.values()) or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
