"""What a check found, in a form to read, to count and to store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import Code, Severity
from swiftbuffer._check.examination import Observation

__all__ = ["Finding", "Report"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that the exporter does not keep, with every request that showed it."""

    code: str
    """Such as ``BUF103``; ``docs/codes`` has a page for each."""
    requests: tuple[str, ...]
    """What was asked, as C code writes it."""
    answered: str
    """What was answered to the first of these."""

    @property
    def about(self) -> Code:
        """The entry of the catalogue: what the rule says and where, and what a consumer suffers."""
        return CATALOGUE[self.code]

    @property
    def severity(self) -> Severity:
        """``violation`` of the protocol, ``deviation`` from the reference, or ``inconsistency`` with itself."""
        return self.about.severity

    def __str__(self) -> str:
        return f"{self.code} {self.about.name}: {self.about.title}"

    def to_dict(self) -> dict[str, object]:
        """Everything, the catalogue's texts included, as what JSON can hold."""
        return {**asdict(self.about), "requests": list(self.requests), "answered": self.answered}


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one check, by code. True in no sense but ``ok``: ask for that, or count the findings."""

    exporter: str
    """The type of the object, with its module."""
    version: str | None
    """The version of the package that the type is from, where it says."""
    findings: tuple[Finding, ...]
    requests: int
    """How many different requests were made."""

    @property
    def ok(self) -> bool:
        """Whether the protocol is kept: no violations. Deviations and inconsistencies may be there."""
        return not self.violations

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings that break the protocol."""
        return tuple(finding for finding in self.findings if finding.severity == "violation")

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the findings, in order."""
        return tuple(finding.code for finding in self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __bool__(self) -> bool:
        # An empty report would be false for being empty, and one with findings true.
        raise TypeError("a Report is neither true nor false: use report.ok, or len(report)")

    def __str__(self) -> str:
        lines = [f"{self.exporter}{f' {self.version}' if self.version else ''}: {self.verdict}"]
        for finding in self.findings:
            lines += ["", str(finding), *details(finding)]
        return "\n".join(lines)

    @property
    def verdict(self) -> str:
        """The outcome in one line."""
        counts = count(finding.severity for finding in self.findings)
        state = "keeps the protocol" if self.ok else "breaks the protocol"
        return f"{state} ({', '.join(counts) if counts else 'nothing found'})"

    def to_dict(self) -> dict[str, object]:
        """The report as what JSON can hold."""
        return {
            "exporter": self.exporter,
            "version": self.version,
            "ok": self.ok,
            "requests": self.requests,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def count(severities: Iterable[Severity]) -> list[str]:
    """Such as ``["2 violations", "1 deviation"]``."""
    found = list(severities)
    plurals: Mapping[Severity, str] = {
        Severity.VIOLATION: "violations",
        Severity.DEVIATION: "deviations",
        Severity.INCONSISTENCY: "inconsistencies",
    }
    numbers = {severity: found.count(severity) for severity in plurals}
    return [
        f"{number} {severity if number == 1 else plurals[severity]}" for severity, number in numbers.items() if number
    ]


def details(finding: Finding) -> list[str]:
    """What stands below the title of a finding."""
    about, requests = finding.about, finding.requests
    shown = ", ".join(requests if len(requests) <= 4 else requests[:3])
    if len(requests) > 4:
        shown += f" and {len(requests) - 3} more requests"
    return [
        f"    {about.severity}",
        f"    asked     {shown}",
        f"    answered  {finding.answered}",
        f"    rule      {about.rule} ({about.section})",
        f"    suffers   {about.consequence}",
        f"    remedy    {about.remedy}",
    ]


def collect(observations: Iterable[Observation], ignored: frozenset[str]) -> tuple[Finding, ...]:
    """One finding a code, in the order of the codes."""
    first: dict[str, Observation] = {}
    requests: dict[str, dict[str, None]] = {}
    for observation in observations:
        if observation.code not in ignored:
            first.setdefault(observation.code, observation)
            requests.setdefault(observation.code, {})[observation.request] = None
    return tuple(Finding(code, tuple(requests[code]), first[code].answered) for code in sorted(first))
