"""BUF1: is each field of an answer what the request asked for, and true?"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from math import prod

from swiftbuffer import _core, capi
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.examination import AnswerRule, Examination, Observation, Rule
from swiftbuffer._check.requests import asks, spell

__all__ = ["RULES"]


def unfilled(answer: Answer, _: Examination) -> str | None:
    if not answer.granted or not answer.unfilled:
        return None
    return f"left as before the request: {', '.join(answer.unfilled)}"


def owner_null(answer: Answer, _: Examination) -> str | None:
    return "obj=NULL" if answer.granted and answer.owner == "null" else None


def shape_missing(answer: Answer, _: Examination) -> bool:
    return answer.sound and asks(answer.request, capi.PyBUF_ND) and answer["ndim"] > 0 and not answer["shape"]


def shape_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_ND) and answer["shape"] != 0


def strides_missing(answer: Answer, _: Examination) -> bool:
    return answer.sound and asks(answer.request, capi.PyBUF_STRIDES) and answer["ndim"] > 0 and not answer["strides"]


def strides_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_STRIDES) and answer["strides"] != 0


def suboffsets_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_INDIRECT) and answer["suboffsets"] != 0


def suboffsets_needless(answer: Answer, _: Examination) -> bool:
    offsets = answer.suboffsets
    # Where they were not asked for, that is what is wrong with them; for 0-d, that they are there at all.
    asked = asks(answer.request, capi.PyBUF_INDIRECT)
    return answer.sound and asked and bool(offsets) and all(offset < 0 for offset in offsets or ())


def format_missing(answer: Answer, _: Examination) -> bool:
    # Without a shape, whether there is a format is contested.
    wanted = capi.PyBUF_FORMAT | capi.PyBUF_ND
    return answer.sound and asks(answer.request, wanted) and not answer["format"]


def format_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_FORMAT) and answer["format"] != 0


def ndim_out_of_range(answer: Answer, _: Examination) -> bool:
    return answer.granted and "ndim" not in answer.unfilled and not 0 <= answer["ndim"] <= capi.PyBUF_MAX_NDIM


def length_negative(answer: Answer, _: Examination) -> bool:
    return answer.sound and any(length < 0 for length in answer.shape or ())


def len_mismatch(answer: Answer, _: Examination) -> bool:
    if not answer.sound or not asks(answer.request, capi.PyBUF_ND):
        return False
    shape = () if answer["ndim"] == 0 else answer.shape
    if shape is None or any(length < 0 for length in shape) or answer["itemsize"] < 0:
        return False
    return prod(shape) * answer["itemsize"] != answer["len"]


def itemsize_mismatch(examination: Examination) -> Iterator[Observation]:
    """The format is held against the itemsize; one that nobody knows is another finding."""
    for answer in examination.granted:
        request = spell(answer.request)
        if answer["itemsize"] < 0:
            yield Observation("BUF114", request, str(answer))
        elif answer.format is not None and asks(answer.request, capi.PyBUF_FORMAT | capi.PyBUF_ND):
            size = size_of(answer.format)
            if size is None:
                yield Observation("BUF117", request, f"format={answer.format!r}")
            elif size != answer["itemsize"]:
                said = f"format={answer.format!r}, which is {size} bytes, with itemsize={answer['itemsize']}"
                yield Observation("BUF114", request, said)


def scalar_with_axes(answer: Answer, _: Examination) -> bool:
    if not answer.sound or answer["ndim"] != 0 or not asks(answer.request, capi.PyBUF_ND):
        return False
    return any(answer[name] for name in ("shape", "strides", "suboffsets"))


def array_unreadable(answer: Answer, _: Examination) -> str | None:
    return f"{', '.join(answer.unreadable)} cannot be read" if answer.granted and answer.unreadable else None


def size_of(format_: str) -> int | None:
    """The bytes of one item; ``None`` for a format that neither ``struct`` nor PEP 3118 knows."""
    try:
        return struct.calcsize(format_)
    except (struct.error, ValueError):
        # Not `struct`'s, which knows ASCII alone (a ValueError since CPython 3.15); names of fields may be any text.
        pass
    try:
        return _core.format_size(format_)
    except ValueError:
        # Not PEP 3118's either, or bytes that are not UTF-8.
        return None


RULES: tuple[Rule, ...] = (
    AnswerRule("BUF101", unfilled),
    AnswerRule("BUF102", owner_null),
    AnswerRule("BUF103", shape_missing),
    AnswerRule("BUF104", shape_unasked),
    AnswerRule("BUF105", strides_missing),
    AnswerRule("BUF106", strides_unasked),
    AnswerRule("BUF107", suboffsets_unasked),
    AnswerRule("BUF108", suboffsets_needless),
    AnswerRule("BUF109", format_missing),
    AnswerRule("BUF110", format_unasked),
    AnswerRule("BUF111", ndim_out_of_range),
    AnswerRule("BUF112", length_negative),
    AnswerRule("BUF113", len_mismatch),
    itemsize_mismatch,
    AnswerRule("BUF115", scalar_with_axes),
    AnswerRule("BUF116", array_unreadable),
)
