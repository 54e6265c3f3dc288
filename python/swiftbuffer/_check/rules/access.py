# SPDX-License-Identifier: Apache-2.0
"""BUF206, BUF401 to BUF405: whether memory can be read, and written if the answer says so."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from swiftbuffer import capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer, Layout, acquire, read_memory
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import asks, request_name
from swiftbuffer._check.rule import Phase, code, each_answer, experiment

MEMORY_UNREADABLE = code(
    206,
    "memory-unreadable",
    Severity.VIOLATION,
    manuals.INDEPENDENT,
    title="items are outside of readable memory",
    rule="Every item that shape and strides describe is inside the exporter's memory.",
    consequence="The consumer crashes.",
    remedy="Compare shape, strides and buf with the allocation; with negative strides, buf is the last item's address.",
)
WRITE_PROTECTED = code(
    405,
    "write-protected",
    Severity.VIOLATION,
    manuals.READONLY,
    title="readonly is 0 although the pages are write-protected",
    rule="readonly 0 means that the consumer may write.",
    consequence="The first write crashes the process.",
    remedy="Set readonly to 1 for memory mapped without PROT_WRITE, and for constants.",
)


@experiment(MEMORY_UNREADABLE, WRITE_PROTECTED)
def access_outermost_items(examination: Examination) -> Iterator[Observation]:
    """Accesses the outermost items while a buffer is held."""
    reference, layout = examination.reference, examination.layout
    if reference is None or layout is None or layout.itemsize < 0:
        return
    answer, handle = acquire(examination.obj, reference.request)
    try:
        yield from _access(reference, layout)
    finally:
        examination.release(answer, handle)


def _access(reference: Answer, layout: Layout) -> Iterator[Observation]:
    request, addresses = request_name(reference.request), list(layout.corners())
    for address in addresses:
        if address is None or read_memory(address, min(layout.itemsize, 4096)) is None:
            where = "a pointer" if address is None else f"the item at {address:#x}"
            yield MEMORY_UNREADABLE.observed(request, f"{where} cannot be read: {reference}")
            return
    if reference["readonly"] == 0 and sys.platform == "linux":
        protected = first_protected([address for address in addresses if address is not None])
        if protected is not None:
            yield WRITE_PROTECTED.observed(request, f"readonly=0, and the page at {protected:#x} cannot be written")


def first_protected(addresses: list[int]) -> int | None:
    """The first address whose page cannot be written."""
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


@each_answer(
    code(
        401,
        "writable-readonly",
        Severity.VIOLATION,
        manuals.READONLY,
        title="writable memory was requested and granted, and readonly is not 0",
        rule="With PyBUF_WRITABLE, the exporter provides a writable buffer or refuses.",
        consequence="The consumer writes memory that must not change, such as that of a bytes object.",
        remedy="Refuse PyBUF_WRITABLE with BufferError for read-only memory.",
    )
)
def writable_readonly(answer: Answer, _: Examination) -> bool:
    return answer.sound and asks(answer.request, capi.PyBUF_WRITABLE) and answer["readonly"] != 0


READONLY_DIFFERS = code(
    402,
    "readonly-differs",
    Severity.VIOLATION,
    manuals.READONLY,
    title="readonly differs between answers",
    rule="readonly is the same for all consumers.",
    consequence="One consumer writes memory that another treats as constant, and has hashed or cached.",
    remedy="Derive readonly from the memory, not from the request.",
)


@experiment(READONLY_DIFFERS, phase=Phase.ANSWERS)
def compare_readonly(examination: Examination) -> Iterator[Observation]:
    """Compares readonly of all answers, except those that break BUF401."""
    answers = [
        answer
        for answer in examination.granted
        if not (asks(answer.request, capi.PyBUF_WRITABLE) and answer["readonly"])
    ]
    kinds = {bool(answer["readonly"]): answer for answer in answers}
    if len(kinds) == 2:
        seen = f"readonly={kinds[True]['readonly']}; with {request_name(kinds[False].request)} readonly=0"
        yield READONLY_DIFFERS.observed(request_name(kinds[True].request), seen)


READONLY_UNTRUE = code(
    403,
    "readonly-untrue",
    Severity.VIOLATION,
    manuals.READONLY,
    title="readonly is 0 although requests for writable memory are refused",
    rule="readonly tells whether the memory may be written, even if that was not requested.",
    consequence="A consumer writes memory that is not writable.",
    remedy="Set readonly to 1 where PyBUF_WRITABLE is refused.",
)


@experiment(READONLY_UNTRUE, phase=Phase.ANSWERS)
def compare_with_writable(examination: Examination) -> Iterator[Observation]:
    """Compares each request with the same one for writable memory, if all of those are refused."""
    writable = [answer for answer in examination.answers.values() if asks(answer.request, capi.PyBUF_WRITABLE)]
    if any(answer.granted for answer in writable):
        return
    for answer in examination.granted:
        if answer["readonly"] == 0:
            refusal = examination.answers.get(answer.request | capi.PyBUF_WRITABLE)
            if refusal is None:
                continue
            seen = f"readonly=0; with {request_name(refusal.request)} {refusal}"
            yield READONLY_UNTRUE.observed(request_name(answer.request), seen)


@each_answer(
    code(
        404,
        "readonly-not-boolean",
        Severity.DEVIATION,
        manuals.STRUCTURE,
        title="readonly is neither 0 nor 1",
        rule="readonly is a truth value; CPython's PyBuffer_FillInfo compares it with 1.",
        consequence="Code that tests for 1 treats the memory as writable.",
        remedy="Set readonly to 0 or 1.",
    )
)
def readonly_not_boolean(answer: Answer, _: Examination) -> bool:
    return answer.sound and answer["readonly"] not in (0, 1)
