# SPDX-License-Identifier: Apache-2.0
"""Comparing and searching."""

from __future__ import annotations

from everyday.objects import ARRAY, BYTES, LIST, MEMORYVIEW, NUMPY
from everyday.work import BOTH, FILLED, work

WORKS = [
    work("x == y", "ints", "x == y", ARRAY, LIST, MEMORYVIEW, of=BOTH, peers={NUMPY: "np.array_equal(x, y)"}),
    work("x == y", "floats", "x == y", ARRAY, LIST, MEMORYVIEW, peers={NUMPY: "np.array_equal(x, y)"}),
    work("x == bytes", "bytes", "x == raw", MEMORYVIEW, BYTES, pictured=True),
    work("x != y", "ints", "x != y", ARRAY, LIST, MEMORYVIEW),
    work(
        "mismatch(x, y)",
        "ints",
        "sb.mismatch(x, y)",
        peers={NUMPY: "None if np.array_equal(x, y) else int((x != y).argmax())"},
    ),
    work("item in x", "ints", "-1 in x", ARRAY, LIST, MEMORYVIEW, NUMPY),
    work("x.count(item)", "ints", "x.count(7)", ARRAY, LIST, peers={NUMPY: "int((x == 7).sum())"}),
    work(
        "x.index(item)",
        "ints",
        "x.index(n - 1)",
        ARRAY,
        LIST,
        sizes=FILLED,
        peers={NUMPY: "int((x == n - 1).argmax())"},
    ),
    work("x.find(bytes)", "bytes", "x.find(b'\\xff\\xfe')", BYTES),
    work("x.rfind(bytes)", "bytes", "x.rfind(b'\\xff\\xfe')", BYTES),
    work("hash(x)", "bytes", "hash(sb.View(raw))", same=False, peers={MEMORYVIEW: "hash(memoryview(raw))"}),
]
