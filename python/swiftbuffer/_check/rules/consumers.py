"""BUF801 to BUF805: whether a consumer releases each buffer once, and uses the memory only before the release."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from swiftbuffer import _core, capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import acquire, described
from swiftbuffer._check.codes import Code, Severity
from swiftbuffer._check.isolation import Send
from swiftbuffer._check.requests import spell
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
    title="the memory is used, and no buffer of it is held",
    rule="Memory may be used from PyObject_GetBuffer to PyBuffer_Release; a reference to the object does not keep it.",
    consequence="When the object is resized or closed, the consumer reads and overwrites memory that was freed.",
    remedy="Keep the Py_buffer, or a memoryview, for as long as the memory is used, and release it then.",
)
NEVER_RELEASED = code(
    802,
    "never-released",
    Severity.VIOLATION,
    manuals.ACQUIRE,
    title="a buffer is still held after the consumer's result is gone",
    rule="Every buffer that was acquired is released exactly once.",
    consequence="The object can never be resized or closed again, and is never freed.",
    remedy="Release on every path, those of errors too, and where the object that holds the buffer is deallocated.",
)
RELEASED_TWICE = code(
    803,
    "released-twice",
    Severity.VIOLATION,
    manuals.RELEASE,
    title="a buffer is released twice",
    rule="PyBuffer_Release is called once for each buffer; it sets view->obj to NULL in the struct that it is given.",
    consequence="The export count is too low: the exporter resizes under another consumer, and loses a reference.",
    remedy="Release the struct itself and not copies of it, and only once.",
)
MADE_UP_RELEASE = code(
    804,
    "made-up-release",
    Severity.VIOLATION,
    manuals.RELEASE,
    title="a Py_buffer is released that no request has filled in",
    rule="What is released is the Py_buffer that PyObject_GetBuffer filled in, internal included, or a copy of it.",
    consequence="An exporter that keeps its own data in view->internal reads whatever stands there, and crashes.",
    remedy="Keep the whole Py_buffer, not only its address, its length and the object.",
)
READ_ONLY_WRITTEN = code(
    805,
    "read-only-written",
    Severity.VIOLATION,
    manuals.READONLY,
    title="memory that is read-only was written",
    rule="Who wants to write asks with PyBUF_WRITABLE, or looks whether readonly is 0.",
    consequence="Constants change their value, or the process crashes.",
    remedy="Ask with PyBUF_WRITABLE, and let the refusal through.",
)


class Trial:
    """One consumer, called once."""

    def __init__(self, consume: Callable[[Any], object], source: object, read: Read | None, send: Send) -> None:
        # The test kit is loaded only for who checks a consumer.
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
            # Only the text: the traceback holds the frames, and those the buffers.
            result, failure = None, described(error)
        self._send("requests", self._requests("acquire", "refuse"))
        if self._memory.is_readonly and self._memory.content() != before:
            self._report(READ_ONLY_WRITTEN, "the memory was changed, and readonly is 1")
        if failure is None and not self._log("acquire"):
            self._send("unusable", "the consumer acquired no buffer; nothing can be learned from that")
            return
        holds = bool(self._recorder.live)
        self._send("holds", holds)
        if failure is None and not holds:
            self._look(result, sys.getrefcount(self._recorder) - references)
        self._step("dropping the result")
        kept, asked = self._memory.content(), len(self._recorder.log)
        del result
        gc.collect()
        if not holds and len(self._recorder.log) == asked and self._memory.content() != kept:
            self._report(
                USED_AFTER_RELEASE, "the memory was written when the result was dropped, and no buffer was held"
            )
        found = self._look_at_balance()
        if failure is not None and not found:
            said = f"the consumer raised {failure}; pass a source that it takes, since nothing can be learned from that"
            self._send("unusable", said)

    def _look_at_balance(self) -> bool:
        """Acquisitions against releases, when the result is gone."""
        twice, unknown, live = self._log("double release"), self._log("unknown release"), self._recorder.live
        if twice:
            self._report(RELEASED_TWICE, f"{len(twice)} releases of buffers that were released already")
        if unknown:
            self._report(
                MADE_UP_RELEASE, f"{len(unknown)} releases of a Py_buffer that is none of those that were filled in"
            )
        # A release that cannot be matched was meant for one of them.
        if len(live) > len(unknown):
            self._report(NEVER_RELEASED, f"buffers held without the result: {len(live) - len(unknown)}")
        return bool(twice or unknown or live)

    def _look(self, result: object, references: int) -> None:
        """Whether a result that holds no buffer uses the memory all the same."""
        said = self._exported(result) or self._changing(result)
        if said:
            if references > 0:
                said += "; the object itself is referenced, which does not keep its memory"
            self._report(USED_AFTER_RELEASE, said)

    def _exported(self, result: object) -> str | None:
        """Whether the result says that it is at an address of the source."""
        self._step("telling the address of the result")
        asked = len(self._recorder.log)
        addresses: dict[str, int] = {}
        if capi.PyObject_CheckBuffer(result):
            answer, handle = acquire(result, capi.PyBUF_FULL_RO)
            if answer.granted and answer["len"] > 0 and not self._recorder.live:
                addresses["a buffer of the result"] = answer["buf"]
            _core._probe_release(handle)
        anything: Any = result
        with suppress(Exception):
            addresses["__array_interface__ of the result"] = int(anything.__array_interface__["data"][0])
        with suppress(Exception):
            addresses["data_ptr() of the result"] = int(anything.data_ptr())
        if len(self._recorder.log) > asked:
            # It asks for a buffer when it needs one.
            return None
        for name, address in addresses.items():
            if self._memory.contains(address):
                return f"{name} is memory of the object, and no buffer of the object is held"
        return None

    def _changing(self, result: object) -> str | None:
        """Whether the result changes with the memory, or the memory when the result is used."""
        if not self._memory.can_change:
            return None
        self._step("reading the result after the buffer was released")
        asked = len(self._recorder.log)
        first, second = self._value(result), self._value(result)
        with self._memory.inverted() as inverted:
            third = self._value(result)
            written = self._memory.content() != inverted
        if len(self._recorder.log) > asked:
            return None
        if written:
            return "the memory was written when the result was read, and no buffer is held"
        if first == second != third:
            return "the result changes with the memory, and no buffer is held"
        return None

    def _value(self, result: Any) -> list[str]:
        """All that the result can be read as, as text: a NaN is not equal to itself."""
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
        """The requests of some events, each once."""
        return list(dict.fromkeys(spell(event.flags) for event in self._log(*kinds) if event.flags is not None))

    def _step(self, step: str) -> None:
        self._send("step", step)

    def _report(self, about: Code, said: str) -> None:
        for request in self._requests("acquire"):
            self._send("observation", (about.code, request, said))
