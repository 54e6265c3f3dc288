# SPDX-License-Identifier: Apache-2.0
"""The pytest plugin: the fixtures ``buffer_exporter`` and ``buffer_recorder``.

The test kit is imported when a test asks for one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from swiftbuffer.testing import Exporter, Recorder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test with ``buffer_exporter`` once for each exporter of ``swiftbuffer.testing.exporters()``."""
    if "buffer_exporter" in metafunc.fixturenames:
        from swiftbuffer.testing import _exporters

        metafunc.parametrize("buffer_exporter", _exporters.names(), indirect=True)


@pytest.fixture
def buffer_exporter(request: pytest.FixtureRequest) -> Exporter:
    """One of ``swiftbuffer.testing.exporters()``; a test with this fixture runs once for each."""
    from swiftbuffer.testing import _exporters

    return _exporters.by_name(request.param)


@pytest.fixture
def buffer_recorder() -> Iterator[Callable[[object], Recorder]]:
    """``swiftbuffer.testing.recorder``; at the end of the test each buffer must have been released exactly once."""
    from swiftbuffer.testing import recorder

    made: list[Recorder] = []

    def make(source: object) -> Recorder:
        made.append(recorder(source))
        return made[-1]

    yield make
    for each in made:
        each.assert_balanced()
