# SPDX-License-Identifier: Apache-2.0
"""Has SwiftPM build a project's module, and puts it beside its stub."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from swiftbuffer.build import _cache, _library, _toolchain
from swiftbuffer.build._settings import Settings
from swiftbuffer.build._toolchain import BuildError

OLDEST_PYTHON = "3.11"


@dataclass(frozen=True)
class Module:
    """A compiled module, in a folder that has what Python needs of it."""

    folder: Path
    """Has the module's file in the folder of its package, with `.pyi` and `py.typed`."""
    file: Path
    command: list[str]
    """The line that compiled it."""
    product: Path
    """The file that the line makes."""


def scratch_folder(project: Path, settings: Settings) -> Path:
    """Where SwiftPM builds a project for this interpreter; two builds of one version differ in their headers' place."""
    origin = hashlib.sha256(str(sysconfig.get_path("include")).encode()).hexdigest()[:8]
    abi = sysconfig.get_config_var("SOABI")
    return project / "build" / "swift" / f"{platform.python_version()}-{abi}-{origin}-{settings.configuration}"


def lock_file(project: Path) -> Path:
    """What a build of a project locks."""
    return project / "build" / "swift" / "lock"


def module_path(settings: Settings) -> Path:
    """The place of the module's file below the folder that Python imports from.

    A module of its own is a package whose `__init__` is the compiled file: `py.typed` marks packages only (PEP 561).
    """
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    parts = settings.module.split(".")
    return Path(*parts[:-1], f"{parts[-1]}{suffix}") if len(parts) > 1 else Path(*parts, f"__init__{suffix}")


def compile_module(project: Path, settings: Settings, target: Path) -> Module:
    """Compiles a project's module for this interpreter into the folder `target`."""
    name = settings.module
    _toolchain.require_cpython(OLDEST_PYTHON, name)
    _toolchain.include_dirs()
    _toolchain.swift_command(name)
    library = _library.ensure(project)
    scratch = scratch_folder(project, settings)
    # The link is for one interpreter: builds of one project for several take turns.
    with _cache.locked(lock_file(project)):
        _library.link(project, library)
        _toolchain.write_pkg_config(scratch / "pkgconfig")
        arguments = _arguments(project, settings, scratch)
        print(f"-- compiling {name} for CPython {platform.python_version()}", flush=True)
        # SwiftPM keeps its plan while no source changes, and would link the library that was there before.
        planned_for = scratch / "planned-for"
        is_planned = planned_for.exists() and planned_for.read_text() == str(library)
        _library.run_swift(*arguments, *(() if is_planned else ("--disable-build-manifest-caching",)), home=scratch)
        planned_for.write_text(str(library))
        product = scratch / settings.configuration / f"lib{settings.product}.so"
        if not product.exists():
            raise BuildError(
                f"`swift build` made no {product.name}: Package.swift needs "
                f'.library(name: "{settings.product}", type: .dynamic, ...), or `product` names another one'
            )
        file = target / module_path(settings)
        place(product, file)
    if settings.stubs:
        write_stubs(settings, target)
    return Module(target, file, [_toolchain.swift_command(name), *arguments, "--disable-sandbox"], product)


def place(product: Path, file: Path) -> None:
    """Copies a compiled file. A running interpreter may have the old one mapped: replace it, never write into it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    shutil.copy(product, fresh)
    fresh.replace(file)


def write_stubs(settings: Settings, target: Path) -> None:
    """Writes the type stubs of a compiled module, and marks its package as typed. A module that says nothing of itself,
    as one that is not declared with `PythonModules`, gets none."""
    *packages, name = settings.module.split(".")
    folder = target.joinpath(*packages)
    path = os.pathsep.join([str(target), *filter(None, [os.environ.get("PYTHONPATH")])])
    made = subprocess.run(
        [sys.executable, "-m", "swiftbuffer", "stubs", settings.module, "--output", str(folder)],
        env={**os.environ, "PYTHONPATH": path, "SWIFTBUFFER_EDITABLE": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        print(f"-- no stubs of {settings.module}: {''.join(made.stderr.splitlines()[-1:])}", flush=True)
        return
    if not packages and (folder / f"{name}.pyi").exists():
        (folder / f"{name}.pyi").replace(folder / name / "__init__.pyi")
    (target / settings.module.partition(".")[0] / "py.typed").touch()


def _arguments(project: Path, settings: Settings, scratch: Path) -> list[str]:
    exports = scratch / "exports.map"
    names = " ".join(f"{symbol};" for symbol in (settings.entry, *settings.exported_symbols))
    text = f"{{ global: {names} local: *; }};\n"
    # A rewritten file would link anew.
    if not exports.exists() or exports.read_text() != text:
        exports.write_text(text)
    strip = settings.strip and settings.configuration == "release"
    return [
        *("build", "-c", settings.configuration, "--product", settings.product),
        *("--package-path", str(project), "--scratch-path", str(scratch)),
        *("--pkg-config-path", str(scratch / "pkgconfig"), "--disable-local-rpath"),
        # Swift's runtime goes into the module, which then needs no Swift to be loaded.
        *("-Xswiftc", "-static-stdlib", "-Xlinker", f"--version-script={exports}"),
        *(("-Xlinker", "-s") if strip else ()),
        # Addresses are looked up when the module is loaded, and cannot be written afterwards.
        *("-Xlinker", "-z", "-Xlinker", "now", "-Xlinker", "--build-id=none"),
        *("-Xcc", f"-ffile-prefix-map={project}=."),
        *settings.swift_arguments,
    ]
