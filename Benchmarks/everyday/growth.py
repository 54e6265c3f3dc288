# SPDX-License-Identifier: Apache-2.0
"""An Array that grows and shrinks, as a list does."""

from __future__ import annotations

from everyday.objects import ARRAY, LIST, NUMPY
from everyday.work import ARRAY_ONLY, work

_APPENDS = "out = {}\nadd = out.append\nfor item in values: add(item)"
_POPS = "out = {}\ntake = out.pop\nfor item in values: take()"
_GROWN = {ARRAY: 1.1, LIST: 3.0}

WORKS = [
    work(
        "append, n times",
        "ints",
        _APPENDS.format("sb.array([], format)"),
        of=ARRAY_ONLY,
        times=_GROWN,
        pictured=True,
        aside=(),
        peers={ARRAY: _APPENDS.format("array.array(format)"), LIST: _APPENDS.format("[]")},
    ),
    work(
        "array(list), pop, n times",
        "ints",
        _POPS.format("sb.array(values, format)"),
        of=ARRAY_ONLY,
        times=_GROWN,
        aside=(),
        pictured=True,
        peers={ARRAY: _POPS.format("array.array(format, values)"), LIST: _POPS.format("list(values)")},
    ),
    work("append(item); pop()", "ints", "x.append(7); x.pop()", ARRAY, LIST, of=ARRAY_ONLY, times=_GROWN, aside=()),
    work("append(item); pop()", "floats", "x.append(7.0); x.pop()", ARRAY, LIST, of=ARRAY_ONLY, times=_GROWN, aside=()),
    work("insert(0, item); pop(0)", "ints", "x.insert(0, 7); x.pop(0)", ARRAY, LIST, of=ARRAY_ONLY),
    work("insert(i, item); remove(item)", "ints", "x.insert(i, -7); x.remove(-7)", ARRAY, LIST, of=ARRAY_ONLY),
    work("insert(i, item); del x[i]", "ints", "x.insert(i, 7); del x[i]", ARRAY, LIST, of=ARRAY_ONLY),
    work(
        "extend(list); del x[n:]",
        "ints",
        "x.extend(values); del x[n:]",
        LIST,
        of=ARRAY_ONLY,
        peers={ARRAY: "x.fromlist(values); del x[n:]"},
    ),
    work("extend(array); del x[n:]", "ints", "x.extend(y); del x[n:]", ARRAY, LIST, of=ARRAY_ONLY),
    work("x += y; del x[n:]", "ints", "iadd(x, y); del x[n:]", ARRAY, LIST, of=ARRAY_ONLY),
    work("frombytes(b); del x[n:]", "ints", "x.frombytes(raw); del x[n:]", ARRAY, of=ARRAY_ONLY),
    work("x *= 2; del x[n:]", "ints", "imul(x, 2); del x[n:]", ARRAY, LIST, of=ARRAY_ONLY),
    work("x * 2", "ints", "x * 2", ARRAY, LIST, of=ARRAY_ONLY, peers={NUMPY: "np.tile(x, 2)"}),
    work(
        "resize(2 * n); resize(n)",
        "ints",
        "x.resize(2 * n); x.resize(n)",
        of=ARRAY_ONLY,
        peers={
            NUMPY: "x.resize(2 * n, refcheck=False); x.resize(n, refcheck=False)",
            ARRAY: "x.extend(array.array(format, bytes(8 * n))); del x[n:]",
        },
    ),
    work("reserve(n)", "ints", "x.reserve(n)", of=ARRAY_ONLY),
    work(
        "extend(array); clear()",
        "ints",
        "x.extend(y); x.clear()",
        LIST,
        of=ARRAY_ONLY,
        peers={ARRAY: "x.extend(y); del x[:]"},
    ),
    work(
        "reverse()",
        "ints",
        "x.reverse()",
        ARRAY,
        LIST,
        of=ARRAY_ONLY,
        same=False,
        peers={NUMPY: "x[:] = x[::-1].copy()"},
    ),
    work("freeze()", "ints", "x.freeze()", of=ARRAY_ONLY, peers={NUMPY: "x.setflags(write=False)"}),
]
