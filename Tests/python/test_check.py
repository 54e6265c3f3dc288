"""Every rule of the checker finds the exporter that breaks it, and no other."""

from __future__ import annotations

import array
import json
import mmap
import pickle
import time
from collections.abc import Callable
from typing import Any

import mutants
import pytest
import swiftbuffer
from swiftbuffer._check import CATALOGUE


@pytest.mark.parametrize("code", mutants.MUTANTS)
def test_a_broken_exporter_is_found_by_its_own_code_and_no_other(code: str) -> None:
    broken = mutants.make(code)
    report = swiftbuffer.check(broken.obj, **broken.options)
    assert report.codes == (code,), str(report)


def test_every_code_has_an_exporter_that_breaks_it() -> None:
    python_has_dunders = hasattr(type(b""), "__buffer__")
    assert set(mutants.MUTANTS) == {code for code in CATALOGUE if python_has_dunders or not code.startswith("BUF6")}
