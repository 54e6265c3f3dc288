"""BUF6: the same exporter, seen from Python."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from swiftbuffer import capi
from swiftbuffer._check.answers import Answer, described
from swiftbuffer._check.examination import Examination, Observation, Rule
from swiftbuffer._check.requests import REQUESTS, spell

__all__ = ["EXPERIMENTS"]


def dunder(examination: Examination) -> Iterator[Observation]:
    """``__buffer__`` against the C slot, request by request."""
    # An exception that a release leaves behind would surface anywhere below.
    if sys.version_info < (3, 12) or examination.release_raises:
        return
    kind: Any = type(examination.obj)
    method = next((vars(base)["__buffer__"] for base in kind.__mro__ if "__buffer__" in vars(base)), None)
    if method is None:
        yield Observation("BUF601", "__buffer__", f"{kind.__qualname__}.__buffer__ is {method}")
        return
    if isinstance(method, FunctionType):
        # Written in Python, it is what the slot calls, and need not look at the flags by itself.
        return
    for flags in REQUESTS:
        request, answer = spell(flags), examination.ask(flags)
        # A status or an exception that is wrong in C is wrong here too, and found already.
        if answer.status not in (0, -1) or answer.granted == (answer.error is not None):
            continue
        if answer.granted and not _makes_memoryview(answer):
            continue
        examination.step(f"answering __buffer__({request})")
        try:
            view = kind.__buffer__(examination.obj, flags)
        except BaseException as error:
            if answer.granted:
                if not isinstance(error, Exception):
                    # Somebody interrupts the check. What an exporter raises itself it has raised in C too.
                    raise
                yield Observation("BUF602", request, f"__buffer__: {described(error)}; C: {answer}")
            continue
        if not answer.granted:
            yield Observation("BUF602", request, f"__buffer__ granted; C: {answer}")
        elif not isinstance(view, memoryview):
            yield Observation("BUF602", request, f"__buffer__ returned {type(view).__name__}; C: {answer}")
        else:
            with capi.PyMemoryView_GET_BUFFER(view) as inner:
                here = (inner.buf or 0, inner.len, inner.itemsize, bool(inner.readonly))
            view.release()
            there = (answer["buf"], answer["len"], answer["itemsize"], bool(answer["readonly"]))
            if here != there:
                fields = "(buf, len, itemsize, readonly)"
                yield Observation("BUF602", request, f"__buffer__: {fields}={here!r}; C: {there!r}")


def _makes_memoryview(answer: Answer) -> bool:
    """Whether CPython can make a memoryview of an answer: one without a shape ends the process where it has several
    axes, or items of no bytes, by whose size the length is divided."""
    if not answer.sound:
        return False
    return bool(answer["shape"]) or answer["ndim"] == 0 or (answer["ndim"] == 1 and answer["itemsize"] != 0)


EXPERIMENTS: tuple[Rule, ...] = (dunder,)
