# SPDX-License-Identifier: Apache-2.0
"""BUF504 to BUF506: whether the exporter has as many references after a release as before the request."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

from swiftbuffer import _testing
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import acquire
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import REQUESTS, request_name
from swiftbuffer._check.rule import code, experiment

REFERENCE_LEAK = code(
    504,
    "reference-leak",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="references to the exporter remain after the release",
    rule="getbuffer takes one reference, for view->obj, and none when it refuses.",
    consequence="The object and its memory are never freed.",
    remedy="Take the reference last, after everything that can fail.",
)
REFERENCE_STOLEN = code(
    505,
    "reference-stolen",
    Severity.VIOLATION,
    manuals.RELEASEBUFFER,
    title="the exporter has fewer references after the release than before",
    rule="releasebuffer does not decrease the reference of view->obj: PyBuffer_Release does.",
    consequence="The object is freed while it is in use.",
    remedy="Leave view->obj alone in releasebuffer.",
)
COPIED_RELEASE = code(
    506,
    "copied-release",
    Severity.VIOLATION,
    manuals.RELEASEBUFFER,
    title="the release of a copy of the Py_buffer fails",
    rule="Consumers such as memoryview move the struct: releasebuffer may get a copy of what getbuffer filled in.",
    consequence="Buffers that went through a memoryview are never released, or crash at their release.",
    remedy="Find the state through view->internal or in the exporter, never by the address of the struct.",
)

_ROUNDS = 5


@experiment(REFERENCE_LEAK, REFERENCE_STOLEN, COPIED_RELEASE)
def count_references(examination: Examination) -> Iterator[Observation]:
    """Counts references before and after each request, and after releases through a copy of the Py_buffer."""
    obj = examination.obj
    for request in REQUESTS:
        change = _change(examination, request)
        if change and _change(examination, request) == change:
            seen = f"{abs(change)} references {'more' if change > 0 else 'fewer'} after {_ROUNDS} buffers"
            yield (REFERENCE_LEAK if change > 0 else REFERENCE_STOLEN).observed(request_name(request), seen)

    reference = examination.reference
    if reference is None:
        return
    plain, copied = _change(examination, reference.request), _change(examination, reference.request, copied=True)
    if copied != plain:
        seen = f"{copied - plain:+d} references after {_ROUNDS} releases through a copy"
        yield COPIED_RELEASE.observed(request_name(reference.request), seen)
    examination.step(f"releasing {request_name(reference.request)} through a copy of the Py_buffer")
    _, handle = acquire(obj, reference.request)
    failure = examination.releases.release(handle, copied=True)
    # A release that always fails is BUF512 or BUF514.
    _, handle = acquire(obj, reference.request)
    if failure and examination.releases.release(handle) is None:
        yield COPIED_RELEASE.observed(request_name(reference.request), failure[1])


def _change(examination: Examination, request: int, *, copied: bool = False) -> int:
    """By how much the exporter's reference count has changed after some requests and releases."""
    obj = examination.obj
    examination.step(f"releasing {request_name(request)}{' through a copy of the Py_buffer' if copied else ''}")
    before = sys.getrefcount(obj)
    for _ in range(_ROUNDS):
        handle = _testing._probe(obj, request)[4]
        _testing._probe_release(handle, copied)
        del handle
    after = sys.getrefcount(obj)
    if after > before:
        # Exceptions of exporters written in Python keep frames, and frames keep the exporter; all of them are young.
        gc.collect(1)
        after = sys.getrefcount(obj)
    return after - before
