"""BUF507, BUF513: every request once, and whether one of them leaves the object locked."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import CONTROL, PARTIAL, REQUESTS, is_contested, spell
from swiftbuffer._check.rule import Phase, code, experiment

EXPORT_LEAK = code(
    507,
    "export-leak",
    Severity.VIOLATION,
    manuals.RELEASEBUFFER,
    title="the object stays locked after the last release",
    rule="When the last buffer is released, the memory may change again.",
    consequence="The object can never be resized or closed again.",
    remedy="Count exports in getbuffer, only where it grants, and count back in releasebuffer.",
)
REFUSAL_LOCKS = code(
    513,
    "refusal-locks",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="the object stays locked after a request that was refused",
    rule="A refused request leaves the object as it was: no release follows it.",
    consequence="One consumer that asks for what the object does not have locks everyone out for ever.",
    remedy=(
        "Count an export only after everything that can refuse. In a class with __buffer__, CPython asks the "
        "returned memoryview with the same flags, and never calls __release_buffer__ where that refuses: allow any "
        "number of buffers, or raise BufferError for what a memoryview refuses before you lock."
    ),
)


@experiment(EXPORT_LEAK, REFUSAL_LOCKS, phase=Phase.REQUESTS)
def ask_everything(examination: Examination) -> Iterator[Observation]:
    """Makes every request once, until one leaves the object locked. Requests that many exporters refuse come last."""
    control: Answer | None = None
    answers: dict[int, Answer] = {}
    for request in (CONTROL, *sorted(REQUESTS, key=is_contested), *PARTIAL):
        answer = answers[request] = examination.ask(request)
        if control is None:
            control = answer if answer.granted else None
        if control is not None and _is_locked(examination, control):
            examination.locked = True
            yield _lock(examination, answer, control)
            break
    examination.answers = {request: answers[request] for request in REQUESTS if request in answers}
    # CPython may refuse READ or WRITE alone itself, without calling the exporter (since 3.13 it always does).
    examination.partial = {
        request: answers[request]
        for request in PARTIAL
        if request in answers and answers[request].error != "SystemError"
    }


def _is_locked(examination: Examination, control: Answer) -> bool:
    """Whether a request that was granted is refused although no buffer is held; one refusal alone may be chance."""
    return not any(examination.ask(control.request).granted for _ in range(3))


def _lock(examination: Examination, answer: Answer, control: Answer) -> Observation:
    refusal = f"{spell(control.request)}, granted before, gets {examination.ask(control.request)}"
    if answer.granted:
        return EXPORT_LEAK.observed(spell(answer.request), f"after the release: {refusal}")
    return REFUSAL_LOCKS.observed(spell(answer.request), f"{answer}; after that {refusal}")
