"""Writes a CycloneDX SBOM into a wheel (PEP 770), of what is linked into the compiled module: usage sbom.py WHEEL.

Runs in the environment of `requirements/wheel.txt`. The wheel is replaced. Times in it are SOURCE_DATE_EPOCH's, if that
is set; then two runs on one wheel give the same bytes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.component_evidence import (
    AnalysisTechnique,
    ComponentEvidence,
    Identity,
    IdentityField,
    Method,
    Occurrence,
)
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from elftools.elf.elffile import ELFFile
from packageurl import PackageURL

import swiftpm

LICENSES = LicenseFactory()


def evidence(file: str, found: str) -> ComponentEvidence:
    """That a component is in a file of the wheel, and what in the file shows it."""
    method = Method(technique=AnalysisTechnique.BINARY_ANALYSIS, confidence=Decimal(1), value=found)
    identity = Identity(field=IdentityField.NAME, confidence=Decimal(1), methods=[method])
    return ComponentEvidence(identity=[identity], occurrences=[Occurrence(location=file)])


def linked_components(file: str, module: bytes) -> list[Component]:
    """The libraries that are linked into the compiled module, each with what in the module shows it.

    Raises `BuildError` if the module does not have the traces of a Swift runtime.
    """
    elf = ELFFile(BytesIO(module))
    swift_sections = [section.name for section in elf.iter_sections() if section.name.startswith("swift5_")]
    comment = elf.get_section_by_name(".comment")
    clang = re.search(rb"clang version (\S+) [^\0]*", comment.data() if comment else b"")
    if not swift_sections or clang is None:
        raise swiftpm.BuildError(f"{file} has no sections of a Swift runtime, or does not name the clang of its parts")
    return [
        Component(
            name="swift-runtime",
            bom_ref="swift-runtime",
            type=ComponentType.LIBRARY,
            version=swiftpm.swift_version(),
            description="The Swift standard library and runtime, linked statically.",
            licenses=[LICENSES.make_with_expression("Apache-2.0 WITH Swift-exception")],
            purl=PackageURL("github", "swiftlang", "swift", swiftpm.swift_version()),
            evidence=evidence(file, f"sections {', '.join(swift_sections)}"),
        ),
        Component(
            name="llvm",
            bom_ref="llvm",
            type=ComponentType.LIBRARY,
            version=clang[1].decode(),
            description="The parts of LLVM that Swift's runtime contains.",
            licenses=[LICENSES.make_with_expression("Apache-2.0 WITH LLVM-exception")],
            purl=PackageURL("github", "swiftlang", "llvm-project", clang[1].decode()),
            evidence=evidence(file, f"section .comment: {clang[0].decode(errors='replace')}"),
        ),
    ]


def document(wheel: str, file: str, module: bytes) -> str:
    """The SBOM as JSON, of the compiled module in a wheel of a given file name."""
    name, version = wheel.split("-")[:2]
    package = Component(
        name=name,
        bom_ref=name,
        version=version,
        type=ComponentType.LIBRARY,
        licenses=[LICENSES.make_with_expression("Apache-2.0")],
        purl=PackageURL("pypi", None, name, version),
    )
    made = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.now(UTC).timestamp()), UTC)
    bom = Bom(
        # The same for the same wheel.
        serial_number=uuid5(NAMESPACE_URL, f"{wheel} {made.isoformat()}"),
        metadata=BomMetaData(component=package, timestamp=made),
        components=linked_components(file, module),
    )
    bom.register_dependency(package, bom.components)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise swiftpm.BuildError(f"the SBOM of {wheel} is not valid CycloneDX: {error}")
    return text


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
