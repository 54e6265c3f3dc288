# SPDX-License-Identifier: Apache-2.0
"""BUF601, BUF602: whether ``__buffer__`` answers as the C slot does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from swiftbuffer import capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer, described
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import REQUESTS, request_name
from swiftbuffer._check.rule import code, experiment

DUNDER_MISSING = code(
    601,
    "dunder-missing",
    Severity.INCONSISTENCY,
    manuals.PEP688,
    title="the type exports buffers in C, but has no __buffer__ in Python",
    rule="Since Python 3.12 every exporter has __buffer__ and is an instance of collections.abc.Buffer.",
    consequence="isinstance(obj, collections.abc.Buffer) is false, and Python code refuses the object.",
    remedy="Leave __buffer__ to Python, which adds it to every type with bf_getbuffer.",
)
DUNDER_DIFFERS = code(
    602,
    "dunder-differs",
    Severity.INCONSISTENCY,
    manuals.PEP688,
    title="__buffer__ and the C slot answer differently",
    rule="__buffer__(flags) makes the same request as PyObject_GetBuffer.",
    consequence="Python code and C code see different memory of the same object.",
    remedy="Leave __buffer__ to Python, which adds it to every type with bf_getbuffer.",
)


@experiment(DUNDER_MISSING, DUNDER_DIFFERS)
def dunder(examination: Examination) -> Iterator[Observation]:
    """Compares ``__buffer__`` with the C slot, request by request."""
    # An exception that a release leaves behind would surface anywhere below.
    if sys.version_info < (3, 12) or examination.release_raises:
        return
    kind: Any = type(examination.obj)
    method = next((vars(base)["__buffer__"] for base in kind.__mro__ if "__buffer__" in vars(base)), None)
    if method is None:
        yield DUNDER_MISSING.observed("__buffer__", f"{kind.__qualname__}.__buffer__ is {method}")
        return
    if isinstance(method, FunctionType):
        # A method written in Python is what the slot calls, and need not look at the flags itself.
        return
    for flags in REQUESTS:
        request, answer = request_name(flags), examination.ask(flags)
        # A wrong status or exception of the C slot has a code of its own.
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
                    # An interrupt of the check. What the exporter itself raises it has raised in C too.
                    raise
                yield DUNDER_DIFFERS.observed(request, f"__buffer__: {described(error)}; C: {answer}")
            continue
        if not answer.granted:
            yield DUNDER_DIFFERS.observed(request, f"__buffer__ granted; C: {answer}")
        elif not isinstance(view, memoryview):
            yield DUNDER_DIFFERS.observed(request, f"__buffer__ returned {type(view).__name__}; C: {answer}")
        else:
            with capi.PyMemoryView_GET_BUFFER(view) as inner:
                here = (inner.buf or 0, inner.len, inner.itemsize, bool(inner.readonly))
            view.release()
            there = (answer["buf"], answer["len"], answer["itemsize"], bool(answer["readonly"]))
            if here != there:
                fields = "(buf, len, itemsize, readonly)"
                yield DUNDER_DIFFERS.observed(request, f"__buffer__: {fields}={here!r}; C: {there!r}")


def _makes_memoryview(answer: Answer) -> bool:
    """Whether CPython can make a memoryview of an answer.

    Without a shape it crashes for several axes, and for an itemsize of 0, by which it divides.
    """
    if not answer.sound:
        return False
    return bool(answer["shape"]) or answer["ndim"] == 0 or (answer["ndim"] == 1 and answer["itemsize"] != 0)
