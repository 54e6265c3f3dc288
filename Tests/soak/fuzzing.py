# SPDX-License-Identifier: Apache-2.0
"""Ten million formats, two million structures to exchange memory by, a million layouts and a million copies find no
error; nor do the property tests."""

from __future__ import annotations

import secrets
import sys

import envs
import fuzz
import pythons
import run_tests
import sanitized

# Half of those that the target for copies makes are copies.
EXECUTIONS = {"formats": 10_000_000, "layouts": 1_000_000, "copies": 2_000_000, "exchange": 2_000_000}
# Examples of each property test: indexing, casts, shapes and copies of random layouts, with NumPy as the oracle.
EXAMPLES = 3_000


def main() -> int:
    failed = []
    seed = secrets.randbelow(2**31 - 1) + 1
    # All executions on the code that users run, and a tenth with the sanitizers.
    for watched, part in ((False, 1), (True, 10)):
        programs = fuzz.build(sanitized=watched)
        for target, executions in EXECUTIONS.items():
            print(f"-- {target}: {executions // part} executions, seed {seed}, sanitized: {watched}", flush=True)
            # What is found is kept, and a later run starts from there.
            found = envs.ROOT / "build" / "fuzzed-long" / target
            started = fuzz.replay(programs, target)
            if not started or not fuzz.search(programs, target, executions // part, seed, found):
                failed.append(f"{target}{', sanitized' if watched else ''}")

    python = sanitized.able([python for python in pythons.find() if python.has_headers])[-1]
    run_tests.REPORTS.mkdir(parents=True, exist_ok=True)
    selection = ["Tests/python", "-m", "hypothesis"]
    variables = {"SWIFTBUFFER_EXAMPLES": str(EXAMPLES), "CI": ""}
    results = run_tests.test_sanitized(python, selection, **variables)
    failed += [label for label, count in results.items() if count.failed or not count.passed]
    print("fuzzing:", f"findings in {', '.join(failed)}" if failed else "no finding", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
