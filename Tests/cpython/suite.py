# SPDX-License-Identifier: Apache-2.0
"""CPython's own test_buffer.py, with `swiftbuffer.testing` in the place of `_testbuffer`.

    python Tests/cpython/suite.py REPORT

Runs `python -m test -u all test_buffer` twice in processes of their own: with CPython's private module and with this
project's. REPORT, a JUnit file, holds what the second run did; a test that the first passes and the second does not,
be it that it is skipped, is a failure here.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

# Run in the child: the stand-in comes before test_buffer imports the name.
CHILD = """
import sys
if sys.argv.pop(1) == "swiftbuffer":
    import swiftbuffer.testing
    sys.modules["_testbuffer"] = swiftbuffer.testing
import unittest
from test import support
support.use_resources = list(__import__("test.libregrtest.cmdline", fromlist=["ALL_RESOURCES"]).ALL_RESOURCES)
import test.test_buffer as subject
assert sys.modules["_testbuffer"].ndarray is subject.ndarray
assert subject.numpy_array is None, "NumPy is installed: newer ones break the tests themselves"

class Result(unittest.TextTestResult):
    def startTest(self, test):
        self.outcomes = getattr(self, "outcomes", {})
        self.outcomes[test.id()] = "passed"
        super().startTest(test)
    def addError(self, test, error):
        super().addError(test, error)
        self.outcomes[test.id()] = "error"
    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.outcomes[test.id()] = "failed"
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.outcomes[test.id()] = "skipped"
    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.outcomes[test.id()] = "failed"

suite = unittest.defaultTestLoader.loadTestsFromModule(subject)
result = unittest.TextTestRunner(resultclass=Result, verbosity=1).run(suite)
with open(sys.argv.pop(1), "w") as report:
    for name, outcome in result.outcomes.items():
        print(outcome, name, file=report)
"""


def outcomes(module: str) -> dict[str, str]:
    """The outcome of each test, by its name; empty if the run itself ended early."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "outcomes"
        print(f"-- test_buffer with {module}", flush=True)
        subprocess.run([sys.executable, "-c", CHILD, module, report], cwd=folder, check=False)
        lines = report.read_text().splitlines() if report.exists() else []
    return {name: outcome for outcome, name in (line.split(" ", 1) for line in lines)}


def verdicts() -> Iterator[tuple[str, str]]:
    """Each test with what speaks against it, which is nothing if it does as well here as with CPython's module."""
    wanted = outcomes("_testbuffer")
    found = outcomes("swiftbuffer")
    if not wanted:
        yield "run", "test_buffer did not run with CPython's own module"
    for name, outcome in wanted.items():
        here = found.get(name, "missing")
        if here == outcome and here != "passed":
            yield name, "skipped"
        else:
            yield name, "" if here == "passed" else f"{here}, but {outcome} with CPython's own module"


def main(report: Path) -> int:
    if importlib.util.find_spec("test.test_buffer") is None or importlib.util.find_spec("_testbuffer") is None:
        results = [("test_buffer", "skipped")]
        print("this CPython is installed without its tests")
    else:
        results = list(verdicts())
    suite = ElementTree.Element("testsuite", name="cpython", tests=str(len(results)), time=str(time.process_time()))
    for name, verdict in results:
        case = ElementTree.SubElement(suite, "testcase", classname="test_buffer", name=name)
        if verdict == "skipped":
            ElementTree.SubElement(case, "skipped", message="CPython's own module skips it too")
        elif verdict:
            ElementTree.SubElement(case, "failure", message=verdict)
            print(f"{name}: {verdict}")
    failures = [name for name, verdict in results if verdict not in ("", "skipped")]
    skipped = [name for name, verdict in results if verdict == "skipped"]
    suite.set("failures", str(len(failures)))
    suite.set("skipped", str(len(skipped)))
    suite.set("errors", "0")
    ElementTree.ElementTree(suite).write(report, encoding="utf-8", xml_declaration=True)
    print(
        f"{len(results)} tests of CPython: {len(failures)} worse than with _testbuffer, {len(skipped)} skipped by both"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
