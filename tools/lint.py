# SPDX-License-Identifier: Apache-2.0
"""`make lint`: format, style, types, the stubs against the compiled module, the files for GitHub, and the site in a
browser; changes nothing.

`make format` runs this with `--fix`, which rewrites the sources instead of checking them. With `--quick` it checks what
needs no compiled module: the format and style of Swift and Python.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import docs
import envs
import swiftpm
import wheels

ALLOWED_NAMES = Path(__file__).with_name("stubtest-allowlist.txt")


def check(*line: str | Path) -> bool:
    """Runs one checker; its findings go to the terminal."""
    print("+", *line, flush=True)
    return subprocess.run([str(part) for part in line], check=False, cwd=envs.ROOT).returncode == 0


def swift_sources() -> list[str]:
    """The folders and files that `swift format` looks after."""
    places = ("Sources", "Tests", "Examples", "Benchmarks", "Fuzzing", "Package.swift")
    return [name for name in places if (envs.ROOT / name).exists()]


def hosting(tools: Path) -> list[bool]:
    """Checks the files under `.github/` against GitHub's schemas, and the workflows for faults of security."""
    folder = envs.ROOT / ".github"
    if not folder.is_dir():
        # A source distribution does not have them.
        return []
    schemas = {
        "github-workflows": sorted(folder.glob("workflows/*.yml")),
        "github-issue-forms": [file for file in sorted(folder.glob("ISSUE_TEMPLATE/*.yml")) if file.stem != "config"],
        "dependabot": [folder / "dependabot.yml"],
    }
    programs = tools.parent
    return [
        *(
            check(programs / "check-jsonschema", "-q", "--builtin-schema", f"vendor.{schema}", *files)
            for schema, files in schemas.items()
        ),
        check(programs / "zizmor", "--offline", "--quiet", folder),
    ]


def fix() -> int:
    """Rewrites the sources in the project's style."""
    tools = envs.ensure("lint", envs.current())
    results = [
        check(swiftpm.swift_command(), "format", "--in-place", "--recursive", "--parallel", *swift_sources()),
        check(tools, "-m", "ruff", "check", "--fix"),
        check(tools, "-m", "ruff", "format"),
    ]
    return 0 if all(results) else 1


def style(swift: str, tools: Path) -> list[bool]:
    """Checks the format and style of the sources."""
    return [
        check(swift, "format", "lint", "--strict", "--recursive", "--parallel", *swift_sources()),
        check(tools, "-m", "ruff", "check"),
        check(tools, "-m", "ruff", "format", "--check"),
    ]


def verdict(results: list[bool]) -> int:
    """Prints how many checks failed; returns the exit code."""
    print("lint: clean" if all(results) else f"lint: {results.count(False)} of {len(results)} checks failed")
    return 0 if all(results) else 1


def main() -> int:
    if sys.argv[1:] == ["--fix"]:
        return fix()
    python = envs.current()
    tools = envs.ensure("lint", python)
    if sys.argv[1:] == ["--quick"]:
        return verdict(style(swiftpm.swift_command(), tools))
    wheel_tools = envs.ensure("wheel", python)
    try:
        wheels.install(tools, wheels.build(wheel_tools, envs.ROOT / "build" / "wheels" / python.name))
        swift = swiftpm.swift_command()
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: exit code {error.returncode} from {error.cmd[0]}; its own messages are above")
    except swiftpm.BuildError as error:
        sys.exit(f"error: {error}")

    results = [
        *style(swift, tools),
        check(tools, "-m", "mypy", "python/swiftbuffer", "tools", "Benchmarks"),
        # The compiled module and the one that re-exports it; every other module is its own stub.
        check(
            tools,
            "-m",
            "mypy.stubtest",
            "--concise",
            "--allowlist",
            ALLOWED_NAMES,
            "swiftbuffer._core",
            "swiftbuffer._testing",
            "swiftbuffer.capi",
        ),
        *hosting(tools),
        docs.build(tools) and docs.look(tools),
    ]
    return verdict(results)


if __name__ == "__main__":
    sys.exit(main())
