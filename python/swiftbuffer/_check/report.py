# SPDX-License-Identifier: Apache-2.0
"""The result of a check, as objects, text, JSON and HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import Code, Observation, Severity
from swiftbuffer._console import printable

__all__ = ["ConsumerReport", "Finding", "Findings", "Report"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect, with every request that showed it."""

    code: str
    """Such as ``BUF103``; ``docs/codes`` has a page for each."""
    requests: tuple[str, ...]
    """The requests, as in C; those with the fewest flags first."""
    answered: str
    """The answer to the first of these requests."""

    @property
    def about(self) -> Code:
        """The code: the rule and its source, the consequence and the remedy."""
        return CATALOGUE[self.code]

    @property
    def severity(self) -> Severity:
        """``violation`` of the protocol, ``deviation`` from memoryview, or ``inconsistency`` of the exporter."""
        return self.about.severity

    def __str__(self) -> str:
        return f"{self.code} {self.about.name}: {self.about.title}"

    def to_dict(self) -> dict[str, object]:
        """The finding and the texts of its code, as values for JSON. O(requests). Source: this package."""
        return {**asdict(self.about), "requests": list(self.requests), "answered": self.answered}


class Findings:
    """The base of reports: the findings by code, the verdict, and how they are shown."""

    __slots__ = ()

    version: str | None
    findings: tuple[Finding, ...]

    @property
    def _subject(self) -> str:
        """The name of what was checked."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What was checked, with its version."""
        return f"{self._subject} {self.version}" if self.version else self._subject

    @property
    def ok(self) -> bool:
        """Whether there are no violations. There may be deviations and inconsistencies."""
        return not self.violations

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings that violate the protocol."""
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
        # By its length, a report would be true if it has findings.
        raise TypeError("a report has no truth value: use report.ok or len(report)")

    def __str__(self) -> str:
        lines = [f"{self.title}: {self.verdict}"]
        for finding in self.findings:
            lines += ["", str(finding), *(label + text for label, text in details(finding))]
        return "\n".join(lines)

    def __repr__(self) -> str:
        codes = f": {' '.join(self.codes)}" if self.findings else ""
        return printable(f"<{type(self).__name__} of {self.title}: {self.verdict}{codes}>")

    def _repr_html_(self) -> str:
        return table(self)

    def __rich_repr__(self) -> Iterator[tuple[str, object]]:
        yield "of", self.title
        yield "ok", self.ok
        yield "codes", list(self.codes)

    @property
    def verdict(self) -> str:
        """The result in one line."""
        counts = count(finding.severity for finding in self.findings)
        state = "conforms to the protocol" if self.ok else "violates the protocol"
        return f"{state} ({', '.join(counts) if counts else 'no findings'})"


@dataclass(frozen=True, slots=True, repr=False)
class Report(Findings):
    """The findings of a check of an exporter, by code. It has no truth value: use ``ok`` or ``len(report)``."""

    exporter: str
    """The type of the object, with its module."""
    version: str | None
    """The version of the package that defines the type, if known."""
    findings: tuple[Finding, ...]
    requests: int
    """How many different requests were made."""
    protocols: tuple[str, ...] = ("buffer",)
    """The protocols that were examined: ``buffer``, ``dlpack``."""

    @property
    def _subject(self) -> str:
        return self.exporter

    def to_dict(self) -> dict[str, object]:
        """The report as values for JSON. O(findings). Source: this package."""
        return {
            "exporter": self.exporter,
            "version": self.version,
            "ok": self.ok,
            "requests": self.requests,
            "protocols": list(self.protocols),
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True, repr=False)
class ConsumerReport(Findings):
    """The findings of a check of a consumer, by code; see :class:`Report`."""

    consumer: str
    """The name of the callable, with its module."""
    version: str | None
    """The version of the package that defines the callable, if known."""
    findings: tuple[Finding, ...]
    requests: tuple[str, ...]
    """The requests that the consumer made, as in C, each once."""
    holds: bool
    """Whether the result held a buffer."""

    @property
    def _subject(self) -> str:
        return self.consumer

    def to_dict(self) -> dict[str, object]:
        """The report as values for JSON. O(findings). Source: this package."""
        return {
            "consumer": self.consumer,
            "version": self.version,
            "ok": self.ok,
            "requests": list(self.requests),
            "holds": self.holds,
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


def details(finding: Finding) -> list[tuple[str, str]]:
    """The lines below the title of a finding: a label, indented and padded, and a text."""
    about = finding.about
    lines = {
        "severity": str(about.severity),
        "request": request_text(finding),
        "observed" if about.concerns_consumers else "answer": finding.answered,
        "rule": f"{about.rule} ({about.section})",
        "consequence": about.consequence,
        "remedy": about.remedy,
    }
    return [(f"    {label:<13}", text) for label, text in lines.items()]


def request_text(finding: Finding) -> str:
    """The requests of a finding; only the first three if there are many."""
    requests = finding.requests
    shown = ", ".join(requests if len(requests) <= 4 else requests[:3])
    return f"{shown} and {len(requests) - 3} more requests" if len(requests) > 4 else shown


def table(report: Findings) -> str:
    """A report as HTML, for a notebook."""
    # Imported here: only notebooks need it.
    from html import escape

    parts = [f"<p><b>{escape(report.title)}</b>: {escape(report.verdict)}</p>"]
    if report.findings:
        heads = "".join(f"<th>{head}</th>" for head in ("Code", "", "Request", "Answer", "Remedy"))
        parts.append(f"<table><tr>{heads}</tr>")
        for finding in report.findings:
            about = finding.about
            link = f'<a href="{escape(about.url)}" title="{escape(about.rule)}">{about.code}</a>'
            texts = (f"{about.severity}: {about.title}", request_text(finding), finding.answered, about.remedy)
            cells = "".join(f"<td>{escape(printable(text))}</td>" for text in texts)
            parts.append(f"<tr><td>{link}</td>{cells}</tr>")
        parts.append("</table>")
    return "".join(parts)


def collect(observations: Iterable[Observation], ignored: frozenset[str]) -> tuple[Finding, ...]:
    """One finding for each code, in the order of the codes; the requests with the fewest flags first."""
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
    """A sort key of requests: by the number of flags or arguments; bits that are no flag last."""
    return "0x" in request, request.count("|") + request.count("=")
