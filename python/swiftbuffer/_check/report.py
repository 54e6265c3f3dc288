"""What a check found, in a form to read, to count and to store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import Code, Observation, Severity

__all__ = ["ConsumerReport", "Finding", "Findings", "Report"]


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


class Findings:
    """What reports have in common: the findings by code, the verdict, and how they are shown."""

    __slots__ = ()

    findings: tuple[Finding, ...]

    @property
    def title(self) -> str:
        """What was checked."""
        raise NotImplementedError

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
        raise TypeError("a report is neither true nor false: use report.ok, or len(report)")

    def __str__(self) -> str:
        lines = [f"{self.title}: {self.verdict}"]
        for finding in self.findings:
            lines += ["", str(finding), *details(finding)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        codes = f": {' '.join(self.codes)}" if self.findings else ""
        return printable(f"<{type(self).__name__} of {self.title}: {self.verdict}{codes}>")

    def _repr_html_(self) -> str:
        return table(self)

    @property
    def verdict(self) -> str:
        """The outcome in one line."""
        counts = count(finding.severity for finding in self.findings)
        state = "keeps the protocol" if self.ok else "breaks the protocol"
        return f"{state} ({', '.join(counts) if counts else 'nothing found'})"


@dataclass(frozen=True, slots=True, repr=False)
class Report(Findings):
    """The findings of one check, by code. True in no sense but ``ok``: ask for that, or count the findings."""

    exporter: str
    """The type of the object, with its module."""
    version: str | None
    """The version of the package that the type is from, where it says."""
    findings: tuple[Finding, ...]
    requests: int
    """How many different requests were made."""

    @property
    def title(self) -> str:
        """The exporter and its version."""
        return f"{self.exporter} {self.version}" if self.version else self.exporter

    def to_dict(self) -> dict[str, object]:
        """The report as what JSON can hold."""
        return {
            "exporter": self.exporter,
            "version": self.version,
            "ok": self.ok,
            "requests": self.requests,
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True, repr=False)
class ConsumerReport(Findings):
    """The findings of one check of a consumer, by code; see :class:`Report`."""

    consumer: str
    """The name of the callable, with its module."""
    version: str | None
    """The version of the package that it is from, where it says."""
    findings: tuple[Finding, ...]
    requests: tuple[str, ...]
    """The requests that it made, as C code writes them, each once."""
    holds: bool
    """Whether a buffer was held for as long as its result was alive."""

    @property
    def title(self) -> str:
        """The consumer and its version."""
        return f"{self.consumer} {self.version}" if self.version else self.consumer

    def to_dict(self) -> dict[str, object]:
        """The report as what JSON can hold."""
        return {
            "consumer": self.consumer,
            "version": self.version,
            "ok": self.ok,
            "requests": list(self.requests),
            "holds": self.holds,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def printable(text: str) -> str:
    """Text for one line: control characters, and what else cannot be printed, as escapes."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


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
    about = finding.about
    return [
        f"    {about.severity}",
        f"    asked     {asked(finding)}",
        f"    {'seen    ' if about.concerns_consumers else 'answered'}  {finding.answered}",
        f"    rule      {about.rule} ({about.section})",
        f"    suffers   {about.consequence}",
        f"    remedy    {about.remedy}",
    ]


def asked(finding: Finding) -> str:
    """The requests of a finding, the first of them if there are many."""
    requests = finding.requests
    shown = ", ".join(requests if len(requests) <= 4 else requests[:3])
    return f"{shown} and {len(requests) - 3} more requests" if len(requests) > 4 else shown


def table(report: Findings) -> str:
    """A report as HTML, for a notebook."""
    # Imported only for who asks.
    from html import escape

    parts = [f"<p><b>{escape(report.title)}</b>: {escape(report.verdict)}</p>"]
    if report.findings:
        heads = "".join(f"<th>{head}</th>" for head in ("Code", "", "Asked", "Answered", "Remedy"))
        parts.append(f"<table><tr>{heads}</tr>")
        for finding in report.findings:
            about = finding.about
            link = f'<a href="{escape(about.url)}" title="{escape(about.rule)}">{about.code}</a>'
            texts = (f"{about.severity}: {about.title}", asked(finding), finding.answered, about.remedy)
            cells = "".join(f"<td>{escape(printable(text))}</td>" for text in texts)
            parts.append(f"<tr><td>{link}</td>{cells}</tr>")
        parts.append("</table>")
    return "".join(parts)


def collect(observations: Iterable[Observation], ignored: frozenset[str]) -> tuple[Finding, ...]:
    """One finding a code, in the order of the codes; the requests of each by name, the simplest first."""
    seen: dict[str, dict[str, str]] = {}
    for observation in observations:
        if observation.code not in ignored:
            seen.setdefault(observation.code, {}).setdefault(observation.request, observation.answered)
    findings = []
    for code, answers in sorted(seen.items()):
        requests = tuple(sorted(answers, key=simplicity))
        findings.append(Finding(code, requests, answers[requests[0]]))
    return tuple(findings)


def simplicity(request: str) -> tuple[bool, int]:
    """Sorts requests: those of few flags before those of many, bits that are not a flag last."""
    return "0x" in request, request.count("|")
