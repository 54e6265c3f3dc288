"""Work in a child process, a fork of this one, that may die of it; what it has to tell comes as lines of JSON."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Send", "run"]

Send = Callable[[str, Any], None]
"""Takes the kind of a message and its content, which JSON can hold."""


def run(work: Callable[[Send], None], timeout: float, receive: Send) -> None:
    """Does some work in a fork and passes on what it sends, and an observation where it crashes or falls silent."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # Other threads are not there in the child, which is right: the child waits for none of them.
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
                receive("observation", ("BUF902", last, f"nothing for {timeout:g} s while {last}"))
                finished = True
                os.kill(child, signal.SIGKILL)
            else:
                receive(kind, content)
    finally:
        os.close(reader)
        status = _reap(child)
    if not finished:
        how = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"exit status {status >> 8}"
        receive("observation", ("BUF901", last, f"{how} while {last}"))


def _reap(child: int) -> int:
    """Waits for the child, which is about to end unless it hangs, and ends it in a while; returns its status."""
    for _ in range(200):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _be_child(work: Callable[[Send], None], writer: int) -> None:
    """All that the child does; never returns."""
    status = 1
    try:
        # Sub-interpreters cannot import it, and cannot fork either.
        import faulthandler

        # A crash is expected, and told by the parent: no dump, and no traceback on the terminal, not even by handlers
        # that a library has put there.
        faulthandler.disable()
        for crash in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT):
            signal.signal(crash, signal.SIG_DFL)
        _forbid_core_dumps()
        # What the parent has made is of no interest here, and makes every collection slow.
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
        # Nothing of the parent's may be flushed or cleaned up twice.
        os._exit(status)


def _forbid_core_dumps() -> None:
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _lines(reader: int, timeout: float) -> Iterable[tuple[str, Any]]:
    """The messages of the child until it ends; ``("silence", None)`` when none has come for a while."""
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
