# SPDX-License-Identifier: Apache-2.0
"""A producer of DLPack while it is checked: the tensors that it handed out, and what the rules found out about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from swiftbuffer._check.answers import described
from swiftbuffer._check.codes import Observation
from swiftbuffer._check.tensor_requests import KEYWORDS, TensorRequest
from swiftbuffer._check.tensors import READABLE_DEVICES, Tensor

if TYPE_CHECKING:
    from swiftbuffer._check.capsules import Held

__all__ = ["Production"]

Change = Callable[[object], object]

# The most detailed first, and none that asks for a copy.
_PREFERRED = (
    TensorRequest((1, 3)),
    TensorRequest((1, 0)),
    TensorRequest((2, 0)),
    TensorRequest((1, 3), copy=False),
    TensorRequest(),
)


@dataclass
class Production:
    """One producer. The first rule makes every call; the others examine the tensors, or make more calls."""

    obj: object
    report: Callable[[Observation], None] = field(repr=False)
    step: Callable[[str], None] = field(repr=False)
    """Called with a description of the next step, which a crash or a timeout is attributed to."""
    resize: Change | None = None
    close: Change | None = None
    device: tuple[int, int] | None = None
    """What ``__dlpack_device__`` returned, if that is a device."""
    keywords: frozenset[str] = frozenset(KEYWORDS)
    """The keywords that ``__dlpack__`` knows."""
    tensors: dict[TensorRequest, Tensor] = field(default_factory=dict)
    """The answers to all calls that a producer can grant."""

    def acquire(self, request: TensorRequest) -> tuple[Tensor, Held | None]:
        """Makes one call; the capsule is neither consumed nor deleted."""
        from swiftbuffer._check.capsules import take

        obj: Any = self.obj
        try:
            returned = obj.__dlpack__(**request.keywords)
        except BaseException as error:  # Of a producer written in Python, whatever it raises.
            return Tensor(request, failure=described(error), error=type(error)), None
        return take(request, returned)

    def hold(self, request: TensorRequest) -> tuple[Tensor, Held | None]:
        """Makes one call, and consumes the capsule as a consumer does."""
        from swiftbuffer._check.rules.tensor_life import DELETER_AFTER_USE

        tensor, held = self.acquire(request)
        if held is not None:
            held.consume()
            if held.calls:
                seen = "the destructor of the consumed capsule called the deleter"
                self.report(DELETER_AFTER_USE.observed(str(request), seen))
        return tensor, held

    def end(self, held: Held | None) -> None:
        """Calls the deleter, and reports a failure."""
        from swiftbuffer._check.rules.tensor_life import DELETER_RAISES

        if held is None:
            return
        held.end()
        if held.failures:
            self.report(DELETER_RAISES.observed(str(held.tensor.request), f"from the deleter: {held.failures[0]}"))

    def ask(self, request: TensorRequest) -> Tensor:
        """Makes one call, and ends the tensor at once."""
        self.step(f"answering {request}")
        tensor, held = self.hold(request)
        self.step(f"ending the tensor of {request}")
        self.end(held)
        return tensor

    def is_allocated_anew(self, memory: range) -> bool:
        """Whether memory that a tensor shows belongs to nobody."""
        from swiftbuffer._check.capsules import is_allocated_anew

        return is_allocated_anew(memory)

    @property
    def granted(self) -> Iterator[Tensor]:
        """The tensors whose fields are known."""
        return (tensor for tensor in self.tensors.values() if tensor.granted)

    @property
    def shared(self) -> list[Tensor]:
        """The tensors that are no copies."""
        return [tensor for tensor in self.granted if not tensor.is_copy]

    @property
    def reference(self) -> Tensor | None:
        """The tensor that others are compared with: the most detailed one that is no copy."""
        found = {tensor.request: tensor for tensor in self.shared}
        for request in _PREFERRED:
            if request in found:
                return found[request]
        return next(iter(found.values()), None)

    @property
    def is_on_cpu(self) -> bool:
        """Whether the CPU reads the memory."""
        return self.device is not None and self.device[0] in READABLE_DEVICES
