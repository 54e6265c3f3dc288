# SPDX-License-Identifier: Apache-2.0
"""The calls of ``__dlpack__`` that the checker makes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

__all__ = ["KEYWORDS", "STREAM_OF_CPU", "UNKNOWN_DEVICE", "TensorRequest", "requests_for", "unanswerable"]

Version = tuple[int, int]
Device = tuple[int, int]

KEYWORDS = ("max_version", "dl_device", "copy")
"""The keywords that the array API standard has had since 2023.12; ``stream`` is older."""

_VERSIONS: tuple[Version | None, ...] = (None, (0, 8), (1, 0), (1, 3), (2, 0))

UNKNOWN_DEVICE: Device = (9, 0)
"""``kDLVPI``, the buffer of a Verilog simulator: defined, and memory of no array library."""

STREAM_OF_CPU = 1
"""A stream for memory of the CPU, which has none."""


@dataclass(frozen=True, slots=True)
class TensorRequest:
    """Keyword arguments of ``__dlpack__``; those that are ``None`` are left out, except ``given``."""

    max_version: Version | None = None
    dl_device: Device | None = None
    copy: bool | None = None
    stream: int | None = None
    given: tuple[str, ...] = ()
    """The keywords that are passed although they are ``None``."""

    @property
    def keywords(self) -> dict[str, object]:
        """What ``__dlpack__`` is called with."""
        values = {
            "stream": self.stream,
            "max_version": self.max_version,
            "dl_device": self.dl_device,
            "copy": self.copy,
        }
        return {name: value for name, value in values.items() if name in self.given or value is not None}

    @property
    def versioned(self) -> bool:
        """Whether the consumer knows ``DLManagedTensorVersioned``."""
        return self.max_version is not None and self.max_version >= (1, 0)

    def __str__(self) -> str:
        return f"__dlpack__({', '.join(f'{name}={value!r}' for name, value in self.keywords.items())})"


def requests_for(device: Device | None, known: frozenset[str]) -> tuple[TensorRequest, ...]:
    """Every call that a producer on a device can grant, with the keywords that it knows."""
    versions = _VERSIONS if "max_version" in known else (None,)
    devices = (None, device) if "dl_device" in known and device is not None else (None,)
    copies = (None, False, True) if "copy" in known else (None,)
    requests = [TensorRequest(*arguments) for arguments in product(versions, devices, copies)]
    if known.issuperset(KEYWORDS):
        requests.append(TensorRequest(given=("stream", *KEYWORDS)))
    return tuple(requests)


def unanswerable(device: Device, known: frozenset[str]) -> tuple[TensorRequest, ...]:
    """Calls that ask for a device that no array library has."""
    if "dl_device" not in known or device == UNKNOWN_DEVICE:
        return ()
    versions = (None, (1, 0)) if "max_version" in known else (None,)
    copies = (None, False) if "copy" in known else (None,)
    return tuple(TensorRequest(version, UNKNOWN_DEVICE, copy) for version, copy in product(versions, copies))
