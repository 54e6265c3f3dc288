# SPDX-License-Identifier: Apache-2.0
"""Settings of Hypothesis: new examples in every run, but in continuous integration always the same ones. And the check
that a build without a GIL keeps it off, whatever the tests load.

SWIFTBUFFER_EXAMPLES asks for more or fewer examples than 100.
"""

import gc
import os
import resource
import sys
import sysconfig
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import none

settings.register_profile(
    "project",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    max_examples=int(os.environ.get("SWIFTBUFFER_EXAMPLES", "100")),
    # How long an example takes to make says how busy the machine is, and no test is timed.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

if sysconfig.get_config_var("Py_GIL_DISABLED"):
    # Its allocator maps any size: a list of 2**40 items is no MemoryError then, and filling it would end the process.
    # With a limit it fails, as with malloc elsewhere.
    resource.setrlimit(resource.RLIMIT_AS, (16 << 30, resource.getrlimit(resource.RLIMIT_AS)[1]))


@settings(max_examples=1)
@given(none())
def use_hypothesis(_: None) -> None:
    """Makes Hypothesis set up what it keeps for the whole process."""


def pytest_collection_finish() -> None:
    """Takes the thousands of tests that were collected out of each later collection of garbage, and many tests collect:
    without a GIL, CPython has one generation and looks through all of it every time."""
    # Hypothesis warns unless `gc.get_referrers` finds what refers to its generator of random numbers, and from 3.14 on
    # it finds nothing among frozen objects.
    use_hypothesis()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def gil_stays_off() -> Iterator[None]:
    """A single extension module that needs the GIL would turn it on for the whole process, and the tests of
    threads would then test nothing."""
    yield
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        assert not getattr(sys, "_is_gil_enabled")()  # noqa: B009  mypy: not in the oldest version
