# SPDX-License-Identifier: Apache-2.0
"""The whole table of operations."""

from __future__ import annotations

import library_operations
import memory_operations
from operation import IN_PYTHON, OPERATIONS, Setup, check_free

__all__ = ["IN_PYTHON", "OPERATIONS", "Setup", "check_free", "library_operations", "memory_operations"]
