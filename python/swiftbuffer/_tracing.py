"""Where exports that stand were acquired: what is behind `swiftbuffer.trace_exports`."""

from __future__ import annotations

import gc
import itertools
import sys
import traceback
from collections import Counter

from swiftbuffer import _core

# Of the stack at an acquisition: the innermost frames.
_DEPTH = 16

# Never the same twice, so that the end of an export from before is not taken for that of another.
_numbers = itertools.count(1)


def trace_exports(enabled: bool = True) -> None:
    """Record a traceback of each acquisition of a buffer of an Array or a View until its release: for debugging.

    While it is on, BufferError for memory that is exported shows where each export that stands was acquired, and the
    types of its holders as far as the garbage collector knows them. Exports from before are counted only. Each
    acquisition takes tens of microseconds longer; while it is off, nothing is recorded and nothing is slower. The
    switch is for the whole interpreter; turning it on again forgets what was recorded.

    >>> import swiftbuffer
    >>> swiftbuffer.trace_exports()
    >>> a = swiftbuffer.array([1, 2, 3])
    >>> m = memoryview(a)
    >>> try:
    ...     a.append(4)
    ... except BufferError as error:
    ...     print(str(error).splitlines()[0])
    Existing exports of data: object cannot be re-sized (1 export stands), held by: memoryview
    >>> swiftbuffer.trace_exports(False)
    """
    _tracer.forget()
    _core._trace_exports(_tracer if enabled else None)


class _Tracer:
    """Is told of exports by the compiled half."""

    def __init__(self) -> None:
        # By number: the address of the exporter, which lives as long as its exports, and the stack.
        self._standing: dict[int, tuple[int, traceback.StackSummary]] = {}

    def forget(self) -> None:
        self._standing.clear()

    def acquired(self, exporter: int) -> int:
        number = next(_numbers)
        # The frame above is the one that called what acquired the buffer; there is none below C's main.
        frame = sys._getframe().f_back
        frames = list(itertools.islice(traceback.walk_stack(frame), _DEPTH)) if frame else []
        # Lines of source are looked up only for who asks.
        stack = traceback.StackSummary.extract(iter(frames), lookup_lines=False)
        stack.reverse()
        self._standing[number] = (exporter, stack)
        return number

    def released(self, number: int) -> None:
        self._standing.pop(number, None)

    def standing(self, exporter: object) -> str:
        """The end of a message: who holds buffers of an object, and where they were acquired."""
        stacks = [stack for address, stack in list(self._standing.values()) if address == id(exporter)]
        text = ""
        holders = _holders(exporter)
        if holders:
            text += ", held by: " + ", ".join(f"{count} {name}" if count > 1 else name for name, count in holders)
        for stack in stacks:
            text += "\nacquired at (most recent call last):\n" + "".join(stack.format()).rstrip("\n")
        return text


# One for the whole interpreter: a thread may tell it of an export while another turns tracing off.
_tracer = _Tracer()


def _holders(exporter: object) -> list[tuple[str, int]]:
    """The types of what holds buffers, and how many of each there are, as far as the collector finds them."""
    found: Counter[str] = Counter()
    for referrer in gc.get_referrers(exporter):
        if type(referrer).__name__ == "managedbuffer":
            # What memoryviews of one acquisition share.
            found["memoryview"] += sum(type(each) is memoryview for each in gc.get_referrers(referrer))
        elif type(referrer).__name__ == "_Lease":
            found["View"] += sum(isinstance(each, _core.View) for each in gc.get_referrers(referrer))
        elif type(referrer).__module__ in {"_pickle", "swiftbuffer._core"}:
            found[type(referrer).__name__] += 1
    return [(name, count) for name, count in found.most_common() if count]
