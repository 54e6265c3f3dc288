"""What a code stands for: the shape of an entry of the catalogue, and how codes are selected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["MANUAL", "SECTIONS", "Code", "Severity", "entry", "select"]


class Severity(StrEnum):
    """How bad it is."""

    VIOLATION = "violation"
    """The protocol is broken, and some consumer will suffer."""
    DEVIATION = "deviation"
    """The reference, memoryview, does otherwise."""
    INCONSISTENCY = "inconsistency"
    """The exporter contradicts itself."""


MANUAL = "https://docs.python.org/3/c-api/buffer.html"
"""The manual that most rules stand in."""


@dataclass(frozen=True, slots=True)
class Code:
    """One thing that can be wrong with an exporter, or a consumer."""

    code: str
    """Such as ``BUF103``: never given to another rule."""
    name: str
    """The same in words, such as ``shape-missing``."""
    severity: Severity
    title: str
    """What is wrong, in one line."""
    rule: str
    """What the rule says."""
    section: str
    """Where it says so."""
    url: str
    consequence: str
    """What a consumer will suffer."""
    remedy: str
    """What the author of the exporter should do."""


SECTIONS = {
    "structure": ("Buffer Protocol, Buffer structure", f"{MANUAL}#buffer-structure"),
    "independent": ("Buffer Protocol, request-independent fields", f"{MANUAL}#request-independent-fields"),
    "readonly": ("Buffer Protocol, readonly, format", f"{MANUAL}#readonly-format"),
    "shape": ("Buffer Protocol, shape, strides, suboffsets", f"{MANUAL}#shape-strides-suboffsets"),
    "contiguity": ("Buffer Protocol, contiguity requests", f"{MANUAL}#contiguity-requests"),
    "arrays": ("Buffer Protocol, NumPy-style: shape and strides", f"{MANUAL}#numpy-style-shape-and-strides"),
    "pil": (
        "Buffer Protocol, PIL-style: shape, strides and suboffsets",
        f"{MANUAL}#pil-style-shape-strides-and-suboffsets",
    ),
    "getbuffer": (
        "Buffer Object Structures, bf_getbuffer",
        "https://docs.python.org/3/c-api/typeobj.html#c.PyBufferProcs.bf_getbuffer",
    ),
    "releasebuffer": (
        "Buffer Object Structures, bf_releasebuffer",
        "https://docs.python.org/3/c-api/typeobj.html#c.PyBufferProcs.bf_releasebuffer",
    ),
    "release": ("Buffer Protocol, PyBuffer_Release", f"{MANUAL}#c.PyBuffer_Release"),
    "acquire": ("Buffer Protocol, PyObject_GetBuffer", f"{MANUAL}#c.PyObject_GetBuffer"),
    "pep688": ("PEP 688", "https://peps.python.org/pep-0688/"),
    "pep3118": ("PEP 3118", "https://peps.python.org/pep-3118/"),
    "memoryview": ("memoryview, the reference implementation", "https://docs.python.org/3/c-api/memoryview.html"),
}
"""Where the rules stand: a name, and an address."""


def entry(
    number: int, name: str, severity: str, title: str, section: str, rule: str, consequence: str, remedy: str
) -> Code:
    """An entry of the catalogue; ``section`` is a key of ``SECTIONS``."""
    return Code(f"BUF{number}", name, Severity(severity), title, rule, *SECTIONS[section], consequence, remedy)


def select(prefixes: Iterable[str], catalogue: Mapping[str, Code]) -> frozenset[str]:
    """The codes that begin with one of the prefixes, as a linter selects them: ``BUF7`` means every contested point.

    Raises ``ValueError`` for a prefix that no code begins with, ``TypeError`` for a plain string.
    """
    if isinstance(prefixes, str):
        raise TypeError(f"codes must be a collection of strings such as {{{prefixes!r}}}, not one string")
    chosen: set[str] = set()
    for prefix in prefixes:
        codes = {code for code in catalogue if prefix and code.startswith(prefix.upper())}
        if not codes:
            raise ValueError(f"no code begins with {prefix!r}; `python -m swiftbuffer check --list` shows them all")
        chosen |= codes
    return frozenset(chosen)
