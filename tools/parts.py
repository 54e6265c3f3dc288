# SPDX-License-Identifier: Apache-2.0
"""Loads files of the package that need nothing else of it, before it is built: `swiftbuffer` itself loads `_core`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

PACKAGE = Path(__file__).resolve().parent.parent / "python" / "swiftbuffer"


def load(file: str) -> ModuleType:
    """A file of the package as a module of its own."""
    name = "swiftbuffer_" + Path(file).stem.strip("_")
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, PACKAGE / file)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
