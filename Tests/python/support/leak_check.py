# SPDX-License-Identifier: Apache-2.0
"""A pytest plugin for debug builds of CPython, `-p leak_check`: repeats each test, and fails it if references, objects
or blocks of memory add up.

As in CPython's own leak check (`regrtest -R`), a test leaks if each of several repetitions leaves more behind.
The interpreter's total of references is compared first. It is wrong where modules compiled for release builds take
part, such as NumPy's, which do not count it. So a suspect test is measured again by all objects that exist and their
references, which needs a build `--with-trace-refs`.

`--leak-part 1/4` checks a quarter of the tests, `--leak-limit 0.2` passes over those that compute for longer; tests of
KNOWN are not checked, for the reasons given there.
"""

from __future__ import annotations

import gc
import sys
import time
import warnings
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.strategies._internal.utils import clear_strategy_cache
from test.libregrtest.utils import clear_caches

if not hasattr(sys, "getobjects"):
    raise pytest.UsageError("the leak check needs a CPython built with --with-pydebug --with-trace-refs")

# `--hypothesis-profile=leaks`: a test that is repeated must do the same each time, and need not do much.
settings.register_profile(
    "leaks",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=4,
    suppress_health_check=[HealthCheck.too_slow],
)

WARM_UPS = 2
REPETITIONS = 3
# How often a test under suspicion is repeated, once to settle and once to be measured.
THOROUGH = 4

# Beginnings of tests' names, and why they are not checked.
_KEPT = "what they acquire has a description that may be wrong, and is kept on purpose"
KNOWN = {
    **{
        f"Tests/python/view/test_view_hostile.py::test_{name}": _KEPT
        for name in (
            "descriptions_that_contradict_themselves",
            "items_of_another_size_than_the_format_says",
            "no_format_means_bytes",
        )
    },
    "Tests/python/testkit/test_testing.py::test_failing_without_an_exception_and_succeeding_with_one": (
        "a debug build ends the process where an exporter fails without an exception"
    ),
}


@dataclass
class Outcome:
    """What was checked, and what was found."""

    checked: int = 0
    suspected: list[str] = field(default_factory=list)
    leaks: dict[str, str] = field(default_factory=dict)
    passed_over: Counter[str] = field(default_factory=Counter)


def settle() -> None:
    """Leaves nothing that the collector, or a cache that grows as it pleases, could still give back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clear_caches()
    # Hypothesis keeps the strategies that tests make, up to a thousand of each kind.
    clear_strategy_cache()
    sys._clear_type_cache()
    gc.collect()


def totals() -> tuple[int, int]:
    """References and blocks of memory, all counted by the interpreter."""
    gc.collect()
    return sys.gettotalrefcount(), sys.getallocatedblocks()


def forget_the_past() -> None:
    """What is there by now, thousands of tests among it, the collector need not look at again and again."""
    gc.collect()
    gc.freeze()


def census() -> int:
    """The references to all objects."""
    objects = sys.getobjects(0)
    # The list itself holds one reference to each object, the loop and the call others; all are the same in each census.
    return sum(map(sys.getrefcount, objects)) - 3 * len(objects)


def kinds() -> Counter[type]:
    """The objects of each type."""
    return Counter(map(type, sys.getobjects(0)))


def grows(numbers: array[int]) -> bool:
    """Whether each number is above the one before it."""
    return all(later > earlier for earlier, later in pairwise(numbers))


def moves(numbers: array[int]) -> bool:
    """Whether each number is another than the one before it."""
    return all(later != earlier for earlier, later in pairwise(numbers))


def find_leaks(repeat: Callable[[], object]) -> tuple[bool, str | None]:
    """Repeats something: whether it was under suspicion, and what it leaks."""
    # Numbers in memory that is there beforehand, so that they do not count themselves.
    references, blocks = (array("q", bytes(8 * (THOROUGH + 1))) for _ in range(2))
    for _ in range(WARM_UPS):
        repeat()
    forget_the_past()
    references[0], blocks[0] = totals()
    for index in range(1, REPETITIONS + 1):
        repeat()
        references[index], blocks[index] = totals()
    # Modules compiled for release builds make the total of references fall, too, which could hide what leaks.
    if not moves(references[: REPETITIONS + 1]) and not grows(blocks[: REPETITIONS + 1]):
        return False, None

    # Caches that were emptied fill up again to where they stay.
    for _ in range(WARM_UPS + 1):
        repeat()
        settle()
        before = kinds()
    for index in range(THOROUGH + 1):
        repeat()
        settle()
        blocks[index] = sys.getallocatedblocks()
        references[index] = census()
    found = []
    if grows(references):
        more = (kinds() - before).most_common(6)
        names = ", ".join(f"{count} {kind.__qualname__}" for kind, count in more if count >= THOROUGH)
        found.append(f"references: {steps(references)}, objects: {names or 'no more'}")
    if grows(blocks):
        found.append(f"blocks: {steps(blocks)}")
    return True, "; ".join(found) or None


def steps(numbers: array[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(numbers)]


def again(item: pytest.Item) -> None:
    """Runs a test with the fixtures that it has, which forget what it told them."""
    item.runtest()
    if patch := getattr(item, "funcargs", {}).get("monkeypatch"):
        patch.undo()


class Plugin:
    def __init__(self, part: str, limit: float) -> None:
        self.limit = limit
        number, of = map(int, part.split("/"))
        self.number, self.of = number - 1, of
        self.state = Outcome()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = [item for index, item in enumerate(items) if index % self.of == self.number]
        items[:] = []
        for item in kept:
            reason = next((why for name, why in KNOWN.items() if item.nodeid.startswith(name)), None)
            if reason:
                self.state.passed_over[reason] += 1
            else:
                items.append(item)

    def pytest_collection_finish(self) -> None:
        forget_the_past()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        started = time.process_time()
        yield
        # Passed once; what it needs is made, and stays until it ends.
        if time.process_time() - started > self.limit:
            self.state.passed_over[f"they compute for more than {self.limit} s, each time"] += 1
            return
        self.state.checked += 1
        suspected, leak = find_leaks(lambda: again(item))
        if suspected:
            self.state.suspected.append(item.nodeid)
        if leak:
            self.state.leaks[item.nodeid] = leak
            pytest.fail(f"leaks {leak}", pytrace=False)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        state = self.state
        write = terminalreporter.write_line
        write(f"checked {state.checked} tests, {len(state.suspected)} of them twice; {len(state.leaks)} leak")
        for reason, count in state.passed_over.items():
            write(f"not checked, {count} tests: {reason}")
        for name, leak in state.leaks.items():
            write(f"LEAK {name}: {leak}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--leak-part", default="1/1", help="which part of the tests to check, such as 2/4")
    parser.addoption("--leak-limit", default=60.0, type=float, help="seconds that a test may take to be checked")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(
        Plugin(config.getoption("--leak-part"), config.getoption("--leak-limit")), "leak check"
    )
