"""Runs all rules on one exporter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from swiftbuffer._check import isolation
from swiftbuffer._check.answers import described
from swiftbuffer._check.catalogue import CATALOGUE, RULES
from swiftbuffer._check.codes import Observation, select
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.isolation import Send
from swiftbuffer._check.report import Report, collect
from swiftbuffer._check.requests import PARTIAL, REQUESTS
from swiftbuffer._check.rule import Phase
from swiftbuffer._check.rules.releases import ReleaseMonitor
from swiftbuffer._check.subject import qualified_name, require_exporter, version_of

__all__ = ["assert_conforms", "check"]

Change = Callable[[Any], object]


def check(
    obj: object,
    *,
    ignore: Iterable[str] = (),
    resize: Change | None = None,
    close: Change | None = None,
    isolate: bool = True,
    timeout: float = 60.0,
) -> Report:
    """Ask an exporter everything that a consumer may ask, and hold each answer against the rules of the protocol.

    Asks for every combination of request flags, once, nested, from several threads and through Python, and returns a
    :class:`Report`.

    ``resize`` and ``close`` are called with ``obj``; they should resize it, or close it, by its own methods, each time
    they are called. With them the check proves that the memory cannot move under a live buffer.

    With ``isolate``, all of this happens in a child process (a fork of this one): ``obj`` itself is left as it was,
    and an exporter that crashes or does not answer for ``timeout`` seconds is a finding. Without, an exporter that
    crashes takes this process with it. Sub-interpreters cannot fork: they need
    ``isolate=False``.

    ``ignore`` holds codes, or what codes begin with, such as ``{"BUF302", "BUF7"}``. Raises TypeError if ``obj``
    exports no buffer, ValueError for a code that does not exist, and where ``resize`` fails even though no buffer is
    held.
    """
    require_exporter(obj, "there is nothing to check")
    ignored = select(ignore, CATALOGUE)
    outcome = isolation.run(lambda send: _run(obj, resize, close, send), isolate=isolate, timeout=timeout)
    findings = collect(outcome.observations, ignored)
    return Report(qualified_name(type(obj)), version_of(type(obj)), findings, len(REQUESTS) + len(PARTIAL))


def assert_conforms(
    obj: object,
    *,
    ignore: Iterable[str] = (),
    strict: bool = False,
    resize: Change | None = None,
    close: Change | None = None,
    isolate: bool = True,
    timeout: float = 60.0,
) -> None:
    """Raise AssertionError, with the report, if an exporter breaks the protocol; for test suites.

    With ``strict``, deviations and inconsistencies count too. All else as in :func:`check`.
    """
    report = check(obj, ignore=ignore, resize=resize, close=close, isolate=isolate, timeout=timeout)
    if not report.ok or (strict and report.findings):
        raise AssertionError(str(report))


def _run(obj: object, resize: Change | None, close: Change | None, send: Send) -> None:
    """Runs the rules; sends each step and each observation."""
    if resize is not None:
        send("step", "being resized before the first request")
        try:
            resize(obj)
        except Exception as error:
            send("unusable", f"resize fails though no buffer is held: {described(error)}")
            return

    def report(observation: Observation) -> None:
        send("observation", (observation.code, observation.request, observation.answered))

    with ReleaseMonitor(obj) as releases:
        examination = Examination(obj, report, lambda step: send("step", step), releases, resize, close)
        for rule in RULES:
            if examination.locked and rule.phase > Phase.ANSWERS:
                break
            for observation in rule.check(examination):
                report(observation)
