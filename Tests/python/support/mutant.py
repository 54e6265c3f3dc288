# SPDX-License-Identifier: Apache-2.0
"""What breaks a rule of the checker on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """An exporter, and the options to check it with."""

    obj: Any
    options: dict[str, Any] = field(default_factory=dict)


def made(mutant: Any) -> Mutant:
    """A mutant with its options, if it has any."""
    return mutant if isinstance(mutant, Mutant) else Mutant(mutant)
