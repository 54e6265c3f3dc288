# SPDX-License-Identifier: Apache-2.0
"""What notebooks and Rich show of `Array`, `View` and reports."""

from __future__ import annotations

import re

import pytest

import swiftbuffer as sb
from swiftbuffer import View

RECORD = "T{i:x:d:y:}"


def cells(html: str) -> list[list[str]]:
    return [re.findall(r"<t[hd]>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)]


def test_the_head_has_the_facts() -> None:
    array = sb.array([(1, 2.5), (3, 4.5)], RECORD)
    with memoryview(array), View(array):
        head = array._repr_html_().partition("<svg")[0]
    assert re.sub("<.*?>", "", head) == (
        f"Array: shape (2,), format '{RECORD}', strides (16,), 32 bytes, 2 exports outstanding"
    )
    assert "outstanding" not in array._repr_html_()
    assert "read-only" in View(b"abc")._repr_html_()


def test_the_picture_stands_between_head_and_values() -> None:
    html = sb.zeros((2, 2), "h")._repr_html_()
    assert html.index("<p>") < html.index("<svg") < html.index("<table>")
    assert html.count("<svg") == 1


def test_records_have_a_column_for_each_field() -> None:
    array = sb.array([(row, row / 2) for row in range(100)], RECORD)
    rows = cells(array._repr_html_())
    assert rows[0] == ["", "x", "y"]
    assert rows[1:6] == [[str(row), str(row), str(row / 2)] for row in range(5)]
    assert rows[6] == ["…"] * 3
    assert rows[7:] == [[str(row), str(row), str(row / 2)] for row in range(95, 100)]


def test_records_of_two_axes_have_both_indices() -> None:
    rows = cells(sb.zeros((2, 2), RECORD)._repr_html_())
    assert [row[0] for row in rows] == ["", "0,0", "0,1", "1,0", "1,1"]


def test_many_fields_and_long_values_are_cut() -> None:
    wide = sb.zeros(2, "T{" + "".join(f"b:f{number}:" for number in range(40)) + "}")
    rows = cells(wide._repr_html_())
    assert len(rows[0]) == len(rows[1]) == 14
    assert rows[0][-1] == rows[1][-1] == "…"
    long = sb.array([b"x" * 3000], "3000s")._repr_html_()
    assert len(cells(long)[1][0]) == 60
    assert cells(sb.zeros(1, "100000s")._repr_html_())[1] == ["?"]


def test_names_and_values_are_escaped() -> None:
    array = sb.array([(b"<i>&", 1)], "T{4s:<b>:i:&\x1b:}")
    html = array._repr_html_()
    assert "<b>" not in html
    assert "<i>" not in html
    assert "\x1b" not in html


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (1,) * 64, (3, 100, 100)])
def test_every_shape_is_shown(shape: tuple[int, ...]) -> None:
    array = sb.zeros(shape, "h")
    assert len(array._repr_html_()) < 60_000
    pairs = dict(array.__rich_repr__())
    assert pairs["shape"] == shape
    assert ("items" in pairs) == (array.size <= 60)


def test_rich_shows_what_is_special() -> None:
    array = sb.array([[1, 2], [3, 4]], "h")
    assert array.__rich_repr__() == [("shape", (2, 2)), ("format", "h"), ("items", [[1, 2], [3, 4]])]
    with memoryview(array):
        assert ("exports", 1) in array.__rich_repr__()
    view = View(bytes(6))[::-2]
    assert view.__rich_repr__() == [
        *[("shape", (3,)), ("format", "B"), ("strides", (-2,)), ("readonly", True), ("items", [0, 0, 0])]
    ]
    view.release()
    assert view.__rich_repr__() == [("released", True)]
    assert view._repr_html_() == "<p>View, released</p>"


def test_rich_prints_arrays_and_reports() -> None:
    pretty = pytest.importorskip("rich.pretty")
    assert pretty.pretty_repr(sb.array([1, 2], "h")) == "Array(shape=(2,), format='h', items=[1, 2])"
    report = sb.check(b"abc")
    assert pretty.pretty_repr(report).startswith("Report(")
    assert dict(report.__rich_repr__())["codes"] == list(report.codes)


def test_showing_memory_leaves_it_free() -> None:
    array = sb.array([1, 2, 3], "h")
    assert array._repr_html_()
    assert array.__rich_repr__()
    array.append(4)
