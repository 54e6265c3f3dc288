"""An exporter under examination: what it answered, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from swiftbuffer import _core, capi
from swiftbuffer._check.answers import Answer, Layout, acquire
from swiftbuffer._check.requests import PARTIAL, REQUESTS, spell

__all__ = ["AnswerRule", "Examination", "Observation", "Rule"]

_MOST_TELLING = (
    capi.PyBUF_FULL_RO,
    capi.PyBUF_INDIRECT,
    capi.PyBUF_RECORDS_RO,
    capi.PyBUF_STRIDED_RO,
    capi.PyBUF_ND | capi.PyBUF_FORMAT,
    capi.PyBUF_ND,
    capi.PyBUF_SIMPLE,
)


@dataclass(frozen=True, slots=True)
class Observation:
    """A rule that was seen broken, once."""

    code: str
    request: str
    answered: str


@dataclass
class Examination:
    """One exporter, asked everything once; the rules ask for more where they need to."""

    obj: object
    report: Callable[[Observation], None] = field(repr=False)
    step: Callable[[str], None] = field(repr=False)
    """Told what comes next, so that a crash can be put to something."""
    resize: Callable[[object], object] | None = None
    close: Callable[[object], object] | None = None
    exclusive: bool = False
    """Whether the exporter was seen to allow one buffer at a time."""
    release_raises: bool = False
    """Whether a release was seen to leave an exception behind."""
    answers: dict[int, Answer] = field(default_factory=dict)
    partial: dict[int, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for request in REQUESTS:
            self.answers[request] = self.ask(request)
        for request in PARTIAL:
            answer = self.ask(request)
            # READ or WRITE alone CPython may answer in the exporter's stead (since 3.13 it always does).
            if answer.error != "SystemError":
                self.partial[request] = answer

    def ask(self, request: int) -> Answer:
        """One request, released at once."""
        self.step(f"answering {spell(request)}")
        answer, handle = acquire(self.obj, request)
        self.release(answer, handle)
        return answer

    def release(self, answer: Answer, handle: object, *, copied: bool = False) -> str | None:
        """Releases a buffer; returns what exception that left, which is reported here unless through a copy."""
        error = _core._probe_release(handle, copied)
        if error is None:
            return None
        said = f"after the release: {type(error).__name__}: {error}"
        if not copied:
            self.release_raises = True
            self.report(Observation("BUF512", spell(answer.request), said))
        return said

    @property
    def granted(self) -> Iterator[Answer]:
        """The granted answers that can be read."""
        return (answer for answer in self.answers.values() if answer.sound)

    @property
    def truth(self) -> Answer | None:
        """The granted answer that tells most."""
        for request in (*_MOST_TELLING, *REQUESTS):
            answer = self.answers[request]
            if answer.sound and answer.layout is not None:
                return answer
        return None

    @property
    def layout(self) -> Layout | None:
        """The layout of the memory, as the answer that tells most has it."""
        truth = self.truth
        return truth.layout if truth else None


class Rule(Protocol):
    """Holds an exporter against one rule, or a few that one experiment decides."""

    def __call__(self, examination: Examination, /) -> Iterator[Observation]: ...


class AnswerRule:
    """A rule that is a test of one answer: what it returns, if true, is what was wrong; ``True`` means the answer."""

    def __init__(self, code: str, test: Callable[[Answer, Examination], object]) -> None:
        self._code, self._test = code, test

    def __call__(self, examination: Examination, /) -> Iterator[Observation]:
        for answer in examination.answers.values():
            wrong = self._test(answer, examination)
            if wrong:
                yield Observation(self._code, spell(answer.request), str(answer) if wrong is True else str(wrong))
