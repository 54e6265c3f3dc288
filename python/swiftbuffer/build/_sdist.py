# SPDX-License-Identifier: Apache-2.0
"""Writes source distributions: what Git knows of a project, and PKG-INFO. Two runs give the same bytes if
SOURCE_DATE_EPOCH is set."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

from swiftbuffer.build import _tree, _wheel
from swiftbuffer.build._toolchain import BuildError


def write_sdist(project: Path, folder: Path) -> str:
    """The source distribution of a project; returns its name."""
    read = _wheel.metadata(project)
    top = f"{read.canonical_name.replace('-', '_')}-{read.version}"
    when = int(os.environ.get("SOURCE_DATE_EPOCH") or (project / "pyproject.toml").stat().st_mtime)
    files = {str(file.relative_to(project)): file.read_bytes() for file in _tree.source_files(project)}
    if "Package.swift" not in files:
        raise BuildError(f"Package.swift of {project} is ignored by Git: the source distribution would not build")
    files["PKG-INFO"] = bytes(read.as_rfc822())
    archive = folder / f"{top}.tar.gz"
    with (
        archive.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=when) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size, entry.mtime = len(content), when
            file = project / name
            entry.mode = 0o755 if file.exists() and os.access(file, os.X_OK) else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return archive.name
