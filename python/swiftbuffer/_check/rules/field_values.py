# SPDX-License-Identifier: Apache-2.0
"""BUF111 to BUF114, BUF116, BUF117: whether the sizes, the shape and the format of an answer are right."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from math import prod

from swiftbuffer import _core, capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import asks, request_name
from swiftbuffer._check.rule import Phase, code, each_answer, experiment


@each_answer(
    code(
        111,
        "ndim-out-of-range",
        Severity.VIOLATION,
        manuals.STRUCTURE,
        title="ndim is negative or greater than 64",
        rule="ndim is between 0 and PyBUF_MAX_NDIM, which is 64.",
        consequence="Consumers copy shape and strides into arrays of 64 entries, and write past the end.",
        remedy="Refuse to export more than 64 dimensions, with BufferError.",
    )
)
def ndim_out_of_range(answer: Answer, _: Examination) -> bool:
    return answer.granted and "ndim" not in answer.unfilled and not 0 <= answer["ndim"] <= capi.PyBUF_MAX_NDIM


@each_answer(
    code(
        112,
        "length-negative",
        Severity.VIOLATION,
        manuals.STRUCTURE,
        title="shape contains a negative length",
        rule="Every entry of shape is 0 or more.",
        consequence="Loops over the axis run backwards, and products of the shape overflow.",
        remedy="Export an empty axis with length 0.",
    )
)
def length_negative(answer: Answer, _: Examination) -> bool:
    return answer.sound and any(length < 0 for length in answer.shape or ())


@each_answer(
    code(
        113,
        "len-mismatch",
        Severity.VIOLATION,
        manuals.INDEPENDENT,
        title="len is not the product of shape and itemsize",
        rule="len is product(shape) * itemsize: the size of a contiguous copy.",
        consequence="Consumers allocate len bytes and copy by shape, or the reverse: one of the two overruns.",
        remedy="Compute len from shape and itemsize. For strided memory too, len counts the items, not the span.",
    )
)
def len_mismatch(answer: Answer, _: Examination) -> bool:
    if not answer.sound or not asks(answer.request, capi.PyBUF_ND):
        return False
    shape = () if answer["ndim"] == 0 else answer.shape
    if shape is None or any(length < 0 for length in shape) or answer["itemsize"] < 0:
        return False
    return prod(shape) * answer["itemsize"] != answer["len"]


ITEMSIZE_MISMATCH = code(
    114,
    "itemsize-mismatch",
    Severity.VIOLATION,
    manuals.INDEPENDENT,
    title="itemsize is not the size of the format",
    rule="itemsize is struct.calcsize(format), and never negative.",
    consequence="struct.unpack_from and memoryview indexing read items of the wrong size, or raise.",
    remedy="Make format and itemsize agree: l is 8 bytes in native mode, and 4 bytes after <, > or =.",
)
FORMAT_UNKNOWN = code(
    117,
    "format-unknown",
    Severity.DEVIATION,
    manuals.PEP3118,
    title="the format is valid neither in struct nor in PEP 3118",
    rule="Formats use the syntax of the struct module with the additions of PEP 3118.",
    consequence="No consumer can read the items.",
    remedy="Describe the item as T{...} with known members, or as bytes.",
)


@experiment(ITEMSIZE_MISMATCH, FORMAT_UNKNOWN, phase=Phase.ANSWERS)
def compare_formats_and_itemsizes(examination: Examination) -> Iterator[Observation]:
    """Compares the size of each format with the itemsize."""
    for answer in examination.granted:
        request = request_name(answer.request)
        if answer["itemsize"] < 0:
            yield ITEMSIZE_MISMATCH.observed(request, str(answer))
        elif answer.format is not None and asks(answer.request, capi.PyBUF_FORMAT | capi.PyBUF_ND):
            size = size_of(answer.format)
            if size is None:
                yield FORMAT_UNKNOWN.observed(request, f"format={answer.format!r}")
            elif size != answer["itemsize"]:
                seen = f"format={answer.format!r}, which is {size} bytes, with itemsize={answer['itemsize']}"
                yield ITEMSIZE_MISMATCH.observed(request, seen)


def size_of(format_: str) -> int | None:
    """The bytes of one item; ``None`` for a format that is valid neither in ``struct`` nor in PEP 3118."""
    try:
        return struct.calcsize(format_)
    except (struct.error, ValueError):
        # `struct` accepts ASCII only (ValueError since CPython 3.15), while names of fields may be any text.
        pass
    try:
        return _core.format_size(format_)
    except ValueError:
        # Not PEP 3118 either, or bytes that are not UTF-8.
        return None


@each_answer(
    code(
        116,
        "array-unreadable",
        Severity.VIOLATION,
        manuals.INDEPENDENT,
        title="format, shape, strides or suboffsets points at unreadable memory",
        rule="The arrays have ndim entries each, and stay readable until the release.",
        consequence="The consumer crashes.",
        remedy="Keep the arrays in the exporter or in an allocation that view->internal points to, not on the stack.",
    )
)
def array_unreadable(answer: Answer, _: Examination) -> str | None:
    return f"{', '.join(answer.unreadable)} cannot be read" if answer.granted and answer.unreadable else None
