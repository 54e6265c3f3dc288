# SPDX-License-Identifier: Apache-2.0
"""Copies, conversions, filling, and bytes."""

from __future__ import annotations

from everyday.objects import ARRAY, BYTES, LIST, MEMORYVIEW, NUMPY
from everyday.work import ARRAY_ONLY, BOTH, FILLED, work

WORKS = [
    work("x.copy()", "ints", "x.copy()", LIST, NUMPY, of=BOTH, peers={ARRAY: "x[:]"}),
    work("x.T.copy()", "matrix", "x.T.copy()", pictured=True, peers={NUMPY: "x.T.copy(order='C')"}),
    work("x[::2].copy()", "ints", "x[::2].copy()", NUMPY, peers={ARRAY: "x[::2]"}),
    work("x.flatten()", "matrix", "x.flatten()", NUMPY),
    work("copy.copy(x)", "ints", "copy.copy(x)", ARRAY, LIST, NUMPY, of=ARRAY_ONLY),
    work("copy.deepcopy(x)", "ints", "copy.deepcopy(x)", ARRAY, LIST, NUMPY, of=ARRAY_ONLY),
    work("x.astype(format)", "matrix", "x.astype('f')", NUMPY, pictured=True),
    work("x.astype(format, casting='exact')", "ints", "x.astype('h', 'exact')", peers={NUMPY: "x.astype('h')"}),
    work("x.copy_from(y)", "ints", "x.copy_from(y)", peers={NUMPY: "np.copyto(x, y)", MEMORYVIEW: "x[:] = y"}),
    work(
        "x.T.copy_from(y)",
        "matrix",
        "x.T.copy_from(y.reshape((columns, rows)))",
        same=False,
        peers={NUMPY: "np.copyto(x.T, y.reshape((columns, rows)))"},
    ),
    work("x.copy_to(y)", "ints", "x.copy_to(y)", peers={NUMPY: "np.copyto(y, x)", MEMORYVIEW: "y[:] = x"}),
    work(
        "x[a:b] = bytes",
        "bytes",
        "x[i:] = raw[i:]",
        MEMORYVIEW,
        BYTES,
        pictured=True,
        peers={NUMPY: "x[i:] = np.frombuffer(raw[i:], 'B')"},
    ),
    work("x[:] = y", "ints", "x[:] = y", ARRAY, LIST, MEMORYVIEW, NUMPY, of=BOTH),
    work("x[:] = number", "ints", "x[:] = 7", NUMPY, sizes=FILLED),
    work("x.fill(number)", "bytes", "x.fill(7)", NUMPY, pictured=True),
    work("x.fill(number)", "floats", "x.fill(7.0)", NUMPY),
    work("x.byteswap()", "ints", "x.byteswap()", ARRAY, same=False, peers={NUMPY: "x.byteswap(inplace=True)"}),
    work("x.tobytes()", "ints", "x.tobytes()", ARRAY, MEMORYVIEW, NUMPY, of=BOTH, pictured=True),
    work(
        "x[a:b].tobytes()",
        "bytes",
        "x[1:-1].tobytes()",
        MEMORYVIEW,
        NUMPY,
        pictured=True,
        peers={BYTES: "bytes(x[1:-1])"},
    ),
    work("x.T.tobytes()", "matrix", "x.T.tobytes()", NUMPY),
    work("bytes(x)", "bytes", "bytes(x)", ARRAY, MEMORYVIEW, NUMPY, BYTES, pictured=True),
    work("bytearray(x)", "bytes", "bytearray(x)", ARRAY, MEMORYVIEW, NUMPY, BYTES),
    work("x.hex()", "bytes", "x.hex()", MEMORYVIEW, BYTES, pictured=True),
]
