# SPDX-License-Identifier: Apache-2.0
"""DLP111 to DLP123: fields that no tensor can have."""

from __future__ import annotations

import swiftbuffer
from tensor_mutants.producer import changed, field, numbers, versioned
from tensors import Legacy, Versioned

field("DLP112", ndim=-1)
field("DLP113", shape=None)
field("DLP114", shape=numbers(2, -3))
field("DLP116", shape=numbers(1 << 40, 1 << 40))
field("DLP117", lanes=0)
field("DLP118", data=None)
field("DLP119", data=4096, source=lambda: swiftbuffer.zeros((0, 3), "i"))
# Of fewer items, so that the last one is in the memory of a copy too.
field("DLP121", byte_offset=2, shape=numbers(1, 3))
field("DLP122", strides=numbers(1 << 44, 1))


def flags_undefined(managed: Versioned) -> None:
    managed.flags |= 1 << 5


def strides_missing(managed: Versioned) -> None:
    managed.tensor.strides = None


def elsewhere(managed: Legacy | Versioned) -> None:
    managed.tensor.device[:] = (3, 0)


changed("DLP111", versioned(flags_undefined))
changed("DLP115", versioned(strides_missing))
changed("DLP123", elsewhere)
