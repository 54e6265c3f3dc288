# SPDX-License-Identifier: Apache-2.0
"""A CycloneDX SBOM (PEP 770) of what is linked into a compiled module. Its texts are the same for the same wheel if
SOURCE_DATE_EPOCH is set. Without imports from this package: `tools/sbom.py` loads this file."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
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
from elftools.elf.elffile import ELFFile
from packageurl import PackageURL

LICENSES = LicenseFactory()


def evidence(file: str, found: str) -> ComponentEvidence:
    """That a component is in a file of the wheel, and what in the file shows it."""
    method = Method(technique=AnalysisTechnique.BINARY_ANALYSIS, confidence=Decimal(1), value=found)
    identity = Identity(field=IdentityField.NAME, confidence=Decimal(1), methods=[method])
    return ComponentEvidence(identity=[identity], occurrences=[Occurrence(location=file)])


def linked_components(file: str, module: bytes, swift: str) -> list[Component]:
    """The libraries that a compiled module contains, each with what in the module shows it; `swift` is the version.

    Raises `ValueError` if the module does not have the traces of a Swift runtime.
    """
    elf = ELFFile(BytesIO(module))
    swift_sections = [section.name for section in elf.iter_sections() if section.name.startswith("swift5_")]
    comment = elf.get_section_by_name(".comment")
    clang = re.search(rb"clang version (\S+) [^\0]*", comment.data() if comment else b"")
    if not swift_sections or clang is None:
        raise ValueError(f"{file} has no sections of a Swift runtime, or does not name the clang of its parts")
    return [
        Component(
            name="swift-runtime",
            bom_ref="swift-runtime",
            type=ComponentType.LIBRARY,
            version=swift,
            description="The Swift standard library and runtime, linked statically.",
            licenses=[LICENSES.make_with_expression("Apache-2.0 WITH Swift-exception")],
            purl=PackageURL("github", "swiftlang", "swift", swift),
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


def system_component(library: str) -> Component:
    """A library that the module loads from the system, and does not contain."""
    return Component(
        name=library,
        bom_ref=library,
        type=ComponentType.LIBRARY,
        description="Loaded from the system; not part of the wheel.",
    )


def library_component(version: str) -> Component:
    """The Swift library of this project, as a part of other people's modules."""
    return Component(
        name="swiftbuffer",
        bom_ref="swiftbuffer",
        type=ComponentType.LIBRARY,
        version=version,
        description="PythonModules, linked statically.",
        licenses=[LICENSES.make_with_expression("Apache-2.0")],
        purl=PackageURL("pypi", None, "swiftbuffer", version),
    )


def document(wheel: str, license_expression: str | None, components: list[Component]) -> str:
    """The SBOM as JSON of a wheel of a given file name, which has these components."""
    name, version = wheel.split("-")[:2]
    package = Component(
        name=name,
        bom_ref=f"{name}-{version}",
        version=version,
        type=ComponentType.LIBRARY,
        licenses=[LICENSES.make_with_expression(license_expression)] if license_expression else [],
        purl=PackageURL("pypi", None, name, version),
    )
    made = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.now(UTC).timestamp()), UTC)
    bom = Bom(
        # The same for the same wheel.
        serial_number=uuid5(NAMESPACE_URL, f"{wheel} {made.isoformat()}"),
        metadata=BomMetaData(component=package, timestamp=made),
        components=components,
    )
    bom.register_dependency(package, bom.components)
    return str(JsonV1Dot6(bom).output_as_string(indent=2))
