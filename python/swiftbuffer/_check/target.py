"""What a TARGET on the command line stands for."""

from __future__ import annotations

import ast
import builtins
import sys
from contextlib import suppress
from importlib import import_module
from types import CodeType

__all__ = ["UnusableTargetError", "compiled", "evaluate"]


class UnusableTargetError(Exception):
    """What stands on the command line is no exporter, and cannot be made one."""


def evaluate(target: str) -> tuple[object, dict[str, object]]:
    """The object that a TARGET stands for, and the names that its expression saw.

    Raises ``UnusableTargetError`` for what cannot be imported, parsed or evaluated.
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
        # Attributes are among these names too, and do no harm.
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
    try:
        return compile(expression.strip(), "<command line>", "eval")
    except SyntaxError as error:
        raise UnusableTargetError(f"{expression!r} is no expression: {error.msg}") from None


def _dotted(expression: str) -> list[str]:
    """What may be modules inside packages: every chain of names, without its last."""
    chains: list[str] = []
    for node in ast.walk(ast.parse(expression.strip(), mode="eval")):
        if isinstance(node, ast.Attribute):
            chain = ast.unparse(node.value)
            if "." in chain and all(part.isidentifier() for part in chain.split(".")):
                chains.append(chain)
    return sorted(chains, key=len)
