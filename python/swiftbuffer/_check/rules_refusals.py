"""BUF3 and BUF7: how requests are refused, and the points on which precedents disagree."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer import capi
from swiftbuffer._check.answers import Answer, Layout
from swiftbuffer._check.examination import AnswerRule, Examination, Observation, Rule
from swiftbuffer._check.requests import asks, is_contested, spell

__all__ = ["RULES"]


def _refused(answer: Answer) -> bool:
    return answer.status == -1


def wrong_exception(answer: Answer, _: Examination) -> str | None:
    if not _refused(answer) or answer.error is None or answer.is_buffer_error or answer.error == "MemoryError":
        return None
    return str(answer)


def owner_left(answer: Answer, _: Examination) -> str | None:
    return "view->obj as it was before" if _refused(answer) and answer.owner != "null" else None


def silent(answer: Answer, _: Examination) -> str | None:
    return "-1, and no exception" if _refused(answer) and answer.error is None else None


def exception_left(answer: Answer, _: Examination) -> str | None:
    if not answer.granted or answer.error is None:
        return None
    return f"0, and {answer.error}: {answer.message}"


def status_unknown(answer: Answer, _: Examination) -> str | None:
    return f"getbuffer returned {answer.status}" if answer.status not in (0, -1) else None


def needless(answer: Answer, examination: Examination) -> str | None:
    truth, layout = examination.truth, examination.layout
    if not _refused(answer) or answer.error is None or truth is None or layout is None:
        return None
    # What is refused to all who write is refused for being read-only; a format without a shape is contested.
    if asks(answer.request, capi.PyBUF_WRITABLE) and truth["readonly"]:
        return None
    if is_contested(answer.request):
        return None
    if asks(answer.request, capi.PyBUF_WRITABLE) and not _any_writable(examination):
        return None
    return str(answer) if serves(layout, answer.request) else None


def serves(layout: Layout, request: int) -> bool:
    """Whether memory of this layout can serve a request, apart from being writable."""
    if layout.suboffsets is not None:
        return asks(request, capi.PyBUF_INDIRECT) and not any(asks(request, flag) for flag in _ORDERS)
    if not asks(request, capi.PyBUF_STRIDES):
        return layout.is_contiguous("C")
    return all(layout.is_contiguous(order) for flag, order in _ORDERS.items() if asks(request, flag))


_ORDERS = {capi.PyBUF_C_CONTIGUOUS: "C", capi.PyBUF_F_CONTIGUOUS: "F", capi.PyBUF_ANY_CONTIGUOUS: "A"}


def _any_writable(examination: Examination) -> bool:
    return any(asks(answer.request, capi.PyBUF_WRITABLE) for answer in examination.granted)


def ndim_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_ND) and answer["ndim"] != 1


def itemsize_unasked(answer: Answer, examination: Examination) -> str | None:
    truth = examination.truth
    if not answer.sound or asks(answer.request, capi.PyBUF_ND) or truth is None:
        return None
    if answer["ndim"] == 0 and answer["itemsize"] != answer["len"]:
        return f"{answer}: one item of {answer['itemsize']} bytes in {answer['len']}"
    if answer["itemsize"] != truth["itemsize"]:
        return f"itemsize={answer['itemsize']}; with {spell(truth.request)} itemsize={truth['itemsize']}"
    return None


def format_without_shape(answer: Answer, _: Examination) -> bool:
    return answer.sound and is_contested(answer.request)


def partial_flag(examination: Examination) -> Iterator[Observation]:
    """Bits that are no whole flag must be answered as SIMPLE is."""
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
            yield Observation("BUF704", spell(answer.request), f"{answer}; with PyBUF_SIMPLE {simple}")


RULES: tuple[Rule, ...] = (
    AnswerRule("BUF301", wrong_exception),
    AnswerRule("BUF302", owner_left),
    AnswerRule("BUF303", silent),
    AnswerRule("BUF304", exception_left),
    AnswerRule("BUF305", status_unknown),
    AnswerRule("BUF307", needless),
    AnswerRule("BUF701", ndim_unasked),
    AnswerRule("BUF702", itemsize_unasked),
    AnswerRule("BUF703", format_without_shape),
    partial_flag,
)
