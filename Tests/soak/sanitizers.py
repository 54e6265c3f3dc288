# SPDX-License-Identifier: Apache-2.0
"""The Python suite and the Swift tests without a memory error or undefined behaviour, under ASan, UBSan and TSan."""

from __future__ import annotations

import shutil
import sys

import envs
import pythons
import run_tests
import sanitized
from tally import Tally


def main() -> int:
    found = [python for python in pythons.find() if python.has_headers]
    shutil.rmtree(run_tests.REPORTS, ignore_errors=True)
    run_tests.REPORTS.mkdir(parents=True)
    results: dict[str, Tally] = {}
    able = [python for python in found if python.shared]
    # All with the best instructions; the kernels with the others too.
    for sanitizer, instructions in (("address", ""), ("thread", ""), ("address", "avx2"), ("address", "baseline")):
        report = run_tests.REPORTS / f"swift-{sanitizer}{instructions}.xml"
        line = [able[-1].path, envs.ROOT / "tools" / "swiftpm.py", "test", report]
        reports = [report.with_stem(f"{report.stem}-swift-testing")]
        label = f"{able[-1].name}: swift test, {sanitizer} {instructions}".strip()
        variables = {"SWIFTBUFFER_SANITIZE": sanitizer, **sanitized.options()}
        if instructions:
            line += ["--filter", "BufferKernelsTests"]
            variables["SWIFTBUFFER_CPU"] = instructions
        results[label] = run_tests.run_suite(label, line, reports, **variables)
    for python in sanitized.able(found):
        # Tests of the wheel are of the one for users, and hide the toolchain that the runtimes come with.
        results |= run_tests.test_sanitized(python, ["--ignore=Tests/python/tooling/test_wheel.py"])
    for label, count in results.items():
        print(f"   {label:40} {count}")
    return 0 if results and all(count.passed and not count.failed for count in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
