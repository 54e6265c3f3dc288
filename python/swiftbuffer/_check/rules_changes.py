"""BUF5, continued: what happens to live buffers when the object is resized or closed, and when threads ask at once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

from swiftbuffer import _core
from swiftbuffer._check.answers import Answer, acquire, described, read_memory
from swiftbuffer._check.examination import Examination, Observation, Rule
from swiftbuffer._check.requests import REQUESTS, spell

__all__ = ["EXPERIMENTS"]

_THREADS = 4
_ROUNDS = 20


def threads(examination: Examination) -> Iterator[Observation]:
    """Some telling requests, from several threads at the same time."""
    if examination.exclusive:
        return
    answers = [examination.ask(request) for request in REQUESTS[::7]]
    requests = [answer for answer in answers if answer.sound or answer.status == -1]
    wrong: list[Observation] = []
    start = threading.Barrier(_THREADS)

    def ask() -> None:
        try:
            start.wait()
        except threading.BrokenBarrierError:
            return
        for _ in range(_ROUNDS):
            for before in requests:
                answer, handle = acquire(examination.obj, before.request)
                _core._probe_release(handle)
                if _told(answer, examination) != _told(before, examination):
                    said = f"{_addressed(answer, before)}; alone {_addressed(before, answer)}"
                    wrong.append(Observation("BUF511", spell(before.request), said))

    examination.step(f"answering {_THREADS} threads at once")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        workers = [threading.Thread(target=ask) for _ in range(_THREADS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        # A signal's handler may raise while they are being started: who waits for the rest must not wait for ever.
        start.abort()
        sys.setswitchinterval(interval)
    yield from wrong[:20]


def _addressed(answer: Answer, other: Answer) -> str:
    """An answer with its address, where another has another."""
    differ = answer.granted and other.granted and answer["buf"] != other["buf"]
    return f"buf={answer['buf']:#x} {answer}" if differ else str(answer)


def _told(answer: Answer, examination: Examination) -> tuple[object, ...]:
    fields = tuple(answer[name] for name in ("len", "itemsize", "readonly", "ndim"))
    if not answer.granted:
        fields = ()
    elif not examination.moves:
        # Memory that is new for each request is another finding.
        fields += (answer["buf"],)
    return (answer.status, answer.error, fields, answer.format, answer.shape, answer.strides, answer.suboffsets)


def resizing(examination: Examination) -> Iterator[Observation]:
    """Resizes the object under a live buffer, which must be refused, and after the release, which must work."""
    resize, obj = examination.resize, examination.obj
    truth = examination.truth
    if resize is None or truth is None:
        return
    examination.step("being resized while a buffer is held")
    answer, handle = acquire(obj, truth.request)
    refusal = _raised(resize, obj)
    if refusal is None:
        after, other = acquire(obj, truth.request)
        _core._probe_release(other)
        if not after.granted or any(after[name] != answer[name] for name in ("buf", "len")):
            said = f"resized; the live buffer has buf={answer['buf']:#x} len={answer['len']}, a new one "
            said += f"buf={after['buf']:#x} len={after['len']}" if after.granted else f"is refused: {after}"
            yield Observation("BUF508", spell(truth.request), said)
    _core._probe_release(handle)
    if refusal is not None:
        examination.step("being resized after the release")
        yield from _still_locked(examination, resize, truth)


def _still_locked(examination: Examination, resize: Callable[[object], object], truth: Answer) -> Iterator[Observation]:
    refusal = _raised(resize, examination.obj)
    if refusal is not None:
        yield Observation("BUF507", spell(truth.request), f"after the last release: {refusal}")
        return
    # The lock must come off however the buffer was handed back.
    _, handle = acquire(examination.obj, truth.request)
    _core._probe_release(handle, True)
    refusal = _raised(resize, examination.obj)
    if refusal is not None:
        yield Observation("BUF506", spell(truth.request), f"after a release through a copy: {refusal}")


def closing(examination: Examination) -> Iterator[Observation]:
    """Closes the object under a live buffer; if it lets that happen, looks whether the memory is used again."""
    close, obj, truth = examination.close, examination.obj, examination.truth
    if close is None or truth is None or truth.layout is None or truth["len"] == 0:
        return
    examination.step("being closed while a buffer is held")
    answer, handle = acquire(obj, truth.request)
    size = min(answer["len"], 4096)
    # Contiguous from here on or not: these bytes are the first item's and what follows it within the memory.
    size = size if truth.layout.is_contiguous("A") else truth.layout.itemsize
    before = read_memory(answer["buf"], size)
    if _raised(close, obj) is None:
        # What was freed is handed out again to who asks for as much.
        again = [bytearray(b"\xa5") * answer["len"] for _ in range(64)] if answer["len"] < 1 << 20 else []
        after = read_memory(answer["buf"], size)
        del again
        if after is None or after != before:
            what = "is gone" if after is None else "was used for something else"
            yield Observation("BUF509", spell(truth.request), f"closed; the memory at {answer['buf']:#x} {what}")
    _core._probe_release(handle)


def _raised(change: Callable[[object], object], obj: object) -> str | None:
    try:
        change(obj)
    except Exception as error:
        return described(error)
    return None


EXPERIMENTS: tuple[Rule, ...] = (threads, resizing, closing)
