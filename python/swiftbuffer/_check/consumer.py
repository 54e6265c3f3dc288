"""Holds a consumer against its half of the protocol: to release each buffer once, and to use the memory only before."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from swiftbuffer import _core, capi
from swiftbuffer._check import isolation
from swiftbuffer._check.answers import acquire, described, require_exporter
from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import select
from swiftbuffer._check.examination import Observation
from swiftbuffer._check.isolation import Send
from swiftbuffer._check.report import ConsumerReport, collect
from swiftbuffer._check.requests import spell
from swiftbuffer._check.runner import version_of
from swiftbuffer._check.source import SourceMemory

if TYPE_CHECKING:
    from swiftbuffer.testing import Event

__all__ = ["check_consumer"]

Read = Callable[[Any], object]


def check_consumer(
    consume: Callable[[Any], object],
    source: object = None,
    *,
    read: Read | None = None,
    ignore: Iterable[str] = (),
    isolate: bool = True,
    timeout: float = 60.0,
) -> ConsumerReport:
    """Call a consumer of buffers with a recording exporter, and tell whether it keeps its half of the protocol.

    ``consume`` takes an exporter and returns what it makes of it, for example ``numpy.frombuffer``. Its result must be
    all that keeps the buffer: one that is held when the result is gone is reported as never released. ``source`` is an
    exporter of the memory to offer, by default an array of 64 different bytes. Uses after the release are found where
    it is contiguous and writable, writes to read-only memory where it is read-only.

    Where the result holds no buffer, the memory must not matter to it: the check changes the memory, and reads the
    result before and after, as a buffer and through its ``tobytes``, ``tolist`` and ``repr``, or by ``read``, a
    function of the result. It also looks whether the result exports memory of the source.

    ``isolate``, ``timeout`` and ``ignore`` are as in :func:`check`. Raises ValueError where nothing can be learned:
    ``consume`` raises, or asks for no buffer.

    >>> import swiftbuffer
    >>> report = swiftbuffer.check_consumer(memoryview)
    >>> report.ok, report.holds, report.requests
    (True, True, ('PyBUF_INDIRECT|PyBUF_FORMAT',))
    >>> swiftbuffer.check_consumer(bytes).holds
    False
    """
    ignored = select(ignore, CATALOGUE)
    if source is None:
        source = _core.array(range(1, 65), format="B")
    require_exporter(source, "there is nothing to consume")
    observations: list[Observation] = []
    requests: list[str] = []
    holds = False

    def receive(kind: str, content: Any) -> None:
        nonlocal holds
        if kind == "observation":
            observations.append(Observation(*content))
        elif kind == "requests":
            requests.extend(content)
        elif kind == "holds":
            holds = content
        elif kind == "unusable":
            raise ValueError(content)
        elif kind == "error":
            raise RuntimeError(f"the check itself failed; please report this:\n{content}")

    def work(send: Send) -> None:
        _Trial(consume, source, read, send).run()

    if isolate and hasattr(os, "fork"):
        isolation.run(work, timeout, receive)
    else:
        work(receive)
    module = getattr(consume, "__module__", None) or type(consume).__module__
    name = getattr(consume, "__qualname__", None) or type(consume).__qualname__
    title = name if module == "builtins" else f"{module}.{name}"
    return ConsumerReport(title, version_of(module), collect(observations, ignored), tuple(requests), holds)


class _Trial:
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
            self._report("BUF805", "the memory was changed, and readonly is 1")
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
            self._report("BUF801", "the memory was written when the result was dropped, and no buffer was held")
        found = self._look_at_balance()
        if failure is not None and not found:
            said = f"the consumer raised {failure}; pass a source that it takes, since nothing can be learned from that"
            self._send("unusable", said)

    def _look_at_balance(self) -> bool:
        """Acquisitions against releases, when the result is gone."""
        twice, unknown, live = self._log("double release"), self._log("unknown release"), self._recorder.live
        if twice:
            self._report("BUF803", f"{len(twice)} releases of buffers that were released already")
        if unknown:
            self._report("BUF804", f"{len(unknown)} releases of a Py_buffer that is none of those that were filled in")
        # A release that cannot be matched was meant for one of them.
        if len(live) > len(unknown):
            self._report("BUF802", f"buffers held without the result: {len(live) - len(unknown)}")
        return bool(twice or unknown or live)

    def _look(self, result: object, references: int) -> None:
        """Whether a result that holds no buffer uses the memory all the same."""
        said = self._exported(result) or self._changing(result)
        if said:
            if references > 0:
                said += "; the object itself is referenced, which does not keep its memory"
            self._report("BUF801", said)

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

    def _report(self, code: str, said: str) -> None:
        for request in self._requests("acquire"):
            self._send("observation", (code, request, said))
