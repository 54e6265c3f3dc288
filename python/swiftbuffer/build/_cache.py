# SPDX-License-Identifier: Apache-2.0
"""The folder in which what all projects of a user share is kept, and the locks of those who write there."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swiftbuffer.build._toolchain import BuildError

UNUSED_DAYS = 60


def root(project: Path) -> Path:
    """SWIFTBUFFER_CACHE, or the user's cache; a folder of the project where neither can be written."""
    if chosen := os.environ.get("SWIFTBUFFER_CACHE"):
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    folder = Path(base) / "swiftbuffer"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return project / "build" / "swiftbuffer"
    return folder if os.access(folder, os.W_OK) else project / "build" / "swiftbuffer"


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Keeps other processes out; waits for those that hold the lock."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise BuildError(f"{file} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def forget_unused(folder: Path) -> None:
    """Removes the entries of a folder that no build has used for two months."""
    oldest = time.time() - UNUSED_DAYS * 86400
    for entry in folder.iterdir():
        stamp = entry / "used"
        if stamp.exists() and stamp.stat().st_mtime < oldest:
            shutil.rmtree(entry, ignore_errors=True)
