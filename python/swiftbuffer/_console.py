# SPDX-License-Identifier: Apache-2.0
"""What every command and report needs to write text to a terminal."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["is_coloured", "printable"]


def printable(text: str) -> str:
    """Text of others for one line: characters that cannot be printed as escapes."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def is_coloured(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal that shows colours, unless NO_COLOR is set (no-color.org)."""
    terminal = stream is not None and not stream.closed and stream.isatty()
    return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
