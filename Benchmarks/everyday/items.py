# SPDX-License-Identifier: Apache-2.0
"""Single items, loops, and lists of all."""

from __future__ import annotations

from everyday.objects import ARRAY, BYTES, LIST, MEMORYVIEW, NUMPY, STRUCT
from everyday.work import BOTH, FILLED, work
from results import C

WORKS = [
    work("x[i]", "ints", "x[i]", ARRAY, LIST, MEMORYVIEW, NUMPY, C, of=BOTH, sizes=FILLED, pictured=True),
    work("x[i]", "floats", "x[i]", ARRAY, LIST, MEMORYVIEW, NUMPY, C, of=BOTH, sizes=FILLED),
    work("x[i]", "bytes", "x[i]", ARRAY, LIST, MEMORYVIEW, NUMPY, BYTES, C, sizes=FILLED),
    work(
        "x[i]",
        "big-endian floats",
        "x[i]",
        NUMPY,
        sizes=FILLED,
        pictured=True,
        peers={STRUCT: "struct.unpack_from(format, x, 8 * i)[0]"},
    ),
    work("x[i, j]", "matrix", "x[rows // 2, columns // 2]", MEMORYVIEW, NUMPY, C, sizes=FILLED),
    work("x.item(i)", "ints", "x.item(i)", NUMPY, sizes=FILLED, peers={ARRAY: "x[i]"}, aside=(ARRAY,)),
    work("x[i] = item", "ints", "x[i] = item", ARRAY, LIST, MEMORYVIEW, NUMPY, of=BOTH, sizes=FILLED),
    work("x[i] = item", "floats", "x[i] = item", ARRAY, LIST, MEMORYVIEW, NUMPY, C, sizes=FILLED),
    work("x[i, j] = item", "matrix", "x[rows // 2, columns // 2] = item", MEMORYVIEW, NUMPY, C, sizes=FILLED),
    work("for loop", "ints", "for out in x: pass", ARRAY, LIST, MEMORYVIEW, NUMPY, C, of=BOTH, same=False),
    work("for loop", "floats", "for out in x: pass", ARRAY, LIST, MEMORYVIEW, NUMPY, C, same=False),
    work("list(x)", "ints", "list(x)", ARRAY, LIST, MEMORYVIEW, NUMPY, C),
    work("sum(x)", "ints", "sum(x)", ARRAY, LIST, MEMORYVIEW, NUMPY, C, of=BOTH, pictured=True),
    work("x.tolist()", "ints", "x.tolist()", ARRAY, MEMORYVIEW, NUMPY, C, of=BOTH, pictured=True),
    work("x.tolist()", "floats", "x.tolist()", ARRAY, MEMORYVIEW, NUMPY, C, pictured=True),
    work("x.tolist()", "bytes", "x.tolist()", ARRAY, MEMORYVIEW, NUMPY, C, peers={BYTES: "list(x)"}),
    work(
        "x.tolist()",
        "big-endian floats",
        "x.tolist()",
        NUMPY,
        pictured=True,
        peers={STRUCT: "list(struct.unpack(f'>{n}d', x))"},
    ),
    work("x.tolist()", "matrix", "x.tolist()", MEMORYVIEW, NUMPY, C, sizes=FILLED),
    work("len(x)", "ints", "len(x)", ARRAY, LIST, MEMORYVIEW, NUMPY, C),
]
