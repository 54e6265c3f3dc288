# SPDX-License-Identifier: Apache-2.0
"""What a View shows of itself to a person: repr and a table for notebooks, short whatever the memory."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swiftbuffer import View
from view_layouts import arrays


def test_repr_shows_shape_format_layout_and_items() -> None:
    array = np.arange(6, dtype="h").reshape(2, 3)
    assert repr(View(array)) == "<swiftbuffer.View shape=(2, 3) format='h' [[0, 1, 2], [3, 4, 5]]>"
    assert repr(View(array).T) == "<swiftbuffer.View shape=(3, 2) format='h' order='F' [[0, 3], [1, 4], [2, 5]]>"
    assert repr(View(array)[:, ::2]) == "<swiftbuffer.View shape=(2, 2) format='h' strides=(6, 4) [[0, 2], [3, 5]]>"
    assert repr(View(b"ab")) == "<swiftbuffer.View shape=(2,) format='B' readonly [97, 98]>"
    assert repr(View(np.array(1.5))) == "<swiftbuffer.View shape=() format='d' 1.5>"
    assert repr(View(np.zeros((2, 0)))) == "<swiftbuffer.View shape=(2, 0) format='d' [[], []]>"


def test_long_axes_are_cut() -> None:
    text = repr(View(np.arange(1000, dtype="i")))
    assert text == "<swiftbuffer.View shape=(1000,) format='i' [0, 1, 2, ..., 997, 998, 999]>"
    assert repr(View(np.arange(60, dtype="i"))).count(",") == 60


@pytest.mark.parametrize(
    "view",
    [
        View(b"a").broadcast_to((2,) * 50),
        View(b"a").broadcast_to((7,) * 20),
        View(b"a").broadcast_to((2**60,)),
        View(np.zeros((1000000, 0))),
        View(np.zeros((1 << 40, 0, 1 << 10), "B")),
        View(np.zeros((100, 100, 100))),
        View(b"a").reshape((1,) * 64),
    ],
)
def test_repr_is_short_and_balanced_whatever_the_shape(view: View) -> None:
    text = repr(view)
    assert len(text) < 1500
    assert text.count("[") == text.count("]")
    assert len(view._repr_html_()) < 60_000


def test_items_that_cannot_be_read_are_shown_as_such() -> None:
    view = View.from_flags(View(np.zeros((2, 2))), 0x18)
    assert repr(view) == "<swiftbuffer.View shape=(2, 2) format='B' items that cannot be read>"
    assert view._repr_html_().count("<td>?</td>") == 4


class Cells(HTMLParser):
    """The rows of values of the table, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []
        # A row of headings has no values.
        self.rows = [row for row in self.rows if row]

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        assert not attributes or "svg" in [tag, *self.open]
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")

    def handle_startendtag(self, *_: Any) -> None:
        assert "svg" in self.open

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] == "td":
            self.rows[-1][-1] += data


@given(arrays(dtypes=st.sampled_from("?bHqdD")))
def test_tables_show_the_last_two_axes(array: np.ndarray[Any, Any]) -> None:
    cells = Cells(View(array)._repr_html_()).rows
    if array.size == 0:
        assert cells == []
        return
    part = array[(0,) * max(array.ndim - 2, 0)]
    expected = np.asarray(part).reshape((1,) * (2 - np.ndim(part)) + np.shape(part))
    items = [View(array).tolist()] if array.ndim == 0 else [item for row in expected.tolist() for item in row]
    assert [text for row in cells for text in row] == [repr(item) for item in items]
    assert [len(row) for row in cells] == [expected.shape[1]] * expected.shape[0]


def test_tables_are_cut_and_escaped() -> None:
    rows = Cells(View(np.arange(10000).reshape(100, 100))._repr_html_()).rows
    assert len(rows) == len(rows[0]) == 11
    assert rows[0][:6] == ["0", "1", "2", "3", "4", "…"]
    assert rows[-1][-1] == "9999"
    html = View(b"<&>").cast("c")._repr_html_()
    assert Cells(html).rows == [[repr(b"<"), repr(b"&"), repr(b">")]]
    assert not re.search(r"b'[<>]'", html)
    html = View(bytes(4)).cast("T{H:<b>:H:&:}")._repr_html_()
    assert "<b>" not in html


def test_special_numbers_are_shown() -> None:
    assert "[nan, inf, -0.0]" in repr(View(np.array([math.nan, math.inf, -0.0])))
