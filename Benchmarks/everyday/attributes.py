# SPDX-License-Identifier: Apache-2.0
"""What is asked of a view."""

from __future__ import annotations

from everyday.objects import ARRAY, LIST, MEMORYVIEW, NUMPY
from everyday.work import BOTH, FILLED, work

WORKS = [
    # An empty matrix has strides of its own in each library.
    work(f"x.{name}", "matrix", f"x.{name}", *peers, sizes=FILLED)
    for name, peers in (
        ("shape", (MEMORYVIEW, NUMPY)),
        ("strides", (MEMORYVIEW, NUMPY)),
        ("format", (MEMORYVIEW,)),
        ("itemsize", (MEMORYVIEW, NUMPY)),
        ("nbytes", (MEMORYVIEW, NUMPY)),
        ("ndim", (MEMORYVIEW, NUMPY)),
        ("size", (NUMPY,)),
        ("readonly", (MEMORYVIEW,)),
        ("c_contiguous", (MEMORYVIEW,)),
        ("f_contiguous", (MEMORYVIEW,)),
        ("contiguous", (MEMORYVIEW,)),
        ("suboffsets", (MEMORYVIEW,)),
    )
] + [
    # NumPy's arrays have the object; for other memory it is made.
    work("x.dtype", "matrix", "x.dtype", NUMPY, aside=(NUMPY,)),
    work("x.obj", "ints", "x.obj", MEMORYVIEW, same=False),
    work("x.address", "ints", "x.address", same=False, peers={NUMPY: "x.ctypes.data"}),
    work("sys.getsizeof(x)", "ints", "x.__sizeof__()", ARRAY, LIST, MEMORYVIEW, NUMPY, of=BOTH, same=False),
]
