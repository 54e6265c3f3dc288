# SPDX-License-Identifier: Apache-2.0
"""Runs CPython's own tests of memoryview on `swiftbuffer.View`: usage suite.py REPORT.

`test_memoryview` and `test_buffer` of the running interpreter's standard library, with all resources, and with the name
`memoryview` in them standing for `View`. What may differ is written in `expected_differences.py`. An interpreter whose
standard library comes without its tests (Debian's) is counted as skipped.
"""

import importlib
import sys
import unittest
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).parent))

from expected_differences import EXPECTED

import swiftbuffer

SUITES = ["test.test_memoryview", "test.test_buffer"]


def is_instance(value: object, kind: Any) -> bool:
    """`isinstance` for the tests: the memoryviews that CPython's own functions make are memoryviews still."""
    return isinstance(value, (kind, memoryview) if kind is swiftbuffer.View else kind)


def load(name: str) -> unittest.TestSuite | None:
    """The tests of a module of CPython's, with View in memoryview's place; None where they are not installed."""
    try:
        support = importlib.import_module("test.support")
        module = importlib.import_module(name)
    except ModuleNotFoundError:
        return None
    # `-u all`
    support.use_resources = {"all": None} if isinstance(support.use_resources, dict) else ["all", "cpu", "largefile"]
    vars(module).update(memoryview=swiftbuffer.View, isinstance=is_instance)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


def cases(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from cases(test)
        else:
            assert isinstance(test, unittest.TestCase)
            yield test


def expectation(test: unittest.TestCase) -> str | None:
    """The entry of the list that names a test."""
    name = ".".join(test.id().split(".")[-2:])
    return next((pattern for pattern in EXPECTED if fnmatchcase(name, pattern)), None)


def judge(test: unittest.TestCase) -> tuple[str, str]:
    """Runs one test: 'passed', 'skipped', 'failed' or 'differs', and why."""
    result = unittest.TestResult()
    test.run(result)
    problems = result.failures + result.errors
    if problems:
        return "failed" if expectation(test) is None else "differs", problems[0][1]
    return ("skipped", result.skipped[0][1]) if result.skipped else ("passed", "")


def main() -> int:
    report = ElementTree.Element("testsuite", name="memoryview")
    differing: set[str] = set()
    loaded = False
    for name in SUITES:
        suite = load(name)
        if suite is None:
            record(report, name, name, "skipped", "the standard library comes without its tests")
            continue
        loaded = True
        for test in cases(suite):
            verdict, why = judge(test)
            if verdict == "differs":
                differing.add(expectation(test) or "")
            record(report, name, test.id(), verdict, why)
    for pattern in EXPECTED if loaded else []:
        if pattern not in differing:
            record(report, "expected_differences", pattern, "failed", "listed as differing, but passes")
    failures, skipped = (len(report.findall(f"testcase/{outcome}")) for outcome in ("failure", "skipped"))
    for key, value in {"tests": len(report), "failures": failures, "errors": 0, "skipped": skipped}.items():
        report.set(key, str(value))
    ElementTree.ElementTree(report).write(sys.argv[1], encoding="unicode")
    print(f"{len(report) - failures - skipped} passed, {failures} failed, {skipped} skipped")
    return 1 if failures else 0


def record(report: ElementTree.Element, suite: str, name: str, verdict: str, why: str) -> None:
    case = ElementTree.SubElement(report, "testcase", classname=suite, name=name)
    if verdict == "skipped":
        ElementTree.SubElement(case, "skipped", message=why)
    elif verdict == "failed":
        ElementTree.SubElement(case, "failure", message=name).text = why
        print(f"FAILED {name}\n{why}")


if __name__ == "__main__":
    sys.exit(main())
