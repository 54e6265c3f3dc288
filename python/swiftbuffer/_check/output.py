# SPDX-License-Identifier: Apache-2.0
"""Standard output and standard error of a command, which may be full, closed, or unable to encode a character."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

__all__ = ["OutputError", "complain", "finish", "occupy", "show"]


class OutputError(Exception):
    """Standard output cannot be written. The message is empty if the reader of a pipe has closed it."""


def occupy() -> None:
    """Opens closed descriptors from 0 to 2, so that no file opened later becomes standard output or error."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # `open` returns the lowest free descriptor.
            os.open(os.devnull, os.O_RDWR)


def show(text: str) -> None:
    """Writes a text and a newline to standard output, and flushes it. Raises ``OutputError``."""
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    try:
        print(_encodable(text, sys.stdout), file=sys.stdout)
    except (OSError, ValueError) as error:
        _give_up(sys.stdout, error)
    finish()


def finish() -> None:
    """Flushes standard output. Raises ``OutputError``."""
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except (OSError, ValueError) as error:
            _give_up(sys.stdout, error)


def complain(text: str) -> None:
    """Writes a line to standard error, if possible."""
    if sys.stderr is None:
        return
    try:
        print(_encodable(text, sys.stderr), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _discard(sys.stderr)


def _encodable(text: str, stream: TextIO) -> str:
    """The text, with characters that the stream cannot encode as escapes."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _give_up(stream: TextIO, error: Exception) -> None:
    _discard(stream)
    raise OutputError("" if isinstance(error, BrokenPipeError) else f"cannot write to standard output: {error}")


def _discard(stream: TextIO) -> None:
    """Redirects a stream to the null device: the interpreter flushes it when it ends, which would fail again."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
