# SPDX-License-Identifier: Apache-2.0
"""``python -m swiftbuffer``."""

import sys

from swiftbuffer._check.cli import main

if __name__ == "__main__":
    sys.exit(main())
