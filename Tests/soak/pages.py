# SPDX-License-Identifier: Apache-2.0
"""Every page of the site, those of all codes too, shows what it has in a browser without an error."""

from __future__ import annotations

import os
import sys

import docs


def main() -> int:
    os.environ["SWIFTBUFFER_PAGES"] = "all"
    return docs.main()


if __name__ == "__main__":
    sys.exit(main())
