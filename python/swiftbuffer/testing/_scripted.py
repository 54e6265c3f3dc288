"""What recorders, refusing and broken exporters share: answers as Python values, and the base that hands them out."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import NamedTuple

from swiftbuffer import _testing, capi


@dataclass(frozen=True, slots=True)
class Request:
    """One call of an exporter's getbuffer."""

    flags: int
    """The flags as the consumer gave them."""
    number: int
    """Counts the requests of one exporter, from 1."""
    address: int
    """Where the consumer's ``Py_buffer`` is."""
    thread: int
    """``threading.get_ident()`` of the consumer."""

    def asks(self, flag: int) -> bool:
        """Whether all bits of a ``PyBUF_*`` flag are set, as the protocol means it."""
        return self.flags & flag == flag


class Answer(NamedTuple):
    """What an exporter fills into a ``Py_buffer``; None is NULL. The order is that of ``ScriptedExporter``."""

    buf: int | None = None
    obj: object = None
    len: int = 0
    itemsize: int = 1
    readonly: int = 0
    ndim: int = 1
    format: str | bytes | None = None
    shape: tuple[int, ...] | None = None
    strides: tuple[int, ...] | None = None
    suboffsets: tuple[int, ...] | None = None
    status: int = 0
    """What getbuffer returns: 0, or -1 for a refusal."""
    error: BaseException | None = None
    """The exception that getbuffer leaves set."""
    keep: object = None
    """Kept alive until the buffer is released."""


def truthful(exporter: object, source: object, flags: int) -> Answer:
    """What ``source`` answers, with ``exporter`` in its place; its own exception if it refuses."""
    # Acquired by its own request, so that nothing has to be worked out a second time.
    view = capi.PyObject_GetBuffer(source, flags)  # type: ignore[arg-type]
    return Answer(
        view.buf,
        exporter if view.obj is not None else None,
        view.len,
        view.itemsize,
        view.readonly,
        view.ndim,
        view.format,
        view.shape,
        view.strides,
        view.suboffsets,
        keep=view,
    )


def refusal(error: BaseException) -> Answer:
    """A refused request, as the protocol wants it."""
    return Answer(status=-1, error=error)


class Scripted(_testing.ScriptedExporter):
    """Answers with what ``_respond`` returns, and counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = 0
        self._live: dict[int, Request] = {}

    @property
    def exports(self) -> int:
        """The buffers handed out and not released, as this exporter counts them."""
        return len(self._live)

    def _respond(self, request: Request, token: int) -> Answer:
        raise NotImplementedError

    def _answer(self, flags: int, address: int, token: int) -> Answer:
        with self._lock:
            self._requests += 1
            request = Request(flags, self._requests, address, threading.get_ident())
        answer = self._respond(request, token)
        if answer.status == 0 and answer.obj is self:
            self._live[token] = request
        return answer

    def _released(self, address: int, token: int, known: bool) -> None:
        # The collector may have taken this object apart before the buffers that are garbage with it.
        if hasattr(self, "_live"):
            self._ended(address, token, known)

    def _ended(self, address: int, token: int, known: bool) -> None:  # noqa: ARG002
        self._live.pop(token, None)
