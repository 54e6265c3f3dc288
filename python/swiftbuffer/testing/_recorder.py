"""An exporter that remembers what its consumers did."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

from swiftbuffer.testing._scripted import Answer, Request, Scripted, truthful

__all__ = ["Event", "Recorder", "recorder"]


Kind = Literal["acquire", "refuse", "release", "double release", "unknown release"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something a consumer did."""

    kind: Kind
    """An ``unknown release`` is that of a ``Py_buffer`` that no request has filled in."""
    flags: int | None
    """The flags of the request; None for a double or unknown release, whose request is not known."""
    thread: int
    """``threading.get_ident()`` of the thread that did it."""
    token: int
    """The same number for an acquisition and its release."""

    def __str__(self) -> str:
        flags = "" if self.flags is None else f", flags {self.flags:#x}"
        return f"{self.kind} #{self.token}{flags}, thread {self.thread}"


class Recorder(Scripted):
    """An exporter that answers as the one it wraps, and logs each acquisition and release; see :func:`recorder`."""

    def __init__(self, source: object) -> None:
        super().__init__()
        self.source = source
        """The wrapped exporter."""
        self.log: list[Event] = []
        """What consumers did, in the order in which they did it."""
        self._acquired: set[int] = set()

    @property
    def live(self) -> list[Event]:
        """The acquisitions that nobody has released yet."""
        with self._lock:
            ended = {event.token for event in self.log if event.kind == "release"}
            return [event for event in self.log if event.kind == "acquire" and event.token not in ended]

    def assert_balanced(self) -> None:
        """Raise AssertionError unless each buffer has been released exactly once."""
        live = self.live
        lines = [f"never released: {event}" for event in live]
        for kind, text in (("double release", "released twice"), ("unknown release", "released, and never acquired")):
            lines += [f"{text}: {event}" for event in self.log if event.kind == kind]
        if lines:
            raise AssertionError(f"buffers of {type(self.source).__name__} out of balance\n" + "\n".join(lines))

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
    """Return an exporter that answers as ``source`` does and keeps a log of its consumers.

    A consumer that leaks a buffer leaves it in ``live``; one that releases it twice leaves a ``double release`` in the
    ``log``, and one that releases a ``Py_buffer`` of its own making an ``unknown release``. ``source`` itself counts
    one export for each live buffer.

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
