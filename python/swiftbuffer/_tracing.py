# SPDX-License-Identifier: Apache-2.0
"""Where outstanding exports were acquired: `swiftbuffer.trace_exports`."""

from __future__ import annotations

import gc
import itertools
import sys
import traceback
from collections import Counter

from swiftbuffer import _core

# How many of the innermost frames of a traceback are kept.
_DEPTH = 16

# Never reused: after tracing was turned on again, the release of an earlier export must not match a later one.
_numbers = itertools.count(1)


def trace_exports(enabled: bool = True) -> None:
    """Record a traceback of each export of an Array or a View until its release, for debugging.

    While tracing is on, BufferError for exported memory shows where each outstanding export was acquired, and the types
    of the holders that the garbage collector tracks. Exports from before are only counted. Each acquisition takes tens
    of microseconds longer; while tracing is off, nothing is slower. The setting is for the whole interpreter; turning
    it on again discards what was recorded. ``enabled=False`` turns it off. O(1). Source: this package; ``tracemalloc``
    is similar.

    >>> import swiftbuffer
    >>> swiftbuffer.trace_exports()
    >>> a = swiftbuffer.array([1, 2, 3])
    >>> m = memoryview(a)
    >>> try:
    ...     a.append(4)
    ... except BufferError as error:
    ...     print(str(error).splitlines()[0])
    Existing exports of data: object cannot be re-sized (1 export outstanding), held by: memoryview
    >>> swiftbuffer.trace_exports(False)
    """
    _tracer.forget()
    _core._trace_exports(_tracer if enabled else None)


class _Tracer:
    """Called by the extension module at each acquisition and release."""

    def __init__(self) -> None:
        # By number: the address of the exporter, which exists as long as its exports, and the stack.
        self._standing: dict[int, tuple[int, traceback.StackSummary]] = {}

    def forget(self) -> None:
        self._standing.clear()

    def acquired(self, exporter: int) -> int:
        number = next(_numbers)
        # The caller of the function that acquired the buffer; None if C code called it without a frame.
        frame = sys._getframe().f_back
        frames = list(itertools.islice(traceback.walk_stack(frame), _DEPTH)) if frame else []
        # Source lines are read only when the traceback is formatted.
        stack = traceback.StackSummary.extract(iter(frames), lookup_lines=False)
        stack.reverse()
        self._standing[number] = (exporter, stack)
        return number

    def released(self, number: int) -> None:
        self._standing.pop(number, None)

    def standing(self, exporter: object) -> str:
        """The end of an error message: the holders of exports of an object, and where they were acquired."""
        stacks = [stack for address, stack in list(self._standing.values()) if address == id(exporter)]
        text = ""
        holders = _holders(exporter)
        if holders:
            text += ", held by: " + ", ".join(f"{count} {name}" if count > 1 else name for name, count in holders)
        for stack in stacks:
            text += "\nacquired at (most recent call last):\n" + "".join(stack.format()).rstrip("\n")
        return text


# One for the whole interpreter: a thread may report an export while another turns tracing off.
_tracer = _Tracer()


def _holders(exporter: object) -> list[tuple[str, int]]:
    """The types of the holders of exports, and how many of each the garbage collector finds."""
    found: Counter[str] = Counter()
    for referrer in gc.get_referrers(exporter):
        if type(referrer).__name__ == "managedbuffer":
            # All memoryviews of one acquisition share this object.
            found["memoryview"] += sum(type(each) is memoryview for each in gc.get_referrers(referrer))
        elif type(referrer).__name__ == "_Lease":
            found["View"] += sum(isinstance(each, _core.View) for each in gc.get_referrers(referrer))
        elif type(referrer).__module__ in {"_pickle", "swiftbuffer._core"}:
            found[type(referrer).__name__] += 1
    return [(name, count) for name, count in found.most_common() if count]
