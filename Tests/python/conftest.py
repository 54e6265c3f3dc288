"""How Hypothesis searches: anew in every run, but in continuous integration always the same examples.

SWIFTBUFFER_EXAMPLES asks for more or fewer of them than 100.
"""

import os

from hypothesis import settings

settings.register_profile(
    "project",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    max_examples=int(os.environ.get("SWIFTBUFFER_EXAMPLES", "100")),
)
settings.load_profile("project")
