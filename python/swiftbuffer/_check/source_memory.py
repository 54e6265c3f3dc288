# SPDX-License-Identifier: Apache-2.0
"""The memory that is offered to a consumer: its address and content, and a temporary change of its bytes."""

from __future__ import annotations

from contextlib import suppress

from swiftbuffer import capi

__all__ = ["SourceMemory"]


class SourceMemory:
    """The memory of an exporter, kept in place by an export."""

    def __init__(self, source: object) -> None:
        self.can_change = False
        self._view: memoryview | None = None
        held = None
        for request in (capi.PyBUF_WRITABLE, 0):
            with suppress(BufferError, ValueError, TypeError):
                held = capi.PyObject_GetBuffer(source, capi.PyBUF_ANY_CONTIGUOUS | request)  # type: ignore[arg-type]
                break
        whole = capi.PyObject_GetBuffer(source, capi.PyBUF_FULL_RO)  # type: ignore[arg-type]
        self.is_readonly = bool(whole.readonly)
        self._held = held
        if held is not None and held.len > 0:
            # Pointers to objects must not change.
            self.can_change = not held.readonly and "O" not in (whole.format or "B")
            access = capi.PyBUF_WRITE if self.can_change else capi.PyBUF_READ
            self._view = capi.PyMemoryView_FromMemory(held.buf or 0, held.len, access)
        whole.release()

    def contains(self, address: int) -> bool:
        """Whether an address is one of the memory's bytes."""
        held = self._held
        return held is not None and (held.buf or 0) <= address < (held.buf or 0) + held.len

    def content(self) -> bytes:
        """A copy of the bytes."""
        return b"" if self._view is None else self._view.tobytes()

    def inverted(self) -> _Inverted:
        """A context manager that inverts every byte, and returns the inverted bytes."""
        assert self._view is not None
        return _Inverted(self._view)


class _Inverted:
    def __init__(self, view: memoryview) -> None:
        self._view, self._before = view, view.tobytes()

    def __enter__(self) -> bytes:
        inverted = bytes(byte ^ 0xFF for byte in self._before)
        self._view[:] = inverted
        return inverted

    def __exit__(self, *_: object) -> None:
        self._view[:] = self._before
