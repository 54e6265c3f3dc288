# SPDX-License-Identifier: Apache-2.0
"""DLP171 to DLP173: what happens to calls that cannot be granted."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.production import Production
from swiftbuffer._check.rule import Phase, tensor_code, tensor_experiment
from swiftbuffer._check.tensor_requests import STREAM_OF_CPU, TensorRequest, unanswerable

CPU = 1

WRONG_EXCEPTION = tensor_code(
    171,
    "wrong-exception",
    Severity.DEVIATION,
    manuals.ARRAY_API,
    title="a refusal raises something other than BufferError",
    rule="BufferError should be raised when the data cannot be exported, such as for its type or strides.",
    consequence="Consumers that try one protocol after the other do not reach the next.",
    remedy="Raise BufferError.",
)


@tensor_experiment(WRONG_EXCEPTION, phase=Phase.ANSWERS)
def examine_refusals(production: Production) -> Iterator[Observation]:
    """Whether calls that could be granted are refused with BufferError."""
    for request, tensor in production.tensors.items():
        if tensor.error is not None and not issubclass(tensor.error, (BufferError, MemoryError)):
            yield WRONG_EXCEPTION.observed(str(request), str(tensor))


DEVICE_REQUEST = tensor_code(
    172,
    "device-request-ignored",
    Severity.VIOLATION,
    manuals.ARRAY_API,
    title="a request for a device that the producer cannot handle does not raise BufferError",
    rule="If the device type of dl_device cannot be handled by the producer, __dlpack__ must raise BufferError.",
    consequence="The consumer takes the memory for that of its device, or gets an exception that it does not expect.",
    remedy="Compare dl_device with __dlpack_device__(), and raise BufferError for any other.",
)


@tensor_experiment(DEVICE_REQUEST)
def ask_for_another_device(production: Production) -> Iterator[Observation]:
    """Asks for memory of a device that no array library has."""
    if production.reference is None or production.device is None:
        return
    for request in unanswerable(production.device, production.keywords):
        tensor = production.ask(request)
        if tensor.error is None or not issubclass(tensor.error, BufferError):
            yield DEVICE_REQUEST.observed(str(request), str(tensor))


STREAM_ACCEPTED = tensor_code(
    173,
    "stream-accepted",
    Severity.DEVIATION,
    manuals.ARRAY_API,
    title="a stream is accepted for memory of the CPU",
    rule="On CPU and other devices without streams, only None is accepted for stream.",
    consequence="A consumer that passes the stream of another device believes that it has synchronized.",
    remedy="Raise an exception if stream is not None.",
)


@tensor_experiment(STREAM_ACCEPTED)
def ask_for_a_stream(production: Production) -> Iterator[Observation]:
    """Passes a stream to a producer whose memory is the CPU's."""
    reference = production.reference
    if reference is None or production.device is None or production.device[0] != CPU:
        return
    request = TensorRequest(reference.request.max_version, stream=STREAM_OF_CPU)
    tensor = production.ask(request)
    if tensor.failure is None:
        yield STREAM_ACCEPTED.observed(str(request), str(tensor))
