# SPDX-License-Identifier: Apache-2.0
"""An exporter while it is checked: its answers, and what the rules have found out about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from swiftbuffer import capi
from swiftbuffer._check.answers import Answer, Layout, acquire
from swiftbuffer._check.codes import Observation
from swiftbuffer._check.requests import REQUESTS, request_name
from swiftbuffer._check.rules.releases import RELEASE_RAISES, ReleaseMonitor

__all__ = ["Examination"]

_BY_DETAIL = (
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
    """One exporter. The first rule makes every request; the others examine the answers, or make more requests."""

    obj: object
    report: Callable[[Observation], None] = field(repr=False)
    step: Callable[[str], None] = field(repr=False)
    """Called with a description of the next step, which a crash or a timeout is attributed to."""
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
        self.step(f"answering {request_name(request)}")
        answer, handle = acquire(self.obj, request)
        self.release(answer, handle)
        return answer

    def release(self, answer: Answer, handle: object) -> None:
        """Releases a buffer, and reports a failure."""
        failure = self.releases.release(handle)
        if failure is not None:
            about, seen = failure
            self.release_raises |= about is RELEASE_RAISES
            self.report(about.observed(request_name(answer.request), seen))

    @property
    def granted(self) -> Iterator[Answer]:
        """The granted answers that can be read."""
        return (answer for answer in self.answers.values() if answer.sound)

    @property
    def reference(self) -> Answer | None:
        """The most detailed of the granted answers, with which the others are compared."""
        for request in (*_BY_DETAIL, *REQUESTS):
            answer = self.answers.get(request)
            if answer is not None and answer.sound and answer.layout is not None:
                return answer
        return None

    @property
    def layout(self) -> Layout | None:
        """The layout of the memory, from the most detailed answer."""
        reference = self.reference
        return reference.layout if reference else None
