# SPDX-License-Identifier: Apache-2.0
"""What the workers do: a module that they can import."""

from __future__ import annotations

import swiftbuffer


def to_picture(raw: swiftbuffer.Array) -> swiftbuffer.Array:
    """A picture of one byte a pixel, of a raw frame of 12 bits. `raw` is the memory that the worker has received."""
    return raw.astype("B", scale=255 / 4095)
