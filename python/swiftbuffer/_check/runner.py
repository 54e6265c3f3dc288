"""Runs all rules on one exporter: here, or in a child process that may die of it."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from swiftbuffer import capi
from swiftbuffer._check import rules_changes, rules_fields, rules_lifetime, rules_memory, rules_python, rules_refusals
from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import select as select_codes
from swiftbuffer._check.examination import Examination, Observation, Rule
from swiftbuffer._check.report import Report, collect
from swiftbuffer._check.requests import PARTIAL, REQUESTS

__all__ = ["assert_conforms", "check"]

# Rules look at the answers; experiments ask again, and those that change the object come last.
RULES: tuple[Rule, ...] = (
    *rules_fields.RULES,
    *rules_memory.RULES,
    *rules_refusals.RULES,
    *rules_lifetime.RULES,
)
EXPERIMENTS: tuple[Rule, ...] = (
    *rules_memory.EXPERIMENTS,
    *rules_lifetime.EXPERIMENTS,
    *rules_python.EXPERIMENTS,
    *rules_changes.EXPERIMENTS,
)

Change = Callable[[Any], object]
Send = Callable[[str, Any], None]


def check(
    obj: object,
    *,
    ignore: Iterable[str] = (),
    resize: Change | None = None,
    close: Change | None = None,
    isolate: bool = True,
    timeout: float = 60.0,
) -> Report:
    """Ask an exporter everything that a consumer may ask, and hold each answer against the rules of the protocol.

    Asks for every combination of request flags, once, nested, from several threads and through Python, and returns a
    :class:`Report`.

    ``resize`` and ``close`` are called with ``obj``; they should resize it, or close it, by its own methods, each time
    they are called. With them the check proves that the memory cannot move under a live buffer.

    With ``isolate``, all of this happens in a child process (a fork of this one): ``obj`` itself is left as it was,
    and an exporter that crashes or does not answer for ``timeout`` seconds is a finding. Without, an exporter that
    crashes takes this process with it. Sub-interpreters cannot fork: they need
    ``isolate=False``.

    ``ignore`` holds codes, or what codes begin with, such as ``{"BUF302", "BUF7"}``. Raises TypeError if ``obj``
    exports no buffer, ValueError for a code that does not exist, and where ``resize`` fails even though no buffer is
    held.
    """
    if not capi.PyObject_CheckBuffer(obj):
        raise TypeError(f"{type(obj).__name__} object exports no buffer: there is nothing to check")
    ignored = select_codes(ignore, CATALOGUE)
    observations: list[Observation] = []

    def receive(kind: str, content: Any) -> None:
        if kind == "observation":
            observations.append(Observation(*content))
        elif kind == "unusable":
            raise ValueError(content)
        elif kind == "error":
            raise RuntimeError(f"the check itself failed; please report this:\n{content}")

    if isolate and hasattr(os, "fork"):
        _run_isolated(obj, resize, close, timeout, receive)
    else:
        _run(obj, resize, close, receive)
    # The types of ctypes arrays have no module of their own.
    name, module = type(obj).__qualname__, getattr(type(obj), "__module__", "_ctypes")
    exporter = name if module == "builtins" else f"{module}.{name}"
    return Report(exporter, _version(module), collect(observations, ignored), len(REQUESTS) + len(PARTIAL))


def assert_conforms(
    obj: object,
    *,
    ignore: Iterable[str] = (),
    strict: bool = False,
    resize: Change | None = None,
    close: Change | None = None,
    isolate: bool = True,
    timeout: float = 60.0,
) -> None:
    """Raise AssertionError, with the report, if an exporter breaks the protocol; for test suites.

    With ``strict``, deviations and inconsistencies count too. All else as in :func:`check`.
    """
    report = check(obj, ignore=ignore, resize=resize, close=close, isolate=isolate, timeout=timeout)
    if not report.ok or (strict and report.findings):
        raise AssertionError(str(report))


def _run(obj: object, resize: Change | None, close: Change | None, send: Send) -> None:
    """Runs the rules; tells each step and each observation as it comes."""
    if resize is not None:
        send("step", "being resized before the first request")
        try:
            resize(obj)
        except Exception as error:
            send("unusable", f"resize fails though no buffer is held: {type(error).__name__}: {error}")
            return

    def report(observation: Observation) -> None:
        send("observation", (observation.code, observation.request, observation.answered))

    examination = Examination(obj, report, lambda step: send("step", step), resize, close)
    with examination.unraisable:
        examination.ask_everything()
        # An object that stays locked answers nothing more.
        for rule in RULES if examination.locked else (*RULES, *EXPERIMENTS):
            for observation in rule(examination):
                report(observation)


def _run_isolated(obj: object, resize: Change | None, close: Change | None, timeout: float, receive: Send) -> None:
    """Runs the rules in a fork; what it has to tell comes as lines of JSON."""
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
        _be_child(obj, resize, close, writer)
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


def _be_child(obj: object, resize: Change | None, close: Change | None, writer: int) -> None:
    """All that the child does; never returns."""
    status = 1
    try:
        # Sub-interpreters cannot import it, and cannot fork either.
        import faulthandler

        # A crash is expected, and told by the parent: no dump, and no traceback on the terminal.
        faulthandler.disable()
        _forbid_core_dumps()
        # What the parent has made is of no interest here, and makes every collection slow.
        gc.freeze()

        def send(kind: str, content: Any) -> None:
            data = (json.dumps([kind, content]) + "\n").encode()
            while data:
                data = data[os.write(writer, data) :]

        try:
            _run(obj, resize, close, send)
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


def _version(module: str) -> str | None:
    """The version of the package that a type's module belongs to."""
    package = sys.modules.get(module.partition(".")[0])
    version = getattr(package, "__version__", None)
    return version if isinstance(version, str) else None
