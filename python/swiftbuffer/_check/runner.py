"""Runs all rules on one exporter: here, or in a child process that may die of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from swiftbuffer._check import (
    isolation,
    rules_changes,
    rules_fields,
    rules_lifetime,
    rules_memory,
    rules_python,
    rules_refusals,
)
from swiftbuffer._check.answers import described, require_exporter
from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import select as select_codes
from swiftbuffer._check.examination import Examination, Observation, Rule
from swiftbuffer._check.isolation import Send
from swiftbuffer._check.report import Report, collect
from swiftbuffer._check.requests import PARTIAL, REQUESTS

__all__ = ["assert_conforms", "check", "version_of"]

# Rules look at the answers; experiments ask again, and those that change the object come last.
RULES: tuple[Rule, ...] = (
    *rules_fields.RULES,
    *rules_memory.RULES,
    *rules_refusals.RULES,
    *rules_lifetime.RULES,
)
EXPERIMENTS: tuple[Rule, ...] = (
    *rules_memory.EXPERIMENTS,
    *rules_lifetime.EXPERIMENTS,
    *rules_python.EXPERIMENTS,
    *rules_changes.EXPERIMENTS,
)

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
    ignored = select_codes(ignore, CATALOGUE)
    observations: list[Observation] = []

    def receive(kind: str, content: Any) -> None:
        if kind == "observation":
            observations.append(Observation(*content))
        elif kind == "unusable":
            raise ValueError(content)
        elif kind == "error":
            raise RuntimeError(f"the check itself failed; please report this:\n{content}")

    if isolate and hasattr(os, "fork"):
        isolation.run(lambda send: _run(obj, resize, close, send), timeout, receive)
    else:
        _run(obj, resize, close, receive)
    # The types of ctypes arrays have no module of their own.
    name, module = type(obj).__qualname__, getattr(type(obj), "__module__", "_ctypes")
    exporter = name if module == "builtins" else f"{module}.{name}"
    return Report(exporter, version_of(module), collect(observations, ignored), len(REQUESTS) + len(PARTIAL))


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
    """Runs the rules; tells each step and each observation as it comes."""
    if resize is not None:
        send("step", "being resized before the first request")
        try:
            resize(obj)
        except Exception as error:
            send("unusable", f"resize fails though no buffer is held: {described(error)}")
            return

    def report(observation: Observation) -> None:
        send("observation", (observation.code, observation.request, observation.answered))

    examination = Examination(obj, report, lambda step: send("step", step), resize, close)
    with examination.unraisable:
        examination.ask_everything()
        # An object that stays locked answers nothing more.
        for rule in RULES if examination.locked else (*RULES, *EXPERIMENTS):
            for observation in rule(examination):
                report(observation)


def version_of(module: str) -> str | None:
    """The version of the package that a type's module belongs to."""
    package = sys.modules.get(module.partition(".")[0])
    # Not getattr: the name is deprecated in modules of the standard library, which then warn.
    version = getattr(package, "__dict__", {}).get("__version__")
    return version if isinstance(version, str) else None
