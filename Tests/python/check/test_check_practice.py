# SPDX-License-Identifier: Apache-2.0
"""What the pages of codes say about real consumers happens."""

from __future__ import annotations

import faulthandler
import hashlib
import io
import os
import re
import resource
import signal
import struct
import sys
from typing import Any

import pytest

import mutants
from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.practice import CRASH, PRACTICE, in_practice

numpy = pytest.importorskip("numpy", exc_type=ImportError)
TRIED = [(code, *failure) for code, failures in PRACTICE.items() for failure in failures]
NAMES = {"hashlib": hashlib, "io": io, "numpy": numpy, "re": re, "struct": struct}


def outcome(code: str, consumer: str) -> str:
    """What comes of a consumer, in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(20)
        # A crash is meant, and needs no report.
        faulthandler.disable()
        said = "nothing"
        try:
            eval(consumer, {**NAMES, "obj": mutants.make(code).obj})
        except BaseException as error:
            said = type(error).__name__
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as file:  # noqa: PTH123
        said = file.read().decode()
    _, status = os.waitpid(child, 0)
    return CRASH if os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGALRM else said


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the pages tell of CPython 3.11")
@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a sanitizer ends a process in its own way")
@pytest.mark.parametrize(("code", "consumer", "expected"), TRIED)
def test_consumer_fails_as_told(code: str, consumer: str, expected: str) -> None:
    assert outcome(code, consumer) == expected


def test_sentences_name_every_consumer() -> None:
    assert set(PRACTICE) <= set(CATALOGUE)
    for code, failures in PRACTICE.items():
        assert all(f"`{failure.consumer}`" in in_practice(code) for failure in failures)
    assert in_practice("BUF103") == "`bytes(obj)` crashes."
    assert in_practice("BUF302") == ""


def test_a_consumer_of_a_good_exporter_does_not_fail() -> None:
    consumers: set[Any] = {consumer for _, consumer, _ in TRIED}
    for consumer in consumers:
        eval(consumer, {**NAMES, "obj": bytearray(8)})
