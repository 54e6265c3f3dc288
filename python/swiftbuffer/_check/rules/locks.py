# SPDX-License-Identifier: Apache-2.0
"""BUF507, BUF513: every request once, and whether one of them leaves the object locked."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import CONTROL, PARTIAL, REQUESTS, is_contested, request_name
from swiftbuffer._check.rule import Phase, code, experiment

EXPORT_LEAK = code(
    507,
    "export-leak",
    Severity.VIOLATION,
    manuals.RELEASEBUFFER,
    title="the object stays locked after the last release",
    rule="When the last buffer is released, the memory may change again.",
    consequence="The object can never be resized or closed again.",
    remedy="Increment the export count in getbuffer only where it grants, and decrement it in releasebuffer.",
)
REFUSAL_LOCKS = code(
    513,
    "refusal-locks",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="the object stays locked after a refused request",
    rule="A refused request leaves the object unchanged: no release follows it.",
    consequence="One consumer that requests what the object does not have locks it for all others.",
    remedy=(
        "Count an export only after everything that can refuse. In a class with __buffer__, CPython makes the same "
        "request to the returned memoryview, and does not call __release_buffer__ if that is refused: allow any "
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
    """Whether a request that was granted is now refused although no buffer is held. A single refusal may be chance."""
    return not any(examination.ask(control.request).granted for _ in range(3))


def _lock(examination: Examination, answer: Answer, control: Answer) -> Observation:
    refusal = f"{request_name(control.request)}, granted before, gets {examination.ask(control.request)}"
    if answer.granted:
        return EXPORT_LEAK.observed(request_name(answer.request), f"after the release: {refusal}")
    return REFUSAL_LOCKS.observed(request_name(answer.request), f"{answer}; after that {refusal}")
