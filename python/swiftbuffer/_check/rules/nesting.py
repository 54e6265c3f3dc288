# SPDX-License-Identifier: Apache-2.0
"""BUF306, BUF503, BUF510: many buffers of one object, held at the same time."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer, acquire, reread
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import REQUESTS, request_name
from swiftbuffer._check.rule import code, experiment
from swiftbuffer._check.rules.consistency import MEMORY_DIFFERS

ANSWER_UNSTEADY = code(
    306,
    "answer-unsteady",
    Severity.INCONSISTENCY,
    manuals.GETBUFFER,
    title="the same request is granted once and refused another time",
    rule="Whether a request is granted depends on its flags and on the memory.",
    consequence="Consumers work or fail by chance.",
    remedy="Decide by the flags and the layout alone.",
)
ANSWER_CHANGES = code(
    503,
    "answer-changes",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="an answer changed while the buffer was held",
    rule="While exports are outstanding, neither the memory nor its shape, strides and format change.",
    consequence="A consumer in the middle of a loop continues with another shape.",
    remedy="Give each export arrays that no other export overwrites, and free them at its release.",
)
EXCLUSIVE = code(
    510,
    "exclusive",
    Severity.DEVIATION,
    manuals.GETBUFFER,
    title="a second buffer is refused while the first is held",
    rule="An object can export any number of buffers at the same time, and counts them.",
    consequence="memoryview(obj) fails while another consumer holds a buffer.",
    remedy="Count exports instead of allowing one.",
)


@experiment(ANSWER_UNSTEADY, MEMORY_DIFFERS, ANSWER_CHANGES, EXCLUSIVE)
def nested(examination: Examination) -> Iterator[Observation]:
    """Repeats every request while all buffers are held, and reads each answer again before its release."""
    held: list[tuple[Answer, object]] = []
    for request in REQUESTS:
        before = examination.answers[request]
        examination.step(f"answering {request_name(request)} while {len(held)} buffers are held")
        answer, handle = acquire(examination.obj, request)
        if before.granted and not answer.granted:
            # The refusal is due to the held buffers only if the same request is granted after their release.
            yield from _exclusive_or_unsteady(examination, before, answer, held)
            continue
        if answer.granted != before.granted:
            yield _unsteady(before, answer)
        if answer.granted:
            held.append((answer, handle))
    yield from _compare_addresses(examination, [answer for answer, _ in held])
    # In reverse order: the arrays of the first answers have been exposed to overwriting for the longest time.
    while held:
        answer, handle = held.pop()
        examination.step(f"releasing {request_name(answer.request)}")
        now = reread(answer, handle)
        if answer.sound and now != answer:
            yield ANSWER_CHANGES.observed(request_name(answer.request), f"first {answer}; later {now}")
        examination.release(answer, handle)
    for request in REQUESTS:
        before, answer = examination.answers[request], examination.ask(request)
        if answer.granted != before.granted:
            yield _unsteady(before, answer)


def _unsteady(before: Answer, answer: Answer) -> Observation:
    return ANSWER_UNSTEADY.observed(request_name(answer.request), f"first {before}; then {answer}")


def _compare_addresses(examination: Examination, held: list[Answer]) -> Iterator[Observation]:
    """Compares buffers that are held at the same time; memory freed between two requests may be allocated again."""
    answers = [answer for answer in held if answer.sound and answer["len"] > 0]
    for answer in answers:
        first = answers[0]
        if answer["buf"] != first["buf"]:
            examination.moves = True
            other = f"held at the same time, with {request_name(first.request)}, buf={first['buf']:#x}"
            yield MEMORY_DIFFERS.observed(request_name(answer.request), f"buf={answer['buf']:#x}; {other}")


def _exclusive_or_unsteady(
    examination: Examination, before: Answer, answer: Answer, held: list[tuple[Answer, object]]
) -> Iterator[Observation]:
    """Releases all buffers, and makes a request that was refused again."""
    holders = ", ".join(sorted({request_name(other.request) for other, _ in held})[:3])
    for other, handle in held:
        examination.release(other, handle)
    held.clear()
    if examination.ask(answer.request).granted and holders:
        examination.exclusive = True
        yield EXCLUSIVE.observed(request_name(answer.request), f"{answer}; while {holders} was held")
    else:
        yield _unsteady(before, answer)
