# SPDX-License-Identifier: Apache-2.0
"""Runs a check in a child process, a fork of this one that may crash, and collects what the check sends."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from swiftbuffer._check import manuals
from swiftbuffer._check.codes import Code, Observation, Severity
from swiftbuffer._check.rule import code, tensor_code

__all__ = ["TENSOR_ENDINGS", "Endings", "Outcome", "Send", "is_possible", "run"]

CRASH = code(
    901,
    "crash",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="the process crashed",
    rule="No request may crash the process.",
    consequence="Any code that makes the request, even in Python, crashes the process.",
    remedy="Run the request named in the finding under a debugger.",
)
HANG = code(
    902,
    "hang",
    Severity.VIOLATION,
    manuals.GETBUFFER,
    title="no answer came within the timeout",
    rule="getbuffer returns an answer.",
    consequence="The consumer waits forever.",
    remedy="Look for a lock that is held while Python code runs.",
)

TENSOR_CRASH = tensor_code(
    191,
    "crash",
    Severity.VIOLATION,
    manuals.DLPACK_MANAGED,
    title="the process crashed",
    rule="Neither a call of __dlpack__ nor a deleter may crash the process; deleters are called without the GIL.",
    consequence="Any consumer crashes the process.",
    remedy="Run the step named in the finding under a debugger; in a deleter, acquire the GIL before any Python.",
)
TENSOR_HANG = tensor_code(
    192,
    "hang",
    Severity.VIOLATION,
    manuals.DLPACK_MANAGED,
    title="no answer came within the timeout",
    rule="__dlpack__ and deleters return.",
    consequence="The consumer waits forever.",
    remedy="Look for a lock that is held while Python code runs, or while a deleter waits for the GIL.",
)


class Endings(NamedTuple):
    """The codes of checks that do not come to their end."""

    crash: Code
    hang: Code


BUFFER_ENDINGS = Endings(CRASH, HANG)
TENSOR_ENDINGS = Endings(TENSOR_CRASH, TENSOR_HANG)

Send = Callable[[str, Any], None]
"""Takes the kind of a message and its content, which JSON can hold."""


@dataclass
class Outcome:
    """What a check found."""

    observations: list[Observation] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    """The contents of other messages, by kind."""

    def receive(self, kind: str, content: Any) -> None:
        """Stores a message. Raises ValueError if the check cannot be made, RuntimeError if the check itself failed."""
        if kind == "observation":
            self.observations.append(Observation(*content))
        elif kind == "unusable":
            raise ValueError(content)
        elif kind == "error":
            raise RuntimeError(f"the check itself failed; please report this:\n{content}")
        else:
            self.facts[kind] = content


def run(work: Callable[[Send], None], *, isolate: bool, timeout: float, endings: Endings = BUFFER_ENDINGS) -> Outcome:
    """Runs a check, in a child process if ``isolate`` is true and this platform has ``fork``."""
    outcome = Outcome()
    if is_possible(isolate):
        _run_in_child(work, timeout, outcome, endings)
    else:
        work(outcome.receive)
    return outcome


def is_possible(isolate: bool) -> bool:
    """Whether a check runs in a child process."""
    return isolate and hasattr(os, "fork")


def _run_in_child(work: Callable[[Send], None], timeout: float, outcome: Outcome, endings: Endings) -> None:
    """Runs a check in a fork. A crash, and ``timeout`` seconds without a message, are observations."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # The child has none of the other threads, and waits for none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            child = os.fork()
        except (OSError, RuntimeError) as error:
            os.close(reader)
            os.close(writer)
            raise type(error)(f"cannot check in a child process: {error}; isolate=False checks in this one") from error
    if child == 0:
        _be_child(work, writer)
    os.close(writer)
    last = "before the first request"
    finished = False
    try:
        for kind, content in _lines(reader, timeout):
            if kind == "step":
                last = content
            elif kind == "end":
                finished = True
            elif kind == "silence":
                outcome.observations.append(endings.hang.observed(last, f"nothing for {timeout:g} s while {last}"))
                finished = True
                os.kill(child, signal.SIGKILL)
            else:
                outcome.receive(kind, content)
    finally:
        os.close(reader)
        status = _reap(child)
    if not finished:
        how = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"exit status {status >> 8}"
        outcome.observations.append(endings.crash.observed(last, f"{how} while {last}"))


def _reap(child: int) -> int:
    """Waits one second for the child to end, then kills it; returns its status."""
    for _ in range(200):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _be_child(work: Callable[[Send], None], writer: int) -> None:
    """Runs the check in the child process. Never returns."""
    status = 1
    try:
        # Imported here: sub-interpreters cannot import it, and cannot fork.
        import faulthandler

        # The parent reports a crash: no core dump, and no traceback from faulthandler or from a library's handler.
        faulthandler.disable()
        for crash in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT):
            signal.signal(crash, signal.SIG_DFL)
        _forbid_core_dumps()
        # Objects of the parent are not garbage here, and make every collection slow.
        gc.freeze()

        def send(kind: str, content: Any) -> None:
            data = (json.dumps([kind, content]) + "\n").encode()
            while data:
                data = data[os.write(writer, data) :]

        try:
            work(send)
            send("end", None)
        except BaseException:
            import traceback

            send("error", traceback.format_exc())
        status = 0
    finally:
        # The parent's buffers must not be flushed, nor its exit handlers run, a second time.
        os._exit(status)


def _forbid_core_dumps() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _lines(reader: int, timeout: float) -> Iterable[tuple[str, Any]]:
    """The messages of the child until it ends; ``("silence", None)`` if none came within the timeout."""
    buffered = b""
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    while True:
        if not poll.poll(timeout * 1000):
            yield "silence", None
            return
        data = os.read(reader, 1 << 16)
        if not data:
            return
        *lines, buffered = (buffered + data).split(b"\n")
        for line in lines:
            kind, content = json.loads(line)
            yield kind, content
