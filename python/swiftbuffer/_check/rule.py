# SPDX-License-Identifier: Apache-2.0
"""How rules of the checker are written: a code with its texts, and a check that is registered for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING

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
    "TensorRule",
    "code",
    "each_answer",
    "each_tensor",
    "experiment",
    "registered_codes",
    "registered_rules",
    "registered_tensor_rules",
    "tensor_code",
    "tensor_experiment",
]

Check = Callable[["Examination"], Iterator[Observation]]
"""Examines an exporter, and yields the defects that it finds."""

TensorCheck = Callable[["Production"], Iterator[Observation]]
"""Examines a producer of DLPack, and yields the defects that it finds."""

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


@dataclass(frozen=True, slots=True)
class TensorRule:
    """A check of a producer of DLPack, and the codes that it may find."""

    codes: tuple[Code, ...]
    phase: Phase
    check: TensorCheck


TensorTest = Callable[["Tensor"], str | bool | None]
"""Tests one tensor. Returns a text if it is wrong, or True for the text of the tensor; otherwise None or False."""

_codes: dict[str, Code] = {}
_rules: list[Rule] = []
_tensor_rules: list[TensorRule] = []


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


def each_tensor(about: Code) -> Callable[[TensorTest], TensorTest]:
    """Registers a test of single tensors as the check of a code."""

    def register(test: TensorTest) -> TensorTest:
        def check(production: Production) -> Iterator[Observation]:
            for tensor in production.granted:
                wrong = test(tensor)
                if wrong:
                    yield about.observed(str(tensor.request), str(tensor) if wrong is True else wrong)

        _tensor_rules.append(TensorRule((about,), Phase.ANSWERS, check))
        return test

    return register


def tensor_experiment(*codes: Code, phase: Phase = Phase.EXPERIMENTS) -> Callable[[TensorCheck], TensorCheck]:
    """Registers a check of a producer of DLPack for one or more codes."""

    def register(check: TensorCheck) -> TensorCheck:
        _tensor_rules.append(TensorRule(codes, phase, check))
        return check

    return register


def registered_codes() -> dict[str, Code]:
    """The codes registered so far, in order."""
    return dict(sorted(_codes.items()))


def registered_rules() -> tuple[Rule, ...]:
    """The rules registered so far, in the order in which they run."""
    return tuple(sorted(_rules, key=lambda rule: (rule.phase, rule.codes[0].code)))


def registered_tensor_rules() -> tuple[TensorRule, ...]:
    """The rules for producers of DLPack registered so far, in the order in which they run."""
    return tuple(sorted(_tensor_rules, key=lambda rule: (rule.phase, rule.codes[0].code)))
