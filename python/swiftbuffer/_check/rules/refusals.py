# SPDX-License-Identifier: Apache-2.0
"""BUF301 to BUF305, BUF307: how requests are refused."""

from __future__ import annotations

from swiftbuffer import capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer, Layout
from swiftbuffer._check.codes import Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import ORDERS, asks, is_contested
from swiftbuffer._check.rule import code, each_answer


@each_answer(
    code(
        301,
        "wrong-exception",
        Severity.VIOLATION,
        manuals.ACQUIRE,
        title="a refusal raises something other than BufferError",
        rule="A request that cannot be granted raises BufferError.",
        consequence="Consumers that try another request after BufferError fail instead.",
        remedy="Raise BufferError. The only other acceptable exception is MemoryError.",
    )
)
def wrong_exception(answer: Answer, _: Examination) -> str | None:
    if not answer.refused or answer.error is None or answer.is_buffer_error or answer.error == "MemoryError":
        return None
    return str(answer)


@each_answer(
    code(
        302,
        "owner-left",
        Severity.DEVIATION,
        manuals.ACQUIRE,
        title="a refusal leaves view->obj unchanged",
        rule="A refused request sets view->obj to NULL: the manual requires it, and parts of CPython do not do it.",
        consequence="A consumer that releases on its error path drops a reference to an arbitrary address.",
        remedy="Set view->obj to NULL before anything else.",
    )
)
def owner_left(answer: Answer, _: Examination) -> str | None:
    return "view->obj is unchanged" if answer.refused and answer.owner != "null" else None


@each_answer(
    code(
        303,
        "refusal-silent",
        Severity.VIOLATION,
        manuals.ACQUIRE,
        title="a refusal sets no exception",
        rule="getbuffer sets an exception before it returns -1.",
        consequence="Python raises SystemError, far from the cause.",
        remedy="Set BufferError with PyErr_SetString before returning -1.",
    )
)
def refusal_silent(answer: Answer, _: Examination) -> str | None:
    return "returned -1 without an exception" if answer.refused and answer.error is None else None


@each_answer(
    code(
        304,
        "exception-left",
        Severity.VIOLATION,
        manuals.GETBUFFER,
        title="a granted request leaves an exception set",
        rule="getbuffer sets no exception when it returns 0.",
        consequence="The exception surfaces in a later, unrelated call, or as SystemError.",
        remedy="Clear it with PyErr_Clear, or return -1.",
    )
)
def exception_left(answer: Answer, _: Examination) -> str | None:
    if not answer.granted or answer.error is None:
        return None
    return f"returned 0 with {answer.error}: {answer.message}"


@each_answer(
    code(
        305,
        "status-unknown",
        Severity.VIOLATION,
        manuals.GETBUFFER,
        title="getbuffer returned neither 0 nor -1",
        rule="getbuffer returns 0 for a granted request and -1 for a refused one.",
        consequence="Some consumers test for -1, others for nonzero: they disagree about whether they hold a buffer.",
        remedy="Return 0 or -1.",
    )
)
def status_unknown(answer: Answer, _: Examination) -> str | None:
    return f"getbuffer returned {answer.status}" if answer.status not in (0, -1) else None


@each_answer(
    code(
        307,
        "refused-needlessly",
        Severity.DEVIATION,
        manuals.ACQUIRE,
        title="a request is refused although the memory can serve it",
        rule="A request is refused only if the exporter cannot provide what it asks for.",
        consequence="Consumers copy or fail where they could read in place.",
        remedy="Grant every request that the layout allows: contiguous memory serves all of them.",
    )
)
def refused_needlessly(answer: Answer, examination: Examination) -> str | None:
    reference, layout = examination.reference, examination.layout
    if not answer.refused or answer.error is None or reference is None or layout is None:
        return None
    # Read-only memory refuses all requests for writable memory; a format without a shape is contested.
    if asks(answer.request, capi.PyBUF_WRITABLE) and reference["readonly"]:
        return None
    if is_contested(answer.request):
        return None
    if asks(answer.request, capi.PyBUF_WRITABLE) and not _any_writable(examination):
        return None
    return str(answer) if _serves(layout, answer.request) else None


def _serves(layout: Layout, request: int) -> bool:
    """Whether memory of this layout can serve a request, apart from being writable."""
    if layout.suboffsets is not None:
        return asks(request, capi.PyBUF_INDIRECT) and not any(asks(request, flag) for flag in ORDERS)
    if not asks(request, capi.PyBUF_STRIDES):
        return layout.is_contiguous("C")
    return all(layout.is_contiguous(order) for flag, order in ORDERS.items() if asks(request, flag))


def _any_writable(examination: Examination) -> bool:
    return any(asks(answer.request, capi.PyBUF_WRITABLE) for answer in examination.granted)
