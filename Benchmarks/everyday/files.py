# SPDX-License-Identifier: Apache-2.0
"""Files and shared segments as memory, beside NumPy's `memmap` and the standard library, which knows bytes only."""

from __future__ import annotations

from everyday.objects import MMAP, NUMPY, SHARED_MEMORY
from everyday.work import ARRAY_ONLY, FILLED, work

_MAPPED_BYTES = "with open(path, 'rb') as file: mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)"
_SHARED_BYTES = "out = shared_memory.SharedMemory(create=True, size=8 * n)\nout.close()\nout.unlink()"

# Nothing cannot be mapped or shared by the others.
WORKS = [
    work(
        "map_file(path, format)",
        "mapped ints",
        "sb.map_file(path, format)",
        of=ARRAY_ONLY,
        sizes=FILLED,
        less=(MMAP,),
        same=False,
        peers={NUMPY: "np.memmap(path, format, 'r')", MMAP: _MAPPED_BYTES},
    ),
    work(
        "map_file(path, format).close()",
        "mapped ints",
        "sb.map_file(path, format).close()",
        of=ARRAY_ONLY,
        sizes=FILLED,
        less=(MMAP,),
        peers={MMAP: f"{_MAPPED_BYTES}.close()"},
    ),
    work("x.flush()", "mapped ints", "x.flush()", NUMPY, MMAP, of=ARRAY_ONLY, sizes=FILLED),
    work(
        "x.advise('willneed')",
        "mapped ints",
        "x.advise('willneed')",
        of=ARRAY_ONLY,
        sizes=FILLED,
        peers={MMAP: "x.madvise(mmap.MADV_WILLNEED)"},
    ),
    work(
        "shared(n, format).close()",
        "ints",
        "sb.shared(n, format).close()",
        of=ARRAY_ONLY,
        sizes=FILLED,
        same=False,
        peers={SHARED_MEMORY: _SHARED_BYTES},
    ),
]
