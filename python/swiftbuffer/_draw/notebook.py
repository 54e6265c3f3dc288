# SPDX-License-Identifier: Apache-2.0
"""What notebooks and consoles show of `Array` and `View`: `_repr_html_` and `__rich_repr__`, which call these."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice, product

from swiftbuffer._core import Array, View
from swiftbuffer._draw.labels import index_text
from swiftbuffer._draw.picture import picture_of
from swiftbuffer._draw.svg import escaped
from swiftbuffer._draw.views import facts, shortened, subject

__all__ = ["html", "rich"]

EDGE = 5
"""Rows and columns shown at each end of an axis that is too long to be shown whole."""
MOST_FIELDS = 12
MOST_ITEMS = 60
"""Items that a console shows."""
LONGEST = 60
"""Letters of an item."""
LARGEST = 4096
"""Bytes of an item that is read to be shown."""


def html(memory: Array | View, exports: int) -> str:
    """A line about the memory, its picture, and its items. ``exports`` were outstanding before the call."""
    name = type(memory).__name__
    if _is_released(memory):
        return f"<p>{name}, released</p>"
    shown = subject(memory)
    with shown.view as view:
        words = [f"<strong>{name}</strong>"]
        words += [f"{title} <code>{escaped(value)}</code>" if title else escaped(value) for title, value in facts(view)]
        if exports > 0:
            words.append(f"{exports} export{'s' * (exports > 1)} outstanding")
        picture = picture_of([shown], heads=False).svg().rstrip() if view.nbytes else ""
        return f"<p>{', '.join(words).replace('</strong>, ', '</strong>: ', 1)}</p>{picture}{''.join(_table(view))}"


def rich(memory: Array | View, exports: int) -> list[tuple[str, object]]:
    """The attributes and items as pairs, those that say something."""
    if _is_released(memory):
        return [("released", True)]
    pairs: list[tuple[str, object]] = [("shape", memory.shape), ("format", memory.format)]
    if not memory.c_contiguous:
        pairs.append(("strides", memory.strides))
    if memory.suboffsets:
        pairs.append(("suboffsets", memory.suboffsets))
    if memory.readonly:
        pairs.append(("readonly", True))
    if exports > 0:
        pairs.append(("exports", exports))
    if memory.size <= MOST_ITEMS and memory.itemsize <= LARGEST:
        with suppress(NotImplementedError, ValueError):
            pairs.append(("items", memory.tolist()))
    return pairs


def _is_released(memory: Array | View) -> bool:
    try:
        return memory.ndim < 0
    except ValueError:
        return True


def _table(view: View) -> Iterator[str]:
    """The rows of an HTML table: of records, one for each item; else the last two axes."""
    if 0 in view.shape:
        return
    with suppress(NotImplementedError, ValueError):
        # Of a format that describes no such item, there are no names.
        if view.names:
            yield from _records(view)
            return
    outer = max(view.ndim - 2, 0)
    if outer:
        yield f"<p>[{', '.join(['0'] * outer)}, :, :]</p>" if outer <= 8 else f"<p>[0 in {outer} axes, :, :]</p>"
    rows = view.shape[-2] if view.ndim > 1 else 1
    columns = view.shape[-1] if view.ndim > 0 else 1
    yield "<table>"
    if view.ndim:
        heads = "".join(f"<th>{'…' if column is None else column}</th>" for column in _ends(columns))
        yield f"<tr>{'<th></th>' * (view.ndim > 1)}{heads}</tr>"
    for row in _ends(rows):
        yield "<tr>"
        if view.ndim > 1:
            yield f"<th>{'…' if row is None else row}</th>"
        for column in _ends(columns):
            if row is None or column is None:
                yield "<td>…</td>"
            else:
                index = (0,) * outer + (row, column)[2 - min(view.ndim, 2) :]
                yield f"<td>{_cell(_item(view, index))}</td>"
        yield "</tr>"
    yield "</table>"


def _records(view: View) -> Iterator[str]:
    names = view.names[:MOST_FIELDS]
    more = len(view.names) > len(names)
    heads = "".join(f"<th>{escaped(shortened(name))}</th>" for name in names) + "<th>…</th>" * more
    yield f"<table><tr><th></th>{heads}</tr>"
    # The first items in C order, then those at the end of the last axes.
    first = list(islice(product(*map(range, view.shape)), 2 * EDGE + 1))
    indices: list[tuple[int, ...] | None] = list(first)
    if view.size > len(first):
        last = islice(product(*(range(n - 1, -1, -1) for n in view.shape)), EDGE)
        indices = [*first[:EDGE], None, *reversed(list(last))]
    for index in indices:
        if index is None:
            yield f"<tr><th>…</th>{'<td>…</td>' * (len(names) + more)}</tr>"
            continue
        item = _item(view, index)
        values = item if isinstance(item, tuple) and len(item) >= len(names) else [None] * len(names)
        unread = item is _UNREAD
        cells = "".join(f"<td>{'?' if unread else _cell(value)}</td>" for value in values[: len(names)])
        yield f"<tr><th>{index_text(index)}</th>{cells}{'<td>…</td>' * more}</tr>"
    yield "</table>"


class _Unread:
    def __repr__(self) -> str:
        return "?"


_UNREAD = _Unread()
"""Stands for an item that cannot be read."""


def _item(view: View, index: tuple[int, ...]) -> object:
    if view.itemsize > LARGEST:
        return _UNREAD
    try:
        return view.item(*index)
    except (NotImplementedError, ValueError):
        return _UNREAD


def _cell(value: object) -> str:
    return escaped(shortened(repr(value), LONGEST))


def _ends(count: int) -> list[int | None]:
    """The positions to show of an axis; None stands for those left out."""
    if count <= 2 * EDGE + 1:
        return list(range(count))
    return [*range(EDGE), None, *range(count - EDGE, count)]
