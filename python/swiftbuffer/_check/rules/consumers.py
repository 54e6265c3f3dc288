# SPDX-License-Identifier: Apache-2.0
"""BUF801 to BUF805: whether a consumer releases each buffer once, and uses the memory only before the release."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from swiftbuffer import _testing, capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import acquire, described
from swiftbuffer._check.codes import Code, Severity
from swiftbuffer._check.isolation import Send
from swiftbuffer._check.requests import request_name
from swiftbuffer._check.rule import code
from swiftbuffer._check.source_memory import SourceMemory

if TYPE_CHECKING:
    from swiftbuffer.testing import Event

__all__ = ["Read", "Trial"]

Read = Callable[[Any], object]

USED_AFTER_RELEASE = code(
    801,
    "used-after-release",
    Severity.VIOLATION,
    manuals.ACQUIRE,
    title="the memory is used while no buffer is held",
    rule="Memory may be used between PyObject_GetBuffer and PyBuffer_Release. A reference to the object is not enough.",
    consequence="When the object is resized or closed, the consumer reads and overwrites memory that was freed.",
    remedy="Keep the Py_buffer, or a memoryview, for as long as the memory is used, and release it after that.",
)
NEVER_RELEASED = code(
    802,
    "never-released",
    Severity.VIOLATION,
    manuals.ACQUIRE,
    title="a buffer is still held after the consumer's result was deleted",
    rule="Every acquired buffer is released exactly once.",
    consequence="The object can never be resized or closed again, and is never freed.",
    remedy="Release on every path, including errors, and when the object that holds the buffer is deallocated.",
)
RELEASED_TWICE = code(
    803,
    "released-twice",
    Severity.VIOLATION,
    manuals.RELEASE,
    title="a buffer is released twice",
    rule="PyBuffer_Release is called once for each buffer; it sets view->obj to NULL in the struct that it is given.",
    consequence="The export count is too low: the exporter resizes under another consumer, and loses a reference.",
    remedy="Release the struct itself, only once, and never a copy of it after that.",
)
MADE_UP_RELEASE = code(
    804,
    "made-up-release",
    Severity.VIOLATION,
    manuals.RELEASE,
    title="a Py_buffer is released that no request has filled in",
    rule="A consumer releases the Py_buffer that PyObject_GetBuffer filled in, including internal, or a copy of it.",
    consequence="An exporter that keeps its own data in view->internal reads an arbitrary address, and crashes.",
    remedy="Keep the whole Py_buffer, not only buf, len and obj.",
)
READ_ONLY_WRITTEN = code(
    805,
    "read-only-written",
    Severity.VIOLATION,
    manuals.READONLY,
    title="read-only memory was written",
    rule="A consumer that writes requests PyBUF_WRITABLE, or tests that readonly is 0.",
    consequence="Constants change, or the process crashes.",
    remedy="Request PyBUF_WRITABLE, and pass the refusal on.",
)


class Trial:
    """One call of a consumer."""

    def __init__(self, consume: Callable[[Any], object], source: object, read: Read | None, send: Send) -> None:
        # Imported here: the test kit is needed for no other check.
        from swiftbuffer.testing import recorder

        self._consume, self._read, self._send = consume, read, send
        self._recorder = recorder(source)
        self._memory = SourceMemory(source)

    def run(self) -> None:
        before = self._memory.content()
        references = sys.getrefcount(self._recorder)
        self._step("consuming the buffer")
        try:
            result, failure = self._consume(self._recorder), None
        except Exception as error:
            # Only the text: the traceback keeps the frames, and these keep the buffers.
            result, failure = None, described(error)
        self._send("requests", self._requests("acquire", "refuse"))
        if self._memory.is_readonly and self._memory.content() != before:
            self._report(READ_ONLY_WRITTEN, "the memory was changed although readonly is 1")
        if failure is None and not self._log("acquire"):
            self._send("unusable", "the consumer acquired no buffer: there is nothing to check")
            return
        holds = bool(self._recorder.live)
        self._send("holds", holds)
        if failure is None and not holds:
            self._examine(result, sys.getrefcount(self._recorder) - references)
        self._step("deleting the result")
        content, requests = self._memory.content(), len(self._recorder.log)
        del result
        gc.collect()
        if not holds and len(self._recorder.log) == requests and self._memory.content() != content:
            self._report(
                USED_AFTER_RELEASE, "the memory was written when the result was deleted, while no buffer was held"
            )
        unbalanced = self._examine_balance()
        if failure is not None and not unbalanced:
            self._send("unusable", f"the consumer raised {failure}; pass a source that it accepts")

    def _examine_balance(self) -> bool:
        """Compares acquisitions with releases after the result was deleted; returns whether they differ."""
        twice, unknown, live = self._log("double release"), self._log("unknown release"), self._recorder.live
        if twice:
            self._report(RELEASED_TWICE, f"{len(twice)} releases of buffers that had been released")
        if unknown:
            self._report(MADE_UP_RELEASE, f"{len(unknown)} releases of a Py_buffer that no request filled in")
        # Each release that matches no acquisition was meant for one of these.
        if len(live) > len(unknown):
            self._report(NEVER_RELEASED, f"buffers held after the result was deleted: {len(live) - len(unknown)}")
        return bool(twice or unknown or live)

    def _examine(self, result: object, references: int) -> None:
        """Reports a result that uses the memory while it holds no buffer."""
        seen = self._exported(result) or self._changing(result)
        if seen:
            if references > 0:
                seen += "; the result references the object, which does not keep the memory valid"
            self._report(USED_AFTER_RELEASE, seen)

    def _exported(self, result: object) -> str | None:
        """How the result gives an address inside of the source's memory."""
        self._step("reading the address of the result")
        requests = len(self._recorder.log)
        addresses: dict[str, int] = {}
        if capi.PyObject_CheckBuffer(result):
            answer, handle = acquire(result, capi.PyBUF_FULL_RO)
            if answer.granted and answer["len"] > 0 and not self._recorder.live:
                addresses["a buffer of the result"] = answer["buf"]
            _testing._probe_release(handle)
        anything: Any = result
        with suppress(Exception):
            addresses["__array_interface__ of the result"] = int(anything.__array_interface__["data"][0])
        with suppress(Exception):
            addresses["data_ptr() of the result"] = int(anything.data_ptr())
        if len(self._recorder.log) > requests:
            # The result acquires a buffer whenever it needs one.
            return None
        for name, address in addresses.items():
            if self._memory.contains(address):
                return f"{name} has the address of the object's memory, while no buffer is held"
        return None

    def _changing(self, result: object) -> str | None:
        """How the result changes with the memory, or the memory when the result is used."""
        if not self._memory.can_change:
            return None
        self._step("reading the result after the buffer was released")
        requests = len(self._recorder.log)
        first, second = self._value(result), self._value(result)
        with self._memory.inverted() as inverted:
            third = self._value(result)
            written = self._memory.content() != inverted
        if len(self._recorder.log) > requests:
            return None
        if written:
            return "the memory was written when the result was read, while no buffer was held"
        if first == second != third:
            return "the result changes with the memory, while no buffer is held"
        return None

    def _value(self, result: Any) -> list[str]:
        """The result, read in every way; as text, since a NaN is not equal to itself."""
        ways: list[Read] = [
            lambda result: memoryview(result).tobytes(),
            lambda result: result.tobytes(),
            lambda result: result.tolist(),
            lambda result: result,
        ]
        values: list[str] = []
        for way in ways if self._read is None else [self._read]:
            try:
                values.append(repr(way(result)))
            except Exception as error:
                values.append(type(error).__name__)
        return values

    def _log(self, *kinds: str) -> list[Event]:
        return [event for event in self._recorder.log if event.kind in kinds]

    def _requests(self, *kinds: str) -> list[str]:
        """The requests of events of some kinds, each once."""
        return list(dict.fromkeys(request_name(event.flags) for event in self._log(*kinds) if event.flags is not None))

    def _step(self, step: str) -> None:
        self._send("step", step)

    def _report(self, about: Code, seen: str) -> None:
        for request in self._requests("acquire"):
            self._send("observation", (about.code, request, seen))
