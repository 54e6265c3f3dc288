# SPDX-License-Identifier: Apache-2.0
"""DLP122, DLP131 to DLP133: whether the items can be read, and written where the tensor says so."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from swiftbuffer import _testing, capi
from swiftbuffer._check import manuals
from swiftbuffer._check.answers import acquire, read_memory
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.production import Production
from swiftbuffer._check.rule import tensor_code, tensor_experiment
from swiftbuffer._check.rules.access import first_protected
from swiftbuffer._check.tensor_requests import TensorRequest
from swiftbuffer._check.tensors import READ_ONLY, Tensor

ITEMS_UNREADABLE = tensor_code(
    122,
    "items-unreadable",
    Severity.VIOLATION,
    manuals.DLPACK_DATA,
    title="items are outside of readable memory",
    rule="Every item that data, byte_offset, shape and strides describe is inside of the producer's memory.",
    consequence="The consumer crashes.",
    remedy="strides are in items, byte_offset is in bytes and counts from data.",
)
WRITE_PROTECTED = tensor_code(
    131,
    "write-protected",
    Severity.VIOLATION,
    manuals.DLPACK_READ_ONLY,
    title="READ_ONLY is not set although the pages are write-protected",
    rule="READ_ONLY says that the consumer must not write; without it, and in DLManagedTensor, consumers write.",
    consequence="The first write crashes the process.",
    remedy="Set READ_ONLY, and refuse consumers that take no version with BufferError.",
)


@tensor_experiment(ITEMS_UNREADABLE, WRITE_PROTECTED)
def access_outermost_items(production: Production) -> Iterator[Observation]:
    """Accesses the outermost items of one tensor of each kind while it is held."""
    for request in dict.fromkeys((TensorRequest(), TensorRequest((1, 3)), TensorRequest((1, 3), copy=True))):
        known = production.tensors.get(request)
        if known is None or not known.granted:
            continue
        production.step(f"reading the items of {request}")
        tensor, held = production.hold(request)
        yield from _access(tensor)
        production.end(held)


def _access(tensor: Tensor) -> Iterator[Observation]:
    layout = tensor.layout
    if layout is None or not tensor.is_readable:
        return
    addresses = [address for address in layout.corners() if address is not None]
    for address in addresses:
        if read_memory(address, min(layout.itemsize, 4096)) is None:
            yield ITEMS_UNREADABLE.observed(str(tensor.request), f"the item at {address:#x} cannot be read: {tensor}")
            return
    if not tensor.flags & READ_ONLY and sys.platform == "linux":
        protected = first_protected(addresses)
        if protected is not None:
            seen = f"{tensor}; the page at {protected:#x} cannot be written"
            yield WRITE_PROTECTED.observed(str(tensor.request), seen)


READ_ONLY_HIDDEN = tensor_code(
    132,
    "read-only-hidden",
    Severity.VIOLATION,
    manuals.DLPACK_READ_ONLY,
    title="read-only memory is handed out as writable",
    rule=(
        "Memory that is read-only elsewhere is so here: with READ_ONLY in DLManagedTensorVersioned. DLManagedTensor "
        "cannot say so, and its consumers write."
    ),
    consequence="A consumer writes memory that its owner takes for constant, and has hashed, cached or shared.",
    remedy="Set READ_ONLY, and refuse consumers that take no version with BufferError.",
)
READ_ONLY_DIFFERS = tensor_code(
    133,
    "read-only-differs",
    Severity.INCONSISTENCY,
    manuals.DLPACK_READ_ONLY,
    title="READ_ONLY is set although the object exports the memory as a writable buffer",
    rule="READ_ONLY tells whether consumers may write, as readonly of the buffer protocol does.",
    consequence="One consumer may write where another must copy.",
    remedy="Derive both from the memory.",
)


@tensor_experiment(READ_ONLY_HIDDEN, READ_ONLY_DIFFERS)
def compare_read_only(production: Production) -> Iterator[Observation]:
    """Compares READ_ONLY of all tensors that are no copies, and with the buffer of the same object."""
    versioned = [tensor for tensor in production.shared if tensor.version is not None]
    marked = next((tensor for tensor in versioned if tensor.flags & READ_ONLY), None)
    writable = buffer_is_writable(production)
    if writable is False or marked is not None:
        why = f"{marked.request} has READ_ONLY" if marked is not None else "readonly of its buffer is 1"
        for tensor in production.shared:
            # Of nothing, nothing can be written.
            if not tensor.flags & READ_ONLY and tensor.count:
                yield READ_ONLY_HIDDEN.observed(str(tensor.request), f"{tensor}; {why}")
    if writable and marked is not None:
        yield READ_ONLY_DIFFERS.observed(str(marked.request), f"flags={marked.flags:#x}; readonly of its buffer is 0")


def buffer_is_writable(production: Production) -> bool | None:
    """What the buffer protocol says of the same object; ``None`` if it exports no buffer."""
    if not capi.PyObject_CheckBuffer(production.obj):
        return None
    production.step("answering PyBUF_FULL_RO")
    answer, handle = acquire(production.obj, capi.PyBUF_FULL_RO)
    _testing._probe_release(handle)
    return answer["readonly"] == 0 if answer.sound else None
