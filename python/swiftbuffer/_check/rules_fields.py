"""BUF1: is each field of an answer what the request asked for, and true?"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from math import prod

from swiftbuffer import capi, empty
from swiftbuffer._check.answers import Answer
from swiftbuffer._check.examination import Examination, Observation, Rule, each_answer
from swiftbuffer._check.requests import asks, spell

__all__ = ["RULES"]


@each_answer("BUF101")
def unfilled(answer: Answer, _: Examination) -> str | None:
    if not answer.granted or not answer.unfilled:
        return None
    return f"left as before the request: {', '.join(answer.unfilled)}"


@each_answer("BUF102")
def owner_null(answer: Answer, _: Examination) -> str | None:
    return "obj=NULL" if answer.granted and answer.owner == "null" else None


@each_answer("BUF103")
def shape_missing(answer: Answer, _: Examination) -> bool:
    return answer.sound and asks(answer.request, capi.PyBUF_ND) and answer["ndim"] > 0 and not answer["shape"]


@each_answer("BUF104")
def shape_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_ND) and answer["shape"] != 0


@each_answer("BUF105")
def strides_missing(answer: Answer, _: Examination) -> bool:
    return answer.sound and asks(answer.request, capi.PyBUF_STRIDES) and answer["ndim"] > 0 and not answer["strides"]


@each_answer("BUF106")
def strides_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_STRIDES) and answer["strides"] != 0


@each_answer("BUF107")
def suboffsets_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_INDIRECT) and answer["suboffsets"] != 0


@each_answer("BUF108")
def suboffsets_needless(answer: Answer, _: Examination) -> bool:
    offsets = answer.suboffsets
    # Where they were not asked for, that is what is wrong with them; for 0-d, that they are there at all.
    asked = asks(answer.request, capi.PyBUF_INDIRECT)
    return answer.sound and asked and bool(offsets) and all(offset < 0 for offset in offsets or ())


@each_answer("BUF109")
def format_missing(answer: Answer, _: Examination) -> bool:
    # Without a shape, whether there is a format is contested.
    wanted = capi.PyBUF_FORMAT | capi.PyBUF_ND
    return answer.sound and asks(answer.request, wanted) and not answer["format"]


@each_answer("BUF110")
def format_unasked(answer: Answer, _: Examination) -> bool:
    return answer.sound and not asks(answer.request, capi.PyBUF_FORMAT) and answer["format"] != 0


@each_answer("BUF111")
def ndim_out_of_range(answer: Answer, _: Examination) -> bool:
    return answer.granted and "ndim" not in answer.unfilled and not 0 <= answer["ndim"] <= capi.PyBUF_MAX_NDIM


@each_answer("BUF112")
def length_negative(answer: Answer, _: Examination) -> bool:
    return answer.sound and any(length < 0 for length in answer.shape or ())


@each_answer("BUF113")
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


@each_answer("BUF115")
def scalar_with_axes(answer: Answer, _: Examination) -> bool:
    if not answer.sound or answer["ndim"] != 0 or not asks(answer.request, capi.PyBUF_ND):
        return False
    return any(answer[name] for name in ("shape", "strides", "suboffsets"))


@each_answer("BUF116")
def array_unreadable(answer: Answer, _: Examination) -> str | None:
    return f"{', '.join(answer.unreadable)} cannot be read" if answer.granted and answer.unreadable else None


@cache
def size_of(format_: str) -> int | None:
    """The bytes of one item; ``None`` for a format that neither ``struct`` nor PEP 3118 knows."""
    try:
        return struct.calcsize(format_)
    except struct.error:
        pass
    try:
        size: int = empty((0,), format_).itemsize
    except (ValueError, TypeError, NotImplementedError, OverflowError):
        return None
    return size


RULES: tuple[Rule, ...] = (
    unfilled,
    owner_null,
    shape_missing,
    shape_unasked,
    strides_missing,
    strides_unasked,
    suboffsets_unasked,
    suboffsets_needless,
    format_missing,
    format_unasked,
    ndim_out_of_range,
    length_negative,
    len_mismatch,
    itemsize_mismatch,
    scalar_with_axes,
    array_unreadable,
)
