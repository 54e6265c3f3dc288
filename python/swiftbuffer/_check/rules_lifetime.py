"""BUF5: the same memory every time, for as long as it is held, and everything given back after."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

from swiftbuffer import _core
from swiftbuffer._check.answers import Answer, acquire, again
from swiftbuffer._check.examination import Examination, Observation, Rule
from swiftbuffer._check.requests import REQUESTS, spell

__all__ = ["EXPERIMENTS", "RULES"]

_ROUNDS = 5


def same_memory(examination: Examination) -> Iterator[Observation]:
    """Every answer against the one that tells most."""
    truth, layout = examination.truth, examination.layout
    if truth is None or layout is None:
        return
    told = spell(truth.request)
    for answer in examination.granted:
        request = spell(answer.request)
        if answer["buf"] != truth["buf"] and truth["len"] > 0:
            examination.moves = True
            yield Observation("BUF501", request, f"buf={answer['buf']:#x}; with {told} buf={truth['buf']:#x}")
        difference = _difference(answer, truth)
        if difference:
            name, here, there = difference
            yield Observation("BUF502", request, f"{name}={here!r}; with {told} {name}={there!r}")


def _difference(answer: Answer, truth: Answer) -> tuple[str, object, object] | None:
    """The first field that both answers hold and disagree on."""
    if answer["len"] != truth["len"]:
        return "len", answer["len"], truth["len"]
    if answer.shape is not None and answer["itemsize"] != truth["itemsize"]:
        return "itemsize", answer["itemsize"], truth["itemsize"]
    if answer.shape is not None and truth.shape is not None and answer["ndim"] != truth["ndim"]:
        return "ndim", answer["ndim"], truth["ndim"]
    for name in ("format", "shape", "strides"):
        here, there = getattr(answer, name), getattr(truth, name)
        if here is not None and there is not None and here != there:
            # Strides mean nothing along axes of length 1, nor in empty memory.
            if name == "strides" and answer.layout and truth.layout and _same_steps(here, there, answer.layout.shape):
                continue
            return name, here, there
    return None


def _same_steps(here: tuple[int, ...], there: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return 0 in shape or all(a == b for a, b, length in zip(here, there, shape, strict=False) if length > 1)


def nested(examination: Examination) -> Iterator[Observation]:
    """Every request again, all buffers held at once, looked at again before each release."""
    held: list[tuple[Answer, object]] = []
    for request in REQUESTS:
        before = examination.answers[request]
        examination.step(f"answering {spell(request)} while {len(held)} buffers are held")
        answer, handle = acquire(examination.obj, request)
        if before.granted and not answer.granted:
            # Only a refusal that another try confirms is due to what is held.
            yield from _alone_or_unsteady(examination, before, answer, held)
            continue
        if answer.granted != before.granted:
            yield Observation("BUF306", spell(request), f"first {before}; then {answer}")
        if answer.granted:
            held.append((answer, handle))
    yield from _moved(examination, [answer for answer, _ in held])
    # In the opposite order, so that whatever the first answers point to has had every chance to be overwritten.
    while held:
        answer, handle = held.pop()
        examination.step(f"releasing {spell(answer.request)}")
        now = again(answer, handle)
        if answer.sound and (now.fields, now.shape, now.strides, now.suboffsets, now.format) != (
            answer.fields,
            answer.shape,
            answer.strides,
            answer.suboffsets,
            answer.format,
        ):
            yield Observation("BUF503", spell(answer.request), f"first {answer}; later {now}")
        examination.release(answer, handle)
    for request in REQUESTS:
        before, answer = examination.answers[request], examination.ask(request)
        if answer.granted != before.granted:
            yield Observation("BUF306", spell(request), f"first {before}; then {answer}")


def _moved(examination: Examination, held: list[Answer]) -> Iterator[Observation]:
    """Whether buffers that are held together are of one memory: what was freed between requests may be given again."""
    answers = [answer for answer in held if answer.sound and answer["len"] > 0]
    for answer in answers:
        first = answers[0]
        if answer["buf"] != first["buf"]:
            examination.moves = True
            said = f"buf={answer['buf']:#x}; held at the same time, with {spell(first.request)}, buf={first['buf']:#x}"
            yield Observation("BUF501", spell(answer.request), said)


def _alone_or_unsteady(
    examination: Examination, before: Answer, answer: Answer, held: list[tuple[Answer, object]]
) -> Iterator[Observation]:
    holders = ", ".join(sorted({spell(other.request) for other, _ in held})[:3])
    for other, handle in held:
        examination.release(other, handle)
    held.clear()
    if examination.ask(answer.request).granted and holders:
        examination.exclusive = True
        yield Observation("BUF510", spell(answer.request), f"{answer}; while {holders} was held")
    else:
        yield Observation("BUF306", spell(answer.request), f"first {before}; then {answer}")


def references(examination: Examination) -> Iterator[Observation]:
    """References before and after: of each request, released plainly; and of one, released through a copy."""
    obj = examination.obj
    for request in REQUESTS:
        change = _change(examination, request)
        if change and _change(examination, request) == change:
            said = f"{abs(change)} references {'more' if change > 0 else 'fewer'} after {_ROUNDS} buffers"
            yield Observation("BUF504" if change > 0 else "BUF505", spell(request), said)

    truth = examination.truth
    if truth is None:
        return
    plain, gone = _change(examination, truth.request), _change(examination, truth.request, copied=True)
    if gone != plain:
        said = f"{gone - plain:+d} references after {_ROUNDS} releases through a copy"
        yield Observation("BUF506", spell(truth.request), said)
    examination.step(f"releasing {spell(truth.request)} through a copy of the Py_buffer")
    _, handle = acquire(obj, truth.request)
    failure = examination.failure(handle, copied=True)
    # One that fails at every release has a rule of its own.
    _, handle = acquire(obj, truth.request)
    if failure and examination.failure(handle) is None:
        yield Observation("BUF506", spell(truth.request), failure[1])


def _change(examination: Examination, request: int, *, copied: bool = False) -> int:
    """How many references to the exporter a number of requests has left behind."""
    obj = examination.obj
    examination.step(f"releasing {spell(request)}{' through a copy of the Py_buffer' if copied else ''}")
    before = sys.getrefcount(obj)
    for _ in range(_ROUNDS):
        handle = _core._probe(obj, request)[4]
        _core._probe_release(handle, copied)
        del handle
    after = sys.getrefcount(obj)
    if after > before:
        # Exceptions of exporters written in Python hold frames, and those the exporter; all of them are young.
        gc.collect(1)
        after = sys.getrefcount(obj)
    return after - before


RULES: tuple[Rule, ...] = (same_memory,)
EXPERIMENTS: tuple[Rule, ...] = (nested, references)
