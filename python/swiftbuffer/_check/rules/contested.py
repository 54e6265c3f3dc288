# SPDX-License-Identifier: Apache-2.0
"""BUF701 to BUF704: points on which precedents disagree."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer import capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import asks, is_contested, request_name
from swiftbuffer._check.rule import Phase, code, each_answer, experiment


@each_answer(
    code(
        701,
        "ndim-unasked",
        Severity.DEVIATION,
        manuals.MEMORYVIEW,
        title="without a shape, ndim is not 1",
        rule="Memory without a shape is contiguous bytes, for which memoryview answers ndim 1. Precedents disagree.",
        consequence="A consumer that loops over ndim axes finds no shape.",
        remedy="Set ndim to 1 where PyBUF_ND is not requested.",
    )
)
def ndim_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_ND) and answer["ndim"] != 1


@each_answer(
    code(
        702,
        "itemsize-unasked",
        Severity.INCONSISTENCY,
        manuals.INDEPENDENT,
        title="without a shape, itemsize, ndim and len contradict each other",
        rule="itemsize is always that of the real format; with ndim 0, len equals itemsize.",
        consequence="A consumer that relies on ndim 0 reads one item only; one that divides len by itemsize miscounts.",
        remedy="Keep the real itemsize, and set ndim to 1.",
    )
)
def itemsize_unasked(answer: Answer, examination: Examination) -> str | None:
    reference = examination.reference
    if not answer.sound or asks(answer.request, capi.PyBUF_ND) or reference is None:
        return None
    if answer["ndim"] == 0 and answer["itemsize"] != answer["len"]:
        return f"{answer}: one item of {answer['itemsize']} bytes in {answer['len']}"
    if answer["itemsize"] != reference["itemsize"]:
        return f"itemsize={answer['itemsize']}; with {request_name(reference.request)} itemsize={reference['itemsize']}"
    return None


@each_answer(
    code(
        703,
        "format-without-shape",
        Severity.DEVIATION,
        manuals.MEMORYVIEW,
        title="PyBUF_FORMAT is granted without PyBUF_ND",
        rule="Bytes without a shape have no format: memoryview refuses SIMPLE|FORMAT. Precedents disagree.",
        consequence="A consumer may rely on it, and fail with memoryview.",
        remedy="Refuse PyBUF_FORMAT without PyBUF_ND.",
    )
)
def format_without_shape(answer: Answer, _: Examination) -> bool:
    return answer.sound and is_contested(answer.request)


PARTIAL_FLAG = code(
    704,
    "partial-flag",
    Severity.DEVIATION,
    manuals.MEMORYVIEW,
    title="single bits of a flag, or PyBUF_READ or PyBUF_WRITE, are treated as the whole flag",
    rule="A flag is requested only if all its bits are set; memoryview treats other bits as SIMPLE.",
    consequence="Consumers that pass further bits get fields that they did not request, or a refusal.",
    remedy="Test (flags & PyBUF_STRIDES) == PyBUF_STRIDES, never flags & PyBUF_STRIDES.",
)


@experiment(PARTIAL_FLAG, phase=Phase.ANSWERS)
def compare_partial_flags(examination: Examination) -> Iterator[Observation]:
    """Compares requests with single bits of flags with a SIMPLE request."""
    simple = examination.answers.get(capi.PyBUF_SIMPLE)
    if simple is None:
        return
    for answer in examination.partial.values():
        fields = ("ndim", "readonly", "itemsize", "len")
        pointers = ("format", "shape", "strides", "suboffsets")
        same = all(answer[name] == simple[name] for name in fields)
        same = same and all(bool(answer[name]) == bool(simple[name]) for name in pointers)
        alike = answer.granted == simple.granted and (same or not (answer.sound and simple.sound))
        if not alike:
            yield PARTIAL_FLAG.observed(request_name(answer.request), f"{answer}; with PyBUF_SIMPLE {simple}")
