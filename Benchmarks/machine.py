# SPDX-License-Identifier: Apache-2.0
"""The machine that figures were measured on, and its kind: results of one kind never replace those of another."""

from __future__ import annotations

import datetime
import functools
import os
import platform
from collections.abc import Mapping
from pathlib import Path

# The sets of vector instructions that kernels are compiled for or choose by, the widest first: a name, and the flags of
# /proc/cpuinfo that it stands for.
INSTRUCTIONS: dict[str, tuple[str, ...]] = {
    "avx512-vbmi": ("avx512f", "avx512bw", "avx512vl", "avx512vbmi"),
    "avx512": ("avx512f", "avx512bw", "avx512vl"),
    "avx2": ("avx2", "f16c"),
    "ssse3": ("ssse3",),
    "sse2": ("sse2",),
    "sve": ("sve",),
    "neon": ("asimd",),
}
VENDORS = {"AuthenticAMD": "amd", "GenuineIntel": "intel", "0x41": "arm", "0xc0": "ampere", "0x61": "apple"}


def parse(cpuinfo: str) -> dict[str, str]:
    """The fields of the first processor in /proc/cpuinfo."""
    first = cpuinfo.strip().partition("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def kind_of(fields: Mapping[str, str]) -> str:
    """Vendor, family and widest instructions: `amd-25-avx512-vbmi`. A name for a folder."""
    vendor = fields.get("vendor_id") or fields.get("CPU implementer") or platform.machine()
    family = fields.get("cpu family") or fields.get("CPU architecture") or ""
    flags = set((fields.get("flags") or fields.get("Features") or "").split())
    widest = next((name for name, needed in INSTRUCTIONS.items() if flags.issuperset(needed)), "")
    return "-".join(filter(None, [VENDORS.get(vendor, vendor.lower()), family, widest]))


def title(kind: str) -> str:
    """A kind as a heading: `AMD, family 25, AVX512-VBMI`."""
    vendor, family, instructions = [*kind.split("-", 2), "", ""][:3]
    return ", ".join(filter(None, [vendor.upper(), family and f"family {family}", instructions.upper()]))


@functools.cache
def fields() -> dict[str, str]:
    """This machine's."""
    return parse(Path("/proc/cpuinfo").read_text())


def kind() -> str:
    """This machine's."""
    return kind_of(fields())


def caches() -> dict[str, str]:
    """The sizes of the first CPU's caches, by level: `{"L2": "1024K"}`."""
    found = {}
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, what, size = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
        if what != "Instruction":
            found[f"L{level}"] = size
    return found


def today() -> str:
    """The date of a measurement."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def model() -> str:
    """The CPU by the name that its maker gave it."""
    return fields().get("model name") or platform.machine()


def line() -> str:
    """What stands below a table on the terminal."""
    return f"{model()} ({kind()}), CPython {platform.python_version()}, {today()}"


def described() -> dict[str, object]:
    """What the figures depend on, and when they were measured."""
    return {
        "kind": kind(),
        "date": today(),
        "cpu": model(),
        "cpus": os.cpu_count(),
        "caches": caches(),
        "system": f"{platform.system()} {platform.release()}",
        "libc": " ".join(platform.libc_ver()),
        "python": platform.python_version(),
        "load": os.getloadavg(),
    }
