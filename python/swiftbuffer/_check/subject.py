# SPDX-License-Identifier: Apache-2.0
"""The exporter or consumer that is checked: its name, its version, and whether it exports buffers."""

from __future__ import annotations

import sys
from typing import Any

from swiftbuffer import capi

__all__ = ["produces_tensors", "qualified_name", "require_exporter", "version_of"]


def require_exporter(obj: object, otherwise: str) -> None:
    """Raises TypeError unless an object exports buffers."""
    if not capi.PyObject_CheckBuffer(obj):
        if hasattr(type(obj), "__buffer__") and sys.version_info < (3, 12):
            # Raises TypeError with a message about PEP 688.
            capi.PyObject_GetBuffer(obj, capi.PyBUF_FULL_RO)  # type: ignore[arg-type]
        raise TypeError(f"{type(obj).__name__} object exports no buffer: {otherwise}")


def produces_tensors(obj: object) -> bool:
    """Whether an object has the method by which it hands out tensors of DLPack."""
    return hasattr(type(obj), "__dlpack__")


def qualified_name(obj: Any) -> str:
    """The name of a type or a callable, with its module where that is not ``builtins``."""
    module, name = _module_of(obj), getattr(obj, "__qualname__", None) or type(obj).__qualname__
    return str(name) if module == "builtins" else f"{module}.{name}"


def version_of(obj: Any) -> str | None:
    """The version of the package that a type or a callable belongs to."""
    package = sys.modules.get(_module_of(obj).partition(".")[0])
    # Not getattr: the name is deprecated in modules of the standard library, which then warn.
    version = getattr(package, "__dict__", {}).get("__version__")
    return version if isinstance(version, str) else None


def _module_of(obj: Any) -> str:
    # Callable objects, and the types of ctypes arrays, may have no module of their own.
    return getattr(obj, "__module__", None) or type(obj).__module__
