# SPDX-License-Identifier: Apache-2.0
"""Two builds of one commit in two folders give the same wheel, byte for byte.

The folders have names and paths of different lengths. The second build has another time zone and language, and other
seeds for the hashes of Python and Swift. What is built is the commit that is checked out here.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import envs

OTHERWISE = {
    "TZ": "Asia/Kathmandu",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "7",
    # Swift's own tools take a random seed otherwise.
    "SWIFT_DETERMINISTIC_HASHING": "1",
}


def wheel(folder: Path, variables: dict[str, str]) -> Path:
    """What `make wheel` makes of a fresh checkout in `folder`."""
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", envs.ROOT, folder], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    subprocess.run([sys.executable, "tools/wheels.py"], cwd=folder, env=environment, check=True)
    (made,) = (folder / "dist").glob("*.whl")
    return made


def contents(file: Path) -> dict[str, str]:
    """A hash of each file in a wheel."""
    with zipfile.ZipFile(file) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def main() -> int:
    line = ["git", "log", "-1", "--format=%ct"]
    epoch = subprocess.run(line, cwd=envs.ROOT, capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="swiftbuffer-") as place:
        builds = {
            Path(place, "one"): {"SOURCE_DATE_EPOCH": epoch},
            Path(place, "a second folder", "with a longer name"): {"SOURCE_DATE_EPOCH": epoch, **OTHERWISE},
        }
        # A build leaves one of two cores idle for half of its time.
        with ThreadPoolExecutor() as workers:
            first, second = workers.map(wheel, builds, builds.values())
        if first.read_bytes() == second.read_bytes():
            print(f"the same bytes twice: {first.name}, {hashlib.sha256(first.read_bytes()).hexdigest()}")
            return 0
        one, two = contents(first), contents(second)
        different = [name for name in {**one, **two} if one.get(name) != two.get(name)]
        print(f"error: two builds of {first.name} differ in {', '.join(different) or 'the order or times of files'}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
