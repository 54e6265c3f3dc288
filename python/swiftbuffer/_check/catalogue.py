# SPDX-License-Identifier: Apache-2.0
"""Every code and every rule of the checker. ``docs/codes`` is generated from the codes."""

from __future__ import annotations

from swiftbuffer._check import isolation
from swiftbuffer._check.codes import Code
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.production import Production
from swiftbuffer._check.rule import Rule, buffer_rules, registered_codes, tensor_rules
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
    tensor_agreement,
    tensor_calls,
    tensor_copies,
    tensor_fields,
    tensor_life,
    tensor_memory,
    tensor_refusals,
    threads,
)

__all__ = ["CATALOGUE", "RULES", "TENSOR_RULES"]

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
    tensor_calls,
    tensor_fields,
    tensor_memory,
    tensor_copies,
    tensor_agreement,
    tensor_life,
    tensor_refusals,
    isolation,
)

CATALOGUE: dict[str, Code] = registered_codes()
"""By code, in order."""

RULES: tuple[Rule[Examination], ...] = buffer_rules.registered()
"""Those of the buffer protocol, in the order in which they run."""

TENSOR_RULES: tuple[Rule[Production], ...] = tensor_rules.registered()
"""Those of DLPack, in the order in which they run."""
