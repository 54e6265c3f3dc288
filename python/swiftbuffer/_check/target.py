# SPDX-License-Identifier: Apache-2.0
"""Evaluates the TARGET of a command line."""

from __future__ import annotations

import ast
import builtins
import sys
from contextlib import suppress
from importlib import import_module
from types import CodeType

__all__ = ["UnusableTargetError", "compiled", "evaluate"]


class UnusableTargetError(Exception):
    """The TARGET of a command line cannot be evaluated, or is no exporter."""


def evaluate(target: str) -> tuple[object, dict[str, object]]:
    """The object that a TARGET evaluates to, and the names that its expression used.

    Raises ``UnusableTargetError`` if it cannot be imported, parsed or evaluated.
    """
    # Modules of the current folder are found, as with `python -c`.
    if "" not in sys.path:
        sys.path.insert(0, "")
    module, colon, expression = target.partition(":")
    names: dict[str, object] = {}
    if colon and all(part.isidentifier() for part in module.split(".")):
        try:
            names.update(vars(import_module(module)))
        except ImportError as error:
            raise UnusableTargetError(f"cannot import {module}: {error}") from None
    else:
        expression = target
    code = compiled(expression)
    for name in code.co_names:
        # These names include attributes, which are harmless.
        if name not in names and not hasattr(builtins, name):
            with suppress(ImportError):
                names[name] = import_module(name)
    for module in _dotted(expression):
        with suppress(ImportError):
            import_module(module)
    try:
        return eval(code, names), names
    except (Exception, SystemExit) as error:
        raise UnusableTargetError(f"{expression}: {type(error).__name__}: {error}") from None


def compiled(expression: str) -> CodeType:
    """The code of an expression. Raises ``UnusableTargetError`` for a syntax error."""
    try:
        return compile(expression.strip(), "<command line>", "eval")
    except SyntaxError as error:
        raise UnusableTargetError(f"{expression!r} is not an expression: {error.msg}") from None


def _dotted(expression: str) -> list[str]:
    """Names that may be modules inside of packages: every dotted name without its last part."""
    chains: list[str] = []
    for node in ast.walk(ast.parse(expression.strip(), mode="eval")):
        if isinstance(node, ast.Attribute):
            chain = ast.unparse(node.value)
            if "." in chain and all(part.isidentifier() for part in chain.split(".")):
                chains.append(chain)
    return sorted(chains, key=len)
