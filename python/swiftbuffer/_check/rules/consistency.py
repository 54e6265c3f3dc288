# SPDX-License-Identifier: Apache-2.0
"""BUF501, BUF502: whether all requests are answered with the same memory and the same layout."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import request_name
from swiftbuffer._check.rule import Phase, code, experiment

MEMORY_DIFFERS = code(
    501,
    "memory-differs",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="requests are answered with different memory",
    rule="All consumers share the same memory.",
    consequence="A consumer does not see what another one writes.",
    remedy="Keep one block of memory, and return its address for every request.",
)
LAYOUT_DIFFERS = code(
    502,
    "layout-differs",
    Severity.VIOLATION,
    manuals.INDEPENDENT,
    title="requests are answered with different layouts",
    rule="len, itemsize, shape, strides and format describe the memory: they are the same in every answer.",
    consequence="Two views of one object disagree about its contents.",
    remedy="Describe the memory once, and omit the fields that were not requested.",
)


@experiment(MEMORY_DIFFERS, LAYOUT_DIFFERS, phase=Phase.ANSWERS)
def compare_answers(examination: Examination) -> Iterator[Observation]:
    """Compares every answer with the most detailed one."""
    reference, layout = examination.reference, examination.layout
    if reference is None or layout is None:
        return
    other = request_name(reference.request)
    for answer in examination.granted:
        request = request_name(answer.request)
        if answer["buf"] != reference["buf"] and reference["len"] > 0:
            examination.moves = True
            yield MEMORY_DIFFERS.observed(request, f"buf={answer['buf']:#x}; with {other} buf={reference['buf']:#x}")
        difference = _difference(answer, reference)
        if difference:
            name, here, there = difference
            yield LAYOUT_DIFFERS.observed(request, f"{name}={here!r}; with {other} {name}={there!r}")


def _difference(answer: Answer, reference: Answer) -> tuple[str, object, object] | None:
    """The first field that both answers hold and disagree on."""
    if answer["len"] != reference["len"]:
        return "len", answer["len"], reference["len"]
    if answer.shape is not None and answer["itemsize"] != reference["itemsize"]:
        return "itemsize", answer["itemsize"], reference["itemsize"]
    if answer.shape is not None and reference.shape is not None and answer["ndim"] != reference["ndim"]:
        return "ndim", answer["ndim"], reference["ndim"]
    for name in ("format", "shape", "strides"):
        here, there = getattr(answer, name), getattr(reference, name)
        if here is not None and there is not None and here != there:
            if (
                name == "strides"
                and answer.layout
                and reference.layout
                and _are_equivalent(here, there, answer.layout.shape)
            ):
                continue
            return name, here, there
    return None


def _are_equivalent(here: tuple[int, ...], there: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether strides agree: those of axes of length 1, and of memory without items, are never used."""
    return 0 in shape or all(a == b for a, b, length in zip(here, there, shape, strict=False) if length > 1)
