# SPDX-License-Identifier: Apache-2.0
"""One everyday work as data: what is done, with what, at which sizes, beside whom, and what is to be reached.

A statement uses the names of `objects.names`; each library has an `x` of its own. Statements of several lines
leave their answer in `out`. A work is to take at most as long as the fastest of those who do the same, within 5 %; 1.3
times as long as one who makes less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from everyday.objects import LIST, SIZES
from results import C, Goal

NOISE, LESS = 1.05, 1.3
FILLED = SIZES[1:]
# The operations of both types are timed on one of them unless it matters.
BOTH = ("Array", "View")
ARRAY_ONLY = ("Array",)


@dataclass(frozen=True)
class Work:
    """One operation."""

    name: str
    subject: str
    ours: str
    peers: Mapping[str, str] = field(default_factory=dict)
    of: tuple[str, ...] = ("View",)
    sizes: tuple[int, ...] = SIZES
    # Who makes less: a plain tuple beside a record with names.
    less: tuple[str, ...] = ()
    # Who does something else, which is shown only: a list has its items already.
    aside: tuple[str, ...] = (LIST,)
    # Goals of its own, as multiples.
    times: Mapping[str, float] = field(default_factory=dict)
    # Whether answers are the same in all libraries.
    same: bool = True
    pictured: bool = False

    @property
    def goal(self) -> Goal:
        """Each peer has one factor."""
        times = dict.fromkeys(self.less, LESS) | ({C: 1.1} if C in self.peers else {}) | dict(self.times)
        return Goal(fastest=NOISE, times=times, aside=tuple(name for name in self.aside if name in self.peers))


def work(name: str, subject: str, ours: str, *alike: str, **options: object) -> Work:
    """A work in which some peers have the same statement, `alike`; `peers` has those of the others."""
    peers = dict.fromkeys(alike, ours) | dict(options.pop("peers", {}))  # type: ignore[call-overload]
    return Work(name, subject, ours, peers, **options)  # type: ignore[arg-type]
