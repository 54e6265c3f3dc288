# SPDX-License-Identifier: Apache-2.0
"""How rules of the checker are written: a code with its texts, and a check that is registered for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from swiftbuffer._check.codes import Code, Observation, Severity
from swiftbuffer._check.manuals import Source
from swiftbuffer._check.requests import request_name

if TYPE_CHECKING:
    from swiftbuffer._check.answers import Answer
    from swiftbuffer._check.examination import Examination
    from swiftbuffer._check.production import Production
    from swiftbuffer._check.tensors import Tensor

__all__ = [
    "Check",
    "Phase",
    "Rule",
    "Rules",
    "buffer_rules",
    "code",
    "each_answer",
    "each_tensor",
    "experiment",
    "registered_codes",
    "tensor_code",
    "tensor_experiment",
    "tensor_rules",
]

Subject = TypeVar("Subject")
"""What is examined: an exporter (``Examination``) or a producer of DLPack (``Production``)."""

Shown = TypeVar("Shown")
"""What it answers: a buffer (``Answer``) or a tensor (``Tensor``)."""

Check = Callable[[Subject], Iterator[Observation]]
"""Examines a subject, and yields the defects that it finds."""

Test = Callable[[Shown, Subject], str | bool | None]
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
class Rule(Generic[Subject]):
    """A check, and the codes that it may find."""

    codes: tuple[Code, ...]
    phase: Phase
    check: Check[Subject]


class Rules(Generic[Shown, Subject]):
    """The rules for subjects of one kind, which register themselves."""

    def __init__(self, answers: Callable[[Subject], Iterator[tuple[str, Shown]]]) -> None:
        """Without rules. ``answers`` gives the answers of a subject, each with its request."""
        self._answers = answers
        self._rules: list[Rule[Subject]] = []

    def each(self, about: Code) -> Callable[[Test[Shown, Subject]], Test[Shown, Subject]]:
        """Registers a test of single answers as the check of a code."""

        def register(test: Test[Shown, Subject]) -> Test[Shown, Subject]:
            def check(subject: Subject) -> Iterator[Observation]:
                for request, answer in self._answers(subject):
                    wrong = test(answer, subject)
                    if wrong:
                        yield about.observed(request, str(answer) if wrong is True else wrong)

            self._rules.append(Rule((about,), Phase.ANSWERS, check))
            return test

        return register

    def experiment(self, *codes: Code, phase: Phase = Phase.EXPERIMENTS) -> Callable[[Check[Subject]], Check[Subject]]:
        """Registers a check for one or more codes."""

        def register(check: Check[Subject]) -> Check[Subject]:
            self._rules.append(Rule(codes, phase, check))
            return check

        return register

    def registered(self) -> tuple[Rule[Subject], ...]:
        """The rules registered so far, in the order in which they run."""
        return tuple(sorted(self._rules, key=lambda rule: (rule.phase, rule.codes[0].code)))


def _buffers(examination: Examination) -> Iterator[tuple[str, Answer]]:
    return ((request_name(answer.request), answer) for answer in examination.answers.values())


def _tensors(production: Production) -> Iterator[tuple[str, Tensor]]:
    return ((str(tensor.request), tensor) for tensor in production.granted)


buffer_rules: Rules[Answer, Examination] = Rules(_buffers)
each_answer = buffer_rules.each
experiment = buffer_rules.experiment

tensor_rules: Rules[Tensor, Production] = Rules(_tensors)
each_tensor = tensor_rules.each
tensor_experiment = tensor_rules.experiment

_codes: dict[str, Code] = {}


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
    family: str = "BUF",
) -> Code:
    """Registers a code with its texts."""
    made = Code(f"{family}{number}", name, severity, title, rule, source.section, source.url, consequence, remedy)
    if made.code in _codes:
        raise ValueError(f"{made.code} is registered twice")
    _codes[made.code] = made
    return made


tensor_code = partial(code, family="DLP")
"""Registers a code of producers of DLPack."""


def registered_codes() -> dict[str, Code]:
    """The codes registered so far, in order."""
    return dict(sorted(_codes.items()))
