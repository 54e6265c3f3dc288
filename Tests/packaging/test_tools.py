# SPDX-License-Identifier: Apache-2.0
"""The tests that `make test` counts, and the interpreters that it selects."""

from __future__ import annotations

from pathlib import Path

import pytest

import ahead
import envs
import interpreters
import leaks
import pythons
import run_tests
import sanitized
import tally
from archive import UnavailableError
from pythons import Interpreter
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


def test_failed_cases_are_named_with_their_message(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="tests.array" name="test_pop"><failure message="assert 1 == 2&#10;'
        'where"/></testcase><testcase classname="tests.array" name="test_append"/><testcase classname="tests.view" '
        'name="test_cast"><error>no such fixture</error></testcase></testsuite></testsuites>'
    )
    assert tally.failures(report) == [
        "tests.array::test_pop: assert 1 == 2",
        "tests.view::test_cast: no such fixture",
    ]
    assert len(tally.failures(tmp_path / "absent.xml")) == 1


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
    filters = (python.minor + python.suffix, python.version + python.suffix, python.name, python.path)
    assert all(map(python.matches, filters))
    assert not python.matches("3.1")


def build(version: str, suffix: str = "", prefix: str = "/opt/a/b") -> Interpreter:
    minor = version.rpartition(".")[0]
    return Interpreter("cpython", version, minor, "a build", prefix, f"{prefix}/bin/python3", "", True, False, suffix)


def test_a_build_without_a_gil_or_for_debugging_is_asked_for_by_its_suffix() -> None:
    plain, threaded, debug = build("3.13.0"), build("3.13.5", "t"), build("3.13.5", "dr")
    assert [python.matches("3.13") for python in (plain, threaded, debug)] == [True, False, False]
    assert [python.matches("3.13t") for python in (plain, threaded, debug)] == [False, True, False]
    assert [python.matches("3.13.5dr") for python in (plain, threaded, debug)] == [False, False, True]
    assert len({python.name for python in (plain, threaded, debug)}) == 3


def test_all_are_tested_but_debug_builds_unless_some_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    plain, threaded, debug = found = [build("3.13.0"), build("3.13.5", "t"), build("3.13.5", "d")]
    assert run_tests.choose(found, []) == [plain, threaded]
    assert run_tests.choose(found, ["3.13d", "3.13.0"]) == [plain, debug]
    assert "not found: CPython 3.11, 3.12, 3.14, 3.15" in capsys.readouterr().out


def test_the_oldest_and_the_newest_run_every_test_with_all_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARGS", raising=False)
    chosen = [build("3.11.2"), build("3.12.1"), build("3.13.5", "t"), build("3.13.0"), build("3.15.2")]
    everything, fewer = ([], {}), run_tests.FEWER_EXAMPLES
    assert [run_tests.selection(python, chosen) for python in chosen] == [
        everything,
        (run_tests.SAME_ON_ALL, fewer),
        (run_tests.SAME_WITHOUT_GIL, fewer),
        (run_tests.SAME_ON_ALL, fewer),
        everything,
    ]
    assert run_tests.selection(chosen[1], chosen[1:2]) == everything


def test_a_second_build_of_a_version_runs_what_depends_on_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARGS", raising=False)
    chosen = [build("3.11.2"), build("3.11.7"), build("3.13.0"), build("3.13.5", "t"), build("3.13.6", "t")]
    found = [run_tests.selection(python, chosen)[0] for python in chosen]
    assert found == [[], run_tests.SECOND_BUILD, [], run_tests.SAME_WITHOUT_GIL, run_tests.SECOND_BUILD]


def test_arguments_for_pytest_replace_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGS", "-k 'a or b'")
    chosen = [build("3.11.2"), build("3.12.1"), build("3.13.0")]
    assert run_tests.selection(chosen[1], chosen) == (["-k", "a or b"], {})


@pytest.mark.parametrize(
    "option", [*run_tests.SAME_ON_ALL, *run_tests.SECOND_BUILD, *leaks.ELSEWHERE, *leaks.SHORT, *sanitized.SHORT]
)
def test_files_that_a_selection_names_exist(option: str) -> None:
    name = option.removeprefix("--ignore=")
    assert (envs.ROOT / name).exists() or not name.startswith("Tests/")


def test_builds_ahead_show_their_output_when_they_are_needed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines: dict[str, ahead.Line] = {name: ["sh", "-c", f"echo made {name}"] for name in ("a", "b")}
    with ahead.Builds(tmp_path, lines) as builds:
        builds.wait("b")
        builds.wait("b")
        builds.wait("c")
        assert capfd.readouterr().out == "made b\n"
        builds.wait("a")
    assert capfd.readouterr().out == "made a\n"


def test_what_is_not_there_is_made_without_a_gil_and_for_leaks_always() -> None:
    plain, threaded, debug = build("3.13.0"), build("3.13.5", "t"), build("3.13.5", "dr")
    assert run_tests.lacking([plain], []) == ["3.13t", "3.13dr"]
    assert run_tests.lacking([plain, threaded, debug], []) == []
    assert run_tests.lacking([plain, build("3.14.1", "t")], []) == ["3.13dr"]
    assert run_tests.lacking([plain], ["3.13", "3.14"]) == ["3.14"]


def test_clusters_run_on_the_oldest_with_a_gil() -> None:
    threaded, debug, older, newer = build("3.13.0", "t"), build("3.11.7", "d"), build("3.11.7"), build("3.14.1")
    assert run_tests.for_clusters([threaded, debug, older, newer]) == [older]
    assert run_tests.for_clusters([threaded]) == []


def test_what_interpreters_py_made_is_found_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = pythons.cache() / "3.99.0t-0123"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python3").symlink_to(pythons.find()[0].path)
    assert pythons.kept() == []
    (folder / pythons.COMPLETE).touch()
    (kept,) = pythons.kept()
    assert kept.build == pythons.find()[0].build


def test_a_name_that_no_recipe_is_for_is_refused_with_the_names_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("3.13x", "threads", "/nowhere/python3", "4.0"):
        with pytest.raises(UnavailableError, match="followed by nothing or by d, dr, t, td, tm, ts"):
            interpreters.provide(name)


def test_what_is_no_python_is_passed_over(tmp_path: Path) -> None:
    script = tmp_path / "python3"
    script.write_text("#!/bin/sh\necho '{}'\n")
    script.chmod(0o755)
    assert pythons.probe(script) is None
    assert pythons.probe(tmp_path / "absent") is None
