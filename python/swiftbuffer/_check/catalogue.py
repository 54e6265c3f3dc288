"""Every code: the one place that says what is checked. ``docs/codes`` is written from it."""

from __future__ import annotations

from swiftbuffer._check import catalogue_consumer, catalogue_fields, catalogue_lifetime, catalogue_memory
from swiftbuffer._check.codes import Code

__all__ = ["CATALOGUE"]

CATALOGUE: dict[str, Code] = {
    code.code: code
    for code in sorted(
        (
            *catalogue_fields.CODES,
            *catalogue_memory.CODES,
            *catalogue_lifetime.CODES,
            *catalogue_consumer.CODES,
        ),
        key=lambda code: code.code,
    )
}
"""By code, in order."""
