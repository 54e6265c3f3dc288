# SPDX-License-Identifier: Apache-2.0
"""An exporter of any format, right or wrong, which tests also name on the command line of the checker."""

from __future__ import annotations

from typing import Any

import swiftbuffer
from swiftbuffer import capi, testing


def exporter(format_: str | bytes, itemsize: int = 1) -> Any:
    """Three items of zeros that claim this format and itemsize."""
    source = swiftbuffer.zeros((3 * max(itemsize, 1),), "B")
    changed = testing.broken(source, format=format_, when=capi.PyBUF_FORMAT | capi.PyBUF_ND)
    return (
        changed.also(itemsize=itemsize, len=3 * itemsize)
        .also(capi.PyBUF_ND, shape=(3,))
        .also(capi.PyBUF_STRIDES, strides=(itemsize,))
    )
