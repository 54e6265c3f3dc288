"""Every code and every rule of the checker. ``docs/codes`` is generated from the codes."""

from __future__ import annotations

from swiftbuffer._check import isolation
from swiftbuffer._check.codes import Code
from swiftbuffer._check.rule import Rule, registered_codes, registered_rules
from swiftbuffer._check.rules import (
    access,
    changes,
    consistency,
    consumers,
    contested,
    contiguity,
    field_values,
    locks,
    nesting,
    null_fields,
    python_buffer,
    references,
    refusals,
    releases,
    threads,
)

__all__ = ["CATALOGUE", "RULES"]

# Importing a module registers its codes and rules.
SUBJECTS = (
    null_fields,
    field_values,
    contiguity,
    access,
    refusals,
    consistency,
    nesting,
    references,
    locks,
    changes,
    threads,
    releases,
    python_buffer,
    contested,
    consumers,
    isolation,
)

CATALOGUE: dict[str, Code] = registered_codes()
"""By code, in order."""

RULES: tuple[Rule, ...] = registered_rules()
"""In the order in which they run."""
