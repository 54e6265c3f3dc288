# SPDX-License-Identifier: Apache-2.0
"""How many examples a property test tries: more or fewer than the others, and in proportion to SWIFTBUFFER_EXAMPLES."""

from __future__ import annotations

from hypothesis import settings


def examples(count: int) -> settings:
    """Tries so many examples where others try 100."""
    return settings(max_examples=max(settings.default.max_examples * count // 100, 1))
