# SPDX-License-Identifier: Apache-2.0
"""BUF508, BUF509: whether memory stays valid when the object is resized or closed while exports are outstanding."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from swiftbuffer import _testing
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer, acquire, described, read_memory
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import request_name
from swiftbuffer._check.rule import Phase, code, experiment
from swiftbuffer._check.rules.locks import EXPORT_LEAK
from swiftbuffer._check.rules.references import COPIED_RELEASE

RESIZED_WHILE_EXPORTED = code(
    508,
    "resized-while-exported",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="the object was resized while exports were outstanding",
    rule="While exports are outstanding, the memory neither moves nor changes size: resizing raises BufferError.",
    consequence="The consumer reads and writes freed memory.",
    remedy="Count exports, and refuse to resize while any are outstanding.",
)


@experiment(RESIZED_WHILE_EXPORTED, EXPORT_LEAK, COPIED_RELEASE, phase=Phase.CHANGES)
def resizing(examination: Examination) -> Iterator[Observation]:
    """Resizes the object while a buffer is held, which must be refused, and after the release, which must succeed."""
    resize, obj = examination.resize, examination.obj
    reference = examination.reference
    if resize is None or reference is None:
        return
    examination.step("being resized while a buffer is held")
    answer, handle = acquire(obj, reference.request)
    refusal = _raised(resize, obj)
    if refusal is None:
        after, other = acquire(obj, reference.request)
        _testing._probe_release(other)
        if not after.granted or any(after[name] != answer[name] for name in ("buf", "len")):
            seen = f"resized; the held buffer has buf={answer['buf']:#x} len={answer['len']}, a new one "
            seen += f"buf={after['buf']:#x} len={after['len']}" if after.granted else f"is refused: {after}"
            yield RESIZED_WHILE_EXPORTED.observed(request_name(reference.request), seen)
    _testing._probe_release(handle)
    if refusal is not None:
        examination.step("being resized after the release")
        yield from _resize_again(examination, resize, reference)


def _resize_again(
    examination: Examination, resize: Callable[[object], object], reference: Answer
) -> Iterator[Observation]:
    """Resizes the object while no buffer is held, which must succeed."""
    refusal = _raised(resize, examination.obj)
    if refusal is not None:
        yield EXPORT_LEAK.observed(request_name(reference.request), f"after the last release: {refusal}")
        return
    # A release through a copy of the Py_buffer must unlock the object too.
    _, handle = acquire(examination.obj, reference.request)
    _testing._probe_release(handle, True)
    refusal = _raised(resize, examination.obj)
    if refusal is not None:
        yield COPIED_RELEASE.observed(request_name(reference.request), f"after a release through a copy: {refusal}")


FREED_WHILE_EXPORTED = code(
    509,
    "freed-while-exported",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="closing the object freed its memory while exports were outstanding",
    rule="The memory stays valid until the last buffer is released.",
    consequence="The consumer reads and writes freed memory.",
    remedy="Refuse to close while exports are outstanding, or free the memory at the last release.",
)


@experiment(FREED_WHILE_EXPORTED, phase=Phase.CHANGES)
def closing(examination: Examination) -> Iterator[Observation]:
    """Closes the object while a buffer is held; if that succeeds, tests whether the memory was freed."""
    close, obj, reference = examination.close, examination.obj, examination.reference
    if close is None or reference is None or reference.layout is None or reference["len"] == 0:
        return
    examination.step("being closed while a buffer is held")
    answer, handle = acquire(obj, reference.request)
    size = min(answer["len"], 4096)
    # Of memory that is not contiguous, only the first item is known to be inside the memory.
    size = size if reference.layout.is_contiguous("A") else reference.layout.itemsize
    before = read_memory(answer["buf"], size)
    if _raised(close, obj) is None:
        # The allocator reuses memory that was freed for blocks of the same size.
        reused = [bytearray(b"\xa5") * answer["len"] for _ in range(64)] if answer["len"] < 1 << 20 else []
        after = read_memory(answer["buf"], size)
        del reused
        if after is None or after != before:
            what = "is unmapped" if after is None else "was reused"
            yield FREED_WHILE_EXPORTED.observed(
                request_name(reference.request), f"closed; the memory at {answer['buf']:#x} {what}"
            )
    _testing._probe_release(handle)


def _raised(change: Callable[[object], object], obj: object) -> str | None:
    try:
        change(obj)
    except Exception as error:
        return described(error)
    return None
