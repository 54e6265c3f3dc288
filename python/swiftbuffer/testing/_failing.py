# SPDX-License-Identifier: Apache-2.0
"""Exporters that refuse chosen requests."""

from __future__ import annotations

from swiftbuffer.testing._broken import When, applies, as_exception
from swiftbuffer.testing._scripted import Answer, Request, Scripted, default_source, refusal, truthful

__all__ = ["FailingExporter", "failing"]


class FailingExporter(Scripted):
    """An exporter that refuses the requests chosen with :func:`failing`, and conforms to the protocol otherwise."""

    def __init__(
        self, source: object, nth: int | None, when: When, error: BaseException | type[BaseException] | None
    ) -> None:
        super().__init__()
        self._source = source
        self._nth = nth
        self._when = when
        self._error = error
        self.refused = 0
        """How many requests were refused on demand."""

    def _respond(self, request: Request, token: int) -> Answer:  # noqa: ARG002
        if applies(self._when, request) and self._nth in (None, request.number):
            self.refused += 1
            # A new exception each time: an exception keeps the frames of its traceback.
            return refusal(BufferError("refused on demand") if self._error is None else as_exception(self._error))
        return truthful(self, self._source, request.flags)


def failing(
    source: object = None,
    /,
    *,
    nth: int | None = None,
    when: When = None,
    error: BaseException | type[BaseException] | None = None,
) -> FailingExporter:
    """Return an exporter that refuses some requests, and answers the others as ``source`` does.

    ``source`` is any exporter, by default a writable array of 3 by 4 items of format ``i``. ``nth`` refuses one
    request, counted from 1. ``when`` selects requests as for :func:`broken`: those that have all bits of an integer,
    whose flags are in a collection, or for which a function of the :class:`Request` is true. With both, requests that
    match both are refused; with neither, all. ``error`` is the exception or its class, by default a ``BufferError``.
    Raises nothing by itself; of a ``source`` that exports no buffer, each request raises TypeError. O(1). Source: this
    package.

    >>> from swiftbuffer import testing
    >>> exporter = testing.failing(b"abc", nth=2)
    >>> bytes(exporter)
    b'abc'
    >>> bytes(exporter)
    Traceback (most recent call last):
        ...
    BufferError: refused on demand
    >>> exporter = testing.failing(when=testing.PyBUF_WRITABLE, error=ValueError("not today"))
    """
    return FailingExporter(default_source() if source is None else source, nth, when, error)
