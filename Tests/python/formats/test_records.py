# SPDX-License-Identifier: Apache-2.0
"""Records: named tuples that survive pickle, copy and other processes, and are read without Python code."""

from __future__ import annotations

import copy
import gc
import math
import multiprocessing
import pickle
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb

FORMATS: list[tuple[str, Any]] = [
    ("T{i:x:d:y:}", (1, 2.5)),
    ("T{i:a:T{d:x:(2)h:p:}:b:}", (1, (2.5, [3, 4]))),
    ("T{i:class:i:two words:i:fine:}", (1, 2, 3)),
    ("T{b:a:h}", (1, 2)),
    ("T{3s:name:2w:text:?:flag:}", (b"abc", "xy", True)),
    ("T{i:ä:}", (7,)),
    ("T{0s:empty:}", (b"",)),
]


def records() -> list[Any]:
    return [sb.array([value], form)[0] for form, value in FORMATS]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("record", records(), ids=repr)
def test_a_record_comes_back_from_a_pickle(record: Any, protocol: int) -> None:
    other = pickle.loads(pickle.dumps(record, protocol))
    assert other == record
    assert type(other) is type(record)
    assert other._fields == record._fields
    assert repr(other) == repr(record)
    assert pickle.loads(pickle.dumps(other, protocol)) == record


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("record", records(), ids=repr)
def test_a_record_is_copied(record: Any, duplicate: Any) -> None:
    other = duplicate(record)
    assert other == record
    assert type(other) is type(record)


def test_a_deep_copy_shares_no_list() -> None:
    record = sb.array([([1, 2],)], "T{(2)h:p:}")[0]
    assert copy.copy(record).p is record.p
    assert copy.deepcopy(record).p is not record.p


def returned(record: Any) -> Any:
    return record, record.x + 1


def test_records_travel_between_processes() -> None:
    record = sb.array([(1, 2.5)], "T{i:x:d:y:}")[0]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        other, one_more = pool.apply(returned, (record,))
    assert other == record
    assert other.y == 2.5
    assert one_more == 2


def test_a_process_that_has_not_imported_the_package_loads_a_record() -> None:
    record = sb.array([(1, ([2, 3],))], "T{i:x:T{(2)i:p:}:s:}")[0]
    code = f"import pickle; r = pickle.loads({pickle.dumps(record)!r}); print(r, r.s.p, r.x)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout == "Record(x=1, s=Record(p=[2, 3])) [2, 3] 1\n"


def test_a_record_is_a_named_tuple() -> None:
    record = sb.array([(1, 2.5)], "T{i:x:d:y:}")[0]
    assert isinstance(record, tuple)
    assert record._fields == ("x", "y")
    assert record._asdict() == {"x": 1, "y": 2.5}
    assert record._replace(x=3) == (3, 2.5)
    assert type(record)._make([5, 6]) == (5, 6)
    assert hash(record) == hash((1, 2.5))
    assert {record: 1}[(1, 2.5)] == 1
    match record:
        case (x, y):
            assert (x, y) == (1, 2.5)
    assert gc.is_tracked(record) in (True, False)
    assert type(record).__module__ == "swiftbuffer"


def test_records_of_one_set_of_names_have_one_class() -> None:
    first = sb.array([(1, 2.5)], "T{i:x:d:y:}")
    second = sb.View(np.zeros(2, [("x", "u1"), ("y", "f4")]))
    assert type(first[0]) is type(first.tolist()[0]) is type(second[0]) is type(next(iter(second)))
    assert type(first[0]) is not type(sb.zeros(1, "T{i:y:d:x:}")[0])


def test_more_sets_of_names_than_are_kept() -> None:
    early = sb.zeros(1, "T{i:early:}")[0]
    for index in range(1100):
        record = sb.full(1, (index,), f"T{{i:n{index}:}}")[0]
        assert getattr(record, f"n{index}") == index
    assert pickle.loads(pickle.dumps(early)) == early


def test_threads_that_read_the_first_record_at_once() -> None:
    for turn in range(50):
        array = sb.full(3, (1, 2), f"T{{i:a{turn}:i:b:}}")
        start = threading.Barrier(4)
        found: list[Any] = []

        def read(array: Any = array, start: threading.Barrier = start, found: list[Any] = found) -> None:
            start.wait()
            found.append(array[1])

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [(1, 2)] * 4
        assert len({type(record) for record in found}) == 1


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=8))
def test_records_equal_the_tuples_of_numpy(values: list[int]) -> None:
    theirs = np.array([(value, value / 4) for value in values], [("i", "i2"), ("f", "f8")])
    ours = sb.View(theirs).tolist()
    assert ours == theirs.tolist()
    assert pickle.loads(pickle.dumps(ours)) == ours


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((1, 2), TypeError),
        ((("a",), 2), TypeError),
        ((("a",), ()), ValueError),
        (((1,), (2,)), (TypeError, ValueError)),
    ],
)
def test_a_pickle_that_makes_no_record_is_refused(arguments: tuple[Any, Any], error: Any) -> None:
    from swiftbuffer import _core

    try:
        made = _core._record(*arguments)
    except error:
        return
    assert made == arguments[1]


def test_a_record_with_a_nan_keeps_it() -> None:
    record = sb.array([(math.nan,)], "T{d:x:}")[0]
    assert math.isnan(pickle.loads(pickle.dumps(record)).x)
