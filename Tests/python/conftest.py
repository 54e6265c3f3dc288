"""How Hypothesis searches: anew in every run, but in continuous integration always the same examples."""

import os

from hypothesis import settings

settings.register_profile("search", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
# Many more, where the long proofs ask for them.
settings.register_profile("long", deadline=None, max_examples=int(os.environ.get("SWIFTBUFFER_EXAMPLES", "100")))
settings.load_profile(
    "long" if "SWIFTBUFFER_EXAMPLES" in os.environ else "repeatable" if os.environ.get("CI") else "search"
)
