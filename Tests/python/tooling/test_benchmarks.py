"""The benchmarks run, check every answer, and have all the rows that were promised; nothing asks how fast."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest

import measure
import report
import results
import workloads
from results import OURS, Goal, Row

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
    "transpose": TRANSPOSED,
    "transpose in cache": [f"{itemsize}-byte items" for itemsize in (1, 2, 3, 4, 6, 8, 12, 16)],
    "strides": [
        f"{step}, {itemsize}-byte items, {size}"
        for step, itemsize in (("[::2]", 1), ("[::2]", 4), ("[::-1]", 1))
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


def run(name: str, folder: Path) -> list[dict[str, Any]]:
    """Runs a benchmark on little memory, once, and returns its rows."""
    package = Path(sys.modules["swiftbuffer"].__file__ or "").parent.parent
    done = subprocess.run(
        [sys.executable, FOLDER / f"bench_{name}.py", "--tiny", "--json", folder],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(package)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    stored: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text())["rows"]
    for row in stored:
        # As rich prints them: long names are wrapped, so the beginning has to do.
        assert row["name"][:8] in done.stdout
        assert all(result["minimum"] > 0 for result in row["results"].values())
        # Read back it is the same row, tuples being lists to JSON.
        assert json.loads(json.dumps(results.from_json(row).as_json())) == row
    return stored


def test_the_workload_table_has_every_row(tmp_path: Path) -> None:
    rows = run("kernels", tmp_path)
    for group, names in ROWS.items():
        members = [row for row in rows if row["group"].startswith(group)]
        missing = [name for name in names if not any(row["name"].startswith(name) for row in members)]
        assert not missing, f"{group}: no {missing}"
    for row in rows:
        assert {OURS, row["reference"]} < set(row["results"]), row["name"]
        if row["group"] != "two threads" and not row["group"].startswith("conversions"):
            assert "memoryview" in row["results"], row["name"]


def test_cost_is_measured_over_the_sizes(tmp_path: Path) -> None:
    rows = run("linear", tmp_path)
    groups = {row["group"] for row in rows}
    assert len(groups) >= 6
    for group in groups:
        assert [row["name"] for row in rows if row["group"] == group] == [
            f"{size} MiB" for size in (1, 8, 64, 512, 1024)
        ]


@pytest.mark.parametrize("name", ["protocol", "view"])
def test_small_costs_are_measured(tmp_path: Path, name: str) -> None:
    assert all(OURS in row["results"] for row in run(name, tmp_path))


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
        (Goal(beside_baselines=False), {"swiftbuffer": 20.0, "NumPy": 10.0}, []),
        (Goal(times_faster=("memoryview", 10.0)), {"swiftbuffer": 20.0, "memoryview": 200.0}, []),
        (Goal(times_faster=("memoryview", 10.0)), {"swiftbuffer": 20.0, "memoryview": 100.0}, ["5.0x as fast"]),
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
    assert timings["b"].ratio == timings["b"].ratio_median == pytest.approx(40 / 101)


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
    assert timings["b"].ratio == timings["b"].ratio_median == timings["b"].ratio_minimum == 4.0


def test_the_report_has_a_place_for_each_table_and_says_why_a_goal_is_missed() -> None:
    text = report.README.read_text()
    for name in ("kernels", "misses", "linear", "protocol", "view"):
        assert "a new table" in report.replace(text, name, "a new table")
    with pytest.raises(SystemExit, match="no block other"):
        report.replace(text, "other", "")
    slow = row(Goal(times_faster=("memoryview", 10.0)), memcpy=10.0, swiftbuffer=11.0, memoryview=12.0)
    slow.group, slow.name = "tobytes of 1 MiB that is not contiguous", "a window of a matrix, 4-byte items"
    assert "1.1x as fast as memoryview, not 10x | memoryview copies each row" in report.misses([slow])
    met = row(Goal(at_most=2.0), memcpy=10.0, swiftbuffer=11.0)
    assert report.misses([met]) == "None."


def test_cost_that_grows_more_than_the_reference_over_the_range_is_a_miss() -> None:
    even, steep = (
        [row(Goal(), memcpy=10.0, swiftbuffer=20.0), row(Goal(), memcpy=40.0, swiftbuffer=last)]
        for last in (80.0, 120.0)
    )
    for rows, group in ((even, "even"), (steep, "steep")):
        for member in rows:
            member.group = group
    assert report.misses([], even) == "None."
    assert "| linear cost: steep | grows 1.50 times as much as memcpy |" in report.misses([], even + steep)
