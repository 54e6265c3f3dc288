# SPDX-License-Identifier: Apache-2.0
"""Checks a consumer: ``check_consumer``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from swiftbuffer import _core
from swiftbuffer._check import isolation
from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import select
from swiftbuffer._check.report import ConsumerReport, collect
from swiftbuffer._check.rules.consumers import Read, Trial
from swiftbuffer._check.subject import qualified_name, require_exporter, version_of

__all__ = ["check_consumer"]


def check_consumer(
    consume: Callable[[Any], object],
    source: object = None,
    *,
    read: Read | None = None,
    ignore: Iterable[str] = (),
    isolate: bool = True,
    timeout: float = 60.0,
) -> ConsumerReport:
    """Call a consumer of buffers with a recording exporter, and report how it uses the buffers.

    ``consume`` takes an exporter and returns a result, as ``numpy.frombuffer`` does. Only the result may hold the
    buffer: one that is held after the result was deleted is reported as never released. ``source`` is an exporter of
    the memory to offer, by default an array of 64 different bytes. Uses after the release are found if its memory is
    contiguous and writable, and writes to read-only memory if it is read-only.

    A result that holds no buffer must not depend on the memory: the check changes the memory, and reads the result
    before and after, as a buffer and through its ``tobytes``, ``tolist`` and ``repr``, or through ``read``, a function
    of the result. It also tests whether the result exports the memory of the source.

    ``isolate``, ``timeout`` and ``ignore`` are as in :func:`check`. Raises ValueError if ``consume`` raises or acquires
    no buffer, and TypeError if ``source`` exports none. O(calls of ``consume``), some five of them. Source: "Buffer
    protocol" in the C API manual.

    >>> import swiftbuffer
    >>> report = swiftbuffer.check_consumer(memoryview)
    >>> report.ok, report.holds, report.requests
    (True, True, ('PyBUF_INDIRECT|PyBUF_FORMAT',))
    >>> swiftbuffer.check_consumer(bytes).holds
    False
    """
    ignored = select(ignore, CATALOGUE)
    if source is None:
        source = _core.array(range(1, 65), format="B")
    require_exporter(source, "there is nothing to consume")
    outcome = isolation.run(lambda send: Trial(consume, source, read, send).run(), isolate=isolate, timeout=timeout)
    findings = collect(outcome.observations, ignored)
    requests, holds = tuple(outcome.facts.get("requests", ())), outcome.facts.get("holds", False)
    return ConsumerReport(qualified_name(consume), version_of(consume), findings, requests, holds)
