# SPDX-License-Identifier: Apache-2.0
"""What the rows of `tools/exchange.py` share: modules that are imported late, arrays of NumPy, how a row is made."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from exchanges.cells import Row, Trial


class Late:
    """A module that is imported when something of it is asked for: most rows need one of a dozen large ones."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


np, pa = Late("numpy"), Late("pyarrow")


def tolist(obj: Any) -> Any:
    return obj.tolist()


def where(obj: Any) -> int:
    """The address of an array of NumPy."""
    return int(obj.ctypes.data)


def poke(obj: Any) -> None:
    """Writes to the first item."""
    obj[(0,) * obj.ndim] = 55


def owned(array: Any) -> Any:
    """An array of NumPy with memory of its own."""
    return np.asarray(array).copy()


def locked(array: Any) -> Any:
    """The same, read-only."""
    plain = owned(array)
    plain.flags.writeable = False
    return plain


def arrow_address(array: Any) -> int:
    """Where the items of an array of pyarrow begin."""
    return int(array.buffers()[1].address)


def row(library: str, direction: str, by: str, tried: Trial, package: str | None = None, imports: str = "") -> Row:
    """A row whose distribution and modules are called as the library, where nothing else is said."""
    name = library.lower() if package is None else package
    return Row(library, name, tuple((imports or name or library).split()), direction, by, tried)
