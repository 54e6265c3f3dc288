# SPDX-License-Identifier: Apache-2.0
"""DLP141 to DLP145: whether a copy is made where it is asked for, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.production import Production
from swiftbuffer._check.rule import Phase, tensor_code, tensor_experiment
from swiftbuffer._check.tensor_requests import TensorRequest
from swiftbuffer._check.tensors import COPIED, Tensor, item_bytes

COPY_SHARED = tensor_code(
    141,
    "copy-shared",
    Severity.VIOLATION,
    manuals.ARRAY_API,
    title="copy=True hands out the memory itself",
    rule="With copy=True the producer always copies.",
    consequence="The consumer changes the original, which it was told is its own copy.",
    remedy="Copy, or raise BufferError where copies are not supported.",
)
COPY_DIFFERS = tensor_code(
    144,
    "copy-differs",
    Severity.VIOLATION,
    manuals.DLPACK_SEMANTICS,
    title="the copy has other items than the original",
    rule="A copy contains the data of the array: items, type and shape.",
    consequence="The consumer computes with other numbers.",
    remedy="Copy by shape and strides: the memory of an array may have gaps, or be in another order.",
)


@tensor_experiment(COPY_SHARED, COPY_DIFFERS)
def compare_copies(production: Production) -> Iterator[Observation]:
    """Compares the memory and the items of a copy with those of the original, while both are held."""
    reference = production.reference
    for request in (TensorRequest((1, 3), copy=True), TensorRequest(copy=True)):
        known = production.tensors.get(request)
        if reference is None or known is None or not known.granted or not production.is_on_cpu:
            continue
        production.step(f"comparing {request} with {reference.request}")
        original, held = production.hold(reference.request)
        copy, other = production.hold(request)
        if original.is_readable and copy.is_readable and not _is_broken(original) and not _is_broken(copy):
            yield from _compare(original, copy)
        production.end(other)
        production.end(held)


def _is_broken(tensor: Tensor) -> bool:
    return None in item_bytes(tensor)


def _compare(original: Tensor, copy: Tensor) -> Iterator[Observation]:
    mine, theirs = original.range, copy.range
    if max(mine.start, theirs.start) < min(mine.stop, theirs.stop):
        yield COPY_SHARED.observed(
            str(copy.request), f"the items are at {copy.first:#x}, those of the original at {original.first:#x}"
        )
    elif (original.type, original.shape) != (copy.type, copy.shape):
        yield COPY_DIFFERS.observed(str(copy.request), f"{copy}; the original is {original}")
    elif item_bytes(original) != item_bytes(copy):
        differing = [a != b for a, b in zip(item_bytes(original), item_bytes(copy), strict=True)].index(True)
        yield COPY_DIFFERS.observed(str(copy.request), f"item {differing}, in C order, has other bytes")


COPY_UNMARKED = tensor_code(
    142,
    "copy-unmarked",
    Severity.VIOLATION,
    manuals.ARRAY_API,
    title="a copy is not marked as one",
    rule="When a copy happens, IS_COPIED must be set.",
    consequence="The consumer copies again to have memory of its own.",
    remedy="Set DLPACK_FLAG_BITMASK_IS_COPIED where the memory was allocated for this tensor.",
)
COPY_FORBIDDEN = tensor_code(
    143,
    "copy-forbidden",
    Severity.VIOLATION,
    manuals.ARRAY_API,
    title="copy=False hands out a copy",
    rule="With copy=False the producer never copies, and raises BufferError if it would have to.",
    consequence="Changes that the consumer makes are lost.",
    remedy="Raise BufferError where the memory itself cannot be handed out.",
)
SHARED_MARKED = tensor_code(
    145,
    "shared-marked",
    Severity.VIOLATION,
    manuals.DLPACK_VERSIONED,
    title="memory that is shared is marked as a copy",
    rule="IS_COPIED says that the memory is solely the consumer's until it calls the deleter.",
    consequence="The consumer changes memory that others use, and that it takes for its own.",
    remedy="Set IS_COPIED only where the memory was allocated for this tensor.",
)


@tensor_experiment(COPY_UNMARKED, phase=Phase.ANSWERS)
def examine_marks(production: Production) -> Iterator[Observation]:
    """Whether tensors that were asked for as copies say that they are."""
    for tensor in production.granted:
        if tensor.request.copy is True and tensor.version is not None and not tensor.flags & COPIED:
            yield COPY_UNMARKED.observed(str(tensor.request), str(tensor))


@tensor_experiment(COPY_FORBIDDEN, SHARED_MARKED)
def compare_addresses(production: Production) -> Iterator[Observation]:
    """Holds two tensors of one call at once: what both have is shared, what each has of its own is a copy."""
    for request, known in production.tensors.items():
        if not known.granted or request.copy is True or not known.is_readable:
            continue
        production.step(f"answering {request} twice")
        first, held = production.hold(request)
        second, other = production.hold(request)
        if first.granted and second.granted:
            if first.data == second.data:
                if first.flags & COPIED:
                    yield SHARED_MARKED.observed(str(request), f"{first}; another tensor has the same memory")
            elif request.copy is False:
                seen = f"the items of two tensors are at {first.first:#x} and {second.first:#x}"
                yield COPY_FORBIDDEN.observed(str(request), seen)
        production.end(other)
        production.end(held)
