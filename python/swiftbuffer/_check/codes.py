# SPDX-License-Identifier: Apache-2.0
"""The codes of the checker, their selection by prefix, and what a check observes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Code", "Observation", "Severity", "select"]


class Severity(StrEnum):
    """How serious a finding is."""

    VIOLATION = "violation"
    """The protocol forbids it, and some consumer will fail."""
    DEVIATION = "deviation"
    """memoryview, the reference implementation, behaves differently; of DLPack, a recommendation is not followed."""
    INCONSISTENCY = "inconsistency"
    """The exporter contradicts itself."""


_FIELDS = {"buf", "data", "flags", "format", "itemsize", "len", "ndim", "readonly", "shape", "strides", "suboffsets"}


@dataclass(frozen=True, slots=True)
class Code:
    """One defect of an exporter or a consumer."""

    code: str
    """Such as ``BUF103``; never reused for another rule."""
    name: str
    """A name, such as ``shape-missing``."""
    severity: Severity
    title: str
    """The defect, in one line."""
    rule: str
    """The rule that is broken."""
    section: str
    """The section of the documentation that states the rule."""
    url: str
    """The address of that section."""
    consequence: str
    """What happens to consumers, or to others that use the memory."""
    remedy: str
    """How to correct the exporter or the consumer."""

    @property
    def sentence(self) -> str:
        """The title as a sentence. The name of a field at its beginning stays as it is."""
        first = self.title.split(maxsplit=1)[0].rstrip(",")
        return f"{self.title if first in _FIELDS else self.title[0].upper() + self.title[1:]}."

    @property
    def concerns_consumers(self) -> bool:
        """Whether the rule is one for consumers."""
        return self.code.startswith("BUF8")

    @property
    def concerns_tensors(self) -> bool:
        """Whether the rule is one for producers of DLPack."""
        return self.code.startswith("DLP")

    def observed(self, request: str, answered: str) -> Observation:
        """An observation of the defect."""
        return Observation(self.code, request, answered)


@dataclass(frozen=True, slots=True)
class Observation:
    """A defect that was seen once: its code, the request, and the answer."""

    code: str
    request: str
    answered: str


def select(prefixes: Iterable[str], catalogue: Mapping[str, Code]) -> frozenset[str]:
    """The codes that begin with one of the prefixes, as a linter selects them: ``BUF7`` means every contested point.

    Raises ``ValueError`` for a prefix that no code begins with, ``TypeError`` for a plain string.
    """
    if isinstance(prefixes, str):
        raise TypeError(f"codes must be a collection of strings such as {{{prefixes!r}}}, not one string")
    chosen: set[str] = set()
    for prefix in prefixes:
        codes = {code for code in catalogue if prefix and code.startswith(prefix.upper())}
        if not codes:
            raise ValueError(f"no code begins with {prefix!r}; `python -m swiftbuffer check --list` shows them all")
        chosen |= codes
    return frozenset(chosen)
