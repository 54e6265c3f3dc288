"""Checks an exporter: ``check`` and ``assert_conforms``."""

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
    """Make every request that a consumer can make, and compare the answers with the rules of the buffer protocol.

    Every combination of request flags is requested: once, while other buffers are held, from several threads, and
    through ``__buffer__``. Returns a :class:`Report`.

    ``resize`` and ``close`` are functions that take ``obj`` and resize or close it by its own methods, each time they
    are called. With them, the check tests that the memory stays valid while exports are outstanding.

    With ``isolate``, the check runs in a child process, a fork of this one: ``obj`` does not change, and an exporter
    that crashes, or does not answer for ``timeout`` seconds, is a finding. Without it, an exporter that crashes ends
    this process. Sub-interpreters cannot fork, and need ``isolate=False``.

    ``ignore`` contains codes or prefixes of codes, such as ``{"BUF302", "BUF7"}``. Raises TypeError if ``obj`` exports
    no buffer, and ValueError for an unknown code or if ``resize`` raises although no buffer is held.

    >>> import swiftbuffer
    >>> swiftbuffer.check(bytearray(8))
    <Report of bytearray: conforms to the protocol (1 deviation): BUF703>
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
    """Raise AssertionError, with the report, if an exporter violates the buffer protocol.

    With ``strict``, also for deviations and inconsistencies. The other parameters are those of :func:`check`.

    >>> import swiftbuffer
    >>> swiftbuffer.assert_conforms(swiftbuffer.array([1, 2, 3]), resize=lambda obj: obj.append(0))
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
            send("unusable", f"resize raises although no buffer is held: {described(error)}")
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
