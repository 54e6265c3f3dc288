# SPDX-License-Identifier: Apache-2.0
"""DLP101 to DLP107: every call of ``__dlpack__`` once, and whether each returns what its consumer can read."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from swiftbuffer._check import manuals
from swiftbuffer._check.answers import described
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.production import Production
from swiftbuffer._check.rule import Phase, tensor_code, tensor_experiment
from swiftbuffer._check.tensor_requests import KEYWORDS, TensorRequest, requests_for
from swiftbuffer._check.tensors import MAJOR

CPU = 1
# The kinds of devices of DLPack 1.3.
_DEVICES = frozenset({1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18})

DEVICE_UNKNOWN = tensor_code(
    102,
    "device-unknown",
    Severity.VIOLATION,
    manuals.ARRAY_API_DEVICE,
    title="__dlpack_device__ returns no device",
    rule=("__dlpack_device__() returns a tuple (device_type, device_id) of DLPack's numbers: (1, 0) for the CPU."),
    consequence="Consumers call it before __dlpack__, and fail.",
    remedy="Return (1, 0) for memory of the CPU.",
)
KEYWORD_UNKNOWN = tensor_code(
    103,
    "keyword-unknown",
    Severity.DEVIATION,
    manuals.ARRAY_API,
    title="__dlpack__ does not accept a keyword of the standard",
    rule="__dlpack__ takes stream, max_version, dl_device and copy, each of which may be None (since 2023.12).",
    consequence="Consumers call again without it, or fail; read-only memory and copies cannot be told apart.",
    remedy="Accept all four as keyword-only parameters whose default is None.",
)


@tensor_experiment(DEVICE_UNKNOWN, KEYWORD_UNKNOWN, phase=Phase.REQUESTS)
def ask_everything(production: Production) -> Iterator[Observation]:
    """Makes every call that can be granted, with the keywords that the producer knows."""
    obj: Any = production.obj
    production.step("answering __dlpack_device__()")
    try:
        device = obj.__dlpack_device__()
    except BaseException as error:
        device, shown = None, described(error)
    else:
        shown = f"returned {device!r}"
    production.device = _device_of(device)
    if production.device is None:
        yield DEVICE_UNKNOWN.observed("__dlpack_device__()", shown)
    for keyword in KEYWORDS:
        tensor = production.ask(TensorRequest(given=(keyword,)))
        if tensor.error is not None and issubclass(tensor.error, TypeError):
            production.keywords -= {keyword}
            yield KEYWORD_UNKNOWN.observed(str(tensor.request), str(tensor))
    for request in requests_for(production.device, production.keywords):
        production.tensors[request] = production.ask(request)


def _device_of(returned: object) -> tuple[int, int] | None:
    """The device that a tuple names, whose kind may be a member of an enumeration; otherwise ``None``."""
    if not isinstance(returned, tuple) or len(returned) != 2:
        return None
    kind, number = returned
    kind = getattr(kind, "value", kind) if isinstance(kind, Enum) else kind
    if not isinstance(kind, int) or not isinstance(number, int):
        return None
    is_device = kind in _DEVICES and number >= 0 and not (kind == CPU and number)
    return (int(kind), int(number)) if is_device else None


NO_CAPSULE = tensor_code(
    101,
    "no-capsule",
    Severity.VIOLATION,
    manuals.DLPACK_IMPLEMENTATION,
    title="__dlpack__ returns no capsule of DLPack",
    rule=(
        'The capsule contains a DLManagedTensor and is named "dltensor", or a DLManagedTensorVersioned and is named '
        '"dltensor_versioned".'
    ),
    consequence="The consumer raises, or reads another structure than there is.",
    remedy="Return a new capsule of that name from each call.",
)
CAPSULE_REUSED = tensor_code(
    107,
    "capsule-reused",
    Severity.VIOLATION,
    manuals.DLPACK_IMPLEMENTATION,
    title="__dlpack__ returns a capsule or a structure that it has returned before",
    rule="A capsule is consumed exactly once: each call returns a new one, with a structure of its own.",
    consequence="The second consumer is refused, or two consumers call one deleter.",
    remedy="Make the structure and the capsule in __dlpack__, and keep neither.",
)


@tensor_experiment(NO_CAPSULE, phase=Phase.ANSWERS)
def examine_returned(production: Production) -> Iterator[Observation]:
    """Whether there is a capsule wherever there is no exception."""
    for request, tensor in production.tensors.items():
        if tensor.failure is not None and tensor.error is None and "used_" not in tensor.failure:
            yield NO_CAPSULE.observed(str(request), tensor.failure)


@tensor_experiment(CAPSULE_REUSED)
def hold_two(production: Production) -> Iterator[Observation]:
    """Makes a second call while the tensor of the first is held."""
    reference = production.reference
    requests = [TensorRequest()] if reference is None else [reference.request]
    for request in requests:
        production.step(f"answering {request} while a tensor is held")
        _, first = production.hold(request)
        second, other = production.hold(request)
        if second.failure is not None and second.error is None:
            yield CAPSULE_REUSED.observed(str(request), f"while the first tensor is held: {second.failure}")
        production.end(other)
        production.end(first)


VERSION_IGNORED = tensor_code(
    104,
    "version-ignored",
    Severity.VIOLATION,
    manuals.ARRAY_API,
    title="the tensor is of a version that the consumer does not know",
    rule=(
        "DLManagedTensorVersioned is returned to consumers that pass a max_version of (1, 0) or later, and no major "
        "version above theirs; for older consumers it is DLManagedTensor or BufferError."
    ),
    consequence="The consumer does not know the name of the capsule, and raises or crashes.",
    remedy="Return DLManagedTensor, or raise BufferError, where max_version is missing or below (1, 0).",
)
VERSION_DECLINED = tensor_code(
    105,
    "version-declined",
    Severity.DEVIATION,
    manuals.ARRAY_API,
    title="a consumer of DLPack 1 gets the structure without a version",
    rule="From max_version (1, 0) on, DLManagedTensorVersioned is recommended; DLManagedTensor is deprecated.",
    consequence="The consumer cannot know whether it may write; some refuse, others take the memory as read-only.",
    remedy="Return DLManagedTensorVersioned where max_version is at least (1, 0).",
)
NEWER_REFUSED = tensor_code(
    106,
    "newer-consumer-refused",
    Severity.INCONSISTENCY,
    manuals.ARRAY_API,
    title="a consumer that knows a newer version is refused",
    rule="max_version is the newest version that the consumer knows: a producer of an older one returns its own.",
    consequence="Exchange fails once a consumer learns the next version.",
    remedy="Compare max_version with >=, and fill in the version that you implement.",
)


@tensor_experiment(VERSION_IGNORED, VERSION_DECLINED, NEWER_REFUSED, phase=Phase.ANSWERS)
def compare_versions(production: Production) -> Iterator[Observation]:
    """Compares the version of each tensor with that of its consumer."""
    for request, tensor in production.tensors.items():
        if tensor.failure is None:
            most = (request.max_version or (0, 0))[0]
            if tensor.version is not None and not MAJOR <= tensor.version[0] <= most:
                yield VERSION_IGNORED.observed(str(request), str(tensor))
            elif tensor.version is None and request.versioned:
                yield VERSION_DECLINED.observed(str(request), "returned a capsule named 'dltensor'")
        elif request.versioned and request.max_version != (1, 0):
            older = TensorRequest((1, 0), request.dl_device, request.copy)
            granted = production.tensors.get(older)
            if granted is not None and granted.failure is None and tensor.error is not None:
                yield NEWER_REFUSED.observed(str(request), f"{tensor}; {older} is granted")
