"""An exporter under examination: what it answered, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from swiftbuffer import _core, capi
from swiftbuffer._check.answers import Answer, Layout, acquire, described
from swiftbuffer._check.requests import CONTROL, PARTIAL, REQUESTS, is_contested, spell
from swiftbuffer._check.unraisable import Unraisable

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
    moves: bool = False
    """Whether requests were seen to be answered with different memory."""
    locked: bool = False
    """Whether a request has left the object locked, so that nothing more can be asked."""
    exclusive: bool = False
    """Whether the exporter was seen to allow one buffer at a time."""
    release_raises: bool = False
    """Whether a release was seen to leave an exception behind."""
    answers: dict[int, Answer] = field(default_factory=dict)
    partial: dict[int, Answer] = field(default_factory=dict)

    unraisable: Unraisable = field(init=False, repr=False)
    """What the exporter's releases handed to ``sys.unraisablehook``."""

    def __post_init__(self) -> None:
        self.unraisable = Unraisable(self.obj)

    def ask_everything(self) -> None:
        """Makes every request once, until one leaves the object locked. What many refuse comes last."""
        control: Answer | None = None
        answers: dict[int, Answer] = {}
        for request in (CONTROL, *sorted(REQUESTS, key=is_contested), *PARTIAL):
            answer = answers[request] = self.ask(request)
            if control is None:
                control = answer if answer.granted else None
            if control is not None and self._is_locked(control):
                self.locked = True
                self._report_lock(answer, control)
                break
        self.answers = {request: answers[request] for request in REQUESTS if request in answers}
        # READ or WRITE alone CPython may answer in the exporter's stead (since 3.13 it always does).
        self.partial = {
            request: answers[request]
            for request in PARTIAL
            if request in answers and answers[request].error != "SystemError"
        }

    def _is_locked(self, control: Answer) -> bool:
        """Whether a request that was granted is refused, though no buffer is held; one refusal may be a whim."""
        return not any(self.ask(control.request).granted for _ in range(3))

    def _report_lock(self, answer: Answer, control: Answer) -> None:
        refusal = f"{spell(control.request)}, granted before, gets {self.ask(control.request)}"
        if answer.granted:
            self.report(Observation("BUF507", spell(answer.request), f"after the release: {refusal}"))
        else:
            self.report(Observation("BUF513", spell(answer.request), f"{answer}; after that {refusal}"))

    def ask(self, request: int) -> Answer:
        """One request, released at once."""
        self.step(f"answering {spell(request)}")
        answer, handle = acquire(self.obj, request)
        self.release(answer, handle)
        return answer

    def release(self, answer: Answer, handle: object) -> None:
        """Releases a buffer, and reports a failure."""
        failure = self.failure(handle)
        if failure is not None:
            code, said = failure
            self.release_raises |= code == "BUF512"
            self.report(Observation(code, spell(answer.request), said))

    def failure(self, handle: object, *, copied: bool = False) -> tuple[str, str] | None:
        """Releases a buffer; returns how that failed, if it did: the code for it, and the exception."""
        self.unraisable.take()
        error = _core._probe_release(handle, copied)
        if error is not None:
            return "BUF512", f"after the release: {described(error)}"
        told = self.unraisable.take()
        return None if told is None else ("BUF514", f"from the release, through sys.unraisablehook: {told}")

    @property
    def granted(self) -> Iterator[Answer]:
        """The granted answers that can be read."""
        return (answer for answer in self.answers.values() if answer.sound)

    @property
    def truth(self) -> Answer | None:
        """The granted answer that tells most."""
        for request in (*_MOST_TELLING, *REQUESTS):
            answer = self.answers.get(request)
            if answer is not None and answer.sound and answer.layout is not None:
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
