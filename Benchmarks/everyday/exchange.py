# SPDX-License-Identifier: Apache-2.0
"""Memory given to others, and pickles."""

from __future__ import annotations

from everyday.objects import ARRAY, LIST, MEMORYVIEW, NUMPY
from everyday.work import ARRAY_ONLY, BOTH, work

WORKS = [
    work("memoryview(x)", "ints", "memoryview(x)", ARRAY, MEMORYVIEW, NUMPY, of=BOTH),
    work("numpy.asarray(x)", "matrix", "np.asarray(x)", MEMORYVIEW, NUMPY, aside=(NUMPY,)),
    work("x.__dlpack__()", "matrix", "x.__dlpack__()", NUMPY, same=False),
    work("from_dlpack(x)", "matrix", "sb.from_dlpack(x)", peers={NUMPY: "np.from_dlpack(x)"}),
    work("numpy.from_dlpack(x)", "matrix", "np.from_dlpack(x)", NUMPY, aside=(NUMPY,)),
    work("x.__array_interface__", "matrix", "x.__array_interface__", NUMPY, same=False),
    work(
        "from_array_interface(x)",
        "matrix",
        "sb.from_array_interface(interface)",
        peers={NUMPY: "np.asarray(interface)"},
    ),
    work("x.__arrow_c_array__()", "ints", "x.__arrow_c_array__()", same=False),
    work("from_arrow(x)", "ints", "sb.from_arrow(x)"),
    work("pickle 5", "floats", "pickle.loads(pickle.dumps(x, 5))", ARRAY, NUMPY, LIST, of=ARRAY_ONLY),
    work(
        "pickle 5, out of band",
        "floats",
        "out = []\npickle.loads(pickle.dumps(x, 5, buffer_callback=out.append), buffers=out)",
        NUMPY,
        of=ARRAY_ONLY,
        same=False,
        pictured=True,
    ),
    work(
        "pickle 5, out of band, 8 MiB",
        "floats",
        "out = []\npickle.loads(pickle.dumps(x, 5, buffer_callback=out.append), buffers=out)",
        NUMPY,
        of=ARRAY_ONLY,
        sizes=(1 << 20,),
        same=False,
    ),
    work("repr(x)", "ints", "repr(x)", ARRAY, LIST, NUMPY, same=False, aside=(LIST, ARRAY)),
    work("x._repr_html_()", "matrix", "x._repr_html_()", same=False),
]
