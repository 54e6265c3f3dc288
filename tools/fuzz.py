# SPDX-License-Identifier: Apache-2.0
"""Builds the fuzz targets of Fuzzing/ and runs them for a short time: usage fuzz.py REPORT.

Each target first replays its corpus and every input that once broke it, then libFuzzer searches on from there, with a
fixed seed and a fixed number of executions, so that a red run means a change. All of it is built with
AddressSanitizer and UndefinedBehaviorSanitizer. REPORT becomes a JUnit report. `Tests/soak/fuzzing.py` runs for long.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import envs
import sanitized
import swiftpm

FOLDER = envs.ROOT / "Fuzzing"
# Inputs that break a target are written here; copy them to Fuzzing/regressions/<target>/.
FINDINGS = envs.ROOT / "build" / "findings"
# Executions in a short search, the longest first: each target runs on a core of its own.
TARGETS = {"copies": 2_000, "formats": 40_000, "layouts": 4_000, "exchange": 20_000}


def build(*, sanitized: bool = True) -> Path:
    """Builds the targets; returns the folder of the programs."""
    scratch = swiftpm.shared_dir().with_name("fuzzing-sanitized" if sanitized else "fuzzing")
    # SwiftPM must know that libFuzzer provides the main function, and accepts no second sanitizer.
    options = ["-c", "release", "--sanitize", "fuzzer"]
    if sanitized:
        options += swiftpm.sanitizer_options("address", "fuzzer")
    swiftpm.run_swift("build", *options, package=FOLDER, scratch=scratch)
    return scratch / "release"


def inputs(target: str) -> list[Path]:
    """The folders of a target's inputs."""
    return [folder for kind in ("corpus", "regressions") if (folder := FOLDER / kind / target).is_dir()]


def run(programs: Path, target: str, *options: str | Path) -> bool:
    """Runs libFuzzer on a target; whether nothing was found."""
    FINDINGS.mkdir(parents=True, exist_ok=True)
    program = programs / f"Fuzz{target.capitalize()}"
    line = [program, f"-artifact_prefix={FINDINGS / target}-", "-max_len=256", "-timeout=60", "-print_final_stats=1"]
    dictionary = FOLDER / f"{target}.dict"
    if dictionary.exists():
        line.append(f"-dict={dictionary}")
    behaviour = sanitized.options()
    # Short traces and a small quarantine for freed memory make it several times faster.
    behaviour["ASAN_OPTIONS"] = "malloc_context_size=2:quarantine_size_mb=16:detect_leaks=0"
    # libFuzzer reports crashes itself.
    variables = {**os.environ, **behaviour, "SWIFT_BACKTRACE": "enable=no"}
    return subprocess.run([*map(str, line), *map(str, options)], check=False, env=variables).returncode == 0


def replay(programs: Path, target: str) -> bool:
    """Runs a target on its corpus and regressions alone."""
    folders = inputs(target)
    return any(any(folder.iterdir()) for folder in folders) and run(programs, target, "-runs=0", *folders)


def search(programs: Path, target: str, executions: int, seed: int, found: Path) -> bool:
    """Searches on from the corpus; new inputs that reach new code go to `found`."""
    found.mkdir(parents=True, exist_ok=True)
    # Inputs start short and grow slowly; the corpus of the repository is read only.
    return run(programs, target, f"-runs={executions}", f"-seed={seed}", found, *inputs(target))


def short_run(programs: Path, target: str) -> dict[str, tuple[bool, float]]:
    """Replays a target and searches on for a short time: whether nothing was found, and the seconds of each."""
    found = envs.ROOT / "build" / "fuzzed" / target
    shutil.rmtree(found, ignore_errors=True)
    results = {}
    for name in ("replay", "search"):
        print(f"-- {target}: {name}", flush=True)
        started = time.monotonic()
        well = replay(programs, target) if name == "replay" else search(programs, target, TARGETS[target], 1, found)
        results[name] = well, time.monotonic() - started
    return results


def main(report: str) -> int:
    suite = ElementTree.Element("testsuite", name="fuzzing")
    try:
        programs = build()
    except swiftpm.BuildError as error:
        sys.exit(f"error: {error}")
    failed = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        runs = {target: workers.submit(short_run, programs, target) for target in TARGETS}
        for target, future in runs.items():
            for name, (well, seconds) in future.result().items():
                case = ElementTree.SubElement(suite, "testcase", classname=target, name=name, time=f"{seconds:.1f}")
                if not well:
                    failed += 1
                    ElementTree.SubElement(case, "failure", message=f"the input is in {FINDINGS}")
    Path(report).parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(report)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
