"""What `make test` counts, and which interpreters it takes for one."""

from __future__ import annotations

from pathlib import Path

import pytest

import pythons
import tally
from tally import Tally

REPORT = """<testsuites><testsuite tests="9">
<testcase name="a"/><testcase name="b"><failure message="no"/></testcase>
<testcase name="c"><error message="worse"/></testcase><testcase name="d"><skipped message="later"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    file = tmp_path / "report.xml"
    file.write_text(REPORT)
    return file


def test_cases_are_counted_not_claims(report: Path) -> None:
    assert tally.read(report) == Tally(passed=1, failed=2, skipped=1)


def test_a_run_without_a_report_failed(tmp_path: Path) -> None:
    assert tally.of_run([tmp_path / "absent.xml"], 0) == Tally(failed=1)


def test_a_crash_after_the_report_is_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_text("<testsuite><testcase name='a'/></testsuite>")
    assert tally.of_run([file], -11) == Tally(passed=1, failed=1)
    assert tally.of_run([file], 0) == Tally(passed=1)


def test_a_suite_without_tests_failed(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_text("<testsuite/>")
    assert tally.of_run([file], 0) == Tally(failed=1)


def test_the_last_line() -> None:
    assert str(Tally(3, 2, 1) + Tally(1, 0, 0)) == "4 passed, 2 failed, 1 skipped"


def test_each_build_is_found_once() -> None:
    found = pythons.find()
    assert found
    assert len({(python.build, python.prefix) for python in found}) == len(found)
    assert len({python.name for python in found}) == len(found)
    assert all(python.implementation == "cpython" and python.minor in pythons.SUPPORTED for python in found)


def test_a_filter_names_a_version_a_build_or_a_path() -> None:
    python = pythons.find()[0]
    assert all(python.matches(wanted) for wanted in (python.minor, python.version, python.name, python.path))
    assert not python.matches("3.1")


def test_what_is_no_python_is_passed_over(tmp_path: Path) -> None:
    script = tmp_path / "python3"
    script.write_text("#!/bin/sh\necho '{}'\n")
    script.chmod(0o755)
    assert pythons.probe(script) is None
    assert pythons.probe(tmp_path / "absent") is None
