# SPDX-License-Identifier: Apache-2.0
"""BUF511: whether several threads get the same answers as one thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

from swiftbuffer import _testing
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer, acquire
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.examination import Examination
from swiftbuffer._check.requests import REQUESTS, request_name
from swiftbuffer._check.rule import Phase, code, experiment

THREADS_DISAGREE = code(
    511,
    "threads-disagree",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="threads that make requests at the same time get different answers",
    rule="getbuffer may be called from several threads; in free-threaded builds, at the same time.",
    consequence="Consumers in worker threads fail by chance, or get an inconsistent answer.",
    remedy="Keep the state of an export in that export, and change shared counts atomically.",
)

_THREADS = 4
_ROUNDS = 20


@experiment(THREADS_DISAGREE, phase=Phase.THREADS)
def threads(examination: Examination) -> Iterator[Observation]:
    """Makes some of the requests from several threads at the same time."""
    if examination.exclusive:
        return
    answers = [examination.ask(request) for request in REQUESTS[::7]]
    expected = [answer for answer in answers if answer.sound or answer.refused]
    wrong: list[Observation] = []
    start = threading.Barrier(_THREADS)

    def ask() -> None:
        try:
            start.wait()
        except threading.BrokenBarrierError:
            return
        for _ in range(_ROUNDS):
            for before in expected:
                answer, handle = acquire(examination.obj, before.request)
                _testing._probe_release(handle)
                if _content(answer, examination) != _content(before, examination):
                    seen = f"{_with_address(answer, before)}; alone {_with_address(before, answer)}"
                    wrong.append(THREADS_DISAGREE.observed(request_name(before.request), seen))

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
        # A signal handler may raise before all threads are started: those that wait at the barrier must go on.
        start.abort()
        sys.setswitchinterval(interval)
    yield from wrong[:20]


def _with_address(answer: Answer, other: Answer) -> str:
    """An answer as text, with its address if the other answer has a different one."""
    differ = answer.granted and other.granted and answer["buf"] != other["buf"]
    return f"buf={answer['buf']:#x} {answer}" if differ else str(answer)


def _content(answer: Answer, examination: Examination) -> tuple[object, ...]:
    """What must not depend on the thread."""
    fields = tuple(answer[name] for name in ("len", "itemsize", "readonly", "ndim"))
    if not answer.granted:
        fields = ()
    elif not examination.moves:
        # Memory that is new for each request is BUF501.
        fields += (answer["buf"],)
    return (answer.status, answer.error, fields, answer.format, answer.shape, answer.strides, answer.suboffsets)
