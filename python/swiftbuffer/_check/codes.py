"""What a code of the checker stands for, how codes are selected, and what a check observes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Code", "Observation", "Severity", "select"]


class Severity(StrEnum):
    """How bad it is."""

    VIOLATION = "violation"
    """The protocol is broken, and some consumer will suffer."""
    DEVIATION = "deviation"
    """The reference, memoryview, does otherwise."""
    INCONSISTENCY = "inconsistency"
    """The exporter contradicts itself."""


@dataclass(frozen=True, slots=True)
class Code:
    """One thing that can be wrong with an exporter, or a consumer."""

    code: str
    """Such as ``BUF103``: never given to another rule."""
    name: str
    """The same in words, such as ``shape-missing``."""
    severity: Severity
    title: str
    """What is wrong, in one line."""
    rule: str
    """What the rule says."""
    section: str
    """Where it says so."""
    url: str
    consequence: str
    """What a consumer will suffer."""
    remedy: str
    """What the author of the exporter should do."""

    @property
    def concerns_consumers(self) -> bool:
        """Whether a consumer, not an exporter, breaks the rule."""
        return self.code.startswith("BUF8")

    def observed(self, request: str, answered: str) -> Observation:
        """The rule was seen broken with a request, by what was answered."""
        return Observation(self.code, request, answered)


@dataclass(frozen=True, slots=True)
class Observation:
    """A rule that was seen broken, once."""

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
