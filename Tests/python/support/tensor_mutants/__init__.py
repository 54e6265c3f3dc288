# SPDX-License-Identifier: Apache-2.0
"""One producer of DLPack for each code of the checker, which breaks that rule and no other."""

from tensor_mutants import calls, fields, life, memory
from tensor_mutants.producer import MUTANTS, Producer, both

# Importing a module enters its producers.
SUBJECTS = (calls, fields, memory, life)

__all__ = ["MUTANTS", "SUBJECTS", "Producer", "both"]
