"""BUF2 and BUF4: is the memory where the answer puts it, in the order it promises, and writable if it says so?"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from swiftbuffer import capi
from swiftbuffer._check.answers import Answer, Layout, acquire, read_memory
from swiftbuffer._check.examination import AnswerRule, Examination, Observation, Rule
from swiftbuffer._check.requests import asks, spell

__all__ = ["EXPERIMENTS", "RULES"]


def _is_ordered(answer: Answer, examination: Examination, order: str) -> bool:
    """Whether memory that was granted as contiguous is; strides that were not answered are those of the memory."""
    layout = answer.layout if answer["strides"] or answer["ndim"] == 0 else examination.layout
    # Suboffsets have a rule of their own, but no order is right for them either.
    return layout is None or _has_pointers(examination) or layout.is_contiguous(order)


def _has_pointers(examination: Examination) -> bool:
    return examination.layout is not None and examination.layout.suboffsets is not None


def c_order(answer: Answer, examination: Examination) -> bool:
    return answer.sound and asks(answer.request, capi.PyBUF_C_CONTIGUOUS) and not _is_ordered(answer, examination, "C")


def f_order(answer: Answer, examination: Examination) -> bool:
    return answer.sound and asks(answer.request, capi.PyBUF_F_CONTIGUOUS) and not _is_ordered(answer, examination, "F")


def any_order(answer: Answer, examination: Examination) -> bool:
    named = asks(answer.request, capi.PyBUF_C_CONTIGUOUS) or asks(answer.request, capi.PyBUF_F_CONTIGUOUS)
    return (
        answer.sound
        and asks(answer.request, capi.PyBUF_ANY_CONTIGUOUS)
        and not named
        and not _is_ordered(answer, examination, "A")
    )


def strides_hidden(answer: Answer, examination: Examination) -> str | None:
    layout = examination.layout
    if not answer.sound or asks(answer.request, capi.PyBUF_STRIDES) or layout is None or layout.suboffsets is not None:
        return None
    if layout.is_contiguous("C"):
        return None
    return f"granted, while shape={layout.shape!r} strides={layout.strides!r} with PyBUF_STRIDES"


def suboffsets_hidden(answer: Answer, examination: Examination) -> str | None:
    layout = examination.layout
    if not answer.sound or layout is None or layout.suboffsets is None:
        return None
    if asks(answer.request, capi.PyBUF_INDIRECT):
        contiguity = (capi.PyBUF_C_CONTIGUOUS, capi.PyBUF_F_CONTIGUOUS, capi.PyBUF_ANY_CONTIGUOUS)
        if not any(asks(answer.request, flag) for flag in contiguity):
            return None
    return f"granted, while suboffsets={layout.suboffsets!r} with PyBUF_INDIRECT"


def unreadable(examination: Examination) -> Iterator[Observation]:
    """Looks at the outermost items, while a buffer is held."""
    truth, layout = examination.truth, examination.layout
    if truth is None or layout is None or layout.itemsize < 0:
        return
    answer, handle = acquire(examination.obj, truth.request)
    try:
        yield from _look(truth, layout)
    finally:
        examination.release(answer, handle)


def _look(truth: Answer, layout: Layout) -> Iterator[Observation]:
    request, addresses = spell(truth.request), list(layout.corners())
    for address in addresses:
        if address is None or read_memory(address, min(layout.itemsize, 4096)) is None:
            where = "a pointer" if address is None else f"the item at {address:#x}"
            yield Observation("BUF206", request, f"{where} cannot be read: {truth}")
            return
    if truth["readonly"] == 0 and sys.platform == "linux":
        protected = _first_protected([address for address in addresses if address is not None])
        if protected is not None:
            yield Observation("BUF405", request, f"readonly=0, and the page at {protected:#x} cannot be written")


def _first_protected(addresses: list[int]) -> int | None:
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:  # noqa: PTH123 - pathlib takes longer
        ranges = [(line.split(" ", 2)) for line in maps]
    for span, rights, _ in ranges:
        if "w" in rights:
            continue
        low, high = (int(end, 16) for end in span.split("-"))
        for address in addresses:
            if low <= address < high:
                return address
    return None


def writable_readonly(answer: Answer, _: Examination) -> bool:
    return answer.sound and asks(answer.request, capi.PyBUF_WRITABLE) and answer["readonly"] != 0


def readonly_differs(examination: Examination) -> Iterator[Observation]:
    """All answers agree; those that were granted for writing and say read-only have a rule of their own."""
    answers = [
        answer
        for answer in examination.granted
        if not (asks(answer.request, capi.PyBUF_WRITABLE) and answer["readonly"])
    ]
    kinds = {bool(answer["readonly"]): answer for answer in answers}
    if len(kinds) == 2:
        said = f"readonly={kinds[True]['readonly']}; with {spell(kinds[False].request)} readonly=0"
        yield Observation("BUF402", spell(kinds[True].request), said)


def readonly_untrue(examination: Examination) -> Iterator[Observation]:
    """Held against each other: the same request without and with PyBUF_WRITABLE, where all the latter are refused."""
    writable = [answer for answer in examination.answers.values() if asks(answer.request, capi.PyBUF_WRITABLE)]
    if any(answer.granted for answer in writable):
        return
    for answer in examination.granted:
        if answer["readonly"] == 0:
            refusal = examination.answers.get(answer.request | capi.PyBUF_WRITABLE)
            if refusal is None:
                continue
            said = f"readonly=0; with {spell(refusal.request)} {refusal}"
            yield Observation("BUF403", spell(answer.request), said)


def readonly_not_boolean(answer: Answer, _: Examination) -> bool:
    return answer.sound and answer["readonly"] not in (0, 1)


RULES: tuple[Rule, ...] = (
    AnswerRule("BUF201", c_order),
    AnswerRule("BUF202", f_order),
    AnswerRule("BUF203", any_order),
    AnswerRule("BUF204", strides_hidden),
    AnswerRule("BUF205", suboffsets_hidden),
    AnswerRule("BUF401", writable_readonly),
    readonly_differs,
    readonly_untrue,
    AnswerRule("BUF404", readonly_not_boolean),
)
EXPERIMENTS: tuple[Rule, ...] = (unreadable,)
