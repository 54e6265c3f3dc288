# SPDX-License-Identifier: Apache-2.0
"""Runs the Python examples of the README and the manual as they are printed, those of one document in one process: each
finds the names that the ones before it have given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/*.md", "docs/cookbook/*.md", "docs/reference/*.md"],
).pytest()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Shares the tests between processes one by one, and documents whole."""
    from xdist.scheduler import LoadScopeScheduling

    class WholeDocuments(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file.endswith(".md") else nodeid

    return WholeDocuments(config, log)
