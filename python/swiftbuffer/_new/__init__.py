# SPDX-License-Identifier: Apache-2.0
"""``python -m swiftbuffer new NAME``: a Swift package that is a Python module, with tests, stubs and a workflow."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

__all__ = ["KINDS", "create"]

KINDS = {
    "function": "functions of numbers and buffers",
    "exporter": "a type that shares its memory with every consumer of buffers",
    "consumer": "functions that read and write buffers of any layout",
}
TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".txt"


def create(name: str, kind: str, parent: Path) -> Path:
    """Write a package called ``name`` into a new folder of ``parent``; returns the folder.

    Raises ValueError for a name that is no module's, and FileExistsError for a folder that is not empty.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is no name for a module; use lower-case letters, digits and _, as in 'signals'")
    if name in sys.stdlib_module_names or name in ("swiftbuffer", "tests", "build"):
        raise ValueError(f"{name!r} is the name of another module; choose one of your own")
    folder = parent / name
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} exists, and is not empty")
    for group in ("common", kind):
        root = TEMPLATES / group
        for template in sorted(root.rglob(f"*{SUFFIX}")):
            # Hidden files have names without the dot here.
            place = str(template.relative_to(root)).removesuffix(SUFFIX).replace("@name@", name).replace("dot-", ".")
            text = template.read_text(encoding="utf-8").replace("@name@", name).replace("@kind@", KINDS[kind])
            file = folder / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return folder
