"""An exporter under examination: what it answered, and what the rules have learned about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from swiftbuffer import capi
from swiftbuffer._check.answers import Answer, Layout, acquire
from swiftbuffer._check.codes import Observation
from swiftbuffer._check.requests import REQUESTS, spell
from swiftbuffer._check.rules.releases import RELEASE_RAISES, ReleaseMonitor

__all__ = ["Examination"]

_MOST_DETAILED = (
    capi.PyBUF_FULL_RO,
    capi.PyBUF_INDIRECT,
    capi.PyBUF_RECORDS_RO,
    capi.PyBUF_STRIDED_RO,
    capi.PyBUF_ND | capi.PyBUF_FORMAT,
    capi.PyBUF_ND,
    capi.PyBUF_SIMPLE,
)


@dataclass
class Examination:
    """One exporter. The first rule makes every request; others examine the answers, or make further requests."""

    obj: object
    report: Callable[[Observation], None] = field(repr=False)
    step: Callable[[str], None] = field(repr=False)
    """Called with what is done next, so that a crash can be attributed."""
    releases: ReleaseMonitor = field(repr=False)
    resize: Callable[[object], object] | None = None
    close: Callable[[object], object] | None = None
    answers: dict[int, Answer] = field(default_factory=dict)
    """The answers to ``REQUESTS``, by request."""
    partial: dict[int, Answer] = field(default_factory=dict)
    """The answers to ``PARTIAL``, by request."""
    moves: bool = False
    """Whether requests were answered with different memory."""
    locked: bool = False
    """Whether a request has left the object locked, so that no further request can be granted."""
    exclusive: bool = False
    """Whether the exporter allows one buffer at a time."""
    release_raises: bool = False
    """Whether a release has left an exception set."""

    def ask(self, request: int) -> Answer:
        """Makes one request, and releases the buffer at once."""
        self.step(f"answering {spell(request)}")
        answer, handle = acquire(self.obj, request)
        self.release(answer, handle)
        return answer

    def release(self, answer: Answer, handle: object) -> None:
        """Releases a buffer, and reports a failure."""
        failure = self.releases.release(handle)
        if failure is not None:
            about, seen = failure
            self.release_raises |= about is RELEASE_RAISES
            self.report(about.observed(spell(answer.request), seen))

    @property
    def granted(self) -> Iterator[Answer]:
        """The granted answers that can be read."""
        return (answer for answer in self.answers.values() if answer.sound)

    @property
    def truth(self) -> Answer | None:
        """The most detailed of the granted answers."""
        for request in (*_MOST_DETAILED, *REQUESTS):
            answer = self.answers.get(request)
            if answer is not None and answer.sound and answer.layout is not None:
                return answer
        return None

    @property
    def layout(self) -> Layout | None:
        """The layout of the memory, from the most detailed answer."""
        truth = self.truth
        return truth.layout if truth else None
