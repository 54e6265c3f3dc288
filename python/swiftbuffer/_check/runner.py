# SPDX-License-Identifier: Apache-2.0
"""Checks an exporter: ``check`` and ``assert_conforms``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal

from swiftbuffer import capi
from swiftbuffer._check import isolation
from swiftbuffer._check.answers import described
from swiftbuffer._check.catalogue import CATALOGUE, RULES, TENSOR_RULES
from swiftbuffer._check.codes import Observation, select
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.isolation import Send
from swiftbuffer._check.production import Production
from swiftbuffer._check.report import Report, collect
from swiftbuffer._check.requests import PARTIAL, REQUESTS
from swiftbuffer._check.rule import Phase
from swiftbuffer._check.rules.releases import ReleaseMonitor
from swiftbuffer._check.subject import produces_tensors, qualified_name, require_exporter, version_of

__all__ = ["assert_conforms", "check"]

Change = Callable[[Any], object]
Protocol = Literal["buffer", "dlpack"]


def check(
    obj: object,
    *,
    protocol: Protocol | None = None,
    ignore: Iterable[str] = (),
    resize: Change | None = None,
    close: Change | None = None,
    isolate: bool = True,
    timeout: float = 60.0,
) -> Report:
    """Make every request that a consumer can make, and compare the answers with the rules of the protocol.

    Of an object that exports buffers, every combination of request flags is requested: once, while other buffers are
    held, from several threads, and through ``__buffer__``. Of an object with ``__dlpack__``, a tensor of DLPack is
    requested with every combination of keywords. An object that has both is examined as both, in this order, and the
    two are compared; ``protocol`` chooses one: ``"buffer"`` or ``"dlpack"``. Returns a :class:`Report`.

    ``resize`` and ``close`` are functions that take ``obj`` and resize or close it by its own methods, each time they
    are called. With them, the check tests that the memory stays valid while exports are outstanding.

    With ``isolate``, the check runs in a child process, a fork of this one: ``obj`` does not change, and an exporter
    that crashes, or does not answer for ``timeout`` seconds, is a finding. Without it, an exporter that crashes ends
    this process. Sub-interpreters cannot fork, and need ``isolate=False``.

    In a sub-interpreter only buffers are examined: deleters are called from C, which finds the main interpreter alone.
    Asked for ``"dlpack"`` there, it raises RuntimeError.

    ``ignore`` contains codes or prefixes of codes, such as ``{"BUF302", "BUF7", "DLP"}``. Raises TypeError if ``obj``
    has neither protocol, or not the chosen one, and ValueError for an unknown code or protocol, or if ``resize`` raises
    although no buffer is held. O(requests), some 200 of them, and O(items) for what they read: tens of milliseconds.
    Source: :doc:`each code </codes/README>` names its own.

    >>> import swiftbuffer
    >>> swiftbuffer.check(bytearray(8))
    <Report of bytearray: conforms to the protocol (1 deviation): BUF703>
    """
    protocols = _protocols_of(obj, protocol)
    ignored = select(ignore, CATALOGUE)
    observations: list[Observation] = []
    requests = 0
    if "buffer" in protocols:
        # An object that is not closed in a process of its own would be closed before it hands out tensors.
        closing = close if len(protocols) == 1 or isolation.is_possible(isolate) else None
        run = partial(_examine_buffers, obj, resize, closing)
        observations += isolation.run(run, isolate=isolate, timeout=timeout).observations
        requests += len(REQUESTS) + len(PARTIAL)
    if "dlpack" in protocols:
        run = partial(_examine_tensors, obj, resize, close)
        outcome = isolation.run(run, isolate=isolate, timeout=timeout, endings=isolation.TENSOR_ENDINGS)
        observations += outcome.observations
        requests += outcome.facts.get("requests", 0)
    name, version = qualified_name(type(obj)), version_of(type(obj))
    return Report(name, version, collect(observations, ignored), requests, protocols)


def _protocols_of(obj: object, protocol: Protocol | None) -> tuple[Protocol, ...]:
    """The protocols to examine. Raises TypeError if there are none, ValueError for one that does not exist."""
    if protocol not in (None, "buffer", "dlpack"):
        raise ValueError(f"protocol must be 'buffer', 'dlpack' or None, not {protocol!r}")
    tensors = produces_tensors(obj)
    if protocol == "dlpack":
        if not tensors:
            raise TypeError(f"{type(obj).__name__} object has no __dlpack__: there is nothing to check")
        if not _can_call_back():
            raise RuntimeError("DLPack can be checked in the main interpreter only: its deleters are called from C")
        return ("dlpack",)
    if protocol is None and tensors and _can_call_back():
        return ("buffer", "dlpack") if capi.PyObject_CheckBuffer(obj) else ("dlpack",)
    require_exporter(obj, "there is nothing to check")
    return ("buffer",)


def _can_call_back() -> bool:
    """Whether C can call Python functions of this interpreter."""
    try:
        # Imported here: sub-interpreters of CPython 3.12 have no ctypes.
        from swiftbuffer._check import capsules
    except ImportError:
        return False
    return capsules.can_call_back()


def assert_conforms(
    obj: object,
    *,
    protocol: Protocol | None = None,
    ignore: Iterable[str] = (),
    strict: bool = False,
    resize: Change | None = None,
    close: Change | None = None,
    isolate: bool = True,
    timeout: float = 60.0,
) -> None:
    """Raise AssertionError, with the report, if an exporter violates a protocol.

    With ``strict``, also for deviations and inconsistencies. The other parameters (``obj``, ``protocol``, ``ignore``,
    ``resize``, ``close``, ``isolate``, ``timeout``), and what else it raises, are those of :func:`check`. O(requests).
    Source: this package.

    >>> import swiftbuffer
    >>> swiftbuffer.assert_conforms(swiftbuffer.array([1, 2, 3]), resize=lambda obj: obj.append(0))
    """
    report = check(obj, protocol=protocol, ignore=ignore, resize=resize, close=close, isolate=isolate, timeout=timeout)
    if not report.ok or (strict and report.findings):
        raise AssertionError(str(report))


def _examine_buffers(obj: object, resize: Change | None, close: Change | None, send: Send) -> None:
    """Runs the rules of the buffer protocol; sends each step and each observation."""
    if not _can_be_resized(obj, resize, send):
        return
    report = _reporter(send)
    with ReleaseMonitor(obj) as releases:
        examination = Examination(obj, report, lambda step: send("step", step), releases, resize, close)
        for rule in RULES:
            if examination.locked and rule.phase > Phase.ANSWERS:
                break
            for observation in rule.check(examination):
                report(observation)


def _examine_tensors(obj: object, resize: Change | None, close: Change | None, send: Send) -> None:
    """Runs the rules of DLPack; sends each step and each observation."""
    if not _can_be_resized(obj, resize, send):
        return
    report = _reporter(send)
    production = Production(obj, report, lambda step: send("step", step), resize, close)
    for rule in TENSOR_RULES:
        for observation in rule.check(production):
            report(observation)
    send("requests", len(production.tensors))


def _can_be_resized(obj: object, resize: Change | None, send: Send) -> bool:
    """Whether the object can be resized, if it is to be, before anything holds its memory."""
    if resize is None:
        return True
    send("step", "being resized before the first request")
    try:
        resize(obj)
    except Exception as error:
        send("unusable", f"resize raises although no buffer is held: {described(error)}")
        return False
    return True


def _reporter(send: Send) -> Callable[[Observation], None]:
    def report(observation: Observation) -> None:
        send("observation", (observation.code, observation.request, observation.answered))

    return report
