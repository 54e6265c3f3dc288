# SPDX-License-Identifier: Apache-2.0
"""Which files of a project's folder belong into archives, and which have changed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

BUILT = frozenset({".build", ".swiftbuffer", ".venv", "__pycache__", "build", "dist", "node_modules", "venv"})


def files_below(folder: Path, skip: tuple[str, ...] = (".pyc",)) -> dict[str, Path | bytes]:
    """The files below a folder by their names in an archive, without those whose names end as in `skip`."""
    return {str(file.relative_to(folder)): file for file in _walk(folder) if not file.name.endswith(skip)}


def source_files(project: Path) -> list[Path]:
    """The files of a project that its source distribution has: those that Git tracks or would track; without Git, all
    but what was built and hidden files."""
    line = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(line, cwd=project, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        files: Iterator[Path] = _walk(project)
    else:
        files = (project / name for name in listed if name)
    return sorted(file for file in set(files) if file.is_file() and not _was_built(file.relative_to(project)))


def _was_built(name: Path) -> bool:
    return name.suffix in (".so", ".pyc") or not BUILT.isdisjoint(name.parts)


def _walk(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            if entry.name not in BUILT and not entry.name.startswith("."):
                yield from _walk(entry)
        elif entry.is_file() and not entry.name.startswith("."):
            yield entry
