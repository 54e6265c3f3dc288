# SPDX-License-Identifier: Apache-2.0
"""`make release VERSION=0.2.0`: everything of a release in `dist/`, from a clean checkout of its commit.

Checks that the version is that of the package and has a section in CHANGELOG.md, then makes the source distribution,
the wheels of every CPython that is found, and `SHA256SUMS`. Times in the files are the commit's, and two folders give
the same bytes (docs/guarantees.md). RELEASING.md says what comes before and after.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import envs
import swiftpm
import wheels

ROOT = envs.ROOT
DIST = ROOT / "dist"


class ReleaseError(Exception):
    """The tree is not in the state of a release; the message is one line and says what would help."""


def package_version() -> str:
    """The version that the package gives itself."""
    text = (ROOT / "python" / "swiftbuffer" / "_version.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    assert found is not None, "_version.py names the version"
    return found[1]


def changes(version: str, changelog: str) -> str:
    """The section of a version in the changelog, without its heading.

    Raises `ReleaseError` if there is none, or nothing in it.
    """
    found = re.search(rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## \[|\Z)", changelog, re.MULTILINE | re.DOTALL)
    if found is None or not found[1].strip():
        raise ReleaseError(f"CHANGELOG.md has no section '## [{version}]' with a date and the changes of this version")
    return found[1].strip()


def git(*arguments: str) -> str:
    """What git prints."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ReleaseError(f"`git {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


def check(version: str) -> None:
    """Raises `ReleaseError` unless the checked-out commit is that of the version."""
    if not version:
        raise ReleaseError(f"no version given; use `make release VERSION={package_version()}`")
    if version != package_version():
        raise ReleaseError(f"VERSION is {version}, but python/swiftbuffer/_version.py says {package_version()}")
    changes(version, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    if changed := git("status", "--porcelain"):
        raise ReleaseError(f"the tree has changes that are not committed, the first: {changed.splitlines()[0]}")


def normalize(archive: Path, epoch: int) -> None:
    """Rewrites a source distribution so that it depends on its files' contents alone: names in order, one time, no
    owners."""
    content = io.BytesIO()
    with tarfile.open(archive) as old, tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as new:
        for entry in sorted(old, key=lambda entry: entry.name):
            data = old.extractfile(entry) if entry.isreg() else None
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = epoch, 0, 0, "", ""
            entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
            entry.pax_headers = {}
            new.addfile(entry, data)
    with archive.open("wb") as file, gzip.GzipFile("", "wb", mtime=epoch, fileobj=file) as packed:
        packed.write(content.getvalue())


def make_sdist(epoch: int) -> Path:
    """The source distribution in `dist/`."""
    executable = envs.ensure("wheel", envs.current())
    envs.run(executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", DIST, ROOT)
    (archive,) = DIST.glob("*.tar.gz")
    normalize(archive, epoch)
    return archive


def write_checksums() -> None:
    """`SHA256SUMS` of all files in `dist/`, as `sha256sum --check` reads it."""
    files = sorted(file for file in DIST.iterdir() if file.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (DIST / "SHA256SUMS").write_text("".join(lines))


def main(version: str) -> None:
    try:
        check(version)
        epoch = int(git("log", "-1", "--format=%ct"))
        os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
        shutil.rmtree(DIST, ignore_errors=True)
        make_sdist(epoch)
        wheels.main("all")
    except (ReleaseError, swiftpm.BuildError) as error:
        sys.exit(f"error: {error}")
    write_checksums()
    print((DIST / "SHA256SUMS").read_text(), end="")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
