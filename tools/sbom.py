# SPDX-License-Identifier: Apache-2.0
"""Writes a CycloneDX SBOM into a wheel (PEP 770), of what is linked into the compiled module: usage sbom.py WHEEL.

Runs in the environment of `requirements/wheel.txt`. The wheel is replaced. Times in it are SOURCE_DATE_EPOCH's, if that
is set; then two runs on one wheel give the same bytes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import parts
import swiftpm

if TYPE_CHECKING:
    from swiftbuffer.build import _sbom
else:
    _sbom = parts.load("build/_sbom.py")


def document(wheel: str, file: str, module: bytes) -> str:
    """The SBOM as JSON, of the compiled module in a wheel of a given file name."""
    try:
        components = _sbom.linked_components(file, module, swiftpm.swift_version())
    except ValueError as error:
        raise swiftpm.BuildError(str(error)) from error
    text = _sbom.document(wheel, "Apache-2.0", components)
    if fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise swiftpm.BuildError(f"the SBOM of {wheel} is not valid CycloneDX: {fault}")
    return str(text)


def add(wheel: Path) -> None:
    """Puts an SBOM into a wheel, at `<name>.dist-info/sboms/`."""
    tool = [sys.executable, "-m", "wheel"]
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([*tool, "unpack", "-d", place, str(wheel)], check=True, stdout=subprocess.DEVNULL)
        (folder,) = Path(place).iterdir()
        (module,) = folder.glob("**/*.so")
        (information,) = folder.glob("*.dist-info")
        boms = information / "sboms"
        boms.mkdir(exist_ok=True)
        file = str(module.relative_to(folder))
        (boms / "swiftbuffer.cdx.json").write_text(document(wheel.name, file, module.read_bytes()))
        subprocess.run([*tool, "pack", "-d", str(wheel.parent), str(folder)], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    try:
        add(Path(sys.argv[1]))
    except swiftpm.BuildError as error:
        sys.exit(f"error: {error}")
