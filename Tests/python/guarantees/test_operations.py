# SPDX-License-Identifier: Apache-2.0
"""Every operation of the table ends, one way or the other, without an export of what it worked on."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest

from operations import OPERATIONS, check_free

# What some of the operations are there to raise.
REFUSALS = (
    AttributeError,
    BufferError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    TypeError,
    ValueError,
    struct.error,
)


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_export_is_left(name: str) -> None:
    operation, exporters = OPERATIONS[name]()
    with suppress(*REFUSALS):
        operation()
    del operation
    check_free(exporters)
