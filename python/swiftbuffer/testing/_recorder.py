# SPDX-License-Identifier: Apache-2.0
"""An exporter that records acquisitions and releases."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

from swiftbuffer.testing._scripted import Answer, Request, Scripted, truthful

__all__ = ["Event", "Recorder", "recorder"]


Kind = Literal["acquire", "refuse", "release", "double release", "unknown release"]


@dataclass(frozen=True, slots=True)
class Event:
    """An acquisition, a refusal or a release."""

    kind: Kind
    """``unknown release``: the release of a ``Py_buffer`` that no request has filled in."""
    flags: int | None
    """The flags of the request; None for a double or unknown release, whose request is not known."""
    thread: int
    """``threading.get_ident()`` of the consumer's thread."""
    token: int
    """The same number for an acquisition and its release."""

    def __str__(self) -> str:
        flags = "" if self.flags is None else f", flags {self.flags:#x}"
        return f"{self.kind} #{self.token}{flags}, thread {self.thread}"


class Recorder(Scripted):
    """An exporter that wraps another, and records each acquisition and release; see :func:`recorder`."""

    def __init__(self, source: object) -> None:
        super().__init__()
        self.source = source
        """The wrapped exporter."""
        self.log: list[Event] = []
        """All events, in order."""
        self._acquired: set[int] = set()

    @property
    def live(self) -> list[Event]:
        """The acquisitions that have not been released."""
        with self._lock:
            ended = {event.token for event in self.log if event.kind == "release"}
            return [event for event in self.log if event.kind == "acquire" and event.token not in ended]

    def assert_balanced(self) -> None:
        """Raises AssertionError unless each buffer has been released exactly once. O(events). Source: this package."""
        live = self.live
        lines = [f"never released: {event}" for event in live]
        for kind, text in (("double release", "released twice"), ("unknown release", "released without acquisition")):
            lines += [f"{text}: {event}" for event in self.log if event.kind == kind]
        if lines:
            name = type(self.source).__name__
            raise AssertionError(f"acquisitions and releases of {name} do not match\n" + "\n".join(lines))

    def _respond(self, request: Request, token: int) -> Answer:
        try:
            answer = truthful(self, self.source, request.flags)._replace(obj=self)
        except BaseException:
            self._append("refuse", request.flags, token)
            raise
        self._acquired.add(token)
        self._append("acquire", request.flags, token)
        return answer

    def _ended(self, address: int, token: int, known: bool) -> None:
        request = self._live.get(token)
        super()._ended(address, token, known)
        kind: Kind = "release"
        if not known:
            kind = "double release" if token in self._acquired else "unknown release"
        self._append(kind, request.flags if request else None, token)

    def _append(self, kind: Kind, flags: int | None, token: int) -> None:
        event = Event(kind, flags, threading.get_ident(), token)
        with self._lock:
            self.log.append(event)


def recorder(source: object, /) -> Recorder:
    """Return an exporter that answers as ``source`` does, and records acquisitions and releases.

    ``live`` has the buffers that were not released. The ``log`` has a ``double release`` if a consumer has released a
    buffer twice, and an ``unknown release`` if it has released a ``Py_buffer`` that no request filled in. ``source``
    itself counts one export for each buffer in ``live``. Raises nothing by itself, as :func:`failing`. O(1). Source:
    this package.

    >>> from swiftbuffer import testing
    >>> recorder = testing.recorder(bytearray(8))
    >>> view = memoryview(recorder)
    >>> [(event.kind, event.flags) for event in recorder.live]
    [('acquire', 284)]
    >>> view.release()
    >>> [event.kind for event in recorder.log]
    ['acquire', 'release']
    >>> recorder.assert_balanced()
    """
    return Recorder(source)
