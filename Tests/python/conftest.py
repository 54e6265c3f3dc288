"""How Hypothesis searches: anew in every run, but in continuous integration always the same examples. And the promise
that a build without a GIL keeps it off, whatever the tests load.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("search", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
# Many more, where the long proofs ask for them.
settings.register_profile("long", deadline=None, max_examples=int(os.environ.get("SWIFTBUFFER_EXAMPLES", "100")))
settings.load_profile(
    "long" if "SWIFTBUFFER_EXAMPLES" in os.environ else "repeatable" if os.environ.get("CI") else "search"
)


@pytest.fixture(scope="session", autouse=True)
def gil_stays_off() -> Iterator[None]:
    """A single extension module that needs the GIL would turn it on for the whole process, and the tests with it would
    prove nothing about threads."""
    yield
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        assert not getattr(sys, "_is_gil_enabled")()  # noqa: B009  mypy: not in the oldest version
