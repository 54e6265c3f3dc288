# SPDX-License-Identifier: Apache-2.0
"""The base of recorders, failing and broken exporters: answers as Python values."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import NamedTuple

from swiftbuffer import _core, _testing, capi


@dataclass(frozen=True, slots=True)
class Request:
    """One call of an exporter's getbuffer."""

    flags: int
    """The flags of the consumer."""
    number: int
    """The number of the request of its exporter, from 1."""
    address: int
    """The address of the consumer's ``Py_buffer``."""
    thread: int
    """``threading.get_ident()`` of the consumer's thread."""

    def asks(self, flag: int) -> bool:
        """Whether all bits of ``flag``, one of ``PyBUF_*``, are set. O(1). Source: "Buffer request types" in the C API
        manual.
        """
        return self.flags & flag == flag


class Answer(NamedTuple):
    """The fields of a ``Py_buffer``; None is NULL. ``ScriptedExporter`` expects this order."""

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
    """The return value of getbuffer: 0, or -1 for a refusal."""
    error: BaseException | None = None
    """The exception that getbuffer leaves set."""
    keep: object = None
    """Kept alive until the buffer is released."""


def default_source() -> object:
    """A writable array of 3 by 4 items of format ``i``."""
    return _core.array([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]], format="i")


def truthful(exporter: object, source: object, flags: int) -> Answer:
    """The answer of ``source``, with ``exporter`` as ``obj``. Raises the exception of ``source`` if it refuses."""
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
    """A refusal that conforms to the protocol."""
    return Answer(status=-1, error=error)


class Scripted(_testing.ScriptedExporter):
    """An exporter whose ``_respond`` returns the answers, and that counts exports."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = 0
        self._live: dict[int, Request] = {}

    @property
    def exports(self) -> int:
        """How many exports are outstanding, as this exporter counts them."""
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
        # The garbage collector may clear this object before the buffers in the same cycle.
        if hasattr(self, "_live"):
            self._ended(address, token, known)

    def _ended(self, address: int, token: int, known: bool) -> None:  # noqa: ARG002
        self._live.pop(token, None)
