# SPDX-License-Identifier: Apache-2.0
"""Views of the same memory."""

from __future__ import annotations

from everyday.objects import MEMORYVIEW, NUMPY
from everyday.work import ARRAY_ONLY, BOTH, FILLED, work
from results import C

WORKS = [
    work("x[a:b]", "ints", "x[1:-1]", MEMORYVIEW, NUMPY, C, of=BOTH),
    work("x[::2]", "ints", "x[::2]", MEMORYVIEW, NUMPY, C),
    work("x[::-1]", "ints", "x[::-1]", MEMORYVIEW, NUMPY, C),
    work("x[i] of a matrix", "matrix", "x[rows // 2]", NUMPY, C, sizes=FILLED, pictured=True),
    work("x[a:b, c:d]", "matrix", "x[1:-1, 1:-1]", NUMPY, C),
    work("x[..., 0]", "matrix", "x[..., 0]", NUMPY, sizes=FILLED, pictured=True),
    work("x[:, j]", "matrix", "x[:, -1]", NUMPY, sizes=FILLED),
    work("x[None]", "ints", "x[None]", NUMPY),
    work("x.reshape(shape)", "matrix", "x.reshape((columns, rows))", NUMPY, pictured=True),
    work("x.ravel()", "matrix", "x.ravel()", NUMPY),
    work("x.transpose()", "matrix", "x.transpose()", NUMPY, pictured=True),
    work("x.T", "matrix", "x.T", NUMPY),
    work("x.swapaxes(0, 1)", "matrix", "x.swapaxes(0, 1)", NUMPY),
    work("x.squeeze()", "matrix", "x.squeeze()", NUMPY),
    work("x.broadcast_to(shape)", "ints", "x.broadcast_to((3, n))", peers={NUMPY: "np.broadcast_to(x, (3, n))"}),
    work(
        "x.as_strided(shape, strides)",
        "ints",
        "x.as_strided((n, 1), (8, 8))",
        peers={NUMPY: "np.lib.stride_tricks.as_strided(x, (n, 1), (8, 8))"},
    ),
    work("x.cast(format)", "bytes", "x.cast('b')", MEMORYVIEW, peers={NUMPY: "x.view('b')"}),
    work(
        "x.cast(format, shape)",
        "matrix",
        "x.cast('d', (columns, rows))",
        peers={NUMPY: "x.view('d').reshape(columns, rows)"},
    ),
    work("x.toreadonly()", "ints", "x.toreadonly()", MEMORYVIEW, of=BOTH),
    # NumPy has no pointers to follow, and copies.
    work(
        "from_planes([x, y])",
        "matrix",
        "sb.from_planes([x, y])",
        sizes=FILLED,
        peers={NUMPY: "np.stack([x, y])"},
        aside=(NUMPY,),
    ),
    work("x.pinned()", "ints", "x.pinned()", of=ARRAY_ONLY, peers={MEMORYVIEW: "memoryview(x)"}),
]
