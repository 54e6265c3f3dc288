# SPDX-License-Identifier: Apache-2.0
"""What breaks a rule of the checker on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Made = TypeVar("Made")


@dataclass(frozen=True)
class Mutant:
    """An exporter, and the options to check it with."""

    obj: Any
    options: dict[str, Any] = field(default_factory=dict)


def made(mutant: Any) -> Mutant:
    """A mutant with its options, if it has any."""
    return mutant if isinstance(mutant, Mutant) else Mutant(mutant)


def registering(mutants: dict[str, Made]) -> Callable[[str], Callable[[Made], Made]]:
    """The decorator that enters a function in a table, under the code whose rule it breaks."""

    def mutant(code: str) -> Callable[[Made], Made]:
        def decorate(make: Made) -> Made:
            mutants[code] = make
            return make

        return decorate

    return mutant
