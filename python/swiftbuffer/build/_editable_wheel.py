# SPDX-License-Identifier: Apache-2.0
"""Editable installs: the module is compiled into the project, and anew on import when its sources have changed."""

from __future__ import annotations

import json
import sysconfig
from pathlib import Path

from swiftbuffer.build import _compile, _editable, _library, _wheel
from swiftbuffer.build._settings import Settings
from swiftbuffer.build._toolchain import BuildError


def write(project: Path, settings: Settings, folder: Path) -> str:
    """Compiles the module, and writes a wheel that leads to it; returns its name."""
    _wheel.metadata(project)
    source = settings.python_source
    abi = str(sysconfig.get_config_var("SOABI"))
    target = project / source if source is not None else project / "build" / "editable" / abi
    sources = [str(project / name) for name in ("Sources", "Package.swift", "pyproject.toml")]
    stamp = _compile.scratch_folder(project, settings) / "editable"
    before = _editable.state(sources)
    module = _compile.compile_module(project, settings, target)
    stamp.write_text(before)
    name = f"_editable_{settings.module.replace('.', '_')}"
    stub = module.file.with_name(f"{module.file.name.partition('.')[0]}.pyi")
    written = str(stub) if stub.exists() else None
    arguments = [settings.module, module.command, str(module.product), str(module.file), sources, str(stamp), written]
    arguments += [
        str(project / _library.LINK),
        str((project / _library.LINK).readlink()),
        str(_compile.lock_file(project)),
    ]
    hook = Path(_editable.__file__).read_text(encoding="utf-8")
    # Texts, lists of them and None are the same in JSON and in Python, but for null.
    call = ", ".join("None" if argument is None else json.dumps(argument) for argument in arguments)
    if "\n" in str(target):
        raise BuildError(f"{str(target)!r} has a line break, which a .pth file cannot hold")
    packed: _wheel.Contents = {
        f"{name}.py": f"{hook}\n\ninstall({call})\n".encode(),
        f"{name}.pth": f"{target}\nimport {name}\n".encode(),
    }
    return _wheel.write_editable(project, packed, folder)
