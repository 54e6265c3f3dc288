# SPDX-License-Identifier: Apache-2.0
"""BUF101 to BUF110, BUF115: which fields of an answer are filled in, and which are NULL."""

from __future__ import annotations

from swiftbuffer import capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.codes import Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import asks
from swiftbuffer._check.rule import code, each_answer


def _is_missing(answer: Answer, field: str, flags: int) -> bool:
    """Whether a field is NULL although flags request it."""
    return answer.sound and asks(answer.request, flags) and not answer[field]


def _is_unrequested(answer: Answer, field: str, flag: int) -> bool:
    """Whether a field is not NULL although no flag requests it."""
    return answer.sound and not asks(answer.request, flag) and answer[field] != 0


@each_answer(
    code(
        101,
        "field-unfilled",
        Severity.VIOLATION,
        manuals.STRUCTURE,
        title="a field of the Py_buffer was not filled in",
        rule="An exporter that grants a request fills in every field of the Py_buffer; unused fields are NULL or 0.",
        consequence="Consumers pass an uninitialized Py_buffer from the stack, and read whatever bytes are there.",
        remedy="Fill in every field in getbuffer, on every path that returns 0.",
    )
)
def field_unfilled(answer: Answer, _: Examination) -> str | None:
    if not answer.granted or not answer.unfilled:
        return None
    return f"not filled in: {', '.join(answer.unfilled)}"


@each_answer(
    code(
        102,
        "owner-null",
        Severity.VIOLATION,
        manuals.STRUCTURE,
        title="the request was granted with view->obj NULL",
        rule="view->obj is a new reference to the exporter, and never NULL.",
        consequence="Nothing keeps the memory alive while it is read, and releasebuffer is never called.",
        remedy="Set view->obj to the exporter and take a reference.",
    )
)
def owner_null(answer: Answer, _: Examination) -> str | None:
    return "obj=NULL" if answer.granted and answer.owner == "null" else None


@each_answer(
    code(
        103,
        "shape-missing",
        Severity.VIOLATION,
        manuals.SHAPE,
        title="shape was requested and is NULL",
        rule="With PyBUF_ND, shape holds ndim lengths; it may be NULL only for ndim 0.",
        consequence="A consumer that requests shape indexes it, and reads address 0.",
        remedy="Point shape at ndim lengths that live as long as the export.",
    )
)
def shape_missing(answer: Answer, _: Examination) -> bool:
    return _is_missing(answer, "shape", capi.PyBUF_ND) and answer["ndim"] > 0


@each_answer(
    code(
        104,
        "shape-unasked",
        Severity.VIOLATION,
        manuals.SHAPE,
        title="shape was not requested and is not NULL",
        rule="Without PyBUF_ND, shape is NULL.",
        consequence="Consumers test shape for NULL, and treat plain bytes as an N-dimensional array.",
        remedy="Set shape only when (flags & PyBUF_ND) == PyBUF_ND.",
    )
)
def shape_unasked(answer: Answer, _: Examination) -> bool:
    return _is_unrequested(answer, "shape", capi.PyBUF_ND)


@each_answer(
    code(
        105,
        "strides-missing",
        Severity.VIOLATION,
        manuals.SHAPE,
        title="strides were requested and are NULL",
        rule="With PyBUF_STRIDES, strides holds ndim entries; it may be NULL only for ndim 0.",
        consequence="A consumer that requests strides indexes them, and reads address 0.",
        remedy="Point strides at ndim entries; PyBuffer_FillContiguousStrides computes those of C order.",
    )
)
def strides_missing(answer: Answer, _: Examination) -> bool:
    return _is_missing(answer, "strides", capi.PyBUF_STRIDES) and answer["ndim"] > 0


@each_answer(
    code(
        106,
        "strides-unasked",
        Severity.VIOLATION,
        manuals.SHAPE,
        title="strides were not requested and are not NULL",
        rule="Without PyBUF_STRIDES, strides is NULL.",
        consequence="A consumer that passes the Py_buffer on describes strides that it never requested.",
        remedy="Set strides only when (flags & PyBUF_STRIDES) == PyBUF_STRIDES.",
    )
)
def strides_unasked(answer: Answer, _: Examination) -> bool:
    return _is_unrequested(answer, "strides", capi.PyBUF_STRIDES)


@each_answer(
    code(
        107,
        "suboffsets-unasked",
        Severity.VIOLATION,
        manuals.SHAPE,
        title="suboffsets were not requested and are not NULL",
        rule="Without PyBUF_INDIRECT, suboffsets is NULL.",
        consequence="A consumer that cannot follow pointers refuses the buffer, or takes the pointers for items.",
        remedy="Set suboffsets only when (flags & PyBUF_INDIRECT) == PyBUF_INDIRECT.",
    )
)
def suboffsets_unasked(answer: Answer, _: Examination) -> bool:
    return _is_unrequested(answer, "suboffsets", capi.PyBUF_INDIRECT)


@each_answer(
    code(
        108,
        "suboffsets-needless",
        Severity.VIOLATION,
        manuals.STRUCTURE,
        title="suboffsets is not NULL although all suboffsets are negative",
        rule="If no axis is indirect, suboffsets is NULL.",
        consequence="Consumers treat the memory as indirect, and refuse it or copy it on their slow path.",
        remedy="Set suboffsets to NULL unless at least one entry is 0 or more.",
    )
)
def suboffsets_needless(answer: Answer, _: Examination) -> bool:
    offsets = answer.suboffsets
    # Suboffsets that were not requested are BUF107; those of 0-d memory are BUF115.
    requested = asks(answer.request, capi.PyBUF_INDIRECT)
    return answer.sound and requested and bool(offsets) and all(offset < 0 for offset in offsets or ())


@each_answer(
    code(
        109,
        "format-missing",
        Severity.VIOLATION,
        manuals.READONLY,
        title="format was requested and is NULL",
        rule="With PyBUF_FORMAT, format is the format of one item.",
        consequence="The consumer reads the items as unsigned bytes, or reads address 0.",
        remedy="Point format at the format of one item, in the syntax of the struct module.",
    )
)
def format_missing(answer: Answer, _: Examination) -> bool:
    # Whether a format without a shape is granted is contested (BUF703).
    return _is_missing(answer, "format", capi.PyBUF_FORMAT | capi.PyBUF_ND)


@each_answer(
    code(
        110,
        "format-unasked",
        Severity.VIOLATION,
        manuals.READONLY,
        title="format was not requested and is not NULL",
        rule="Without PyBUF_FORMAT, format is NULL.",
        consequence="A consumer that reads bytes and requested no format finds one that it cannot read, and refuses.",
        remedy="Set format only when (flags & PyBUF_FORMAT) == PyBUF_FORMAT.",
    )
)
def format_unasked(answer: Answer, _: Examination) -> bool:
    return _is_unrequested(answer, "format", capi.PyBUF_FORMAT)


@each_answer(
    code(
        115,
        "scalar-with-axes",
        Severity.VIOLATION,
        manuals.STRUCTURE,
        title="ndim is 0, and shape, strides or suboffsets is not NULL",
        rule="With ndim 0 there is one item, and shape, strides and suboffsets are NULL.",
        consequence="A consumer that tests the pointers for NULL treats a scalar as an array.",
        remedy="Set all three to NULL for memory without dimensions.",
    )
)
def scalar_with_axes(answer: Answer, _: Examination) -> bool:
    if not answer.sound or answer["ndim"] != 0 or not asks(answer.request, capi.PyBUF_ND):
        return False
    return any(answer[name] for name in ("shape", "strides", "suboffsets"))
