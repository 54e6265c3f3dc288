"""How rules of the checker are written: a code with its texts, and a check that is registered for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from swiftbuffer._check.codes import Code, Observation, Severity
from swiftbuffer._check.manuals import Source
from swiftbuffer._check.requests import request_name

if TYPE_CHECKING:
    from swiftbuffer._check.answers import Answer
    from swiftbuffer._check.examination import Examination

__all__ = ["Check", "Phase", "Rule", "code", "each_answer", "experiment", "registered_codes", "registered_rules"]

Check = Callable[["Examination"], Iterator[Observation]]
"""Examines an exporter, and yields the defects that it finds."""

AnswerTest = Callable[["Answer", "Examination"], str | bool | None]
"""Tests one answer. Returns a text if it is wrong, or True for the text of the answer; otherwise None or False."""


class Phase(IntEnum):
    """When a rule runs. The rules of one phase run in the order of their codes."""

    REQUESTS = 0
    """Makes every request once, and keeps the answers."""
    ANSWERS = 1
    """Examines those answers. An object that stays locked can be examined up to here."""
    EXPERIMENTS = 2
    """Makes further requests."""
    THREADS = 3
    """Makes requests from several threads, which may disturb an exporter that is not thread-safe."""
    CHANGES = 4
    """Resizes or closes the object, which cannot be undone."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A check, and the codes that it may find."""

    codes: tuple[Code, ...]
    phase: Phase
    check: Check


_codes: dict[str, Code] = {}
_rules: list[Rule] = []


def code(
    number: int,
    name: str,
    severity: Severity,
    source: Source,
    *,
    title: str,
    rule: str,
    consequence: str,
    remedy: str,
) -> Code:
    """Registers a code with its texts."""
    made = Code(f"BUF{number}", name, severity, title, rule, source.section, source.url, consequence, remedy)
    if made.code in _codes:
        raise ValueError(f"{made.code} is registered twice")
    _codes[made.code] = made
    return made


def each_answer(about: Code) -> Callable[[AnswerTest], AnswerTest]:
    """Registers a test of single answers as the check of a code."""

    def register(test: AnswerTest) -> AnswerTest:
        def check(examination: Examination) -> Iterator[Observation]:
            for answer in examination.answers.values():
                wrong = test(answer, examination)
                if wrong:
                    yield about.observed(request_name(answer.request), str(answer) if wrong is True else wrong)

        _rules.append(Rule((about,), Phase.ANSWERS, check))
        return test

    return register


def experiment(*codes: Code, phase: Phase = Phase.EXPERIMENTS) -> Callable[[Check], Check]:
    """Registers a check of an exporter for one or more codes."""

    def register(check: Check) -> Check:
        _rules.append(Rule(codes, phase, check))
        return check

    return register


def registered_codes() -> dict[str, Code]:
    """The codes registered so far, in order."""
    return dict(sorted(_codes.items()))


def registered_rules() -> tuple[Rule, ...]:
    """The rules registered so far, in the order in which they run."""
    return tuple(sorted(_rules, key=lambda rule: (rule.phase, rule.codes[0].code)))
