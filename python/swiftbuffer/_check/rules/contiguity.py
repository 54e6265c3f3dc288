# SPDX-License-Identifier: Apache-2.0
"""BUF201 to BUF205: whether memory is contiguous, direct and in order, as a granted request promises."""

from __future__ import annotations

from swiftbuffer import capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.codes import Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import ORDERS, asks
from swiftbuffer._check.rule import code, each_answer


def _is_out_of_order(answer: Answer, examination: Examination, flag: int) -> bool:
    """Whether memory was granted as contiguous and is not. Without strides, the answer has those of the memory."""
    if not answer.sound or not asks(answer.request, flag):
        return False
    if examination.layout is not None and examination.layout.suboffsets is not None:
        # Memory with suboffsets that is granted as contiguous is BUF205.
        return False
    layout = answer.layout if answer["strides"] or answer["ndim"] == 0 else examination.layout
    return layout is not None and not layout.is_contiguous(ORDERS[flag])


@each_answer(
    code(
        201,
        "c-order-broken",
        Severity.VIOLATION,
        manuals.CONTIGUITY,
        title="C order was requested and granted, but the memory is not C-contiguous",
        rule="PyBUF_C_CONTIGUOUS is granted only for C-contiguous memory, and otherwise refused with BufferError.",
        consequence="The consumer reads len contiguous bytes: wrong items, and bytes beyond the memory.",
        remedy="Test the strides, and refuse with BufferError.",
    )
)
def c_order_broken(answer: Answer, examination: Examination) -> bool:
    return _is_out_of_order(answer, examination, capi.PyBUF_C_CONTIGUOUS)


@each_answer(
    code(
        202,
        "f-order-broken",
        Severity.VIOLATION,
        manuals.CONTIGUITY,
        title="Fortran order was requested and granted, but the memory is not F-contiguous",
        rule="PyBUF_F_CONTIGUOUS is granted only for F-contiguous memory.",
        consequence="Linear algebra reads the matrix transposed, or wrong items.",
        remedy="Test the strides, and refuse with BufferError.",
    )
)
def f_order_broken(answer: Answer, examination: Examination) -> bool:
    return _is_out_of_order(answer, examination, capi.PyBUF_F_CONTIGUOUS)


@each_answer(
    code(
        203,
        "contiguity-broken",
        Severity.VIOLATION,
        manuals.CONTIGUITY,
        title="contiguous memory was requested and granted, but the memory is not contiguous",
        rule="PyBUF_ANY_CONTIGUOUS is granted only for C-contiguous or F-contiguous memory.",
        consequence="The consumer reads len contiguous bytes: wrong items, and bytes beyond the memory.",
        remedy="Test the strides, and refuse with BufferError.",
    )
)
def contiguity_broken(answer: Answer, examination: Examination) -> bool:
    named = asks(answer.request, capi.PyBUF_C_CONTIGUOUS) or asks(answer.request, capi.PyBUF_F_CONTIGUOUS)
    return not named and _is_out_of_order(answer, examination, capi.PyBUF_ANY_CONTIGUOUS)


@each_answer(
    code(
        204,
        "strides-hidden",
        Severity.VIOLATION,
        manuals.SHAPE,
        title="strides were not requested, and memory that is not C-contiguous was granted",
        rule="Requests without PyBUF_STRIDES are granted only for C-contiguous memory.",
        consequence="bytes(obj), hashes, files and sockets read items in another order, or beyond the memory.",
        remedy="Refuse requests without PyBUF_STRIDES for memory that is not C-contiguous.",
    )
)
def strides_hidden(answer: Answer, examination: Examination) -> str | None:
    layout = examination.layout
    if not answer.sound or asks(answer.request, capi.PyBUF_STRIDES) or layout is None or layout.suboffsets is not None:
        return None
    if layout.is_contiguous("C"):
        return None
    return f"granted, while shape={layout.shape!r} strides={layout.strides!r} with PyBUF_STRIDES"


@each_answer(
    code(
        205,
        "suboffsets-hidden",
        Severity.VIOLATION,
        manuals.INDIRECT,
        title="memory with suboffsets was granted to a request that excludes them",
        rule="Memory with suboffsets is granted only to requests with PyBUF_INDIRECT, and is never contiguous.",
        consequence="The consumer reads the pointers as if they were items.",
        remedy="Refuse requests without PyBUF_INDIRECT, and requests for contiguous memory.",
    )
)
def suboffsets_hidden(answer: Answer, examination: Examination) -> str | None:
    layout = examination.layout
    if not answer.sound or layout is None or layout.suboffsets is None:
        return None
    if asks(answer.request, capi.PyBUF_INDIRECT) and not any(asks(answer.request, flag) for flag in ORDERS):
        return None
    return f"granted, while suboffsets={layout.suboffsets!r} with PyBUF_INDIRECT"
