# SPDX-License-Identifier: Apache-2.0
"""Objects from lists, from other memory, and from each other."""

from __future__ import annotations

from everyday.objects import ARRAY, MEMORYVIEW, NUMPY, STRUCT
from everyday.work import ARRAY_ONLY, FILLED, work
from results import C

WORKS = [
    work(
        "array(list)",
        "ints",
        "sb.array(values, format)",
        of=ARRAY_ONLY,
        pictured=True,
        peers={ARRAY: "array.array(format, values)", NUMPY: "np.array(values, format)"},
    ),
    work(
        "array(list)",
        "floats",
        "sb.array(values, format)",
        of=ARRAY_ONLY,
        pictured=True,
        peers={ARRAY: "array.array(format, values)", NUMPY: "np.array(values, format)"},
    ),
    work(
        "array(list), format inferred",
        "floats",
        "sb.array(values)",
        of=ARRAY_ONLY,
        sizes=FILLED,
        pictured=True,
        peers={NUMPY: "np.array(values)"},
    ),
    work(
        "array(nested list)",
        "matrix",
        "sb.array(values, format)",
        of=ARRAY_ONLY,
        sizes=FILLED,
        pictured=True,
        peers={NUMPY: "np.array(values, format)"},
    ),
    work(
        "array(list of tuples)",
        "records",
        "sb.array(values, format)",
        of=ARRAY_ONLY,
        pictured=True,
        peers={NUMPY: "np.array(values, dtype)", STRUCT: "b''.join([record.pack(*v) for v in values])"},
        same=False,
        less=(STRUCT,),
    ),
    work(
        "array(buffer)",
        "ints",
        "sb.array(x)",
        of=ARRAY_ONLY,
        peers={ARRAY: "array.array(format, x)", NUMPY: "np.array(x)"},
    ),
    work(
        "Array(list)",
        "ints",
        "sb.Array(values, format)",
        of=ARRAY_ONLY,
        peers={ARRAY: "array.array(format, values)", NUMPY: "np.array(values, format)"},
    ),
    work("zeros(n)", "floats", "sb.zeros(n, format)", of=ARRAY_ONLY, peers={NUMPY: "np.zeros(n, format)"}),
    work(
        "zeros((m, n))",
        "matrix",
        "sb.zeros(shape, format)",
        of=ARRAY_ONLY,
        pictured=True,
        peers={NUMPY: "np.zeros(shape, format)"},
    ),
    work(
        "empty(n)",
        "floats",
        "sb.empty(n, format)",
        of=ARRAY_ONLY,
        same=False,
        pictured=True,
        peers={NUMPY: "np.empty(n, format)"},
    ),
    work(
        "full(n, value)",
        "floats",
        "sb.full(n, 1.5, format)",
        of=ARRAY_ONLY,
        peers={NUMPY: "np.full(n, 1.5, format)", ARRAY: "array.array(format, [1.5]) * n"},
    ),
    work(
        "from_memory(address, size)",
        "bytes",
        "sb.from_memory(address, n)",
        sizes=FILLED,
        peers={MEMORYVIEW: "memoryview((ctypes.c_char * n).from_address(address)).cast('B')"},
    ),
    work(
        "from_memory(address, shape=, format=)",
        "ints",
        "sb.from_memory(address, shape=n, format=format, readonly=False)",
        sizes=FILLED,
        peers={NUMPY: "np.frombuffer((ctypes.c_char * (8 * n)).from_address(address), format)"},
    ),
    work(
        "concatenate([x, y])",
        "ints",
        "sb.concatenate([x, y])",
        of=ARRAY_ONLY,
        peers={NUMPY: "np.concatenate([x, y])", ARRAY: "x + y"},
    ),
    work("stack([x, y])", "ints", "sb.stack([x, y])", of=ARRAY_ONLY, peers={NUMPY: "np.stack([x, y])"}),
    work(
        "View(x)",
        "bytes",
        "sb.View(raw)",
        peers={MEMORYVIEW: "memoryview(raw)", C: "C.View(raw)", NUMPY: "np.frombuffer(raw, 'B')"},
    ),
    work("View.from_flags(x, flags)", "bytes", "sb.View.from_flags(raw, 0x11C)", peers={MEMORYVIEW: "memoryview(raw)"}),
    work("with View(x)", "bytes", "with sb.View(raw): pass", peers={MEMORYVIEW: "with memoryview(raw): pass"}),
    work("View(x).release()", "bytes", "sb.View(raw).release()", peers={MEMORYVIEW: "memoryview(raw).release()"}),
]
