# SPDX-License-Identifier: Apache-2.0
"""Values and operations that run code or raise, for tests of conversions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Acting:
    """An integer that calls a function whenever it is converted."""

    def __init__(self, act: Callable[[], object], value: Any = 7) -> None:
        self.act = act
        self.value = value

    def __index__(self) -> int:
        self.act()
        return int(self.value)


def refused(operation: Callable[[], object], error: type[Exception] = Exception) -> Callable[[], None]:
    """An operation that runs another, which must raise an error."""

    def run() -> None:
        try:
            operation()
        except error:
            return
        raise AssertionError("no error")

    return run
