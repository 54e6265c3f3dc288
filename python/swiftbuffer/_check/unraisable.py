"""Exceptions that an exporter cannot raise, and hands to ``sys.unraisablehook`` instead."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from swiftbuffer._check.answers import described

__all__ = ["Unraisable"]


class Unraisable:
    """Takes, while it is entered, what concerns one exporter; everything else goes to the hook that was there.

    A class written in Python whose ``__release_buffer__`` raises has CPython write a traceback at every release.
    """

    def __init__(self, obj: object) -> None:
        self._obj = obj
        self._told: str | None = None

    def take(self) -> str | None:
        """The first exception since the last call, as text: the exception itself would keep the exporter."""
        told, self._told = self._told, None
        return told

    def _hook(self, unraisable: sys.UnraisableHookArgs) -> None:
        if not self._concerns(unraisable):
            self._before(unraisable)
        elif self._told is None:
            self._told = described(unraisable.exc_value)

    def _concerns(self, unraisable: sys.UnraisableHookArgs) -> bool:
        # Extensions hand over the exporter; Cython the name of its method; CPython from 3.13 on only a message.
        about = unraisable.object
        text = about if isinstance(about, str) else unraisable.err_msg if about is None else None
        return about is self._obj or (text is not None and "release" in text and "buffer" in text)

    def __enter__(self) -> Self:
        self._before, sys.unraisablehook = sys.unraisablehook, self._hook
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        sys.unraisablehook = self._before
