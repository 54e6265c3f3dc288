# SPDX-License-Identifier: Apache-2.0
"""Pictures are small whatever is drawn, well-formed whatever it is called, and need nothing from elsewhere."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import swiftbuffer as sb
from drawn_layouts import LAYOUTS
from swiftbuffer import View, draw, testing
from view_layouts import arrays

LARGEST = 30_000
SVG = "{http://www.w3.org/2000/svg}"


def fields(count: int, name: str) -> str:
    return "T{" + "".join(f"b:{name}{number}:" for number in range(count)) + "}"


AWKWARD: dict[str, Any] = {
    "a gigabyte": lambda: View(b"a").broadcast_to((1 << 30,)),
    "bytes": lambda: bytes(100_000),
    "an image": lambda: np.zeros((480, 640, 3), "B"),
    "ten axes": lambda: np.zeros((3,) * 10, "B"),
    "64 axes": lambda: View(b"a").reshape((1,) * 64),
    "50 strides of 0": lambda: View(b"a").broadcast_to((2,) * 50),
    "items that overlap a thousand times": lambda: np.lib.stride_tricks.as_strided(
        np.zeros(4000, "B"), (999, 999), (1, 1)
    ),
    "strides without a common divisor": lambda: np.lib.stride_tricks.as_strided(
        np.zeros(1 << 20, "B"), (500, 500), (997, 1001)
    ),
    "one large item": lambda: sb.zeros(1, "100000s"),
    "300 fields": lambda: sb.zeros(2, fields(300, "f")),
    "long names": lambda: sb.zeros(30, fields(12, "n" * 300)),
    "hostile names": lambda: sb.zeros(30, fields(12, "<&\"']]>--\x1b\x85\u200e")),
    "many pointers": lambda: testing.ndarray(list(range(900)), shape=[30, 30], format="h", flags=testing.ND_PIL),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_pictures_are_at_most_30_kb(name: str) -> None:
    obj = AWKWARD[name]()
    for picture in (draw(obj), draw(obj, obj), draw(obj, width=1), draw(obj, obj, width=1 << 40)):
        assert len(picture.svg().encode()) <= LARGEST
        assert max(map(len, str(picture).splitlines())) <= 130
        ElementTree.fromstring(picture.svg())


@given(arrays())
def test_pictures_of_any_array_are_well_formed(array: np.ndarray[Any, Any]) -> None:
    picture = draw(array)
    assert len(picture.svg().encode()) <= LARGEST
    ElementTree.fromstring(picture.svg())


@given(st.text(min_size=1).filter(lambda name: ":" not in name and "\0" not in name))
def test_names_of_fields_are_text_and_never_markup(name: str) -> None:
    picture = draw(sb.zeros(2, "T{i:" + name + ":d:y:}"), title=name)
    root = ElementTree.fromstring(picture.svg())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "defs", "pattern", "marker", "path", "rect", "text", "tspan")
    }
    assert str(picture).isprintable() or set(filter(lambda c: not c.isprintable(), str(picture))) == {"\n"}


@pytest.mark.parametrize("name", LAYOUTS)
def test_pictures_stand_alone_and_have_text_for_readers(name: str) -> None:
    text = draw(*LAYOUTS[name]()).svg()
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    for attribute, tag in (("aria-labelledby", "title"), ("aria-describedby", "desc")):
        element = root.find(f"{SVG}{tag}")
        assert element is not None
        assert element.text
        assert element.get("id") == root.get(attribute)
    assert "prefers-color-scheme:dark" in text
    assert not re.search(r"href|<script|@import|url\((?!#)", text)
    assert re.findall(r"https?:", text) == ["http:"]


def test_titles_and_types_are_escaped() -> None:
    hostile = type("<script>alert(1)</script>\n\x1b[31m", (bytes,), {})
    picture = draw(hostile(b"abc"), title="<b>&")
    assert "<script" not in picture.svg()
    assert "<b>" not in picture.svg()
    assert "\x1b" not in str(picture)
    assert "\x1b" in picture.text(colour=True)


def test_objects_without_a_buffer_are_refused() -> None:
    with pytest.raises(TypeError):
        draw(object())  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        draw(b"", object())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="width must be 1 or more bytes, not 0"):
        draw(b"abc", width=0)
