"""BUF306, BUF503, BUF510: many buffers of one object, held at once."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer, acquire, reread
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import REQUESTS, spell
from swiftbuffer._check.rule import code, experiment
from swiftbuffer._check.rules.consistency import MEMORY_DIFFERS

ANSWER_UNSTEADY = code(
    306,
    "answer-unsteady",
    Severity.INCONSISTENCY,
    manuals.GETBUFFER,
    title="the same request is granted at one time and refused at another",
    rule="What an exporter can provide depends on the request and on its memory.",
    consequence="Consumers work and fail by chance.",
    remedy="Decide by the flags and the layout alone.",
)
ANSWER_CHANGES = code(
    503,
    "answer-changes",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="an answer changed while it was held",
    rule="While a buffer is exported, neither its memory nor its shape, strides and format change.",
    consequence="A consumer in the middle of a loop reads by another shape than it began with.",
    remedy="Give each export arrays that no other export overwrites, freed at its own release.",
)
EXCLUSIVE = code(
    510,
    "exclusive",
    Severity.DEVIATION,
    manuals.GETBUFFER,
    title="a second buffer is refused while the first is held",
    rule="An object may be asked for buffers any number of times, and counts them.",
    consequence="memoryview(obj) works until somebody else looks at the same object.",
    remedy="Count exports instead of allowing one.",
)


@experiment(ANSWER_UNSTEADY, MEMORY_DIFFERS, ANSWER_CHANGES, EXCLUSIVE)
def nested(examination: Examination) -> Iterator[Observation]:
    """Repeats every request, holds all buffers at once, and reads each answer again before its release."""
    held: list[tuple[Answer, object]] = []
    for request in REQUESTS:
        before = examination.answers[request]
        examination.step(f"answering {spell(request)} while {len(held)} buffers are held")
        answer, handle = acquire(examination.obj, request)
        if before.granted and not answer.granted:
            # Only a refusal that another try confirms is due to what is held.
            yield from _exclusive_or_unsteady(examination, before, answer, held)
            continue
        if answer.granted != before.granted:
            yield _unsteady(before, answer)
        if answer.granted:
            held.append((answer, handle))
    yield from _compare_addresses(examination, [answer for answer, _ in held])
    # In the opposite order, so that whatever the first answers point to has had every chance to be overwritten.
    while held:
        answer, handle = held.pop()
        examination.step(f"releasing {spell(answer.request)}")
        now = reread(answer, handle)
        if answer.sound and now != answer:
            yield ANSWER_CHANGES.observed(spell(answer.request), f"first {answer}; later {now}")
        examination.release(answer, handle)
    for request in REQUESTS:
        before, answer = examination.answers[request], examination.ask(request)
        if answer.granted != before.granted:
            yield _unsteady(before, answer)


def _unsteady(before: Answer, answer: Answer) -> Observation:
    return ANSWER_UNSTEADY.observed(spell(answer.request), f"first {before}; then {answer}")


def _compare_addresses(examination: Examination, held: list[Answer]) -> Iterator[Observation]:
    """Compares buffers that are held together: memory that was freed between two requests may be allocated again."""
    answers = [answer for answer in held if answer.sound and answer["len"] > 0]
    for answer in answers:
        first = answers[0]
        if answer["buf"] != first["buf"]:
            examination.moves = True
            seen = f"buf={answer['buf']:#x}; held at the same time, with {spell(first.request)}, buf={first['buf']:#x}"
            yield MEMORY_DIFFERS.observed(spell(answer.request), seen)


def _exclusive_or_unsteady(
    examination: Examination, before: Answer, answer: Answer, held: list[tuple[Answer, object]]
) -> Iterator[Observation]:
    holders = ", ".join(sorted({spell(other.request) for other, _ in held})[:3])
    for other, handle in held:
        examination.release(other, handle)
    held.clear()
    if examination.ask(answer.request).granted and holders:
        examination.exclusive = True
        yield EXCLUSIVE.observed(spell(answer.request), f"{answer}; while {holders} was held")
    else:
        yield _unsteady(before, answer)
