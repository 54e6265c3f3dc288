"""BUF512, BUF514: whether a release fails."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from swiftbuffer import _core
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import described
from swiftbuffer._check.codes import Code, Severity
from swiftbuffer._check.rule import code

__all__ = ["RELEASE_FAILS", "RELEASE_RAISES", "ReleaseMonitor"]

RELEASE_RAISES = code(
    512,
    "release-raises",
    Severity.VIOLATION,
    manuals.RELEASEBUFFER,
    title="the release leaves an exception set",
    rule="releasebuffer cannot fail and returns nothing.",
    consequence="The exception surfaces in some later, innocent call, or as SystemError.",
    remedy="Handle errors in releasebuffer, or report them with PyErr_WriteUnraisable.",
)
RELEASE_FAILS = code(
    514,
    "release-fails",
    Severity.VIOLATION,
    manuals.RELEASEBUFFER,
    title="the release fails, and says so through sys.unraisablehook",
    rule="releasebuffer and __release_buffer__ cannot fail: the consumer has no way to try again.",
    consequence="Every release writes a traceback to stderr, and what the release should have done stays undone.",
    remedy="Handle errors inside the release.",
)


class ReleaseMonitor:
    """Releases buffers of one exporter, and tells how that failed.

    While it is entered, it takes what the exporter hands to ``sys.unraisablehook``, and passes everything else to the
    hook that was there: for a class written in Python whose ``__release_buffer__`` raises, CPython writes a traceback
    at every release.
    """

    def __init__(self, obj: object) -> None:
        self._obj = obj
        self._unraisable: str | None = None

    def release(self, handle: object, *, copied: bool = False) -> tuple[Code, str] | None:
        """Releases a buffer; returns how that failed, if it did: the code for it, and the exception."""
        self._unraisable = None
        error = _core._probe_release(handle, copied)
        if error is not None:
            return RELEASE_RAISES, f"after the release: {described(error)}"
        if self._unraisable is not None:
            return RELEASE_FAILS, f"from the release, through sys.unraisablehook: {self._unraisable}"
        return None

    def _hook(self, unraisable: sys.UnraisableHookArgs) -> None:
        if not self._concerns(unraisable):
            self._before(unraisable)
        elif self._unraisable is None:
            # As text: the exception itself would keep the exporter.
            self._unraisable = described(unraisable.exc_value)

    def _concerns(self, unraisable: sys.UnraisableHookArgs) -> bool:
        # Extensions pass the exporter; Cython the name of its method; CPython from 3.13 on only a message.
        about = unraisable.object
        text = about if isinstance(about, str) else unraisable.err_msg if about is None else None
        return about is self._obj or (text is not None and "release" in text and "buffer" in text)

    def __enter__(self) -> Self:
        self._before, sys.unraisablehook = sys.unraisablehook, self._hook
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        sys.unraisablehook = self._before
