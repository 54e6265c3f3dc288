# SPDX-License-Identifier: Apache-2.0
"""DLP151, DLP152: whether all tensors agree, and with the buffer of the same object."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from swiftbuffer import _testing, capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import Answer, Layout, acquire
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.production import Production
from swiftbuffer._check.rule import Phase, tensor_code, tensor_experiment
from swiftbuffer._check.tensors import Tensor

TENSORS_DIFFER = tensor_code(
    151,
    "tensors-differ",
    Severity.INCONSISTENCY,
    manuals.ARRAY_API,
    title="tensors of one object differ",
    rule="Without a copy, every call hands out the same memory: its address, type, shape and strides.",
    consequence="What a consumer computes depends on the version that it knows.",
    remedy="Describe the memory in one place, for both structures.",
)
BUFFER_DIFFERS = tensor_code(
    152,
    "buffer-differs",
    Severity.INCONSISTENCY,
    manuals.DLPACK_SEMANTICS,
    title="the tensor differs from the buffer of the same object",
    rule="An object that also exports a buffer shows the same items there: address, shape, strides, type of item.",
    consequence="What a consumer computes depends on the protocol that it prefers.",
    remedy="Describe the memory in one place, for both protocols; DLPack counts strides in items.",
)

# The kinds of numbers in formats of `struct` and PEP 3118, as codes of DLPack.
_KINDS = {
    **dict.fromkeys("bhilqn", 0),
    **dict.fromkeys("BHILQN", 1),
    **dict.fromkeys("efdg", 2),
    **dict.fromkeys(("Ze", "Zf", "Zd", "Zg"), 5),
    "?": 6,
}
_SWAPPED = {"little": ">!", "big": "<"}


def _canonical(layout: Layout) -> tuple[object, ...]:
    """What two descriptions of the same items agree in: strides of axes with one item, or none, do not matter."""
    if layout.nbytes == 0:
        return layout.itemsize, layout.shape
    strides = tuple(stride if length > 1 else 0 for length, stride in zip(layout.shape, layout.strides, strict=True))
    return layout.itemsize, layout.shape, strides, layout.buf


@tensor_experiment(TENSORS_DIFFER, phase=Phase.ANSWERS)
def compare_tensors(production: Production) -> Iterator[Observation]:
    """Compares all tensors that are no copies."""
    reference = production.reference
    if reference is None or reference.layout is None:
        return
    for tensor in production.shared:
        layout = tensor.layout
        # With copy=False, another address is DLP143.
        if layout is None or (tensor.request.copy is False and tensor.data != reference.data):
            continue
        if (tensor.type, _canonical(layout)) != (reference.type, _canonical(reference.layout)):
            yield TENSORS_DIFFER.observed(str(tensor.request), f"{tensor}; {reference.request} gets {reference}")


@tensor_experiment(BUFFER_DIFFERS)
def compare_with_buffer(production: Production) -> Iterator[Observation]:
    """Compares a tensor with the buffer of the same object, both held."""
    reference = production.reference
    if reference is None or not capi.PyObject_CheckBuffer(production.obj):
        return
    production.step(f"comparing {reference.request} with PyBUF_FULL_RO")
    tensor, held = production.hold(reference.request)
    answer, handle = acquire(production.obj, capi.PyBUF_FULL_RO)
    difference = _difference(tensor, answer)
    if difference:
        yield BUFFER_DIFFERS.observed(str(reference.request), f"{difference}: {tensor}; the buffer is {answer}")
    _testing._probe_release(handle)
    production.end(held)


def _difference(tensor: Tensor, answer: Answer) -> str | None:
    if tensor.layout is None or answer.layout is None or answer.layout.suboffsets is not None:
        return None
    kind = _KINDS.get((answer.format or "B").lstrip("@=<>!"))
    if kind is not None and (kind != tensor.type[0] or answer["itemsize"] * 8 != tensor.type[1]):
        return "another type of item"
    swapped = (answer.format or "B")[0] in _SWAPPED[sys.byteorder]
    if kind is not None and swapped and answer["itemsize"] > 1:
        return "another byte order"
    if tensor.layout.shape != answer.layout.shape:
        return "another shape"
    if _canonical(tensor.layout) != _canonical(answer.layout):
        return f"other memory, at {tensor.first:#x} and {answer['buf']:#x}"
    return None
