# SPDX-License-Identifier: Apache-2.0
"""The sections of the documentation that state the rules."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ACQUIRE",
    "ARRAY_API",
    "ARRAY_API_DEVICE",
    "CONTIGUITY",
    "DLPACK_DATA",
    "DLPACK_DATATYPE",
    "DLPACK_DEVICE",
    "DLPACK_IMPLEMENTATION",
    "DLPACK_MANAGED",
    "DLPACK_READ_ONLY",
    "DLPACK_SEMANTICS",
    "DLPACK_TENSOR",
    "DLPACK_VERSION",
    "DLPACK_VERSIONED",
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

_DLPACK = "https://dmlc.github.io/dlpack/latest"
_C_API = f"{_DLPACK}/c_api.html"
_ARRAY_API = "https://data-apis.org/array-api/latest/API_specification/generated"

ARRAY_API = Source("Python array API standard, array.__dlpack__", f"{_ARRAY_API}/array_api.array.__dlpack__.html")
ARRAY_API_DEVICE = Source(
    "Python array API standard, array.__dlpack_device__", f"{_ARRAY_API}/array_api.array.__dlpack_device__.html"
)
DLPACK_SEMANTICS = Source("Python Specification for DLPack, Semantics", f"{_DLPACK}/python_spec.html#semantics")
DLPACK_IMPLEMENTATION = Source(
    "Python Specification for DLPack, Implementation", f"{_DLPACK}/python_spec.html#implementation"
)
DLPACK_VERSION = Source("DLPack C API, DLPackVersion", f"{_C_API}#c.DLPackVersion")
DLPACK_DEVICE = Source("DLPack C API, DLDevice", f"{_C_API}#c.DLDevice")
DLPACK_DATATYPE = Source("DLPack C API, DLDataType", f"{_C_API}#c.DLDataType")
DLPACK_TENSOR = Source("DLPack C API, DLTensor", f"{_C_API}#c.DLTensor")
DLPACK_DATA = Source("DLPack C API, DLTensor.data", f"{_C_API}#c.DLTensor.data")
DLPACK_MANAGED = Source("DLPack C API, DLManagedTensor", f"{_C_API}#c.DLManagedTensor")
DLPACK_VERSIONED = Source("DLPack C API, DLManagedTensorVersioned", f"{_C_API}#c.DLManagedTensorVersioned")
DLPACK_READ_ONLY = Source("DLPack C API, DLPACK_FLAG_BITMASK_READ_ONLY", f"{_C_API}#c.DLPACK_FLAG_BITMASK_READ_ONLY")
