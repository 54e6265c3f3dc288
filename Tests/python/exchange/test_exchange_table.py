# SPDX-License-Identifier: Apache-2.0
"""The script of the table in docs/exchange.md, on the libraries that this environment has, and on made-up ones that
copy, let go or write where they must not: each cell can say so."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import numpy as np
import pytest

import exchange
import swiftbuffer as sb
from exchanges import arrays, cells, columns, images
from exchanges.cells import IN, OUT, Cells, Given, Row, Taken
from exchanges.common import locked, owned, poke, tolist, where

ROWS = [row for module in (arrays, columns, images) for row in module.ROWS]


def cells_of(library: str, direction: str, by: str) -> list[str]:
    (row,) = [row for row in ROWS if (row.library, row.direction, row.by) == (library, direction, by)]
    return exchange.line(row)[4:]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.library} {row.direction} {row.by}")
def test_every_row_is_tried_or_not_installed(row: Row) -> None:
    library, version, *_, by, zero_copy, pinned, readonly, formats = exchange.line(row)
    assert (library, by) == (row.library, row.by)
    if version == "not installed":
        assert {zero_copy, pinned, readonly, formats} == {""}
    else:
        assert zero_copy in ("yes", "copies")
        assert (pinned == cells.COPY) == (zero_copy == "copies")
        assert readonly


def test_what_is_known_of_numpy_is_found() -> None:
    everything = "all numbers, `>d`, `5s`, records"
    assert cells_of("NumPy", OUT, "`numpy.asarray(a)`") == ["yes", "yes", "yes", everything]
    # `resize(refcheck=False)` frees the memory under every buffer.
    assert cells_of("NumPy", IN, "`View(x)`") == ["yes", "**no**", "yes", everything]
    assert cells_of("NumPy", OUT, "`numpy.from_dlpack(a)`")[3] == "all numbers"


def test_what_is_known_of_arrow_is_found() -> None:
    # Truth values are bits there, and complex numbers are no type.
    assert cells_of("pyarrow", IN, "`from_arrow(x)`") == ["yes", "yes", "yes", "numbers but `?` `Zf` `Zd`"]


class Loose:
    """Keeps an address and no buffer, and writes wherever it is."""

    def __init__(self, array: Any) -> None:
        self.address = array.address
        self.items = (ctypes.c_double * array.size).from_address(array.address)

    def poke(self) -> None:
        self.items[0] = 55


LOOSE = Given(Loose, lambda x: list(x.items), lambda x: x.address, Loose.poke)
COPYING = Given(lambda a: np.asarray(a).copy(), tolist, where, poke)
UNSEEN = Given(lambda a: np.asarray(a), tolist)
WRONG = Given(lambda a: np.asarray(a)[::-1], tolist, lambda x: where(x[::-1]), poke)


def test_a_library_that_keeps_no_buffer_is_seen() -> None:
    assert LOOSE() == Cells("yes", "**no**", "**no**", "`d`")


def test_a_library_that_copies_is_seen() -> None:
    assert COPYING() == Cells("copies", "-", "-", "all numbers, `>d`, `5s`, records")


def test_sharing_is_seen_without_an_address() -> None:
    assert UNSEEN() == Cells("yes", "yes", "yes, never writes", "all numbers, `>d`, `5s`, records")


def test_wrong_items_are_seen() -> None:
    assert WRONG().formats == ""


def test_memory_of_a_library_that_is_copied_or_unlocked_is_seen() -> None:
    copying = Taken(owned, lambda x: sb.array(x), where, locked)
    assert copying() == Cells("copies", "-", "**no**", "all numbers, `>d`, `5s`, records")
    unlocked = Taken(owned, sb.View, where, owned)
    assert unlocked().readonly == "**no**"


def test_a_row_that_fails_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> Cells:
        raise OSError("broken")

    assert exchange.line(Row("x", "", ("sys",), OUT, "y", fails))[4] == "failed: OSError"
    assert "broken" in capsys.readouterr().err
    missing = exchange.line(Row("x", "nonsense", ("no_such_module",), OUT, "y", fails))
    assert missing[1] == "not installed"
    assert f"CPython {sys.version_info[0]}.{sys.version_info[1]}" in exchange.table([])
