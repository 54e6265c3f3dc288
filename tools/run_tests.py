# SPDX-License-Identifier: Apache-2.0
"""`make test`: every test, on every CPython of this machine, ending with one line that counts them all.

PYTHONS=3.12,3.13t limits the interpreters; ARGS="-k layout" goes to pytest; SWIFT_TESTS=0 (the
examples, sanitizers and fuzzing too) and PACKAGING_TESTS=0 (that of clusters too) leave those parts out.

Without PYTHONS, a free-threaded CPython is among those tested, and a debug build for the leak check:
tools/interpreters.py makes them in the background if they are not there, as it makes those that PYTHONS names.

Beside pytest, each folder `Tests/*/` with a `suite.py` is an extra suite. It runs in an environment that holds nothing
but the package, as `python Tests/<name>/suite.py REPORT`, and writes a JUnit report to REPORT.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ahead
import envs
import leaks
import pythons
import sanitized
import swiftpm
import system
import tally
import wheels
from pythons import Interpreter
from tally import Tally

ROOT = envs.ROOT
REPORTS = ROOT / "build" / "reports"
# What failed, by suite and test, and how many of these lines the end of the output shows.
FAILURES: list[str] = []
MOST_FAILURES = 40
# Seconds after which a suite hangs. Those of a loaded machine took up to 1,000.
LONGEST_SUITE = 1800


# The environment, the tests and the example that need Dask and Ray.
CLUSTER = "cluster"
# The oldest without a GIL that is supported.
FREE_THREADED = "3.13t"

# The Python tests run in full on the oldest and the newest CPython that are tested. Those between them leave out what
# does not depend on the version: the checker's command line and the texts of its reports, extensions that Cython,
# nanobind and pybind11 make, random arguments, pictures, examples of the documentation, the benchmarks' own tests, and
# rounds that count memory. These rounds do depend on the GIL, without which references are counted in another way.
SAME_WITHOUT_GIL = [
    # The README, and the pages of docs.
    "--ignore-glob=*.md",
    *(
        f"--ignore=Tests/python/{name}.py"
        for name in (
            "capi/test_capi_robust",
            "check/test_check_cli",
            "check/test_check_formats",
            "check/test_check_libraries",
            "check/test_check_output",
            "check/test_check_practice",
            "draw/test_draw_command",
            "draw/test_drawn_bytes",
            "draw/test_golden_pictures",
            "draw/test_picture_bounds",
            "tooling/test_benchmarks",
            "tooling/test_build_backend",
        )
    ),
]
SAME_ON_ALL = [*SAME_WITHOUT_GIL, "--ignore=Tests/python/guarantees/test_leaks.py"]
# What depends on how a version was built, for a second build of one: headers, loading, and the protocol itself.
SECOND_BUILD = [
    f"Tests/python/{name}"
    for name in (
        "capi",
        "protocol",
        "array/test_array_items.py",
        "guarantees/test_process_life.py",
        "tooling/test_wheel.py",
    )
]
# Examples of each property test there, and without a GIL, instead of 100: the random layouts are the same everywhere.
FEWER_EXAMPLES = {"SWIFTBUFFER_EXAMPLES": "25"}


def choose(found: list[Interpreter], wanted: list[str]) -> list[Interpreter]:
    """Prints which versions were found; returns those that the filter selects, debug builds only if it names them."""
    chosen = [python for python in found if any(map(python.matches, wanted)) or (not wanted and python.is_for_users)]
    for python in found:
        print(f"   {'+' if python in chosen else '-'} {python.name:18} {python.path}")
    missing = [minor for minor in pythons.SUPPORTED if all(python.minor != minor for python in found)]
    if missing:
        print(f"   not found: CPython {', '.join(missing)}")
    return chosen


def in_full(chosen: list[Interpreter]) -> list[Interpreter]:
    """Those whose tests run with all examples: the oldest and the newest that have a GIL."""
    with_gil = [python for python in chosen if "t" not in python.suffix]
    return [*with_gil[:1], *with_gil[1:][-1:]]


def selection(python: Interpreter, chosen: list[Interpreter]) -> tuple[list[str], dict[str, str]]:
    """The options and variables of pytest on an interpreter. Options in ARGS replace the selection of tests."""
    if asked := shlex.split(os.environ.get("ARGS", "")):
        return asked, {}
    if any(other.minor + other.suffix == python.minor + python.suffix for other in chosen[: chosen.index(python)]):
        return SECOND_BUILD, FEWER_EXAMPLES
    if python in in_full(chosen):
        return [], {}
    return (SAME_WITHOUT_GIL if "t" in python.suffix else SAME_ON_ALL), FEWER_EXAMPLES


def table() -> str:
    """What is tested on which CPython, as docs/guarantees.md shows it."""
    oldest, *between, newest = pythons.SUPPORTED
    examples = f"{FEWER_EXAMPLES['SWIFTBUFFER_EXAMPLES']} examples of each property test instead of 100"
    rows = [
        ("CPython", "What `make test` runs on it"),
        ("---", "---"),
        (oldest, "all Python tests"),
        (", ".join(between), f"all that depend on the version, with {examples}"),
        (newest, "all Python tests"),
        (f"{FREE_THREADED}, without a GIL", f"all that depend on the version or the GIL, with {examples}"),
        ("a second build of a version", "those of the protocol, of the C API, and of loading the module"),
        (f"{leaks.INTERPRETER}, a debug build", "the leak check"),
    ]
    return "\n".join(f"| {python} | {tests} |".replace("| --- | --- |", "|---|---|") for python, tests in rows)


def lacking(found: list[Interpreter], wanted: list[str]) -> list[str]:
    """The names of interpreters to make: those that are asked for and not there."""
    has_free_threaded = any(python.suffix == "t" for python in found)
    names = wanted or [*([] if has_free_threaded else [FREE_THREADED]), leaks.INTERPRETER]
    return [name for name in names if not any(python.matches(name) for python in found)]


def make_interpreters(names: list[str]) -> subprocess.Popen[bytes] | None:
    """Begins to make interpreters, beside whatever is tested meanwhile."""
    if not names:
        return None
    print(f"   ! {', '.join(names)}: to be made by tools/interpreters.py and tested last", flush=True)
    with (REPORTS / "interpreters.log").open("wb") as log:
        line = [sys.executable, str(ROOT / "tools" / "interpreters.py"), *names]
        return subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)


def test_made(making: subprocess.Popen[bytes], names: list[str], chosen: list[Interpreter]) -> dict[str, Tally]:
    """Waits for interpreters that are being made, and tests the package on them."""
    print(f"\n== interpreters: {', '.join(names)}", flush=True)
    status = making.wait()
    print((REPORTS / "interpreters.log").read_text(), end="", flush=True)
    results = {} if status == 0 else {"interpreters": Tally(failed=1)}
    for python in pythons.kept():
        if any(map(python.matches, names)) and python.is_for_users:
            results |= test_python(python, *selection(python, [*chosen, python]))
    return results


def test_leaks(python: Interpreter, selection: list[str]) -> dict[str, Tally]:
    """Builds the package for a debug build, and looks for leaks in some tests."""
    label = f"{python.name}: leaks"
    report = REPORTS / f"{python.name}-leaks.xml"
    print(f"\n== {label}: build", flush=True)
    try:
        executable = wheels.ready(python)
    except subprocess.CalledProcessError as error:
        print(f"error: {shlex.join(map(str, error.cmd))} failed with exit code {error.returncode}")
        return {label: Tally(failed=1)}
    line = leaks.command(executable, *selection, f"--junitxml={report}")
    return {label: run_suite(label, line, [report], **leaks.variables())}


def provide_headers(found: list[Interpreter]) -> list[Interpreter]:
    """Installs the headers of Debian's own Python where they are missing and the user may."""
    lacking = [python for python in found if not python.has_headers and python.prefix == "/usr"]
    if not lacking:
        return found
    packages = ["python3-dev", *(f"python{python.minor}-dev" for python in lacking)]
    if not system.install(packages):
        print(f"   Python.h is missing for {lacking[0].path}; {system.advice(packages)}")
    return pythons.find_all()


def run_with_limit(line: list[str], variables: dict[str, str]) -> int:
    """Runs a command; ends it with all that it started, and returns -9, if it takes longer than any suite should."""
    # In a session of its own, so that its processes can be ended together.
    with subprocess.Popen(line, cwd=ROOT, env=variables, start_new_session=True) as process:
        try:
            return process.wait(LONGEST_SUITE)
        except subprocess.TimeoutExpired:
            print(f"error: ended after {LONGEST_SUITE} s without a result", flush=True)
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def run_suite(label: str, line: list[str | Path], reports: list[Path], **variables: str) -> Tally:
    """Runs one suite with its output on the terminal and counts its reports."""
    print(f"\n== {label}", flush=True)
    started = time.monotonic()
    code = run_with_limit([str(part) for part in line], {**os.environ, **variables})
    print(f"-- {label} took {time.monotonic() - started:.0f} s", flush=True)
    count = tally.of_run(reports, code)
    if count.failed:
        FAILURES.extend(f"{label}: {name}" for report in reports for name in tally.failures(report))
    return count


def test_python(python: Interpreter, options: list[str], variables: dict[str, str]) -> dict[str, Tally]:
    """Builds, installs and tests the package for one interpreter; pytest takes the options and variables."""
    results: dict[str, Tally] = {}
    print(f"\n== {python.name}: build", flush=True)
    try:
        full = envs.ensure("test", python)
        wheel = wheels.build(full, ROOT / "build" / "wheels" / python.name)
        wheels.install(full, wheel)
        label = f"{python.name}: pytest"
        report = REPORTS / f"{python.name}-pytest.xml"
        line: list[str | Path] = [full, "-m", "pytest", "-n", str(os.cpu_count()), f"--junitxml={report}", *options]
        results[label] = run_suite(label, line, [report], SWIFTBUFFER_WHEEL=str(wheel), **variables)
        suites = sorted(ROOT.glob("Tests/*/suite.py"))
        bare = envs.ensure("build", python) if suites else full
        if suites:
            wheels.install(bare, wheel)
        for suite in suites:
            label = f"{python.name}: {suite.parent.name}"
            report = REPORTS / f"{python.name}-{suite.parent.name}.xml"
            results[label] = run_suite(label, [bare, suite, report], [report])
    except subprocess.CalledProcessError as error:
        print(f"error: {shlex.join(map(str, error.cmd))} failed with exit code {error.returncode}")
        results[f"{python.name}: build"] = Tally(failed=1)
    return results


def test_sanitized(python: Interpreter, selection: list[str], **variables: str) -> dict[str, Tally]:
    """Builds the package with AddressSanitizer and UndefinedBehaviorSanitizer, and runs pytest on some files or all."""
    label = f"{python.name}: sanitized"
    report = REPORTS / f"{python.name}-sanitized.xml"
    print(f"\n== {label}: build", flush=True)
    executable = envs.ensure("test", python)
    try:
        variables |= sanitized.environment(sanitized.install(executable, python))
    except (subprocess.CalledProcessError, swiftpm.BuildError) as error:
        print(f"error: {error}")
        return {label: Tally(failed=1)}
    line: list[str | Path] = [executable, "-m", "pytest", "-n", str(os.cpu_count()), f"--junitxml={report}", *selection]
    return {label: run_suite(label, line, [report], **variables)}


def test_fuzzing(python: Interpreter) -> dict[str, Tally]:
    """Replays what the fuzz targets are known to be tried by, and lets each search on for a short time."""
    report = REPORTS / "fuzzing.xml"
    return {"fuzzing": run_suite("fuzzing", [python.path, ROOT / "tools" / "fuzz.py", report], [report])}


def test_packaging(python: Interpreter) -> dict[str, Tally]:
    """Tests once what does not depend on the interpreter: sdist, editable install, errors, these tools."""
    label = f"{python.name}: packaging"
    report = REPORTS / "packaging.xml"
    executable = envs.ensure("packaging", python)
    return {label: run_suite(label, [executable, "-m", "pytest", "Tests/packaging", f"--junitxml={report}"], [report])}


def for_clusters(chosen: list[Interpreter]) -> list[Interpreter]:
    """The one that Dask and Ray run on, if any: the oldest with a GIL, without which Ray has no wheels."""
    return [python for python in chosen if python.is_for_users and "t" not in python.suffix][:1]


def test_cluster(python: Interpreter) -> dict[str, Tally]:
    """Moves arrays through real clusters of Dask and Ray on this machine, and through joblib's processes, once."""
    label = f"{python.name}: cluster"
    report = REPORTS / "cluster.xml"
    executable = envs.ensure(CLUSTER, python)
    (wheel,) = (ROOT / "build" / "wheels" / python.name).glob("*.whl")
    wheels.install(executable, wheel)
    # Those libraries' own warnings are no failures of ours.
    line: list[str | Path] = [executable, "-m", "pytest", "Tests/cluster", "-W", "default", f"--junitxml={report}"]
    return {label: run_suite(label, line, [report])}


def test_examples(python: Interpreter, purpose: str) -> dict[str, Tally]:
    """Builds a copy of each package under Examples/ outside of the repository, and runs its tests and its README: that
    which is called as its environment there, the others in the environment of all tests."""
    results: dict[str, Tally] = {}
    executable = envs.ensure(purpose, python)
    for folder in (project.parent for project in sorted(ROOT.glob("Examples/*/pyproject.toml"))):
        if (folder.name == CLUSTER) != (purpose == CLUSTER):
            continue
        label = f"{python.name}: {folder.name}"
        report = REPORTS / f"example-{folder.name}.xml"
        print(f"\n== {label}: build", flush=True)
        with tempfile.TemporaryDirectory() as place:
            copy, site = Path(place, folder.name), Path(place, "site")
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("build", ".build", ".swiftbuffer"))
            try:
                if (needed := folder / "apt.txt").exists():
                    system.require(needed.read_text().split())
                options = ("-v", "--no-build-isolation", "--no-deps", "--target", str(site))
                envs.run(executable, "-m", "pip", "install", *options, copy, PIP_ROOT_USER_ACTION="ignore")
            except (OSError, subprocess.CalledProcessError) as error:
                print(f"error: {error}")
                results[label] = Tally(failed=1)
                continue
            line: list[str | Path] = [executable, "-m", "pytest", folder, f"--junitxml={report}"]
            warnings = ("-W", "default") if purpose == CLUSTER else ()
            results[label] = run_suite(label, [*line, *warnings], [report], PYTHONPATH=str(site))
    return results


def test_swift(chosen: list[Interpreter], found: list[Interpreter]) -> dict[str, Tally]:
    """Runs the Swift tests with the newest interpreter that can be embedded, one of those chosen if possible; those of
    the kernels once more for the plainest set of instructions. The loops of every set are among the first ones, and the
    soak tests have all kernels use each."""
    chosen_able, found_able = (
        [python for python in group if python.shared and python.has_headers] for group in (chosen, found)
    )
    able = chosen_able or found_able
    if not able:
        print("\nerror: no interpreter here has a shared library and headers, which the Swift tests embed")
        return {"swift test": Tally(failed=1)}
    python = able[-1]
    line: list[str | Path] = [python.path, ROOT / "tools" / "swiftpm.py", "test"]
    results = {}
    # Asked for more than it has, a machine uses the best that it has.
    for instructions in ("", "baseline"):
        label = f"{python.name}: swift test {instructions}".strip()
        # Two frameworks, two reports: XCTest writes the named file, Swift Testing one beside it.
        name = f"swift{instructions}"
        reports = [REPORTS / f"{name}-swift-testing.xml"]
        options = ["--filter", "BufferKernelsTests"] if instructions else []
        variables = {"SWIFTBUFFER_CPU": instructions} if instructions else {}
        results[label] = run_suite(label, [*line, REPORTS / f"{name}.xml", *options], reports, **variables)
    return results


def builds_ahead(for_users: list[Interpreter], swift_tests: bool) -> ahead.Builds:
    """Begins with the builds that the tests will need."""
    lines = {python.name: ahead.line("package", python.path) for python in for_users}
    if swift_tests and for_users:
        if able := sanitized.able(for_users):
            lines["sanitized"] = ahead.line("sanitized", able[-1].path)
        lines["fuzzing"] = ahead.line("fuzzing", for_users[-1].path)
    if os.environ.get("PACKAGING_TESTS") != "0":
        for python in for_clusters(for_users):
            lines[CLUSTER] = ahead.line(CLUSTER, python.path)
    return ahead.Builds(REPORTS, lines)


def test_chosen(
    chosen: list[Interpreter], found: list[Interpreter], builds: ahead.Builds, swift_tests: bool
) -> dict[str, Tally]:
    """Runs all tests for the interpreters that are there."""
    for_users = [python for python in chosen if python.is_for_users]
    results: dict[str, Tally] = {}
    if swift_tests:
        results |= test_swift(chosen, found)
    for python in for_users:
        builds.wait(python.name)
        results |= test_python(python, *selection(python, for_users))
    if chosen and swift_tests:
        # With the interpreter of the packaging tests: both need the library for authors compiled.
        results |= test_examples(chosen[0], "test")
        for python in sanitized.able(chosen)[-1:]:
            builds.wait("sanitized")
            results |= test_sanitized(python, sanitized.SHORT, **FEWER_EXAMPLES)
        builds.wait("fuzzing")
        results |= test_fuzzing(chosen[-1])
    if chosen and os.environ.get("PACKAGING_TESTS") != "0":
        results |= test_packaging(chosen[0])
        for python in for_clusters(chosen):
            builds.wait(CLUSTER)
            results |= test_cluster(python)
            if swift_tests:
                results |= test_examples(python, CLUSTER)
    return results


def main() -> int:
    started = time.monotonic()
    print("== Pythons", flush=True)
    wanted = os.environ.get("PYTHONS", "").replace(",", " ").split()
    found = provide_headers(pythons.find_all())
    chosen = choose(found, wanted)
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    names = lacking(found, wanted)
    making = make_interpreters(names)

    for_users = [python for python in chosen if python.is_for_users]
    swift_tests = os.environ.get("SWIFT_TESTS") != "0"
    with builds_ahead(for_users, swift_tests) as builds:
        results = test_chosen(chosen, found, builds, swift_tests)
    if making is not None:
        results |= test_made(making, names, for_users)
    for python in pythons.kept():
        if python.matches(leaks.INTERPRETER) and (not wanted or any(map(python.matches, wanted))):
            results |= test_leaks(python, leaks.SHORT)

    print(f"\n== after {time.monotonic() - started:.0f} s")
    for label, count in results.items():
        print(f"   {label:32} {count}")
    total = sum(results.values(), Tally())
    if total.total == 0:
        print("error: no test ran")
    # Of a long log often only the end is kept.
    for failure in FAILURES[:MOST_FAILURES]:
        print(f"failed: {failure}")
    if len(FAILURES) > MOST_FAILURES:
        print(f"failed: {len(FAILURES) - MOST_FAILURES} more")
    print(total, flush=True)
    return 0 if total.passed and not total.failed else 1


if __name__ == "__main__":
    sys.exit(main())
