"""The sections of the documentation that state the rules."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ACQUIRE",
    "CONTIGUITY",
    "GETBUFFER",
    "INDEPENDENT",
    "INDIRECT",
    "MEMORYVIEW",
    "PEP688",
    "PEP3118",
    "READONLY",
    "RELEASE",
    "RELEASEBUFFER",
    "SHAPE",
    "STRUCTURE",
    "Source",
]

_MANUAL = "https://docs.python.org/3/c-api/buffer.html"
_SLOTS = "https://docs.python.org/3/c-api/typeobj.html"


class Source(NamedTuple):
    """A section of the documentation."""

    section: str
    url: str


STRUCTURE = Source("Buffer Protocol, Buffer structure", f"{_MANUAL}#buffer-structure")
INDEPENDENT = Source("Buffer Protocol, request-independent fields", f"{_MANUAL}#request-independent-fields")
READONLY = Source("Buffer Protocol, readonly, format", f"{_MANUAL}#readonly-format")
SHAPE = Source("Buffer Protocol, shape, strides, suboffsets", f"{_MANUAL}#shape-strides-suboffsets")
CONTIGUITY = Source("Buffer Protocol, contiguity requests", f"{_MANUAL}#contiguity-requests")
INDIRECT = Source(
    "Buffer Protocol, PIL-style: shape, strides and suboffsets", f"{_MANUAL}#pil-style-shape-strides-and-suboffsets"
)
ACQUIRE = Source("Buffer Protocol, PyObject_GetBuffer", f"{_MANUAL}#c.PyObject_GetBuffer")
RELEASE = Source("Buffer Protocol, PyBuffer_Release", f"{_MANUAL}#c.PyBuffer_Release")
GETBUFFER = Source("Buffer Object Structures, bf_getbuffer", f"{_SLOTS}#c.PyBufferProcs.bf_getbuffer")
RELEASEBUFFER = Source("Buffer Object Structures, bf_releasebuffer", f"{_SLOTS}#c.PyBufferProcs.bf_releasebuffer")
MEMORYVIEW = Source("memoryview, the reference implementation", "https://docs.python.org/3/c-api/memoryview.html")
PEP688 = Source("PEP 688", "https://peps.python.org/pep-0688/")
PEP3118 = Source("PEP 3118", "https://peps.python.org/pep-3118/")
