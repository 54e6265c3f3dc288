# SPDX-License-Identifier: Apache-2.0
"""Writes wheels: the author's files, what the build made, metadata, licences, and the SBOM."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging import tags
from pyproject_metadata import ConfigurationError, StandardMetadata
from wheel.wheelfile import WheelFile

from swiftbuffer.build import _library, _toolchain
from swiftbuffer.build._settings import Settings, read_project
from swiftbuffer.build._toolchain import BuildError
from swiftbuffer.build._tree import files_below

Contents = dict[str, "Path | bytes"]
"""What is in an archive: names, and files or their bytes."""


def metadata(project: Path) -> StandardMetadata:
    """The metadata that pyproject.toml gives; raises `BuildError` for what the specification refuses."""
    data: dict[str, Any] = read_project(project)
    try:
        # The first version of metadata that names files of licences (PEP 639), which every wheel here has.
        read = StandardMetadata.from_pyproject(data, project, "2.4", allow_extra_keys=False)
    except ConfigurationError as error:
        raise BuildError(f"{project / 'pyproject.toml'}: {error}") from error
    if read.version is None:
        raise BuildError(f"{project / 'pyproject.toml'} has no `version`; a dynamic one is not supported")
    return read


def information(project: Path) -> tuple[str, Contents]:
    """The name of the folder for metadata, and what is in it beside WHEEL and RECORD: METADATA and licences."""
    read = metadata(project)
    folder = f"{read.canonical_name.replace('-', '_')}-{read.version}.dist-info"
    licences: Contents = {str(file): project / file for file in read.license_files or []}
    text = read.as_rfc822()
    for name, file in _licences_of_the_library():
        licences[name] = file
        text["License-File"] = name
    contents: Contents = {f"{folder}/METADATA": bytes(text)}
    contents |= {f"{folder}/licenses/{name}": file for name, file in licences.items()}
    if points := _entry_points(read):
        contents[f"{folder}/entry_points.txt"] = points.encode()
    return folder, contents


def _licences_of_the_library() -> Iterator[tuple[str, Path]]:
    """Those of what each module contains: this library, and Swift's runtime."""
    source = _library.sources()
    for file in ("LICENSE", "NOTICE", "licenses/LLVM.txt", "licenses/Swift.txt"):
        yield f"swiftbuffer/{file}", source / file


def _entry_points(read: StandardMetadata) -> str:
    groups = {"console_scripts": read.scripts, "gui_scripts": read.gui_scripts, **read.entrypoints}
    return "\n".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in groups.items()
        if entries
    )


def write_metadata(project: Path, folder: Path) -> str:
    """The folder for metadata alone, for a frontend that asks before it builds."""
    name, contents = information(project)
    for file, content in {**contents, f"{name}/WHEEL": _wheel_text(_tag())}.items():
        place = folder / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    return name


def write_wheel(project: Path, settings: Settings, modules: Path, folder: Path) -> str:
    """A wheel with what is in the folder `modules` and in `python-source`, tagged with the oldest platform that can
    load it. Returns its name."""
    name, contents = information(project)
    packed: Contents = dict(files_below(modules))
    if settings.python_source is not None:
        packed |= files_below(project / settings.python_source, skip=(".so", ".pyc"))
    with tempfile.TemporaryDirectory() as place:
        first = Path(place) / f"{name.removesuffix('.dist-info')}-{_tag()}.whl"
        _write(first, {**packed, **contents, f"{name}/WHEEL": _wheel_text(_tag())})
        platform, libraries = _platform(first)
    interpreter, abi, _ = _tag().split("-")
    tag = f"{interpreter}-{abi}-{platform}"
    wheel = folder / f"{name.removesuffix('.dist-info')}-{tag}.whl"
    contents[f"{name}/sboms/{name.removesuffix('.dist-info')}.cdx.json"] = _sbom(project, wheel, modules, libraries)
    _write(wheel, {**packed, **contents, f"{name}/WHEEL": _wheel_text(tag)})
    return wheel.name


def write_editable(project: Path, packed: Contents, folder: Path) -> str:
    """A wheel that leads to the project's folder. Returns its name."""
    name, contents = information(project)
    wheel = folder / f"{name.removesuffix('.dist-info')}-{_tag()}.whl"
    _write(wheel, {**packed, **contents, f"{name}/WHEEL": _wheel_text(_tag())})
    return wheel.name


def _tag() -> str:
    """The tag of this interpreter and of this machine, before the platform is known in detail."""
    found = next(tags.cpython_tags())
    plain = next(tag for tag in tags.platform_tags() if tag.startswith("linux_"))
    return f"{found.interpreter}-{found.abi}-{plain}"


def _wheel_text(tag: str) -> bytes:
    from swiftbuffer import __version__

    return f"Wheel-Version: 1.0\nGenerator: swiftbuffer {__version__}\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()


def _write(wheel: Path, contents: Contents) -> None:
    # RECORD, and times of SOURCE_DATE_EPOCH, are the library's work.
    with WheelFile(wheel, "w") as archive:
        for name, content in sorted(contents.items(), key=lambda entry: (".dist-info/" in entry[0], entry[0])):
            if isinstance(content, bytes):
                archive.writestr(name, content)
            else:
                archive.write(str(content), name)


def _platform(wheel: Path) -> tuple[str, list[str]]:
    """The platform tag that auditwheel finds, and the libraries of the system beyond it. A wheel that needs such
    libraries is for this machine and its like: its tag stays `linux_*`, which the package index refuses."""
    line = [sys.executable, "-m", "auditwheel", "show", "--json", str(wheel)]
    shown = subprocess.run(line, capture_output=True, text=True, check=False)
    if shown.returncode != 0:
        raise BuildError(f"auditwheel cannot examine the wheel: {shown.stderr.strip().splitlines()[-1:]}")
    answer = json.loads(shown.stdout)
    libraries = sorted(answer["external_libs"])
    if libraries:
        print(
            f"-- the module needs {', '.join(libraries)} of the system: the wheel is for machines that have it; "
            "`auditwheel repair` puts it into the wheel",
            flush=True,
        )
    return str(answer["overall_tag"]), libraries


def _sbom(project: Path, wheel: Path, modules: Path, libraries: list[str]) -> bytes:
    from swiftbuffer import __version__
    from swiftbuffer.build import _sbom

    (file,) = modules.glob("**/*.so")
    name = str(file.relative_to(modules))
    try:
        components = _sbom.linked_components(name, file.read_bytes(), _toolchain.swift_version())
    except ValueError as error:
        raise BuildError(str(error)) from error
    components += [_sbom.library_component(__version__), *map(_sbom.system_component, libraries)]
    expression = metadata(project).license
    return _sbom.document(wheel.name, expression if isinstance(expression, str) else None, components).encode()
