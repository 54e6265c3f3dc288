# SPDX-License-Identifier: Apache-2.0
"""DLP161 to DLP167: deleters, references, and whether the memory lives as long as the tensor."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.answers import described, read_memory
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.production import Change, Production
from swiftbuffer._check.rule import Phase, tensor_code, tensor_experiment
from swiftbuffer._check.tensor_requests import TensorRequest, unanswerable
from swiftbuffer._check.tensors import item_bytes

DELETER_NOT_CALLED = tensor_code(
    161,
    "capsule-leaks",
    Severity.VIOLATION,
    manuals.DLPACK_IMPLEMENTATION,
    title="a capsule that nobody consumed does not call the deleter once",
    rule="The capsule has a destructor, which calls the deleter if the capsule still has its first name.",
    consequence="Memory is never freed when a consumer raises before it has taken the tensor, or is freed twice.",
    remedy="Pass a destructor to PyCapsule_New that calls the deleter while PyCapsule_IsValid finds the first name.",
)
DELETER_AFTER_USE = tensor_code(
    162,
    "consumed-capsule-deletes",
    Severity.VIOLATION,
    manuals.DLPACK_IMPLEMENTATION,
    title="a capsule that was consumed calls the deleter",
    rule="The destructor does nothing for a capsule that the consumer has renamed.",
    consequence="The consumer uses freed memory, and calls the deleter a second time.",
    remedy="Call the deleter only while PyCapsule_IsValid finds the first name.",
)
DELETER_RAISES = tensor_code(
    163,
    "deleter-raises",
    Severity.VIOLATION,
    manuals.DLPACK_MANAGED,
    title="the deleter raises",
    rule="A deleter returns nothing and cannot fail: it may be called by code that knows no Python.",
    consequence="The exception surfaces in a later, unrelated call, or as SystemError.",
    remedy="Handle errors in the deleter, or report them with PyErr_WriteUnraisable.",
)
REFERENCE_LEAK = tensor_code(
    164,
    "reference-leak",
    Severity.VIOLATION,
    manuals.DLPACK_MANAGED,
    title="references to the producer remain after the deleter was called",
    rule="The deleter ends what manager_ctx holds, and a call that raises holds nothing.",
    consequence="The object and its memory are never freed.",
    remedy="Release in the deleter what __dlpack__ took, and take it after everything that can fail.",
)

_ROUNDS = 5


@tensor_experiment(DELETER_NOT_CALLED)
def drop_capsules(production: Production) -> Iterator[Observation]:
    """Deletes capsules that were not consumed."""
    for request, known in production.tensors.items():
        if known.failure is not None or request.copy is False:
            continue
        production.step(f"deleting the capsule of {request}")
        before = sys.getrefcount(production.obj)
        _, held = production.acquire(request)
        # A capsule that the producer keeps does not end here; it is DLP107.
        if held is None or not held.has_deleter or held.is_kept_elsewhere:
            continue
        held.drop()
        calls = held.calls
        del held
        if calls > 1:
            yield DELETER_NOT_CALLED.observed(str(request), f"its deleter was called {calls} times")
        # A destructor may end the tensor by the function that the deleter is, as JAX's does, which is not counted here.
        elif calls == 0 and sys.getrefcount(production.obj) > before:
            yield DELETER_NOT_CALLED.observed(str(request), "its deleter was never called, and references remain")


@tensor_experiment(REFERENCE_LEAK, DELETER_AFTER_USE, DELETER_RAISES)
def count_references(production: Production) -> Iterator[Observation]:
    """Counts references before and after calls whose tensors are ended, here and on another thread."""
    requests = [*production.tensors, *unanswerable(production.device or (0, 0), production.keywords)]
    for request in requests:
        change = _change(production, request)
        if change > 0 and _change(production, request) == change:
            yield REFERENCE_LEAK.observed(str(request), f"{change} references more after {_ROUNDS} calls")


def _change(production: Production, request: TensorRequest) -> int:
    production.step(f"ending tensors of {request}")
    before = sys.getrefcount(production.obj)
    for number in range(_ROUNDS):
        _, held = production.hold(request)
        if number == 0:
            # The GIL is not held either: a deleter belongs to C.
            thread = threading.Thread(target=production.end, args=(held,))
            thread.start()
            thread.join()
            del thread
        else:
            production.end(held)
        del held, _
    after = sys.getrefcount(production.obj)
    if after > before:
        # Exceptions of producers written in Python keep frames, and frames keep the producer.
        gc.collect(1)
        after = sys.getrefcount(production.obj)
    return after - before


TENSORS_DEPENDENT = tensor_code(
    165,
    "tensors-dependent",
    Severity.VIOLATION,
    manuals.DLPACK_MANAGED,
    title="a tensor changes when another one ends",
    rule="Each tensor is valid, with its shape and strides, until its own deleter is called.",
    consequence="The consumer reads freed memory.",
    remedy="Allocate structure, shape and strides for each tensor, and count those that use the memory.",
)


@tensor_experiment(TENSORS_DEPENDENT)
def end_one_of_two(production: Production) -> Iterator[Observation]:
    """Ends the first of two tensors, and reads the second."""
    reference = production.reference
    if reference is None:
        return
    request = reference.request
    production.step(f"ending one of two tensors of {request}")
    _, first = production.hold(request)
    tensor, second = production.hold(request)
    before = item_bytes(tensor)
    production.end(first)
    # The allocator reuses what was freed for blocks of the same size.
    reused = [bytearray(b"\xa5") * size for size in (64, 80, 128, 16 * max(tensor.ndim, 1)) for _ in range(32)]
    if second is not None and not second.calls:
        after = second.reread()
        if after is None or str(after) != str(tensor):
            seen = f"{tensor}; after the end of another one {after or 'it cannot be read'}"
            yield TENSORS_DEPENDENT.observed(str(request), seen)
        elif item_bytes(tensor) != before:
            yield TENSORS_DEPENDENT.observed(str(request), f"{tensor}; its items changed at the end of another one")
    del reused
    production.end(second)


FREED_WHILE_HELD = tensor_code(
    166,
    "freed-while-held",
    Severity.VIOLATION,
    manuals.DLPACK_MANAGED,
    title="the memory was freed while a tensor was held",
    rule="The memory stays valid until the consumer calls the deleter.",
    consequence="The consumer reads and writes freed memory.",
    remedy="Refuse to resize or to close while tensors are held, or free the memory when the last one ends.",
)
STAYS_LOCKED = tensor_code(
    167,
    "stays-locked",
    Severity.VIOLATION,
    manuals.DLPACK_MANAGED,
    title="the object cannot be resized after the deleter was called",
    rule="The deleter tells the producer that the memory is no longer needed.",
    consequence="The object can never be resized again.",
    remedy="Count a tensor when it is made, and count it down in its deleter.",
)


@tensor_experiment(FREED_WHILE_HELD, STAYS_LOCKED, phase=Phase.CHANGES)
def change(production: Production) -> Iterator[Observation]:
    """Resizes and closes the object while a tensor is held, and resizes it after the end."""
    reference = production.reference
    if reference is None:
        return
    for verb, change in (("resized", production.resize), ("closed", production.close)):
        if change is None:
            continue
        production.step(f"being {verb} while a tensor is held")
        tensor, held = production.hold(reference.request)
        span = tensor.range
        before = read_memory(span.start, min(len(span), 4096))
        refusal = _raised(change, production.obj)
        if refusal is None and before is not None and len(span):
            # The allocator reuses memory that was freed for blocks of the same size.
            reused = [bytearray(b"\xa5") * len(span) for _ in range(64)] if len(span) < 1 << 20 else []
            after = read_memory(span.start, min(len(span), 4096))
            del reused
            if after != before or production.is_allocated_anew(span):
                what = "is unmapped" if after is None else "was reused"
                yield FREED_WHILE_HELD.observed(str(reference.request), f"{verb}; the memory at {span.start:#x} {what}")
        production.end(held)
        if verb == "resized" and refusal is not None:
            production.step("being resized after the tensor has ended")
            again = _raised(change, production.obj)
            if again is not None:
                yield STAYS_LOCKED.observed(str(reference.request), f"after the deleter was called: {again}")


def _raised(change: Change, obj: object) -> str | None:
    try:
        change(obj)
    except Exception as error:
        return described(error)
    return None
