# SPDX-License-Identifier: Apache-2.0
"""BUF512, BUF514: whether a release fails."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from swiftbuffer import _testing
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
    consequence="The exception surfaces in a later, unrelated call, or as SystemError.",
    remedy="Handle errors in releasebuffer, or report them with PyErr_WriteUnraisable.",
)
RELEASE_FAILS = code(
    514,
    "release-fails",
    Severity.VIOLATION,
    manuals.RELEASEBUFFER,
    title="the release fails, and reports it through sys.unraisablehook",
    rule="releasebuffer and __release_buffer__ cannot fail: the consumer cannot try again.",
    consequence="Every release writes a traceback to stderr, and the object may stay locked.",
    remedy="Handle errors inside of the release.",
)


class ReleaseMonitor:
    """Releases buffers of one exporter, and returns how a release failed.

    As a context manager it replaces ``sys.unraisablehook``, to which CPython reports exceptions of
    ``__release_buffer__``, and passes exceptions that have another origin to the previous hook.
    """

    def __init__(self, obj: object) -> None:
        self._obj = obj
        self._unraisable: str | None = None

    def release(self, handle: object, *, copied: bool = False) -> tuple[Code, str] | None:
        """Releases a buffer; returns the code of a failure and its exception, or None."""
        self._unraisable = None
        error = _testing._probe_release(handle, copied)
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
