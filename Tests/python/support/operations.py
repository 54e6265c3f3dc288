"""The whole table of operations."""

from __future__ import annotations

import library_operations
import memory_operations
from operation import OPERATIONS, Setup, check_free

__all__ = ["OPERATIONS", "Setup", "check_free", "library_operations", "memory_operations"]
