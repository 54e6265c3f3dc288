# SPDX-License-Identifier: Apache-2.0
"""What real consumers do with an exporter that breaks a rule, as tried with CPython 3.11 and NumPy 2.4.

`Tests/python/check/test_check_practice.py` tries each again. Codes without an entry are about what consumers rely on
without looking, such as memory that stays: there what happens depends on what else uses it.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["PRACTICE", "Failure", "in_practice"]

CRASH = "crash"


class Failure(NamedTuple):
    """A consumer, and what comes of it."""

    consumer: str
    """An expression with the exporter, ``obj``."""
    outcome: str
    """`CRASH`, or the name of an exception."""


TOLIST, BYTES, ASARRAY = "memoryview(obj).tolist()", "bytes(obj)", "numpy.asarray(obj)"
FROMBUFFER = "numpy.frombuffer(obj, 'u1')"
UNPACK, READINTO, HASH = "struct.unpack_from('4B', obj)", "io.BytesIO(b'abcd').readinto(obj)", "hashlib.sha256(obj)"
WRITE, SEARCH = "io.BytesIO().write(obj)", "re.search(b'x', obj)"

PRACTICE: dict[str, tuple[Failure, ...]] = {
    "BUF103": (Failure(BYTES, CRASH),),
    "BUF106": (Failure(UNPACK, CRASH), Failure(READINTO, CRASH)),
    "BUF107": (Failure(UNPACK, "TypeError"), Failure(READINTO, "TypeError")),
    "BUF108": (Failure(ASARRAY, "BufferError"), Failure(FROMBUFFER, "BufferError")),
    "BUF111": (Failure(TOLIST, "ValueError"), Failure(FROMBUFFER, "ValueError")),
    "BUF112": (Failure(TOLIST, "SystemError"), Failure(ASARRAY, "ValueError")),
    "BUF114": (Failure(ASARRAY, "RuntimeError"),),
    "BUF116": (Failure(TOLIST, CRASH), Failure(BYTES, CRASH), Failure(ASARRAY, CRASH), Failure(UNPACK, CRASH)),
    "BUF117": (Failure(TOLIST, "NotImplementedError"), Failure(ASARRAY, "ValueError")),
    "BUF206": tuple(Failure(name, CRASH) for name in (TOLIST, BYTES, UNPACK, HASH, WRITE, SEARCH)),
    "BUF403": (Failure(READINTO, "TypeError"),),
    "BUF404": (Failure(READINTO, "TypeError"),),
    "BUF405": (Failure(READINTO, CRASH),),
    "BUF512": tuple(Failure(name, "SystemError") for name in (BYTES, UNPACK, HASH, WRITE)),
    "BUF701": (Failure(HASH, "BufferError"),),
}


def in_practice(code: str) -> str:
    """A sentence for each outcome, in Markdown; empty for a code of which none is known."""
    failures = PRACTICE.get(code, ())
    crashes = [f"`{failure.consumer}`" for failure in failures if failure.outcome == CRASH]
    sentences = [f"{_joined(crashes)} {'crash' if len(crashes) > 1 else 'crashes'}."] if crashes else []
    for outcome in dict.fromkeys(failure.outcome for failure in failures if failure.outcome != CRASH):
        raising = [f"`{failure.consumer}`" for failure in failures if failure.outcome == outcome]
        sentences.append(f"{_joined(raising)} {'raise' if len(raising) > 1 else 'raises'} `{outcome}`.")
    return " ".join(sentences)


def _joined(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
