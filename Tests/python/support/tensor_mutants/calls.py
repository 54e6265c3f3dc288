# SPDX-License-Identifier: Apache-2.0
"""DLP101 to DLP107, DLP171 to DLP173: calls that are answered wrongly."""

from __future__ import annotations

from typing import Any

import swiftbuffer
from tensor_mutants.producer import Producer, answering, mutant
from tensors import managed_in

answering("DLP104", max_version=(1, 0))
answering("DLP105", max_version=None)
answering("DLP172", dl_device=None)
answering("DLP173", stream=None)


@mutant("DLP101")
def no_capsule() -> Any:
    class Pointers(Producer):
        def capsule(self, **keywords: Any) -> object:
            capsule = super().capsule(**keywords)
            return managed_in if keywords["copy"] is False else capsule

    return Pointers()


@mutant("DLP102")
def device_unknown() -> Any:
    class Placeless(Producer):
        def __dlpack_device__(self) -> Any:
            return "cpu", 0

    return Placeless()


@mutant("DLP103")
def keyword_unknown() -> Any:
    class Old:
        def __init__(self) -> None:
            self.source = swiftbuffer.zeros((2, 3), "i")

        def __dlpack__(self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None) -> object:
            return self.source.__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device)

        def __dlpack_device__(self) -> tuple[int, int]:
            return 1, 0

    return Old()


@mutant("DLP106")
def newer_refused() -> Any:
    class Exact(Producer):
        def capsule(self, **keywords: Any) -> object:
            if keywords["max_version"] not in (None, (0, 8), (1, 0)):
                raise BufferError("only DLPack 1.0")
            return super().capsule(**keywords)

    return Exact()


@mutant("DLP107")
def capsule_reused() -> Any:
    class Keeping(Producer):
        calls = 0
        kept: object = None
        last: object = None

        def capsule(self, **keywords: Any) -> object:
            # The second of two calls in a row gets what the first got.
            self.calls = self.calls + 1 if self.last == keywords else 0
            self.last = keywords
            if keywords["max_version"] == (1, 3) and self.calls == 1 and keywords["copy"] is None:
                return self.kept
            made = super().capsule(**keywords)
            self.kept = made
            return made

    return Keeping()


@mutant("DLP171")
def wrong_exception() -> Any:
    class Blunt(Producer):
        def capsule(self, **keywords: Any) -> object:
            if keywords["copy"]:
                raise NotImplementedError("no copies")
            return super().capsule(**keywords)

    return Blunt()
