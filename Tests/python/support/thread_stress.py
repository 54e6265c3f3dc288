# SPDX-License-Identifier: Apache-2.0
"""All scenarios of what threads do to shared objects: for a moment in test_threads.py, long in Tests/soak/threads.py.

A scenario is made once; its `act` is called again and again by all threads at once, each with its own number, and its
`check` afterwards, when they are gone. Whatever `act` raises is a failure: the errors that a busy object may rightly
answer with are caught where they belong, by kind and message.

No two threads use one item, at least one of them writing, unless the scenario says that it `races`: that race is the
user's own, and ThreadSanitizer, which Tests/soak/threads.py runs the scenarios under too, is to find no other.
"""

from __future__ import annotations

from collections.abc import Callable

import array_scenarios
import exchange_scenarios
import view_scenarios
from scenario import Scenario, run

__all__ = ["SCENARIOS", "run"]

SCENARIOS: dict[str, Callable[[], Scenario]] = {
    made.__name__: made
    for made in (
        array_scenarios.Queue,
        array_scenarios.QueueOfRecords,
        array_scenarios.Edited,
        array_scenarios.EditedRecords,
        array_scenarios.Held,
        array_scenarios.Whole,
        array_scenarios.Copied,
        view_scenarios.Views,
        view_scenarios.Iterators,
        view_scenarios.Remembered,
        array_scenarios.Frozen,
        view_scenarios.Passed,
        view_scenarios.Referenced,
        view_scenarios.Buffers,
        view_scenarios.Foreign,
        array_scenarios.Large,
        array_scenarios.Overwritten,
        view_scenarios.Structures,
        view_scenarios.Recorded,
        exchange_scenarios.QueueInFile,
        exchange_scenarios.Closed,
        exchange_scenarios.Ringed,
    )
}
