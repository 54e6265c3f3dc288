# SPDX-License-Identifier: Apache-2.0
"""The benchmarks run, check every answer, and have all the rows that were promised; nothing asks how fast."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy
import pytest

import bench
import bench_everyday
import in_c
import limits
import machine
import measure
import memory
import native
import pythons
import report
import results
import swiftbuffer
import workloads
from everyday import objects, shown, table
from results import LIMIT, LIMIT_1, OURS, OURS_1, C, Goal, Row

FOLDER = Path(measure.__file__).parent
TRANSPOSED = [
    f"{itemsize}-byte items, {shape}, {size} MiB"
    for itemsize, even, ragged, size in (
        (1, "8192x8192", "8191x8189", 64),
        (2, "8192x4096", "8191x4093", 64),
        (3, "4096x4096", "4095x4093", 48),
        (4, "4096x4096", "4095x4093", 64),
        (6, "4096x2048", "4095x2045", 48),
        (8, "4096x2048", "4095x2045", 64),
        (12, "2048x2048", "2047x2045", 48),
        (16, "2048x2048", "2047x2045", 64),
    )
    for shape in (even, ragged)
]
SIZES = ("1 MiB", "64 MiB")
ROWS = {
    "contiguous copy": [f"8-byte items, {size}" for size in SIZES],
    "transpose": TRANSPOSED,
    "transpose in cache": [f"{itemsize}-byte items" for itemsize in (1, 2, 3, 4, 6, 8, 12, 16)],
    "strides": [
        f"{step}, {itemsize}-byte items, {size}"
        for step, itemsize in (("[::2]", 1), ("[::2]", 4), ("[::-1]", 1), ("[::-1]", 4))
        for size in SIZES
    ],
    "permutations": [
        "HWC to CHW, 8-bit 1080p",
        "CHW to HWC, 8-bit 1080p",
        "NHWC to NCHW, float32, 64 channels",
        "NHWC to NCHW, float32, 3 channels",
        "200x200x200 float64, axes (2, 1, 0)",
        "200x200x200 float64, axes (2, 0, 1)",
    ],
    "==": [
        f"{what}, {size}"
        for what in ("float64", "bytes", "float64 with float32", "float64, transposed with contiguous")
        for size in SIZES
    ],
    "conversions": [
        *(f"{what} to float32" for what in ("int16", "uint8", "float64", "float16")),
        "float32 to float16",
        *(f"{what}, {size}" for what in ("int24 to int32", "int24 to float32, scaled") for size in SIZES),
        *(f"float32 to int24, scaled, {size}" for size in SIZES),
    ],
    "new memory": ["fresh contiguous copy, 64 MiB"],
    "search (ns an item)": ["x in view, 1-byte items, a miss"],
    "tobytes": ["transposed, 1-byte", "transposed, 16-byte", "[::2], 1-byte", "[::-1], 8-byte", "rows behind pointers"],
    "two threads": ["transpose, 1-byte", "transpose, 8-byte", "HWC to CHW", "float64 to float32"],
}


def run(name: str, folder: Path, only: str = "", stored_as: str = "") -> list[Row]:
    """Runs a benchmark on little memory, once, and returns its rows."""
    package = Path(sys.modules["swiftbuffer"].__file__ or "").parent.parent
    done = subprocess.run(
        [sys.executable, FOLDER / f"bench_{name}.py", "--tiny", "--json", folder, "--only", only],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(package)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    stored: list[dict[str, Any]] = json.loads((folder / f"{stored_as or name}.json").read_text())["rows"]
    rows = [results.from_json(row) for row in stored]
    for found, row in zip(stored, rows, strict=True):
        # As rich prints them: long names are wrapped, so the beginning has to do.
        assert row.name[:8] in done.stdout
        assert all(timing.minimum > 0 for timing in row.timings.values())
        # Read back it is the same row.
        assert json.loads(json.dumps(row.as_json())) == found
    return rows


def test_the_workload_table_has_every_row(tmp_path: Path) -> None:
    rows = run("kernels", tmp_path)
    for group, names in ROWS.items():
        members = [row for row in rows if row.group.startswith(group)]
        missing = [name for name in names if not any(row.name.startswith(name) for row in members)]
        assert not missing, f"{group}: no {missing}"
    for row in rows:
        assert {OURS, row.reference} < set(row.timings), row.name
        if row.group != "two threads" and not row.group.startswith("conversions"):
            assert "memoryview" in row.timings, row.name
    in_c = {row.group for row in rows if C in row.timings}
    assert {"transpose", "transpose in cache", "strides", "permutations", "conversions", "new memory"} < in_c


def test_cost_is_measured_over_the_sizes(tmp_path: Path) -> None:
    rows = run("linear", tmp_path)
    groups = {row.group for row in rows}
    assert len(groups) >= 6
    for group in groups:
        assert [row.name for row in rows if row.group == group] == [f"{size} MiB" for size in (1, 8, 64, 512, 1024)]


@pytest.mark.parametrize("name", ["protocol", "exchange", "view"])
def test_small_costs_are_measured(tmp_path: Path, name: str) -> None:
    assert all(OURS in row.timings for row in run(name, tmp_path))


def test_every_way_to_move_bytes_is_measured_with_one_thread_and_two(tmp_path: Path) -> None:
    rows = run("limit", tmp_path)
    assert [row.name for row in rows] == [
        f"{size} MiB, {count}" for size in (8, 64) for count in ("1 thread", "2 threads")
    ]
    for row in rows:
        for way in ("memcpy", "rep movsb", "non-temporal stores") if platform.machine() == "x86_64" else ("memcpy",):
            assert {f"C: {way}", f"C: {way}, prefetched"} < set(row.timings)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [1, 63, 64, 4095, 4097, 70_001])
def test_every_way_to_move_bytes_moves_all_of_them_and_no_more(size: int, threads: int) -> None:
    for name, way in limits.ways(size, threads).items():
        destination, source = way.memory[1:3]  # type: ignore[attr-defined]
        around = destination.base
        around[:] = 0xA5
        before = around.tobytes()
        way()
        start = destination.ctypes.data - around.ctypes.data
        assert destination.tobytes() == source.tobytes(), name
        assert around[:start].tobytes() + around[start + size :].tobytes() == before[:start] + before[start + size :]


@pytest.mark.parametrize("itemsize", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("shape", [(1, 1), (64, 64), (129, 67), (300, 255)])
@pytest.mark.parametrize("shift", [0, 1])
def test_every_way_in_c_transposes(itemsize: int, shape: tuple[int, int], shift: int) -> None:
    rows, columns = shape
    item = workloads.NUMPY_ITEMS[itemsize]
    source = memory.filled(shape, item)
    # Once on a line, once beside it, and something around it that is to stay.
    block = numpy.empty((columns * rows + 2 * 64) * itemsize, "u1")
    start = (-block.ctypes.data % 64) + 64 * itemsize + shift * itemsize
    destination = block[start:][: source.nbytes].view(item).reshape(columns, rows)
    for way in in_c.transposes(destination, source, 1, rows, columns, itemsize, large=True).values():
        block[:] = 0xA5
        way()
        assert destination.tobytes() == source.T.tobytes()
        assert set(block[:start].tolist()) == {0xA5} == {0xA5, *block[start + source.nbytes :].tolist()}


@pytest.mark.parametrize("count", [1, 63, 64, 65, 5000])
@pytest.mark.parametrize("itemsize", [1, 2, 4, 8])
@pytest.mark.parametrize("step", [2, 3, -1])
def test_every_way_in_c_takes_strided_items(count: int, itemsize: int, step: int) -> None:
    item = workloads.NUMPY_ITEMS[itemsize]
    view = memory.filled([(count - 1) * abs(step) + 1], item)[::step]
    for way in in_c.strided(memory.ready([count], item), view).values():
        destination = way.memory[0]  # type: ignore[attr-defined]
        destination.view("u1")[:] = 0xA5
        way()
        assert destination.tobytes() == view.tobytes()


def everyday_rows(folder: Path, only: str) -> list[Row]:
    return run("everyday", folder, only, f"everyday-{shown.python()}-some")


def test_everyday_works_are_measured_beside_their_peers(tmp_path: Path) -> None:
    rows = everyday_rows(tmp_path, "everyday items View x.tolist,everyday growth")
    assert {row.size for row in rows} == {0, 1, 16, 1000}
    for row in rows:
        assert row.group in ("items", "growth")
        if row.name.startswith("View of ints: x.tolist"):
            assert {OURS, C, "array.array", "memoryview", "NumPy"} == set(row.timings)
    assert any("append" in row.name and row.goal.times == {"array.array": 1.1, "list": 3.0} for row in rows)


@pytest.mark.parametrize("group", table.TABLE)
def test_everyday_works_give_the_same_answer_everywhere(group: str) -> None:
    for work in table.TABLE[group]:
        for of in work.of:
            for size in set(work.sizes) & set(objects.SIZES):
                bench_everyday.check(work, of, size)


def test_every_public_operation_is_an_everyday_work() -> None:
    text = "\n".join(statement for _, work in table.every() for statement in (work.ours, work.name))
    public = {name for name in swiftbuffer.__all__ if not name.startswith("_")}
    # A type has more names than its objects: those that only say what to do instead.
    for one in (swiftbuffer.zeros(1), swiftbuffer.View(b"")):
        public |= {name for name in dir(one) if not name.startswith("_") and hasattr(one, name)}
    used = set(re.findall(r"\w+", text))
    lacking = sorted(public - used - set(table.UNMEASURED))
    assert not lacking, f"give {lacking} a row in Benchmarks/everyday, or a reason there not to have one"
    assert not sorted(set(table.UNMEASURED) - public), "names that do not exist need no reason"


def test_a_wrong_answer_stops_the_run() -> None:
    trial = workloads.transpose(8, 4, 2)
    trial.check()
    trial.calls[OURS] = lambda: None
    with pytest.raises(AssertionError, match="swiftbuffer does not give NumPy's answer"):
        trial.check()
    equal = workloads.equal(numpy.ones(3), numpy.ones(3))
    equal.calls["NumPy"] = lambda: False
    with pytest.raises(AssertionError, match="NumPy does not"):
        equal.check()


def row(goal: Goal, **times: float) -> Row:
    """A row in which each needed so many nanoseconds."""
    clocks = {name: lambda number, time=time: number * time for name, time in times.items()}
    return Row("", "", measure.interleave(clocks, "memcpy", measure.ONCE), "memcpy", goal)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("goal", "times", "missed"),
    [
        (Goal(at_most=1.3), {"swiftbuffer": 13.0, "NumPy": 12.0}, []),
        (Goal(at_most=1.3), {"swiftbuffer": 26.0}, ["2.00x the goal of 1.3x"]),
        (Goal(), {"swiftbuffer": 10.9, "NumPy": 10.0}, []),
        (Goal(), {"swiftbuffer": 20.0, "NumPy": 12.0, "OpenCV": 10.0}, ["2.00x OpenCV"]),
        (Goal(fastest=None), {"swiftbuffer": 20.0, "NumPy": 10.0}, []),
        (Goal(aside=("list",)), {"swiftbuffer": 20.0, "NumPy": 20.0, "list": 1.0}, []),
        (Goal(times={"memoryview": 0.1}), {"swiftbuffer": 20.0, "memoryview": 200.0}, []),
        (Goal(times={"memoryview": 0.1}), {"swiftbuffer": 20.0, "memoryview": 100.0}, ["5.0x as fast as memoryview"]),
        (Goal(times={C: 1.1}), {"swiftbuffer": 11.0, C: 10.0}, []),
        (Goal(times={C: 1.1, LIMIT: 1.15}), {"swiftbuffer": 12.0, C: 10.0, LIMIT: 10.0}, ["1.20x C", "1.20x limit"]),
        (Goal(gain=1.8), {OURS: 10.0, OURS_1: 15.0, LIMIT: 5.0, LIMIT_1: 8.0}, []),
        (Goal(gain=1.8), {OURS: 10.0, OURS_1: 15.0, LIMIT: 5.0, LIMIT_1: 9.0}, ["1.50x as fast as with one thread"]),
    ],
)
def test_a_goal_is_missed_by_what_the_row_says(goal: Goal, times: dict[str, float], missed: list[str]) -> None:
    found = row(goal, memcpy=10.0, **times).misses()
    assert len(found) == len(missed)
    for text, part in zip(found, missed, strict=True):
        assert re.match(re.escape(part), text)


def test_a_reference_that_is_slow_sits_out_as_anybody_does() -> None:
    pace = measure.Pace(least=1.0, rounds=4, slow_rounds=2, slow=100.0)
    timings = measure.interleave(
        {"memcpy": lambda number: 101.0 * number, "b": lambda number: 40.0 * number}, "memcpy", pace
    )
    assert (timings["memcpy"].rounds, timings["b"].rounds) == (2, 4)
    assert timings["b"].ratio_median == pytest.approx(40 / 101)


def test_every_round_times_everybody_and_the_order_moves_on() -> None:
    order: list[str] = []

    def clock(name: str, slow: float) -> measure.Clock:
        def timed(number: int) -> float:
            order.append(name)
            return slow * number

        return timed

    pace = measure.Pace(rounds=3, slow_rounds=1, slow=100.0, least=0.0)
    timings = measure.interleave({"a": clock("a", 10.0), "b": clock("b", 40.0), "c": clock("c", 101.0)}, "a", pace)
    assert order[3:] == ["a", "b", "c", "b", "a", "a", "b"]
    assert [timing.rounds for timing in timings.values()] == [3, 3, 1]
    assert timings["b"].minimum == 40.0
    assert timings["b"].ratio_median == 4.0


def kept(folder: Path, kind: str, **rows: list[Row]) -> report.Kept:
    """Results of a kind of CPU, as a run stores them and the report keeps them."""
    run = folder / "run"
    run.mkdir(parents=True, exist_ok=True)
    for name, members in rows.items():
        stored = {"run": "full", "machine": {**machine.described(), "kind": kind}, "pictured": []}
        stored["rows"] = [member.as_json() for member in members]
        (run / f"{name}.json").write_text(json.dumps(stored))
    report.keep(run, folder / "results")
    return report.Kept(folder / "results" / kind)


def test_the_report_has_a_place_for_each_table() -> None:
    text = report.README.read_text()
    for name in report.BLOCKS:
        assert "a new table" in report.replace(text, name, "a new table")
    with pytest.raises(SystemExit, match="no block other"):
        report.replace(text, "other", "")


def test_the_report_says_why_a_goal_is_missed(tmp_path: Path) -> None:
    slow = row(Goal(times={"memoryview": 0.1}), memcpy=10.0, swiftbuffer=11.0, memoryview=12.0)
    slow.group, slow.name = "tobytes of 1 MiB that is not contiguous", "a window of a matrix, 4-byte items"
    found = report.misses(kept(tmp_path / "slow", "amd-25", kernels=[slow]))
    assert "1.1x as fast as memoryview, not 10x | memoryview copies each row" in found
    met = row(Goal(at_most=2.0), memcpy=10.0, swiftbuffer=11.0)
    assert report.misses(kept(tmp_path / "met", "amd-25", kernels=[met])) == "None."


def test_cost_that_grows_more_than_the_reference_over_the_range_is_a_miss(tmp_path: Path) -> None:
    even, steep = (
        [row(Goal(), memcpy=10.0, swiftbuffer=20.0), row(Goal(), memcpy=40.0, swiftbuffer=last)]
        for last in (80.0, 120.0)
    )
    for rows, group in ((even, "even"), (steep, "steep")):
        for member in rows:
            member.group = group
    met = [row(Goal(at_most=2.0), memcpy=10.0, swiftbuffer=11.0)]
    assert report.misses(kept(tmp_path / "even", "amd-25", kernels=met, linear=even)) == "None."
    found = report.misses(kept(tmp_path / "steep", "amd-25", kernels=met, linear=even + steep))
    assert "| linear cost: steep | grows 1.50 times as much as memcpy |" in found


def test_an_everyday_operation_is_missed_where_it_is_furthest_from_its_goal(tmp_path: Path) -> None:
    def at(size: int, ours: float) -> Row:
        clocks = {OURS: lambda number: ours * number, "NumPy": lambda number: 10.0 * number}
        timings = measure.interleave(clocks, OURS, measure.ONCE)
        return Row("growth", "append", timings, OURS, Goal(fastest=1.05), unit="ns", size=size)

    found = kept(
        tmp_path,
        "amd-25",
        **{"everyday-3.11": [at(1, 10.0), at(16, 12.0)], "everyday-3.13t": [at(1, 11.0), at(16, 30.0)]},
    )
    line = "| growth: append | 3.00x NumPy with 16 items on 3.13t; 3 of 4 figures miss |"
    assert line in report.misses(found)
    assert "| append | 1.20 (16) | 3.00 (1, 16) |" in report.everyday_works(found)


def test_a_run_on_one_kind_of_cpu_leaves_the_tables_of_another(tmp_path: Path) -> None:
    text = report.README.read_text()
    first = kept(tmp_path, "amd-25-avx512", protocol=[row(Goal(), memcpy=10.0, swiftbuffer=11.1)])
    second = kept(tmp_path, "intel-6-avx512", protocol=[row(Goal(), memcpy=10.0, swiftbuffer=22.2)])
    page = report.page(text, [first, second])
    # Above the table, and above the goals missed.
    assert page.count("**AMD, family 25, AVX512**") == page.count("**INTEL, family 6, AVX512**") == 2
    assert "**1.11**" in page
    assert "**2.22**" in page
    assert machine.described()["date"] in page
    # What no kind has results for stays as it was.
    assert page.partition("<!-- begin linear -->")[2].partition("<!-- end")[0] in text


@pytest.mark.parametrize(
    ("cpuinfo", "kind"),
    [
        ("vendor_id\t: AuthenticAMD\ncpu family\t: 25\nflags\t: sse2 ssse3 avx2 f16c\n", "amd-25-avx2"),
        (
            "vendor_id : GenuineIntel\ncpu family : 6\nflags : avx2 f16c avx512f avx512bw avx512vl\n\nflags : none",
            "intel-6-avx512",
        ),
        ("CPU implementer\t: 0x41\nCPU architecture: 8\nFeatures\t: fp asimd\n", "arm-8-neon"),
    ],
)
def test_a_kind_of_cpu_is_its_vendor_family_and_instructions(cpuinfo: str, kind: str) -> None:
    assert machine.kind_of(machine.parse(cpuinfo)) == kind


def test_of_several_ways_the_fastest_is_taken() -> None:
    def slow() -> None:
        time.sleep(0.002)

    assert native.fastest({"slow": slow, "fast": lambda: None})[0] == "fast"


def test_one_build_of_each_version_is_measured() -> None:
    def python(version: str, path: str, **more: Any) -> pythons.Interpreter:
        minor = version.rpartition(".")[0]
        values = {"implementation": "cpython", "build": "", "prefix": "/usr", "soabi": "", "has_headers": True}
        return pythons.Interpreter(
            **{**values, "version": version, "minor": minor, "path": path, "shared": False, "suffix": "", **more}
        )

    found = [
        python("3.11.2", "/usr/bin/python3.11"),
        python("3.11.7", "/current"),
        python("3.9.1", "/old", has_headers=False),
        python("3.13.5", "/free", suffix="t"),
        python("3.13.5", "/locked"),
    ]
    chosen = bench.each_version(found, found[1], [])
    assert [one.path for one in chosen] == ["/current", "/locked", "/free"]
    assert [one.path for one in bench.each_version(found, found[1], ["3.13t"])] == ["/free"]


@pytest.mark.parametrize(
    ("words", "scripts", "others", "everyday", "some"),
    [
        ([], True, [], True, []),
        (["everyday"], False, [], True, []),
        (["everyday growth"], False, [], True, ["everyday growth"]),
        (["transpose"], True, ["transpose"], False, []),
        (["transpose", "everyday"], True, ["transpose"], True, []),
    ],
)
def test_words_choose_what_runs(
    words: list[str], scripts: bool, others: list[str], everyday: bool, some: list[str]
) -> None:
    found = bench.plan(words)
    assert (bool(found[0]), *found[1:]) == (scripts, others, everyday, some)
