"""BUF501, BUF502: whether all requests are answered with the same memory and the same layout."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import spell
from swiftbuffer._check.rule import Phase, code, experiment

MEMORY_DIFFERS = code(
    501,
    "memory-differs",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="requests are answered with different memory",
    rule="All consumers see the same memory.",
    consequence="What one consumer writes the other never reads.",
    remedy="Keep one block of memory and hand its address to everyone.",
)
LAYOUT_DIFFERS = code(
    502,
    "layout-differs",
    Severity.VIOLATION,
    manuals.INDEPENDENT,
    title="requests are answered with different layouts",
    rule="len, itemsize, shape, strides and format are those of the memory, the same in every answer that holds them.",
    consequence="Two views of one object disagree on what is in it.",
    remedy="Describe the memory once, and leave fields out as the request says.",
)


@experiment(MEMORY_DIFFERS, LAYOUT_DIFFERS, phase=Phase.ANSWERS)
def compare_answers(examination: Examination) -> Iterator[Observation]:
    """Compares every answer with the most detailed one."""
    truth, layout = examination.truth, examination.layout
    if truth is None or layout is None:
        return
    other = spell(truth.request)
    for answer in examination.granted:
        request = spell(answer.request)
        if answer["buf"] != truth["buf"] and truth["len"] > 0:
            examination.moves = True
            yield MEMORY_DIFFERS.observed(request, f"buf={answer['buf']:#x}; with {other} buf={truth['buf']:#x}")
        difference = _difference(answer, truth)
        if difference:
            name, here, there = difference
            yield LAYOUT_DIFFERS.observed(request, f"{name}={here!r}; with {other} {name}={there!r}")


def _difference(answer: Answer, truth: Answer) -> tuple[str, object, object] | None:
    """The first field that both answers hold and disagree on."""
    if answer["len"] != truth["len"]:
        return "len", answer["len"], truth["len"]
    if answer.shape is not None and answer["itemsize"] != truth["itemsize"]:
        return "itemsize", answer["itemsize"], truth["itemsize"]
    if answer.shape is not None and truth.shape is not None and answer["ndim"] != truth["ndim"]:
        return "ndim", answer["ndim"], truth["ndim"]
    for name in ("format", "shape", "strides"):
        here, there = getattr(answer, name), getattr(truth, name)
        if here is not None and there is not None and here != there:
            if (
                name == "strides"
                and answer.layout
                and truth.layout
                and _are_equivalent(here, there, answer.layout.shape)
            ):
                continue
            return name, here, there
    return None


def _are_equivalent(here: tuple[int, ...], there: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether strides agree: those of axes of length 1, and of memory without items, are never used."""
    return 0 in shape or all(a == b for a, b, length in zip(here, there, shape, strict=False) if length > 1)
