# SPDX-License-Identifier: Apache-2.0
"""Items handed from one to another through a ring, beside a `deque` of objects."""

from __future__ import annotations

from everyday.objects import DEQUE
from everyday.work import ARRAY_ONLY, FILLED, work

WORKS = [
    work("ring(n, format)", "ints", "sb.ring(n, format)", of=ARRAY_ONLY, sizes=FILLED, same=False),
    work(
        "n items in and out",
        "queued ints",
        "x.writable(n)[:] = numbers\nx.commit(n)\nout = x.readable(n).tolist()\nx.consume(n)",
        of=("Ring",),
        sizes=FILLED,
        peers={DEQUE: "x.extend(numbers)\nout = [x.popleft() for _ in numbers]"},
    ),
]
