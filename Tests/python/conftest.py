"""How Hypothesis searches: anew in every run, but in continuous integration always the same examples."""

import os

from hypothesis import settings

settings.register_profile("search", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable" if os.environ.get("CI") else "search")
