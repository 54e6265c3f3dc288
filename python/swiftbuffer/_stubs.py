# SPDX-License-Identifier: Apache-2.0
"""Stub files of modules that Swift code declares with ``PythonModules``."""

from __future__ import annotations

import importlib
import types
from pathlib import Path

__all__ = ["stub_files", "write"]


def stub_files(name: str) -> dict[str, str]:
    """The stub files of a built module, which is imported: their paths beside the module, and their texts.

    A module without submodules has one file, ``name.pyi``; others have a folder, which begins with ``__init__.pyi``.
    Raises ``ImportError``, and ``ValueError`` for a module that was not declared with ``PythonModules``.
    """
    module = importlib.import_module(name)
    text = _text(module)
    prefix = f"{module.__name__}."
    inner = {
        value.__name__.removeprefix(prefix): value
        for value in vars(module).values()
        if isinstance(value, types.ModuleType) and value.__name__.startswith(prefix)
    }
    last = module.__name__.rpartition(".")[2]
    if not inner:
        return {f"{last}.pyi": text}
    files = {f"{last}/__init__.pyi": text}
    for each in inner.values():
        files |= {f"{last}/{path}": found for path, found in stub_files(each.__name__).items()}
    return files


def write(name: str, folder: Path) -> list[Path]:
    """Writes the stub files of a module into a folder; returns their paths."""
    written = []
    for path, text in stub_files(name).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        written.append(file)
    return written


def _text(module: types.ModuleType) -> str:
    # A function that `PythonModules` gives to every module.
    function = getattr(module, "_stub_", None)
    if not isinstance(function, types.BuiltinFunctionType):
        raise ValueError(f"module '{module.__name__}' is not declared with PythonModules, and has no stub to write")
    text: str = function()
    return text
