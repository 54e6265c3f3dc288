# SPDX-License-Identifier: Apache-2.0
"""What a project says of its build: `[tool.swiftbuffer]`, environment variables, and config settings of the frontend.

A later one of the three replaces an earlier one. Keys and their types are checked before anything is built.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from swiftbuffer.build._toolchain import BuildError

IDENTIFIER = re.compile(r"[^\W\d]\w*", re.ASCII)


@dataclass(frozen=True)
class Settings:
    """The table `[tool.swiftbuffer]`; a key has dashes where a field has underscores."""

    product: str
    """The product of Package.swift that is the module: a dynamic library."""
    module: str
    """The name that Python imports, with the names of its packages: `thermal`, or `camera._thermal`."""
    configuration: str = "release"
    """`release`, or `debug`: without optimisation, with symbols for a debugger."""
    swift_arguments: tuple[str, ...] = ()
    """Further arguments of `swift build`."""
    strip: bool = True
    """Whether symbols are left out of the file; never in a debug build."""
    exported_symbols: tuple[str, ...] = ()
    """Symbols to export beside `PyInit_`."""
    python_source: str | None = None
    """A folder whose packages of Python files go into the wheel."""
    stubs: bool = True
    """Whether type stubs are generated from the module."""

    @property
    def entry(self) -> str:
        """The function that Python calls to load the module."""
        return f"PyInit_{self.module.rpartition('.')[2]}"


def key(field: str) -> str:
    """A field's key in pyproject.toml."""
    return field.replace("_", "-")


KEYS = {key(field.name): field for field in fields(Settings)}


def load(project: Path, config_settings: Mapping[str, object] | None = None) -> Settings:
    """The settings of the project in a folder; raises `BuildError` for what is not a setting."""
    data = read_project(project)
    table = data.get("tool", {}).get("swiftbuffer", {})
    if not isinstance(table, dict):
        raise BuildError(f"[tool.swiftbuffer] of {project / 'pyproject.toml'} is not a table")
    name = re.sub(r"[-_.]+", "_", str(data["project"]["name"]))
    product = str(table.get("product", name))
    settings = Settings(product=product, module=str(table.get("module", product)))
    settings = _changed(settings, table, "[tool.swiftbuffer]")
    variables = {each: os.environ.get(f"SWIFTBUFFER_{each.replace('-', '_').upper()}") for each in KEYS}
    given = {each: _parsed(each, text) for each, text in variables.items() if text is not None}
    settings = _changed(settings, given, "the environment")
    words = {each: _parsed(each, text) for each, text in (config_settings or {}).items()}
    settings = _changed(settings, words, "the config settings")
    if not any("module" in each for each in (table, given, words)):
        settings = replace(settings, module=settings.product)
    return _checked(settings, project)


def read_project(project: Path) -> dict[str, dict[str, object]]:
    """The contents of a project's pyproject.toml."""
    file = project / "pyproject.toml"
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BuildError(f"{file} cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"{file}: {error}") from error
    if not isinstance(data.get("project", {}).get("name"), str):
        raise BuildError(f"{file} has no [project] with a name")
    return data


def _parsed(name: str, text: object) -> object:
    """A value written as text, as variables and config settings are; of other keys the text itself."""
    field = KEYS.get(name)
    kind = str(field.type) if field else ""
    if kind.startswith("tuple"):
        words = text if isinstance(text, list) else [text]
        return [part for word in words for part in shlex.split(str(word))]
    if kind == "bool":
        return {"true": True, "1": True, "false": False, "0": False}.get(str(text).lower(), text)
    return text


def _changed(settings: Settings, table: Mapping[str, object], origin: str) -> Settings:
    for name, value in table.items():
        field = KEYS.get(name)
        if field is None:
            close = difflib.get_close_matches(name, KEYS, 1)
            meant = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(sorted(KEYS))}"
            raise BuildError(f"`{name}` in {origin} is no setting; {meant}")
        kind = str(field.type)
        if kind.startswith("tuple"):
            if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
                raise BuildError(f"`{name}` in {origin} is {value!r}; a list of strings is needed")
            value = tuple(value)
        elif not isinstance(value, bool if kind == "bool" else str):
            raise BuildError(f"`{name}` in {origin} is {value!r}; {'true or false' if kind == 'bool' else 'a string'} "
                             "is needed")  # fmt: skip
        changes: dict[str, Any] = {field.name: value}
        settings = replace(settings, **changes)
    return settings


def _checked(settings: Settings, project: Path) -> Settings:
    if settings.configuration not in ("release", "debug"):
        raise BuildError(f"`configuration` is {settings.configuration!r}; use 'release' or 'debug'")
    for name, value in (("module", settings.module), ("product", settings.product)):
        parts = value.split(".") if name == "module" else [value.replace("-", "_")]
        if not all(IDENTIFIER.fullmatch(part) for part in parts):
            raise BuildError(f"`{name}` is {value!r}, which is no name in Python")
    for symbol in settings.exported_symbols:
        if not re.fullmatch(r"[\w.$*?]+", symbol):
            raise BuildError(f"`exported-symbols` has {symbol!r}, which is no symbol")
    source = settings.python_source
    if source is not None:
        folder = (project / source).resolve()
        if not folder.is_dir() or not folder.is_relative_to(project.resolve()):
            raise BuildError(f"`python-source` is {source!r}, which is no folder of the project")
    if "." in settings.module and source is None:
        raise BuildError(f"`module` is {settings.module!r}: set `python-source` to the folder of its package")
    if not (project / "Package.swift").is_file():
        raise BuildError(f"{project} has no Package.swift")
    return settings
